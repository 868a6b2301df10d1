/* photo.c - photos of an album: added, joined, captioned, corrected, hidden, erased.
 *
 * The entity is the SHA-256 of the first part's bytes, so the same file twice is one photo.  Position,
 * serial numbers, owner and file names are not in bodies but in the facts object that they name.
 */
#include "event/kind.h"

#include <string.h>

enum { SHOWN = 0, REMOVED = 1, ERASED = 2 };

#define TAG_MAX    128 /* bytes */
#define TAGS_MAX   64  /* in one event */
#define DAY_MS     86400000LL
#define REMOVED_MS (30 * DAY_MS) /* how long a removed photo can be restored */

static const char *const add_keys[] = {"bytes", "description", "duration", "exposure", "f_number",
	"facts", "focal", "frames", "height", "iso", "keywords", "kind", "lens", "make", "mime",
	"model", "motion", "orientation", "rating", "taken", "thumbhash", "title", "width", NULL};
static const char *const part_keys[] = {
	"bytes", "duration", "facts", "height", "mime", "part", "role", "width", NULL};
static const char *const join_keys[] = {"into", NULL};
static const char *const caption_keys[] = {"text", NULL};
static const char *const set_keys[] = {"facts", "rotate", "taken", NULL};
static const char *const tag_keys[] = {"add", "remove", NULL};

/* --- check ------------------------------------------------------------------------------ */

static int check_taken(const json_t *body, struct err *err)
{
	const json_t *taken = json_object_get(body, "taken");
	const char *source;
	int64_t local, offset;

	if (!taken)
		return 0;
	if (!json_is_object(taken))
		return err_set(err, ERR_INVALID, "taken is not an object");
	return wire_get_int(taken, "local", WIRE_REQUIRED, EVENT_TIME_MIN, EVENT_TIME_MAX, &local,
		       err) ||
			wire_get_int(
				taken, "offset", WIRE_OPTIONAL, -14 * 60, 14 * 60, &offset, err) ||
			wire_get_text(taken, "source", WIRE_OPTIONAL, 64, &source, err) ||
			wire_get_text(taken, "offset_source", WIRE_OPTIONAL, 64, &source, err) ?
		-1 :
		0;
}

static int check_tags(const json_t *body, const char *key, struct err *err)
{
	const json_t *tags = json_object_get(body, key), *tag;
	size_t i;

	if (!tags)
		return 0;
	if (!json_is_array(tags) || json_array_size(tags) > TAGS_MAX)
		return err_set(
			err, ERR_INVALID, "%s is not a list of at most %d tags", key, TAGS_MAX);
	json_array_foreach (tags, i, tag)
		if (!json_is_string(tag) || json_string_length(tag) == 0 ||
			json_string_length(tag) > TAG_MAX)
			return err_set(err, ERR_INVALID, "a tag is empty or longer than %d bytes",
				TAG_MAX);
	return 0;
}

/* What add and part have in common. */
static int check_file(const json_t *body, struct err *err)
{
	struct sha256 facts;
	const char *mime;
	int64_t number;

	return wire_get_text(body, "mime", WIRE_REQUIRED, 64, &mime, err) ||
			wire_get_int(body, "bytes", WIRE_REQUIRED, 1, INT64_MAX, &number, err) ||
			wire_get_int(body, "width", WIRE_OPTIONAL, 1, INT32_MAX, &number, err) ||
			wire_get_int(body, "height", WIRE_OPTIONAL, 1, INT32_MAX, &number, err) ||
			wire_get_int(body, "duration", WIRE_OPTIONAL, 0, INT64_MAX, &number, err) ||
			wire_get_hex(body, "facts", WIRE_OPTIONAL, facts.bytes, SHA256_LEN, err) ?
		-1 :
		0;
}

static int check_add(const json_t *body, struct err *err)
{
	static const char *const texts[] = {"make", "model", "lens", "thumbhash", "title", NULL};
	const char *text;
	int64_t number;

	for (size_t i = 0; texts[i]; i++)
		if (wire_get_text(body, texts[i], WIRE_OPTIONAL, BODY_TITLE_MAX, &text, err))
			return -1;
	return check_file(body, err) || check_taken(body, err) ||
			check_tags(body, "keywords", err) ||
			wire_get_text(body, "kind", WIRE_REQUIRED, 8, &text, err) ||
			wire_get_text(
				body, "description", WIRE_OPTIONAL, BODY_TEXT_MAX, &text, err) ||
			wire_get_int(body, "rating", WIRE_OPTIONAL, -1, 5, &number, err) ||
			wire_get_int(body, "orientation", WIRE_OPTIONAL, 1, 8, &number, err) ?
		-1 :
		0;
}

