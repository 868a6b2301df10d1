/* schema.c - brings a database file up to the schema of this binary; see schema.h.
 *
 * Migrations are numbered SQL files that never change once released; a new store is made by running
 * all of them, so there is one way to every schema.  View tables hold nothing of their own and are dropped and
 * made anew instead.  Invariant: PRAGMA user_version is the number of the last migration that ran whole.
 */
#include "db/schema_steps.h"
#include "base/path.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VIEWS_FILE   "views.sql"
#define VIEWS_HEADER "-- view version: "

static const struct db_sql sql_user_version = {"user_version", "PRAGMA user_version"};

static const struct db_sql sql_get_view_version = {
	"get_view_version",
	"SELECT value FROM meta WHERE name = 'view_version'",
};

static const struct db_sql sql_set_view_version = {
	"set_view_version",
	"INSERT INTO meta (name, value) VALUES ('view_version', :version)"
	" ON CONFLICT (name) DO UPDATE SET value = excluded.value",
};

/* SQL views and virtual tables first: a view stands on its tables, and the shadow tables of a
 * virtual one go with it and cannot be dropped alone. */
static const struct db_sql sql_next_view = {
	"next_view",
	"SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view')"
	" AND (name LIKE 'view\\_%' ESCAPE '\\'"
	" OR (name LIKE 'fts\\_%' ESCAPE '\\' AND sql LIKE 'CREATE VIRTUAL%'))"
	" ORDER BY type = 'view' OR sql LIKE 'CREATE VIRTUAL%' DESC, name LIMIT 1",
};

/* The number of "007-name.sql", 0 for any other name. */
static int file_number(const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);

	return end == name + 3 && *end == '-' && number > 0 ? (int)number : 0;
}

int schema_newest_of(const struct schema_file *files)
{
	int newest = 0;

	for (; files->name; files++)
		if (file_number(files->name) > newest)
			newest = file_number(files->name);
	return newest;
}

int schema_current(struct db *db, int *out, struct err *err)
{
	int64_t number = 0;

	if (db_get_int_values(db, &sql_user_version, NULL, 0, &number, err) < 0)
		return -1;
	*out = (int)number;
	return 0;
}

/* --- views ------------------------------------------------------------------------------ */

static const char *views_text(const struct schema_file *files)
{
	for (; files->name; files++)
		if (strcmp(files->name, VIEWS_FILE) == 0)
			return files->text;
	return NULL;
}

static int views_version(const char *text, int64_t *out, struct err *err)
{
	size_t header = strlen(VIEWS_HEADER);
	char *end;

	if (!text || strncmp(text, VIEWS_HEADER, header) != 0)
		return err_set(err, ERR_FAILED, "%s does not begin with \"%sN\"", VIEWS_FILE,
			VIEWS_HEADER);
	*out = strtol(text + header, &end, 10);
	if (end == text + header || *end != '\n' || *out < 1)
		return err_set(err, ERR_FAILED, "%s has no version number", VIEWS_FILE);
	return 0;
}

/* Appends the statement that drops the first view that is still there: 1, or 0 when none is. */
static int tell_next_drop(struct db *db, struct str *text, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query0(db, &sql_next_view, &rows, err))
		return -1;
	more = db_next(&rows, err);
	if (more != 1)
		return more;
	str_addz(text, strcmp(db_text(&rows, 1), "view") == 0 ? "DROP VIEW \"" : "DROP TABLE \"");
	for (const char *name = db_text(&rows, 0); *name; name++) {
		if (*name == '"')
			str_addc(text, '"');
		str_addc(text, *name);
	}
	str_addc(text, '"');
	return str_check(text, err) ? -1 : 1;
}

static int drop_views(struct db *db, struct err *err)
{
	/* Views may refer to each other; only what is left at the commit counts. */
	if (db_script(db, "PRAGMA defer_foreign_keys=ON", err))
		return -1;
	for (;;) {
		_cleanup_str_ struct str text = STR_INIT(4096);
		int found = tell_next_drop(db, &text, err);

		if (found != 1)
			return found;
		if (db_script(db, text.data, err))
			return -1;
	}
}

