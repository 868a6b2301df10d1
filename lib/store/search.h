/* search.h - finding photos, messages, albums and people by what is written about them.
 *
 *	_cleanup_search_hits_ struct vec hits = SEARCH_HITS_INIT;
 *
 *	query_parse(text, &query, err);
 *	search_run(store, &query, 50, &hits, err);
 *	vec_foreach (&hits, struct search_hit, hit)
 *		...
 *
 * Only what is shown is found: photos that are not removed, messages that were not taken back, the
 * caption and the text that hold now, in albums that are not deleted.  What the full-text index
 * does not hold yet is looked through too, so nothing is missed.  All words must be in one message, or
 * anywhere in what is written about one photo (caption, title, description, tags, file name,
 * camera).  The best come first, of equal ones the newest; without words, the newest.
 *
 * A word that very many hold (over SEARCH_CANDIDATES messages or photos) is ranked among the newest
 * of them.
 */
#ifndef PINHOLE_STORE_SEARCH_H
#define PINHOLE_STORE_SEARCH_H

#include "store/query.h"
#include "store/store.h"

#define SEARCH_CANDIDATES 5000
#define SEARCH_LIMIT_MAX  SEARCH_CANDIDATES

/* In snippets: what is between them was looked for. */
#define SEARCH_MARK_ON  '\002'
#define SEARCH_MARK_OFF '\003'

enum search_kind { SEARCH_MESSAGE, SEARCH_PHOTO, SEARCH_ALBUM, SEARCH_PERSON };

struct search_hit {
	enum search_kind kind;
	int64_t album; /* key */
	struct uuid album_id;
	struct uuid id;      /* of the message, the album, the participant */
	struct sha256 photo; /* the photo, or what the message is about if has_photo */
	bool has_photo;
	int64_t seq;        /* of the message, 0 while it waits for the album's home */
	struct uuid author; /* of the message or photo; nil otherwise */
	char *author_name;  /* owned, "" unknown */
	int64_t when;       /* ms: the message's place in the talk, the photo's in the timeline */
	double score;       /* bm25: less is better; 0 without words */
	char *snippet;      /* owned: the words around the hit */
};

#define SEARCH_HITS_INIT VEC_INIT(struct search_hit, 4 * SEARCH_CANDIDATES)
void search_hits_release(struct vec *hits);
#define _cleanup_search_hits_ _cleanup_(search_hits_release)

/* Fills `hits` (empty before) with at most `limit` (up to SEARCH_LIMIT_MAX).  NOT_FOUND or CONFLICT
 * when by: or in: name nobody or several. */
int search_run(struct store *store, const struct query *query, size_t limit, struct vec *hits,
	struct err *err);
/* The same of what `viewer` sees (sight.h): nothing of other albums shows, not in the hits, nor in their order, nor
 * in what by: and in: may name.  Where a role may not see positions, file names and serials, no photo is
 * found by them. */
int search_run_as(struct store *store, const struct uuid *viewer, const struct query *query,
	size_t limit, struct vec *hits, struct err *err);

#endif
