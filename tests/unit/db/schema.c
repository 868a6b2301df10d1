/* Migrations with small files of our own, and the ones that are built in. */
#include "base/path.h"
#include "db/schema_steps.h"
#include "tap.h"

#include <unistd.h>

static const char text_1[] = "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
			     "CREATE TABLE log (id INTEGER PRIMARY KEY); -- the end\n";
static const char text_2[] = "ALTER TABLE log ADD COLUMN more TEXT;"
			     "INSERT INTO log (more) VALUES ('by the migration');";
static const char views_1[] = "-- view version: 1\n"
			      "CREATE TABLE view_old (id INTEGER PRIMARY KEY);";
/* Views that refer to each other, and full-text indexes. */
static const char views_2[] = "-- view version: 2\n"
			      "CREATE TABLE view_a (id INTEGER PRIMARY KEY);"
			      "CREATE TABLE view_b (a INTEGER NOT NULL REFERENCES view_a (id));"
			      "CREATE VIEW view_ab AS SELECT id FROM view_a JOIN view_b ON a = id;"
			      "CREATE VIRTUAL TABLE fts_event USING fts5 (text);"
			      "CREATE VIRTUAL TABLE view_words USING fts5 (text);";

#define FILE_1                                                                                     \
	{                                                                                          \
		"001-log.sql", text_1                                                              \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, NULL                                                                         \
	}

static const struct schema_file old_files[] = {FILE_1, {"views.sql", views_1}, END};
static const struct schema_file new_files[] = {
	FILE_1, {"002-more.sql", text_2}, {"views.sql", views_2}, END};

static char dir[] = "/tmp/pinhole-schema-XXXXXX";
static char path[100], backup[100];

static struct db *fresh(const char *name)
{
	struct db *db = NULL;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	snprintf(backup, sizeof(backup), "%s/%s.backup", dir, name);
	if (db_open(path, DB_CREATE, &db, NULL))
		exit(1);
	return db;
}

static int64_t count_tables(struct db *db, const char *like)
{
	static const struct db_sql sql = {"count_tables",
		"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name LIKE :like"};
	int64_t count = -1;

	db_get_int(db, &sql, &count, NULL, DB_TEXTZ(":like", like));
	return count;
}

static int64_t count_log(struct db *db)
{
	static const struct db_sql sql = {"count_log", "SELECT count(*) FROM log"};
	int64_t count = -1;

	db_get_int_values(db, &sql, NULL, 0, &count, NULL);
	return count;
}

/* Writes by a script in a transaction of its own. */
static int write_script(struct db *db, const char *text)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;

	return db_begin(db, "test", &tx, NULL) || db_script(db, text, NULL) ? -1 :
									      db_commit(&tx, NULL);
}

static void test_new_store(void)
{
	struct db *db = fresh("new.db");
	struct err err = ERR_INIT;
	bool current = false;
	int number = -1;

	ok(schema_current(db, &number, &err) == 0 && number == 0, "a new file has schema 0");
	is_int(schema_newest_of(new_files), 2, "the newest of the files");
	ok_call(schema_migrate_files(db, new_files, backup, &err), &err, "migrate");
	ok(schema_current(db, &number, &err) == 0 && number == 2, "to schema 2");
	is_int(count_log(db), 1, "both files ran");
	is_int(count_tables(db, "view_a"), 1, "the views are made too");
	ok(schema_views_are_current_of(db, new_files, &current, &err) == 0 && current,
		"and current");
	ok(!path_exists(backup), "there was nothing to copy before");
	ok_call(schema_migrate_files(db, new_files, backup, &err), &err, "a second time");
	is_int(count_log(db), 1, "nothing runs again");
	db_close(db);
}

static void test_upgrade(void)
{
	struct db *db = fresh("upgrade.db"), *copy = NULL;
	struct err err = ERR_INIT;
	bool current = true;
	int number = -1;

	ok_call(schema_migrate_files(db, old_files, backup, &err), &err, "an old store");
	ok_call(schema_migrate_files(db, new_files, backup, &err), &err, "upgraded");
	is_int(count_log(db), 1, "the second file ran");
	ok_call(db_open(backup, DB_READ_ONLY, &copy, &err), &err, "there is a copy");
	ok(schema_current(copy, &number, &err) == 0 && number == 1, "of the old schema");
	is_int(count_log(copy), 0, "and the old rows");
	db_close(copy);
	ok(schema_views_are_current_of(db, new_files, &current, &err) == 0 && !current,
		"the old views wait for a replay");
	ok(schema_migrate_files(db, old_files, backup, &err) == -1 && err.kind == ERR_TOO_NEW,
		"an older binary refuses the store");
	is_str(err.message, "the store has schema 2, this pinhole knows schemas up to 1",
		"naming both");
	db_close(db);
}

