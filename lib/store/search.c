/* search.c - from a query to the hits that people see; see search.h.
 *
 * Invariant: all that is read is of one instant: a writer beside us changes nothing half-way.
 */
#include "store/search_inner.h"

#include <stdlib.h>
#include <string.h>

#define ALBUMS_MAX 1000000
#define PEOPLE_MAX 10000000

static void search_release(struct search *s)
{
	search_docs_close(s);
	vec_release(&s->albums);
	vec_release(&s->people);
	vec_release(&s->strangers);
	vec_release(&s->near);
}

static int best_first(const void *a, const void *b)
{
	const struct search_hit *x = a, *y = b;

	if (x->score < y->score || x->score > y->score)
		return x->score < y->score ? -1 : 1;
	if (x->when != y->when)
		return x->when > y->when ? -1 : 1;
	if (x->seq != y->seq)
		return x->seq > y->seq ? -1 : 1;
	if (x->album != y->album)
		return x->album < y->album ? -1 : 1;
	return memcmp(x->photo.bytes, y->photo.bytes, SHA256_LEN);
}

/* A person is one hit, in however many albums they are. */
static bool is_shown_already(const struct vec *hits, size_t count, const struct search_hit *hit)
{
	if (hit->kind != SEARCH_PERSON)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct search_hit *other = vec_at(hits, i);

		if (other->kind == SEARCH_PERSON && uuid_equal(&other->id, &hit->id))
			return true;
	}
	return false;
}

void search_keep_best(struct vec *hits, size_t limit)
{
	struct search_hit *items = hits->items;
	size_t kept = 0;

	vec_sort(hits, best_first);
	for (size_t i = 0; i < hits->count; i++) {
		if (kept < limit && !is_shown_already(hits, kept, &items[i])) {
			items[kept++] = items[i];
			continue;
		}
		mem_free_pointer(&items[i].author_name);
		mem_free_pointer(&items[i].snippet);
	}
	hits->count = kept;
}

static int find(struct search *s, struct err *err)
{
	if (search_filter_load(s, err) || search_docs_open(s, err))
		return -1;
	if (*s->query->match ? search_find_words(s, err) : search_find_newest(s, err))
		return -1;
	return search_docs_ask(s, err);
}

static int run(struct store *store, const struct uuid *viewer, const struct query *query,
	size_t limit, struct vec *hits, struct err *err)
{
	_cleanup_search_hits_ struct vec found = SEARCH_HITS_INIT;
	_cleanup_(search_release) struct search s = {
		.store = store,
		.query = query,
		.limit = limit,
		.viewer = viewer,
		.albums = VEC_INIT(struct search_album, ALBUMS_MAX),
		.people = VEC_INIT(struct search_person, PEOPLE_MAX),
		.strangers = VEC_INIT(struct search_person, PEOPLE_MAX),
		.near = VEC_INIT(struct search_entity, SEARCH_ENTITIES_MAX),
		.match = STR_INIT(STR_MAX_LINE),
		.docs = SEARCH_HITS_INIT,
		.hits = &found,
	};
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;

	if (!db_in_transaction(store->db) && db_begin_read(store->db, &tx, err))
		return -1;
	if (find(&s, err))
		return -1;
	search_keep_best(&found, limit);
	*hits = found;
	found = (struct vec)SEARCH_HITS_INIT;
	return 0;
}

int search_run(struct store *store, const struct query *query, size_t limit, struct vec *hits,
	struct err *err)
{
	return run(store, NULL, query, limit, hits, err);
}

int search_run_as(struct store *store, const struct uuid *viewer, const struct query *query,
	size_t limit, struct vec *hits, struct err *err)
{
	return run(store, viewer, query, limit, hits, err);
}
