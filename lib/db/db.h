/* db.h - the one room that knows SQLite.
 *
 * A statement is a static definition; the connection prepares it once and keeps it:
 *
 *	static const struct db_sql album_by_slug = {
 *		"album_by_slug", "SELECT key, title FROM view_album WHERE slug = :slug",
 *	};
 *
 *	if (db_run(db, &album_touch, err, DB_INT(":rev", rev), DB_INT(":key", key)))
 *		return -1;
 *
 *	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
 *	if (db_query(db, &album_by_slug, &rows, err, DB_TEXTZ(":slug", slug)))
 *		return -1;
 *	while (db_next(&rows, err) == 1)
 *		key = db_int(&rows, 0);
 *	if (rows.failed)			db_next said -1
 *		return -1;
 *
 * Parameters are named in SQL and given in the order of their first appearance (checked).
 * Column pointers are valid until the next db_next.  A db is used by one thread at a time.
 */
#ifndef PINHOLE_DB_DB_H
#define PINHOLE_DB_DB_H

#include "base/err.h"
#include "base/mem.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct sqlite3_stmt;

struct db_sql {
	const char *name; /* for error messages and tests */
	const char *text; /* one statement */
};

enum db_type { DB_NULL_T = 0, DB_INT_T, DB_TEXT_T, DB_BLOB_T, DB_REAL_T };

struct db_value {
	const char *name; /* ":album" */
	enum db_type type;
	int64_t integer;
	double real;
	const void *bytes; /* borrowed until the call (db_run) or the rows are closed (db_query) */
	size_t len;
};

#define DB_INT(n, v)     ((struct db_value){.name = (n), .type = DB_INT_T, .integer = (int64_t)(v)})
#define DB_REAL(n, v)    ((struct db_value){.name = (n), .type = DB_REAL_T, .real = (v)})
#define DB_TEXT(n, p, l) db_value_bytes((n), DB_TEXT_T, (p), (l)) /* a NULL pointer binds NULL */
#define DB_TEXTZ(n, p)   db_value_textz((n), (p))
#define DB_BLOB(n, p, l) db_value_bytes((n), DB_BLOB_T, (p), (l))
#define DB_UUID(n, u)    db_value_uuid((n), (u))
#define DB_NULL(n)       ((struct db_value){.name = (n), .type = DB_NULL_T})

static inline struct db_value db_value_bytes(
	const char *name, enum db_type type, const void *bytes, size_t len)
{
	return (struct db_value){
		.name = name, .type = bytes ? type : DB_NULL_T, .bytes = bytes, .len = len};
}

struct db_value db_value_textz(const char *name, const char *text);
struct db_value db_value_uuid(const char *name, const struct uuid *id);

/* --- connection ------------------------------------------------------------------------- */

enum db_mode {
	DB_READ_ONLY,  /* readers; never writes, not even the WAL index of another user */
	DB_READ_WRITE, /* an existing file */
	DB_CREATE,     /* makes the file; CONFLICT if it exists */
};

/* Opens with the house pragmas: WAL, synchronous=FULL, foreign_keys, secure_delete, trusted_schema
 * off, defensive.  DAMAGED if it is not a database, NOT_FOUND if absent. */
int db_open(const char *path, enum db_mode mode, struct db **out, struct err *err);
void db_close(struct db *db); /* NULL is fine */

/* A private database in memory, for one piece of work: searching a few texts as full text does.  It
 * takes no lock and leaves nothing behind; writes need db_begin as everywhere. */
int db_open_scratch(struct db **out, struct err *err);

/* --- statements ------------------------------------------------------------------------- */

