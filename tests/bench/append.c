/* append.c - how fast 300-byte messages enter the log, and the same rows a bare table.
 *
 *	append ours DIR ALBUM COUNT BATCH	through event_submit, BATCH in one transaction
 *	append bare DIR COUNT BATCH		the rows that `ours` left in DIR, into a new bare database
 *	append commits DIR COUNT BATCH		as bare; prints rows per second, p50 and p99 of the transactions' times
 *						and the p50 of writing as many bytes and fdatasync, in microseconds
 *	append copy DIR COUNT BATCH		the same rows as COPY blocks for psql, to standard output
 *
 * ours and bare print the seconds of their transactions; what is said exists before them.  `bare` is
 * what SQLite alone needs: one prepared INSERT into a table like `event` with its two indexes, WAL,
 * synchronous=FULL, values already in memory; it checks, computes and derives nothing.
 */
#include "bench.h"
#include "base/path.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#define TEXT_LEN 300
#define COLUMNS  13
#define ROWS_SQL                                                                                   \
	"SELECT key, album, id, kind, about, author, device, time, at, body, salt, chain, rev"     \
	" FROM event WHERE kind = 'message.send' ORDER BY key LIMIT ?1"

/* --- ours ------------------------------------------------------------------------------- */

/* Text of exactly TEXT_LEN bytes that differs from message to message. */
static void make_text(int64_t number, char text[TEXT_LEN + 1])
{
	static const char *const words[] = {"the", "light", "on", "water", "was", "best", "before",
		"seven", "when", "nobody", "swam", "yet", "and", "you", "could", "hear", "boats"};
	uint64_t seed = (uint64_t)number * 6364136223846793005u + 1442695040888963407u;
	int len = snprintf(text, TEXT_LEN + 1, "%lld:", (long long)number);

	while (len < TEXT_LEN) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		len += snprintf(text + len, (size_t)(TEXT_LEN + 1 - len), " %s",
			words[(seed >> 33) % ARRAY_LEN(words)]);
	}
}

static void submit_one(struct store *store, struct event_tx *tx, int64_t album, const char *text)
{
	struct err err = ERR_INIT;
	struct receipt receipt;
	struct draft draft;
	json_t *body = json_object();

	wire_set_text(&body, "text", text);
	store_draft(store, album, "message.send", &draft);
	draft.body = body;
	bench_try(event_submit(tx, &draft, &receipt, &err));
	wire_json_free(&body);
}

/* Seconds for one transaction, from its begin until its commit is on disk. */
static double append_batch(
	struct store *store, int64_t album, char (*texts)[TEXT_LEN + 1], int64_t count)
{
	double start = bench_seconds();
	struct err err = ERR_INIT;
	struct event_tx *tx;

	bench_try(event_begin(store->events, "bench", &tx, &err));
	for (int64_t i = 0; i < count; i++)
		submit_one(store, tx, album, texts[i]);
	bench_try(event_commit(&tx, &err));
	return bench_seconds() - start;
}

static double append_ours(const char *dir, const char *name, int64_t count, int64_t batch)
{
	char(*texts)[TEXT_LEN + 1] = calloc((size_t)batch, sizeof(*texts));
	struct store *store = bench_store(dir);
	struct album_ref album = bench_album(store, name);
	double seconds = 0;

	for (int64_t done = 0; done < count; done += batch) {
		int64_t now = count - done < batch ? count - done : batch;

		for (int64_t i = 0; i < now; i++)
			make_text(done + i, texts[i]);
		seconds += append_batch(store, album.key, texts, now);
	}
	store_close(store);
	free(texts);
	return seconds;
}

/* --- bare ------------------------------------------------------------------------------- */

static void must(sqlite3 *db, int code, int wanted)
{
	if (code == wanted)
		return;
	fprintf(stderr, "bench: SQLite: %s\n", sqlite3_errmsg(db));
	exit(1);
}

static void run(sqlite3 *db, const char *text)
{
	must(db, sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *text)
{
	sqlite3_stmt *statement;

	must(db, sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK);
	return statement;
}

static sqlite3 *open_ours(const char *dir)
{
	_cleanup_free_ char *path = path_join(dir, "pinhole.db");
	sqlite3 *db;

	must(NULL, path ? sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) : SQLITE_NOMEM,
		SQLITE_OK);
	return db;
}

/* A new database beside ours. */
static sqlite3 *open_bare(const char *dir)
{
	static const char *const files[] = {"bare.db", "bare.db-wal", "bare.db-shm"};
	_cleanup_free_ char *path = path_join(dir, files[0]);
	sqlite3 *db;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		_cleanup_free_ char *old = path_join(dir, files[i]);

		unlink(old);
	}
	must(NULL, sqlite3_open(path, &db), SQLITE_OK);
	run(db,
		"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;"
		"CREATE TABLE event(key INTEGER PRIMARY KEY, album INTEGER NOT NULL, id BLOB NOT NULL,"
		" kind TEXT NOT NULL, about BLOB, author BLOB NOT NULL, device BLOB NOT NULL,"
		" time INTEGER NOT NULL, at INTEGER, body TEXT, salt BLOB, body_hash BLOB,"
		" chain BLOB, sig BLOB, rev INTEGER NOT NULL);"
		"CREATE UNIQUE INDEX event_id ON event(id, album);"
		"CREATE INDEX event_about ON event(about, key) WHERE about IS NOT NULL;");
	return db;
}

