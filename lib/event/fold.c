/* fold.c - views are folds: apply one event, fold one entity again, or replay everything.
 *
 * Invariant: fold_entity leaves the same rows, byte for byte, as a replay of the whole log would.
 */
#include "event/internal.h"
#include "db/schema.h"

#include <string.h>

/* An event of the future changes nothing but is remembered, so that status can count it. */
static int apply_unknown(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"unknown_put",
		"INSERT INTO view_unknown(event) VALUES(:event) ON CONFLICT DO NOTHING"};

	return db_run(f->db, &sql, err, DB_INT(":event", e->key));
}

int fold_apply(struct fold *f, const struct event *e, struct err *err)
{
	return e->known ? e->known->apply(f, e, err) : apply_unknown(f, e, err);
}

int fold_drop(struct fold *f, const struct entity *about, struct err *err)
{
	for (size_t i = 0; event_families[i]; i++)
		if (event_families[i]->drop(f, about, err))
			return -1;
	return 0;
}

int fold_entity(struct fold *f, const struct entity *about, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	struct event e;
	int more;

	if (fold_drop(f, about, err) || event_read_entity(f->db, f->album, about, &reader, err))
		return -1;
	reader->lenient = true;
	while ((more = event_next(reader, &e, err)) == 1)
		if (fold_apply(f, &e, err))
			return -1;
	return more;
}

int fold_flush_totals(struct fold *f, struct err *err)
{
	static const struct db_sql sql = {"total_add",
		"INSERT INTO view_total(album, photos, messages, bytes)"
		" VALUES(:album, :photos, :messages, :bytes)"
		" ON CONFLICT(album) DO UPDATE SET photos = photos + excluded.photos,"
		" messages = messages + excluded.messages, bytes = bytes + excluded.bytes"};

	if (!f->photos && !f->messages && !f->bytes)
		return 0;
	if (db_run(f->db, &sql, err, DB_INT(":album", f->album), DB_INT(":photos", f->photos),
		    DB_INT(":messages", f->messages), DB_INT(":bytes", f->bytes)))
		return -1;
	f->photos = f->messages = f->bytes = 0;
	return 0;
}

/* --- rebuild ---------------------------------------------------------------------------- */

struct rebuild {
	struct event_log *log;
	int (*progress)(void *data, int64_t done, int64_t total);
	void *data;
	int64_t done, total;
};

static int replay_album(struct rebuild *r, int64_t album, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	struct fold fold = {.db = r->log->db, .album = album};
	struct event e;
	int more;

	if (event_read(r->log->db, album, 1, EVENT_PLACE_REJECTED, &reader, err))
		return -1;
	reader->lenient = true;
	while ((more = event_next(reader, &e, err)) == 1) {
		if (fold_apply(&fold, &e, err))
			return err_prefix(err, "event %lld", (long long)event_place(e.key));
		if (++r->done % 1024 == 0 && r->progress && r->progress(r->data, r->done, r->total))
			return err_set(
				err, ERR_INTERRUPTED, "interrupted: the views are as before");
	}
	return more < 0 ? -1 : fold_flush_totals(&fold, err);
}

