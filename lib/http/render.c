/* render.c - the threads that render on demand, and who waits for what; see render.h.
 *
 * Nothing is decoded in this process.  Invariant: a picture is in at most one job, and every call that was
 * taken is resumed exactly once.
 */
#include "http/render.h"
#include "http/decoder.h"
#include "http/image_cache.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX     64 /* pictures that wait or are being rendered */
#define WAITERS_MAX  10000
#define THREADS_MAX  16
#define IDLE_MS      30000 /* then the decoder is ended: it has the memory of its largest picture */
#define FAILED_SLOTS 1024  /* failures remembered */
#define FAILED_MS    3600000 /* for so long, those of the file */
#define FAILED_NOW_MS                                                                              \
	3000 /* and those of the moment: long enough for all who wait to learn of it */

struct job {
	struct picture picture;
	bool running;
	struct vec waiters; /* struct http_call * */
};

struct failure {
	struct picture picture;
	int64_t until_ms; /* mono; 0: none */
	struct err why;
};

struct worker {
	struct render *render;
	pthread_t thread;
	struct store *store; /* NULL until the first picture */
	bool busy;           /* had something to do since it last was idle */
};

struct render {
	struct server *server;
	pthread_mutex_t lock;
	pthread_cond_t more;
	bool closing;
	struct job *jobs[JOBS_MAX]; /* in the order of asking */
	size_t count;
	struct failure *failures;
	struct image_cache *cache;
	struct worker workers[THREADS_MAX];
	unsigned threads;
};

static int64_t now_ms(const struct render *r)
{
	return clock_mono_us(r->server->options.clock) / 1000;
}

static bool same(const struct picture *a, const struct picture *b)
{
	return sha256_compare(&a->object, &b->object) == 0 && a->rotate == b->rotate &&
		sized_equal(&a->sized, &b->sized);
}

void render_variant(const struct picture *picture, struct variant *out)
{
	*out = (struct variant){.rotate = picture->rotate, .state = VARIANT_READY};
	sized_name(&picture->sized, out->name);
	memccpy(out->mime, sized_mime(picture->sized.format), '\0', sizeof(out->mime) - 1);
}

/* --- what failed -------------------------------------------------------------------------- */

static struct failure *failure_slot(struct render *r, const struct picture *picture)
{
	const uint8_t *hash = picture->object.bytes;

	return &r->failures[(hash[0] ^ (unsigned)(hash[1] & 3) << 8 ^ picture->sized.width) %
		FAILED_SLOTS];
}

bool render_failed(struct render *r, const struct picture *picture, struct err *why)
{
	struct failure *slot = failure_slot(r, picture);
	bool failed;

	pthread_mutex_lock(&r->lock);
	failed = slot->until_ms > now_ms(r) && same(&slot->picture, picture);
	if (failed)
		*why = slot->why;
	pthread_mutex_unlock(&r->lock);
	return failed;
}

/* With the lock. */
static void remember(struct render *r, const struct picture *picture, const struct err *why)
{
	bool lasting = why->kind == ERR_UNSUPPORTED;

	*failure_slot(r, picture) = (struct failure){.picture = *picture,
		.until_ms = now_ms(r) + (lasting ? FAILED_MS : FAILED_NOW_MS),
		.why = *why};
}

/* --- one picture -------------------------------------------------------------------------- */

/* Puts the picture into its place.  Where the photo was erased while it was rendered, it goes too. */
static int keep(struct worker *w, const struct picture *picture, struct variant_file *file,
	uint64_t bytes, struct err *err)
{
	const struct settings *settings;
	struct variant variant;
	uint64_t quota;

	render_variant(picture, &variant);
	if (variant_file_place(w->store, &picture->object, &variant, file, err))
		return -1;
	if (!object_exists(w->store->objects, &picture->object)) {
		if (variant_unlink(w->store, &picture->object, err))
			return -1;
		return err_set(err, ERR_NOT_FOUND, "the photo was erased");
	}
	settings = settings_get(w->render->server->options.settings);
	quota = settings->cache_quota;
	settings_put(settings);
	image_cache_added(w->render->cache, &picture->object, bytes, quota,
		clock_now_ms(w->render->server->options.clock));
	return 0;
}

static int ask_decoder(struct worker *w, const struct picture *picture, int in, int out,
	uint64_t *bytes, struct err *err)
{
	const struct sized *s = &picture->sized;
	struct media_request request = {.fd = in,
		.sidecar_fd = -1,
		.name = *picture->name ? picture->name : NULL,
		.rotate = picture->rotate,
		.variant_count = 1,
		.variants = {{.name = "sized",
			.width = s->width,
			.height = s->height,
			.fit = s->fit,
			.format = s->format,
			.quality = s->quality,
			.out_fd = out}}};
	struct media_result result = {.status = MEDIA_FAILED};
	int failed = 0;

	if (decoder_run(w->render->server->decoder, &request, &result, err))
		return -1;
	*bytes = result.variants[0].bytes;
	if (!result.variants[0].made)
		failed = err_set(err, ERR_UNSUPPORTED, "the photo cannot be rendered: %s",
			*result.reason ? result.reason : "the decoder does not say why");
	media_result_release(&result);
	return failed;
}

static int render_picture(struct worker *w, const struct picture *picture, struct err *err)
{
	_cleanup_variant_file_ struct variant_file file = VARIANT_FILE_INIT;
	_cleanup_close_ int in = -1;
	uint64_t bytes = 0;

	if (!w->store && server_open_store(w->render->server, STORE_READ, &w->store, err))
		return -1;
	in = object_open(w->store->objects, &picture->object, err);
	if (in < 0 || variant_file_open(w->store, &picture->object, &file, err))
		return -1;
	if (ask_decoder(w, picture, in, file.fd, &bytes, err))
		return -1;
	metrics_add(w->render->server->options.metrics, METRIC_RENDERS, 1);
	return keep(w, picture, &file, bytes, err);
}

