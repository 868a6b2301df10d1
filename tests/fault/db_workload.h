/* db_workload.h - one life of a small database, for the tests that make it fail.
 *
 * Makes or opens DIR/work.db, migrates it, adds batches of rows, checkpoints, copies, closes.  After a
 * failure anywhere, work_verify (with faults off) demands that nothing promised is lost.
 */
#ifndef PINHOLE_DB_WORKLOAD_H
#define PINHOLE_DB_WORKLOAD_H

#include "base/path.h"
#include "db/schema_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORK_BATCH   20
#define WORK_BATCHES 3

static char work_dir[] = "/tmp/pinhole-fault-XXXXXX";
static char work_path[64], work_copy[64];

static const struct schema_file work_files[] = {
	{"001-log.sql",
		"CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
		"CREATE TABLE log (id INTEGER PRIMARY KEY, body TEXT NOT NULL);"},
	{"002-more.sql", "CREATE INDEX log_body ON log (body);"},
	{"views.sql", "-- view version: 1\nCREATE TABLE view_log (id INTEGER PRIMARY KEY);"},
	{NULL, NULL},
};
static const struct db_sql work_insert = {"work_insert", "INSERT INTO log (body) VALUES (:body)"};
static const struct db_sql work_view = {
	"work_view", "INSERT INTO view_log SELECT max(id) FROM log"};
static const struct db_sql work_count = {"work_count", "SELECT count(*) FROM log"};
static const struct db_sql work_list = {"work_list", "SELECT id, body FROM log ORDER BY body"};

static void work_clear(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s/*", work_dir);
	if (system(command))
		exit(1);
}

static void work_start(void)
{
	if (!mkdtemp(work_dir))
		exit(1);
	snprintf(work_path, sizeof(work_path), "%s/work.db", work_dir);
	snprintf(work_copy, sizeof(work_copy), "%s/copy.db", work_dir);
}

static void work_end(void)
{
	work_clear();
	if (remove(work_dir))
		exit(1);
}

static int work_open(struct db **db, struct err *err)
{
	enum db_mode mode = path_exists(work_path) ? DB_READ_WRITE : DB_CREATE;

	return db_open(work_path, mode, db, err);
}

static int work_add_batch(struct db *db, struct err *err)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;
	char body[400];

	if (db_begin(db, "work", &tx, err))
		return -1;
	for (int i = 0; i < WORK_BATCH; i++) {
		memset(body, 'a' + i, sizeof(body));
		if (db_run(db, &work_insert, err, DB_TEXT(":body", body, sizeof(body))) ||
			db_run0(db, &work_view, err))
			return -1;
	}
	return db_commit(&tx, err);
}

static int work_read(struct db *db, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query0(db, &work_list, &rows, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		if (!db_text(&rows, 1) || strlen(db_text(&rows, 1)) != 400)
			return err_set(err, ERR_FAILED, "a row was read wrong");
	return more;
}

/* Does everything once; *rows gets how many were committed, also when something failed. */
static int work_run(struct db *db, int64_t *rows, struct err *err)
{
	if (schema_migrate_files(db, work_files, NULL, err))
		return -1;
	for (int i = 0; i < WORK_BATCHES; i++) {
		if (work_add_batch(db, err))
			return -1;
		*rows += WORK_BATCH;
	}
	return work_read(db, err) || db_checkpoint(db, err) || db_backup(db, work_copy, err) ? -1 :
											       0;
}

static int work_life(int64_t *rows, struct err *err)
{
	struct db *db;
	int failed;

	if (work_open(&db, err))
		return -1;
	failed = work_run(db, rows, err);
	db_close(db);
	return failed;
}

static int64_t work_rows(struct db *db)
{
	int64_t count = -1;

	return db_get_int_values(db, &work_count, NULL, 0, &count, NULL) == 1 ? count : -1;
}

static const char *work_verify_copy(void)
{
	struct db *db;
	const char *wrong = NULL;

	if (!path_exists(work_copy))
		return NULL;
	if (db_open(work_copy, DB_READ_ONLY, &db, NULL))
		return "a copy is there and does not open";
	if (work_rows(db) < WORK_BATCH * WORK_BATCHES)
		wrong = "a copy is there and not whole";
	db_close(db);
	return wrong;
}

/* What is wrong with what a life that committed `rows` rows left behind, or NULL.  A batch whose
 * commit reported a failure may be there or not, but only whole. */
static const char *work_verify(int64_t rows)
{
	struct db *db;
	const char *wrong = NULL;
	int64_t found;
	struct err err = ERR_INIT;

	if (work_open(&db, &err))
		return "it does not open again";
	if (schema_migrate_files(db, work_files, NULL, &err))
		wrong = "it cannot be migrated to the end";
	else if (db_check(db, true, &err))
		wrong = "it is damaged";
	found = work_rows(db);
	if (!wrong && found != rows && found != rows + WORK_BATCH)
		wrong = "rows were lost or half written";
	if (!wrong && work_add_batch(db, &err))
		wrong = "it takes no more rows";
	db_close(db);
	if (wrong)
		printf("# %s: %s (%lld rows of %lld)\n", wrong, err.message, (long long)found,
			(long long)rows);
	return wrong ? wrong : work_verify_copy();
}

#endif