#define db_run(db, sql, err, ...)                                                                  \
	db_run_values((db), (sql), (struct db_value[]){__VA_ARGS__},                               \
		sizeof((struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value), (err))
#define db_run0(db, sql, err) db_run_values((db), (sql), NULL, 0, (err))
int db_run_values(struct db *db, const struct db_sql *sql, const struct db_value *values,
	size_t count, struct err *err);
int64_t db_changes(const struct db *db); /* rows touched by the last db_run */
/* Rows written since the connection was opened, those behind virtual tables included. */
int64_t db_total_changes(const struct db *db);

struct db_rows {
	struct db *db;
	struct sqlite3_stmt *statement;
	const struct db_sql *sql;
	bool owned; /* finalised at close: a text made at run time, or one already in use */
	bool failed;
};
#define DB_ROWS_INIT                                                                               \
	{                                                                                          \
		.db = NULL                                                                         \
	}

#define db_query(db, sql, rows, err, ...)                                                          \
	db_query_values((db), (sql), (rows), (struct db_value[]){__VA_ARGS__},                     \
		sizeof((struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value), (err))
#define db_query0(db, sql, rows, err) db_query_values((db), (sql), (rows), NULL, 0, (err))
int db_query_values(struct db *db, const struct db_sql *sql, struct db_rows *rows,
	const struct db_value *values, size_t count, struct err *err);
/* As db_query with a text built at run time from constant parts (never from input). */
int db_query_text(struct db *db, const char *text, struct db_rows *rows,
	const struct db_value *values, size_t count, struct err *err);
int db_next(struct db_rows *rows, struct err *err); /* 1 a row, 0 the end, -1 failed */
void db_rows_close(struct db_rows *rows);
#define _cleanup_rows_ _cleanup_(db_rows_close)

int64_t db_int(const struct db_rows *rows, int column); /* NULL reads as 0 */
double db_real(const struct db_rows *rows, int column);
bool db_is_null(const struct db_rows *rows, int column);
const char *db_text(const struct db_rows *rows, int column); /* NULL for NULL; NUL-terminated */
const void *db_blob(const struct db_rows *rows, int column, size_t *len);
/* -1 with DAMAGED unless the column is a 16-byte blob. */
int db_uuid(const struct db_rows *rows, int column, struct uuid *out, struct err *err);

/* One integer from the first row and column: 1 found (into *out), 0 no row or NULL, -1 failed. */
#define db_get_int(db, sql, out, err, ...)                                                         \
	db_get_int_values((db), (sql), (struct db_value[]){__VA_ARGS__},                           \
		sizeof((struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value), (out), (err))
int db_get_int_values(struct db *db, const struct db_sql *sql, const struct db_value *values,
	size_t count, int64_t *out, struct err *err);

/* Runs several statements of constant text (schema, pragmas). */
int db_script(struct db *db, const char *text, struct err *err);

/* --- transactions ----------------------------------------------------------------------- */

/* Write transactions: queue on the file `lock` beside the database (blocking flock), then BEGIN
 * IMMEDIATE.  They do not nest; `who`, a string constant, names the opener in errors.  Keep one under
 * 50 ms.  A statement that writes is refused (FAILED) outside of one, and so is a COMMIT that does not come
 * from db_commit. */
struct db_tx {
	struct db *db;
	const char *who;
};
#define DB_TX_INIT                                                                                 \
	{                                                                                          \
		.db = NULL                                                                         \
	}
int db_begin(struct db *db, const char *who, struct db_tx *tx, struct err *err);
int db_commit(struct db_tx *tx, struct err *err);
void db_rollback(struct db_tx *tx); /* also the cleanup: does nothing after a commit */
#define _cleanup_tx_ _cleanup_(db_rollback)
bool db_in_transaction(const struct db *db);
/* A consistent read over several queries: BEGIN DEFERRED ... */
int db_begin_read(struct db *db, struct db_tx *tx, struct err *err);
/* How long the open write transaction has been held, ms (0 if none): long work chunks by it. */
int64_t db_held_ms(const struct db *db);

/* --- whole files ------------------------------------------------------------------------ */

/* PRAGMA integrity_check (full) or quick_check; DAMAGED with the first complaint. */
int db_check(struct db *db, bool full, struct err *err);
/* The full one on a thread and a connection of its own, of the state that is committed now, while the caller
 * goes on; end waits for its answer (0 where none was begun), abandon makes it stop. */
struct db_checking;
int db_check_begin(struct db *db, struct db_checking **out, struct err *err);
int db_check_end(struct db_checking **checking, struct err *err);
void db_check_abandon(struct db_checking **checking); /* also the cleanup */
/* A consistent copy of one instant (SQLite's online backup), fsynced. */
int db_backup(struct db *db, const char *to_path, struct err *err);
/* Checkpoints and truncates the WAL, so that overwritten bytes are gone from it.  LOCKED, soon, while
 * somebody reads an older state of the database. */
int db_checkpoint(struct db *db, struct err *err);
/* Changes when another connection committed (PRAGMA data_version). */
int db_data_version(struct db *db, int64_t *out, struct err *err);

#endif
