/* store.c - makes, opens and closes a store; the small things that every command does with one.
 *
 * Invariant: an open store has an identity (id, owner, device), a schema of exactly this binary's
 * number, and views of exactly this binary's version.
 */
#include "store/store.h"
#include "store/self.h"
#include "base/path.h"
#include "db/schema.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DB_FILE       "pinhole.db"
#define COPY_FILE     "pinhole.before-migration.db"
#define YOUNG_FILE    "pinhole.new" /* the database while it is being made */
#define SETTLE_EVENTS 512 /* how far the full-text index may lag before a writer feeds it */
#define SETTLE_STEP   2000

static const char *const store_dirs[] = {"objects", "cache", "hooks"};

char *store_path(const struct store *store, const char *name)
{
	return path_join(store->dir, name);
}

/* --- meta ------------------------------------------------------------------------------- */

static const struct db_sql meta_get = {"meta_get", "SELECT value FROM meta WHERE name = :name"};
static const struct db_sql meta_set = {"meta_set",
	"INSERT INTO meta(name, value) VALUES(:name, :value)"
	" ON CONFLICT(name) DO UPDATE SET value = excluded.value"};

int store_meta_get(struct store *store, const char *name, char **out, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(store->db, &meta_get, &rows, err, DB_TEXTZ(":name", name)))
		return -1;
	found = db_next(&rows, err);
	if (found != 1 || db_is_null(&rows, 0))
		return found < 0 ? -1 : 0;
	*out = mem_strdup(db_text(&rows, 0));
	return *out ? 1 : err_no_memory(err);
}

int store_meta_set(struct store *store, const char *name, const char *value, struct err *err)
{
	return db_run(
		store->db, &meta_set, err, DB_TEXTZ(":name", name), DB_TEXTZ(":value", value));
}

static int meta_set_uuid(struct db *db, const char *name, const struct uuid *id, struct err *err)
{
	return db_run(db, &meta_set, err, DB_TEXTZ(":name", name), DB_UUID(":value", id));
}

static int meta_set_int(struct db *db, const char *name, int64_t value, struct err *err)
{
	return db_run(db, &meta_set, err, DB_TEXTZ(":name", name), DB_INT(":value", value));
}

static int meta_need_uuid(struct db *db, const char *name, struct uuid *out, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query(db, &meta_get, &rows, err, DB_TEXTZ(":name", name)))
		return -1;
	if (db_next(&rows, err) != 1)
		return err_set(err, ERR_DAMAGED, "the store does not know its %s", name);
	return db_uuid(&rows, 0, out, err);
}

/* --- init ------------------------------------------------------------------------------- */

static bool is_empty_dir(const char *path)
{
	struct dirent *entry;
	DIR *handle = opendir(path);
	bool empty = handle != NULL;

	while (empty && (entry = readdir(handle)))
		empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
	if (handle)
		closedir(handle);
	return empty;
}

/* What a killed init may have left: its young database, and directories with nothing in them. */
static bool is_left_over(const char *dir, const char *name)
{
	static const char *const files[] = {
		YOUNG_FILE, YOUNG_FILE "-wal", YOUNG_FILE "-shm", "lock", ".", ".."};
	_cleanup_free_ char *path = path_join(dir, name);

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (strcmp(files[i], name) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_LEN(store_dirs); i++)
		if (strcmp(store_dirs[i], name) == 0)
			return path && is_empty_dir(path);
	return false;
}

/* A store is only laid into nothing: CONFLICT unless `dir` is absent or empty. */
static int check_empty(const char *dir, struct err *err)
{
	_cleanup_free_ char *db = path_join(dir, DB_FILE);
	struct dirent *entry;
	DIR *handle;
	bool busy = false;

	if (!db)
		return err_no_memory(err);
	if (path_exists(db))
		return err_set(err, ERR_CONFLICT, "there is a store in %s already", dir);
	handle = opendir(dir);
	if (!handle)
		return errno == ENOENT ? 0 : err_errno(err, "cannot look into %s", dir);
	while (!busy && (entry = readdir(handle)))
		busy = !is_left_over(dir, entry->d_name);
	closedir(handle);
	if (!busy)
		return 0;
	err_set(err, ERR_CONFLICT, "%s is not empty", dir);
	return err_hint(err, "name a new directory for the store");
}

