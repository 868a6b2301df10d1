/* decoder.c - a media pool of one process for each thread that decodes at once; see decoder.h.
 *
 * A pool belongs to one thread at a time, as media.h asks.  Invariant: a pool is either among the idle ones or in
 * the hands of one decoder_run.
 */
#include "http/decoder.h"
#include "http/server.h"

#include <pthread.h>
#include <stdlib.h>

#define PROCESSES_MAX 16

struct idle {
	struct media_pool *pool;
	int64_t since_us; /* mono */
};

struct decoder {
	struct server *server;
	pthread_mutex_t lock;
	pthread_cond_t free;
	unsigned made, max;
	unsigned count; /* of the idle ones, the last used at the end */
	struct idle idle[PROCESSES_MAX];
};

int decoder_open(struct server *server, struct decoder **out, struct err *err)
{
	const struct settings *settings = settings_get(server->options.settings);
	unsigned max = settings->workers < PROCESSES_MAX ? settings->workers : PROCESSES_MAX;
	struct decoder *d = mem_calloc(1, sizeof(*d));

	settings_put(settings);
	if (!d)
		return err_no_memory(err);
	d->server = server;
	d->max = max;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->free, NULL);
	*out = d;
	return 0;
}

void decoder_close(struct decoder *d)
{
	if (!d)
		return;
	while (d->count)
		media_pool_close(d->idle[--d->count].pool);
	pthread_cond_destroy(&d->free);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

/* An idle pool, or NULL: the caller may make one. */
static struct media_pool *take(struct decoder *d)
{
	struct media_pool *pool = NULL;

	pthread_mutex_lock(&d->lock);
	while (!d->count && d->made == d->max)
		pthread_cond_wait(&d->free, &d->lock);
	if (d->count)
		pool = d->idle[--d->count].pool;
	else
		d->made++;
	pthread_mutex_unlock(&d->lock);
	return pool;
}

/* NULL: it could not be made, or failed; another may be tried. */
static void give(struct decoder *d, struct media_pool *pool)
{
	int64_t now = clock_mono_us(d->server->options.clock);

	pthread_mutex_lock(&d->lock);
	if (pool)
		d->idle[d->count++] = (struct idle){pool, now};
	else
		d->made--;
	pthread_cond_signal(&d->free);
	pthread_mutex_unlock(&d->lock);
}

static int make(struct decoder *d, struct media_pool **out, struct err *err)
{
	const struct settings *settings = settings_get(d->server->options.settings);
	struct media_options options = {.workers = 1,
		.max_pixels = (uint64_t)config_int(settings->config, "media.max-pixels"),
		.max_memory = config_size(settings->config, "media.max-memory"),
		.max_seconds = (unsigned)config_int(settings->config, "media.max-seconds")};

	settings_put(settings);
	return media_pool_open(&options, out, err);
}

int decoder_run(struct decoder *d, const struct media_request *request, struct media_result *out,
	struct err *err)
{
	struct media_pool *pool = take(d);
	int got;

	if (!pool && make(d, &pool, err)) {
		give(d, NULL);
		return -1;
	}
	got = media_submit(pool, request, err) ? -1 : media_collect(pool, true, out, err);
	if (got == 0)
		err_set(err, ERR_FAILED, "the decoder does not answer");
	if (got != 1) {
		media_pool_close(pool);
		pool = NULL;
	}
	give(d, pool);
	return got == 1 ? 0 : -1;
}

/* The one that has been idle longest, if that is too long. */
static struct media_pool *take_tired(struct decoder *d)
{
	int64_t before = clock_mono_us(d->server->options.clock) - DECODER_IDLE_MS * 1000;
	struct media_pool *pool = NULL;

	pthread_mutex_lock(&d->lock);
	if (d->count && d->idle[0].since_us <= before) {
		pool = d->idle[0].pool;
		d->made--;
		d->count--;
		for (unsigned i = 0; i < d->count; i++)
			d->idle[i] = d->idle[i + 1];
	}
	pthread_mutex_unlock(&d->lock);
	return pool;
}

void decoder_rest(struct decoder *d)
{
	struct media_pool *pool;

	while ((pool = take_tired(d)))
		media_pool_close(pool);
}
