/* arrival.c - the threads that make photos of what was sent; see arrival.h.
 *
 * Nothing is decoded in this process (decoder.h).  Invariant: every call that was taken is resumed exactly once; from before its bytes have their
 * name until its rows are committed, an arrival's own `objects` keeps every sweep away from them.
 */
#include "http/arrival.h"
#include "http/decoder.h"
#include "http/server.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAITING_MAX 512
#define THREADS_MAX 16

struct arrival {
	struct arrival *next;
	struct http_call *call; /* to be resumed */
	char *path, *name;
	size_t name_len;
	struct objects *objects;
	struct intake file;
	struct intake_options options;
	bool stored; /* its bytes and facts are objects */
	bool named;  /* rows name its facts, or were about to */
	bool failed;
	struct err why;
};

struct worker {
	struct arrivals *arrivals;
	pthread_t thread;
	struct store *store; /* NULL until the first file */
};

struct arrivals {
	struct server *server;
	pthread_mutex_t lock;
	pthread_cond_t more;
	bool closing;
	struct arrival *first, *last; /* those that wait */
	size_t count;
	struct worker workers[THREADS_MAX];
	unsigned threads;
};

/* --- one file --------------------------------------------------------------------------- */

/* Facts are salted, so nobody else can mean these.  (Bytes may be another's, too: a sweep asks.) */
static void drop_facts(struct arrival *a)
{
	struct err lost = ERR_INIT;

	if (a->stored && !a->named)
		object_remove(a->objects, &a->file.facts_hash, &lost);
}

void arrival_free(struct arrival *a)
{
	if (!a)
		return;
	drop_facts(a);
	intake_release(&a->file);
	objects_close(a->objects);
	free(a->path);
	free(a->name);
	free(a);
}

static void fill_options(const struct config *config, struct intake_options *out)
{
	enum media_format format =
		config_choice(config, "variant.format") == 1 ? MEDIA_WEBP : MEDIA_JPEG;
	uint32_t thumb = (uint32_t)config_int(config, "thumb.size");
	uint32_t preview = (uint32_t)config_int(config, "preview.size");

	out->variant_count = 2;
	out->variants[0] = (struct media_variant_spec){.name = "thumb",
		.width = thumb,
		.height = thumb,
		.fit = MEDIA_FIT_COVER,
		.format = format,
		.quality = (int)config_int(config, "thumb.quality"),
		.out_fd = -1};
	out->variants[1] = (struct media_variant_spec){.name = "preview",
		.width = preview,
		.height = preview,
		.fit = MEDIA_FIT_CONTAIN,
		.format = format,
		.quality = (int)config_int(config, "preview.quality"),
		.out_fd = -1};
}

static int open_worker(struct worker *w, struct intake_options *options, struct err *err)
{
	struct server *server = w->arrivals->server;
	const struct settings *settings = settings_get(server->options.settings);

	fill_options(settings->config, options);
	settings_put(settings);
	return w->store ? 0 : server_open_store(server, STORE_READ, &w->store, err);
}

static int decode(struct worker *w, struct arrival *a, struct err *err)
{
	struct media_request request;

	intake_ask(&a->file, w->store, &a->options, &request);
	if (decoder_run(w->arrivals->server->decoder, &request, &a->file.result, err))
		return -1;
	a->file.has_result = true;
	return 0;
}

static int make(struct worker *w, struct arrival *a, struct err *err)
{
	_cleanup_free_ char *dir = NULL;

	if (open_worker(w, &a->options, err))
		return -1;
	dir = store_path(w->store, "objects");
	if (!dir)
		return err_no_memory(err);
	if (objects_open(dir, &a->objects, err) ||
		intake_read(&a->file, a->objects, a->path, a->name, a->name_len, err) ||
		decode(w, a, err) || intake_store(&a->file, w->store, a->objects, &a->options, err))
		return -1;
	a->stored = true;
	/* Files of one person pair as those of one folder do. */
	memcpy(&a->file.pair.folder, a->call->caller.user.bytes, sizeof(a->file.pair.folder));
	return 0;
}

int arrival_result(const struct arrival *a, struct err *err)
{
	if (a->failed)
		*err = a->why;
	return a->failed ? -1 : 0;
}

int arrival_commit(struct arrival *a, struct http_call *call, int64_t album, const char *caption,
	struct intake_outcome *out, struct err *err)
{
	struct intake_outcome o;

	if (intake_commit(&a->file, call->store, call->tx, album, caption, &o, err))
		return -1;
	a->named = a->named || o.added;
	*out = o;
	return 0;
}

