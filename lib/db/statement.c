/* statement.c - preparing, binding, stepping and reading columns; see db.h.
 *
 * A statement is prepared once for each connection and found again by the address of its definition.
 * Invariant: a cached statement serves one caller at a time; a second one at the same
 * time gets a copy of its own, and nothing writes outside a write transaction.
 */
#include "db/connection.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* a failed HASH_ADD leaves hh.tbl NULL instead of exiting */
#include <uthash.h>

struct prepared {
	const struct db_sql *sql; /* the key: its address */
	sqlite3_stmt *statement;
	bool in_use;
	UT_hash_handle hh;
};

struct db_value db_value_textz(const char *name, const char *text)
{
	return DB_TEXT(name, text, text ? strlen(text) : 0);
}

struct db_value db_value_uuid(const char *name, const struct uuid *id)
{
	return DB_BLOB(name, id ? id->bytes : NULL, sizeof(id->bytes));
}

/* --- preparing -------------------------------------------------------------------------- */

static bool is_blank(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return *text == '\0';
}

static int prepare(struct db *db, const char *name, const char *text, unsigned flags,
	sqlite3_stmt **out, struct err *err)
{
	sqlite3_stmt *statement;
	const char *rest;

	if (sqlite3_prepare_v3(db->handle, text, -1, flags, &statement, &rest) != SQLITE_OK)
		return db_fail(db, name, err);
	if (!statement || !is_blank(rest)) {
		sqlite3_finalize(statement);
		return err_set(err, ERR_FAILED, "%s: not one statement", name);
	}
	*out = statement;
	return 0;
}

static struct prepared *find_prepared(struct db *db, const struct db_sql *sql)
{
	struct prepared *entry;

	HASH_FIND_PTR(db->cache, &sql, entry);
	return entry;
}

/* Prepares `sql` and keeps it; NULL on failure. */
static struct prepared *add_prepared(struct db *db, const struct db_sql *sql, struct err *err)
{
	_cleanup_free_ struct prepared *entry = mem_calloc(1, sizeof(*entry));

	if (!entry) {
		err_no_memory(err);
		return NULL;
	}
	entry->sql = sql;
	if (prepare(db, sql->name, sql->text, SQLITE_PREPARE_PERSISTENT, &entry->statement, err))
		return NULL;
	HASH_ADD_PTR(db->cache, sql, entry);
	if (!entry->hh.tbl) {
		sqlite3_finalize(entry->statement);
		err_no_memory(err);
		return NULL;
	}
	return mem_steal(&entry);
}

void db_forget_statements(struct db *db)
{
	struct prepared *entry, *next;

	HASH_ITER (hh, db->cache, entry, next) {
		HASH_DEL(db->cache, entry);
		sqlite3_finalize(entry->statement);
		free(entry);
	}
}

/* --- binding ---------------------------------------------------------------------------- */

/* Bytes are bound without a copy: they live until the call or the rows end (db.h). */
static int bind_value(sqlite3_stmt *statement, int at, const struct db_value *value)
{
	switch (value->type) {
	case DB_INT_T:
		return sqlite3_bind_int64(statement, at, value->integer);
	case DB_REAL_T:
		return sqlite3_bind_double(statement, at, value->real);
	case DB_TEXT_T:
		return sqlite3_bind_text64(
			statement, at, value->bytes, value->len, SQLITE_STATIC, SQLITE_UTF8);
	case DB_BLOB_T:
		return sqlite3_bind_blob64(statement, at, value->bytes, value->len, SQLITE_STATIC);
	default:
		return sqlite3_bind_null(statement, at);
	}
}

static int bind_values(struct db *db, const char *name, sqlite3_stmt *statement,
	const struct db_value *values, size_t count, struct err *err)
{
	int wanted = sqlite3_bind_parameter_count(statement);

	if (count != (size_t)wanted)
		return err_set(err, ERR_FAILED, "%s: has %d parameters, %zu were given", name,
			wanted, count);
	for (int i = 0; i < wanted; i++) {
		const char *parameter = sqlite3_bind_parameter_name(statement, i + 1);

		if (!parameter || strcmp(parameter, values[i].name) != 0)
			return err_set(err, ERR_FAILED, "%s: parameter %d is %s, but %s was given",
				name, i + 1, parameter ? parameter : "nameless", values[i].name);
		if (bind_value(statement, i + 1, &values[i]) != SQLITE_OK)
			return db_fail(db, name, err);
	}
	return 0;
}

/* Writes need db_begin: they queue on the lock file there, and a write that SQLite would commit by
 * itself costs a flush each.  SQLite also ends a transaction by itself after some errors
 * (disk full); what follows must not be committed piece by piece. */
static int check_may_write(
	struct db *db, const char *name, sqlite3_stmt *statement, struct err *err)
{
	if (sqlite3_stmt_readonly(statement))
		return 0;
	if (!db->writing)
		return err_set(err, ERR_FAILED, "%s: writes outside a write transaction", name);
	if (sqlite3_get_autocommit(db->handle))
		return err_set(err, ERR_FAILED,
			"%s: the transaction of %s was undone by an earlier error", name,
			db->opener);
	return 0;
}

/* --- running ---------------------------------------------------------------------------- */

static const char *rows_name(const struct db_rows *rows)
{
	return rows->sql ? rows->sql->name : "query";
}

