/* export_photo.c - a photo as an entry of album.json, which its XMP sidecar is made of, too.
 *
 * An entry tells what holds now; `body` is what photo.add said.  Invariant: all of an entry comes out of the
 * views and the log, nothing out of the file.
 */
#include "base/time.h"
#include "import/export_internal.h"

#include <string.h>

enum column {
	ID,
	AUTHOR,
	KIND,
	MIME,
	BYTES,
	WIDTH,
	HEIGHT,
	WALL,
	OFFSET,
	ROTATE,
	FACTS,
	ALIAS,
	ADDED,
	BODY,
	CAPTION,
	NAME,
	LAT,
	LON
};

#define PHOTO_COLUMNS                                                                               \
	"SELECT p.id, p.author, p.kind, p.mime, p.bytes, p.width, p.height, p.wall, p.offset,"      \
	" p.rotate, p.facts, p.alias, p.added, added.body, captioned.body ->> '$.text', fact.name," \
	" fact.lat, fact.lon FROM view_photo p JOIN event added ON added.key = p.key"               \
	" LEFT JOIN event captioned ON captioned.key = p.caption"                                   \
	" LEFT JOIN fact ON fact.hash = p.facts WHERE p.album = :album AND p.state = 0"

void export_photos_close(struct export_photos *photos)
{
	db_rows_close(&photos->rows);
}

int export_photos_open(
	struct export *ex, const struct sha256 *only, struct export_photos *out, struct err *err)
{
	static const struct db_sql all = {"export_photos", PHOTO_COLUMNS " ORDER BY p.sort, p.id"};
	static const struct db_sql one = {"export_photo", PHOTO_COLUMNS " AND p.id = :id"};

	if (!only)
		return db_query(
			ex->store->db, &all, &out->rows, err, DB_INT(":album", ex->album.key));
	return db_query(ex->store->db, &one, &out->rows, err, DB_INT(":album", ex->album.key),
		DB_BLOB(":id", only->bytes, SHA256_LEN));
}

/* --- pieces ----------------------------------------------------------------------------- */

static void set_blob(json_t **entry, const char *key, const struct db_rows *rows, int column)
{
	size_t len;
	const void *bytes = db_blob(rows, column, &len);

	if (bytes)
		wire_set_hex(entry, key, bytes, len);
}

static void set_int(json_t **entry, const char *key, const struct db_rows *rows, int column)
{
	if (!db_is_null(rows, column))
		wire_set_int(entry, key, db_int(rows, column));
}

/* A UUID column; leaves out what is none. */
static void set_uuid(json_t **entry, const char *key, const struct db_rows *rows, int column)
{
	struct uuid id;

	if (db_uuid(rows, column, &id, NULL) == 0)
		wire_set_uuid(entry, key, &id);
}

static void set_taken(json_t **entry, const struct db_rows *rows)
{
	char local[TIME_TEXT_LEN], offset[8];
	json_t *taken;

	if (db_is_null(rows, WALL))
		return;
	taken = json_object();
	time_format_wall(db_int(rows, WALL), local);
	wire_set_text(&taken, "local", local);
	if (!db_is_null(rows, OFFSET)) {
		time_format_offset((int32_t)db_int(rows, OFFSET), offset);
		wire_set_text(&taken, "offset", offset);
	}
	wire_set_json(entry, "taken", taken);
}

static void set_place(json_t **entry, const struct db_rows *rows)
{
	json_t *gps;

	if (db_is_null(rows, LAT) || db_is_null(rows, LON))
		return;
	gps = json_object();
	wire_set_int(&gps, "lat_e7", db_int(rows, LAT));
	wire_set_int(&gps, "lon_e7", db_int(rows, LON));
	wire_set_json(entry, "gps", gps);
}

/* What photo.add said, and of it what readers look for. */
static int set_body(json_t **entry, const struct db_rows *rows, struct err *err)
{
	static const char *const texts[] = {"title", "description", "make", "model", "lens"};
	const char *text = db_text(rows, BODY);
	json_t *body = text ? wire_parse(text, strlen(text), WIRE_BODY_MAX, err) : NULL;
	const json_t *rating = json_object_get(body, "rating");

	if (!body)
		return text ? -1 : 0;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		wire_set_text(entry, texts[i], json_string_value(json_object_get(body, texts[i])));
	if (json_is_integer(rating))
		wire_set_int(entry, "rating", json_integer_value(rating));
	wire_set_json(entry, "body", body);
	return 0;
}

static void set_file(
	struct export *ex, json_t **entry, const struct sha256 *photo, const struct sha256 *part)
{
	const struct export_file *file = export_find(ex, photo, part);

	if (file && !file->absent)
		wire_set_text(entry, "file", file->name);
	else
		wire_set_bool(entry, "absent", true);
}