static int check_part(const json_t *body, struct err *err)
{
	static const char *const roles[] = {"edited", "live", "raw", "jpeg", "sidecar", NULL};
	const char *role;
	struct sha256 part;

	if (check_file(body, err) ||
		wire_get_hex(body, "part", WIRE_REQUIRED, part.bytes, SHA256_LEN, err) ||
		wire_get_text(body, "role", WIRE_REQUIRED, 16, &role, err))
		return -1;
	for (size_t i = 0; roles[i]; i++)
		if (strcmp(roles[i], role) == 0)
			return 0;
	return err_set(err, ERR_INVALID, "'%s' is not a part's role", role);
}

static int check_join(const json_t *body, struct err *err)
{
	struct sha256 into;

	return wire_get_hex(body, "into", WIRE_REQUIRED, into.bytes, SHA256_LEN, err);
}

static int check_caption(const json_t *body, struct err *err)
{
	const char *text;

	return wire_get_text(body, "text", WIRE_REQUIRED, BODY_TEXT_MAX, &text, err);
}

static int check_set(const json_t *body, struct err *err)
{
	struct sha256 facts;
	int64_t rotate;

	return check_taken(body, err) ||
			wire_get_int(body, "rotate", WIRE_OPTIONAL, 0, 3, &rotate, err) ||
			wire_get_hex(body, "facts", WIRE_OPTIONAL, facts.bytes, SHA256_LEN, err) ?
		-1 :
		0;
}

static int check_tag(const json_t *body, struct err *err)
{
	return check_tags(body, "add", err) || check_tags(body, "remove", err) ? -1 : 0;
}

/* --- who may ---------------------------------------------------------------------------- */

struct photo_row {
	int64_t state, removed, bytes;
	struct uuid author;
	bool alias;
};

/* 1 found, 0 not in the album, -1 failed. */
static int photo_find(struct db *db, int64_t album, const struct entity *id, struct photo_row *out,
	struct err *err)
{
	static const struct db_sql sql = {"photo_row",
		"SELECT state, removed, bytes, author, alias IS NOT NULL FROM view_photo"
		" WHERE id = :id AND album = :album"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(db, &sql, &rows, err, DB_ENTITY(":id", id), DB_INT(":album", album)))
		return -1;
	found = db_next(&rows, err);
	if (found != 1)
		return found;
	out->state = db_int(&rows, 0);
	out->removed = db_int(&rows, 1);
	out->bytes = db_int(&rows, 2);
	out->alias = db_int(&rows, 4) != 0;
	return db_uuid(&rows, 3, &out->author, err) ? -1 : 1;
}

int need_shown_photo(const struct guard *g, const uint8_t hash[SHA256_LEN], struct err *err)
{
	static const struct db_sql sql = {"photo_shown",
		"SELECT 1 FROM view_photo WHERE id = :id AND album = :album AND state = 0"};
	int64_t one;
	int found = db_get_int(g->db, &sql, &one, err, DB_BLOB(":id", hash, SHA256_LEN),
		DB_INT(":album", g->album->key));

	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such photo in this album");
	return found < 0 ? -1 : 0;
}

static int need_photo(
	const struct guard *g, const struct entity *id, struct photo_row *out, struct err *err)
{
	int found = photo_find(g->db, g->album->key, id, out, err);

	if (found == 1 && out->state != ERASED)
		return 0;
	return found < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "there is no such photo in this album");
}

static int authorize_add(const struct guard *g, const struct event *e, struct err *err)
{
	struct photo_row photo;
	int found;

	found = photo_find(g->db, g->album->key, &e->about, &photo, err);
	if (found == 1 && photo.state == SHOWN)
		return err_set(err, ERR_CONFLICT, "this photo is in the album already");
	return found < 0 ? -1 : 0;
}

