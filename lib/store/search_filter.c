/* search_filter.c - the operators of a query against one candidate; see search_inner.h.
 *
 * Invariant: an album that is deleted, or not an album at all, or not seen by the viewer, never passes.
 */
#include "store/search_inner.h"
#include "base/time.h"
#include "store/fold.h"
#include "store/photo.h"
#include "store/place.h"
#include "store/resolve.h"
#include "store/sight.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 4096

/* --- sorted sets ------------------------------------------------------------------------ */

int search_compare_entities(const void *a, const void *b)
{
	const struct search_entity *x = a, *y = b;

	if (x->album != y->album)
		return x->album < y->album ? -1 : 1;
	return memcmp(x->bytes, y->bytes, sizeof(x->bytes));
}

void search_sort_unique(struct vec *entities)
{
	struct search_entity *items = entities->items;
	size_t kept = 0;

	vec_sort(entities, search_compare_entities);
	for (size_t i = 0; i < entities->count; i++)
		if (kept == 0 || search_compare_entities(&items[kept - 1], &items[i]) != 0)
			items[kept++] = items[i];
	entities->count = kept;
}

bool search_has_entity(const struct vec *sorted, const struct search_entity *entity)
{
	return sorted->count &&
		bsearch(entity, sorted->items, sorted->count, sizeof(*entity),
			search_compare_entities);
}

int search_fill_entity(const struct db_rows *rows, struct search_entity *out, struct err *err)
{
	size_t len;
	const void *id = db_blob(rows, 1, &len);

	if (!id || (len != SHA256_LEN && len != sizeof(struct uuid)))
		return err_set(err, ERR_DAMAGED, "an event is about something malformed");
	memset(out, 0, sizeof(*out));
	out->album = db_int(rows, 0);
	memcpy(out->bytes, id, len);
	out->len = len;
	return 0;
}

static int compare_people(const void *a, const void *b)
{
	const struct search_person *x = a, *y = b;

	if (x->album != y->album)
		return x->album < y->album ? -1 : 1;
	return memcmp(x->id.bytes, y->id.bytes, sizeof(x->id.bytes));
}

static bool has_person(const struct vec *people, int64_t album, const struct uuid *id)
{
	struct search_person person = {.album = album, .id = *id};

	return people->count &&
		bsearch(&person, people->items, people->count, sizeof(person), compare_people);
}