static int set_tags(struct export *ex, const struct sha256 *photo, json_t **entry, struct err *err)
{
	static const struct db_sql sql = {"export_tags",
		"SELECT tag FROM view_tag WHERE album = :album AND photo = :photo ORDER BY tag"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	json_t *tags;
	int more;

	if (db_query(ex->store->db, &sql, &rows, err, DB_INT(":album", ex->album.key),
		    DB_BLOB(":photo", photo->bytes, SHA256_LEN)))
		return -1;
	tags = json_array();
	while ((more = db_next(&rows, err)) == 1)
		json_array_append_new(tags, json_string(db_text(&rows, 0)));
	wire_set_json(entry, "tags", tags);
	return more;
}

/* The bodies of photo.part, as they were said, with the file that each is in. */
static int set_parts(struct export *ex, const struct sha256 *photo, json_t **entry, struct err *err)
{
	static const struct db_sql sql = {"export_part_bodies",
		"SELECT v.id, (SELECT e.body FROM event e WHERE e.about = v.photo AND e.key >= :from"
		" AND e.key < :to AND e.kind = 'photo.part' AND e.body ->> '$.part' = lower(hex(v.id))"
		" ORDER BY e.key LIMIT 1) FROM view_part v WHERE v.album = :album AND v.photo = :photo"
		" AND v.role <> 'original' ORDER BY v.role, v.id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	json_t *parts = json_array();
	struct sha256 id;
	size_t len;
	int more;

	if (db_query(ex->store->db, &sql, &rows, err, DB_INT(":from", event_key(ex->album.key, 1)),
		    DB_INT(":to", event_key(ex->album.key, EVENT_PLACE_REJECTED)),
		    DB_INT(":album", ex->album.key), DB_BLOB(":photo", photo->bytes, SHA256_LEN))) {
		wire_json_free(&parts);
		return -1;
	}
	while ((more = db_next(&rows, err)) == 1) {
		const void *bytes = db_blob(&rows, 0, &len);
		const char *body = db_text(&rows, 1);
		json_t *part = body ? wire_parse(body, strlen(body), WIRE_BODY_MAX, err) : NULL;

		if (!part || len != SHA256_LEN)
			continue;
		memcpy(id.bytes, bytes, SHA256_LEN);
		set_file(ex, &part, photo, &id);
		json_array_append_new(parts, part);
	}
	wire_set_json(entry, "parts", parts);
	return more;
}

int export_likes(struct export *ex, const struct entity *about, json_t **entry, struct err *err)
{
	static const struct db_sql sql = {"export_likes",
		"SELECT author, name, \"when\" FROM view_reaction WHERE album = :album AND about = :about"
		" ORDER BY \"when\", author, name"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	json_t *likes = NULL;
	int more;

	if (db_query(ex->store->db, &sql, &rows, err, DB_INT(":album", ex->album.key),
		    DB_ENTITY(":about", about)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		json_t *like = json_object();

		set_uuid(&like, "by", &rows, 0);
		wire_set_text(&like, "name", db_text(&rows, 1));
		wire_set_int(&like, "when", db_int(&rows, 2));
		if (!likes)
			likes = json_array();
		json_array_append_new(likes, like);
	}
	if (likes)
		wire_set_json(entry, "likes", likes);
	return more;
}

/* --- the entry -------------------------------------------------------------------------- */

static void set_columns(json_t **entry, const struct db_rows *rows)
{
	set_blob(entry, "id", rows, ID);
	wire_set_text(entry, "name", db_text(rows, NAME));
	wire_set_text(entry, "kind", db_text(rows, KIND));
	wire_set_text(entry, "mime", db_text(rows, MIME));
	set_int(entry, "bytes", rows, BYTES);
	set_int(entry, "width", rows, WIDTH);
	set_int(entry, "height", rows, HEIGHT);
	set_uuid(entry, "by", rows, AUTHOR);
	set_int(entry, "added", rows, ADDED);
	set_taken(entry, rows);
	set_place(entry, rows);
	if (db_int(rows, ROTATE))
		set_int(entry, "rotate", rows, ROTATE);
	wire_set_text(entry, "caption", db_text(rows, CAPTION));
	set_blob(entry, "facts", rows, FACTS);
	set_blob(entry, "joined", rows, ALIAS);
}

int export_photos_next(
	struct export *ex, struct export_photos *photos, json_t **out, struct err *err)
{
	_cleanup_json_ json_t *entry = NULL;
	struct entity about;
	struct sha256 id;
	size_t len;
	int more = db_next(&photos->rows, err);
	const void *bytes = more == 1 ? db_blob(&photos->rows, ID, &len) : NULL;

	if (more != 1)
		return more;
	if (len != SHA256_LEN)
		return err_set(err, ERR_DAMAGED, "a photo has no hash");
	memcpy(id.bytes, bytes, SHA256_LEN);
	about = entity_from_hash(&id);
	entry = json_object();
	set_columns(&entry, &photos->rows);
	set_file(ex, &entry, &id, &id);
	if (set_body(&entry, &photos->rows, err) || set_tags(ex, &id, &entry, err) ||
		set_parts(ex, &id, &entry, err) || export_likes(ex, &about, &entry, err))
		return -1;
	if (!entry)
		return err_no_memory(err);
	*out = mem_steal(&entry);
	return 1;
}