/* --- jobs --------------------------------------------------------------------------------- */

/* With the lock. */
static struct job *find_job(const struct render *r, const struct picture *picture)
{
	for (size_t i = 0; i < r->count; i++)
		if (same(&r->jobs[i]->picture, picture))
			return r->jobs[i];
	return NULL;
}

static struct job *add_job(struct render *r, const struct picture *picture)
{
	struct job *job = r->count < JOBS_MAX ? mem_calloc(1, sizeof(*job)) : NULL;

	if (!job)
		return NULL;
	job->picture = *picture;
	job->waiters = (struct vec)VEC_INIT(struct http_call *, WAITERS_MAX);
	r->jobs[r->count++] = job;
	pthread_cond_signal(&r->more);
	return job;
}

int render_submit(
	struct render *r, const struct picture *picture, struct http_call *call, struct err *err)
{
	struct http_call **slot = NULL;
	struct job *job = NULL;
	bool shared = false;

	pthread_mutex_lock(&r->lock);
	if (!r->closing) {
		job = find_job(r, picture);
		shared = job != NULL;
		job = job ? job : add_job(r, picture);
		slot = job ? vec_push(&job->waiters) : NULL;
	}
	if (slot)
		*slot = call;
	pthread_mutex_unlock(&r->lock);
	if (!slot) {
		metrics_add(r->server->options.metrics, METRIC_REFUSED_BUSY, 1);
		return err_set(err, ERR_OFFLINE, "too many pictures are being rendered");
	}
	if (shared)
		metrics_add(r->server->options.metrics, METRIC_RENDER_SHARED, 1);
	return 0;
}

/* Takes the job out of the list; who waited for it is woken without the lock. */
static void finish_job(struct render *r, struct job *job, const struct err *why)
{
	size_t kept = 0;

	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < r->count; i++)
		if (r->jobs[i] != job)
			r->jobs[kept++] = r->jobs[i];
	r->count = kept;
	if (why->kind != ERR_NONE)
		remember(r, &job->picture, why);
	pthread_mutex_unlock(&r->lock);
	vec_foreach (&job->waiters, struct http_call *, call)
		http_resume(*call);
	vec_release(&job->waiters);
	free(job);
}

/* --- threads ------------------------------------------------------------------------------ */

/* With the lock. */
static struct job *next_job(struct render *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (!r->jobs[i]->running)
			return r->jobs[i];
	return NULL;
}

/* Waits for work; when there was none for a while, decoders that are idle are ended. */
static void wait_for_work(struct worker *w)
{
	struct render *r = w->render;
	int64_t until = now_ms(r) + DECODER_IDLE_MS;
	const struct timespec when = {
		.tv_sec = (time_t)(until / 1000), .tv_nsec = (long)(until % 1000) * 1000000};

	if (!w->busy) {
		pthread_cond_wait(&r->more, &r->lock);
	} else if (pthread_cond_timedwait(&r->more, &r->lock, &when) == ETIMEDOUT) {
		w->busy = false;
		decoder_rest(r->server->decoder);
	}
}

static struct job *take_job(struct worker *w)
{
	struct render *r = w->render;
	struct job *job = NULL;

	pthread_mutex_lock(&r->lock);
	while (!r->closing && !(job = next_job(r)))
		wait_for_work(w);
	if (job)
		w->busy = job->running = true;
	pthread_mutex_unlock(&r->lock);
	return job;
}

static void *work(void *data)
{
	struct worker *w = data;
	struct job *job;

	while ((job = take_job(w))) {
		struct err why = ERR_INIT;

		render_picture(w, &job->picture, &why);
		finish_job(w->render, job, &why);
	}
	store_close(w->store);
	return NULL;
}

/* --- opening and closing ------------------------------------------------------------------ */

void render_stop(struct render *r)
{
	struct err why = ERR_INIT;

	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->closing = true;
	pthread_cond_broadcast(&r->more);
	pthread_mutex_unlock(&r->lock);
	for (unsigned i = 0; i < r->threads; i++)
		pthread_join(r->workers[i].thread, NULL);
	r->threads = 0;
	err_set(&why, ERR_OFFLINE, "the server stops");
	while (r->count)
		finish_job(r, r->jobs[0], &why);
}

void render_close(struct render *r)
{
	if (!r)
		return;
	render_stop(r);
	image_cache_close(r->cache);
	pthread_cond_destroy(&r->more);
	pthread_mutex_destroy(&r->lock);
	free(r->failures);
	free(r);
}

static void close_pointer(struct render **render)
{
	render_close(*render);
}

static void init_lock(struct render *r)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&r->more, &attributes);
	pthread_condattr_destroy(&attributes);
}

int render_open(struct server *server, struct render **out, struct err *err)
{
	_cleanup_(close_pointer) struct render *r = mem_calloc(1, sizeof(*r));
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned threads = processors < 1 ? 1 : (unsigned)processors;

	if (!r)
		return err_no_memory(err);
	r->server = server;
	init_lock(r);
	r->failures = mem_calloc(FAILED_SLOTS, sizeof(*r->failures));
	if (!r->failures)
		return err_no_memory(err);
	if (image_cache_open(server->store, &r->cache, err))
		return -1;
	while (r->threads < threads && r->threads < THREADS_MAX) {
		struct worker *w = &r->workers[r->threads];

		w->render = r;
		if (pthread_create(&w->thread, NULL, work, w))
			return err_set(err, ERR_FAILED, "cannot start a thread for pictures");
		r->threads++;
	}
	*out = mem_steal(&r);
	return 0;
}
