/* reaction.c - likes of photos and messages.
 *
 * A reaction belongs to the entity that it is about, so it is folded with it; taking an entity
 * back does not erase who liked it.
 */
#include "event/kind.h"

#include <string.h>

static const char *const reaction_keys[] = {"name", NULL};

static int check(const json_t *body, struct err *err)
{
	const char *name;

	if (wire_get_text(body, "name", WIRE_REQUIRED, 32, &name, err))
		return -1;
	return *name ? 0 : err_set(err, ERR_INVALID, "the reaction has no name");
}

static int authorize_target(const struct guard *g, const struct event *e, struct err *err)
{
	static const struct db_sql message = {"like_message",
		"SELECT 1 FROM event JOIN view_message ON view_message.key = event.key"
		" WHERE event.id = :id AND event.album = :album AND deleted = 0"};
	int64_t one;
	int found;

	if (e->about.len == SHA256_LEN)
		return need_shown_photo(g, e->about.bytes, err);
	found = db_get_int(g->db, &message, &one, err, DB_ENTITY(":id", &e->about),
		DB_INT(":album", g->album->key));
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such message in this album");
	return found < 0 ? -1 : 0;
}

static int apply_add(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"reaction_put",
		"INSERT INTO view_reaction(album, about, author, name, \"when\")"
		" VALUES(:album, :about, :author, :name, :when) ON CONFLICT DO NOTHING"};

	if (!e->json)
		return 0;
	return db_run(f->db, &sql, err, DB_INT(":album", f->album), DB_ENTITY(":about", &e->about),
		DB_UUID(":author", &e->author), DB_TEXTZ(":name", body_text(e->json, "name")),
		DB_INT(":when", event_when(e)));
}

static int apply_remove(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"reaction_remove",
		"DELETE FROM view_reaction WHERE album = :album AND about = :about AND author = :author"
		" AND name = :name"};

	if (!e->json)
		return 0;
	return db_run(f->db, &sql, err, DB_INT(":album", f->album), DB_ENTITY(":about", &e->about),
		DB_UUID(":author", &e->author), DB_TEXTZ(":name", body_text(e->json, "name")));
}

static int drop(struct fold *f, const struct entity *about, struct err *err)
{
	static const struct db_sql sql = {"reaction_drop",
		"DELETE FROM view_reaction WHERE album = :album AND about = :about"};

	return db_run(f->db, &sql, err, DB_INT(":album", f->album), DB_ENTITY(":about", about));
}

static void tell(const struct event *e, struct str *out, const char *verb)
{
	const char *name = body_text(e->json, "name");

	if (!name || strcmp(name, "like") == 0)
		str_addf(out, "%s ", verb);
	else {
		str_addz(out, "reacted ");
		tell_text(out, name);
		str_addz(out, " to ");
	}
	str_addz(out, e->about.len == SHA256_LEN ? "photo " : "message ");
	tell_entity(out, &e->about);
}

static void tell_add(const struct event *e, struct str *out)
{
	tell(e, out, "liked");
}

static void tell_remove(const struct event *e, struct str *out)
{
	tell(e, out, "no longer likes");
}

static const struct event_kind kinds[] = {
	{
		.name = "reaction.add",
		.needs = RIGHT_REACT,
		.keys = reaction_keys,
		.check = check,
		.authorize = authorize_target,
		.apply = apply_add,
		.tell = tell_add,
	},
	{
		.name = "reaction.remove",
		.needs = RIGHT_REACT,
		.keys = reaction_keys,
		.check = check,
		.authorize = authorize_target,
		.apply = apply_remove,
		.tell = tell_remove,
	},
	{.name = NULL},
};

const struct event_family reaction_family = {.name = "reaction", .kinds = kinds, .drop = drop};
