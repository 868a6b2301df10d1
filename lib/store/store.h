/* store.h - an open store: what commands hold.
 *
 *	struct store *store;
 *	store_open(dir, STORE_WRITE, clock, log, &store, err);
 *	...
 *	store_close(store);
 *
 * A store is one directory (DESIGN section 2): pinhole.db, objects/, cache/, config, hooks/.  Its
 * owner is a user with an id; in every album made here the owner is a participant by that id.
 * The struct's fields are for reading.
 */
#ifndef PINHOLE_STORE_STORE_H
#define PINHOLE_STORE_STORE_H

#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"
#include "event/event.h"
#include "object/object.h"

enum store_mode { STORE_READ, STORE_WRITE };

struct store {
	char *dir; /* absolute */
	enum store_mode mode;
	struct db *db;
	struct event_log *events;
	struct objects *objects;
	const struct clock *clock;
	const struct log *log; /* may be NULL */
	struct uuid id, owner, device;
	struct uuid actor; /* who acts: the owner, or whom a server acts for */
	char actor_name[256];
	bool trusted;        /* what is drafted is the store's own doing: see struct draft */
	struct event_tx *tx; /* a server's open transaction, which store_begin joins; else NULL */
	char owner_name[256];
	char region[3]; /* ISO 3166, "" if unknown */
	int64_t created;
	char **cache_roots; /* see variant_use_roots */
	size_t cache_root_count;
};

struct store_identity {
	const char *name;   /* the owner's shown name */
	const char *phone;  /* E.164 or NULL */
	const char *region; /* two letters or NULL */
};

/* Makes a store in `dir` (made if absent) and its owner with a self album.  CONFLICT if there is a store, or
 * anything else but an empty directory (a store is never laid over other files). */
int store_init(const char *dir, const struct store_identity *identity, const struct clock *clock,
	struct err *err);

/* NO_STORE if there is none, DENIED if it belongs to another uid (hint: sudo -u): for who reads other files
 * of the store before it is opened. */
int store_check_owner(const char *dir, struct err *err);
/* NO_STORE, DENIED as above; TOO_NEW.  Opening
 * for writing migrates, and rebuilds views of an older version. */
int store_open(const char *dir, enum store_mode mode, const struct clock *clock,
	const struct log *log, struct store **out, struct err *err);
void store_close(struct store *store); /* NULL is fine */

/* The path of something in the store's directory; free it, NULL on no memory. */
char *store_path(const struct store *store, const char *name);

/* meta: small facts about the store.  1 found (free *out), 0 not, -1 failed. */
int store_meta_get(struct store *store, const char *name, char **out, struct err *err);
/* In an open transaction. */
int store_meta_set(struct store *store, const char *name, const char *value, struct err *err);

/* --- a transaction ------------------------------------------------------------------------------ */

/* A command's own transaction, or a part of the one that a server holds open for several requests: then
 * committing leaves it open, and giving up leaves it to the server to roll all back.
 *
 *	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
 *
 *	if (store_begin(store, "send", &tx, err) || event_submit(tx.tx, &draft, &receipt, err))
 *		return -1;
 *	return store_commit(&tx, err);
 */
struct store_tx {
	struct event_tx *tx;
	bool joined;
};
#define STORE_TX_INIT                                                                              \
	{                                                                                          \
		.tx = NULL                                                                         \
	}
int store_begin(struct store *store, const char *who, struct store_tx *tx, struct err *err);
int store_commit(struct store_tx *tx, struct err *err);
void store_rollback(struct store_tx *tx);
/* For what changes accounts, sessions or keys: see event_touch_access.  A server drops what it remembers of callers and
 * memberships when the meta row 'access' (a rev; absent: 0) moves. */
void store_touch_access(struct store_tx *tx);
#define _cleanup_store_tx_ _cleanup_(store_rollback)

/* --- one event at a time: what most commands need ------------------------------------------- */

/* Fills a draft with who acts as author and this device. */
void store_draft(const struct store *store, int64_t album, const char *kind, struct draft *out);
/* begin, submit, commit.  Takes `body` over (NULL after a failed wire_set_*: NO_MEMORY). */
int store_submit(struct store *store, struct draft *draft, json_t *body, struct receipt *out,
	struct err *err);
/* Feeds the full-text index if enough has gathered, and ends erasing that a killed process began;
 * called at the end of commands that write.  Does nothing inside a server's transaction. */
int store_settle(struct store *store, struct err *err);
/* One step of it, some 20 ms: for who has others waiting.  *left: events that are still to be fed, 0 when it is not
 * worth going on. */
int store_settle_some(struct store *store, int64_t *left, struct err *err);
/* After erasing: takes the words out of the full text's pages, the WAL and the copy that was made before a
 * migration.  LOCKED while somebody reads an older state: the debt stays, and store_settle of a
 * later command pays it. */
int store_purge(struct store *store, struct err *err);

#endif
