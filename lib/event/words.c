/* words.c - the full-text index over events: fed behind the log, never ahead of it.
 *
 * An album's `indexed` is the seq up to which it is fed.  Searching scans what lies behind it, so
 * feeding is never urgent.  Only confirmed events are indexed: their keys do not move.
 */
#include "event/internal.h"

static int feed_album(struct event_tx *tx, int64_t album, int64_t from, int64_t to, struct err *err)
{
	static const struct db_sql feed = {"words_feed",
		"INSERT INTO fts_event(rowid, text) SELECT key, " EVENT_WORDS
		" FROM event WHERE key > :from AND key <= :to AND body IS NOT NULL"};
	static const struct db_sql mark = {
		"words_mark", "UPDATE album SET indexed = :to WHERE key = :album"};

	if (db_run(tx->log->db, &feed, err, DB_INT(":from", event_key(album, from)),
		    DB_INT(":to", event_key(album, to))))
		return -1;
	return db_run(tx->log->db, &mark, err, DB_INT(":to", to), DB_INT(":album", album));
}

int event_words_feed(struct event_log *log, int64_t max, int64_t *left, struct err *err)
{
	static const struct db_sql behind = {"words_behind",
		"SELECT key, indexed, head FROM album WHERE indexed < head AND kind = 'album'"
		" ORDER BY key"};
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int64_t todo = 0, done = 0;
	int more;

	if (event_begin(log, "full text", &tx, err) || db_query0(log->db, &behind, &rows, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		int64_t from = db_int(&rows, 1), to = db_int(&rows, 2);
		int64_t room = max - done;

		todo += to - from;
		if (room <= 0)
			continue;
		if (to - from > room)
			to = from + room;
		if (feed_album(tx, db_int(&rows, 0), from, to, err))
			return -1;
		done += to - from;
	}
	db_rows_close(&rows);
	if (more < 0 || event_commit(&tx, err))
		return -1;
	*left = todo - done;
	return 0;
}

int words_forget(struct db *db, int64_t key, struct err *err)
{
	static const struct db_sql sql = {"words_forget",
		"INSERT INTO fts_event(fts_event, rowid, text)"
		" SELECT 'delete', key, " EVENT_WORDS
		" FROM event WHERE key = :key AND json_valid(body)"
		" AND :place <= (SELECT indexed FROM album WHERE album.key = :album)"};

	if (event_state_of(key) != EVENT_CONFIRMED)
		return 0;
	return db_run(db, &sql, err, DB_INT(":key", key), DB_INT(":place", event_place(key)),
		DB_INT(":album", key >> EVENT_PLACE_BITS));
}

/* --- purging ---------------------------------------------------------------------------- */

#define MERGE_PAGES 32 /* pages of the index that one step writes */

/* The debt is the rev of the last erasing: who pays an earlier one does not cancel a later one. */
int words_owe_purge(struct event_tx *tx, struct err *err)
{
	static const struct db_sql sql = {"words_owe_purge",
		"INSERT INTO meta(name, value) VALUES('purge', :rev)"
		" ON CONFLICT(name) DO UPDATE SET value = excluded.value"};

	return db_run(tx->log->db, &sql, err, DB_INT(":rev", tx->rev));
}

static int read_debt(struct db *db, int64_t *rev, struct err *err)
{
	static const struct db_sql sql = {
		"words_debt", "SELECT value FROM meta WHERE name = 'purge'"};

	return db_get_int_values(db, &sql, NULL, 0, rev, err);
}

int event_words_purge_owed(struct db *db, struct err *err)
{
	int64_t rev;

	return read_debt(db, &rev, err);
}

/* Merges all segments into one, which is what leaves deleted words behind: a negative number of
 * pages begins, a positive one goes on, and a step that changes less than two rows was the last
 * (https://www.sqlite.org/fts5.html#the_merge_command). */
static int merge_step(
	struct db *db, const struct db_sql *sql, int64_t pages, bool *done, struct err *err)
{
	int64_t before = db_total_changes(db);

	if (db_run(db, sql, err, DB_INT(":pages", pages)))
		return -1;
	*done = db_total_changes(db) - before < 2;
	return 0;
}

/* As many steps as fit into one transaction. */
static int merge_some(
	struct event_log *log, const struct db_sql *sql, bool begin, bool *done, struct err *err)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;

	if (event_begin(log, "purge", &tx, err))
		return -1;
	do {
		if (merge_step(log->db, sql, begin ? -MERGE_PAGES : MERGE_PAGES, done, err))
			return -1;
		begin = false;
	} while (!*done && !event_should_commit(tx));
	return event_commit(&tx, err);
}

static int merge_all(struct event_log *log, const struct db_sql *sql, struct err *err)
{
	bool done;

	if (merge_some(log, sql, true, &done, err))
		return -1;
	while (!done)
		if (merge_some(log, sql, false, &done, err))
			return -1;
	return 0;
}

static int forget_debt(struct event_log *log, int64_t rev, struct err *err)
{
	static const struct db_sql sql = {
		"words_purged", "DELETE FROM meta WHERE name = 'purge' AND value = :rev"};
	_cleanup_event_tx_ struct event_tx *tx = NULL;

	if (event_begin(log, "purge", &tx, err) || db_run(log->db, &sql, err, DB_INT(":rev", rev)))
		return -1;
	return event_commit(&tx, err);
}

int event_words_purge(struct event_log *log, struct err *err)
{
	static const struct db_sql events = {"words_merge_events",
		"INSERT INTO fts_event(fts_event, rank) VALUES('merge', :pages)"};
	static const struct db_sql facts = {"words_merge_facts",
		"INSERT INTO fts_fact(fts_fact, rank) VALUES('merge', :pages)"};

	int64_t rev = 0;

	if (read_debt(log->db, &rev, err) < 0 || merge_all(log, &events, err) ||
		merge_all(log, &facts, err) || db_checkpoint(log->db, err))
		return -1;
	return rev ? forget_debt(log, rev, err) : 0;
}
