/* search_find.c - candidates: from the full-text index, from the log behind it, from the views.
 *
 * For messages the whole query is asked of the index, because a message is one text.  What is
 * written about a photo is spread over several, so the things that hold each term are collected
 * and intersected.  Invariant: whatever fits the query is among the candidates (up to the
 * SEARCH_CANDIDATES newest of those that the index knows).
 */
#include "store/search_inner.h"

#include <stdlib.h>
#include <string.h>

/* --- messages --------------------------------------------------------------------------- */

static int find_messages(struct search *s, struct err *err)
{
	static const struct db_sql sql = {"search_find_messages",
		"SELECT rowid FROM fts_event WHERE fts_event MATCH :match ORDER BY rowid DESC"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	size_t added = 0;
	int more = 0;

	if (db_query(s->store->db, &sql, &rows, err, DB_TEXTZ(":match", s->query->match)))
		return -1;
	while (added < SEARCH_CANDIDATES && (more = db_next(&rows, err)) == 1) {
		int found = search_add_message(s, db_int(&rows, 0), err);

		if (found < 0)
			return -1;
		added += found == 1;
	}
	return more < 0 ? -1 : 0;
}

/* --- what holds one term ---------------------------------------------------------------- */

static int collect(struct db_rows *rows, struct vec *out, struct err *err)
{
	int more;

	while ((more = db_next(rows, err)) == 1) {
		struct search_entity *entity = vec_push_or(out, err);

		if (!entity || search_fill_entity(rows, entity, err))
			return -1;
	}
	return more;
}

#define NAMING_KINDS                                                                               \
	"('photo.add', 'photo.caption', 'album.create', 'album.rename', 'album.describe',"         \
	" 'member.add', 'member.name')"

/* Most hits are messages: their small view rows say so without a look into the log. */
static int collect_events(struct search *s, const char *match, struct vec *out, struct err *err)
{
	static const struct db_sql sql = {"search_term_events",
		"SELECT e.album, coalesce(p.alias, e.about, e.id) FROM fts_event"
		" LEFT JOIN view_message m ON m.key = fts_event.rowid"
		" CROSS JOIN event e ON e.key = fts_event.rowid"
		" LEFT JOIN view_photo p ON p.id = e.about AND p.album = e.album"
		" WHERE fts_event MATCH :match AND m.key IS NULL AND e.kind IN " NAMING_KINDS};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query(s->store->db, &sql, &rows, err, DB_TEXTZ(":match", match)))
		return -1;
	return collect(&rows, out, err);
}

static int collect_facts(struct search *s, const char *match, struct vec *out, struct err *err)
{
	static const struct db_sql sql = {"search_term_facts",
		"WITH f(hash) AS MATERIALIZED (SELECT fact.hash FROM fts_fact CROSS JOIN fact"
		" ON fact.key = fts_fact.rowid WHERE fts_fact MATCH :match)"
		" SELECT p.album, coalesce(p.alias, p.id) FROM view_photo p"
		" WHERE p.facts IN (SELECT hash FROM f)"
		" UNION ALL SELECT q.album, coalesce(p.alias, p.id) FROM view_part q"
		" CROSS JOIN view_photo p ON p.id = q.photo AND p.album = q.album"
		" WHERE q.facts IN (SELECT hash FROM f) AND q.id <> q.photo"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query(s->store->db, &sql, &rows, err, DB_TEXTZ(":match", match)))
		return -1;
	return collect(&rows, out, err);
}

static int collect_tag(struct search *s, const char *tag, void *data, struct err *err)
{
	static const struct db_sql sql = {"search_term_tag",
		"SELECT t.album, coalesce(p.alias, p.id) FROM view_tag t"
		" CROSS JOIN view_photo p ON p.id = t.photo AND p.album = t.album WHERE t.tag = :tag"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query(s->store->db, &sql, &rows, err, DB_TEXTZ(":tag", tag)))
		return -1;
	return collect(&rows, data, err);
}

