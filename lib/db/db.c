/* db.c - opening and closing a database, and what SQLite's errors mean; see db.h.
 *
 * Statements are in statement.c, transactions in transaction.c, whole files in file.c.  Invariant:
 * every open connection has the house settings; none can be opened without them.
 */
#include "db/connection.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define URI_MAX (3 * 8192)

/* None of these touches the disk by itself.  No mmap: faulting pages in took longer than copying them
 * (a page of talk among a million: 126 against 128 to 264 us), and an I/O error would be a SIGBUS. */
static const char settings_for_all[] = "PRAGMA temp_store=MEMORY;" /* erased text reaches no file */
				       "PRAGMA cell_size_check=ON;"
				       "PRAGMA cache_size=-16384;"; /* KiB */
static const char settings_for_writers[] = "PRAGMA journal_mode=WAL;"
					   "PRAGMA synchronous=FULL;"
					   "PRAGMA secure_delete=ON;";
/* Reads page 1, so that a file that is no database is known at once. */
static const char probe[] = "PRAGMA schema_version;";

static bool is_no_space(int number)
{
	/* A limit on the size of files is a quota too. */
	return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

/* What the system call said that SQLite reports as a failed open or as an I/O error.  For a commit SQLite
 * does not note it, so errno is asked too (it is cleared before each commit). */
static enum err_kind kind_of_system(sqlite3 *handle, int last_errno)
{
	int noted = sqlite3_system_errno(handle);

	if (is_no_space(noted) || is_no_space(last_errno))
		return ERR_NO_SPACE;
	switch (noted) {
	case ENOENT:
		return ERR_NOT_FOUND;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_DENIED;
	default:
		return ERR_FAILED;
	}
}

static enum err_kind kind_of(sqlite3 *handle, int code, int last_errno)
{
	if (code == SQLITE_IOERR_NOMEM)
		return ERR_NO_MEMORY;
	if (code == SQLITE_CONSTRAINT_COMMITHOOK)
		return ERR_FAILED;
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_LOCKED;
	case SQLITE_FULL:
		return ERR_NO_SPACE;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_DAMAGED;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return ERR_DENIED;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		return kind_of_system(handle, last_errno);
	case SQLITE_CONSTRAINT:
		return ERR_CONFLICT;
	case SQLITE_NOMEM:
		return ERR_NO_MEMORY;
	case SQLITE_INTERRUPT:
		return ERR_INTERRUPTED;
	case SQLITE_TOOBIG:
		return ERR_TOO_LARGE;
	default:
		return ERR_FAILED;
	}
}

int db_fail_handle(sqlite3 *handle, const char *path, const char *what, struct err *err)
{
	int last_errno = errno, code = handle ? sqlite3_extended_errcode(handle) : SQLITE_NOMEM;
	enum err_kind kind = kind_of(handle, code, last_errno);

	if (kind == ERR_NO_MEMORY)
		return err_no_memory(err);
	err_set(err, kind, "%s: %s (%s, SQLite code %d)", path_base(path), sqlite3_errmsg(handle),
		what, code);
	if (kind == ERR_LOCKED)
		return err_hint(
			err, "another program is using %s: try again when it is done", path);
	if (kind == ERR_DAMAGED)
		return err_hint(err, "run `pinhole fsck`, or restore the store from a backup");
	return -1;
}

int db_fail(struct db *db, const char *what, struct err *err)
{
	return db_fail_handle(db->handle, db->path, what, err);
}

/* A file: URI for a path of any bytes (https://www.sqlite.org/uri.html): '%', '?' and '#' have
 * a meaning there. */
static int make_immutable_uri(const char *path, struct str *uri, struct err *err)
{
	str_addz(uri, *path == '/' ? "file://" : "file:");
	for (const char *p = path; *p; p++) {
		if (*p == '%' || *p == '?' || *p == '#')
			str_addf(uri, "%%%02X", (unsigned)*p);
		else
			str_addc(uri, *p);
	}
	str_addz(uri, "?immutable=1");
	return str_check(uri, err);
}

static void close_handle(struct db *db)
{
	sqlite3_close_v2(db->handle);
	db->handle = NULL;
}

