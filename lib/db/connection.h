/* connection.h - what the files of the db room share about an open database.
 *
 * Internal to the room: nobody else sees SQLite's types.
 */
#ifndef PINHOLE_DB_CONNECTION_H
#define PINHOLE_DB_CONNECTION_H

#include "db/db.h"

#include <sqlite3.h>

struct prepared; /* a statement in the cache: statement.c */

#define DB_BUSY_TIMEOUT_MS 10000 /* our own writers queue on the lock file; this is for others */

struct db {
	sqlite3 *handle;
	char *path;
	enum db_mode mode;
	struct prepared *cache;
	int64_t changes;    /* rows touched by the last db_run */
	const char *opener; /* who began the open transaction; NULL when there is none */
	bool writing;       /* that transaction may write, and lock_fd is locked */
	bool committing;    /* db_commit is at work; any other commit is refused */
	int64_t began_us;   /* when the write transaction had its lock, monotonic clock */
	bool scratch;       /* in memory: nobody to exclude */
	int lock_fd;        /* the lock file beside the database, -1 until first needed */
};

/* Turns SQLite's last error on this connection into ours; `what` names the statement or step.
 * Returns -1. */
int db_fail(struct db *db, const char *what, struct err *err);

/* The same for a handle that has no struct db. */
int db_fail_handle(sqlite3 *handle, const char *path, const char *what, struct err *err);

/* Finalises all cached statements. */
void db_forget_statements(struct db *db);

/* Takes the lock file beside the database, waiting for whoever holds it. */
int db_lock(struct db *db, struct err *err);
void db_unlock(struct db *db);

/* The commit hook: non-zero (refused) unless db_commit is at work. */
int db_commit_is_foreign(void *db);

#endif
