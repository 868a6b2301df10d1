/* search_inner.h - what the files of searching share; nobody else includes it.
 *
 *	search.c	the order of things: candidates, documents, hits
 *	search_filter.c	operators: which albums, people, times, places, properties fit
 *	search_find.c	candidates: what may hold the words, from the index and behind it
 *	search_doc.c	documents: what is written about a candidate, asked as full text
 *
 * A candidate that passes the filter becomes a document in a scratch table with the index's own
 * tokenizer; the query is asked there.  So finding candidates may be generous, never stingy.
 */
#ifndef PINHOLE_STORE_SEARCH_INNER_H
#define PINHOLE_STORE_SEARCH_INNER_H

#include "store/search.h"

struct search_album {
	int64_t key;
	struct uuid id;
	int64_t indexed, head;
	bool open; /* positions, file names and serials may be seen */
};

struct search_person {
	int64_t album;
	struct uuid id;
};

/* A photo, an album or a participant; padded with zeros, so that memcmp orders it. */
struct search_entity {
	int64_t album;
	uint8_t bytes[32];
	uint64_t len; /* 32: a photo, 16: the others */
};

#define SEARCH_ENTITIES_MAX ((size_t)8 * 1000 * 1000)

struct search {
	struct store *store;
	const struct query *query;
	size_t limit;
	const struct uuid *viewer; /* NULL: who has the files, and sees all */

	struct vec albums;            /* struct search_album that may be looked into, by key */
	struct vec people, strangers; /* struct search_person of by: and -by:, sorted */
	struct vec near;              /* struct search_entity of near:, sorted */

	struct db *scratch;
	struct db_tx tx;
	struct str match; /* the whole query for one document; "" without words */
	struct vec docs;  /* struct search_hit, at the rowid of their document */
	struct vec *hits; /* what fits */
};

/* search.c: sorts the hits and drops all but the best. */
void search_keep_best(struct vec *hits, size_t limit);

/* --- search_filter.c -------------------------------------------------------------------- */

int search_filter_load(struct search *s, struct err *err);
const struct search_album *search_find_album(
	const struct search *s, int64_t key); /* NULL: not to be seen */
/* 1 fits, 0 does not, -1 failed.  `hit` has album, author, when, photo and id. */
int search_message_fits(struct search *s, const struct search_hit *hit, struct err *err);
/* wall and offset: when it was taken (offset TIME_OFFSET_NONE: unknown). */
int search_photo_fits(
	struct search *s, const struct search_hit *hit, int32_t offset, struct err *err);
/* Are albums and people asked for at all?  Operators about photos and talk leave them out. */
bool search_wants_names(const struct search *s);

int search_compare_entities(const void *a, const void *b);
void search_sort_unique(struct vec *entities);
bool search_has_entity(const struct vec *sorted, const struct search_entity *entity);
/* From columns album, id. */
int search_fill_entity(const struct db_rows *rows, struct search_entity *out, struct err *err);

/* --- search_find.c ---------------------------------------------------------------------- */

/* Makes documents of everything that may hold the query's words. */
int search_find_words(struct search *s, struct err *err);
/* Without words: the newest that pass the filter. */
int search_find_newest(struct search *s, struct err *err);

/* --- search_doc.c ----------------------------------------------------------------------- */

int search_docs_open(struct search *s, struct err *err);
void search_docs_close(struct search *s);
/* The message whose text is that of the event `key`: 1 it passed the filter and is a document now,
 * 0 not, -1 failed. */
int search_add_message(struct search *s, int64_t key, struct err *err);
/* The same for a photo, album or participant. */
int search_add_entity(struct search *s, const struct search_entity *entity, struct err *err);
/* Asks the query of the documents that have gathered, and forgets them. */
int search_docs_ask(struct search *s, struct err *err);
/* Tags that fit one full-text expression: calls `each` with them. */
int search_each_tag(struct search *s, const char *match,
	int (*each)(struct search *s, const char *tag, void *data, struct err *err), void *data,
	struct err *err);

#endif
