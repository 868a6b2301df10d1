/* http.h - what a handler sees: one request, the caller, a store to work with, and the answer it makes.
 *
 * A resource is one file with a table of routes and their handlers:
 *
 *	static int show(struct http_call *call, struct err *err)
 *	{
 *		json_t *body = json_object();
 *
 *		wire_set_uuid(&body, "id", &call->album.id);
 *		return http_answer_json(call, 200, body, err);		takes body over
 *	}
 *
 *	const struct http_route albums_routes[] = {
 *		{"showAlbum", HTTP_GET, "/v1/albums/{album}", ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ,
 *			.lane = LANE_POOL, .handle = show},
 *		{.name = NULL},
 *	};
 *
 * Before a handler runs, the caller is known, allowed (access, right, scope) and within their rate, and
 * the body is whole.  A handler that returns -1 is answered as application/problem+json by the error's kind.
 *
 * Lanes.  INLINE handlers run on a loop thread and may only do keyed reads; POOL handlers run on a worker
 * and may read at length, render, or wait for the disk; WRITE handlers run on the one writer, inside a
 * transaction that several requests share: the answer goes out once it is on disk.  When a WRITE handler
 * fails after it changed rows, or the commit fails, the others of its group are run again without it, so it
 * does nothing outside the database (what is to follow the commit goes into call->response.after).
 *
 * A store that a call holds belongs to its thread and acts as the caller: store->actor is the caller.
 * No handler sees libmicrohttpd: `pinhole http-request` runs them with no socket.
 */
#ifndef PINHOLE_HTTP_HTTP_H
#define PINHOLE_HTTP_HTTP_H

#include "base/vec.h"
#include "event/role.h"
#include "store/resolve.h"
#include "store/store.h"
#include "wire/json.h"

#include <stdatomic.h>

enum http_method {
	HTTP_GET = 0,
	HTTP_HEAD, /* runs the GET route; the body is not sent */
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_METHOD_COUNT
};
const char *http_method_name(enum http_method method);
/* -1 for a method that we do not know. */
int http_method_parse(const char *name, enum http_method *out);

struct http_field { /* a header or a parameter of the query */
	const char *name, *value;
};

#define HTTP_FIELDS_MAX 64 /* headers, and parameters of a query; more are refused */
#define HTTP_PARAMS_MAX 4  /* variable segments of a path */

struct http_request {
	enum http_method method;
	char *path; /* without the query, still percent-encoded; owned */
	struct http_field headers[HTTP_FIELDS_MAX];
	size_t header_count;
	struct http_field query[HTTP_FIELDS_MAX]; /* decoded */
	size_t query_count;
	struct str texts; /* what decoded ones point into; headers are borrowed from the adapter */
	struct str body;  /* whole; empty for streamed uploads */
	const char *peer; /* the client's address as text, "" for none; see serve.trust-proxy */
	bool secure;      /* came by TLS, here or at the proxy */
	int64_t began_us; /* mono */
};

/* The value of a header by its name in any case; NULL if absent. */
const char *http_header(const struct http_request *request, const char *name);
/* A parameter of the query; NULL if absent. */
const char *http_query(const struct http_request *request, const char *name);
/* An integer parameter; `otherwise` if absent, INVALID if malformed or outside [min, max]. */
int http_query_int(const struct http_request *request, const char *name, int64_t min, int64_t max,
	int64_t otherwise, int64_t *out, struct err *err);

/* --- who asks ----------------------------------------------------------------------------- */

/* What a token may do; an API key holds some of them, a session all that its user may. */
enum scope {
	SCOPE_NONE = 0, /* public routes */
	SCOPE_READ = 1,
	SCOPE_WRITE = 2,   /* talk, like, change */
	SCOPE_UPLOAD = 4,  /* add photos */
	SCOPE_ACCOUNT = 8, /* password, sessions, API keys */
	SCOPE_ADMIN = 16,  /* other people's accounts; only of an administrator's token */
};
#define SCOPE_ALL (SCOPE_READ | SCOPE_WRITE | SCOPE_UPLOAD | SCOPE_ACCOUNT | SCOPE_ADMIN)

