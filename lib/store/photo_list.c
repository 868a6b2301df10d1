/* photo_list.c - photos of an album in timeline order, filtered, a page at a time.
 *
 * The statement is put together from constant pieces; what people give is only ever bound.  Invariant:
 * pages that follow each other by their cursor show each photo once, also while others add photos.
 */
#include "store/photo.h"
#include "store/photo_row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EARTH_RADIUS_M 6371008.8 /* the mean radius, IUGG */
#define SQL_MAX        8192
#define VALUES_MAX     16

/* --- what people write ------------------------------------------------------------------ */

static const struct {
	const char *word;
	enum photo_has bit;
	const char *sql;
} has_table[] = {
	{"gps", PHOTO_HAS_GPS, " AND fact.lat IS NOT NULL"},
	{"caption", PHOTO_HAS_CAPTION, " AND p.caption IS NOT NULL"},
	{"comment", PHOTO_HAS_COMMENT,
		" AND EXISTS(SELECT 1 FROM view_message h WHERE h.album = p.album AND h.photo = p.id"
		" AND h.deleted = 0)"},
	{"like", PHOTO_HAS_LIKE,
		" AND EXISTS(SELECT 1 FROM view_reaction h WHERE h.album = p.album AND h.about = p.id"
		" AND h.name = 'like')"},
	{"tag", PHOTO_HAS_TAG,
		" AND EXISTS(SELECT 1 FROM view_tag h WHERE h.album = p.album AND h.photo = p.id)"},
	{"video", PHOTO_HAS_VIDEO,
		" AND (p.kind = 'video' OR EXISTS(SELECT 1 FROM view_part h WHERE h.album = p.album"
		" AND h.photo = p.id AND h.mime LIKE 'video/%'))"},
	{"raw", PHOTO_HAS_RAW,
		" AND (p.kind = 'raw' OR EXISTS(SELECT 1 FROM view_part h WHERE h.album = p.album"
		" AND h.photo = p.id AND h.role = 'raw'))"},
};

int photo_has_parse(const char *word, unsigned *out, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(has_table); i++)
		if (strcmp(word, has_table[i].word) == 0) {
			*out = has_table[i].bit;
			return 0;
		}
	err_set(err, ERR_INVALID, "\"%s\" is nothing that photos are sorted out by", word);
	return err_hint(err, "one of gps, caption, comment, like, tag, video, raw");
}

/* Splits "a,b,c" into exactly `count` pieces of less than 32 bytes. */
static bool split_commas(const char *text, char pieces[][32], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = strcspn(text, ",");

		if (len == 0 || len >= 32 || (text[len] == ',') != (i + 1 < count))
			return false;
		memcpy(pieces[i], text, len);
		pieces[i][len] = '\0';
		text += len + (text[len] == ',');
	}
	return true;
}

int photo_place_parse(const char *text, int32_t *lat_e7, int32_t *lon_e7, struct err *err)
{
	char pieces[2][32];
	int32_t lat, lon;

	if (!split_commas(text, pieces, 2) || text_to_e7(pieces[0], 900000000, &lat, NULL) ||
		text_to_e7(pieces[1], 1800000000, &lon, NULL)) {
		err_set(err, ERR_INVALID, "\"%s\" is not a position", text);
		return err_hint(err, "LAT,LON in degrees, north and east positive: 48.8584,2.2945");
	}
	*lat_e7 = lat;
	*lon_e7 = lon;
	return 0;
}

int photo_near_parse(const char *text, struct photo_near *out, struct err *err)
{
	struct photo_near near = {.given = true};
	char pieces[3][32], *end = NULL;
	double km = -1;

	if (split_commas(text, pieces, 3) && strspn(pieces[2], "0123456789.") == strlen(pieces[2]))
		km = strtod(pieces[2], &end);
	if (!end || *end || end == pieces[2] || !(km > 0 && km <= 20100) ||
		text_to_e7(pieces[0], 900000000, &near.lat_e7, NULL) ||
		text_to_e7(pieces[1], 1800000000, &near.lon_e7, NULL)) {
		err_set(err, ERR_INVALID, "\"%s\" is not a place and a distance", text);
		return err_hint(err, "LAT,LON,KM in degrees and kilometres: 48.8584,2.2945,5");
	}
	near.metres = (int64_t)(km * 1000 + 0.5);
	*out = near;
	return 0;
}

static double radians(int32_t e7)
{
	return (double)e7 * 1e-7 * (M_PI / 180);
}

double photo_distance(int32_t lat_a, int32_t lon_a, int32_t lat_b, int32_t lon_b)
{
	double a = radians(lat_a), b = radians(lat_b);
	double north = sin((b - a) / 2), east = sin((radians(lon_b) - radians(lon_a)) / 2);
	double h = north * north + cos(a) * cos(b) * east * east;

	return 2 * EARTH_RADIUS_M * asin(sqrt(fmin(1, h)));
}

