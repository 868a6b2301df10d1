/* authorize.c - may this author do this?  Asked once, at the album's home, before numbering.
 *
 * Whichever door an event comes in by, it passes here and nowhere else.  Replay never asks again.
 */
#include "event/internal.h"

#include <string.h>

int deny(struct err *err, const struct guard *g, enum right right)
{
	if (!g->actor.known)
		return err_set(err, ERR_DENIED, "you are not a participant of this album");
	if (g->actor.role == ROLE_NONE)
		return err_set(err, ERR_DENIED, "you are no longer a participant of this album");
	return err_set(err, ERR_DENIED, "your role (%s) may not %s", role_name(g->actor.role),
		right_name(right));
}

/* Loads who the author is in the album, and whether the album is deleted. */
static int load_actor(
	struct event_tx *tx, int64_t album, const struct uuid *author, struct err *err)
{
	static const struct db_sql sql = {"actor",
		"SELECT (SELECT role FROM view_participant WHERE album = :album AND id = :id"
		" AND removed IS NULL),"
		" EXISTS(SELECT 1 FROM view_participant WHERE album = :album AND id = :id),"
		" (SELECT deleted FROM view_album WHERE album = :album)"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	const char *role;

	if (tx->actor_album == album && uuid_equal(&tx->actor.id, author))
		return 0;
	if (db_query(tx->log->db, &sql, &rows, err, DB_INT(":album", album),
		    DB_UUID(":id", author)) ||
		db_next(&rows, err) != 1)
		return -1;
	role = db_text(&rows, 0);
	tx->actor = (struct actor){.id = *author, .known = db_int(&rows, 1) != 0};
	if (role && role_parse(role, &tx->actor.role, err))
		return -1;
	tx->album_deleted = db_int(&rows, 2) != 0;
	tx->actor_album = album;
	return 0;
}

/* The first two events make the album and its owner: nobody is there yet to allow them. */
static bool is_founding(const struct album_state *a, const struct event *e)
{
	const char *role = body_text(e->json, "role");

	if (a->facts.head == 0)
		return strcmp(e->kind, "album.create") == 0;
	return a->facts.head == 1 && strcmp(e->kind, "member.add") == 0 &&
		entity_is_uuid(&e->about, &e->author) && role && strcmp(role, "owner") == 0;
}

static int is_creator(struct db *db, int64_t album, const struct uuid *who, struct err *err)
{
	static const struct db_sql sql = {"album_creator",
		"SELECT 1 FROM view_album WHERE album = :album AND creator = :who"};
	int64_t one;
	int found = db_get_int(db, &sql, &one, err, DB_INT(":album", album), DB_UUID(":who", who));

	if (found == 0)
		return err_set(err, ERR_DENIED, "only who created the album becomes its owner");
	return found < 0 ? -1 : 0;
}

/* A person's own log has no talk, photos or members; other albums have no settings. */
static int check_belongs(const struct album_state *a, const struct event *e, struct err *err)
{
	bool self_kind = strncmp(e->kind, "self.", 5) == 0;
	bool self_album = strcmp(a->facts.kind, "self") == 0;

	if (self_kind && !self_album)
		return err_set(err, ERR_DENIED, "%s belongs into a person's own log", e->kind);
	if (self_album && !self_kind && strcmp(e->kind, "album.home") != 0)
		return err_set(
			err, ERR_DENIED, "%s does not belong into a person's own log", e->kind);
	return 0;
}

int authorize(struct event_tx *tx, struct album_state *a, const struct event *e, int64_t at,
	struct err *err)
{
	struct guard guard = {.db = tx->log->db, .album = &a->facts, .at = at};
	enum right needs = e->known->needs;

	if (is_founding(a, e))
		return a->facts.head ? is_creator(tx->log->db, a->facts.key, &e->author, err) : 0;
	if (a->facts.head == 0)
		return err_set(err, ERR_DENIED, "an album begins with its creation");
	if (check_belongs(a, e, err))
		return -1;
	if (load_actor(tx, a->facts.key, &e->author, err))
		return -1;
	guard.actor = tx->actor;
	if (!role_has(guard.actor.role, needs))
		return deny(err, &guard, needs);
	if (tx->album_deleted)
		return err_set(err, ERR_DENIED, "this album was deleted");
	return e->known->authorize ? e->known->authorize(&guard, e, err) : 0;
}
