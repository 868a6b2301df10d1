/* mark.c - read marks; see mark.h.
 *
 * Invariant: what counts is the higher of the event and of what waits, so a mark never goes back.
 */
#include "store/mark.h"
#include "store/sight.h"

#include "base/vec.h"

#define WAITING_MAX 256 /* marks looked at in one call */

/* The own log of store->actor. */
static int find_self(struct store *store, int64_t *key, struct err *err)
{
	static const struct db_sql sql = {"mark_self",
		"SELECT album.key FROM view_participant AS p JOIN album ON album.key = p.album"
		" WHERE p.id = :me AND album.kind = 'self' AND p.role = 'owner' LIMIT 1"};
	int found = db_get_int(store->db, &sql, key, err, DB_UUID(":me", &store->actor));

	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "you have no log of your own");
	return found < 0 ? -1 : 0;
}

/* What is behind ":self": NULL where they have no log, then nothing was read. */
#define MARK_EVENT                                                                                  \
	"SELECT v.seq FROM view_self AS v WHERE v.album = (SELECT s.key FROM view_participant AS p" \
	" JOIN album AS s ON s.key = p.album WHERE p.id = :me AND s.kind = 'self'"                  \
	" AND p.role = 'owner') AND v.name = 'read' AND v.about = "
#define MARK_WAITING "SELECT w.seq FROM mark_waiting AS w WHERE w.user = :me AND w.album = "

int mark_get(struct store *store, const struct uuid *album, int64_t *out, struct err *err)
{
	static const struct db_sql sql = {"mark_get",
		"SELECT max(coalesce((" MARK_EVENT ":album), 0), coalesce((" MARK_WAITING
		":album), 0))"};

	return db_get_int(store->db, &sql, out, err, DB_UUID(":me", &store->actor),
		       DB_UUID(":album", album)) < 0 ?
		-1 :
		0;
}

int mark_each(struct store *store,
	int (*each)(void *data, const struct mark *mark, struct err *err), void *data,
	struct err *err)
{
	static const struct db_sql sql = {"mark_list",
		"SELECT album.id, max(coalesce((" MARK_EVENT "album.id), 0),"
		" coalesce((" MARK_WAITING "album.id), 0)), album.head"
		" FROM album JOIN view_album ON view_album.album = album.key"
		" WHERE album.kind = 'album' AND view_album.deleted = 0"
		" AND album.key IN " SIGHT_ALBUMS " ORDER BY album.key"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_UUID(":me", &store->actor),
		    DB_UUID(":viewer", &store->actor)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct mark mark = {.seq = db_int(&rows, 1), .head = db_int(&rows, 2)};

		if (db_uuid(&rows, 0, &mark.album, err) || each(data, &mark, err))
			return -1;
	}
	return more;
}

/* --- changing --------------------------------------------------------------------------- */

static int put_waiting(struct store *store, const struct uuid *album, int64_t seq, struct err *err)
{
	static const struct db_sql sql = {"mark_wait",
		"INSERT INTO mark_waiting(user, album, seq) VALUES(:user, :album, :seq)"
		" ON CONFLICT(user, album) DO UPDATE SET seq = excluded.seq"};

	return db_run(store->db, &sql, err, DB_UUID(":user", &store->actor),
		DB_UUID(":album", album), DB_INT(":seq", seq));
}

static int drop_waiting(struct store *store, const struct uuid *album, struct err *err)
{
	static const struct db_sql sql = {
		"mark_written", "DELETE FROM mark_waiting WHERE user = :user AND album = :album"};

	return db_run(
		store->db, &sql, err, DB_UUID(":user", &store->actor), DB_UUID(":album", album));
}

static int write_event(struct event_tx *tx, struct store *store, int64_t self,
	const struct mark *mark, struct err *err)
{
	_cleanup_json_ json_t *body = json_object();
	struct receipt receipt;
	struct draft draft;

	wire_set_int(&body, "seq", mark->seq);
	if (!body)
		return err_no_memory(err);
	store_draft(store, self, "self.read", &draft);
	draft.about = entity_from_uuid(&mark->album);
	draft.body = body;
	if (event_submit(tx, &draft, &receipt, err))
		return -1;
	return drop_waiting(store, &mark->album, err);
}

/* Marks whose album got no event for MARK_EVENT_MS. */
static int list_due(struct store *store, int64_t self, struct vec *out, struct err *err)
{
	static const struct db_sql sql = {"mark_due",
		"SELECT w.album, w.seq FROM mark_waiting AS w"
		" LEFT JOIN view_self AS v ON v.album = :self AND v.about = w.album AND v.name = 'read'"
		" LEFT JOIN event AS e ON e.key = v.event"
		" WHERE w.user = :user AND coalesce(e.at, e.time, 0) <= :since LIMIT :limit"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":self", self),
		    DB_UUID(":user", &store->actor),
		    DB_INT(":since", clock_now_ms(store->clock) - MARK_EVENT_MS),
		    DB_INT(":limit", WAITING_MAX)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct mark *mark = vec_push_or(out, err);

		if (!mark || db_uuid(&rows, 0, &mark->album, err))
			return -1;
		mark->seq = db_int(&rows, 1);
	}
	return more;
}

static int write_due(struct event_tx *tx, struct store *store, struct err *err)
{
	_cleanup_vec_ struct vec due = VEC_INIT(struct mark, WAITING_MAX);
	int64_t self;

	if (find_self(store, &self, err) || list_due(store, self, &due, err))
		return -1;
	vec_foreach (&due, const struct mark, mark)
		if (write_event(tx, store, self, mark, err))
			return -1;
	return 0;
}

int mark_set(
	struct store *store, const struct uuid *album, int64_t seq, int64_t *out, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	struct album_facts facts;
	int64_t before = 0;
	int found;

	if (store_begin(store, "read mark", &tx, err))
		return -1;
	found = event_album_find(store->db, album, &facts, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such album");
	if (found < 0 || mark_get(store, album, &before, err))
		return -1;
	/* The head of an open transaction may be ahead of its row: nobody has read that yet. */
	seq = seq < facts.head ? seq : facts.head;
	if ((seq > before && put_waiting(store, album, seq, err)) || write_due(tx.tx, store, err) ||
		store_commit(&tx, err))
		return -1;
	*out = seq > before ? seq : before;
	return 0;
}