/* --- the statement ---------------------------------------------------------------------- */

struct list_query {
	struct str sql;
	struct db_value values[VALUES_MAX];
	size_t count;
};

static void add_value(struct list_query *q, struct db_value value)
{
	if (q->count < VALUES_MAX)
		q->values[q->count++] = value;
	else
		q->sql.failed = true;
}

static void add_clause(struct list_query *q, const char *sql, struct db_value value)
{
	str_addz(&q->sql, sql);
	add_value(q, value);
}

static void add_place(struct list_query *q, const struct photo_near *near)
{
	/* A little more than the circle's height, so that rounding cuts nothing off. */
	double degrees = (double)near->metres / EARTH_RADIUS_M * (180 / M_PI) * 1.0001 + 1e-6;
	double south = near->lat_e7 - degrees * 1e7, north = near->lat_e7 + degrees * 1e7;

	add_clause(q, " AND fact.lat >= :south", DB_INT(":south", fmax(south, -900000000)));
	add_clause(q, " AND fact.lat <= :north", DB_INT(":north", fmin(north, 900000000)));
}

static void build_query(struct list_query *q, int64_t album, const struct photo_filter *f,
	const struct photo_cursor *cursor)
{
	str_addz(&q->sql, PHOTO_COLUMNS " WHERE p.alias IS NULL");
	add_clause(q, " AND p.album = :album", DB_INT(":album", album));
	add_clause(q, " AND p.state = :state", DB_INT(":state", f->state));
	if (f->has_since)
		add_clause(q, " AND p.sort >= :since", DB_INT(":since", f->since));
	if (f->has_until)
		add_clause(q, " AND p.sort < :until", DB_INT(":until", f->until));
	if (f->by)
		add_clause(q, " AND p.author = :by", DB_UUID(":by", f->by));
	if (f->near.given)
		add_place(q, &f->near);
	for (size_t i = 0; i < ARRAY_LEN(has_table); i++)
		if (f->has & has_table[i].bit)
			str_addz(&q->sql, has_table[i].sql);
	if (f->tag)
		add_clause(q,
			" AND EXISTS(SELECT 1 FROM view_tag t WHERE t.album = p.album"
			" AND t.photo = p.id AND t.tag = :tag)",
			DB_TEXTZ(":tag", f->tag));
	if (cursor->given) {
		str_addz(&q->sql,
			f->backwards ? " AND (p.sort, p.id) < (:sort, :last)" :
				       " AND (p.sort, p.id) > (:sort, :last)");
		add_value(q, DB_INT(":sort", cursor->sort));
		add_value(q, DB_BLOB(":last", cursor->id.bytes, SHA256_LEN));
	}
	str_addz(&q->sql,
		f->backwards ? " ORDER BY p.sort DESC, p.id DESC" : " ORDER BY p.sort, p.id");
}

/* --- pages ------------------------------------------------------------------------------ */

/* The exact question, behind the band of latitudes that the statement asked for. */
static bool is_near(const struct db_rows *rows, const struct photo_near *near)
{
	return !near->given ||
		photo_distance(near->lat_e7, near->lon_e7, (int32_t)db_int(rows, 19),
			(int32_t)db_int(rows, 20)) <= (double)near->metres;
}

static int fill_page(struct store *store, const struct album_ref *album,
	const struct photo_filter *filter, struct db_rows *rows, size_t limit, struct vec *page,
	bool *more, struct err *err)
{
	int found;

	while ((found = db_next(rows, err)) == 1) {
		struct photo *photo;

		if (!is_near(rows, &filter->near))
			continue;
		if (page->count == limit) {
			*more = true;
			return 0;
		}
		photo = vec_push_or(page, err);
		if (!photo)
			return -1;
		photo_init(photo);
		if (photo_fill(store, album, rows, photo, err))
			return -1;
	}
	return found;
}

void photo_page_release(struct vec *page)
{
	vec_foreach (page, struct photo, photo)
		photo_release(photo);
	vec_release(page);
}

int photo_page(struct store *store, const struct album_ref *album,
	const struct photo_filter *filter, size_t limit, struct photo_cursor *cursor,
	struct vec *page, bool *more, struct err *err)
{
	struct list_query query = {.sql = STR_INIT(SQL_MAX)};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	const struct photo *last;
	int failed;

	photo_page_release(page);
	*more = false;
	build_query(&query, album->key, filter, cursor);
	failed = str_check(&query.sql, err) ||
		db_query_text(store->db, query.sql.data, &rows, query.values, query.count, err) ||
		fill_page(store, album, filter, &rows, limit, page, more, err);
	str_release(&query.sql);
	if (failed || !page->count)
		return failed ? -1 : 0;
	last = vec_at(page, page->count - 1);
	*cursor = (struct photo_cursor){.given = true, .sort = last->sort, .id = last->id};
	return 0;
}
