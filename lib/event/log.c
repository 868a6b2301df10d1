/* log.c - transactions on the log, and the albums' rows.
 *
 * Invariant: head, `at`, chain and totals of an album change only in memory here and reach their
 * row in the same transaction as the events that moved them.
 */
#include "event/internal.h"

#include <stdlib.h>
#include <string.h>

#define HOLD_MAX_MS 40 /* bulk writers let others in after this; the rule is 50 */

int event_log_open(struct db *db, const struct clock *clock, const struct uuid *store,
	struct event_log **out, struct err *err)
{
	struct event_log *log;

	if (event_kinds_check(err))
		return -1;
	log = mem_calloc(1, sizeof(*log));
	if (!log)
		return err_no_memory(err);
	log->db = db;
	log->clock = clock;
	log->store = *store;
	*out = log;
	return 0;
}

void event_log_close(struct event_log *log)
{
	free(log);
}

struct db *event_log_db(struct event_log *log)
{
	return log->db;
}

int event_begin(struct event_log *log, const char *who, struct event_tx **out, struct err *err)
{
	static const struct db_sql raise = {
		"rev_raise",
		"UPDATE meta SET value = value + 1 WHERE name = 'rev' RETURNING value",
	};
	_cleanup_event_tx_ struct event_tx *tx = mem_calloc(1, sizeof(*tx));
	int found;

	if (!tx)
		return err_no_memory(err);
	tx->log = log;
	str_init(&tx->canonical, WIRE_BODY_MAX);
	if (db_begin(log->db, who, &tx->tx, err))
		return -1;
	found = db_get_int_values(log->db, &raise, NULL, 0, &tx->rev, err);
	if (found < 0)
		return -1;
	if (found == 0)
		return err_set(err, ERR_DAMAGED, "the store has lost its revision counter");
	*out = mem_steal(&tx);
	return 0;
}

static void tx_free(struct event_tx *tx)
{
	struct album_state *next;

	for (struct album_state *a = tx->albums; a; a = next) {
		next = a->next;
		free(a);
	}
	str_release(&tx->canonical);
	free(tx);
}

void event_rollback(struct event_tx **tx)
{
	if (!*tx)
		return;
	db_rollback(&(*tx)->tx);
	tx_free(*tx);
	*tx = NULL;
}

static int flush_album(struct event_tx *tx, struct album_state *a, struct err *err)
{
	static const struct db_sql save = {
		"album_save",
		"UPDATE album SET head = :head, at = :at, chain = :chain, epoch = :epoch, home = :home,"
		" drafts = :drafts, rev = :rev WHERE key = :key",
	};

	if (!a->dirty)
		return 0;
	if (db_run(tx->log->db, &save, err, DB_INT(":head", a->facts.head),
		    DB_INT(":at", a->facts.at), DB_BLOB(":chain", a->facts.chain.bytes, SHA256_LEN),
		    DB_INT(":epoch", a->facts.epoch), DB_UUID(":home", &a->facts.home),
		    DB_INT(":drafts", a->drafts), DB_INT(":rev", tx->rev),
		    DB_INT(":key", a->facts.key)))
		return -1;
	return fold_flush_totals(&a->fold, err);
}

static int flush_access(struct event_tx *tx, struct err *err)
{
	static const struct db_sql save = {"access_save",
		"INSERT INTO meta(name, value) VALUES('access', :rev)"
		" ON CONFLICT(name) DO UPDATE SET value = excluded.value"};

	return tx->access ? db_run(tx->log->db, &save, err, DB_INT(":rev", tx->rev)) : 0;
}

int event_flush(struct event_tx *tx, struct err *err)
{
	if (tx->broken)
		return err_set(err, ERR_FAILED, "an event of this transaction failed half-way");
	for (struct album_state *a = tx->albums; a; a = a->next)
		if (flush_album(tx, a, err))
			return -1;
	return 0;
}

int event_commit(struct event_tx **tx, struct err *err)
{
	int failed = event_flush(*tx, err);

	if (!failed)
		failed = flush_access(*tx, err);
	if (!failed)
		failed = db_commit(&(*tx)->tx, err);
	event_rollback(tx);
	return failed ? -1 : 0;
}

int64_t event_rev(const struct event_tx *tx)
{
	return tx->rev;
}

bool event_is_broken(const struct event_tx *tx)
{
	return tx->broken;
}

bool event_should_commit(const struct event_tx *tx)
{
	return db_held_ms(tx->log->db) >= HOLD_MAX_MS;
}

#define ALBUM_COLUMNS "key, id, home, kind, epoch, head, at, rev, chain, drafts"

