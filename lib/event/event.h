/* event.h - the log: everything that changes shared state is an event in an album's log.
 *
 * Writing:
 *
 *	struct event_tx *tx;
 *	event_begin(log, "send", &tx, err);
 *	event_submit(tx, &draft, &receipt, err);	as often as you like, in any albums
 *	event_commit(&tx, err);				or event_rollback(&tx)
 *
 * A submitted event is checked (shape of the body), authorized, given seq and `at` if this store is
 * the album's home (else it stays pending), chained, and applied to the views, all in the one
 * transaction.  An event with an id that the album has already is answered with the first
 * receipt (duplicate) if its fields and bytes are the same, CONFLICT if they are not.
 *
 * What comes from the album's home goes in by event_receive, event_confirm and event_reject.
 *
 * Kinds of errors: INVALID (body, fields), DENIED (not allowed), NOT_FOUND (no such album or entity),
 * CONFLICT (same id, other bytes; other chain), TOO_LARGE.
 */
#ifndef PINHOLE_EVENT_EVENT_H
#define PINHOLE_EVENT_EVENT_H

#include "base/clock.h"
#include "base/uuid.h"
#include "crypt/crypt.h"
#include "db/db.h"
#include "wire/json.h"

#define EVENT_KIND_MAX 32 /* bytes of a kind's name, with the NUL */
#define EVENT_SALT_LEN 16
/* Years 1 to 9999, ms since the epoch: what base/time can show. */
#define EVENT_TIME_MIN (-62135596800000)
#define EVENT_TIME_MAX 253402300799999

/* Places in an album: see 001-log.sql. */
#define EVENT_PLACE_BITS     40
#define EVENT_PLACE_PENDING  ((int64_t)1 << 38)
#define EVENT_PLACE_REJECTED ((int64_t)1 << 39)
#define EVENT_PLACE_END      ((int64_t)1 << EVENT_PLACE_BITS)

/* EVENT_PLACE_END carries over: the end of an album is the start of the next. */
static inline int64_t event_key(int64_t album, int64_t place)
{
	return (album << EVENT_PLACE_BITS) + place;
}

static inline int64_t event_place(int64_t key)
{
	return key & (EVENT_PLACE_END - 1);
}

/* What an event is about: a UUID (album, message, participant, link, device) or a hash (photo). */
struct entity {
	uint8_t bytes[32];
	uint8_t len; /* 16, 32, or 0 for none */
};

struct entity entity_from_uuid(const struct uuid *id);
struct entity entity_from_hash(const struct sha256 *hash);
bool entity_equal(const struct entity *a, const struct entity *b);
bool entity_is_uuid(const struct entity *e, const struct uuid *id);
#define DB_ENTITY(n, e) DB_BLOB((n), (e)->bytes, (e)->len)

enum event_state { EVENT_CONFIRMED = 0, EVENT_PENDING, EVENT_REJECTED };

struct event_kind;

/* One event.  From event_next, texts are valid until the next call. */
struct event {
	int64_t key;   /* album << 40 | place; 0 before it is stored */
	int64_t album; /* the album's key */
	struct uuid id;
	char kind[EVENT_KIND_MAX];
	const struct event_kind *known; /* NULL: a kind of the future */
	struct entity about;            /* always set; its own id if it makes the entity */
	struct uuid author, device;
	int64_t time;     /* the author's clock, ms */
	int64_t seq, at;  /* 0 until confirmed */
	const char *body; /* canonical JSON, NULL once erased; borrowed */
	size_t body_len;
	const json_t *json; /* the same, parsed; NULL once erased; borrowed */
	uint8_t salt[EVENT_SALT_LEN];
	struct sha256 body_hash; /* of salt and body: set when erased, else computed when needed */
	struct sha256 chain;     /* set when confirmed and stored */
};

/* The time that counts: `at`, or the author's while pending. */
static inline int64_t event_when(const struct event *e)
{
	return e->at ? e->at : e->time;
}

enum event_state event_state_of(int64_t key);

/* --- the log ---------------------------------------------------------------------------- */

struct event_log; /* one per connection */

/* `store` is this store's id: albums whose home it is are numbered here.  Borrows db and clock.
 * FAILED if the table of kinds is unsound (a kind without a right: fail closed). */
int event_log_open(struct db *db, const struct clock *clock, const struct uuid *store,
	struct event_log **out, struct err *err);
void event_log_close(struct event_log *log);
struct db *event_log_db(struct event_log *log);

struct event_tx;
/* `who` names the writer in errors.  Raises the store's rev. */
int event_begin(struct event_log *log, const char *who, struct event_tx **out, struct err *err);
int event_commit(struct event_tx **tx, struct err *err); /* also rolls back on failure */
void event_rollback(struct event_tx **tx);               /* NULL is fine */
#define _cleanup_event_tx_ _cleanup_(event_rollback)
int64_t event_rev(const struct event_tx *tx);
/* Writes heads and totals to their rows before the commit does, for who reads them in the transaction. */
int event_flush(struct event_tx *tx, struct err *err);
/* Who may do what changes with this transaction: the commit sets the meta row 'access' to its rev.  Events
 * that change members do so by themselves. */
void event_touch_access(struct event_tx *tx);
/* True after an event failed half-way: the transaction can only be rolled back. */
bool event_is_broken(const struct event_tx *tx);
/* True once the transaction has been held so long that bulk work should commit (50 ms rule). */
bool event_should_commit(const struct event_tx *tx);

