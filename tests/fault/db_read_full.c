/* db_read_full.c - a full disk keeps nobody from reading.
 *
 * A WAL database wants an index file even for reading; where that cannot grow, and nothing waits in the
 * WAL, the file is read as it is.
 */
#include "tap.h"
#include "db/db.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static struct err err;

static void fill(const char *path)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;
	struct db *db = NULL;

	ok_call(db_open(path, DB_CREATE, &db, &err), &err, "a database");
	ok_call(db_begin(db, "test", &tx, &err) ||
			db_script(db, "CREATE TABLE t(x); INSERT INTO t VALUES(42)", &err) ||
			db_commit(&tx, &err),
		&err, "with a row");
	db_close(db);
}

int main(void)
{
	static const struct db_sql read = {"read", "SELECT x FROM t"};
	char dir[] = "/tmp/pinhole-full-XXXXXX", path[64], command[80];
	struct rlimit none = {.rlim_cur = 0, .rlim_max = RLIM_INFINITY}, before;
	struct db *db = NULL;
	int64_t x = 0;
	int opened, found = 0;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/full.db", dir);
	fill(path);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	/* No file may grow, not even by a byte, so nothing is told until then. */
	setrlimit(RLIMIT_FSIZE, &none);
	opened = db_open(path, DB_READ_ONLY, &db, &err);
	if (!opened)
		found = db_get_int_values(db, &read, NULL, 0, &x, &err);
	db_close(db);
	setrlimit(RLIMIT_FSIZE, &before);
	ok_call(opened, &err, "opened for reading on a full disk");
	is_int(found, 1, "read");
	is_int(x, 42, "what is there");
	snprintf(command, sizeof(command), "rm -r '%s'", dir);
	ok(system(command) == 0, "cleaned up");
	return tap_done();
}
