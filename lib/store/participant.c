/* participant.c - the people of an album; see participant.h.
 *
 * Who may do what is asked by the event room.  Invariant: an id is never given to another person.
 */
#include "store/participant.h"

#include <string.h>

#define PARTICIPANT_SELECT                                                                         \
	"SELECT id, kind, name, role, claimed_by, inviter, joined, removed FROM view_participant"

void participant_release(struct participant *participant)
{
	mem_free_pointer(&participant->name);
}

/* False when the column is NULL or no UUID. */
static bool take_uuid(const struct db_rows *rows, int column, struct uuid *out)
{
	return !db_is_null(rows, column) && db_uuid(rows, column, out, NULL) == 0;
}

static int fill(const struct db_rows *rows, struct participant *out, struct err *err)
{
	const char *kind = db_text(rows, 1), *name = db_text(rows, 2), *role = db_text(rows, 3);

	memset(out, 0, sizeof(*out));
	if (db_uuid(rows, 0, &out->id, err) || role_parse(role ? role : "none", &out->role, err))
		return -1;
	if (!kind || strlen(kind) >= sizeof(out->kind))
		return err_set(err, ERR_DAMAGED, "a participant is of no kind");
	memcpy(out->kind, kind, strlen(kind) + 1);
	out->has_claim = take_uuid(rows, 4, &out->claimed_by);
	out->has_inviter = take_uuid(rows, 5, &out->inviter);
	out->joined = db_int(rows, 6);
	out->removed = db_int(rows, 7);
	out->name = mem_strdup(name ? name : "");
	return out->name ? 0 : err_no_memory(err);
}

int participant_get(struct store *store, int64_t album, const struct uuid *id,
	struct participant *out, struct err *err)
{
	static const struct db_sql sql = {
		"participant_get", PARTICIPANT_SELECT " WHERE album = :album AND id = :id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":album", album), DB_UUID(":id", id)))
		return -1;
	found = db_next(&rows, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such participant");
	return found < 0 ? -1 : fill(&rows, out, err);
}

int participant_each(struct store *store, const struct participant_query *query,
	int (*each)(void *data, const struct participant *participant, struct err *err), void *data,
	struct err *err)
{
	static const struct db_sql sql = {"participant_list",
		PARTICIPANT_SELECT " WHERE album = :album AND id > :after"
				   " AND (removed IS NULL OR :former) ORDER BY id LIMIT :limit"};
	static const struct uuid first;
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":album", query->album),
		    DB_UUID(":after", query->after ? query->after : &first),
		    DB_INT(":former", query->former), DB_INT(":limit", query->limit)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		_cleanup_participant_ struct participant participant = {.name = NULL};

		if (fill(&rows, &participant, err) || each(data, &participant, err))
			return -1;
	}
	return more;
}

/* --- changing --------------------------------------------------------------------------- */

int participant_check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);
	bool seen = false;

	if (len > PARTICIPANT_NAME_MAX)
		return err_set(
			err, ERR_INVALID, "the name is longer than %d bytes", PARTICIPANT_NAME_MAX);
	if (!text_is_utf8(name, len))
		return err_set(err, ERR_INVALID, "the name is not UTF-8");
	for (const char *c = name; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return err_set(err, ERR_INVALID, "the name holds control characters");
		seen = seen || *c != ' ';
	}
	return seen ? 0 : err_set(err, ERR_INVALID, "the name is empty");
}

static int submit(struct store *store, int64_t album, const char *kind, const struct uuid *about,
	json_t *body, struct err *err)
{
	struct receipt receipt;
	struct draft draft;

	store_draft(store, album, kind, &draft);
	draft.about = entity_from_uuid(about);
	return store_submit(store, &draft, body, &receipt, err);
}

int participant_add(struct store *store, int64_t album, const struct uuid *user, const char *name,
	enum role role, struct uuid *out, struct err *err)
{
	struct uuid id = user ? *user : uuid_make(clock_now_ms(store->clock));
	json_t *body;

	if (participant_check_name(name, err))
		return -1;
	body = json_object();
	wire_set_text(&body, "kind", user ? "user" : "waiting");
	wire_set_text(&body, "name", name);
	wire_set_text(&body, "role", role_name(role));
	if (submit(store, album, "member.add", &id, body, err))
		return -1;
	*out = id;
	return 0;
}

int participant_set_role(
	struct store *store, int64_t album, const struct uuid *id, enum role role, struct err *err)
{
	json_t *body = json_object();

	wire_set_text(&body, "role", role_name(role));
	return submit(store, album, "member.role", id, body, err);
}

int participant_rename(struct store *store, int64_t album, const struct uuid *id, const char *name,
	struct err *err)
{
	json_t *body;

	if (participant_check_name(name, err))
		return -1;
	body = json_object();
	wire_set_text(&body, "name", name);
	return submit(store, album, "member.name", id, body, err);
}

int participant_remove(struct store *store, int64_t album, const struct uuid *id, struct err *err)
{
	const char *kind = uuid_equal(id, &store->actor) ? "member.leave" : "member.remove";

	return submit(store, album, kind, id, json_object(), err);
}
