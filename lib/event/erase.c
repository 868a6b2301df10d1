/* erase.c - taking words back: bodies go, the log stays without gaps and the chain stays true.
 *
 * Invariant: after the commit no body of the entity is in the log or in the full-text index's live
 * rows; event_words_purge then rewrites the pages that may still hold words.
 */
#include "event/internal.h"

#include <string.h>

static int erase_body(struct event_tx *tx, struct event *e, struct err *err)
{
	static const struct db_sql sql = {"event_erase",
		"UPDATE event SET body = NULL, salt = NULL, body_hash = :hash, rev = :rev"
		" WHERE key = :key"};

	event_hash_body(e);
	return db_run(tx->log->db, &sql, err, DB_BLOB(":hash", e->body_hash.bytes, SHA256_LEN),
		DB_INT(":rev", tx->rev), DB_INT(":key", e->key));
}

/* What is still pending is no part of the entity yet: it folds after the erasing, and the home will
 * refuse it or take it as new. */
static bool came_before(const struct event *e, const struct event *by)
{
	return e->seq && e->seq < by->seq;
}

/* Reactions and the like about the entity are no words of it: only events of the eraser's family. */
static bool same_family(const char *a, const char *b)
{
	size_t len = strcspn(a, ".");

	return strncmp(a, b, len + 1) == 0;
}

static int erase_taken(
	struct event_tx *tx, struct album_state *a, const struct event *by, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	struct event e;
	int more;

	if (event_read_entity(tx->log->db, a->facts.key, &by->about, &reader, err))
		return -1;
	reader->lenient = true;
	while ((more = event_next(reader, &e, err)) == 1) {
		if (!e.body || !came_before(&e, by) || !same_family(by->kind, e.kind))
			continue;
		if (words_forget(tx->log->db, e.key, err) || erase_body(tx, &e, err))
			return -1;
	}
	return more;
}

/* What the home refused is no part of the entity, but its words are in this store all the same. */
static int erase_refused(
	struct event_tx *tx, struct album_state *a, const struct event *by, struct err *err)
{
	static const struct db_sql sql = {"refused_about",
		"SELECT " EVENT_COLUMNS " FROM event"
		" WHERE about = :about AND key >= :from AND key < :to AND body IS NOT NULL"};
	struct event_reader reader = {.rows = DB_ROWS_INIT, .lenient = true};
	struct event e;
	int more;

	if (db_query(tx->log->db, &sql, &reader.rows, err, DB_ENTITY(":about", &by->about),
		    DB_INT(":from", event_key(a->facts.key, EVENT_PLACE_REJECTED)),
		    DB_INT(":to", event_key(a->facts.key, EVENT_PLACE_END))))
		return -1;
	while ((more = event_next(&reader, &e, err)) == 1)
		if (same_family(by->kind, e.kind) && erase_body(tx, &e, err)) {
			more = -1;
			break;
		}
	wire_json_free(&reader.json);
	db_rows_close(&reader.rows);
	return more;
}

int erase_entity(
	struct event_tx *tx, struct album_state *a, const struct event *by, struct err *err)
{
	return erase_taken(tx, a, by, err) || erase_refused(tx, a, by, err) ||
			words_owe_purge(tx, err) ?
		-1 :
		0;
}
