/* Statements, rows, transactions, the write lock, errors, backups. */
#include "base/path.h"
#include "db/db.h"
#include "tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/pinhole-db-XXXXXX";
static char path[100], lock_path[100], copy_path[100];

static const struct db_sql insert_row = {
	"insert_row", "INSERT INTO t (id, name, data) VALUES (:id, :name, :data)"};
static const struct db_sql select_all = {"select_all", "SELECT id, name, data FROM t ORDER BY id"};
static const struct db_sql select_one = {"select_one", "SELECT name FROM t WHERE id = :id"};
static const struct db_sql count_rows = {"count_rows", "SELECT count(*) FROM t"};
static const struct db_sql delete_from = {"delete_from", "DELETE FROM t WHERE id >= :id"};

static void in_dir(char *out, const char *name)
{
	snprintf(out, 100, "%s/%s", dir, name);
}

/* A fresh database with one empty table, open for writing. */
static struct db *fresh(const char *name)
{
	struct db_tx tx = DB_TX_INIT;
	struct db *db = NULL;
	struct err err = ERR_INIT;

	in_dir(path, name);
	in_dir(lock_path, "lock");
	if (db_open(path, DB_CREATE, &db, &err) || db_begin(db, "test", &tx, &err) ||
		db_script(db, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, data)",
			&err) ||
		db_commit(&tx, &err)) {
		printf("# %s\n", err.message);
		exit(1);
	}
	return db;
}

static int add_row(struct db *db, int64_t id, const char *name, struct err *err)
{
	return db_run(
		db, &insert_row, err, DB_INT(":id", id), DB_TEXTZ(":name", name), DB_NULL(":data"));
}

static int64_t row_count(struct db *db)
{
	int64_t count = -1;

	return db_get_int_values(db, &count_rows, NULL, 0, &count, NULL) == 1 ? count : -1;
}

static int add_rows(struct db *db, int64_t first, int64_t last, struct err *err)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;
	char name[30];

	if (db_begin(db, "add_rows", &tx, err))
		return -1;
	for (int64_t i = first; i <= last; i++) {
		snprintf(name, sizeof(name), "row %lld", (long long)i);
		if (add_row(db, i, name, err))
			return -1;
	}
	return db_commit(&tx, err);
}

static void test_open(void)
{
	char other[100];
	struct db *db = fresh("open.db");
	struct db *again = NULL;
	struct err err = ERR_INIT;
	struct stat st;

	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "a new file is for its owner only");
	ok(db_open(path, DB_CREATE, &again, &err) == -1 && err.kind == ERR_CONFLICT,
		"made only once");
	in_dir(other, "absent.db");
	ok(db_open(other, DB_READ_WRITE, &again, &err) == -1 && err.kind == ERR_NOT_FOUND,
		"absent");
	ok(db_open(other, DB_READ_ONLY, &again, &err) == -1 && err.kind == ERR_NOT_FOUND,
		"absent, reading");
	ok(!path_exists(other), "asking makes no file");
	in_dir(other, "no/such/dir.db");
	ok(db_open(other, DB_CREATE, &again, &err) == -1 && err.kind == ERR_NOT_FOUND,
		"no directory");
	ok(db_open(dir, DB_READ_WRITE, &again, &err) == -1 && err.kind == ERR_DAMAGED,
		"a directory");
	in_dir(other, "text.db");
	path_write_file(other,
		"This is no database at all, only some text that is long enough to "
		"look like a header of one hundred bytes, or so.",
		110, 0600, NULL);
	ok(db_open(other, DB_READ_WRITE, &again, &err) == -1 && err.kind == ERR_DAMAGED,
		"text is no database");
	ok(db_open(other, DB_READ_ONLY, &again, &err) == -1 && err.kind == ERR_DAMAGED,
		"also for reading");
	path_write_file(other, "", 0, 0600, NULL);
	ok(db_open(other, DB_READ_ONLY, &again, &err) == -1 && err.kind == ERR_DAMAGED,
		"nor is nothing");
	ok(!again, "the output is untouched");
	db_close(db);
	db_close(NULL);
}

