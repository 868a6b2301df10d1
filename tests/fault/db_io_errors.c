/* Every k-th write, flush, cut and open of the database files fails once, or from then on. */
#include "db_workload.h"
#include "tap.h"

#include <sqlite3.h>

enum fault_kind { FAULT_IO, FAULT_FULL };

static long calls, fail_at; /* fail_at 0: never */
static bool fail_ever_after;
static enum fault_kind fault_kind;
static sqlite3_vfs *real, faulty;

/* SQLite's own method tables and our copies of them. */
static struct table {
	const sqlite3_io_methods *real;
	sqlite3_io_methods faulty;
} tables[8];

static bool strikes(void)
{
	calls++;
	return fail_at && (calls == fail_at || (fail_ever_after && calls > fail_at));
}

static const sqlite3_io_methods *real_methods(sqlite3_file *file)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		if (file->pMethods == &tables[i].faulty)
			return tables[i].real;
	abort();
}

static int write_file(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
	if (strikes()) {
		/* Half of it reaches the disk, as on a real one. */
		real_methods(file)->xWrite(file, bytes, len / 2, at);
		return fault_kind == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	}
	return real_methods(file)->xWrite(file, bytes, len, at);
}

static int sync_file(sqlite3_file *file, int flags)
{
	return strikes() ? SQLITE_IOERR_FSYNC : real_methods(file)->xSync(file, flags);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
	return strikes() ? SQLITE_IOERR_TRUNCATE : real_methods(file)->xTruncate(file, size);
}

static void replace_methods(sqlite3_file *file)
{
	struct table *table = tables;

	while (table->real && table->real != file->pMethods)
		table++;
	table->real = file->pMethods;
	table->faulty = *file->pMethods;
	table->faulty.xWrite = write_file;
	table->faulty.xSync = sync_file;
	table->faulty.xTruncate = truncate_file;
	/* Memory maps would pass our hooks by. */
	table->faulty.iVersion = 2;
	file->pMethods = &table->faulty;
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	int rc;

	(void)vfs;
	if (strikes()) {
		file->pMethods = NULL;
		return SQLITE_CANTOPEN;
	}
	rc = real->xOpen(real, name, file, flags, out);
	if (rc == SQLITE_OK && file->pMethods)
		replace_methods(file);
	return rc;
}

static void install(void)
{
	real = sqlite3_vfs_find(NULL);
	faulty = *real;
	faulty.zName = "faulty";
	faulty.xOpen = open_file;
	if (sqlite3_vfs_register(&faulty, 1) != SQLITE_OK)
		exit(1);
}

/* Lives with a fault at call 1, 2, 3, ... until one life meets none. */
static void test_series(const char *name, bool ever_after, enum fault_kind kind)
{
	const char *wrong = NULL;
	long k, odd = 0;
	int failed = 1;

	for (k = 1; failed && !wrong; k++) {
		int64_t rows = 0;
		struct err err = ERR_INIT;

		work_clear();
		calls = 0;
		fail_at = k;
		fail_ever_after = ever_after;
		fault_kind = kind;
		failed = work_life(&rows, &err);
		if (calls >= k) /* hit, if only where SQLite may go on, as in closing */
			failed = 1;
		odd += failed && err.kind == ERR_NONE && rows != WORK_BATCH * WORK_BATCHES;
		fail_at = 0;
		wrong = work_verify(rows);
	}
	ok(!wrong, "%s: sound after a fault at each of %ld calls%s%s", name, k - 2,
		wrong ? ": " : "", wrong ? wrong : "");
	ok(k > 50, "there were many calls");
	is_int(odd, 0, "every failure had an error");
}

static void test_kinds(void)
{
	struct db *db;
	struct err err = ERR_INIT;
	int64_t rows = 0;

	work_clear();
	calls = fail_at = 0;
	ok(work_open(&db, &err) == 0 && work_run(db, &rows, &err) == 0, "a life without faults: %s",
		err.message);
	fault_kind = FAULT_FULL;
	fail_at = calls + 1;
	ok(work_add_batch(db, &err) == -1 && err.kind == ERR_NO_SPACE,
		"a full disk is told as such: %s", err.message);
	is_int(err_exit_code(err.kind), 13, "with its own exit code");
	fault_kind = FAULT_IO;
	fail_at = calls + 1;
	ok(work_add_batch(db, &err) == -1 && err.kind != ERR_NO_SPACE, "another failure is not: %s",
		err.message);
	fail_at = 0;
	ok_call(work_add_batch(db, &err), &err, "the same connection goes on afterwards");
	is_int(work_rows(db), rows + WORK_BATCH, "and no row of the failed ones is there");
	db_close(db);
}

int main(void)
{
	work_start();
	install();
	test_kinds();
	test_series("one I/O error", false, FAULT_IO);
	test_series("a disk that died", true, FAULT_IO);
	test_series("one moment without space", false, FAULT_FULL);
	test_series("a disk that stays full", true, FAULT_FULL);
	work_end();
	return tap_done();
}
