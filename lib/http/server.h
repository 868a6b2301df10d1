/* server.h - the server as a whole: what the parts share, and the way of a call through them.
 *
 *	struct server *server;
 *	server_open(&options, &server, err);
 *	daemon_open(server, &daemon, err);		listens (daemon.h)
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

#include "http/http.h"

#include <stdatomic.h>

struct settings; /* settings.h: an immutable snapshot of the configuration */
struct writer;   /* writer.c */
struct pool;     /* pool.c */
struct watch;    /* watch.c */
struct metrics;  /* metrics.h */
struct access_log;
struct settings_box;

struct server_options {
	const char *dir;         /* the store */
	const char *config_file; /* --config, NULL: the usual ones */
	const struct clock *clock;
	const struct log *log;
	/* Borrowed, opened before the server; settings_get(server->options.settings) gives a snapshot. */
	struct settings_box *settings;
	struct metrics *metrics;       /* NULL: nothing is counted */
	struct access_log *access_log; /* NULL: none */
	unsigned workers; /* of the pool */
	bool public_only; /* serve only public routes */
};

struct server {
	struct server_options options;
	struct store *reader; /* the main thread's own */
	struct writer *writer;
	struct pool *pool;
	struct watch *watch;
	_Atomic uint64_t
		generation; /* rises when accounts or memberships may have changed: caches drop */
	_Atomic bool draining;
};

int server_open(const struct server_options *options, struct server **out, struct err *err);
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

/* An empty call; its request is filled by the adapter before call_begin. */
int call_new(struct server *server, struct http_call **out, struct err *err);
void call_free(struct http_call *call); /* NULL is fine */
/* Borrows both; TOO_LARGE when there are too many. */
int call_add_header(
	struct http_call *call, const char *name, const char *value, struct err *err);
/* Sets path and query from the request's target ("/v1/x?y=z"). */
int call_set_target(struct http_call *call, const char *target, struct err *err);

/* Routes, finds the caller and the album, and refuses what is not allowed.  0: go on with the body; 1: it is answered
 * already (a problem). */
int call_begin(struct http_call *call, struct http_thread *thread);
/* Runs the handler in its lane.  True: it is answered.  False: `done` is called once, later, on another
 * thread (call->park was called before). */
bool call_run(struct http_call *call, struct http_thread *thread, void (*done)(struct http_call *));
/* Fills response.body with the stream's next piece, on a worker; `done` as above.  stream.next is NULL
 * after the end. */
void call_stream(struct http_call *call, void (*done)(struct http_call *));
/* Calls the handler once: 0 answered, HTTP_POOL, HTTP_WAIT. */
int call_handle(struct http_call *call, struct store *store, struct event_tx *tx);
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
void pool_close(struct pool *pool); /* finishes what is queued */
/* False when the queue is full. */
bool pool_submit(struct pool *pool, void (*run)(void *data, struct store *store), void *data);

/* The one writer. */
int writer_open(struct server *server, struct writer **out, struct err *err);
void writer_close(struct writer *writer);
/* False when the queue is full. */
bool writer_submit(
	struct writer *writer, struct http_call *call, void (*done)(struct http_call *call));

/* Sees what changed in the store, by us or by other processes, and wakes who waits for it. */
int watch_open(struct server *server, struct watch **out, struct err *err);
void watch_close(struct watch *watch);
/* After a commit of ours. */
void watch_poke(struct watch *watch);
/* Calls `wake` once, on the watcher's thread: when call->wait_album changed since the handler read, or at
 * call->wait_until_ms (then call->timed_out is set).  False when too many wait or the server drains. */
bool watch_add(struct watch *watch, struct http_call *call, void (*wake)(struct http_call *call));

/* --- who asks ----------------------------------------------------------------------------- */

/* caller.c: fills call->caller from Authorization.  DENIED (401) for a token that does not hold; no token is no
 * error.  `store`: the thread's. */
int caller_find(struct http_call *call, struct store *store, struct err *err);

#endif