static int compare_albums(const void *a, const void *b)
{
	const struct search_album *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

const struct search_album *search_find_album(const struct search *s, int64_t key)
{
	struct search_album album = {.key = key};

	if (!s->albums.count)
		return NULL;
	return bsearch(&album, s->albums.items, s->albums.count, sizeof(album), compare_albums);
}

/* --- in: -------------------------------------------------------------------------------- */

struct wanted {
	int64_t key;
	bool negated;
};

static int resolve_wanted(struct search *s, struct vec *wanted, struct err *err)
{
	vec_foreach (&s->query->in, const struct query_name, name) {
		struct wanted *item = vec_push_or(wanted, err);
		struct album_ref album;

		if (!item ||
			(s->viewer ? resolve_album_seen(
					     s->store, s->viewer, name->text, &album, err) :
				     resolve_album(s->store, name->text, &album, err)))
			return -1;
		item->key = album.key;
		item->negated = name->negated;
	}
	return 0;
}

static bool is_wanted(const struct vec *wanted, int64_t key)
{
	bool asked = false, named = false;

	vec_foreach (wanted, const struct wanted, item) {
		if (item->key == key && item->negated)
			return false;
		asked = asked || !item->negated;
		named = named || item->key == key;
	}
	return named || !asked;
}

static int query_albums(struct search *s, struct db_rows *rows, struct err *err)
{
	static const struct db_sql all = {"search_albums",
		"SELECT key, id, indexed, head, 'owner' FROM album"
		" JOIN view_album ON view_album.album = key"
		" WHERE kind = 'album' AND deleted = 0 ORDER BY key"};
	static const struct db_sql seen = {"search_albums_seen",
		"SELECT key, id, indexed, head, (SELECT p.role FROM view_participant AS p"
		" WHERE p.album = key AND p.id = :viewer) FROM album"
		" JOIN view_album ON view_album.album = key"
		" WHERE kind = 'album' AND deleted = 0 AND key IN " SIGHT_ALBUMS " ORDER BY key"};

	if (!s->viewer)
		return db_query0(s->store->db, &all, rows, err);
	return db_query(s->store->db, &seen, rows, err, DB_UUID(":viewer", s->viewer));
}

static int load_albums(struct search *s, struct err *err)
{
	_cleanup_vec_ struct vec wanted = VEC_INIT(struct wanted, QUERY_TERMS_MAX);
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (resolve_wanted(s, &wanted, err) || query_albums(s, &rows, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct search_album *album;
		enum role role;

		if (!is_wanted(&wanted, db_int(&rows, 0)))
			continue;
		album = vec_push_or(&s->albums, err);
		if (!album || db_uuid(&rows, 1, &album->id, err) ||
			role_parse(db_text(&rows, 4), &role, err))
			return -1;
		album->open = role_has(role, RIGHT_POSITIONS);
		album->key = db_int(&rows, 0);
		album->indexed = db_int(&rows, 2);
		album->head = db_int(&rows, 3);
	}
	return more;
}

/* --- by: -------------------------------------------------------------------------------- */

/* "anna" names "Anna Smith" and "Smith, Anna": the text begins one of the name's words. */
static bool name_fits(const char *name, const struct str *folded, struct str *scratch)
{
	const char *at;

	str_clear(scratch);
	fold_text(name, strlen(name), scratch);
	if (!folded->len)
		return false;
	for (at = scratch->data; (at = strstr(at, folded->data)) != NULL; at++)
		if (at == scratch->data || strchr(" ,.-(\"'", at[-1]))
			return true;
	return false;
}

static int query_people(struct search *s, struct db_rows *rows, struct err *err)
{
	static const struct db_sql all = {
		"search_people", "SELECT album, id, name FROM view_participant"};
	static const struct db_sql seen = {"search_people_seen",
		"SELECT p.album, p.id, p.name FROM view_participant AS p"
		" WHERE p.album IN " SIGHT_ALBUMS};

	if (!s->viewer)
		return db_query0(s->store->db, &all, rows, err);
	return db_query(s->store->db, &seen, rows, err, DB_UUID(":viewer", s->viewer));
}

static int load_named(struct search *s, const char *text, struct vec *out, struct err *err)
{
	_cleanup_str_ struct str folded = STR_INIT(NAME_MAX_BYTES);
	_cleanup_str_ struct str scratch = STR_INIT(NAME_MAX_BYTES);
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	size_t before = out->count;
	struct uuid whole, id;
	bool is_id = uuid_parse(text, strlen(text), &whole) == 0;
	int more;

	fold_text(text, strlen(text), &folded);
	if (str_check(&folded, err) || query_people(s, &rows, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct search_person *person;

		if (db_uuid(&rows, 1, &id, err))
			return -1;
		if (is_id ? !uuid_equal(&id, &whole) :
			    !name_fits(db_text(&rows, 2), &folded, &scratch))
			continue;
		person = vec_push_or(out, err);
		if (!person)
			return -1;
		*person = (struct search_person){.album = db_int(&rows, 0), .id = id};
	}
	if (more < 0)
		return -1;
	if (out->count == before)
		return err_set(err, ERR_NOT_FOUND, "nobody in your albums is called '%s'", text);
	return 0;
}

static int load_people(struct search *s, struct err *err)
{
	vec_foreach (&s->query->by, const struct query_name, name)
		if (load_named(s, name->text, name->negated ? &s->strangers : &s->people, err))
			return -1;
	vec_sort(&s->people, compare_people);
	vec_sort(&s->strangers, compare_people);
	return 0;
}

static bool author_fits(const struct search *s, int64_t album, const struct uuid *author)
{
	if (has_person(&s->strangers, album, author))
		return false;
	return !s->people.count || has_person(&s->people, album, author);
}

/* --- near: ------------------------------------------------------------------------------ */

static int load_near(struct search *s, struct err *err)
{
	static const struct db_sql sql = {"search_near",
		"SELECT p.album, p.id, f.lat, f.lon FROM fact f"
		" CROSS JOIN view_photo p ON p.facts = f.hash"
		" WHERE f.lat BETWEEN :south AND :north AND (f.lon BETWEEN :west AND :east"
		" OR f.lon BETWEEN :west2 AND :east2) AND p.state = 0"};
	const struct query *q = s->query;
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct place_box box;
	int more;

	if (!q->near)
		return 0;
	place_box_around(q->lat_e7, q->lon_e7, q->radius_m, &box);
	if (db_query(s->store->db, &sql, &rows, err, DB_INT(":south", box.south),
		    DB_INT(":north", box.north), DB_INT(":west", box.west),
		    DB_INT(":east", box.east), DB_INT(":west2", box.west2),
		    DB_INT(":east2", box.east2)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		const struct search_album *album = search_find_album(s, db_int(&rows, 0));
		struct search_entity *entity;

		if (!album || !album->open)
			continue;
		if (photo_distance(q->lat_e7, q->lon_e7, (int32_t)db_int(&rows, 2),
			    (int32_t)db_int(&rows, 3)) > (double)q->radius_m)
			continue;
		entity = vec_push_or(&s->near, err);
		if (!entity || search_fill_entity(&rows, entity, err))
			return -1;
	}
	search_sort_unique(&s->near);
	return more;
}

static bool place_fits(const struct search *s, const struct search_hit *hit)
{
	struct search_entity photo = {.album = hit->album, .len = SHA256_LEN};

	if (!s->query->near)
		return true;
	if (!hit->has_photo)
		return false;
	memcpy(photo.bytes, hit->photo.bytes, SHA256_LEN);
	return search_has_entity(&s->near, &photo);
}

/* --- after: and before: ----------------------------------------------------------------- */

static int64_t instant_of(const struct query_time *time)
{
	int32_t offset = time->offset;

	if (offset == TIME_OFFSET_NONE)
		offset = time_local_offset(
			time->wall_ms - (int64_t)time_local_offset(time->wall_ms) * 60000);
	return time->wall_ms - (int64_t)offset * 60000;
}

static bool message_time_fits(const struct query *q, int64_t when)
{
	return (!q->after.given || when >= instant_of(&q->after)) &&
		(!q->before.given || when < instant_of(&q->before));
}

/* Walls are compared with walls; with a zone in the query, instants with instants where known. */
static int64_t moment_of(const struct query_time *time, int64_t wall, int32_t offset)
{
	bool zoned = time->offset != TIME_OFFSET_NONE && offset != TIME_OFFSET_NONE;
	int64_t at = zoned ? wall - (int64_t)offset * 60000 : wall;

	return at - (zoned ? time->wall_ms - (int64_t)time->offset * 60000 : time->wall_ms);
}

static bool photo_time_fits(const struct query *q, int64_t wall, int32_t offset)
{
	return (!q->after.given || moment_of(&q->after, wall, offset) >= 0) &&
		(!q->before.given || moment_of(&q->before, wall, offset) < 0);
}

/* --- has: ------------------------------------------------------------------------------- */

static int has_fits(struct search *s, const struct db_sql *sql, const struct search_hit *hit,
	const struct db_value *id, struct err *err)
{
	unsigned wanted = s->query->has, unwanted = s->query->lacks, has;
	int64_t bits = 0;

	if (!wanted && !unwanted)
		return 1;
	if (db_get_int(s->store->db, sql, &bits, err, *id, DB_INT(":album", hit->album)) < 0)
		return -1;
	has = (unsigned)bits;
	if (!search_find_album(s, hit->album)->open)
		has &= ~(unsigned)QUERY_HAS_GPS;
	return (has & wanted) == wanted && !(has & unwanted);
}

/* The numbers are those of enum query_has. */
static const struct db_sql message_has = {"search_message_has",
	"SELECT (m.photo IS NOT NULL) * 1 | EXISTS(SELECT 1 FROM view_reaction r WHERE"
	" r.album = m.album AND r.about = m.id AND r.name = 'like') * 32"
	" FROM event e JOIN view_message m ON m.key = e.key WHERE e.id = :id AND e.album = :album"};
static const struct db_sql photo_has = {"search_photo_has",
	"SELECT (p.kind <> 'video') * 1 | (p.kind = 'video' OR EXISTS(SELECT 1 FROM view_part q"
	" WHERE q.album = p.album AND q.photo = p.id AND q.mime LIKE 'video/%')) * 2"
	" | EXISTS(SELECT 1 FROM fact f WHERE f.hash = p.facts AND f.lat IS NOT NULL) * 4"
	" | (p.caption IS NOT NULL) * 8"
	" | EXISTS(SELECT 1 FROM view_message m WHERE m.album = p.album AND m.photo = p.id"
	"  AND m.deleted = 0) * 16"
	" | EXISTS(SELECT 1 FROM view_reaction r WHERE r.album = p.album AND r.about = p.id"
	"  AND r.name = 'like') * 32"
	" | EXISTS(SELECT 1 FROM view_tag t WHERE t.album = p.album AND t.photo = p.id) * 64"
	" FROM view_photo p WHERE p.id = :id AND p.album = :album"};

/* --- all of them ------------------------------------------------------------------------ */

int search_message_fits(struct search *s, const struct search_hit *hit, struct err *err)
{
	struct db_value id = DB_UUID(":id", &hit->id);

	if (!author_fits(s, hit->album, &hit->author) || !place_fits(s, hit) ||
		!message_time_fits(s->query, hit->when))
		return 0;
	return has_fits(s, &message_has, hit, &id, err);
}

int search_photo_fits(
	struct search *s, const struct search_hit *hit, int32_t offset, struct err *err)
{
	struct db_value id = DB_BLOB(":id", hit->photo.bytes, SHA256_LEN);

	if (!author_fits(s, hit->album, &hit->author) || !place_fits(s, hit) ||
		!photo_time_fits(s->query, hit->when, offset))
		return 0;
	return has_fits(s, &photo_has, hit, &id, err);
}

bool search_wants_names(const struct search *s)
{
	const struct query *q = s->query;

	return !q->by.count && !q->near && !q->has && !q->lacks && !q->after.given &&
		!q->before.given;
}

int search_filter_load(struct search *s, struct err *err)
{
	return load_albums(s, err) || load_people(s, err) || load_near(s, err) ? -1 : 0;
}