static int replay_all(struct rebuild *r, struct err *err)
{
	static const struct db_sql count = {"event_count", "SELECT count(*) FROM event"};
	static const struct db_sql list = {"album_keys", "SELECT key FROM album ORDER BY key"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_get_int_values(r->log->db, &count, NULL, 0, &r->total, err) < 0 ||
		db_query0(r->log->db, &list, &rows, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		if (replay_album(r, db_int(&rows, 0), err))
			return -1;
	return more;
}

int event_rebuild(struct event_log *log, bool words,
	int (*progress)(void *data, int64_t done, int64_t total), void *data, int64_t *replayed,
	struct err *err)
{
	static const struct db_sql forget = {"words_restart", "UPDATE album SET indexed = 0"};
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	struct rebuild r = {.log = log, .progress = progress, .data = data};
	int64_t left = 1;

	if (event_begin(log, "rebuild", &tx, err) || schema_reset_views(log->db, err) ||
		db_run0(log->db, &forget, err) ||
		db_script(log->db, "INSERT INTO fts_fact(fts_fact) VALUES('rebuild')", err) ||
		replay_all(&r, err) || event_commit(&tx, err))
		return -1;
	while (words && left > 0)
		if (event_words_feed(log, 10000, &left, err))
			return -1;
	*replayed = r.done;
	return 0;
}

/* --- comparing -------------------------------------------------------------------------- */

/* Adds one row to the digest, each column with its type and length. */
static int digest_row(const struct db_rows *rows, int columns, struct str *out)
{
	for (int i = 0; i < columns; i++) {
		size_t len = 0;
		const void *bytes = db_is_null(rows, i) ? NULL : db_blob(rows, i, &len);

		str_addf(out, "%c%zu:", bytes ? 'v' : 'n', len);
		if (bytes)
			str_add_hex(out, bytes, len);
	}
	str_addc(out, '\n');
	return 0;
}

struct view_table {
	const char *rows, *clear;
	int columns;
};

#define CLEAR(table) "DELETE FROM " table " WHERE album = :album"

/* Every view table but its row keys' album part: replicas number albums differently. */
static const struct view_table view_tables[] = {
	{"SELECT title, description, cover, archived, deleted, created, creator FROM view_album"
	 " WHERE album = :album",
		CLEAR("view_album"), 7},
	{"SELECT photos, messages, bytes FROM view_total WHERE album = :album AND"
	 " (photos <> 0 OR messages <> 0 OR bytes <> 0)",
		CLEAR("view_total"), 3},
	{"SELECT id, kind, name, role, claimed_by, inviter, joined, removed FROM view_participant"
	 " WHERE album = :album ORDER BY id",
		CLEAR("view_participant"), 8},
	{"SELECT key & 1099511627775, id, state, removed, alias, author, kind, mime, bytes, width,"
	 " height, wall, offset, sort, rotate, facts, caption & 1099511627775, added FROM view_photo"
	 " WHERE album = :album ORDER BY id",
		CLEAR("view_photo"), 18},
	{"SELECT id, photo, role, mime, bytes, width, height, facts FROM view_part"
	 " WHERE album = :album ORDER BY photo, id",
		CLEAR("view_part"), 8},
	{"SELECT photo, tag FROM view_tag WHERE album = :album ORDER BY photo, tag",
		CLEAR("view_tag"), 2},
	{"SELECT about, author, name, \"when\" FROM view_reaction WHERE album = :album"
	 " ORDER BY about, author, name",
		CLEAR("view_reaction"), 4},
	{"SELECT key & 1099511627775, \"when\", id, author, photo, reply_to, text & 1099511627775,"
	 " edited, deleted FROM view_message WHERE album = :album ORDER BY id",
		CLEAR("view_message"), 9},
	{"SELECT id, author, name, may, expires, max_uses, revoked FROM view_link"
	 " WHERE album = :album ORDER BY id",
		CLEAR("view_link"), 7},
	{"SELECT about, name, seq, event & 1099511627775 FROM view_self WHERE album = :album"
	 " ORDER BY about, name",
		CLEAR("view_self"), 4},
	{"SELECT event & 1099511627775 FROM view_unknown WHERE event >> 40 = :album ORDER BY event",
		"DELETE FROM view_unknown WHERE event >> 40 = :album", 1},
};

int event_view_digest(struct db *db, int64_t album, struct sha256 *out, struct err *err)
{
	_cleanup_sha256_stream_ struct sha256_stream *stream = sha256_stream_new(err);
	const struct db_value which[] = {DB_INT(":album", album)};

	if (!stream)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(view_tables); i++) {
		_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
		_cleanup_str_ struct str row = STR_INIT(STR_MAX_FILE);
		int more;

		if (db_query_text(db, view_tables[i].rows, &rows, which, 1, err))
			return -1;
		while ((more = db_next(&rows, err)) == 1) {
			str_clear(&row);
			digest_row(&rows, view_tables[i].columns, &row);
			if (str_check(&row, err))
				return -1;
			sha256_stream_add(stream, row.data, row.len);
		}
		if (more < 0)
			return -1;
		sha256_stream_add(stream, "\n", 1);
	}
	sha256_stream_end(stream, out);
	return 0;
}

static int clear_views(struct db *db, int64_t album, struct err *err)
{
	const struct db_value which[] = {DB_INT(":album", album)};

	for (size_t i = 0; i < ARRAY_LEN(view_tables); i++) {
		_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

		if (db_query_text(db, view_tables[i].clear, &rows, which, 1, err) ||
			db_next(&rows, err) < 0)
			return -1;
	}
	return 0;
}

int event_check_views(struct event_log *log, int64_t album, struct err *err)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL; /* never committed */
	struct rebuild r = {.log = log};
	struct sha256 found, wanted;

	if (event_begin(log, "check", &tx, err) || event_view_digest(log->db, album, &found, err) ||
		clear_views(log->db, album, err) || replay_album(&r, album, err) ||
		event_view_digest(log->db, album, &wanted, err))
		return -1;
	if (sha256_compare(&found, &wanted) == 0)
		return 0;
	return err_set(err, ERR_DAMAGED, "what commands read is not what the log says");
}
