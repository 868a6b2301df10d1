/* file.c - checking, copying and checkpointing a whole database; see db.h.
 *
 * Invariant: a backup appears under its name only when it is whole, checked and flushed.
 */
#include "db/connection.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_TEXT_MAX      8192
#define CHECKPOINT_WAIT_MS 200 /* for readers, while other writers queue behind us */

static const struct db_sql sql_full_check = {"integrity_check", "PRAGMA integrity_check(1)"};
static const struct db_sql sql_quick_check = {"quick_check", "PRAGMA quick_check(1)"};
static const struct db_sql sql_data_version = {"data_version", "PRAGMA data_version"};

/* The complaint itself: SQLite may put a line "*** in database main ***" before it. */
static const char *last_line(const char *text)
{
	const char *newline = strrchr(text, '\n');

	return newline ? newline + 1 : text;
}

int db_check(struct db *db, bool full, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	const char *said;

	if (db_query0(db, full ? &sql_full_check : &sql_quick_check, &rows, err) ||
		db_next(&rows, err) < 0)
		return -1;
	said = rows.statement ? db_text(&rows, 0) : NULL;
	if (said && strcmp(said, "ok") == 0)
		return 0;
	return err_set(err, ERR_DAMAGED, "%s is damaged: %s", db->path,
		said ? last_line(said) : "no answer");
}

int db_data_version(struct db *db, int64_t *out, struct err *err)
{
	int got = db_get_int_values(db, &sql_data_version, NULL, 0, out, err);

	if (got == 1)
		return 0;
	return got < 0 ? -1 : err_set(err, ERR_FAILED, "SQLite knows no data_version");
}

int db_checkpoint(struct db *db, struct err *err)
{
	int code;

	if (db_in_transaction(db))
		return err_set(err, ERR_FAILED, "cannot checkpoint inside the transaction of %s",
			db->opener);
	if (db->mode == DB_READ_ONLY)
		return err_set(err, ERR_DENIED, "%s is open for reading only", db->path);
	if (db_lock(db, err))
		return -1;
	sqlite3_busy_timeout(db->handle, CHECKPOINT_WAIT_MS);
	code = sqlite3_wal_checkpoint_v2(
		db->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(db->handle, DB_BUSY_TIMEOUT_MS);
	if (code != SQLITE_OK)
		db_fail(db, "checkpoint", err);
	db_unlock(db);
	return code == SQLITE_OK ? 0 : -1;
}

/* --- backup ----------------------------------------------------------------------------- */

static int copy_pages(struct db *db, sqlite3 *to, const char *path, struct err *err)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", db->handle, "main");

	if (!backup)
		return db_fail_handle(to, path, "backup", err);
	/* All in one step: the copy is of one instant, and in WAL mode writers go on meanwhile. */
	sqlite3_backup_step(backup, -1);
	if (sqlite3_backup_finish(backup) != SQLITE_OK)
		return db_fail_handle(to, path, "backup", err);
	return 0;
}

static int note_answer(void *first, int columns, char **values, char **names)
{
	struct str *answer = first;

	(void)names;
	if (answer->len == 0 && columns > 0 && values[0])
		str_addz(answer, values[0]);
	return 0;
}

/* Copies into the empty file `path` and checks the copy.  journal_mode=DELETE makes it one file that
 * also a read-only medium can hold; opening it for writing makes it WAL again. */
static int fill_copy(struct db *db, sqlite3 *to, const char *path, struct err *err)
{
	_cleanup_str_ struct str answer = STR_INIT(4096);

	if (sqlite3_exec(to, "PRAGMA synchronous=OFF", NULL, NULL, NULL) != SQLITE_OK)
		return db_fail_handle(to, path, "backup", err);
	if (copy_pages(db, to, path, err))
		return -1;
	if (sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_exec(to, "PRAGMA integrity_check(1)", note_answer, &answer, NULL) !=
			SQLITE_OK)
		return db_fail_handle(to, path, "backup", err);
	if (strcmp(answer.data, "ok") != 0)
		return err_set(
			err, ERR_DAMAGED, "the copy of %s is damaged: %s", db->path, answer.data);
	return 0;
}

static int make_copy(struct db *db, const char *path, int fd, struct err *err)
{
	sqlite3 *to = NULL;
	int failed;

	if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
		SQLITE_OK)
		failed = db_fail_handle(to, path, "backup", err);
	else
		failed = fill_copy(db, to, path, err);
	sqlite3_close(to);
	if (!failed && fsync(fd))
		failed = err_errno(err, "cannot flush %s", path);
	return failed;
}

static void remove_copy(const char *path)
{
	static const char *const endings[] = {"", "-journal", "-wal", "-shm"};

	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		_cleanup_str_ struct str name = STR_INIT(PATH_TEXT_MAX);

		str_addf(&name, "%s%s", path, endings[i]);
		if (name.len)
			unlink(name.data);
	}
}

int db_backup(struct db *db, const char *to_path, struct err *err)
{
	_cleanup_free_ char *dir = mem_strndup(to_path, (size_t)(path_base(to_path) - to_path));
	_cleanup_str_ struct str temporary = STR_INIT(PATH_TEXT_MAX);
	_cleanup_close_ int fd = -1;

	if (db_in_transaction(db))
		return err_set(
			err, ERR_FAILED, "cannot copy inside the transaction of %s", db->opener);
	str_addf(&temporary, "%s.tmp.%ld", to_path, (long)getpid());
	if (!dir || str_check(&temporary, err))
		return err_no_memory(err);
	remove_copy(temporary.data); /* what a killed process of the same number left */
	fd = open(temporary.data, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "cannot write %s", to_path);
	if (make_copy(db, temporary.data, fd, err)) {
		remove_copy(temporary.data);
		return -1;
	}
	if (rename(temporary.data, to_path)) {
		err_errno(err, "cannot rename to %s", to_path);
		remove_copy(temporary.data);
		return -1;
	}
	return path_sync_dir(*dir ? dir : ".", err);
}