struct caller {
	bool known;          /* false: nobody said who they are */
	bool admin;          /* the user's role at this server */
	unsigned scopes;     /* of enum scope */
	struct uuid user;    /* a users' id is also their participant id in albums */
	struct uuid session; /* the session or API key */
	int64_t expires;     /* ms, of the token */
};

/* --- the answer --------------------------------------------------------------------------- */

struct http_call;

#define HTTP_POOL 1 /* what an INLINE handler returns to be called again on a worker */
#define HTTP_WAIT 2 /* what a handler or a stream returns to be called again; see http_wait */

/* A body made piece by piece (SSE, zip), on a worker. */
struct http_stream {
	/* Appends some bytes to `out` (empty when called): 1, 0 at the end, HTTP_WAIT after http_wait, -1
	 * breaks the connection off. */
	int (*next)(struct http_call *call, struct str *out, struct err *err);
	void (*close)(void *data); /* once, also when the client went away */
	void *data;
	bool ended, broken; /* of the lanes: there is no next piece; the connection is to be cut */
};

struct http_after { /* what follows the commit, on a worker */
	void (*run)(struct store *store, void *data);
	void (*close)(void *data); /* always called once */
	void *data;
};

struct http_response {
	int status;       /* 0 until answered */
	const char *type; /* Content-Type: a constant; NULL: no body */
	struct str body;
	int fd;                    /* -1, or a file instead of body; owned */
	uint64_t offset, length;   /* of the file */
	struct http_stream stream; /* instead of both, if next is set */
	struct http_after after;
	struct vec headers; /* struct http_field with owned texts */
	bool keep; /* WRITE: what the handler wrote is committed although it refuses (it counts failures) */
	bool failed; /* a header could not be added: the answer becomes a 500 */
};