static int album_fill(const struct db_rows *rows, struct album_facts *out, struct err *err)
{
	const char *kind = db_text(rows, 3);
	size_t len;
	const void *chain = db_blob(rows, 8, &len);

	memset(out, 0, sizeof(*out));
	out->key = db_int(rows, 0);
	if (db_uuid(rows, 1, &out->id, err) || db_uuid(rows, 2, &out->home, err))
		return -1;
	if (!chain || len != SHA256_LEN || !kind || strlen(kind) >= sizeof(out->kind))
		return err_set(err, ERR_DAMAGED, "the row of album %lld is malformed",
			(long long)out->key);
	memcpy(out->chain.bytes, chain, SHA256_LEN);
	memcpy(out->kind, kind, strlen(kind) + 1);
	out->epoch = db_int(rows, 4);
	out->head = db_int(rows, 5);
	out->at = db_int(rows, 6);
	out->rev = db_int(rows, 7);
	return 0;
}

int event_album_find(struct db *db, const struct uuid *id, struct album_facts *out, struct err *err)
{
	static const struct db_sql find = {
		"album_find", "SELECT " ALBUM_COLUMNS " FROM album WHERE id = :id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(db, &find, &rows, err, DB_UUID(":id", id)))
		return -1;
	found = db_next(&rows, err);
	return found == 1 && album_fill(&rows, out, err) ? -1 : found;
}

static const struct db_sql album_get = {
	"album_get", "SELECT " ALBUM_COLUMNS " FROM album WHERE key = :key"};

int event_album_get(struct db *db, int64_t key, struct album_facts *out, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(db, &album_get, &rows, err, DB_INT(":key", key)))
		return -1;
	found = db_next(&rows, err);
	return found == 1 && album_fill(&rows, out, err) ? -1 : found;
}

int tx_album(struct event_tx *tx, int64_t key, struct album_state **out, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	_cleanup_free_ struct album_state *a = NULL;
	int found;

	for (struct album_state *known = tx->albums; known; known = known->next)
		if (known->facts.key == key) {
			*out = known;
			return 0;
		}
	a = mem_calloc(1, sizeof(*a));
	if (!a)
		return err_no_memory(err);
	if (db_query(tx->log->db, &album_get, &rows, err, DB_INT(":key", key)))
		return -1;
	found = db_next(&rows, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such album");
	if (found < 0 || album_fill(&rows, &a->facts, err))
		return -1;
	a->drafts = db_int(&rows, 9);
	a->fold.db = tx->log->db;
	a->fold.album = key;
	a->next = tx->albums;
	*out = tx->albums = mem_steal(&a);
	return 0;
}

int event_album_add(struct event_tx *tx, const struct uuid *id, const char *kind,
	const struct uuid *home, const char *slug, int64_t *key, struct err *err)
{
	static const struct db_sql add = {
		"album_add",
		"INSERT INTO album(id, kind, home, chain, slug, rev)"
		" VALUES(:id, :kind, :home, :chain, :slug, :rev) RETURNING key",
	};
	static const struct sha256 zero;
	const struct db_value values[] = {DB_UUID(":id", id), DB_TEXTZ(":kind", kind),
		DB_UUID(":home", home ? home : &tx->log->store),
		DB_BLOB(":chain", zero.bytes, SHA256_LEN), DB_TEXTZ(":slug", slug),
		DB_INT(":rev", tx->rev)};
	int found = db_get_int_values(tx->log->db, &add, values, ARRAY_LEN(values), key, err);

	if (found == 1)
		return 0;
	if (err && err->kind == ERR_CONFLICT)
		return err_set(err, ERR_CONFLICT, "an album with this %s exists already",
			slug ? "name or id" : "id");
	return -1;
}

int event_album_raise_epoch(
	struct event_tx *tx, int64_t album, const struct uuid *home, struct err *err)
{
	struct album_state *a;

	if (tx_album(tx, album, &a, err))
		return -1;
	a->facts.epoch++;
	if (home)
		a->facts.home = *home;
	a->dirty = true;
	return 0;
}

int tx_salt(struct event_tx *tx, uint8_t salt[EVENT_SALT_LEN], struct err *err)
{
	if (tx->random_left < EVENT_SALT_LEN) {
		if (crypt_random(tx->random, sizeof(tx->random), err))
			return -1;
		tx->random_left = sizeof(tx->random);
	}
	tx->random_left -= EVENT_SALT_LEN;
	memcpy(salt, tx->random + tx->random_left, EVENT_SALT_LEN);
	return 0;
}

void tx_forget_actor(struct event_tx *tx)
{
	tx->actor_album = 0;
	event_touch_access(tx);
}

void event_touch_access(struct event_tx *tx)
{
	tx->access = true;
}