static void test_reset(void)
{
	struct db *db = fresh("reset.db");
	struct db_tx tx = DB_TX_INIT;
	struct err err = ERR_INIT;
	bool current = false;

	schema_migrate_files(db, old_files, NULL, &err);
	write_script(db, "CREATE TABLE viewer (id); CREATE TABLE \"view_odd\"\" name\" (id);");
	ok_call(schema_reset_views_of(db, new_files, &err), &err, "reset");
	is_int(count_tables(db, "view_old") + count_tables(db, "view_odd%"), 0,
		"old views are gone");
	is_int(count_tables(db, "view_a"), 1, "new ones are there");
	is_int(count_tables(db, "viewer"), 1, "what only looks like a view stays");
	ok(schema_views_are_current_of(db, new_files, &current, &err) == 0 && current,
		"the version is noted");
	write_script(db,
		"INSERT INTO view_a VALUES (1); INSERT INTO view_b VALUES (1);"
		"INSERT INTO fts_event VALUES ('word'); INSERT INTO view_words VALUES ('word')");
	ok_call(schema_reset_views_of(db, new_files, &err), &err,
		"reset with rows that refer to each other");
	is_int(count_tables(db, "fts_event%"), 6, "the index is there once");
	db_begin(db, "test", &tx, &err);
	ok_call(schema_reset_views_of(db, old_files, &err), &err, "inside a transaction");
	is_int(count_tables(db, "view_a"), 0, "it takes part");
	db_rollback(&tx);
	is_int(count_tables(db, "view_a"), 1, "and is undone with it");
	db_close(db);
}

static void test_failures(void)
{
	static const struct schema_file broken[] = {FILE_1,
		{"002-broken.sql", "CREATE TABLE half (id); CREATE TABLE log (id);"},
		{"views.sql", views_1}, END};
	static const struct schema_file gap[] = {
		FILE_1, {"003-late.sql", "CREATE TABLE late (id);"}, {"views.sql", views_1}, END};
	static const struct schema_file no_version[] = {
		FILE_1, {"views.sql", "CREATE TABLE view_a (id);"}, END};
	struct db *db = fresh("broken.db");
	struct err err = ERR_INIT;
	int number = -1;

	ok(schema_migrate_files(db, broken, NULL, &err) == -1 && err.kind == ERR_FAILED,
		"a broken file fails");
	ok(strstr(err.message, "002-broken.sql"), "it is named: %s", err.message);
	ok(schema_current(db, &number, &err) == 0 && number == 1, "what was whole before it stays");
	is_int(count_tables(db, "half"), 0, "of the broken one nothing");
	ok(schema_migrate_files(db, gap, NULL, &err) == -1 && err.kind == ERR_FAILED,
		"a gap is refused");
	ok(schema_migrate_files(db, no_version, NULL, &err) == -1 && err.kind == ERR_FAILED,
		"views without a version are refused");
	db_close(db);
}

/* The files of the program itself: a new store is sound and its views can be made anew. */
static void test_built_in(void)
{
	struct db *db = fresh("built-in.db");
	struct err err = ERR_INIT;
	bool current = false;
	int number = -1;

	ok_call(schema_migrate(db, NULL, &err), &err, "the built-in schema");
	ok(schema_current(db, &number, &err) == 0 && number == schema_newest(), "is whole");
	ok_call(schema_reset_views(db, &err), &err, "its views are reset");
	ok(schema_views_are_current(db, &current, &err) == 0 && current, "and current");
	ok_call(db_check(db, true, &err), &err, "the file is sound");
	db_close(db);
}

int main(void)
{
	char command[100];

	if (!mkdtemp(dir))
		return 1;
	test_new_store();
	test_upgrade();
	test_reset();
	test_failures();
	test_built_in();
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) ? 1 : tap_done();
}
