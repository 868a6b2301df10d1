/* server.c - opens and closes the parts of the server in order.
 *
 * It listens on nothing: daemon.c and saved.c bring requests.  Invariant: one server serves a store at a time.
 */
#include "http/server.h"

#include "http/arrival.h"
#include "http/caller.h"
#include "http/courier.h"
#include "http/decoder.h"
#include "http/gate.h"
#include "http/idempotency.h"
#include "http/image_memo.h"
#include "http/limit.h"
#include "http/render.h"
#include "http/signing.h"

#include "store/upload.h"

#include <stdlib.h>

static int use_cache_dirs(struct server *server, struct store *store, struct err *err)
{
	const struct settings *settings = settings_get(server->options.settings);
	size_t count;
	const char *const *dirs = config_list(settings->config, "cache.dir", &count);
	int failed = variant_use_roots(store, dirs, count, err);

	settings_put(settings);
	return failed;
}

int server_open_store(
	struct server *server, enum store_mode mode, struct store **out, struct err *err)
{
	struct store *store;

	if (store_open(server->options.dir, mode, server->options.clock, server->options.log,
		    &store, err))
		return -1;
	if (use_cache_dirs(server, store, err)) {
		store_close(store);
		return -1;
	}
	*out = store;
	return 0;
}

int http_thread_open(struct server *server, struct http_thread **out, struct err *err)
{
	struct http_thread *thread = mem_calloc(1, sizeof(*thread));

	if (!thread)
		return err_no_memory(err);
	thread->server = server;
	if (server_open_store(server, STORE_READ, &thread->store, err)) {
		free(thread);
		return -1;
	}
	*out = thread;
	return 0;
}

void http_thread_close(struct http_thread *thread)
{
	if (!thread)
		return;
	store_close(thread->store);
	free(thread);
}

void http_thread_close_pointer(struct http_thread **thread)
{
	http_thread_close(*thread);
}

static int open_account_parts(struct server *s, unsigned workers, struct err *err)
{
	/* Hashing passwords must leave a worker for the others. */
	unsigned at_once = workers > 2 ? workers / 2 : 1;

	return signing_open(s->options.dir, &s->signing, err) || limiter_open(&s->limiter, err) ||
			callers_open(&s->callers, err) || idempotency_open(&s->idempotency, err) ||
			gate_open(at_once, &s->gate, err) || courier_open(s, &s->courier, err) ?
		-1 :
		0;
}

static int open_parts(struct server *s, struct err *err)
{
	const struct settings *settings = settings_get(s->options.settings);
	unsigned workers = s->options.workers ? s->options.workers : settings->workers;

	settings_put(settings);
	/* For writing: migrations and views of an older version are settled before anybody reads. */
	return http_routes_check(err) || server_open_store(s, STORE_WRITE, &s->store, err) ||
			open_account_parts(s, workers, err) || watch_open(s, &s->watch, err) ||
			pool_open(s, workers, &s->pool, err) || writer_open(s, &s->writer, err) ||
			decoder_open(s, &s->decoder, err) || image_memo_open(&s->images, err) ||
			render_open(s, &s->render, err) || arrivals_open(s, &s->arrivals, err) ||
			upload_start(s->store, err) ?
		-1 :
		0;
}

int server_open(const struct server_options *options, struct server **out, struct err *err)
{
	struct server *s = mem_calloc(1, sizeof(*s));

	if (!s)
		return err_no_memory(err);
	s->options = *options;
	if (open_parts(s, err)) {
		server_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

/* What the writer hands over goes to the pool, and so do those that the others wake.  Lanes are only stopped: calls
 * that move on, and requests that the loops still read, knock at them and are answered 503. */
void server_finish(struct server *s)
{
	s->draining = true;
	writer_stop(s->writer);
	watch_stop(s->watch);
	render_stop(s->render);
	arrivals_stop(s->arrivals);
	gate_stop(s->gate);
	pool_stop(s->pool);
}

void server_close(struct server *s)
{
	if (!s)
		return;
	server_finish(s);
	writer_close(s->writer);
	pool_close(s->pool);
	courier_close(s->courier); /* after the lanes, which give it letters */
	gate_close(s->gate);
	idempotency_close(s->idempotency);
	callers_close(s->callers);
	limiter_close(s->limiter);
	signing_close(s->signing);
	render_close(s->render);
	arrivals_close(s->arrivals);
	decoder_close(s->decoder);
	image_memo_close(s->images);
	watch_close(s->watch);
	store_close(s->store);
	free(s);
}
