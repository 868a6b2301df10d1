/* Every k-th allocation of SQLite fails once, or from then on. */
#include "db_workload.h"
#include "tap.h"

#include <sqlite3.h>

static sqlite3_mem_methods real;
static long calls, fail_at; /* fail_at 0: never */
static bool fail_ever_after;

static bool strikes(void)
{
	calls++;
	return fail_at && (calls == fail_at || (fail_ever_after && calls > fail_at));
}

static void *allocate(int size)
{
	return strikes() ? NULL : real.xMalloc(size);
}

static void *reallocate(void *old, int size)
{
	return strikes() ? NULL : real.xRealloc(old, size);
}

static void install(void)
{
	sqlite3_mem_methods methods;

	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK)
		exit(1);
	methods = real;
	methods.xMalloc = allocate;
	methods.xRealloc = reallocate;
	/* Without the small-allocation cache of each connection every request comes here. */
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK ||
		sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK ||
		sqlite3_initialize() != SQLITE_OK)
		exit(1);
}

/* Steps grow so that the thousands of calls of a life are sampled in a few hundred lives. */
static void test_series(const char *name, bool ever_after)
{
	const char *wrong = NULL;
	long lives = 0, other = 0;
	int met = 1;

	for (long k = 1; met && !wrong; k += 1 + k / 40, lives++) {
		int64_t rows = 0;
		struct err err = ERR_INIT;
		int failed;

		work_clear();
		calls = 0;
		fail_at = k;
		fail_ever_after = ever_after;
		failed = work_life(&rows, &err);
		met = calls >= k;
		fail_at = 0;
		other += failed && err.kind != ERR_NO_MEMORY;
		if (failed && err.kind != ERR_NO_MEMORY)
			printf("# call %ld: %s: %s\n", k, err_kind_name(err.kind), err.message);
		wrong = work_verify(rows);
	}
	ok(!wrong, "%s: sound after each of %ld lives%s%s", name, lives, wrong ? ": " : "",
		wrong ? wrong : "");
	ok(lives > 100, "there were many");
	is_int(other, 0, "each failure was told as a lack of memory");
}

int main(void)
{
	work_start();
	install();
	test_series("one failed allocation", false);
	test_series("no more memory", true);
	work_end();
	return tap_done();
}