/* What the house asks of each connection. */
static void test_settings(void)
{
	static const struct db_sql pragmas[] = {{"", "PRAGMA foreign_keys"},
		{"", "PRAGMA secure_delete"}, {"", "PRAGMA synchronous"},
		{"", "PRAGMA trusted_schema"}, {"", "PRAGMA temp_store"},
		{"", "PRAGMA cell_size_check"}};
	static const int64_t wanted[] = {1, 1, 2, 0, 2, 1};
	_cleanup_str_ struct str file = STR_INIT(STR_MAX_FILE);
	struct db_tx tx = DB_TX_INIT;
	struct db *db = fresh("settings.db");
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(pragmas); i++) {
		int64_t value = -1;

		db_get_int_values(db, &pragmas[i], NULL, 0, &value, &err);
		is_int(value, wanted[i], "%s", pragmas[i].text);
	}
	path_read_file(path, STR_MAX_FILE, &file, &err);
	ok(file.len > 20 && file.data[18] == 2 && file.data[19] == 2, "the header says WAL");
	db_begin(db, "test", &tx, &err);
	ok(db_script(db, "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema", &err) == -1,
		"the schema table cannot be written");
	db_rollback(&tx);
	db_close(db);
}

static void test_values(void)
{
	static const struct db_sql echo = {"echo", "SELECT :i, :r, :t, :b, :n, :e, :u, :z"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct db *db = fresh("values.db");
	struct uuid id = {{1, 2, 3}}, got;
	struct err err = ERR_INIT;
	const void *blob;
	size_t len = 99;

	ok_call(db_query(db, &echo, &rows, &err, DB_INT(":i", INT64_MIN), DB_REAL(":r", 0.5),
			DB_TEXT(":t", "caf\xc3\xa9!", 5), DB_BLOB(":b", "\0\1", 2), DB_NULL(":n"),
			DB_BLOB(":e", "", 0), DB_UUID(":u", &id), DB_UUID(":z", NULL)),
		&err, "every type is bound");
	is_int(db_next(&rows, &err), 1, "a row");
	ok(db_int(&rows, 0) == INT64_MIN && db_real(&rows, 1) == 0.5, "numbers");
	is_str(db_text(&rows, 2), "caf\xc3\xa9", "text");
	blob = db_blob(&rows, 3, &len);
	ok(len == 2 && memcmp(blob, "\0\1", 2) == 0, "blob");
	ok(db_is_null(&rows, 4) && db_int(&rows, 4) == 0 && !db_text(&rows, 4), "null");
	ok(!db_blob(&rows, 4, &len) && len == 0, "null as a blob");
	ok(db_blob(&rows, 5, &len) && len == 0 && !db_is_null(&rows, 5),
		"an empty blob is not null");
	ok(db_uuid(&rows, 6, &got, &err) == 0 && uuid_equal(&got, &id), "UUID");
	ok(db_uuid(&rows, 7, &got, &err) == -1 && err.kind == ERR_DAMAGED, "null is no UUID");
	ok(db_uuid(&rows, 3, &got, &err) == -1 && err.kind == ERR_DAMAGED, "nor are two bytes");
	is_int(db_next(&rows, &err), 0, "one row only");
	is_int(db_next(&rows, &err), 0, "the end stays the end");
	db_close(db);
}

static void test_parameters(void)
{
	static const struct db_sql nameless = {"nameless", "SELECT ?"};
	static const struct db_sql two = {"two", "SELECT 1; SELECT 2"};
	static const struct db_sql none = {"none", "-- nothing"};
	static const struct db_sql wrong = {"wrong", "SELEKT 1"};
	struct db *db = fresh("parameters.db");
	struct err err = ERR_INIT;

	ok(db_run0(db, &select_one, &err) == -1 && err.kind == ERR_FAILED, "too few");
	ok(db_run(db, &select_one, &err, DB_INT(":id", 1), DB_INT(":x", 1)) == -1, "too many");
	is_str(err.message, "select_one: has 1 parameters, 2 were given", "it says so");
	ok(db_run(db, &select_one, &err, DB_INT(":x", 1)) == -1, "another name");
	is_str(err.message, "select_one: parameter 1 is :id, but :x was given", "it says which");
	ok(db_run(db, &nameless, &err, DB_INT(":x", 1)) == -1, "nameless ones are refused");
	ok(db_run0(db, &two, &err) == -1 && err.kind == ERR_FAILED, "two statements are not one");
	ok(db_run0(db, &none, &err) == -1 && err.kind == ERR_FAILED, "nor is none");
	ok(db_run0(db, &wrong, &err) == -1 && err.kind == ERR_FAILED, "what is not SQL is refused");
	ok_call(db_run(db, &select_one, &err, DB_INT(":id", 1)), &err,
		"and after all that it still works");
	db_close(db);
}

static void test_run(void)
{
	struct db_tx tx = DB_TX_INIT;
	struct db *db = fresh("run.db");
	struct err err = ERR_INIT;
	int64_t value = 7;

	ok_call(db_begin(db, "test", &tx, &err), &err, "begin");
	ok_call(add_row(db, 1, "one", &err), &err, "insert");
	is_int(db_changes(db), 1, "one row changed");
	ok_call(add_row(db, 2, "two", &err), &err, "the same statement again");
	ok(add_row(db, 3, "two", &err) == -1 && err.kind == ERR_CONFLICT,
		"a taken name is a conflict");
	ok_call(db_run(db, &delete_from, &err, DB_INT(":id", 1)), &err, "delete");
	is_int(db_changes(db), 2, "two rows changed");
	ok_call(db_run(db, &delete_from, &err, DB_INT(":id", 1)), &err, "delete again");
	is_int(db_changes(db), 0, "none changed");
	ok_call(db_run0(db, &count_rows, &err), &err, "a query can be run");
	is_int(db_changes(db), 0, "and changes nothing");
	is_int(db_get_int(db, &select_one, &value, &err, DB_INT(":id", 1)), 0, "no row");
	add_row(db, 1, NULL, &err);
	is_int(db_get_int(db, &select_one, &value, &err, DB_INT(":id", 1)), 0, "NULL");
	is_int(value, 7, "leaves the output alone");
	db_rollback(&tx);
	db_close(db);
}

static void test_nested(void)
{
	_cleanup_rows_ struct db_rows outer = DB_ROWS_INIT;
	struct db *db = fresh("nested.db");
	struct err err = ERR_INIT;
	int pairs = 0;

	add_rows(db, 1, 5, &err);
	db_query0(db, &select_all, &outer, &err);
	while (db_next(&outer, &err) == 1) {
		_cleanup_rows_ struct db_rows inner = DB_ROWS_INIT;

		db_query0(db, &select_all, &inner, &err);
		while (db_next(&inner, &err) == 1)
			pairs++;
	}
	ok(!outer.failed, "no failure");
	is_int(pairs, 25, "one statement used within itself sees all pairs");
	db_query0(db, &select_all, &outer, &err);
	ok(db_next(&outer, &err) == 1 && db_int(&outer, 0) == 1, "a query left early");
	db_rows_close(&outer);
	db_query0(db, &select_all, &outer, &err);
	ok(db_next(&outer, &err) == 1 && db_int(&outer, 0) == 1, "begins anew");
	db_rows_close(&outer);
	ok_call(db_query_text(db, "SELECT id FROM t WHERE id > :a", &outer,
			(struct db_value[]){DB_INT(":a", 4)}, 1, &err),
		&err, "a text made at run time");
	ok(db_next(&outer, &err) == 1 && db_int(&outer, 0) == 5, "has its row");
	db_rows_close(&outer);
	db_close(db);
}

static void test_transactions(void)
{
	static const struct db_sql sneaky = {"sneaky", "COMMIT"};
	struct db_tx tx = DB_TX_INIT, second = DB_TX_INIT, copy;
	struct db *db = fresh("tx.db");
	struct err err = ERR_INIT;

	ok(add_row(db, 1, "one", &err) == -1 && err.kind == ERR_FAILED,
		"no writing outside a transaction");
	ok(db_script(db, "DELETE FROM t", &err) == -1, "also not by a script");
	ok_call(db_begin(db, "first", &tx, &err), &err, "begin");
	ok(db_in_transaction(db), "it is open");
	ok(db_begin(db, "second", &second, &err) == -1 && err.kind == ERR_FAILED,
		"they do not nest");
	is_str(err.message, "second cannot begin a transaction: the one of first is still open",
		"it says who");
	ok(db_commit(&second, &err) == -1 && err.kind == ERR_FAILED,
		"who did not open cannot commit");
	add_row(db, 1, "one", &err);
	ok(db_run0(db, &sneaky, &err) == -1 && err.kind == ERR_FAILED, "nor can a statement");
	ok(add_row(db, 2, "two", &err) == -1 && err.kind == ERR_FAILED,
		"that undid it all: no writing now");
	ok(db_commit(&tx, &err) == -1, "and the owner hears of it");
	ok(!db_in_transaction(db) && row_count(db) == 0, "nothing was written");
	ok_call(db_begin(db, "third", &tx, &err), &err, "begin again");
	add_row(db, 1, "one", &err);
	copy = tx;
	ok_call(db_commit(&tx, &err), &err, "commit");
	db_rollback(&tx);
	db_rollback(&copy);
	ok(db_commit(&copy, &err) == -1 && err.kind == ERR_FAILED, "only once");
	is_int(row_count(db), 1, "the row is there");
	db_begin(db, "fourth", &tx, &err);
	db_run(db, &delete_from, &err, DB_INT(":id", 0));
	db_rollback(&tx);
	is_int(row_count(db), 1, "a rollback undoes");
	is_int(db_held_ms(db), 0, "no transaction is held");
	db_close(db);
}

static void test_read_transaction(void)
{
	struct db_tx tx = DB_TX_INIT;
	struct db *db = fresh("read.db"), *reader = NULL;
	struct err err = ERR_INIT;

	add_rows(db, 1, 3, &err);
	ok_call(db_open(path, DB_READ_ONLY, &reader, &err), &err, "a reader beside a writer");
	ok(db_begin(reader, "x", &tx, &err) == -1 && err.kind == ERR_DENIED, "cannot write");
	ok_call(db_begin_read(reader, &tx, &err), &err, "begins to read");
	is_int(row_count(reader), 3, "sees three rows");
	add_rows(db, 4, 6, &err);
	is_int(row_count(reader), 3, "and goes on seeing three");
	ok(add_row(reader, 9, "x", &err) == -1, "cannot write in it");
	ok_call(db_commit(&tx, &err), &err, "ends");
	is_int(row_count(reader), 6, "then sees six");
	db_close(reader);
	db_close(db);
}

static void test_alone_reader(void)
{
	struct db *db = fresh("alone.db");
	char name[120];
	struct err err = ERR_INIT;

	add_rows(db, 1, 3, &err);
	db_close(db);
	ok_call(db_open(path, DB_READ_ONLY, &db, &err), &err, "a reader with no writer about");
	is_int(row_count(db), 3, "reads");
	db_close(db);
	snprintf(name, sizeof(name), "%s-wal", path);
	unlink(name);
	snprintf(name, sizeof(name), "%s-shm", path);
	unlink(name);
}

/* As another user, who can read the file but make nothing beside it. */
static void test_read_only_directory(void)
{
	struct db *db = fresh("50% of?a#b.db");
	struct err err = ERR_INIT;
	int status = -1;
	pid_t child;

	add_rows(db, 1, 3, &err);
	db_close(db);
	chmod(path, 0644);
	chmod(dir, 0555);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (geteuid() == 0 && setresuid(65534, 65534, 65534))
			_exit(2);
		_exit(db_open(path, DB_READ_ONLY, &db, &err) || row_count(db) != 3);
	}
	waitpid(child, &status, 0);
	chmod(dir, 0700);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		"a directory that cannot be written is read");
}