static int make_dirs(const char *dir, struct err *err)
{
	if (path_make_dirs(dir, 0700, err))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(store_dirs); i++) {
		_cleanup_free_ char *path = path_join(dir, store_dirs[i]);

		if (!path)
			return err_no_memory(err);
		if (path_make_dirs(path, 0700, err))
			return -1;
	}
	return 0;
}

struct founding {
	struct uuid store, owner, device;
	int64_t now;
};

static int write_meta(
	struct db *db, const struct store_identity *who, const struct founding *f, struct err *err)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;

	if (db_begin(db, "init", &tx, err) || meta_set_uuid(db, "store", &f->store, err) ||
		meta_set_uuid(db, "owner", &f->owner, err) ||
		meta_set_uuid(db, "device", &f->device, err) ||
		meta_set_int(db, "created", f->now, err) || meta_set_int(db, "rev", 0, err) ||
		db_run(db, &meta_set, err, DB_TEXTZ(":name", "name"),
			DB_TEXTZ(":value", who->name)) ||
		db_run(db, &meta_set, err, DB_TEXTZ(":name", "phone"),
			DB_TEXTZ(":value", who->phone)) ||
		db_run(db, &meta_set, err, DB_TEXTZ(":name", "region"),
			DB_TEXTZ(":value", who->region)))
		return -1;
	return db_commit(&tx, err);
}

/* The owner's own log: what later syncs between their devices. */
static int make_self_album(struct db *db, const struct store_identity *who,
	const struct founding *f, const struct clock *clock, struct err *err)
{
	const struct self_owner owner = {.id = f->owner,
		.device = f->device,
		.name = who->name,
		.device_name = "this computer"};
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	struct event_log *log = NULL;
	int64_t album;
	int failed;

	if (event_log_open(db, clock, &f->store, &log, err))
		return -1;
	failed = event_begin(log, "init", &tx, err) || self_make(tx, &owner, f->now, &album, err) ||
		event_commit(&tx, err);
	event_rollback(&tx);
	event_log_close(log);
	return failed ? -1 : 0;
}

static void remove_young(const char *dir)
{
	static const char *const names[] = {YOUNG_FILE, YOUNG_FILE "-wal", YOUNG_FILE "-shm"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		_cleanup_free_ char *path = path_join(dir, names[i]);

		if (path)
			unlink(path);
	}
}

/* The database is made under another name and renamed when it is whole, so that a killed init leaves
 * no half store behind. */
static int make_database(const char *dir, const struct store_identity *who,
	const struct clock *clock, struct err *err)
{
	_cleanup_free_ char *path = path_join(dir, DB_FILE), *young = path_join(dir, YOUNG_FILE);
	int64_t now = clock_now_ms(clock);
	struct founding f = {.store = uuid_make(now),
		.owner = uuid_make(now),
		.device = uuid_make(now),
		.now = now};
	struct db *db = NULL;
	int failed;

	if (!path || !young)
		return err_no_memory(err);
	remove_young(dir);
	failed = db_open(young, DB_CREATE, &db, err) || schema_migrate(db, NULL, err) ||
		schema_reset_views(db, err) || write_meta(db, who, &f, err) ||
		make_self_album(db, who, &f, clock, err) || db_checkpoint(db, err);
	db_close(db);
	if (failed) {
		remove_young(dir);
		return -1;
	}
	if (rename(young, path))
		return err_errno(err, "cannot make %s", path);
	return path_sync_dir(dir, err);
}

int store_init(const char *dir, const struct store_identity *identity, const struct clock *clock,
	struct err *err)
{
	if (!identity->name || !*identity->name || strlen(identity->name) >= 256 ||
		!text_is_utf8(identity->name, strlen(identity->name)))
		return err_set(
			err, ERR_INVALID, "the owner needs a name of at most 255 bytes of UTF-8");
	return check_empty(dir, err) || make_dirs(dir, err) ||
			make_database(dir, identity, clock, err) ?
		-1 :
		0;
}

