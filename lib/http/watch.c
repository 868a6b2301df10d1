/* watch.c - what changed in the store, by us or by other processes, and who waits for it.
 *
 * One thread asks PRAGMA data_version every 100 ms, and at once after a commit of ours; only when that moved
 * it reads what changed.  Invariant: who read at rev r and waits is woken by whatever came after r.
 */
#include "http/server.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define POLL_MS    100
#define ALBUMS_MAX 4096 /* that changed at once; more wake everybody */
#define WOKEN_MAX  256  /* jobs that wait for a worker when we add to them */

struct waiter {
	struct http_call *call;
	void (*wake)(struct http_call *call);
	bool stale;     /* something changed before it came here */
	uint64_t round; /* of waking, when it came */
};

struct watch {
	struct server *server;
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t poked;
	bool committed, closing, draining;
	struct vec waiters;  /* struct waiter */
	uint64_t round;      /* of waking; who comes during one has seen what it is about */
	int64_t version;     /* data_version */
	uint64_t generation; /* of the server, at the last look */
	int64_t access;      /* meta 'access', guarded by lock */
};

uint64_t server_rev(const struct server *server)
{
	return server->rev;
}

uint64_t server_changes(const struct server *server)
{
	return server->rev + server->commits;
}

/* --- reading what changed ----------------------------------------------------------------- */

static int read_meta(struct db *db, const char *name, int64_t *out, struct err *err)
{
	static const struct db_sql sql = {
		"watch_meta", "SELECT CAST(value AS INTEGER) FROM meta WHERE name = :name"};
	int got;

	*out = 0;
	got = db_get_int(db, &sql, out, err, DB_TEXTZ(":name", name));
	return got < 0 ? -1 : 0;
}

/* Caches of accounts and memberships hold only while nothing of theirs changed. */
static void check_access(struct watch *w, struct db *db)
{
	struct err why = ERR_INIT;
	int64_t access;

	if (read_meta(db, "access", &access, &why)) {
		log_print(w->server->options.log, LOG_ERROR, "cannot watch the store: %s",
			why.message);
		w->server->generation++;
		return;
	}
	pthread_mutex_lock(&w->lock);
	if (access != w->access)
		w->server->generation++;
	w->access = access;
	pthread_mutex_unlock(&w->lock);
}

void watch_committed(struct watch *w, struct store *store)
{
	check_access(w, store->db);
	w->server->commits++;
	pthread_mutex_lock(&w->lock);
	w->committed = true;
	pthread_cond_signal(&w->poked);
	pthread_mutex_unlock(&w->lock);
}

struct changes {
	struct vec albums; /* int64_t: keys */
	bool any, all;
};

