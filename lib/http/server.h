/* server.h - the server as a whole: what the parts share, and the way of a call through them.
 *
 *	struct server *server;
 *	server_open(&options, &server, err);
 *	daemon_open(server, &daemon, err);		listens (daemon.h), or saved_run (saved.h)
 *	...
 *	daemon_close(daemon);				drains
 *	server_close(server);
 *
 * The way of a call: call_begin routes it, finds the caller and the album and refuses what is not
 * allowed; then its body arrives; then call_run gives it to its lane, which calls `done` (on any thread)
 * once it is answered.
 */
#ifndef PINHOLE_HTTP_SERVER_H
#define PINHOLE_HTTP_SERVER_H

#include "http/access_log.h"
#include "http/http.h"
#include "http/metrics.h"
#include "http/settings.h"

#include <stdatomic.h>

struct writer; /* writer.c */
struct pool;   /* pool.c */
struct watch;  /* watch.c */
struct render; /* render.h */
struct image_memo;
struct arrivals; /* arrival.h */
struct decoder;  /* decoder.h */

struct server_options {
	const char *dir; /* the store */
	const struct clock *clock;
	const struct log *log;
	/* Borrowed, opened before the server; settings_get(server->options.settings) gives a snapshot. */
	struct settings_box *settings;
	struct metrics *metrics;       /* NULL: nothing is counted */
	struct access_log *access_log; /* NULL: none */
	unsigned workers;              /* of the pool; 0: as the settings say */
	bool public_only;              /* serve only public routes */
};

struct server {
	struct server_options options;
	struct store *store; /* for who starts and stops us; no thread of ours uses it */
	struct writer *writer;
	struct pool *pool;
	struct watch *watch;
	struct limiter *limiter;         /* limit.h */
	struct signing *signing;         /* signing.h */
	struct callers *callers;         /* caller.h */
	struct idempotency *idempotency; /* idempotency.h */
	struct gate *gate;               /* gate.h: where passwords are hashed */
	struct courier *courier;         /* courier.h */
	struct render *render;
	struct image_memo *images;
	struct decoder *decoder;
	struct arrivals *arrivals;
	_Atomic uint64_t
		generation;   /* rises when accounts or memberships may have changed: caches drop */
	_Atomic uint64_t rev; /* of the store, as the watcher saw it */
	_Atomic uint64_t commits; /* of ours, counted before they are answered */
	_Atomic bool draining;
};

/* The store's rev as the watcher last saw it. */
uint64_t server_rev(const struct server *server);
/* Rises with every commit: at once with ours, and once the watcher saw it with others'. */
uint64_t server_changes(const struct server *server);

int server_open(const struct server_options *options, struct server **out, struct err *err);
/* Answers all calls that are under way and ends the lanes; what comes then is answered 503. */
void server_finish(struct server *server);
void server_close(struct server *server); /* NULL is fine */

/* A store for one thread, opened for reading. */
int server_open_store(
	struct server *server, enum store_mode mode, struct store **out, struct err *err);

/* --- a call ------------------------------------------------------------------------------- */

#define MEMBERSHIPS 1024 /* remembered by each loop thread */

struct membership { /* what a caller is in an album, while the server's generation stands */
	uint64_t generation;
	struct uuid user, album;
	int64_t key;
	enum role role;
};

struct http_thread { /* what a loop thread has of its own */
	struct server *server;
	struct store *store;
	struct membership memberships[MEMBERSHIPS];
};
int http_thread_open(struct server *server, struct http_thread **out, struct err *err);
void http_thread_close(struct http_thread *thread); /* NULL is fine */
void http_thread_close_pointer(struct http_thread **thread);

/* An empty call; its request is filled by the adapter before call_begin. */
int call_new(struct server *server, struct http_call **out, struct err *err);
void call_free(struct http_call *call); /* NULL is fine */
/* Borrows both; TOO_LARGE when there are too many. */
int call_add_header(struct http_call *call, const char *name, const char *value, struct err *err);
/* Sets path and query from the request's target ("/v1/x?y=z"). */
int call_set_target(struct http_call *call, const char *target, struct err *err);

