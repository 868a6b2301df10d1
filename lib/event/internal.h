/* internal.h - what the files of the event room share; nobody else includes it. */
#ifndef PINHOLE_EVENT_INTERNAL_H
#define PINHOLE_EVENT_INTERNAL_H

#include "event/event.h"
#include "event/kind.h"

struct event_log {
	struct db *db;
	const struct clock *clock;
	struct uuid store;
};

/* An album's row while a transaction works on it; written back at commit. */
struct album_state {
	struct album_facts facts;
	int64_t drafts;
	struct fold fold;
	bool dirty;
	struct album_state *next;
};

struct event_tx {
	struct event_log *log;
	struct db_tx tx;
	int64_t rev;
	struct album_state *albums;
	/* The last actor that was asked for, so that bulk sending asks once. */
	struct actor actor;
	int64_t actor_album; /* 0: nothing cached */
	bool album_deleted;
	bool access;          /* event_touch_access was called */
	bool broken;          /* an event failed half-way: its number is given and must not last */
	struct str canonical; /* scratch for bodies */
	uint8_t random[1024]; /* salts, drawn in bulk */
	size_t random_left;
};

/* The album's state in this transaction; NOT_FOUND for an unknown key. */
int tx_album(struct event_tx *tx, int64_t key, struct album_state **out, struct err *err);
int tx_salt(struct event_tx *tx, uint8_t salt[EVENT_SALT_LEN], struct err *err);
/* Members changed: what was remembered of the actor is void, also in a server's caches. */
void tx_forget_actor(struct event_tx *tx);

/* authorize.c: the one question, asked at the home before numbering. */
int authorize(struct event_tx *tx, struct album_state *album, const struct event *e, int64_t at,
	struct err *err);

/* chain.c */
void event_digest(const struct event *e, const struct uuid *album, struct sha256 *out);
void event_chain(const struct sha256 *before, const struct sha256 *digest, struct sha256 *out);
void event_hash_body(struct event *e); /* fills body_hash from salt and body unless erased */

/* fold.c */
int fold_apply(struct fold *f, const struct event *e, struct err *err);
int fold_entity(struct fold *f, const struct entity *about, struct err *err);
/* Takes the entity's rows out: before its events change keys. */
int fold_drop(struct fold *f, const struct entity *about, struct err *err);
int fold_flush_totals(struct fold *f, struct err *err);

/* erase.c: takes the bodies of the entity's events except `by`, and their words, away. */
int erase_entity(
	struct event_tx *tx, struct album_state *album, const struct event *by, struct err *err);

/* words.c */
int words_forget(struct db *db, int64_t key, struct err *err);
/* In the erasing transaction: event_words_purge must follow, if not by us then by the next writer. */
int words_owe_purge(struct event_tx *tx, struct err *err);

/* read.c.  Lenient: a body that cannot be read counts as one of the future (body set, json NULL).  What
 * folds and erases is, since one damaged event must not keep the others from their views;
 * event_verify tells of it. */
#define EVENT_COLUMNS                                                                              \
	"key, album, id, kind, about, author, device, time, at, body, salt, body_hash, chain"
struct event_reader {
	struct db_rows rows;
	json_t *json;
	bool lenient;
};

#endif