static int read_changes(struct watch *w, struct changes *out, struct err *err)
{
	static const struct db_sql sql = {"watch_albums", "SELECT key FROM album WHERE rev > :rev"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int64_t rev;

	if (read_meta(w->store->db, "rev", &rev, err))
		return -1;
	out->any = (uint64_t)rev != w->server->rev;
	if (!out->any)
		return 0;
	if (db_query(w->store->db, &sql, &rows, err, DB_INT(":rev", (int64_t)w->server->rev)))
		return -1;
	while (db_next(&rows, err) == 1) {
		int64_t *key = vec_push(&out->albums);

		if (!key) {
			out->all = true;
			break;
		}
		*key = db_int(&rows, 0);
	}
	if (rows.failed)
		return -1;
	w->server->rev = (uint64_t)rev;
	return 0;
}

/* --- waking ------------------------------------------------------------------------------- */

static int compare_keys(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static bool waits_for(const struct http_call *call, int64_t album)
{
	const struct vec *many = call->wait_albums;

	if (!many)
		return album == call->wait_album;
	return many->count &&
		bsearch(&album, many->items, many->count, sizeof(album), compare_keys);
}

static bool concerns(const struct changes *c, const struct http_call *call)
{
	if (c->all)
		return true;
	if (c->any && !call->wait_album && !call->wait_albums)
		return true;
	vec_foreach (&c->albums, const int64_t, key)
		if (waits_for(call, *key))
			return true;
	return false;
}

/* Takes one waiter to be woken out of the list; false when there is none. */
static bool take_waiter(
	struct watch *w, const struct changes *c, int64_t now_ms, size_t *from, struct waiter *out)
{
	bool found = false;

	pthread_mutex_lock(&w->lock);
	while (*from < w->waiters.count && !found) {
		struct waiter *waiter = vec_at(&w->waiters, *from);
		bool late = now_ms >= waiter->call->wait_until_ms || w->draining;

		found = late ||
			(waiter->round != w->round && (waiter->stale || concerns(c, waiter->call)));
		if (!found) {
			++*from;
			continue;
		}
		waiter->call->timed_out = late && !waiter->stale;
		*out = *waiter;
		*waiter = *(struct waiter *)vec_at(&w->waiters, w->waiters.count - 1);
		vec_pop(&w->waiters);
	}
	metrics_set(w->server->options.metrics, METRIC_WAITS, (int64_t)w->waiters.count);
	pthread_mutex_unlock(&w->lock);
	return found;
}

/* One commit may wake more than the workers' queue holds: they come as it empties, and leave room for
 * requests. */
static void wait_for_room(struct watch *w)
{
	const struct timespec moment = {.tv_nsec = 200 * 1000};

	while (pool_queued(w->server->pool) >= WOKEN_MAX)
		nanosleep(&moment, NULL);
}

static void wake_all(struct watch *w, const struct changes *c)
{
	int64_t now = clock_mono_us(w->server->options.clock) / 1000;
	struct waiter waiter;
	size_t from = 0;

	pthread_mutex_lock(&w->lock);
	w->round++;
	pthread_mutex_unlock(&w->lock);
	while (take_waiter(w, c, now, &from, &waiter)) {
		wait_for_room(w);
		waiter.wake(waiter.call);
	}
}

bool watch_add(struct watch *w, struct http_call *call, void (*wake)(struct http_call *call))
{
	const struct settings *settings = settings_get(w->server->options.settings);
	struct waiter *waiter = NULL;

	pthread_mutex_lock(&w->lock);
	/* What changed since the handler read is noticed at the next round: the list is looked at then. */
	if (!w->draining && w->waiters.count < settings->waits)
		waiter = vec_push(&w->waiters);
	if (waiter) {
		*waiter = (struct waiter){.call = call,
			.wake = wake,
			.stale = call->seen_rev != w->server->rev,
			.round = w->round};
		if (waiter->stale) {
			w->committed = true;
			pthread_cond_signal(&w->poked);
		}
	}
	pthread_mutex_unlock(&w->lock);
	settings_put(settings);
	return waiter;
}

/* --- the thread --------------------------------------------------------------------------- */

static bool sleep_until_poked(struct watch *w)
{
	int64_t deadline = clock_mono_us(w->server->options.clock) + POLL_MS * 1000;
	struct timespec until = {
		.tv_sec = deadline / 1000000, .tv_nsec = deadline % 1000000 * 1000};
	bool closing;

	pthread_mutex_lock(&w->lock);
	while (!w->committed && !w->closing &&
		pthread_cond_clockwait(&w->poked, &w->lock, CLOCK_MONOTONIC, &until) != ETIMEDOUT)
		;
	w->committed = false;
	closing = w->closing;
	pthread_mutex_unlock(&w->lock);
	return !closing;
}

static void look(struct watch *w)
{
	struct changes changes = {.albums = VEC_INIT(int64_t, ALBUMS_MAX)};
	struct err why = ERR_INIT;
	uint64_t generation;
	int64_t version;

	if (db_data_version(w->store->db, &version, &why) == 0 && version != w->version) {
		check_access(w, w->store->db);
		if (read_changes(w, &changes, &why) == 0)
			w->version = version;
	}
	/* Where memberships may have changed, everybody looks anew at what they see. */
	generation = w->server->generation;
	changes.all = changes.all || generation != w->generation;
	w->generation = generation;
	if (*why.message)
		log_print(w->server->options.log, LOG_ERROR, "cannot watch the store: %s",
			why.message);
	wake_all(w, &changes);
	vec_release(&changes.albums);
}

static void *serve(void *data)
{
	struct watch *w = data;

	while (sleep_until_poked(w))
		look(w);
	return NULL;
}

int watch_open(struct server *server, struct watch **out, struct err *err)
{
	struct watch *w = mem_calloc(1, sizeof(*w));
	int64_t rev = 0;

	if (!w)
		return err_no_memory(err);
	w->server = server;
	w->waiters = (struct vec)VEC_INIT(struct waiter, 65536);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->poked, NULL);
	server->generation = 1;
	if (server_open_store(server, STORE_READ, &w->store, err) ||
		db_data_version(w->store->db, &w->version, err) ||
		read_meta(w->store->db, "access", &w->access, err) ||
		read_meta(w->store->db, "rev", &rev, err) ||
		(pthread_create(&w->thread, NULL, serve, w) &&
			err_set(err, ERR_FAILED, "cannot start a thread"))) {
		store_close(w->store);
		pthread_cond_destroy(&w->poked);
		pthread_mutex_destroy(&w->lock);
		free(w);
		return -1;
	}
	server->rev = (uint64_t)rev;
	*out = w;
	return 0;
}

void watch_drain(struct watch *w)
{
	pthread_mutex_lock(&w->lock);
	w->draining = true;
	w->committed = true;
	pthread_cond_signal(&w->poked);
	pthread_mutex_unlock(&w->lock);
}

void watch_stop(struct watch *w)
{
	struct changes none = {.any = false};

	if (!w || w->closing)
		return;
	watch_drain(w);
	pthread_mutex_lock(&w->lock);
	w->closing = true;
	pthread_cond_signal(&w->poked);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	wake_all(w, &none);
}

void watch_close(struct watch *w)
{
	if (!w)
		return;
	watch_stop(w);
	store_close(w->store);
	vec_release(&w->waiters);
	pthread_cond_destroy(&w->poked);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