/* count * COLUMNS values, in memory. */
static sqlite3_value **load_rows(const char *dir, int64_t count)
{
	sqlite3_value **values = calloc((size_t)count * COLUMNS, sizeof(*values));
	sqlite3 *db = open_ours(dir);
	sqlite3_stmt *rows = prepare(db, ROWS_SQL);

	sqlite3_bind_int64(rows, 1, count);
	for (int64_t i = 0; i < count && values; i++) {
		must(db, sqlite3_step(rows), SQLITE_ROW);
		for (int c = 0; c < COLUMNS; c++)
			values[i * COLUMNS + c] = sqlite3_value_dup(sqlite3_column_value(rows, c));
	}
	sqlite3_finalize(rows);
	sqlite3_close(db);
	return values;
}

/* --- times of single transactions; `times` NULL: not wanted --------------------------------- */

static void note_time(struct vec *times, double seconds)
{
	double *time = times ? vec_push(times) : NULL;

	if (time)
		*time = seconds;
}

static int compare_times(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

static double quantile(struct vec *times, size_t percent)
{
	vec_sort(times, compare_times);
	return times->count ? *(double *)vec_at(times, (times->count - 1) * percent / 100) : 0;
}

static double append_bare(const char *dir, int64_t count, int64_t batch, struct vec *times)
{
	sqlite3_value **values = load_rows(dir, count), **value = values;
	sqlite3 *db = open_bare(dir);
	sqlite3_stmt *insert = prepare(db,
		"INSERT INTO event(key, album, id, kind, about, author, device, time, at, body, salt,"
		" chain, rev) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
	double start = bench_seconds(), seconds;

	for (int64_t done = 0; done < count;) {
		double began = bench_seconds();

		run(db, "BEGIN IMMEDIATE");
		for (int64_t i = 0; i < batch && done < count; i++, done++) {
			for (int c = 1; c <= COLUMNS; c++)
				sqlite3_bind_value(insert, c, *value++);
			must(db, sqlite3_step(insert), SQLITE_DONE);
			sqlite3_reset(insert);
		}
		run(db, "COMMIT");
		note_time(times, bench_seconds() - began);
	}
	seconds = bench_seconds() - start;
	sqlite3_finalize(insert);
	sqlite3_close(db);
	for (int64_t i = 0; i < count * COLUMNS; i++)
		sqlite3_value_free(values[i]);
	free(values);
	return seconds;
}

/* What the disk alone needs: a WAL's worth of bytes for each batch, appended and flushed. */
static void flush_alone(const char *dir, int64_t batches, int64_t batch, struct vec *times)
{
	static char bytes[1024 * 1024];
	size_t len = (size_t)batch * 1000 < sizeof(bytes) ? (size_t)batch * 1000 : sizeof(bytes);
	_cleanup_free_ char *path = path_join(dir, "bare.flush");
	_cleanup_close_ int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	struct err err = ERR_INIT;

	for (int64_t i = 0; i < batches; i++) {
		double began = bench_seconds();

		bench_try(path_write_all(fd, bytes, len, &err) || fdatasync(fd));
		note_time(times, bench_seconds() - began);
	}
	unlink(path);
}

static void print_commits(const char *dir, int64_t count, int64_t batch)
{
	struct vec commits = VEC_INIT(double, 1000000), flushes = VEC_INIT(double, 1000000);
	double seconds = append_bare(dir, count, batch, &commits);

	flush_alone(dir, 200, batch, &flushes);
	printf("%.1f %.0f %.0f %.0f\n", (double)count / seconds, quantile(&commits, 50) * 1e6,
		quantile(&commits, 99) * 1e6, quantile(&flushes, 50) * 1e6);
	vec_release(&commits);
	vec_release(&flushes);
}

/* --- for PostgreSQL --------------------------------------------------------------------- */

/* One field of COPY's text format: bytea as \\x…, nothing in our texts needs an escape but '\'. */
static void print_field(sqlite3_stmt *rows, int column)
{
	const unsigned char *bytes = sqlite3_column_blob(rows, column);
	int len = sqlite3_column_bytes(rows, column), type = sqlite3_column_type(rows, column);

	if (column)
		putchar('\t');
	if (type == SQLITE_NULL)
		fputs("\\N", stdout);
	else if (type != SQLITE_BLOB)
		fwrite(bytes, 1, (size_t)len, stdout);
	else
		fputs("\\\\x", stdout);
	for (int i = 0; type == SQLITE_BLOB && i < len; i++)
		printf("%02x", bytes[i]);
}

static void print_copy(const char *dir, int64_t count, int64_t batch)
{
	sqlite3 *db = open_ours(dir);
	sqlite3_stmt *rows = prepare(db, ROWS_SQL);

	sqlite3_bind_int64(rows, 1, count);
	for (int64_t i = 0; i < count; i++) {
		if (i % batch == 0)
			printf("%sCOPY event FROM STDIN;\n", i ? "\\.\n" : "");
		must(db, sqlite3_step(rows), SQLITE_ROW);
		for (int c = 0; c < COLUMNS; c++)
			print_field(rows, c);
		putchar('\n');
	}
	puts("\\.");
	sqlite3_finalize(rows);
	sqlite3_close(db);
}

int main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "ours") == 0)
		printf("%.6f\n",
			append_ours(
				argv[2], argv[3], bench_number(argv[4]), bench_number(argv[5])));
	else if (argc == 5 && strcmp(argv[1], "bare") == 0)
		printf("%.6f\n",
			append_bare(argv[2], bench_number(argv[3]), bench_number(argv[4]), NULL));
	else if (argc == 5 && strcmp(argv[1], "commits") == 0)
		print_commits(argv[2], bench_number(argv[3]), bench_number(argv[4]));
	else if (argc == 5 && strcmp(argv[1], "copy") == 0)
		print_copy(argv[2], bench_number(argv[3]), bench_number(argv[4]));
	else
		return 2;
	return 0;
}