/* --- the queue -------------------------------------------------------------------------- */

static bool enqueue(struct arrivals *all, struct arrival *a)
{
	bool taken;

	pthread_mutex_lock(&all->lock);
	taken = !all->closing && all->count < WAITING_MAX;
	if (taken) {
		if (all->last)
			all->last->next = a;
		else
			all->first = a;
		all->last = a;
		all->count++;
		pthread_cond_signal(&all->more);
	}
	pthread_mutex_unlock(&all->lock);
	return taken;
}

int arrival_submit(struct http_call *call, const char *path, const char *name, size_t len,
	struct arrival **out, struct err *err)
{
	struct arrival *a = mem_calloc(1, sizeof(*a));

	if (!a)
		return err_no_memory(err);
	a->file = (struct intake)INTAKE_INIT;
	a->call = call;
	a->path = mem_strdup(path);
	a->name = name && len ? mem_dup(name, len) : NULL;
	a->name_len = a->name ? len : 0;
	if (!a->path || (name && len && !a->name)) {
		arrival_free(a);
		return err_no_memory(err);
	}
	/* Before the threads may see it: they resume the call that owns it. */
	*out = a;
	if (enqueue(call->server->arrivals, a))
		return 0;
	*out = NULL;
	arrival_free(a);
	return err_set(err, ERR_OFFLINE, "too many uploads are being finished");
}

/* With the lock. */
static struct arrival *pop(struct arrivals *all)
{
	struct arrival *a = all->first;

	if (!a)
		return NULL;
	all->first = a->next;
	if (!all->first)
		all->last = NULL;
	all->count--;
	return a;
}

static void wait_for_work(struct arrivals *all)
{
	int64_t until = clock_mono_us(all->server->options.clock) / 1000 + DECODER_IDLE_MS;
	const struct timespec when = {
		.tv_sec = (time_t)(until / 1000), .tv_nsec = (long)(until % 1000) * 1000000};

	if (pthread_cond_timedwait(&all->more, &all->lock, &when) == ETIMEDOUT)
		decoder_rest(all->server->decoder);
}

static struct arrival *take(struct worker *w)
{
	struct arrivals *all = w->arrivals;
	struct arrival *a = NULL;

	pthread_mutex_lock(&all->lock);
	while (!all->closing && !(a = pop(all)))
		wait_for_work(all);
	pthread_mutex_unlock(&all->lock);
	return a;
}

static void *work(void *data)
{
	struct worker *w = data;
	struct arrival *a;

	while ((a = take(w))) {
		a->failed = make(w, a, &a->why) != 0;
		http_resume(a->call);
	}
	store_close(w->store);
	return NULL;
}

/* --- opening and closing ---------------------------------------------------------------- */

void arrivals_stop(struct arrivals *all)
{
	struct arrival *a;

	if (!all)
		return;
	pthread_mutex_lock(&all->lock);
	all->closing = true;
	pthread_cond_broadcast(&all->more);
	pthread_mutex_unlock(&all->lock);
	for (unsigned i = 0; i < all->threads; i++)
		pthread_join(all->workers[i].thread, NULL);
	all->threads = 0;
	while ((a = pop(all))) {
		a->failed = true;
		err_set(&a->why, ERR_OFFLINE, "the server stops");
		http_resume(a->call);
	}
}

void arrivals_close(struct arrivals *all)
{
	if (!all)
		return;
	arrivals_stop(all);
	pthread_cond_destroy(&all->more);
	pthread_mutex_destroy(&all->lock);
	free(all);
}

static void init_lock(struct arrivals *all)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&all->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&all->more, &attributes);
	pthread_condattr_destroy(&attributes);
}

int arrivals_open(struct server *server, struct arrivals **out, struct err *err)
{
	const struct settings *settings = settings_get(server->options.settings);
	unsigned threads = settings->workers < THREADS_MAX ? settings->workers : THREADS_MAX;
	struct arrivals *all = mem_calloc(1, sizeof(*all));

	settings_put(settings);
	if (!all)
		return err_no_memory(err);
	all->server = server;
	init_lock(all);
	for (unsigned i = 0; i < threads; i++) {
		all->workers[i].arrivals = all;
		if (pthread_create(&all->workers[i].thread, NULL, work, &all->workers[i])) {
			arrivals_close(all);
			return err_set(err, ERR_FAILED, "cannot start a thread");
		}
		all->threads++;
	}
	*out = all;
	return 0;
}
