/* follow.c - what is new in the albums that one person sees; see follow.h.
 *
 * Numbers of an album rise with the store's rev, so where a rev begins in it is found by halving.  Only an erased
 * event has a later rev than its neighbours; it is told with those behind it.  Invariant: all of one step is
 * read of one instant.
 */
#include "store/follow.h"

#include <string.h>

void follow_release(struct follow *follow)
{
	vec_release(&follow->albums);
}

int follow_now(struct store *store, int64_t *rev, struct err *err)
{
	static const struct db_sql sql = {
		"follow_now", "SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'rev'"};
	int found = db_get_int_values(store->db, &sql, NULL, 0, rev, err);

	if (found == 0)
		return err_set(err, ERR_DAMAGED, "the store has lost its revision counter");
	return found < 0 ? -1 : 0;
}

/* --- where to begin --------------------------------------------------------------------- */

/* The first event at `seq` or later, up to `last`, that is not erased: its seq, and whether it is newer
 * than `rev`.  Past `last` if there is none. */
static int look_from(struct store *store, int64_t album, int64_t seq, int64_t last, int64_t rev,
	int64_t *at, bool *newer, struct err *err)
{
	static const struct db_sql sql = {"follow_look",
		"SELECT key, rev FROM event WHERE key BETWEEN :from AND :to AND body IS NOT NULL"
		" ORDER BY key LIMIT 1"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":from", event_key(album, seq)),
		    DB_INT(":to", event_key(album, last))))
		return -1;
	found = db_next(&rows, err);
	if (found < 0)
		return -1;
	*at = found ? event_place(db_int(&rows, 0)) : last + 1;
	*newer = !found || db_int(&rows, 1) > rev;
	return 0;
}

/* The seq behind the last event that is surely not newer than `rev`. */
static int find_start(struct store *store, int64_t album, int64_t last, int64_t rev, int64_t *out,
	struct err *err)
{
	int64_t low = 1, high = last + 1; /* all before low is old, all from high on is new */

	while (low < high) {
		int64_t middle = low + (high - low) / 2, at;
		bool newer;

		if (look_from(store, album, middle, last, rev, &at, &newer, err))
			return -1;
		if (newer)
			high = middle;
		else
			low = at + 1;
	}
	*out = low;
	return 0;
}

/* The album's entry, made where it is first seen to change. */
static int entry_of(struct store *store, struct follow *follow, int64_t album, int64_t last,
	struct follow_album **out, struct err *err)
{
	struct follow_album fresh = {.key = album};

	vec_foreach (&follow->albums, struct follow_album, known)
		if (known->key == album) {
			*out = known;
			return 0;
		}
	if (find_start(store, album, last, follow->rev, &fresh.next, err))
		return -1;
	*out = vec_push_or(&follow->albums, err);
	if (!*out)
		return -1;
	**out = fresh;
	return 0;
}

/* --- telling ---------------------------------------------------------------------------- */

struct telling {
	follow_told each;
	void *data;
	size_t left;
};

/* 1 if the album has more than may be told now. */
static int tell_album(struct store *store, struct follow_album *album, const struct uuid *id,
	int64_t last, struct telling *t, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	struct event e;
	int more = 0;

	if (album->next > last)
		return 0;
	if (event_read(store->db, album->key, album->next, last + 1, &reader, err))
		return -1;
	while (t->left && (more = event_next(reader, &e, err)) == 1) {
		if (t->each(t->data, id, &e, err))
			return -1;
		album->next = e.seq + 1;
		t->left--;
	}
	return more < 0 ? -1 : album->next <= last;
}

static int tell_changed(
	struct store *store, struct follow *follow, struct telling *t, struct err *err)
{
	static const struct db_sql sql = {"follow_albums",
		"SELECT album.key, album.id, min(album.head, coalesce(p.removed, album.head))"
		" FROM view_participant AS p JOIN album ON album.key = p.album"
		" WHERE p.id = :viewer AND p.role <> 'none' AND album.kind = 'album'"
		" AND album.rev > :rev ORDER BY album.key"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more, unfinished = 0;

	if (db_query(store->db, &sql, &rows, err, DB_UUID(":viewer", &store->actor),
		    DB_INT(":rev", follow->rev)))
		return -1;
	while (!unfinished && (more = db_next(&rows, err)) != 0) {
		int64_t last = db_int(&rows, 2);
		struct follow_album *album;
		struct uuid id;

		if (more < 0 || db_uuid(&rows, 1, &id, err) ||
			entry_of(store, follow, db_int(&rows, 0), last, &album, err))
			return -1;
		unfinished = tell_album(store, album, &id, last, t, err);
	}
	return unfinished;
}

int follow_step(struct store *store, struct follow *follow, size_t limit, follow_told each,
	void *data, struct err *err)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;
	struct telling telling = {.each = each, .data = data, .left = limit};
	int64_t now;
	int unfinished;

	if (db_begin_read(store->db, &tx, err) || follow_now(store, &now, err))
		return -1;
	unfinished = tell_changed(store, follow, &telling, err);
	if (unfinished == 0)
		follow->rev = now;
	return unfinished;
}
