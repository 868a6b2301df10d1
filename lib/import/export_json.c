/* export_json.c - writes album.json, one element at a time; see album_json.h and pinhole-album-json(5).
 *
 * Invariant: no part of the album that grows is ever in memory as a whole.
 */
#include "import/album_json.h"
#include "import/export_internal.h"
#include "proc/proc.h"

#include <string.h>

#define FACTS_BYTES_MAX ((size_t)256 * 1024)

struct out {
	struct export *ex;
	FILE *file;
	struct str text;
	bool first; /* of the current array */
};

static int put(struct out *o, const char *text, size_t len, struct err *err)
{
	return fwrite(text, 1, len, o->file) == len ? 0 :
						      err_errno(err, "cannot write " ALBUM_JSON);
}

static int putz(struct out *o, const char *text, struct err *err)
{
	return put(o, text, strlen(text), err);
}

static int put_json(struct out *o, const json_t *json, struct err *err)
{
	str_clear(&o->text);
	return wire_print(json, &o->text, err) || put(o, o->text.data, o->text.len, err) ? -1 : 0;
}

/* One element on a line of its own.  Takes it over; NULL is a failed wire_set_*. */
static int put_element(struct out *o, json_t *json, struct err *err)
{
	_cleanup_json_ json_t *owned = json;

	if (!owned)
		return err_no_memory(err);
	if (proc_stop_check(err) || putz(o, o->first ? "\n" : ",\n", err))
		return -1;
	o->first = false;
	return put_json(o, owned, err);
}

static int begin_array(struct out *o, const char *name, struct err *err)
{
	o->first = true;
	return putz(o, ",\n\"", err) || putz(o, name, err) || putz(o, "\": [", err) ? -1 : 0;
}

static int end_array(struct out *o, struct err *err)
{
	return putz(o, "\n]", err);
}

static int put_member(struct out *o, const char *name, json_t *json, struct err *err)
{
	_cleanup_json_ json_t *owned = json;

	if (!owned)
		return err_no_memory(err);
	return putz(o, ",\n\"", err) || putz(o, name, err) || putz(o, "\": ", err) ||
			put_json(o, owned, err) ?
		-1 :
		0;
}

/* --- head ------------------------------------------------------------------------------- */

static json_t *by_whom(const struct store *store)
{
	json_t *by = json_object();

	wire_set_uuid(&by, "store", &store->id);
	wire_set_uuid(&by, "user", &store->owner);
	wire_set_text(&by, "name", store->owner_name);
	return by;
}

static void set_facts(json_t **album, const struct album_facts *facts)
{
	wire_set_uuid(album, "id", &facts->id);
	wire_set_uuid(album, "home", &facts->home);
	wire_set_int(album, "epoch", facts->epoch);
	wire_set_int(album, "head", facts->head);
	wire_set_hex(album, "chain", facts->chain.bytes, SHA256_LEN);
}

