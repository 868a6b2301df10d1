/* writer.c - the one writer: what requests change is committed in groups.
 *
 * Whatever waits is run in one transaction; while that is flushed, the next group gathers.  A handler that
 * fails after it changed rows costs the group its transaction: the others are run again without it.
 * Invariant: no answer of success leaves before its commit is on disk.
 */
#include "http/server.h"

#include "http/idempotency.h"

#include <pthread.h>
#include <time.h>
#include <stdlib.h>

#define QUEUE_MAX 1024
#define GROUP_MAX 256

/* Full text is fed in steps while nobody waits for us.  Once so much has gathered that searching what is not fed gets
 * slow, steps are made under load too; each holds up who waits by some 20 ms. */
#define IDLE_US       50000
#define UNSETTLED_MAX 100000 /* requests */
#define STEP_REQUESTS 2000   /* between steps under load: as many as a step feeds */

struct write_job {
	struct http_call *call;
	void (*done)(struct http_call *call);
	bool answered; /* by a failure: takes no part in the group any more */
};

struct writer {
	struct server *server;
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct write_job queue[QUEUE_MAX];
	size_t first, count;
	bool closing, stopped;
	int64_t unsettled; /* about so many events are not fed; the writer's own, as is the next */
	size_t since_step; /* requests */
	struct writer_figures figures;
};

/* Under the lock: waits for something to do, or IDLE_US if there is work to settle. */
static void wait_for_more(struct writer *w)
{
	int64_t until = clock_mono_us(w->server->options.clock) + IDLE_US;
	const struct timespec end = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};

	while (!w->count && !w->closing) {
		if (!w->unsettled)
			pthread_cond_wait(&w->more, &w->lock);
		else if (pthread_cond_timedwait(&w->more, &w->lock, &end))
			break;
	}
}

/* Takes what waits; none when nothing came for a while (then there is work to settle).  False at the end. */
static bool take_group(struct writer *w, struct write_job group[GROUP_MAX], size_t *out)
{
	size_t count = 0;
	bool closing;

	pthread_mutex_lock(&w->lock);
	wait_for_more(w);
	while (w->count && count < GROUP_MAX) {
		group[count++] = w->queue[w->first];
		w->first = (w->first + 1) % QUEUE_MAX;
		w->count--;
	}
	closing = w->closing;
	pthread_mutex_unlock(&w->lock);
	*out = count;
	return count || !closing;
}

static bool succeeded(const struct http_call *call)
{
	return call->response.status >= 200 && call->response.status < 400;
}

static void refuse_all(struct write_job *group, size_t count, const struct err *why)
{
	for (size_t i = 0; i < count; i++)
		if (!group[i].answered) {
			call_reset(group[i].call);
			http_answer_problem(group[i].call, 0, why);
			group[i].answered = true;
		}
}

/* Runs the group's handlers; returns one that failed after it changed rows, or NULL. */
static struct write_job *run_handlers(struct writer *w, struct write_job *group, size_t count)
{
	const struct err lost = {.kind = ERR_FAILED, .message = "a handler left the writer"};

	for (size_t i = 0; i < count; i++) {
		struct http_call *call = group[i].call;
		int64_t before = db_total_changes(w->store->db);

		if (group[i].answered)
			continue;
		if (call_handle(call, w->store, w->store->tx))
			refuse_all(&group[i], 1, &lost);
		if (succeeded(call) || call->response.keep)
			continue;
		group[i].answered = true;
		if (db_total_changes(w->store->db) != before || event_is_broken(w->store->tx))
			return &group[i];
	}
	return NULL;
}

static void forget_answers(struct write_job *group, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!group[i].answered)
			call_reset(group[i].call);
}

/* One transaction for all that are not answered: 1 done, 0 once more without one that failed, -1. */
static int try_group(struct writer *w, struct write_job *group, size_t count, struct err *err)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	struct write_job *failed;

	if (event_begin(w->store->events, "serve", &tx, err))
		return -1;
	w->store->tx = tx;
	failed = run_handlers(w, group, count);
	w->store->tx = NULL;
	if (failed) {
		event_rollback(&tx);
		forget_answers(group, count);
		return 0;
	}
	return event_commit(&tx, err) ? -1 : 1;
}

/* A commit that fails says nothing of who is to blame: then each is tried alone. */
static void commit_group(struct writer *w, struct write_job *group, size_t count)
{
	struct err why = ERR_INIT;
	int done = 0;

	while (done == 0)
		done = try_group(w, group, count, &why);
	if (done == 1)
		return;
	if (count == 1) {
		refuse_all(group, count, &why);
		return;
	}
	forget_answers(group, count);
	for (size_t i = 0; i < count; i++)
		if (!group[i].answered)
			commit_group(w, &group[i], 1);
}