static int authorize_shown(const struct guard *g, const struct event *e, struct err *err)
{
	struct photo_row photo;

	if (need_photo(g, &e->about, &photo, err))
		return -1;
	if (photo.state != SHOWN)
		return err_hint((err_set(err, ERR_CONFLICT, "this photo was removed"), err),
			"bring it back with `pinhole restore` first");
	return 0;
}

/* Aliases are one step deep, so that a name leads to its photo at once. */
static int need_no_aliases(const struct guard *g, const struct entity *id, struct err *err)
{
	static const struct db_sql sql = {"photo_aliases",
		"SELECT 1 FROM view_photo WHERE album = :album AND alias = :id LIMIT 1"};
	int64_t one;
	int found = db_get_int(
		g->db, &sql, &one, err, DB_INT(":album", g->album->key), DB_ENTITY(":id", id));

	if (found == 1)
		return err_set(err, ERR_CONFLICT, "other photos are joined into this one");
	return found;
}

static int authorize_join(const struct guard *g, const struct event *e, struct err *err)
{
	struct photo_row photo, into;
	struct sha256 hash = {{0}};
	struct entity target;

	body_hash(e->json, "into", &hash);
	target = entity_from_hash(&hash);
	if (authorize_shown(g, e, err) || need_photo(g, &e->about, &photo, err) ||
		need_photo(g, &target, &into, err))
		return -1;
	if (entity_equal(&target, &e->about) || into.alias || photo.alias)
		return err_set(err, ERR_CONFLICT, "these photos are joined already");
	if (into.state != SHOWN)
		return err_set(err, ERR_CONFLICT, "the photo to join it into was removed");
	return need_no_aliases(g, &e->about, err);
}

static int own_or_moderate(
	const struct guard *g, const struct event *e, struct photo_row *photo, struct err *err)
{
	if (need_photo(g, &e->about, photo, err))
		return -1;
	if (uuid_equal(&photo->author, &e->author) || role_has(g->actor.role, RIGHT_MODERATE))
		return 0;
	return deny(err, g, RIGHT_MODERATE);
}

static int authorize_remove(const struct guard *g, const struct event *e, struct err *err)
{
	struct photo_row photo;

	if (own_or_moderate(g, e, &photo, err))
		return -1;
	return photo.state == SHOWN ? 0 :
				      err_set(err, ERR_CONFLICT, "this photo is removed already");
}

static int authorize_restore(const struct guard *g, const struct event *e, struct err *err)
{
	struct photo_row photo;

	if (own_or_moderate(g, e, &photo, err))
		return -1;
	if (photo.state != REMOVED)
		return err_set(err, ERR_CONFLICT, "this photo is not removed");
	if (g->at > photo.removed + REMOVED_MS)
		return err_set(err, ERR_CONFLICT, "this photo was removed more than 30 days ago");
	return 0;
}

static int authorize_erase(const struct guard *g, const struct event *e, struct err *err)
{
	struct photo_row photo;

	return own_or_moderate(g, e, &photo, err);
}

/* --- fold ------------------------------------------------------------------------------- */

/* Whether the photo counts in the album's totals. */
static bool counts(const struct photo_row *p)
{
	return p->state == SHOWN && !p->alias;
}

/* Adjusts the totals by what the photo is now, times sign. */
static int count_photo(struct fold *f, const struct entity *id, int sign, struct err *err)
{
	struct photo_row photo;
	int found = photo_find(f->db, f->album, id, &photo, err);

	if (found == 1 && counts(&photo)) {
		f->photos += sign;
		f->bytes += sign * photo.bytes;
	}
	return found < 0 ? -1 : 0;
}

static int put_tags(struct fold *f, const struct entity *photo, const json_t *tags, struct err *err)
{
	static const struct db_sql sql = {"tag_put",
		"INSERT INTO view_tag(album, photo, tag) VALUES(:album, :photo, :tag)"
		" ON CONFLICT DO NOTHING"};
	const json_t *tag;
	size_t i;

	json_array_foreach (tags, i, tag)
		if (db_run(f->db, &sql, err, DB_INT(":album", f->album), DB_ENTITY(":photo", photo),
			    DB_TEXTZ(":tag", json_string_value(tag))))
			return -1;
	return 0;
}