static bool is_locked(void)
{
	_cleanup_close_ int fd = open(lock_path, O_RDWR | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;
}

static void test_lock(void)
{
	struct db_tx tx = DB_TX_INIT;
	struct db *db = fresh("lock.db");
	struct err err = ERR_INIT;

	ok(!is_locked(), "free at first");
	db_begin(db, "test", &tx, &err);
	ok(is_locked(), "held while writing");
	db_commit(&tx, &err);
	ok(!is_locked() && path_exists(lock_path), "free after the commit, and the file stays");
	db_begin(db, "test", &tx, &err);
	db_rollback(&tx);
	ok(!is_locked(), "free after a rollback");
	db_begin_read(db, &tx, &err);
	ok(!is_locked(), "readers do not take it");
	db_rollback(&tx);
	db_close(db);
}

static void *write_many(void *failed)
{
	struct db *db;

	if (db_open(path, DB_READ_WRITE, &db, NULL)) {
		*(int *)failed = 1;
		return NULL;
	}
	for (int i = 0; i < 50; i++) {
		_cleanup_tx_ struct db_tx tx = DB_TX_INIT;
		int64_t count = row_count(db);

		if (db_begin(db, "write_many", &tx, NULL) || (count = row_count(db)) < 0 ||
			add_row(db, count + 1, NULL, NULL) || db_commit(&tx, NULL))
			*(int *)failed = 1;
	}
	db_close(db);
	return NULL;
}

/* Each writer reads the count and adds the next: an overlap would be a conflict. */
static void test_writers(void)
{
	struct db *db = fresh("writers.db");
	pthread_t threads[4];
	int failed[4] = {0}, any = 0;

	for (int i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, write_many, &failed[i]))
			exit(1);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		any |= failed[i];
	}
	ok(!any, "four writers queue");
	is_int(row_count(db), 200, "and lose nothing");
	db_close(db);
}