/* --- open ------------------------------------------------------------------------------- */

int store_check_owner(const char *dir, struct err *err)
{
	_cleanup_free_ char *db = path_join(dir, DB_FILE);
	struct stat st;

	if (!db)
		return err_no_memory(err);
	/* A directory that is closed to us hides its files but tells whose it is. */
	if (stat(db, &st) && (errno != EACCES || stat(dir, &st) || st.st_uid == geteuid())) {
		if (errno != ENOENT && errno != ENOTDIR)
			return err_errno(err, "cannot open the store %s", dir);
		err_set(err, ERR_NO_STORE, "there is no store in %s", dir);
		return err_hint(err, "make one with `pinhole init`, or name it with --store DIR");
	}
	if (st.st_uid == geteuid())
		return 0;
	err_set(err, ERR_DENIED, "the store %s belongs to another user (uid %ld)", dir,
		(long)st.st_uid);
	return err_hint(err, "run it as that user: sudo -u '#%ld' pinhole …", (long)st.st_uid);
}

static int load_identity(struct store *store, struct err *err)
{
	_cleanup_free_ char *name = NULL, *region = NULL, *created = NULL;
	int64_t when = 0;

	if (meta_need_uuid(store->db, "store", &store->id, err) ||
		meta_need_uuid(store->db, "owner", &store->owner, err) ||
		meta_need_uuid(store->db, "device", &store->device, err) ||
		store_meta_get(store, "name", &name, err) < 0 ||
		store_meta_get(store, "region", &region, err) < 0 ||
		store_meta_get(store, "created", &created, err) < 0)
		return -1;
	if (name)
		memccpy(store->owner_name, name, '\0', sizeof(store->owner_name) - 1);
	store->actor = store->owner;
	memcpy(store->actor_name, store->owner_name, sizeof(store->actor_name));
	if (region && strlen(region) == 2)
		memcpy(store->region, region, 3);
	if (created && text_to_i64(created, 0, INT64_MAX, &when, err))
		return -1;
	store->created = when;
	return 0;
}

/* Reading needs no migration, but the very schema that this binary knows. */
static int check_schema(struct store *store, bool *current_views, struct err *err)
{
	int number;

	if (schema_current(store->db, &number, err))
		return -1;
	if (number > schema_newest()) {
		err_set(err, ERR_TOO_NEW, "the store has schema %d, this pinhole knows up to %d",
			number, schema_newest());
		return err_hint(err, "install a newer pinhole");
	}
	if (number < schema_newest()) {
		err_set(err, ERR_CONFLICT, "the store has the older schema %d", number);
		return err_hint(err, "any command that writes brings it up to date");
	}
	return schema_views_are_current(store->db, current_views, err);
}

static int renew_views(struct store *store, struct err *err)
{
	int64_t replayed;

	if (store->mode == STORE_READ) {
		err_set(err, ERR_CONFLICT, "the store's views are of another version");
		return err_hint(err, "any command that writes renews them");
	}
	log_print(store->log, LOG_INFO, "the views are of another version: replaying the log");
	return event_rebuild(store->events, true, NULL, NULL, &replayed, err);
}

static int open_parts(struct store *store, struct err *err)
{
	_cleanup_free_ char *db = store_path(store, DB_FILE),
			    *objects = store_path(store, "objects");
	_cleanup_free_ char *backup = store_path(store, COPY_FILE);
	bool writing = store->mode == STORE_WRITE;
	bool current = true;

	if (!db || !objects || !backup)
		return err_no_memory(err);
	if (store_check_owner(store->dir, err) ||
		db_open(db, writing ? DB_READ_WRITE : DB_READ_ONLY, &store->db, err) ||
		(writing && schema_migrate(store->db, backup, err)) ||
		check_schema(store, &current, err) || load_identity(store, err) ||
		event_log_open(store->db, store->clock, &store->id, &store->events, err) ||
		objects_open(objects, &store->objects, err))
		return -1;
	return current ? 0 : renew_views(store, err);
}

