/* decoder.c - a media pool of one process for each thread that decodes at once; see decoder.h.
 *
 * A pool belongs to one thread at a time, as media.h asks.  Invariant: a pool is either on the stack of idle ones
 * or in the hands of one decoder_run.
 */
#include "http/decoder.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdlib.h>

struct decoder {
	struct media_options options; /* of each pool: one worker */
	pthread_mutex_t lock;
	pthread_cond_t free;
	unsigned idle, made, max;
	struct media_pool **pools; /* the idle ones: `idle` of them */
};

int decoder_open(const struct media_options *options, struct decoder **out, struct err *err)
{
	struct decoder *d = mem_calloc(1, sizeof(*d));

	if (!d)
		return err_no_memory(err);
	d->options = *options;
	d->options.workers = 1;
	d->max = options->workers;
	d->pools = mem_calloc(d->max, sizeof(*d->pools));
	if (!d->pools) {
		free(d);
		return err_no_memory(err);
	}
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->free, NULL);
	*out = d;
	return 0;
}

void decoder_close(struct decoder *d)
{
	if (!d)
		return;
	while (d->idle)
		media_pool_close(d->pools[--d->idle]);
	pthread_cond_destroy(&d->free);
	pthread_mutex_destroy(&d->lock);
	free(d->pools);
	free(d);
}

/* An idle pool, or NULL: the caller may make one. */
static struct media_pool *take(struct decoder *d)
{
	struct media_pool *pool = NULL;

	pthread_mutex_lock(&d->lock);
	while (!d->idle && d->made == d->max)
		pthread_cond_wait(&d->free, &d->lock);
	if (d->idle)
		pool = d->pools[--d->idle];
	else
		d->made++;
	pthread_mutex_unlock(&d->lock);
	return pool;
}

/* NULL: it could not be made, or failed; another may be tried. */
static void give(struct decoder *d, struct media_pool *pool)
{
	pthread_mutex_lock(&d->lock);
	if (pool)
		d->pools[d->idle++] = pool;
	else
		d->made--;
	pthread_cond_signal(&d->free);
	pthread_mutex_unlock(&d->lock);
}

int decoder_run(struct decoder *d, const struct media_request *request, struct media_result *out,
	struct err *err)
{
	struct media_pool *pool = take(d);
	int got;

	if (!pool && media_pool_open(&d->options, &pool, err)) {
		give(d, NULL);
		return -1;
	}
	got = media_submit(pool, request, err) ? -1 : media_collect(pool, true, out, err);
	if (got != 1) {
		if (got == 0)
			err_set(err, ERR_FAILED, "the decoder gave no answer");
		media_pool_close(pool);
		pool = NULL;
	}
	give(d, pool);
	return got == 1 ? 0 : -1;
}