static void test_data_version(void)
{
	struct db *db = fresh("version.db"), *other = NULL;
	int64_t before = -1, same = -1, after = -1;
	struct err err = ERR_INIT;

	db_open(path, DB_READ_WRITE, &other, &err);
	ok_call(db_data_version(db, &before, &err), &err, "data version");
	add_rows(db, 1, 1, &err);
	db_data_version(db, &same, &err);
	is_int(same, before, "our own commit does not change it");
	add_rows(other, 2, 2, &err);
	db_data_version(db, &after, &err);
	ok(after != before, "another's does");
	db_close(other);
	db_close(db);
}

static void test_backup(void)
{
	struct db *db = fresh("source.db"), *copy = NULL;
	struct db_tx tx = DB_TX_INIT;
	struct err err = ERR_INIT;
	char none[120];

	in_dir(copy_path, "copy.db");
	add_rows(db, 1, 500, &err);
	ok_call(db_backup(db, copy_path, &err), &err, "backup");
	add_rows(db, 501, 510, &err);
	ok_call(db_backup(db, copy_path, &err), &err, "and again over the old one");
	snprintf(none, sizeof(none), "%s-wal", copy_path);
	ok(!path_exists(none), "it is one file");
	ok_call(db_open(copy_path, DB_READ_ONLY, &copy, &err), &err, "the copy opens");
	is_int(row_count(copy), 510, "with all rows");
	ok_call(db_check(copy, true, &err), &err, "and is sound");
	db_close(copy);
	ok_call(db_open(copy_path, DB_READ_WRITE, &copy, &err), &err, "it opens for writing");
	ok_call(add_rows(copy, 511, 511, &err), &err, "and takes rows");
	db_close(copy);
	in_dir(none, "no/copy.db");
	ok(db_backup(db, none, &err) == -1 && err.kind == ERR_NOT_FOUND, "no directory, no copy");
	db_begin(db, "test", &tx, &err);
	ok(db_backup(db, copy_path, &err) == -1 && err.kind == ERR_FAILED,
		"not inside a transaction");
	ok(db_checkpoint(db, &err) == -1 && err.kind == ERR_FAILED, "nor a checkpoint");
	db_rollback(&tx);
	db_close(db);
}

