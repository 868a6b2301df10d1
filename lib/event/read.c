/* read.c - events out of the log, in any order that somebody needs.
 *
 * Nothing here changes anything.  An event from a store is trusted to be well-formed only as far as
 * memory safety goes: fsck judges the rest.
 */
#include "event/internal.h"

#include <stdlib.h>
#include <string.h>

struct entity entity_from_uuid(const struct uuid *id)
{
	struct entity e = {.len = 16};

	memcpy(e.bytes, id->bytes, 16);
	return e;
}

struct entity entity_from_hash(const struct sha256 *hash)
{
	struct entity e = {.len = 32};

	memcpy(e.bytes, hash->bytes, 32);
	return e;
}

bool entity_equal(const struct entity *a, const struct entity *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

bool entity_is_uuid(const struct entity *e, const struct uuid *id)
{
	return e->len == 16 && memcmp(e->bytes, id->bytes, 16) == 0;
}

enum event_state event_state_of(int64_t key)
{
	int64_t place = event_place(key);

	if (place < EVENT_PLACE_PENDING)
		return EVENT_CONFIRMED;
	return place < EVENT_PLACE_REJECTED ? EVENT_PENDING : EVENT_REJECTED;
}

static int malformed(int64_t key, struct err *err)
{
	return err_set(err, ERR_DAMAGED, "the event at %lld in album %lld is malformed",
		(long long)event_place(key), (long long)(key >> EVENT_PLACE_BITS));
}

/* Copies a blob of exactly `len` bytes; NULL is allowed where `optional`. */
static bool take_blob(const struct db_rows *rows, int column, void *out, size_t len, bool optional)
{
	size_t got;
	const void *bytes = db_blob(rows, column, &got);

	if (!bytes)
		return optional;
	if (got != len)
		return false;
	memcpy(out, bytes, len);
	return true;
}

static bool fill_about(const struct db_rows *rows, int column, struct event *out)
{
	size_t len;
	const void *about = db_blob(rows, column, &len);

	if (!about) {
		out->about = entity_from_uuid(&out->id);
		return true;
	}
	if (len != 16 && len != 32)
		return false;
	memcpy(out->about.bytes, about, len);
	out->about.len = (uint8_t)len;
	return true;
}

static int fill_body(
	const struct db_rows *rows, struct event *out, json_t **json, bool lenient, struct err *err)
{
	wire_json_free(json);
	out->body = db_text(rows, 9);
	if (!out->body)
		return take_blob(rows, 11, &out->body_hash, SHA256_LEN, false) ?
			0 :
			malformed(out->key, err);
	out->body_len = strlen(out->body);
	if (!take_blob(rows, 10, out->salt, EVENT_SALT_LEN, false))
		return malformed(out->key, err);
	*json = wire_parse(out->body, out->body_len, WIRE_BODY_MAX, lenient ? NULL : err);
	if (!*json && !lenient)
		return malformed(out->key, err);
	out->json = *json;
	return 0;
}

static int fill(struct event_reader *r, struct event *out, struct err *err)
{
	const struct db_rows *rows = &r->rows;
	const char *kind = db_text(rows, 3);

	memset(out, 0, sizeof(*out));
	out->key = db_int(rows, 0);
	out->album = db_int(rows, 1);
	out->time = db_int(rows, 7);
	out->at = db_int(rows, 8);
	if (event_state_of(out->key) == EVENT_CONFIRMED)
		out->seq = event_place(out->key);
	if (!kind || strlen(kind) >= EVENT_KIND_MAX || !take_blob(rows, 2, &out->id, 16, false) ||
		!fill_about(rows, 4, out) || !take_blob(rows, 5, &out->author, 16, false) ||
		!take_blob(rows, 6, &out->device, 16, false) ||
		!take_blob(rows, 12, &out->chain, SHA256_LEN, true))
		return malformed(out->key, err);
	memcpy(out->kind, kind, strlen(kind) + 1);
	if (fill_body(rows, out, &r->json, r->lenient, err))
		return -1;
	out->known = out->body && !out->json ? NULL : event_kind_of(out->kind, out->json);
	return 0;
}

static int reader_new(struct event_reader **out, struct err *err)
{
	*out = mem_calloc(1, sizeof(**out));
	return *out ? 0 : err_no_memory(err);
}

static int read_range(struct db *db, const struct db_sql *sql, int64_t album, int64_t from,
	int64_t to, struct event_reader **out, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *r = NULL;

	if (reader_new(&r, err) ||
		db_query(db, sql, &r->rows, err, DB_INT(":from", event_key(album, from)),
			DB_INT(":to", event_key(album, to))))
		return -1;
	*out = mem_steal(&r);
	return 0;
}

int event_read(struct db *db, int64_t album, int64_t from, int64_t to, struct event_reader **out,
	struct err *err)
{
	static const struct db_sql sql = {"event_read",
		"SELECT " EVENT_COLUMNS
		" FROM event WHERE key >= :from AND key < :to ORDER BY key"};

	return read_range(db, &sql, album, from, to, out, err);
}

int event_read_back(struct db *db, int64_t album, int64_t from, int64_t to,
	struct event_reader **out, struct err *err)
{
	static const struct db_sql sql = {"event_read_back",
		"SELECT " EVENT_COLUMNS
		" FROM event WHERE key >= :from AND key < :to ORDER BY key DESC"};

	return read_range(db, &sql, album, from, to, out, err);
}

int event_read_entity(struct db *db, int64_t album, const struct entity *about,
	struct event_reader **out, struct err *err)
{
	static const struct db_sql sql = {"event_read_entity",
		"SELECT " EVENT_COLUMNS
		" FROM event WHERE about = :about AND key >= :from AND key < :to"
		" UNION ALL SELECT " EVENT_COLUMNS
		" FROM event WHERE id = :about AND album = :album AND about IS NULL AND key < :to"
		" ORDER BY 1"};
	_cleanup_event_reader_ struct event_reader *r = NULL;

	if (reader_new(&r, err) ||
		db_query(db, &sql, &r->rows, err, DB_ENTITY(":about", about),
			DB_INT(":from", event_key(album, 0)),
			DB_INT(":to", event_key(album, EVENT_PLACE_REJECTED)),
			DB_INT(":album", album)))
		return -1;
	*out = mem_steal(&r);
	return 0;
}

int event_next(struct event_reader *r, struct event *out, struct err *err)
{
	int more = db_next(&r->rows, err);

	return more == 1 && fill(r, out, err) ? -1 : more;
}

void event_reader_close(struct event_reader **r)
{
	if (!*r)
		return;
	wire_json_free(&(*r)->json);
	db_rows_close(&(*r)->rows);
	free(*r);
	*r = NULL;
}

int event_find(struct db *db, int64_t album, const struct uuid *id, int64_t *key, struct err *err)
{
	static const struct db_sql sql = {
		"event_find", "SELECT key FROM event WHERE id = :id AND album = :album"};

	return db_get_int(db, &sql, key, err, DB_UUID(":id", id), DB_INT(":album", album));
}

int event_tell(const struct event *e, struct str *out, struct err *err)
{
	if (e->known)
		e->known->tell(e, out);
	else {
		str_addz(out, "did something this version does not know: ");
		str_add_visible(out, e->kind, strlen(e->kind));
	}
	return str_check(out, err);
}