static void run_later(void *data, struct store *store)
{
	struct http_after *after = data;

	if (after->run)
		after->run(store, after->data);
	if (after->close)
		after->close(after->data);
	free(after);
}

/* What follows a commit runs on a worker; a failed request's is dropped. */
static void hand_over(struct writer *w, struct http_call *call)
{
	struct http_after *after;

	if (!call->response.after.run)
		return;
	after = mem_dup(&call->response.after, sizeof(*after));
	if (!after)
		return;
	call->response.after = (struct http_after){.run = NULL};
	if (!pool_submit(w->server->pool, run_later, after))
		run_later(after, w->store);
}

static void count_group(struct writer *w, size_t count, int64_t us)
{
	struct writer_figures *f = &w->figures;

	pthread_mutex_lock(&w->lock);
	f->groups++;
	f->requests += count;
	f->largest = count > f->largest ? count : f->largest;
	f->us += (uint64_t)us;
	pthread_mutex_unlock(&w->lock);
	metrics_add(w->server->options.metrics, METRIC_COMMITS, 1);
	metrics_add(w->server->options.metrics, METRIC_COMMIT_CALLS, (int64_t)count);
	metrics_add(w->server->options.metrics, METRIC_COMMIT_US, us);
}

static void run_group(struct writer *w, struct write_job *group, size_t count)
{
	int64_t began = clock_mono_us(w->server->options.clock);

	commit_group(w, group, count);
	watch_committed(w->server->watch, w->store);
	/* Counted first: who is answered may look. */
	count_group(w, count, clock_mono_us(w->server->options.clock) - began);
	w->unsettled += (int64_t)count;
	w->since_step += count;
	for (size_t i = 0; i < count; i++) {
		if (succeeded(group[i].call))
			hand_over(w, group[i].call);
		idempotency_leave(group[i].call);
		group[i].done(group[i].call);
	}
}

static void settle(struct writer *w)
{
	struct err why = ERR_INIT;

	w->since_step = 0;
	w->unsettled = 0;
	if (store_settle_some(w->store, &w->unsettled, &why))
		log_print(w->server->options.log, LOG_WARNING, "%s", why.message);
}

static void *serve(void *data)
{
	struct writer *w = data;
	struct write_job *group = mem_calloc(GROUP_MAX, sizeof(*group));
	size_t count = 0;

	while (group && take_group(w, group, &count)) {
		if (count)
			run_group(w, group, count);
		if (!count || (w->unsettled > UNSETTLED_MAX && w->since_step > STEP_REQUESTS))
			settle(w);
	}
	settle(w);
	free(group);
	return NULL;
}

bool writer_submit(struct writer *w, struct http_call *call, void (*done)(struct http_call *call))
{
	bool room;

	if (!w)
		return false;
	pthread_mutex_lock(&w->lock);
	room = w->count < QUEUE_MAX && !w->closing;
	if (room) {
		w->queue[(w->first + w->count++) % QUEUE_MAX] =
			(struct write_job){.call = call, .done = done};
		pthread_cond_signal(&w->more);
	}
	pthread_mutex_unlock(&w->lock);
	return room;
}

size_t writer_queued(struct writer *w)
{
	size_t count;

	pthread_mutex_lock(&w->lock);
	count = w->count;
	pthread_mutex_unlock(&w->lock);
	return count;
}

void writer_read_figures(struct writer *w, struct writer_figures *out)
{
	pthread_mutex_lock(&w->lock);
	*out = w->figures;
	pthread_mutex_unlock(&w->lock);
}

int writer_open(struct server *server, struct writer **out, struct err *err)
{
	struct writer *w = mem_calloc(1, sizeof(*w));
	pthread_condattr_t attributes;

	if (!w)
		return err_no_memory(err);
	w->server = server;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&w->more, &attributes);
	pthread_condattr_destroy(&attributes);
	if (server_open_store(server, STORE_WRITE, &w->store, err) ||
		pthread_create(&w->thread, NULL, serve, w)) {
		if (w->store)
			err_set(err, ERR_FAILED, "cannot start a thread");
		store_close(w->store);
		pthread_cond_destroy(&w->more);
		pthread_mutex_destroy(&w->lock);
		free(w);
		return -1;
	}
	*out = w;
	return 0;
}

void writer_stop(struct writer *w)
{
	if (!w || w->stopped)
		return;
	pthread_mutex_lock(&w->lock);
	w->closing = true;
	pthread_cond_broadcast(&w->more);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	w->stopped = true;
}

void writer_close(struct writer *w)
{
	if (!w)
		return;
	writer_stop(w);
	store_close(w->store);
	pthread_cond_destroy(&w->more);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