/* Makes `opened` ready to step, then hands it to the caller. */
static int start(struct db_rows *opened, const struct db_value *values, size_t count,
	struct db_rows *rows, struct err *err)
{
	if (bind_values(opened->db, rows_name(opened), opened->statement, values, count, err) ||
		check_may_write(opened->db, rows_name(opened), opened->statement, err)) {
		db_rows_close(opened);
		return -1;
	}
	*rows = *opened;
	return 0;
}

int db_query_values(struct db *db, const struct db_sql *sql, struct db_rows *rows,
	const struct db_value *values, size_t count, struct err *err)
{
	struct db_rows opened = {.db = db, .sql = sql};
	struct prepared *entry = find_prepared(db, sql);

	if (!entry)
		entry = add_prepared(db, sql, err);
	if (!entry)
		return -1;
	if (entry->in_use) {
		opened.owned = true;
		if (prepare(db, sql->name, sql->text, 0, &opened.statement, err))
			return -1;
	} else {
		entry->in_use = true;
		opened.statement = entry->statement;
	}
	return start(&opened, values, count, rows, err);
}

int db_query_text(struct db *db, const char *text, struct db_rows *rows,
	const struct db_value *values, size_t count, struct err *err)
{
	struct db_rows opened = {.db = db, .owned = true};

	if (prepare(db, "query", text, 0, &opened.statement, err))
		return -1;
	return start(&opened, values, count, rows, err);
}

int db_next(struct db_rows *rows, struct err *err)
{
	int code;

	if (!rows->statement)
		return rows->failed ? -1 : 0;
	code = sqlite3_step(rows->statement);
	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE) {
		rows->failed = true;
		db_fail(rows->db, rows_name(rows), err);
	}
	/* At once, so that a reader holds no old snapshot until its scope ends. */
	db_rows_close(rows);
	return rows->failed ? -1 : 0;
}

void db_rows_close(struct db_rows *rows)
{
	if (!rows->statement)
		return;
	if (rows->owned) {
		sqlite3_finalize(rows->statement);
	} else {
		sqlite3_reset(rows->statement);
		find_prepared(rows->db, rows->sql)->in_use = false;
	}
	rows->statement = NULL;
}

int db_run_values(struct db *db, const struct db_sql *sql, const struct db_value *values,
	size_t count, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int64_t before = sqlite3_total_changes64(db->handle);
	int more;

	db->changes = 0;
	if (db_query_values(db, sql, &rows, values, count, err))
		return -1;
	do {
		more = db_next(&rows, err);
	} while (more == 1);
	if (more < 0)
		return -1;
	/* SQLite keeps the count of an earlier statement when this one changed nothing. */
	if (sqlite3_total_changes64(db->handle) != before)
		db->changes = sqlite3_changes64(db->handle);
	return 0;
}

int64_t db_changes(const struct db *db)
{
	return db->changes;
}

int64_t db_total_changes(const struct db *db)
{
	return sqlite3_total_changes64(db->handle);
}

int db_get_int_values(struct db *db, const struct db_sql *sql, const struct db_value *values,
	size_t count, int64_t *out, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query_values(db, sql, &rows, values, count, err))
		return -1;
	more = db_next(&rows, err);
	if (more != 1)
		return more;
	if (db_is_null(&rows, 0))
		return 0;
	*out = db_int(&rows, 0);
	return 1;
}

static int run_next_of_script(struct db *db, const char **text, struct err *err)
{
	struct db_rows rows = {.db = db, .owned = true};
	int more;

	if (sqlite3_prepare_v2(db->handle, *text, -1, &rows.statement, text) != SQLITE_OK)
		return db_fail(db, "script", err);
	if (!rows.statement) /* a comment or white space */
		return 0;
	if (check_may_write(db, "script", rows.statement, err)) {
		db_rows_close(&rows);
		return -1;
	}
	do {
		more = db_next(&rows, err);
	} while (more == 1);
	return more;
}

int db_script(struct db *db, const char *text, struct err *err)
{
	while (*text)
		if (run_next_of_script(db, &text, err))
			return -1;
	return 0;
}

/* --- columns ---------------------------------------------------------------------------- */

int64_t db_int(const struct db_rows *rows, int column)
{
	return sqlite3_column_int64(rows->statement, column);
}

double db_real(const struct db_rows *rows, int column)
{
	return sqlite3_column_double(rows->statement, column);
}

bool db_is_null(const struct db_rows *rows, int column)
{
	return sqlite3_column_type(rows->statement, column) == SQLITE_NULL;
}

const char *db_text(const struct db_rows *rows, int column)
{
	return (const char *)sqlite3_column_text(rows->statement, column);
}

const void *db_blob(const struct db_rows *rows, int column, size_t *len)
{
	const void *bytes = sqlite3_column_blob(rows->statement, column);

	/* SQLite gives NULL for an empty blob, which is not the same as none. */
	if (!bytes && !db_is_null(rows, column))
		bytes = "";
	*len = (size_t)sqlite3_column_bytes(rows->statement, column);
	return bytes;
}

int db_uuid(const struct db_rows *rows, int column, struct uuid *out, struct err *err)
{
	size_t len;
	const void *bytes = db_blob(rows, column, &len);

	if (!bytes || len != sizeof(out->bytes))
		return err_set(err, ERR_DAMAGED, "%s: column %s holds no UUID", rows_name(rows),
			sqlite3_column_name(rows->statement, column));
	memcpy(out->bytes, bytes, len);
	return 0;
}
