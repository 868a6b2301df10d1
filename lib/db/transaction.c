/* transaction.c - read and write transactions and the lock on which writers queue; see db.h.
 *
 * SQLite's own lock is polled; with flock(2) the kernel wakes the next writer in turn and frees
 * the lock of one that dies.  Invariant: whoever writes through this room holds the lock file, and only
 * db_commit, called with the transaction that db_begin filled, makes writes last.
 */
#include "db/connection.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PATH_TEXT_MAX 8192

/* The file `lock` in the database's directory.  It is never removed: a lock on a removed file
 * would exclude nobody. */
static int open_lock(struct db *db, struct err *err)
{
	_cleanup_str_ struct str path = STR_INIT(PATH_TEXT_MAX);

	str_add(&path, db->path, (size_t)(path_base(db->path) - db->path));
	str_addz(&path, "lock");
	if (str_check(&path, err))
		return -1;
	db->lock_fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (db->lock_fd < 0)
		return err_errno(err, "cannot open %s", path.data);
	return 0;
}

int db_lock(struct db *db, struct err *err)
{
	if (db->scratch)
		return 0;
	if (db->lock_fd < 0 && open_lock(db, err))
		return -1;
	/* A signal whose handler does not restart calls ends the wait: ^C works while queueing. */
	if (flock(db->lock_fd, LOCK_EX))
		return err_errno(err, "cannot lock %s", db->path);
	return 0;
}

void db_unlock(struct db *db)
{
	if (!db->scratch)
		flock(db->lock_fd, LOCK_UN);
}

int db_commit_is_foreign(void *data)
{
	const struct db *db = data;

	return !db->committing;
}

static int run_text(struct db *db, const char *text, const char *who, struct err *err)
{
	errno = 0; /* db_fail asks it why a commit failed */
	if (sqlite3_exec(db->handle, text, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(db, who, err);
	return 0;
}

static int check_none_open(const struct db *db, const char *who, struct err *err)
{
	if (db->opener)
		return err_set(err, ERR_FAILED,
			"%s cannot begin a transaction: the one of %s is still open", who,
			db->opener);
	return 0;
}

int db_begin(struct db *db, const char *who, struct db_tx *tx, struct err *err)
{
	if (check_none_open(db, who, err))
		return -1;
	if (db->mode == DB_READ_ONLY)
		return err_set(err, ERR_DENIED, "%s is open for reading only", db->path);
	if (db_lock(db, err))
		return -1;
	if (run_text(db, "BEGIN IMMEDIATE", who, err)) {
		db_unlock(db);
		return -1;
	}
	db->opener = who;
	db->writing = true;
	db->began_us = clock_mono_us(&clock_system);
	tx->db = db;
	tx->who = who;
	return 0;
}

int db_begin_read(struct db *db, struct db_tx *tx, struct err *err)
{
	static const char who[] = "a reader";

	if (check_none_open(db, who, err) || run_text(db, "BEGIN DEFERRED", who, err))
		return -1;
	db->opener = who;
	tx->db = db;
	tx->who = who;
	return 0;
}

static void end(struct db_tx *tx)
{
	struct db *db = tx->db;

	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	if (db->writing)
		db_unlock(db);
	db->writing = false;
	db->opener = NULL;
	tx->db = NULL;
}

int db_commit(struct db_tx *tx, struct err *err)
{
	struct db *db = tx->db;
	int failed;

	if (!db || db->opener != tx->who)
		return err_set(
			err, ERR_FAILED, "this transaction is not open, so it cannot commit");
	if (sqlite3_get_autocommit(db->handle)) {
		end(tx);
		return err_set(err, ERR_FAILED,
			"the transaction of %s was undone by an earlier error", tx->who);
	}
	db->committing = true;
	failed = run_text(db, "COMMIT", tx->who, err);
	db->committing = false;
	end(tx);
	return failed;
}

void db_rollback(struct db_tx *tx)
{
	if (tx->db && tx->db->opener == tx->who)
		end(tx);
}

bool db_in_transaction(const struct db *db)
{
	return db->opener != NULL;
}

int64_t db_held_ms(const struct db *db)
{
	return db->writing ? (clock_mono_us(&clock_system) - db->began_us) / 1000 : 0;
}