struct album_facts { /* a row of `album` */
	int64_t key;
	struct uuid id, home;
	char kind[8]; /* "album" or "self" */
	int64_t epoch, head, at, rev;
	struct sha256 chain;
};

/* Makes the album's row (its first event must be album.create).  `home` NULL: this store.
 * CONFLICT if the id or the slug is taken.  slug may be NULL. */
int event_album_add(struct event_tx *tx, const struct uuid *id, const char *kind,
	const struct uuid *home, const char *slug, int64_t *key, struct err *err);
/* 1 found, 0 no such album, -1 failed. */
int event_album_find(
	struct db *db, const struct uuid *id, struct album_facts *out, struct err *err);
int event_album_get(struct db *db, int64_t key, struct album_facts *out, struct err *err);
/* Marks the album as of a new life: restore and rehome.  `home` NULL: unchanged. */
int event_album_raise_epoch(
	struct event_tx *tx, int64_t album, const struct uuid *home, struct err *err);

struct draft {
	int64_t album;  /* key */
	struct uuid id; /* nil: one is made */
	const char *kind;
	struct entity about; /* len 0: the event makes the entity, which has the event's id */
	struct uuid author, device;
	int64_t time;       /* 0: now */
	const json_t *body; /* borrowed; NULL: {} */
	const uint8_t
		*salt; /* EVENT_SALT_LEN bytes that the author's store made; NULL: made here */
	bool trusted;  /* the store itself restores known history: no authorization */
};

struct receipt {
	int64_t key;
	struct uuid id;
	int64_t seq, at; /* 0 while pending */
	bool duplicate;
};

int event_submit(
	struct event_tx *tx, const struct draft *draft, struct receipt *out, struct err *err);

/* A confirmed event from the album's home: must be head + 1.  Body NULL means erased; body_hash is
 * then taken from it.  An event that is here as pending is confirmed by it.  An event at or below
 * head is compared and ignored, CONFLICT if it differs. */
int event_receive(struct event_tx *tx, const struct event *event, struct err *err);
/* The home gave our pending event its place.  Must be head + 1. */
int event_confirm(struct event_tx *tx, int64_t album, const struct uuid *id, int64_t seq,
	int64_t at, struct err *err);
/* The home refused it: kept, out of the view. */
int event_reject(struct event_tx *tx, int64_t album, const struct uuid *id, enum err_kind kind,
	const char *reason, struct err *err);

/* --- reading ---------------------------------------------------------------------------- */

struct event_reader; /* iterates one album's events by key */
/* Places in [from, to); EVENT_PLACE_END for all. */
int event_read(struct db *db, int64_t album, int64_t from, int64_t to, struct event_reader **out,
	struct err *err);
/* The same, newest first. */
int event_read_back(struct db *db, int64_t album, int64_t from, int64_t to,
	struct event_reader **out, struct err *err);
/* The events of one entity in folding order, rejected ones left out. */
int event_read_entity(struct db *db, int64_t album, const struct entity *about,
	struct event_reader **out, struct err *err);
int event_next(struct event_reader *r, struct event *out, struct err *err); /* 1, 0 end, -1 */
void event_reader_close(struct event_reader **r);
#define _cleanup_event_reader_ _cleanup_(event_reader_close)

/* 1 found (into *key), 0 not, -1 failed. */
int event_find(struct db *db, int64_t album, const struct uuid *id, int64_t *key, struct err *err);

/* One line that tells the event to people, without time and author: "said: hello".  Safe for a
 * terminal. */
int event_tell(const struct event *e, struct str *out, struct err *err);

/* --- keeping ---------------------------------------------------------------------------- */

/* Recomputes digests and chain of an album from the first event.  DAMAGED names the seq that
 * does not fit.  *checked counts events. */
int event_verify(struct db *db, int64_t album, int64_t *checked, struct err *err);

/* Drops the views and replays all logs in one transaction.  `words`: also the full-text index.
 * progress(data, done, total) may be NULL; a non-zero return stops with INTERRUPTED. */
int event_rebuild(struct event_log *log, bool words,
	int (*progress)(void *data, int64_t done, int64_t total), void *data, int64_t *replayed,
	struct err *err);
/* DAMAGED unless the album's views are the fold of its log.  Changes nothing, but holds the writers' lock
 * while it replays the album. */
int event_check_views(struct event_log *log, int64_t album, struct err *err);
/* A hash over all rows of the view tables: two stores with the same log have the same.  */
int event_view_digest(struct db *db, int64_t album, struct sha256 *out, struct err *err);

/* SQL: the words of a row of `event` that are searched (message, caption, tags, names, titles); NULL
 * for none, and where a body is damaged.  What is in fts_event for a key is exactly this. */
#define EVENT_WORDS                                                                                \
	"CASE WHEN json_valid(body) THEN"                                                          \
	" coalesce(json_extract(body, '$.text'), json_extract(body, '$.add'),"                     \
	" json_extract(body, '$.name'), json_extract(body, '$.title')) END"

/* Feeds confirmed events that are not in the full-text index yet, at most `max`, in its own
 * transaction; *left says how many remain. */
int event_words_feed(struct event_log *log, int64_t max, int64_t *left, struct err *err);
/* Rewrites the index, in many short transactions, so that no erased word remains in its pages, then
 * empties the WAL.  Call after erasing (outside a transaction).  Should the process die before, the
 * purge is owed: 1, else 0, or -1; store_settle then does it. */
int event_words_purge(struct event_log *log, struct err *err);
int event_words_purge_owed(struct db *db, struct err *err);

#endif