/* Adds a header; a value with control characters fails the response (500) instead of splitting it. */
void http_add_header(struct http_response *response, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* All return 0, or -1 with err.  `body` is taken over; NULL (a failed wire_set_*) is NO_MEMORY. */
int http_answer_json(struct http_call *call, int status, json_t *body, struct err *err);
/* The body is in response.body already. */
int http_answer_text(struct http_call *call, int status, const char *type, struct err *err);
int http_answer_empty(struct http_call *call, int status, struct err *err);
/* A whole file with ETag `tag` (without quotes), answering Range, If-Range and If-None-Match. Takes fd over,
 * also on failure. */
int http_answer_file(struct http_call *call, int fd, uint64_t size, const char *type,
	const char *tag, struct err *err);
/* Whether a list of If-None-Match's form ("a", W/"b", or *) names the tag.  `weak`: a weak one counts as well. */
bool http_tag_is_listed(const char *list, const char *tag, bool weak);
/* Adds the ETag (`tag` without quotes).  True where the client has it already: 304 is answered. */
bool http_answer_unchanged(struct http_call *call, const char *tag, bool weak);
/* The problem of an error: application/problem+json; `status` 0: by the kind. */
void http_answer_problem(struct http_call *call, int status, const struct err *why);
int http_status_of(enum err_kind kind);

/* --- a call ------------------------------------------------------------------------------- */

struct server;

struct http_call {
	struct server *server;
	const struct http_route *route; /* NULL: none matched */
	/* The handler's own from one call of it to the next (HTTP_WRITE, HTTP_WAIT); freed with the call. */
	void *work;
	void (*work_free)(void *work);
	void *idempotency; /* idempotency.c's mark */
	struct http_request request;
	struct http_response response;
	struct caller caller;
	const char *params[HTTP_PARAMS_MAX]; /* decoded, in the order of the path */
	/* ACCESS_ALBUM: the album that {album} names, and what the caller is in it. */
	struct album_ref album;
	enum role role;
	/* The thread's; valid while the handler runs. */
	struct store *store;
	struct event_tx *tx; /* WRITE lane: the group's transaction */
	void *upload;        /* of a streamed body: the route's own */
	/* http_wait: */
	uint64_t seen_rev;             /* of the store, before the handler read */
	int64_t wait_until_ms;         /* mono ms */
	int64_t wait_album;            /* key, 0: any change */
	const struct vec *wait_albums; /* keys, sorted: instead of wait_album; NULL: not so */
	bool once;      /* of saved.c: nobody listens on, so a stream ends where it would wait */
	bool timed_out; /* set when it is called again because wait_until_ms passed */
	struct lane_job *waiting; /* of call.c */
	_Atomic unsigned parted;  /* of call.c: which of handler and http_resume came */
	uint64_t checked; /* of call.c: the server's generation when access was checked; 0: never */
	/* Of the adapter that brought the request: called before the call leaves its thread; and its own. */
	void (*park)(struct http_call *call);
	/* Breaks the connection off, soon; on any thread while the call lives.  NULL: there is none. */
	void (*cut)(struct http_call *call);
	void *adapter;
};

/* The value of {name}; "" if the route has none. */
const char *http_param(const struct http_call *call, const char *name);
/* The caller's idea of a UUID or hash in the path: NOT_FOUND if it is none. */
int http_param_uuid(
	const struct http_call *call, const char *name, struct uuid *out, struct err *err);
int http_param_hash(
	const struct http_call *call, const char *name, struct sha256 *out, struct err *err);
/* The body as one JSON object; INVALID. Caller owns it. */
json_t *http_body_object(const struct http_call *call, struct err *err);
/* "return http_wait(…)": this handler (or stream) is called again once the album (0: anything in the store)
 * changed after this read, or `ms` later with call->timed_out. */
int http_wait(struct http_call *call, int64_t album, int64_t ms);
/* The same for any of many albums, and for every change of accounts and memberships: `albums` are int64_t keys, sorted,
 * borrowed until it is called again. */
int http_wait_many(struct http_call *call, const struct vec *albums, int64_t ms);

#define HTTP_PARK                                                                                  \
	4 /* what a handler (not of the WRITE lane) returns after it gave its call to another thread */
/* Runs a parked handler again, on a worker.  On any thread, once for each HTTP_PARK, also before the handler
 * has returned. */
void http_resume(struct http_call *call);

/* --- routes ------------------------------------------------------------------------------- */

enum http_access {
	ACCESS_UNSET = 0, /* refused at start */
	ACCESS_PUBLIC,    /* anyone */
	ACCESS_USER,      /* any signed-in user */
	ACCESS_ALBUM, /* a participant of {album} with the route's right; for others it does not exist */
	ACCESS_ADMIN, /* an administrator of the server */
};

enum http_lane { LANE_INLINE = 0, LANE_POOL, LANE_WRITE };

/* What a POOL handler returns to be called again as if its lane were WRITE: call->tx is set then.  For what must
 * be slow first (hashing a password) and write afterwards.  It may be called several times so (see Lanes). */
#define HTTP_WRITE 3

#define HTTP_BODY_JSON ((size_t)4 * 1024 * 1024) /* the most that a JSON body may have */

struct http_upload {
	/* Headers are there and the caller is allowed.  On a loop thread, as are the others.  A failure is the
	 * answer, and the body is read no further. */
	int (*begin)(struct http_call *call, struct err *err);
	int (*take)(struct http_call *call, const void *bytes, size_t len, struct err *err);
	/* Once after begin succeeded: at the end of the call, or when the connection broke. */
	void (*end)(struct http_call *call);
};

struct http_route {
	const char *name; /* the operationId */
	enum http_method method;
	const char *path; /* "/v1/albums/{album}" */
	enum http_access access;
	enum right right; /* ACCESS_ALBUM */
	unsigned scope;   /* of enum scope; SCOPE_NONE only with ACCESS_PUBLIC */
	enum http_lane lane;
	size_t body_max;                  /* bytes; 0: a body is refused */
	const struct http_upload *upload; /* the body is streamed */
	int (*handle)(struct http_call *call, struct err *err);
	/* Headers of every answer of this route, also of refusals; ended by NULL.  NULL: none. */
	const struct http_field *always;
};

/* All tables, ended by NULL: routes.c. */
extern const struct http_route *const http_tables[];
/* FAILED if a route lacks access, right, scope or handler, or two are the same: fail closed. */
int http_routes_check(struct err *err);

#endif