static int put_part(
	struct fold *f, const struct event *e, const void *id, const char *role, struct err *err)
{
	static const struct db_sql sql = {"part_put",
		"INSERT INTO view_part(album, id, photo, role, mime, bytes, width, height, facts)"
		" VALUES(:album, :id, :photo, :role, :mime, :bytes, :width, :height, :facts)"
		" ON CONFLICT DO NOTHING"};
	const json_t *b = e->json;
	struct sha256 facts;
	int64_t width = body_int(b, "width", 0), height = body_int(b, "height", 0);

	return db_run(f->db, &sql, err, DB_INT(":album", f->album), DB_BLOB(":id", id, SHA256_LEN),
		DB_ENTITY(":photo", &e->about), DB_TEXTZ(":role", role),
		DB_TEXTZ(":mime", body_text(b, "mime")), DB_INT(":bytes", body_int(b, "bytes", 0)),
		width ? DB_INT(":width", width) : DB_NULL(":width"),
		height ? DB_INT(":height", height) : DB_NULL(":height"),
		DB_BLOB(":facts", body_hash(b, "facts", &facts) ? facts.bytes : NULL, SHA256_LEN));
}

/* The wall time and offset of a body; false if it has none. */
static bool body_taken(const json_t *body, struct db_value *wall, struct db_value *offset)
{
	const json_t *taken = json_object_get(body, "taken");
	int64_t minutes = body_int(taken, "offset", INT32_MIN);

	*wall = taken ? DB_INT(":wall", body_int(taken, "local", 0)) : DB_NULL(":wall");
	*offset = minutes != INT32_MIN ? DB_INT(":offset", minutes) : DB_NULL(":offset");
	return taken != NULL;
}

static int put_photo(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"photo_put",
		"INSERT INTO view_photo(key, album, id, state, author, kind, mime, bytes, width, height,"
		" wall, offset, sort, facts, added) VALUES(:key, :album, :id, :state, :author, :kind, :mime,"
		" :bytes, :width, :height, :wall, :offset, :sort, :facts, :added)"
		" ON CONFLICT(id, album) DO UPDATE SET key = excluded.key, state = excluded.state,"
		" removed = NULL, author = excluded.author, kind = excluded.kind, mime = excluded.mime,"
		" bytes = excluded.bytes, width = excluded.width, height = excluded.height,"
		" wall = excluded.wall, offset = excluded.offset, sort = excluded.sort,"
		" facts = excluded.facts, added = excluded.added"};
	const json_t *b = e->json;
	struct sha256 facts;
	struct db_value wall, offset;
	int64_t width = body_int(b, "width", 0), height = body_int(b, "height", 0);
	bool known = body_taken(b, &wall, &offset);

	return db_run(f->db, &sql, err, DB_INT(":key", e->key), DB_INT(":album", f->album),
		DB_ENTITY(":id", &e->about), DB_INT(":state", b ? SHOWN : ERASED),
		DB_UUID(":author", &e->author), DB_TEXTZ(":kind", b ? body_text(b, "kind") : ""),
		DB_TEXTZ(":mime", b ? body_text(b, "mime") : ""),
		DB_INT(":bytes", body_int(b, "bytes", 0)),
		width ? DB_INT(":width", width) : DB_NULL(":width"),
		height ? DB_INT(":height", height) : DB_NULL(":height"), wall, offset,
		DB_INT(":sort", known ? wall.integer : event_when(e)),
		DB_BLOB(":facts", body_hash(b, "facts", &facts) ? facts.bytes : NULL, SHA256_LEN),
		DB_INT(":added", event_when(e)));
}

static int apply_add(struct fold *f, const struct event *e, struct err *err)
{
	if (count_photo(f, &e->about, -1, err) || put_photo(f, e, err) ||
		count_photo(f, &e->about, +1, err))
		return -1;
	if (!e->json)
		return 0;
	if (put_part(f, e, e->about.bytes, "original", err))
		return -1;
	return put_tags(f, &e->about, json_object_get(e->json, "keywords"), err);
}

static int apply_part(struct fold *f, const struct event *e, struct err *err)
{
	struct sha256 part;

	if (!body_hash(e->json, "part", &part))
		return 0;
	return put_part(f, e, part.bytes, body_text(e->json, "role"), err);
}

static int apply_join(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"photo_join",
		"UPDATE view_photo SET alias = :into WHERE id = :id AND album = :album"};
	struct sha256 into;

	if (!body_hash(e->json, "into", &into))
		return 0;
	if (count_photo(f, &e->about, -1, err))
		return -1;
	return db_run(f->db, &sql, err, DB_BLOB(":into", into.bytes, SHA256_LEN),
		DB_ENTITY(":id", &e->about), DB_INT(":album", f->album));
}