int store_open(const char *dir, enum store_mode mode, const struct clock *clock,
	const struct log *log, struct store **out, struct err *err)
{
	struct store *store = mem_calloc(1, sizeof(*store));

	if (!store)
		return err_no_memory(err);
	store->mode = mode;
	store->clock = clock;
	store->log = log;
	store->dir = realpath(dir, NULL);
	if (!store->dir)
		store->dir = mem_strdup(dir);
	if (!store->dir || open_parts(store, err)) {
		if (!store->dir)
			err_no_memory(err);
		store_close(store);
		return -1;
	}
	*out = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	objects_close(store->objects);
	event_log_close(store->events);
	db_close(store->db);
	for (size_t i = 0; i < store->cache_root_count; i++)
		free(store->cache_roots[i]);
	free(store->cache_roots);
	free(store->dir);
	free(store);
}

/* --- one event at a time ---------------------------------------------------------------- */

void store_draft(const struct store *store, int64_t album, const char *kind, struct draft *out)
{
	*out = (struct draft){.album = album,
		.kind = kind,
		.author = store->actor,
		.device = store->device,
		.trusted = store->trusted};
}

int store_begin(struct store *store, const char *who, struct store_tx *tx, struct err *err)
{
	*tx = (struct store_tx){.tx = store->tx, .joined = store->tx};
	return tx->joined ? 0 : event_begin(store->events, who, &tx->tx, err);
}

int store_commit(struct store_tx *tx, struct err *err)
{
	bool joined = tx->joined;

	if (!joined)
		return event_commit(&tx->tx, err);
	*tx = (struct store_tx)STORE_TX_INIT;
	return 0;
}

void store_rollback(struct store_tx *tx)
{
	if (!tx->joined)
		event_rollback(&tx->tx);
	*tx = (struct store_tx)STORE_TX_INIT;
}

void store_touch_access(struct store_tx *tx)
{
	event_touch_access(tx->tx);
}

int store_submit(struct store *store, struct draft *draft, json_t *body, struct receipt *out,
	struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	_cleanup_json_ json_t *owned = body;

	if (!owned)
		return err_no_memory(err);
	draft->body = owned;
	return store_begin(store, draft->kind, &tx, err) || event_submit(tx.tx, draft, out, err) ||
			store_commit(&tx, err) ?
		-1 :
		0;
}

int store_purge(struct store *store, struct err *err)
{
	_cleanup_free_ char *copy = store_path(store, COPY_FILE);

	if (!copy)
		return err_no_memory(err);
	if (unlink(copy) && errno != ENOENT)
		return err_errno(err, "cannot remove %s", copy);
	return event_words_purge(store->events, err);
}

/* What an earlier command could not purge must not make this one fail, which is done by now. */
static int pay_debt(struct store *store, struct err *err)
{
	struct err why = ERR_INIT;
	int owed = event_words_purge_owed(store->db, err);

	if (owed != 1)
		return owed;
	if (store_purge(store, &why) == 0 || why.kind == ERR_LOCKED)
		return 0;
	if (err)
		*err = why;
	return -1;
}

int store_settle_some(struct store *store, int64_t *left, struct err *err)
{
	static const struct db_sql lag = {"words_lag",
		"SELECT coalesce(sum(head - indexed), 0) FROM album WHERE indexed < head"
		" AND kind = 'album'"};
	int64_t behind = 0;

	*left = 0;
	if (store->tx)
		return 0;
	if (pay_debt(store, err) || db_get_int_values(store->db, &lag, NULL, 0, &behind, err) < 0)
		return -1;
	if (behind < SETTLE_EVENTS)
		return 0;
	return event_words_feed(store->events, SETTLE_STEP, left, err);
}

int store_settle(struct store *store, struct err *err)
{
	int64_t left;

	if (store_settle_some(store, &left, err))
		return -1;
	while (left > 0)
		if (event_words_feed(store->events, SETTLE_STEP, &left, err))
			return -1;
	return 0;
}
