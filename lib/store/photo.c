/* photo.c - reading one photo: its row, the events that hold its words, its parts.
 *
 * Nothing is changed here.  Invariant: a struct photo is what the views say in the album asked for,
 * with the photos that were joined into it counted as its parts.
 */
#include "store/photo.h"
#include "store/photo_row.h"

#include <stdlib.h>
#include <string.h>

void photo_init(struct photo *photo)
{
	*photo = (struct photo)PHOTO_INIT;
}

void photo_release(struct photo *photo)
{
	vec_foreach (&photo->tags, char *, tag)
		free(*tag);
	vec_foreach (&photo->parts, struct photo_part, part)
		free(part->name);
	vec_release(&photo->tags);
	vec_release(&photo->parts);
	free(photo->name);
	free(photo->caption);
	wire_json_free(&photo->body);
	photo_init(photo);
}

/* --- columns ---------------------------------------------------------------------------- */

static void take_word(const struct db_rows *rows, int column, char *out, size_t size)
{
	const char *text = db_text(rows, column);

	memccpy(out, text ? text : "", '\0', size - 1);
	out[size - 1] = '\0';
}

static int take_copy(const struct db_rows *rows, int column, char **out, struct err *err)
{
	const char *text = db_text(rows, column);

	*out = mem_strdup(text);
	return text && !*out ? err_no_memory(err) : 0;
}

/* 1 a hash, 0 NULL, -1 neither. */
static int take_hash(const struct db_rows *rows, int column, struct sha256 *out, struct err *err)
{
	size_t len = 0;
	const void *bytes = db_blob(rows, column, &len);

	if (!bytes)
		return 0;
	if (len != SHA256_LEN)
		return err_set(
			err, ERR_DAMAGED, "a row about a photo holds something else than a hash");
	memcpy(out->bytes, bytes, SHA256_LEN);
	return 1;
}

static int fill_words(const struct db_rows *rows, struct photo *p, struct err *err)
{
	const char *body = db_text(rows, 16);
	int64_t orientation = 0;

	if (body) {
		p->body = wire_parse(body, strlen(body), WIRE_BODY_MAX, err);
		if (!p->body)
			return -1;
		if (wire_get_int(p->body, "orientation", WIRE_OPTIONAL, 1, 8, &orientation, err))
			return -1;
	}
	p->orientation = orientation;
	return take_copy(rows, 17, &p->caption, err) || take_copy(rows, 18, &p->name, err) ? -1 : 0;
}

static int fill_row(const struct db_rows *rows, struct photo *p, struct err *err)
{
	bool turned;
	int facts;

	p->key = db_int(rows, 0);
	if (take_hash(rows, 1, &p->id, err) != 1 || db_uuid(rows, 13, &p->author, err))
		return -1;
	p->state = (enum photo_state)db_int(rows, 2);
	p->removed = db_int(rows, 3);
	take_word(rows, 4, p->kind, sizeof(p->kind));
	take_word(rows, 5, p->mime, sizeof(p->mime));
	p->bytes = db_int(rows, 6);
	p->rotate = (int)(db_int(rows, 12) & 3);
	turned = p->rotate % 2 != 0;
	p->width = db_int(rows, turned ? 8 : 7);
	p->height = db_int(rows, turned ? 7 : 8);
	p->has_taken = !db_is_null(rows, 9);
	p->wall = db_int(rows, 9);
	p->offset = db_is_null(rows, 10) ? TIME_OFFSET_NONE : (int32_t)db_int(rows, 10);
	p->sort = db_int(rows, 11);
	p->added = db_int(rows, 14);
	facts = take_hash(rows, 15, &p->facts, err);
	p->has_facts = facts == 1;
	p->has_place = !db_is_null(rows, 19) && !db_is_null(rows, 20);
	p->lat_e7 = (int32_t)db_int(rows, 19);
	p->lon_e7 = (int32_t)db_int(rows, 20);
	p->likes = db_int(rows, 21);
	p->comments = db_int(rows, 22);
	return facts < 0 ? -1 : fill_words(rows, p, err);
}

/* --- what hangs on it ------------------------------------------------------------------- */