static int collect_term(struct search *s, const char *match, struct vec *out, struct err *err)
{
	if (collect_events(s, match, out, err) || collect_facts(s, match, out, err) ||
		search_each_tag(s, match, collect_tag, out, err))
		return -1;
	search_sort_unique(out);
	return 0;
}

/* Keeps in `a` what is also in `b`; both sorted. */
static void intersect(struct vec *a, const struct vec *b)
{
	struct search_entity *items = a->items;
	size_t kept = 0;

	for (size_t i = 0; i < a->count; i++)
		if (search_has_entity(b, &items[i]))
			items[kept++] = items[i];
	a->count = kept;
}

static int collect_all_terms(struct search *s, struct vec *out, struct err *err)
{
	bool first = true;

	vec_foreach (&s->query->terms, const struct query_term, term) {
		_cleanup_vec_ struct vec found =
			VEC_INIT(struct search_entity, SEARCH_ENTITIES_MAX);

		if (term->negated)
			continue;
		if (collect_term(s, term->match, first ? out : &found, err))
			return -1;
		if (!first)
			intersect(out, &found);
		first = false;
	}
	return 0;
}

/* --- the newest of very many ------------------------------------------------------------ */

struct aged {
	int64_t sort;
	struct search_entity entity;
};

static int newest_first(const void *a, const void *b)
{
	const struct aged *x = a, *y = b;

	if (x->sort != y->sort)
		return x->sort > y->sort ? -1 : 1;
	return search_compare_entities(&x->entity, &y->entity);
}

/* Albums and people are few and come first. */
static int age_of(
	struct search *s, const struct search_entity *entity, int64_t *out, struct err *err)
{
	static const struct db_sql sql = {
		"search_age", "SELECT sort FROM view_photo WHERE id = :id AND album = :album"};

	*out = INT64_MAX;
	if (entity->len != SHA256_LEN)
		return 0;
	return db_get_int(s->store->db, &sql, out, err, DB_BLOB(":id", entity->bytes, SHA256_LEN),
		       DB_INT(":album", entity->album)) < 0 ?
		-1 :
		0;
}

static int order_by_age(struct search *s, struct vec *entities, struct err *err)
{
	_cleanup_vec_ struct vec aged = VEC_INIT(struct aged, SEARCH_ENTITIES_MAX);
	struct search_entity *items = entities->items;

	if (entities->count <= SEARCH_CANDIDATES)
		return 0;
	vec_foreach (entities, const struct search_entity, entity) {
		struct aged *item = vec_push_or(&aged, err);

		if (!item || age_of(s, entity, &item->sort, err))
			return -1;
		item->entity = *entity;
	}
	vec_sort(&aged, newest_first);
	for (size_t i = 0; i < aged.count; i++)
		items[i] = ((const struct aged *)vec_at(&aged, i))->entity;
	return 0;
}

static int add_entities(struct search *s, const struct vec *entities, size_t most, struct err *err)
{
	size_t added = 0;

	for (size_t i = 0; i < entities->count && added < most; i++) {
		int found = search_add_entity(s, vec_at(entities, i), err);

		if (found < 0)
			return -1;
		added += found == 1;
	}
	return 0;
}

/* --- behind the index ------------------------------------------------------------------- */

/* Everything that an event after the indexed ones talks about, pending ones included. */
static int find_behind_album(
	struct search *s, const struct search_album *album, struct vec *entities, struct err *err)
{
	static const struct db_sql sql = {"search_behind",
		"SELECT e.album, coalesce(p.alias, e.about, e.id), e.key, e.kind LIKE 'message.%'"
		" FROM event e LEFT JOIN view_photo p ON p.id = e.about AND p.album = e.album"
		" WHERE e.key > :from AND e.key < :to AND e.body IS NOT NULL AND (e.kind IN " NAMING_KINDS
		" OR e.kind IN ('message.send', 'message.edit'))"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(s->store->db, &sql, &rows, err,
		    DB_INT(":from", event_key(album->key, album->indexed)),
		    DB_INT(":to", event_key(album->key, EVENT_PLACE_REJECTED))))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct search_entity *entity;