static json_t *describe(struct out *o, struct err *err)
{
	static const struct db_sql sql = {"export_album",
		"SELECT title, description, cover, archived, created, creator FROM view_album"
		" WHERE album = :album"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	_cleanup_json_ json_t *album = json_object();
	struct db *db = o->ex->store->db;
	struct album_facts facts;
	struct uuid creator;
	const void *cover;
	size_t len;

	if (event_album_get(db, o->ex->album.key, &facts, err) != 1 ||
		db_query(db, &sql, &rows, err, DB_INT(":album", o->ex->album.key)) ||
		db_next(&rows, err) != 1 || db_uuid(&rows, 5, &creator, err))
		return NULL;
	wire_set_text(&album, "title", db_text(&rows, 0));
	wire_set_text(&album, "description", db_text(&rows, 1));
	cover = db_blob(&rows, 2, &len);
	if (cover)
		wire_set_hex(&album, "cover", cover, len);
	wire_set_bool(&album, "archived", db_int(&rows, 3) != 0);
	wire_set_int(&album, "created", db_int(&rows, 4));
	wire_set_uuid(&album, "creator", &creator);
	set_facts(&album, &facts);
	if (!album)
		err_no_memory(err);
	return mem_steal(&album);
}

static int put_head(struct out *o, struct err *err)
{
	json_t *album = describe(o, err);

	if (!album)
		return -1;
	if (putz(o, "{\n\"format\": \"" ALBUM_JSON_FORMAT "\"", err) ||
		put_member(o, "version", json_integer(ALBUM_JSON_VERSION), err) ||
		put_member(o, "exported", json_integer(clock_now_ms(o->ex->store->clock)), err) ||
		put_member(o, "by", by_whom(o->ex->store), err)) {
		wire_json_free(&album);
		return -1;
	}
	return put_member(o, "album", album, err);
}

/* --- arrays ----------------------------------------------------------------------------- */

static int put_participants(struct out *o, struct err *err)
{
	static const struct db_sql sql = {"export_participants",
		"SELECT id, kind, name, role, claimed_by, removed FROM view_participant"
		" WHERE album = :album ORDER BY id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct uuid id, user;
	int more;

	if (db_query(o->ex->store->db, &sql, &rows, err, DB_INT(":album", o->ex->album.key)) ||
		begin_array(o, "participants", err))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		json_t *p = json_object();

		if (db_uuid(&rows, 0, &id, err) == 0)
			wire_set_uuid(&p, "id", &id);
		wire_set_text(&p, "kind", db_text(&rows, 1));
		wire_set_text(&p, "name", db_text(&rows, 2));
		wire_set_text(&p, "role", db_text(&rows, 3));
		if (db_uuid(&rows, 4, &user, NULL) == 0)
			wire_set_uuid(&p, "claimed_by", &user);
		if (!db_is_null(&rows, 5))
			wire_set_int(&p, "removed", db_int(&rows, 5));
		if (put_element(o, p, err))
			return -1;
	}
	return more < 0 ? -1 : end_array(o, err);
}

static int put_photos(struct out *o, struct err *err)
{
	_cleanup_export_photos_ struct export_photos photos = EXPORT_PHOTOS_INIT;
	json_t *entry;
	int more;

	if (export_photos_open(o->ex, NULL, &photos, err) || begin_array(o, "photos", err))
		return -1;
	while ((more = export_photos_next(o->ex, &photos, &entry, err)) == 1) {
		o->ex->result.photos++;
		if (put_element(o, entry, err))
			return -1;
	}
	return more < 0 ? -1 : end_array(o, err);
}

static int message_entry(struct out *o, const struct db_rows *rows, json_t **out, struct err *err)
{
	_cleanup_json_ json_t *m = json_object();
	struct uuid id, by, reply_to;
	struct entity about;
	const void *photo;
	size_t len;

	if (db_uuid(rows, 0, &id, err) || db_uuid(rows, 1, &by, err))
		return -1;
	wire_set_uuid(&m, "id", &id);
	wire_set_uuid(&m, "by", &by);
	wire_set_text(&m, "name", db_text(rows, 2));
	wire_set_int(&m, "when", db_int(rows, 3));
	wire_set_text(&m, "text", db_text(rows, 4));
	photo = db_blob(rows, 5, &len);
	if (photo)
		wire_set_hex(&m, "photo", photo, len);
	if (db_uuid(rows, 6, &reply_to, NULL) == 0)
		wire_set_uuid(&m, "reply_to", &reply_to);
	if (!db_is_null(rows, 7))
		wire_set_int(&m, "edited", db_int(rows, 7));
	if (db_int(rows, 8))
		wire_set_bool(&m, "deleted", true);
	about = entity_from_uuid(&id);
	if (export_likes(o->ex, &about, &m, err))
		return -1;
	if (!m)
		return err_no_memory(err);
	*out = mem_steal(&m);
	return 0;
}

/* In the order of the log, so that an answer comes after what it answers. */
static int put_messages(struct out *o, struct err *err)
{
	static const struct db_sql sql = {"export_messages",
		"SELECT m.id, m.author, p.name, m.\"when\", said.body ->> '$.text', m.photo, m.reply_to,"
		" m.edited, m.deleted FROM view_message m LEFT JOIN event said ON said.key = m.text"
		" LEFT JOIN view_participant p ON p.album = m.album AND p.id = m.author"
		" WHERE m.key >= :from AND m.key < :to ORDER BY m.key"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	json_t *entry = NULL;
	int more;

	if (db_query(o->ex->store->db, &sql, &rows, err,
		    DB_INT(":from", event_key(o->ex->album.key, 0)),
		    DB_INT(":to", event_key(o->ex->album.key, EVENT_PLACE_REJECTED))) ||
		begin_array(o, "messages", err))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		o->ex->result.messages++;
		if (message_entry(o, &rows, &entry, err) || put_element(o, entry, err))
			return -1;
	}
	return more < 0 ? -1 : end_array(o, err);
}

/* A facts object that is here goes along.  It is canonical JSON: whoever reads it back gets the same bytes. */
static int put_one_facts(struct out *o, const struct sha256 *hash, struct err *err)
{
	_cleanup_str_ struct str bytes = STR_INIT(FACTS_BYTES_MAX),
				 again = STR_INIT(FACTS_BYTES_MAX);
	_cleanup_json_ json_t *facts = NULL;
	json_t *element;

	if (object_read(o->ex->store->objects, hash, FACTS_BYTES_MAX, &bytes, NULL))
		return 0;
	facts = wire_parse(bytes.data, bytes.len, FACTS_BYTES_MAX, NULL);
	if (!facts || wire_canonical(facts, &again, NULL) || again.len != bytes.len ||
		memcmp(again.data, bytes.data, bytes.len) != 0)
		return 0;
	element = json_object();
	wire_set_hex(&element, "hash", hash->bytes, SHA256_LEN);
	wire_set_json(&element, "facts", mem_steal(&facts));
	return put_element(o, element, err);
}

static int put_all_facts(struct out *o, struct err *err)
{
	static const struct db_sql sql = {"export_facts",
		"SELECT DISTINCT e.body ->> '$.facts' AS hash FROM event e JOIN view_photo p"
		" ON p.album = e.album AND p.id = e.about AND p.state = 0 WHERE e.key >= :from"
		" AND e.key < :to AND e.kind IN ('photo.add', 'photo.part', 'photo.set')"
		" AND hash IS NOT NULL ORDER BY hash"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct sha256 hash;
	int more;

	if (db_query(o->ex->store->db, &sql, &rows, err,
		    DB_INT(":from", event_key(o->ex->album.key, 0)),
		    DB_INT(":to", event_key(o->ex->album.key, EVENT_PLACE_REJECTED))) ||
		begin_array(o, "facts", err))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		const char *hex = db_text(&rows, 0);

		if (sha256_parse(hex, strlen(hex), &hash) == 0 && put_one_facts(o, &hash, err))
			return -1;
	}
	return more < 0 ? -1 : end_array(o, err);
}

static json_t *event_entry(const struct event *e)
{
	json_t *out = json_object();

	if (e->seq) {
		wire_set_int(&out, "seq", e->seq);
		wire_set_int(&out, "at", e->at);
	} else
		wire_set_bool(&out, "pending", true);
	wire_set_uuid(&out, "id", &e->id);
	wire_set_text(&out, "kind", e->kind);
	wire_set_hex(&out, "about", e->about.bytes, e->about.len);
	wire_set_uuid(&out, "author", &e->author);
	wire_set_uuid(&out, "device", &e->device);
	wire_set_int(&out, "time", e->time);
	if (e->json) {
		wire_set_json(&out, "body", json_incref((json_t *)(uintptr_t)e->json));
		wire_set_hex(&out, "salt", e->salt, EVENT_SALT_LEN);
	} else
		wire_set_hex(&out, "body_hash", e->body_hash.bytes, SHA256_LEN);
	return out;
}

/* Confirmed events, then pending ones; what the home refused stays here. */
static int put_events(struct out *o, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	struct event e;
	int more;

	if (event_read(o->ex->store->db, o->ex->album.key, 1, EVENT_PLACE_REJECTED, &reader, err) ||
		begin_array(o, "events", err))
		return -1;
	while ((more = event_next(reader, &e, err)) == 1) {
		o->ex->result.events++;
		if (put_element(o, event_entry(&e), err))
			return -1;
	}
	return more < 0 ? -1 : end_array(o, err);
}

int export_album_json(struct export *ex, FILE *file, struct err *err)
{
	struct out o = {.ex = ex, .file = file, .text = STR_INIT(ALBUM_JSON_ELEMENT_MAX)};
	int failed = put_head(&o, err) || put_participants(&o, err) || put_photos(&o, err) ||
		put_messages(&o, err) || put_all_facts(&o, err) || put_events(&o, err) ||
		putz(&o, "\n}\n", err);

	str_release(&o.text);
	if (!failed && fflush(file))
		failed = err_errno(err, "cannot write " ALBUM_JSON);
	return failed ? -1 : 0;
}
