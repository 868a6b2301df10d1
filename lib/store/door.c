/* door.c - events that come in from outside; see door.h.
 *
 * Who may do what is asked by the event room; here is what only matters at the door.  Invariant: no event of
 * another author passes.
 */
#include "store/door.h"
#include "store/sight.h"

#include <string.h>

#define SAID_AHEAD_MS ((int64_t)24 * 3600 * 1000)

/* What is more than its event: a claim is proved, an album is founded and moved, bytes are taken away. */
static const struct {
	const char *kind, *why;
} home_kinds[] = {
	{"album.create", "an album is created by its home"},
	{"album.home", "an album is moved by its home"},
	{"member.claim", "a claim is written by the home, to which it is proved"},
	{"photo.erase", "erasing takes the photo's files away too: ask for that instead"},
};

bool door_is_refusal(enum err_kind kind)
{
	return kind == ERR_INVALID || kind == ERR_DENIED || kind == ERR_NOT_FOUND ||
		kind == ERR_CONFLICT || kind == ERR_TOO_LARGE;
}

/* --- fields ----------------------------------------------------------------------------- */

static int read_kind(const json_t *event, const char **out, struct err *err)
{
	if (wire_get_text(event, "kind", WIRE_REQUIRED, EVENT_KIND_MAX - 1, out, err))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(home_kinds); i++)
		if (strcmp(home_kinds[i].kind, *out) == 0)
			return err_set(err, ERR_DENIED, "%s", home_kinds[i].why);
	return 0;
}

static int read_about(
	const json_t *event, const struct album_ref *album, struct draft *draft, struct err *err)
{
	const char *text = NULL;
	struct sha256 hash;
	struct uuid id;

	if (wire_get_text(event, "about", WIRE_OPTIONAL, SHA256_HEX_LEN, &text, err))
		return -1;
	if (!text) {
		if (text_starts(draft->kind, "album."))
			draft->about = entity_from_uuid(&album->id);
		return 0;
	}
	if (uuid_parse(text, strlen(text), &id) == 0)
		draft->about = entity_from_uuid(&id);
	else if (sha256_parse(text, strlen(text), &hash) == 0)
		draft->about = entity_from_hash(&hash);
	else
		return err_set(err, ERR_INVALID, "\"about\" is neither a UUID nor a photo's hash");
	return 0;
}

static int read_time(const json_t *event, struct draft *draft, struct err *err)
{
	int64_t inside;

	if (wire_get_int(event, "time", WIRE_OPTIONAL, 1, EVENT_TIME_MAX, &draft->time, err))
		return -1;
	/* Repeated without a time the event must be the same again. */
	if (draft->time || uuid_is_nil(&draft->id) || uuid_time_ms(&draft->id, &inside) ||
		inside <= 0)
		return 0;
	draft->time = inside;
	return 0;
}