		if (db_int(&rows, 3)) {
			if (search_add_message(s, db_int(&rows, 2), err) < 0)
				return -1;
			continue;
		}
		entity = vec_push_or(entities, err);
		if (!entity || search_fill_entity(&rows, entity, err))
			return -1;
	}
	return more;
}

/* What is found behind the index was not asked yet whether it holds any word: the documents say. */
static int find_behind(struct search *s, const struct vec *indexed, struct err *err)
{
	_cleanup_vec_ struct vec behind = VEC_INIT(struct search_entity, SEARCH_ENTITIES_MAX);
	struct search_entity *items;
	size_t kept = 0;

	vec_foreach (&s->albums, const struct search_album, album)
		if (find_behind_album(s, album, &behind, err))
			return -1;
	search_sort_unique(&behind);
	items = behind.items;
	for (size_t i = 0; i < behind.count; i++)
		if (!search_has_entity(indexed, &items[i]))
			items[kept++] = items[i];
	behind.count = kept;
	return add_entities(s, &behind, SIZE_MAX, err);
}

int search_find_words(struct search *s, struct err *err)
{
	_cleanup_vec_ struct vec indexed = VEC_INIT(struct search_entity, SEARCH_ENTITIES_MAX);
	_cleanup_vec_ struct vec ordered = VEC_INIT(struct search_entity, SEARCH_ENTITIES_MAX);

	if (find_messages(s, err) || collect_all_terms(s, &indexed, err) ||
		find_behind(s, &indexed, err) || order_by_age(s, &indexed, err))
		return -1;
	return add_entities(s, &indexed, SEARCH_CANDIDATES, err);
}

/* --- without words ---------------------------------------------------------------------- */

/* How many of each album may be among the newest: where words exclude some, more are looked at. */
static size_t quota(const struct search *s)
{
	return *s->query->exclude ? SEARCH_CANDIDATES : s->limit;
}

static int newest_messages(struct search *s, int64_t album, struct err *err)
{
	static const struct db_sql sql = {"search_newest_messages",
		"SELECT text FROM view_message WHERE album = :album AND text IS NOT NULL"
		" ORDER BY \"when\" DESC, id DESC"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	size_t added = 0;
	int more = 0;

	if (db_query(s->store->db, &sql, &rows, err, DB_INT(":album", album)))
		return -1;
	while (added < quota(s) && (more = db_next(&rows, err)) == 1) {
		int found = search_add_message(s, db_int(&rows, 0), err);

		if (found < 0)
			return -1;
		added += found == 1;
	}
	return more < 0 ? -1 : 0;
}

static int newest_photos(struct search *s, int64_t album, struct err *err)
{
	static const struct db_sql sql = {"search_newest_photos",
		"SELECT album, id FROM view_photo WHERE album = :album AND state = 0 AND alias IS NULL"
		" ORDER BY sort DESC, id DESC"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	size_t added = 0;
	int more = 0;

	if (db_query(s->store->db, &sql, &rows, err, DB_INT(":album", album)))
		return -1;
	while (added < quota(s) && (more = db_next(&rows, err)) == 1) {
		struct search_entity entity;
		int found;

		if (search_fill_entity(&rows, &entity, err))
			return -1;
		found = search_add_entity(s, &entity, err);
		if (found < 0)
			return -1;
		added += found == 1;
	}
	return more < 0 ? -1 : 0;
}

int search_find_newest(struct search *s, struct err *err)
{
	vec_foreach (&s->albums, const struct search_album, album)
		if (newest_messages(s, album->key, err) || newest_photos(s, album->key, err))
			return -1;
	return 0;
}