static bool file_has(const char *name, const char *bytes)
{
	_cleanup_str_ struct str whole = STR_INIT(STR_MAX_FILE);

	return path_read_file(name, STR_MAX_FILE, &whole, NULL) == 0 &&
		memmem(whole.data, whole.len, bytes, strlen(bytes)) != NULL;
}

static void test_erasing(void)
{
	struct db *db = fresh("erase.db");
	struct db_tx tx = DB_TX_INIT;
	char wal[120];
	struct err err = ERR_INIT;

	snprintf(wal, sizeof(wal), "%s-wal", path);
	db_begin(db, "test", &tx, &err);
	add_row(db, 1, "a secret that must go", &err);
	db_commit(&tx, &err);
	ok(file_has(wal, "secret that must") || file_has(path, "secret that must"),
		"it was written");
	db_begin(db, "test", &tx, &err);
	db_run(db, &delete_from, &err, DB_INT(":id", 1));
	db_commit(&tx, &err);
	ok_call(db_checkpoint(db, &err), &err, "checkpoint");
	ok(!file_has(wal, "secret that must") && !file_has(path, "secret that must"),
		"it is gone from both files");
	db_close(db);
}

static void test_damage(void)
{
	struct db *db = fresh("damaged.db");
	struct db_checking *checking = NULL;
	struct err err = ERR_INIT;
	char junk[4096];
	int fd;

	add_rows(db, 1, 2000, &err);
	ok_call(db_check(db, true, &err), &err, "sound in full");
	ok_call(db_check(db, false, &err), &err, "sound in short");
	ok_call(db_check_end(&checking, &err), &err, "no check, no complaint");
	ok_call(db_check_begin(db, &checking, &err), &err, "a check beside others' work");
	add_rows(db, 3000, 3100, &err);
	ok_call(db_check_end(&checking, &err), &err, "finds it sound, too");
	db_check_abandon(&checking);
	ok_call(db_check_begin(db, &checking, &err), &err, "one more");
	db_check_abandon(&checking);
	ok(!checking, "is given up");
	db_close(db);
	memset(junk, 0x5a, sizeof(junk));
	fd = open(path, O_WRONLY);
	ok(fd >= 0 && pwrite(fd, junk, sizeof(junk), 3 * 4096) == 4096, "a page is overwritten");
	close(fd);
	ok_call(db_open(path, DB_READ_WRITE, &db, &err), &err, "it still opens");
	ok(db_check(db, true, &err) == -1 && err.kind == ERR_DAMAGED, "but is damaged: %s",
		err.message);
	ok_call(db_check_begin(db, &checking, &err), &err, "beside others' work");
	ok(db_check_end(&checking, &err) == -1 && err.kind == ERR_DAMAGED, "as well");
	in_dir(copy_path, "damaged-copy.db");
	ok(db_backup(db, copy_path, &err) == -1 && err.kind == ERR_DAMAGED, "and is not copied");
	ok(!path_exists(copy_path), "no copy appears");
	db_close(db);
}

static void test_foreign_keys(void)
{
	struct db *db = fresh("keys.db");
	struct db_tx tx = DB_TX_INIT;
	struct err err = ERR_INIT;

	db_begin(db, "test", &tx, &err);
	ok_call(db_script(db, "CREATE TABLE c (t REFERENCES t (id)); -- a comment\n\n", &err), &err,
		"script");
	ok(db_script(db, "INSERT INTO c VALUES (77)", &err) == -1 && err.kind == ERR_CONFLICT,
		"a reference to nothing is a conflict");
	ok(db_script(db, "INSERT INTO t (id) VALUES (5); NONSENSE;", &err) == -1 &&
			err.kind == ERR_FAILED,
		"a script stops at its first error");
	db_rollback(&tx);
	db_close(db);
}

int main(void)
{
	char command[100];

	if (!mkdtemp(dir))
		return 1;
	test_open();
	test_settings();
	test_values();
	test_parameters();
	test_run();
	test_nested();
	test_transactions();
	test_read_transaction();
	test_alone_reader();
	test_read_only_directory();
	test_lock();
	test_writers();
	test_data_version();
	test_backup();
	test_erasing();
	test_damage();
	test_foreign_keys();
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) ? 1 : tap_done();
}