/* Routes, finds the caller and the album, and refuses what is not allowed.  0: go on with the body; 1: it is answered
 * already (a problem). */
int call_begin(struct http_call *call, struct http_thread *thread);
/* Asked again while a body arrives, before it is handled and before it is written: accounts and memberships may have
 * changed since call_begin.  0, or 1: it is refused and answered. */
int call_check_again(struct http_call *call, struct store *store);
/* Runs the handler in its lane.  True: it is answered.  False: `done` is called once, later, on another
 * thread (call->park was called before). */
bool call_run(struct http_call *call, struct http_thread *thread, void (*done)(struct http_call *));
/* Fills response.body with the stream's next piece, on a worker; `done` as above.  stream.next is NULL
 * after the end. */
void call_stream(struct http_call *call, void (*done)(struct http_call *));
/* Calls the handler once: 0 answered, HTTP_POOL, HTTP_WAIT, HTTP_WRITE, HTTP_PARK. */
int call_handle(struct http_call *call, struct store *store, struct event_tx *tx);
/* What the route says in every answer: ended by NULL. */
const struct http_field *call_always(const struct http_call *call);
/* Runs response.after, if there is one. */
void call_run_after(struct http_call *call, struct store *store);
/* Makes the response as if nothing had been answered. */
void call_reset(struct http_call *call);

/* Sets a variable segment of the path; -1 if it is malformed. */
int call_decode_param(struct http_call *call, size_t index, const char *text, size_t len);
/* router.c: the route of a method and path, its variable segments into params.  NULL: none; *allowed then has the
 * methods that the path has (bits 1 << enum http_method). */
const struct http_route *router_find(struct http_call *call, unsigned *allowed);

/* --- lanes -------------------------------------------------------------------------------- */

/* A bounded queue served by threads that own a reading store each. */
int pool_open(struct server *server, unsigned workers, struct pool **out, struct err *err);
void pool_stop(struct pool *pool); /* finishes what is queued, and takes no more */
void pool_close(struct pool *pool);
/* False when the queue is full, or the pool was stopped. */
bool pool_submit(struct pool *pool, void (*run)(void *data, struct store *store), void *data);

size_t pool_queued(struct pool *pool);

/* The one writer. */
struct writer_figures {
	uint64_t groups, requests, largest,
		us; /* commits, requests in them, the most in one, time */
};
int writer_open(struct server *server, struct writer **out, struct err *err);
void writer_stop(struct writer *writer); /* as pool_stop */
void writer_close(struct writer *writer);
/* False when the queue is full, or the writer was stopped. */
bool writer_submit(
	struct writer *writer, struct http_call *call, void (*done)(struct http_call *call));

size_t writer_queued(struct writer *writer);
void writer_read_figures(struct writer *writer, struct writer_figures *out);

/* Sees what changed in the store, by us or by other processes, and wakes who waits for it. */
int watch_open(struct server *server, struct watch **out, struct err *err);
/* Wakes all; from now on nobody can wait. */
void watch_stop(struct watch *watch);
void watch_close(struct watch *watch); /* after the pool, whose calls may still ask it */
/* After a commit of ours, before it is answered: who asks again with an old token is refused already. */
void watch_committed(struct watch *watch, struct store *store);
/* Wakes all who wait, now and from now on: the server drains. */
void watch_drain(struct watch *watch);
/* Calls `wake` once, on the watcher's thread: when call->wait_album changed since the handler read, or at
 * call->wait_until_ms (then call->timed_out is set).  False when too many wait or the server drains. */
bool watch_add(struct watch *watch, struct http_call *call, void (*wake)(struct http_call *call));

/* --- who asks ----------------------------------------------------------------------------- */

/* limit.c: 1 when the caller asks too often and was answered so (429), else 0. */
int limit_check(struct http_call *call);

/* caller.c: fills call->caller from Authorization.  DENIED (401) for a token that does not hold; no token is no
 * error.  `store`: the thread's. */
int caller_find(struct http_call *call, struct store *store, struct err *err);
/* Whether the session or key that was found then is there still: 1, 0, -1.  That a token's time ran out meanwhile does not
 * count: who began to send in time may end. */
int caller_stands(const struct http_call *call, struct store *store, struct err *err);

#endif