/* Who repeats an event after signing in anew does so from another session. */
static int device_of_known(struct store *store, struct draft *draft, struct err *err)
{
	static const struct db_sql sql = {"door_device",
		"SELECT device FROM event WHERE id = :id AND album = :album AND author = :author"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (uuid_is_nil(&draft->id))
		return 0;
	if (db_query(store->db, &sql, &rows, err, DB_UUID(":id", &draft->id),
		    DB_INT(":album", draft->album), DB_UUID(":author", &draft->author)))
		return -1;
	found = db_next(&rows, err);
	return found == 1 ? db_uuid(&rows, 0, &draft->device, err) : found;
}

static int read_who(struct store *store, const json_t *event, struct draft *draft, struct err *err)
{
	struct uuid author = draft->author, device;

	if (wire_get_uuid(event, "author", WIRE_OPTIONAL, &author, err) ||
		device_of_known(store, draft, err))
		return -1;
	device = draft->device;
	if (wire_get_uuid(event, "device", WIRE_OPTIONAL, &device, err))
		return -1;
	if (!uuid_equal(&author, &draft->author))
		return err_set(err, ERR_DENIED, "the author of an event is who submits it");
	if (!uuid_equal(&device, &draft->device))
		return err_set(err, ERR_DENIED, "the device of an event is the caller's");
	return 0;
}

/* What was said elsewhere is told with its time; said tomorrow it would stand below all that is said until then.
 * Clocks and zones of imported talk may be a day off. */
static int check_said(struct store *store, const struct draft *draft, struct err *err)
{
	int64_t latest = clock_now_ms(store->clock) + SAID_AHEAD_MS, said = 0;

	if (strcmp(draft->kind, "message.send") != 0)
		return 0;
	if (wire_get_int(draft->body, "said", WIRE_OPTIONAL, 0, EVENT_TIME_MAX, &said, err))
		return -1;
	return said <= latest ? 0 : err_set(err, ERR_INVALID, "\"said\" lies in the future");
}

static int read_event(struct store *store, const struct album_ref *album, const json_t *event,
	struct draft *draft, struct err *err)
{
	static const char *const keys[] = {
		"about", "author", "body", "device", "id", "kind", "time", NULL};
	const char *kind = NULL;

	if (!json_is_object(event))
		return err_set(err, ERR_INVALID, "an event is a JSON object");
	if (wire_only_keys(event, keys, err) || read_kind(event, &kind, err))
		return -1;
	store_draft(store, album->key, kind, draft);
	if (wire_get_uuid(event, "id", WIRE_OPTIONAL, &draft->id, err) ||
		read_about(event, album, draft, err) || read_time(event, draft, err) ||
		read_who(store, event, draft, err))
		return -1;
	draft->body = json_object_get(event, "body");
	if (!draft->body || json_is_object(draft->body))
		return 0;
	return err_set(err, ERR_INVALID, "\"body\" must be an object");
}

/* --- bytes ------------------------------------------------------------------------------ */

/* What the bytes are is told by who brought them, and not otherwise by who names them. */
static int sees_bytes(struct store *store, const struct sha256 *hash, const char *mime,
	int64_t bytes, struct err *err)
{
	static const struct db_sql sql = {"door_bytes",
		"SELECT 1 FROM view_part AS part JOIN view_photo AS photo ON photo.album = part.album"
		" AND photo.id = part.photo AND photo.state = 0 JOIN view_album AS v"
		" ON v.album = part.album AND v.deleted = 0"
		" WHERE part.id = :hash AND part.mime = :mime AND part.bytes = :bytes"
		" AND part.album IN " SIGHT_OPEN_ALBUMS " LIMIT 1"};
	int64_t one;

	return db_get_int(store->db, &sql, &one, err, DB_BLOB(":hash", hash->bytes, SHA256_LEN),
		DB_TEXTZ(":mime", mime), DB_INT(":bytes", bytes),
		DB_UUID(":viewer", &store->actor));
}

static int sees_facts(struct store *store, const struct sha256 *hash, struct err *err)
{
	static const struct db_sql sql = {"door_facts",
		"SELECT 1 FROM (SELECT album, state, facts FROM view_photo WHERE facts = :hash"
		" UNION ALL SELECT part.album, photo.state, part.facts FROM view_part AS part"
		" JOIN view_photo AS photo ON photo.album = part.album AND photo.id = part.photo"
		" WHERE part.facts = :hash) AS named JOIN view_album AS v ON v.album = named.album"
		" AND v.deleted = 0 WHERE named.state = 0 AND named.album IN " SIGHT_OPEN_ALBUMS
		" LIMIT 1"};
	int64_t one;

	return db_get_int(store->db, &sql, &one, err, DB_BLOB(":hash", hash->bytes, SHA256_LEN),
		DB_UUID(":viewer", &store->actor));
}

static int unseen(int found, const char *what, struct err *err)
{
	if (found)
		return found < 0 ? -1 : 0;
	err_set(err, ERR_NOT_FOUND, "you neither brought these %s nor can you see them", what);
	return err_hint(err, "upload the file to the album");
}

/* A hash gives access to nothing. */
static int check_bytes(struct store *store, const struct draft *draft, struct err *err)
{
	bool add = strcmp(draft->kind, "photo.add") == 0;
	const json_t *body = draft->body;
	const char *mime = "";
	struct sha256 hash = {{0}};
	int64_t bytes = 0;

	if (!add && strcmp(draft->kind, "photo.part") != 0)
		return 0;
	if (add && draft->about.len == SHA256_LEN)
		memcpy(hash.bytes, draft->about.bytes, SHA256_LEN);
	if ((!add && wire_get_hex(body, "part", WIRE_REQUIRED, hash.bytes, SHA256_LEN, err)) ||
		wire_get_text(body, "mime", WIRE_REQUIRED, 128, &mime, err) ||
		wire_get_int(body, "bytes", WIRE_REQUIRED, 0, INT64_MAX, &bytes, err))
		return -1;
	return unseen(sees_bytes(store, &hash, mime, bytes, err), "bytes", err);
}

static int check_facts(struct store *store, const struct draft *draft, struct err *err)
{
	struct sha256 facts;

	if (!text_starts(draft->kind, "photo.") || !json_object_get(draft->body, "facts"))
		return 0;
	if (wire_get_hex(draft->body, "facts", WIRE_REQUIRED, facts.bytes, SHA256_LEN, err))
		return -1;
	return unseen(sees_facts(store, &facts, err), "facts", err);
}

int door_submit(struct store *store, const struct album_ref *album, const json_t *event,
	struct receipt *out, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	struct draft draft;

	if (store_begin(store, "event", &tx, err) || read_event(store, album, event, &draft, err) ||
		check_said(store, &draft, err) || check_bytes(store, &draft, err) ||
		check_facts(store, &draft, err) || event_submit(tx.tx, &draft, out, err))
		return -1;
	return store_commit(&tx, err);
}