/* Opens the handle and gives it all settings that are calls and not pragmas. */
static int open_handle(struct db *db, const char *name, int flags, struct err *err)
{
	if (sqlite3_open_v2(name, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		db_fail(db, "open", err);
		close_handle(db);
		return -1;
	}
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, DB_BUSY_TIMEOUT_MS);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	return 0;
}

static int run_settings(struct db *db, const char *text, struct err *err)
{
	if (sqlite3_exec(db->handle, text, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	db_fail(db, "open", err);
	return -1;
}

static bool has_wal(const char *path)
{
	_cleanup_str_ struct str wal = STR_INIT(URI_MAX);
	struct stat st;

	str_addf(&wal, "%s-wal", path);
	return str_check(&wal, NULL) || (stat(wal.data, &st) == 0 && st.st_size > 0);
}

/* The index file of the WAL can be neither opened nor made. */
static bool lacks_index(sqlite3 *handle)
{
	int code = sqlite3_extended_errcode(handle), base = code & 0xff;

	return base == SQLITE_CANTOPEN || base == SQLITE_READONLY || code == SQLITE_IOERR_SHMSIZE ||
		code == SQLITE_IOERR_SHMOPEN || code == SQLITE_IOERR_SHMMAP;
}

/* A WAL database needs its index file even for reading.  Where there can be none (a read-only medium,
 * a directory of another user, a full disk) and no WAL waits to be read, the file stands still and is
 * read as it is. */
static int open_reader(struct db *db, struct err *err)
{
	_cleanup_str_ struct str uri = STR_INIT(URI_MAX);

	if (open_handle(db, db->path, SQLITE_OPEN_READONLY, err))
		return -1;
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (sqlite3_exec(db->handle, probe, NULL, NULL, NULL) == SQLITE_OK)
		return run_settings(db, settings_for_all, err);
	if (!lacks_index(db->handle) || has_wal(db->path))
		return db_fail(db, "open", err);
	close_handle(db);
	if (make_immutable_uri(db->path, &uri, err) ||
		open_handle(db, uri.data, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err) ||
		run_settings(db, probe, err))
		return -1;
	return run_settings(db, settings_for_all, err);
}

static int open_writer(struct db *db, struct err *err)
{
	if (open_handle(db, db->path, SQLITE_OPEN_READWRITE, err) ||
		run_settings(db, settings_for_all, err) ||
		run_settings(db, settings_for_writers, err))
		return -1;
	sqlite3_commit_hook(db->handle, db_commit_is_foreign, db);
	return 0;
}

static int make_file(const char *path, struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		return 0;
	if (errno == EEXIST)
		return err_set(err, ERR_CONFLICT, "%s exists already", path);
	return err_errno(err, "cannot make %s", path);
}

/* SQLite would take an empty file for an empty database. */
static int check_file(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st))
		return err_errno(err, "cannot open %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_DAMAGED, "%s is not a file", path);
	if (st.st_size == 0)
		return err_set(err, ERR_DAMAGED, "%s is empty, so it is not a database", path);
	return 0;
}

static struct db *make_db(const char *path, enum db_mode mode)
{
	struct db *db = mem_calloc(1, sizeof(*db));

	if (!db)
		return NULL;
	db->lock_fd = -1;
	db->mode = mode;
	db->path = mem_strdup(path);
	if (db->path)
		return db;
	free(db);
	return NULL;
}

int db_open(const char *path, enum db_mode mode, struct db **out, struct err *err)
{
	struct db *db;
	int failed;

	if (mode == DB_CREATE ? make_file(path, err) : check_file(path, err))
		return -1;
	db = make_db(path, mode);
	if (!db)
		failed = err_no_memory(err);
	else
		failed = mode == DB_READ_ONLY ? open_reader(db, err) : open_writer(db, err);
	if (!failed) {
		*out = db;
		return 0;
	}
	db_close(db);
	if (mode == DB_CREATE)
		unlink(path);
	return -1;
}

int db_open_scratch(struct db **out, struct err *err)
{
	struct db *db = make_db(":memory:", DB_CREATE);

	if (!db)
		return err_no_memory(err);
	db->scratch = true;
	if (open_handle(db, db->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err) ||
		run_settings(db, settings_for_all, err)) {
		db_close(db);
		return -1;
	}
	*out = db;
	return 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_forget_statements(db);
	close_handle(db);
	mem_close_fd(&db->lock_fd);
	free(db->path);
	free(db);
}
