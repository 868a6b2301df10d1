/* Every k-th allocation of SQLite fails while an album goes out, comes in, and is backed up.  (jansson 2.14
 * itself writes past its buffers when memory is short while it reads: see lib/wire/load.c.) */
#include "../unit/import/demo.h"

#include "import/backup.h"
#include "import/export.h"
#include "import/import.h"

#include <sqlite3.h>

static sqlite3_mem_methods real;
static long calls, fail_at; /* fail_at 0: never */

static bool strikes(void)
{
	return ++calls == fail_at;
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
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK ||
		sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK ||
		sqlite3_initialize() != SQLITE_OK)
		exit(1);
}

static struct store *ada, *eve;
static struct album_ref ref;

static int64_t count(struct store *store, const char *sql)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query_text(store->db, sql, &rows, NULL, 0, &err) || db_next(&rows, &err) != 1)
		return -1;
	return db_int(&rows, 0);
}

static int do_export(struct err *e)
{
	struct export_options options = {.hard_link = false};
	struct export_result r;

	return export_album(ada, &ref, demo_path("target"), &options, NULL, &r, e);
}

static int do_import(struct err *e)
{
	struct import_options options = {.restore = false};
	struct import_result r;

	return import_album(eve, demo_path("out"), &options, NULL, &r, e);
}

static int do_restore(struct err *e)
{
	struct import_options options = {.restore = true};
	struct import_result r;

	return import_album(eve, demo_path("out"), &options, NULL, &r, e);
}

static int do_backup(struct err *e)
{
	struct backup_result r;

	return backup_create(ada, demo_path("target.tar"), NULL, &r, e);
}

static int do_backup_restore(struct err *e)
{
	struct backup_result r;

	return backup_restore(demo_path("b.tar"), demo_path("target"), &demo_clock, NULL, &r, e);
}

/* A failure is told, leaves no target and no album; a success leaves a whole one. */
static void test_series(const char *name, int (*work)(struct err *e))
{
	int failures = 0, wrong = 0, met = 1;

	for (long k = 1; met; k += 1 + k / 15) {
		int64_t albums = count(eve, "SELECT count(*) FROM album"), now;
		struct err told = ERR_INIT;
		int failed;

		calls = 0;
		fail_at = k;
		failed = work(&told);
		met = calls >= k;
		fail_at = 0;
		now = count(eve, "SELECT count(*) FROM album");
		failures += failed != 0;
		if (failed &&
			(told.kind == ERR_NONE || now != albums ||
				*demo_shell("ls -Ad target* .p* 2>/dev/null"))) {
			printf("# call %ld: %s: %s\n", k, err_kind_name(told.kind), told.message);
			wrong++;
		}
		demo_shell("rm -rf target target.tar");
	}
	ok(failures > 10, "%s: %d failures", name, failures);
	is_int(wrong, 0, "each was told and left nothing");
}

int main(void)
{
	struct demo demo;
	struct err e = ERR_INIT;
	int64_t checked;

	install();
	demo_begin();
	ada = demo_store("ada", "Ada");
	eve = demo_store("eve", "Eve");
	demo_fill(ada, &demo);
	ref = (struct album_ref){.key = demo.album, .id = demo.id};
	ok_call(do_export(&e), &e, "an export");
	demo_shell("mv target out");
	ok_call(do_backup(&e), &e, "a backup");
	demo_shell("mv target.tar b.tar");
	test_series("export", do_export);
	test_series("backup", do_backup);
	test_series("restoring a backup", do_backup_restore);
	test_series("import", do_import);
	test_series("restoring an album", do_restore);
	for (int64_t album = count(eve, "SELECT max(key) FROM album"); album > 0; album--)
		if (event_verify(eve->db, album, &checked, &e))
			ok(false, "album %lld: %s", (long long)album, e.message);
	store_close(ada);
	store_close(eve);
	return demo_end();
}