static int apply_caption(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"photo_caption",
		"UPDATE view_photo SET caption = :caption WHERE id = :id AND album = :album"};
	const char *text = body_text(e->json, "text");

	if (!e->json)
		return 0;
	return db_run(f->db, &sql, err,
		text && *text ? DB_INT(":caption", e->key) : DB_NULL(":caption"),
		DB_ENTITY(":id", &e->about), DB_INT(":album", f->album));
}

static int apply_set(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql_taken = {"photo_taken",
		"UPDATE view_photo SET wall = :wall, offset = :offset, sort = :wall WHERE id = :id"
		" AND album = :album"};
	static const struct db_sql sql = {"photo_set",
		"UPDATE view_photo SET rotate = coalesce(:rotate, rotate), facts = coalesce(:facts, facts)"
		" WHERE id = :id AND album = :album"};
	struct db_value wall, offset;
	struct sha256 facts;
	int64_t rotate = body_int(e->json, "rotate", -1);

	if (body_taken(e->json, &wall, &offset) &&
		db_run(f->db, &sql_taken, err, wall, offset, DB_ENTITY(":id", &e->about),
			DB_INT(":album", f->album)))
		return -1;
	return db_run(f->db, &sql, err,
		rotate >= 0 ? DB_INT(":rotate", rotate) : DB_NULL(":rotate"),
		DB_BLOB(":facts", body_hash(e->json, "facts", &facts) ? facts.bytes : NULL,
			SHA256_LEN),
		DB_ENTITY(":id", &e->about), DB_INT(":album", f->album));
}

static int apply_tag(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"tag_remove",
		"DELETE FROM view_tag WHERE album = :album AND photo = :photo AND tag = :tag"};
	const json_t *tag;
	size_t i;

	json_array_foreach (json_object_get(e->json, "remove"), i, tag)
		if (db_run(f->db, &sql, err, DB_INT(":album", f->album),
			    DB_ENTITY(":photo", &e->about),
			    DB_TEXTZ(":tag", json_string_value(tag))))
			return -1;
	return put_tags(f, &e->about, json_object_get(e->json, "add"), err);
}

static int set_state(struct fold *f, const struct event *e, int state, struct err *err)
{
	static const struct db_sql sql = {"photo_state",
		"UPDATE view_photo SET state = :state, removed = :removed WHERE id = :id"
		" AND album = :album AND state <> 2"};

	if (count_photo(f, &e->about, -1, err) ||
		db_run(f->db, &sql, err, DB_INT(":state", state),
			state == SHOWN ? DB_NULL(":removed") : DB_INT(":removed", event_when(e)),
			DB_ENTITY(":id", &e->about), DB_INT(":album", f->album)))
		return -1;
	return count_photo(f, &e->about, +1, err);
}

static int apply_remove(struct fold *f, const struct event *e, struct err *err)
{
	return set_state(f, e, REMOVED, err);
}

static int apply_restore(struct fold *f, const struct event *e, struct err *err)
{
	return set_state(f, e, SHOWN, err);
}

static int forget_parts(struct fold *f, const struct entity *id, struct err *err)
{
	static const struct db_sql parts = {
		"part_drop", "DELETE FROM view_part WHERE album = :album AND photo = :photo"};
	static const struct db_sql tags = {
		"tag_drop", "DELETE FROM view_tag WHERE album = :album AND photo = :photo"};

	return db_run(f->db, &parts, err, DB_INT(":album", f->album), DB_ENTITY(":photo", id)) ||
			db_run(f->db, &tags, err, DB_INT(":album", f->album),
				DB_ENTITY(":photo", id)) ?
		-1 :
		0;
}

static int apply_erase(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"photo_erase",
		"UPDATE view_photo SET kind = '', mime = '', bytes = 0, width = NULL, height = NULL,"
		" wall = NULL, offset = NULL, sort = added, rotate = 0, facts = NULL, caption = NULL"
		" WHERE id = :id AND album = :album"};

	if (set_state(f, e, ERASED, err) || forget_parts(f, &e->about, err))
		return -1;
	return db_run(f->db, &sql, err, DB_ENTITY(":id", &e->about), DB_INT(":album", f->album));
}

