/* self.c - founding a person's own log; see self.h.
 *
 * What is later said in it (read marks, settings) is no business of this file.  Invariant: its first two events
 * are its creation and its one member.
 */
#include "store/self.h"

struct founding {
	struct event_tx *tx;
	const struct self_owner *owner;
	int64_t album;
};

static int submit(const struct founding *f, const char *kind, const struct uuid *about,
	json_t *body, struct err *err)
{
	_cleanup_json_ json_t *owned = body;
	struct draft draft = {.album = f->album,
		.kind = kind,
		.author = f->owner->id,
		.device = f->owner->device,
		.body = owned};
	struct receipt receipt;

	if (!owned)
		return err_no_memory(err);
	draft.about = entity_from_uuid(about);
	return event_submit(f->tx, &draft, &receipt, err);
}

int self_make(struct event_tx *tx, const struct self_owner *owner, int64_t now, int64_t *album,
	struct err *err)
{
	struct founding f = {.tx = tx, .owner = owner};
	struct uuid id = uuid_make(now);

	if (event_album_add(tx, &id, "self", NULL, NULL, &f.album, err) ||
		submit(&f, "album.create", &id, json_pack("{s:s}", "title", "self"), err) ||
		submit(&f, "member.add", &owner->id,
			json_pack("{s:s, s:s, s:s}", "kind", "user", "name", owner->name, "role",
				"owner"),
			err) ||
		submit(&f, "self.profile", &owner->id, json_pack("{s:s}", "name", owner->name),
			err))
		return -1;
	if (owner->device_name &&
		submit(&f, "self.device", &owner->device,
			json_pack("{s:s}", "name", owner->device_name), err))
		return -1;
	*album = f.album;
	return 0;
}
