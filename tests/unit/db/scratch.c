/* scratch.c - databases in memory: each its own, transactions as everywhere. */
#include "tap.h"
#include "db/db.h"

static struct err err;

static int64_t number(struct db *db, const char *sql)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query_text(db, sql, &rows, NULL, 0, &err) || db_next(&rows, &err) != 1)
		return -1;
	return db_int(&rows, 0);
}

int main(void)
{
	struct db *a = NULL, *b = NULL;
	struct db_tx tx = DB_TX_INIT, other = DB_TX_INIT;
	int64_t before;

	ok_call(db_open_scratch(&a, &err), &err, "a scratch database");
	ok_call(db_open_scratch(&b, &err), &err, "another one");
	ok(db_script(a, "CREATE TABLE t(x)", &err) != 0, "writes need a transaction");
	ok_call(db_begin(a, "test", &tx, &err), &err, "begin");
	ok_call(db_begin(b, "other", &other, &err), &err,
		"both at once: there is nobody to exclude");
	ok_call(db_script(a, "CREATE TABLE t(x); INSERT INTO t VALUES(5)", &err), &err, "written");
	is_int(number(a, "SELECT x FROM t"), 5, "and read");
	is_int(number(b, "SELECT count(*) FROM sqlite_schema"), 0,
		"the other one knows nothing of it");
	before = db_total_changes(a);
	ok_call(db_script(a,
			"CREATE VIRTUAL TABLE f USING fts5(t);"
			"INSERT INTO f(t) VALUES('a word')",
			&err),
		&err, "full text works");
	ok(db_total_changes(a) - before > 1, "its hidden tables count as written");
	is_int(number(a, "SELECT count(*) FROM f WHERE f MATCH 'word'"), 1, "and finds");
	ok_call(db_commit(&tx, &err), &err, "commit");
	is_int(number(a, "SELECT x FROM t"), 5, "keeps it");
	db_rollback(&other);
	db_close(a);
	db_close(b);
	return tap_done();
}