static int remake_views(struct db *db, const char *text, struct err *err)
{
	int64_t version;

	if (views_version(text, &version, err) || drop_views(db, err) || db_script(db, text, err))
		return -1;
	return db_run(db, &sql_set_view_version, err, DB_INT(":version", version));
}

int schema_reset_views_of(struct db *db, const struct schema_file *files, struct err *err)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;

	if (db_in_transaction(db))
		return remake_views(db, views_text(files), err);
	if (db_begin(db, "schema_reset_views", &tx, err) ||
		remake_views(db, views_text(files), err))
		return -1;
	return db_commit(&tx, err);
}

int schema_views_are_current_of(
	struct db *db, const struct schema_file *files, bool *out, struct err *err)
{
	int64_t known, stored = 0;

	if (views_version(views_text(files), &known, err) ||
		db_get_int_values(db, &sql_get_view_version, NULL, 0, &stored, err) < 0)
		return -1;
	*out = stored == known;
	return 0;
}

/* A store that never had views: its log is empty or unread, so nothing has to be replayed yet. */
static int make_first_views(struct db *db, const struct schema_file *files, struct err *err)
{
	int64_t stored = 0;
	int found;

	if (!views_text(files))
		return 0;
	found = db_get_int_values(db, &sql_get_view_version, NULL, 0, &stored, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	return schema_reset_views_of(db, files, err);
}

/* --- migrations ------------------------------------------------------------------------- */

static int check_not_newer(struct db *db, int newest, int *current, struct err *err)
{
	if (schema_current(db, current, err))
		return -1;
	if (*current <= newest)
		return 0;
	err_set(err, ERR_TOO_NEW, "the store has schema %d, this pinhole knows schemas up to %d",
		*current, newest);
	return err_hint(err, "install a newer pinhole");
}

static int set_number(struct db *db, int number, struct err *err)
{
	char text[64];

	snprintf(text, sizeof(text), "PRAGMA user_version=%d", number);
	return db_script(db, text, err);
}

/* One migration in a transaction of its own.  Another process may have run it while this
 * one waited for the lock, so the number is read again. */
static int run_file(struct db *db, const struct schema_file *file, struct err *err)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;
	int number = file_number(file->name), current;

	if (db_begin(db, file->name, &tx, err) || schema_current(db, &current, err))
		return -1;
	if (current >= number)
		return 0;
	if (current != number - 1)
		return err_set(err, ERR_FAILED, "%s cannot follow schema %d", file->name, current);
	if (db_script(db, file->text, err) || set_number(db, number, err) || db_commit(&tx, err))
		return err_prefix(err, "migration %s", file->name);
	return 0;
}

int schema_migrate_files(
	struct db *db, const struct schema_file *files, const char *backup_path, struct err *err)
{
	int newest = schema_newest_of(files), current;

	if (check_not_newer(db, newest, &current, err))
		return -1;
	if (current > 0 && current < newest && backup_path && db_backup(db, backup_path, err))
		return err_prefix(err, "cannot make a copy before changing the store");
	for (const struct schema_file *file = files; file->name; file++)
		if (file_number(file->name) > current && run_file(db, file, err))
			return -1;
	return make_first_views(db, files, err);
}

/* --- with the files that are built in --------------------------------------------------- */

int schema_newest(void)
{
	return schema_newest_of(schema_files);
}

int schema_migrate(struct db *db, const char *backup_path, struct err *err)
{
	return schema_migrate_files(db, schema_files, backup_path, err);
}

int schema_reset_views(struct db *db, struct err *err)
{
	return schema_reset_views_of(db, schema_files, err);
}

int schema_views_are_current(struct db *db, bool *out, struct err *err)
{
	return schema_views_are_current_of(db, schema_files, out, err);
}