static int drop(struct fold *f, const struct entity *about, struct err *err)
{
	static const struct db_sql sql = {
		"photo_drop", "DELETE FROM view_photo WHERE id = :id AND album = :album"};

	if (about->len != SHA256_LEN)
		return 0;
	if (count_photo(f, about, -1, err) || forget_parts(f, about, err))
		return -1;
	return db_run(f->db, &sql, err, DB_ENTITY(":id", about), DB_INT(":album", f->album));
}

/* --- tell ------------------------------------------------------------------------------- */

static void tell_about(const struct event *e, struct str *out, const char *verb)
{
	str_addf(out, "%s photo ", verb);
	tell_entity(out, &e->about);
}

static void tell_add(const struct event *e, struct str *out)
{
	const char *title = body_text(e->json, "title");

	tell_about(e, out, "added");
	if (title) {
		str_addz(out, ": ");
		tell_text(out, title);
	}
}

static void tell_part(const struct event *e, struct str *out)
{
	const char *role = body_text(e->json, "role");

	tell_about(e, out, "added a part of");
	if (role) {
		str_addz(out, ": ");
		tell_text(out, role);
	}
}

static void tell_join(const struct event *e, struct str *out)
{
	struct sha256 into;

	tell_about(e, out, "joined");
	if (body_hash(e->json, "into", &into)) {
		str_addz(out, " into ");
		str_add_hex(out, into.bytes, 4);
	}
}

static void tell_caption(const struct event *e, struct str *out)
{
	tell_about(e, out, "captioned");
	if (e->json) {
		str_addz(out, ": ");
		tell_text(out, body_text(e->json, "text"));
	}
}

static void tell_set(const struct event *e, struct str *out)
{
	tell_about(e, out, "corrected");
	if (json_object_get(e->json, "taken"))
		str_addz(out, ", its time");
	if (json_object_get(e->json, "facts"))
		str_addz(out, ", its facts");
	if (json_object_get(e->json, "rotate"))
		str_addz(out, ", its rotation");
}

static void tell_tag_list(const struct event *e, struct str *out, const char *key, const char *sign)
{
	const json_t *tag;
	size_t i;

	json_array_foreach (json_object_get(e->json, key), i, tag) {
		str_addf(out, " %s", sign);
		tell_text(out, json_string_value(tag));
	}
}

static void tell_tag(const struct event *e, struct str *out)
{
	tell_about(e, out, "tagged");
	tell_tag_list(e, out, "add", "+");
	tell_tag_list(e, out, "remove", "-");
}

static void tell_remove(const struct event *e, struct str *out)
{
	tell_about(e, out, "removed");
}

static void tell_restore(const struct event *e, struct str *out)
{
	tell_about(e, out, "restored");
}

static void tell_erase(const struct event *e, struct str *out)
{
	tell_about(e, out, "erased");
}

#define PHOTO_KIND(n, right, k, c, a)                                                              \
	.name = "photo." #n, .needs = (right), .keys = (k), .check = (c), .authorize = (a),        \
	.apply = apply_##n, .tell = tell_##n

static const struct event_kind kinds[] = {
	{PHOTO_KIND(add, RIGHT_ADD, add_keys, check_add, authorize_add)},
	{PHOTO_KIND(part, RIGHT_ADD, part_keys, check_part, authorize_shown)},
	{PHOTO_KIND(join, RIGHT_ADD, join_keys, check_join, authorize_join)},
	{PHOTO_KIND(caption, RIGHT_ADD, caption_keys, check_caption, authorize_shown)},
	{PHOTO_KIND(set, RIGHT_ADD, set_keys, check_set, authorize_shown)},
	{PHOTO_KIND(tag, RIGHT_ADD, tag_keys, check_tag, authorize_shown)},
	{PHOTO_KIND(remove, RIGHT_ADD, NULL, body_check_nothing, authorize_remove)},
	{PHOTO_KIND(restore, RIGHT_ADD, NULL, body_check_nothing, authorize_restore)},
	{PHOTO_KIND(erase, RIGHT_ADD, NULL, body_check_nothing, authorize_erase), .erases = true},
	{.name = NULL},
};

const struct event_family photo_family = {
	.name = "photo", .kinds = kinds, .about_len = 32, .drop = drop};
