/* A limit on file sizes stands for a disk that fills up: nothing committed is lost, nothing half
 * written stays, and work goes on when there is room again. */
#include "db_workload.h"
#include "tap.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit))
		exit(1);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	if (setrlimit(RLIMIT_FSIZE, &limit))
		exit(1);
}

static void test_growing_room(void)
{
	const char *wrong = NULL;
	int failures = 0, other = 0, whole = 0;

	for (rlim_t room = 0; room <= 400000 && !wrong; room += 2048) {
		int64_t rows = 0;
		struct err err = ERR_INIT;
		int failed;

		work_clear();
		limit_files(room);
		failed = work_life(&rows, &err);
		limit_files(RLIM_INFINITY);
		failures += failed != 0;
		whole += !failed;
		if (failed && err.kind != ERR_NO_SPACE) {
			printf("# %lu bytes: %s: %s\n", (unsigned long)room,
				err_kind_name(err.kind), err.message);
			other++;
		}
		wrong = work_verify(rows);
	}
	ok(!wrong, "sound with any room%s%s", wrong ? ": " : "", wrong ? wrong : "");
	ok(failures > 10 && whole > 10, "%d lives failed, %d went well", failures, whole);
	is_int(other, 0, "each failure was told as a full disk");
}

static void test_page_limit(void)
{
	/* It counts as a statement that writes, so it needs a transaction. */
	static const struct db_sql limit = {"limit", "PRAGMA max_page_count=1"};
	struct db_tx tx = DB_TX_INIT;
	struct db *db;
	struct err err = ERR_INIT;
	int64_t rows = 0;

	work_clear();
	if (work_open(&db, &err) || work_run(db, &rows, &err))
		exit(1);
	if (db_begin(db, "test", &tx, &err))
		exit(1);
	ok_call(db_run0(db, &limit, &err), &err, "no page more than there are");
	db_rollback(&tx);
	while (work_add_batch(db, &err) == 0)
		rows += WORK_BATCH;
	ok(err.kind == ERR_NO_SPACE, "the database is full: %s", err.message);
	is_int(work_rows(db), rows, "what was committed is there");
	db_close(db);
	ok(!work_verify(rows), "and it goes on with room");
}

static void test_backup(void)
{
	char listing[100];
	struct db *db;
	struct err err = ERR_INIT;
	int64_t rows = 0;

	work_clear();
	if (work_open(&db, &err) || work_run(db, &rows, &err) || remove(work_copy))
		exit(1);
	limit_files(16384);
	ok(db_backup(db, work_copy, &err) == -1 && err.kind == ERR_NO_SPACE,
		"no room for a copy: %s", err.message);
	limit_files(RLIM_INFINITY);
	snprintf(listing, sizeof(listing), "ls %s | grep -q copy", work_dir);
	ok(system(listing) != 0, "nothing of it stays");
	ok_call(db_backup(db, work_copy, &err), &err, "with room it is made");
	db_close(db);
}

int main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	work_start();
	test_growing_room();
	test_page_limit();
	test_backup();
	work_end();
	return tap_done();
}