/* Where the time came from: the last correction, else what photo.add said. */
static int fill_sources(struct store *store, struct photo *p, struct err *err)
{
	static const struct db_sql sql = {"photo_taken_source",
		"SELECT body ->> '$.taken.source', body ->> '$.taken.offset_source' FROM event"
		" WHERE about = :id AND key > :from AND key < :to AND album = :album"
		" AND kind = 'photo.set' AND body -> '$.taken' IS NOT NULL ORDER BY key DESC LIMIT 1"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	const json_t *taken = json_object_get(p->body, "taken");
	const char *source = "", *offset = "";
	int found;

	if (!p->has_taken)
		return 0;
	if (db_query(store->db, &sql, &rows, err, DB_BLOB(":id", p->id.bytes, SHA256_LEN),
		    DB_INT(":from", p->key),
		    DB_INT(":to", event_key(p->album.key, EVENT_PLACE_REJECTED)),
		    DB_INT(":album", p->album.key)))
		return -1;
	found = db_next(&rows, err);
	if (found < 0)
		return -1;
	if (found == 1) {
		take_word(&rows, 0, p->taken_source, sizeof(p->taken_source));
		take_word(&rows, 1, p->offset_source, sizeof(p->offset_source));
		return 0;
	}
	if (wire_get_text(taken, "source", WIRE_OPTIONAL, 64, &source, err) ||
		wire_get_text(taken, "offset_source", WIRE_OPTIONAL, 64, &offset, err))
		return -1;
	memccpy(p->taken_source, source, '\0', sizeof(p->taken_source));
	memccpy(p->offset_source, offset, '\0', sizeof(p->offset_source));
	return 0;
}

static int fill_tags(struct store *store, struct photo *p, struct err *err)
{
	static const struct db_sql sql = {"photo_tags",
		"SELECT tag FROM view_tag WHERE album = :album AND photo = :photo ORDER BY tag"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":album", p->album.key),
		    DB_BLOB(":photo", p->id.bytes, SHA256_LEN)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		char **tag = vec_push_or(&p->tags, err);

		if (!tag || take_copy(&rows, 0, tag, err))
			return -1;
	}
	return more;
}

static int fill_part(const struct db_rows *rows, struct photo_part *part, struct err *err)
{
	int facts;

	if (take_hash(rows, 0, &part->id, err) != 1)
		return -1;
	take_word(rows, 1, part->role, sizeof(part->role));
	take_word(rows, 2, part->mime, sizeof(part->mime));
	part->bytes = db_int(rows, 3);
	part->width = db_int(rows, 4);
	part->height = db_int(rows, 5);
	facts = take_hash(rows, 6, &part->facts, err);
	part->has_facts = facts == 1;
	return facts < 0 ? -1 : take_copy(rows, 7, &part->name, err);
}

static int fill_parts(struct store *store, struct photo *p, struct err *err)
{
	static const struct db_sql sql = {"photo_parts",
		PHOTO_JOINED
		"SELECT part.id, role, mime, bytes, width, height, part.facts, fact.name"
		" FROM view_part part LEFT JOIN fact ON fact.hash = part.facts"
		" WHERE album = :album AND photo IN joined"
		" ORDER BY part.id <> :photo, role, part.id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_BLOB(":photo", p->id.bytes, SHA256_LEN),
		    DB_INT(":album", p->album.key)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct photo_part *part = vec_push_or(&p->parts, err);

		if (!part || fill_part(&rows, part, err))
			return -1;
	}
	return more;
}

int photo_fill(struct store *store, const struct album_ref *album, const struct db_rows *rows,
	struct photo *photo, struct err *err)
{
	photo->album = *album;
	return fill_row(rows, photo, err) || fill_sources(store, photo, err) ||
			fill_tags(store, photo, err) || fill_parts(store, photo, err) ?
		-1 :
		0;
}

int photo_get(
	struct store *store, const struct photo_ref *ref, struct photo *photo, struct err *err)
{
	static const struct db_sql sql = {
		"photo_get", PHOTO_COLUMNS " WHERE p.id = :id AND p.album = :album"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	photo_release(photo);
	if (db_query(store->db, &sql, &rows, err, DB_BLOB(":id", ref->id.bytes, SHA256_LEN),
		    DB_INT(":album", ref->album.key)))
		return -1;
	found = db_next(&rows, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such photo in this album");
	return found < 0 ? -1 : photo_fill(store, &ref->album, &rows, photo, err);
}

/* --- asking a photo --------------------------------------------------------------------- */

/* Lower is better; see photo_shown_part. */
static int part_rank(const struct photo *photo, const struct photo_part *part)
{
	bool raw = strcmp(part->role, "raw") == 0 || text_starts(part->mime, "image/x-") ||
		(strcmp(photo->kind, "raw") == 0 && sha256_compare(&part->id, &photo->id) == 0);

	if (strcmp(part->role, "sidecar") == 0)
		return 5;
	if (text_starts(part->mime, "video/"))
		return 4;
	if (raw)
		return 3;
	return strcmp(part->role, "edited") == 0 ? 1 : 2;
}

const struct photo_part *photo_shown_part(const struct photo *photo)
{
	const struct photo_part *best = NULL;

	vec_foreach (&photo->parts, const struct photo_part, part)
		if (!best || part_rank(photo, part) < part_rank(photo, best))
			best = part;
	return best;
}

const char *photo_text(const struct photo *photo, const char *key)
{
	return json_string_value(json_object_get(photo->body, key));
}

int64_t photo_int(const struct photo *photo, const char *key, int64_t otherwise)
{
	const json_t *value = json_object_get(photo->body, key);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}
