/* call.c - the way of one call: routed, allowed, handled in its lane, answered.
 *
 * It knows neither sockets nor what handlers do.  Invariant: `done` is called exactly once for a call that
 * left its thread.
 */
#include "http/server.h"

#include "http/idempotency.h"

#include <stdlib.h>
#include <string.h>

#define RESPONSE_MAX ((size_t)64 * 1024 * 1024)
#define HEADERS_MAX  32

int call_new(struct server *server, struct http_call **out, struct err *err)
{
	struct http_call *call = mem_calloc(1, sizeof(*call));

	if (!call)
		return err_no_memory(err);
	call->server = server;
	call->request.peer = "";
	call->request.began_us = clock_mono_us(server->options.clock);
	str_init(&call->request.texts, 0);
	str_init(&call->request.body, HTTP_BODY_JSON);
	str_init(&call->response.body, RESPONSE_MAX);
	call->response.headers = (struct vec)VEC_INIT(struct http_field, HEADERS_MAX);
	call->response.fd = -1;
	*out = call;
	return 0;
}

void call_free(struct http_call *call)
{
	if (!call)
		return;
	call_reset(call);
	idempotency_leave(call);
	if (call->work_free)
		call->work_free(call->work);
	vec_release(&call->response.headers);
	str_release(&call->response.body);
	str_release(&call->request.body);
	str_release(&call->request.texts);
	free(call->request.path);
	free(call);
}

const struct http_field *call_always(const struct http_call *call)
{
	static const struct http_field none = {NULL, NULL};

	return call->route && call->route->always ? call->route->always : &none;
}

/* --- what is allowed ---------------------------------------------------------------------- */

static int refuse(struct http_call *call, int status, enum err_kind kind, const char *message)
{
	struct err why = ERR_INIT;

	err_set(&why, kind, "%s", message);
	http_answer_problem(call, status, &why);
	return 1;
}

static void add_allow(struct http_call *call, unsigned allowed)
{
	_cleanup_str_ struct str methods = STR_INIT(128);

	for (unsigned i = 0; i < HTTP_METHOD_COUNT; i++)
		if (allowed & 1u << i)
			str_addf(&methods, "%s%s", methods.len ? ", " : "",
				http_method_name((enum http_method)i));
	http_add_header(&call->response, "Allow", "%s", methods.data);
}

static int find_route(struct http_call *call)
{
	const char *override = http_header(&call->request, "X-HTTP-Method-Override");
	unsigned allowed;

	if (override && call->request.method == HTTP_POST &&
		http_method_parse(override, &call->request.method))
		return refuse(call, 400, ERR_INVALID, "X-HTTP-Method-Override is no method");
	call->route = router_find(call, &allowed);
	if (call->route)
		return 0;
	if (!allowed)
		return refuse(call, 404, ERR_NOT_FOUND, "there is nothing at this address");
	add_allow(call, allowed);
	return refuse(call, 405, ERR_INVALID, "this address does not take that method");
}

static int read_membership(struct store *store, const struct uuid *album, const struct uuid *user,
	struct membership *out, struct err *err)
{
	static const struct db_sql sql = {"call_membership",
		"SELECT a.key, p.role FROM album AS a"
		" JOIN view_album AS v ON v.album = a.key"
		" JOIN view_participant AS p ON p.album = a.key"
		" WHERE a.id = :album AND a.kind = 'album' AND v.deleted = 0 AND p.id = :user"
		" AND p.removed IS NULL"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int got;

	out->role = ROLE_NONE;
	if (db_query(store->db, &sql, &rows, err, DB_UUID(":album", album), DB_UUID(":user", user)))
		return -1;
	got = db_next(&rows, err);
	if (got != 1)
		return got;
	out->key = db_int(&rows, 0);
	return role_parse(db_text(&rows, 1), &out->role, err);
}

static int find_membership(struct http_thread *thread, const struct uuid *album,
	const struct uuid *user, const struct membership **out, struct err *err)
{
	size_t slot = ((size_t)album->bytes[15] << 8 ^ album->bytes[14] ^
			      (size_t)user->bytes[15] << 4 ^ user->bytes[14]) %
		MEMBERSHIPS;
	struct membership *m = &thread->memberships[slot];
	uint64_t generation = thread->server->generation;

	*out = m;
	if (m->generation == generation && uuid_equal(&m->album, album) &&
		uuid_equal(&m->user, user))
		return 0;
	m->generation = 0;
	m->album = *album;
	m->user = *user;
	if (read_membership(thread->store, album, user, m, err))
		return -1;
	m->generation = generation;
	return 0;
}

/* For who may not look, the album does not exist. */
static int find_album(struct http_call *call, struct http_thread *thread)
{
	const struct membership *m;
	struct err why = ERR_INIT;
	struct uuid id;

	if (http_param_uuid(call, "album", &id, &why))
		return refuse(call, 404, ERR_NOT_FOUND, "there is no such album");
	if (find_membership(thread, &id, &call->caller.user, &m, &why)) {
		http_answer_problem(call, 500, &why);
		return 1;
	}
	if (!role_has(m->role, RIGHT_LOOK))
		return refuse(call, 404, ERR_NOT_FOUND, "there is no such album");
	call->album = (struct album_ref){.key = m->key, .id = id};
	call->role = m->role;
	return role_has(m->role, call->route->right) ?
		0 :
		refuse(call, 403, ERR_DENIED, "your role in this album does not allow that");
}

static int check_access(struct http_call *call, struct http_thread *thread)
{
	const struct http_route *route = call->route;
	struct err why = ERR_INIT;

	call->checked = call->server->generation;
	if (caller_find(call, thread->store, &why)) {
		/* Who signs in anew may still send the token that has ended. */
		bool pass = route->access == ACCESS_PUBLIC && why.kind == ERR_DENIED &&
			!call->response.status;

		call->caller = (struct caller){.known = false};
		if (!pass && !call->response.status)
			http_answer_problem(call, why.kind == ERR_DENIED ? 401 : 0, &why);
		if (!pass)
			return 1;
	}
	if (limit_check(call))
		return 1;
	if (route->access == ACCESS_PUBLIC)
		return 0;
	if (!call->caller.known)
		return refuse(call, 401, ERR_DENIED, "this needs an access token");
	if ((route->scope & call->caller.scopes) != route->scope)
		return refuse(call, 403, ERR_DENIED, "the token does not allow that");
	if (route->access == ACCESS_ADMIN && !call->caller.admin)
		return refuse(call, 403, ERR_DENIED, "that is for administrators");
	return route->access == ACCESS_ALBUM ? find_album(call, thread) : 0;
}

/* Refuses what would be too large by its own account; what lies is cut off while it arrives. */
static int check_body(struct http_call *call)
{
	const char *text = http_header(&call->request, "Content-Length");
	int64_t length = 0;

	if (text && text_to_i64(text, 0, INT64_MAX, &length, NULL))
		return refuse(call, 400, ERR_INVALID, "Content-Length is malformed");
	/* Two lengths: a proxy may believe the other one, and read our next request elsewhere (RFC 9112, 6.1). */
	if (text && http_header(&call->request, "Transfer-Encoding"))
		return refuse(call, 400, ERR_INVALID,
			"Content-Length and Transfer-Encoding exclude each other");
	if (call->route->upload)
		return 0;
	call->request.body.max = call->route->body_max;
	if ((uint64_t)length > call->route->body_max)
		return refuse(
			call, 413, ERR_TOO_LARGE, "the body is larger than this address takes");
	return 0;
}

int call_begin(struct http_call *call, struct http_thread *thread)
{
	struct err why = ERR_INIT;

	if (find_route(call))
		return 1;
	if (call->server->options.public_only && call->route->access != ACCESS_PUBLIC)
		return refuse(call, 404, ERR_NOT_FOUND, "there is nothing at this address");
	if (check_access(call, thread) || check_body(call))
		return 1;
	if (!call->route->upload)
		return 0;
	call->store = thread->store;
	if (call->route->upload->begin(call, &why) == 0)
		return 0;
	if (!call->response.status)
		http_answer_problem(call, 0, &why);
	return 1;
}

static int stands(struct http_call *call, struct store *store, struct err *err)
{
	struct membership m;
	int got = caller_stands(call, store, err);

	if (got != 1 || call->route->access != ACCESS_ALBUM)
		return got < 0 ? -1 :
			got    ? 0 :
				 refuse(call, 401, ERR_DENIED, "this token was ended");
	if (read_membership(store, &call->album.id, &call->caller.user, &m, err))
		return -1;
	if (!role_has(m.role, RIGHT_LOOK))
		return refuse(call, 404, ERR_NOT_FOUND, "there is no such album");
	call->role = m.role;
	return role_has(m.role, call->route->right) ?
		0 :
		refuse(call, 403, ERR_DENIED, "your role in this album does not allow that");
}

int call_check_again(struct http_call *call, struct store *store)
{
	uint64_t generation = call->server->generation;
	struct err why = ERR_INIT;
	int got;

	if (!call->checked || call->checked == generation || call->route->access == ACCESS_PUBLIC)
		return 0;
	got = stands(call, store, &why);
	if (got < 0)
		http_answer_problem(call, 500, &why);
	if (got == 0)
		call->checked = generation;
	return got != 0;
}

/* --- lanes -------------------------------------------------------------------------------- */

/* Author and device of what is written now come from the token. */
static void act_as(const struct http_call *call, struct store *store)
{
	const struct caller *caller = &call->caller;

	store->actor = caller->known ? caller->user : store->owner;
	store->device = caller->known ? caller->session : call->server->store->device;
}

int call_handle(struct http_call *call, struct store *store, struct event_tx *tx)
{
	struct err why = ERR_INIT;
	int got;

	call->store = store;
	call->tx = tx;
	call->seen_rev = server_rev(call->server);
	act_as(call, store);
	if (tx && call_check_again(call, store))
		return 0;
	got = tx ? idempotency_handle(call, &why) : call->route->handle(call, &why);
	call->timed_out = false;
	if (got < 0 && !call->response.status)
		http_answer_problem(call, 0, &why);
	return got > 0 ? got : 0;
}

struct lane_job {
	struct http_call *call;
	void (*done)(struct http_call *call);
	bool stream; /* the next piece of a stream, not the handler */
};

static void answer_busy(struct http_call *call)
{
	refuse(call, 503, ERR_OFFLINE, "the server is busy");
}

static void run_job(void *data, struct store *store);

static void to_writer(struct http_call *call, void (*done)(struct http_call *))
{
	if (writer_submit(call->server->writer, call, done))
		return;
	answer_busy(call);
	done(call);
}

/* Gives the job to the pool; answers it where that is full. */
static void queue_job(struct lane_job *job)
{
	struct lane_job lost = *job;

	if (pool_submit(lost.call->server->pool, run_job, job))
		return;
	free(job);
	if (lost.stream)
		lost.call->response.stream.broken = true;
	else
		answer_busy(lost.call);
	lost.done(lost.call);
}

static void wake_job(struct http_call *call)
{
	queue_job(mem_steal(&call->waiting));
}

/* Whichever comes second, the handler's return or http_resume, queues the job. */
static void meet(struct http_call *call)
{
	if (atomic_fetch_add(&call->parted, 1) % 2)
		wake_job(call);
}

void http_resume(struct http_call *call)
{
	meet(call);
}

/* Runs what follows the commit; the call may be gone by then. */
static void run_after(struct store *store, struct http_after *after)
{
	if (after->run)
		after->run(store, after->data);
	if (after->close)
		after->close(after->data);
}

/* Who was removed from the album, or whose token ended, gets no further piece of it. */
static int check_again(struct http_call *call, struct store *store, struct err *err)
{
	struct membership m;

	if (call->route->access != ACCESS_ALBUM)
		return 0;
	if (caller_find(call, store, err) ||
		read_membership(store, &call->album.id, &call->caller.user, &m, err))
		return -1;
	if (!call->caller.known || !role_has(m.role, call->route->right))
		return err_set(err, ERR_DENIED, "the caller may no longer have the album");
	return 0;
}

static int step_stream(struct http_call *call, struct store *store)
{
	struct err why = ERR_INIT;
	int got;

	call->store = store;
	call->seen_rev = server_rev(call->server);
	act_as(call, store);
	str_clear(&call->response.body);
	got = check_again(call, store, &why);
	if (!got)
		got = call->response.stream.next(call, &call->response.body, &why);
	call->timed_out = false;
	if (got == HTTP_WAIT && call->once)
		got = 0;
	if (got == HTTP_WAIT && !call->response.body.len)
		return HTTP_WAIT;
	if (got < 0) {
		call->response.stream.broken = true;
		log_print(call->server->options.log, LOG_WARNING, "%s: %s", call->route->name,
			why.message);
	}
	call->response.stream.ended = got == 0;
	return 0;
}

/* The job waits for news; true when that is arranged. */
static bool wait_for_news(struct lane_job *job)
{
	struct http_call *call = job->call;

	call->waiting = job;
	if (watch_add(call->server->watch, call, wake_job))
		return true;
	call->waiting = NULL;
	if (job->stream)
		call->response.stream.ended = true;
	else
		answer_busy(call);
	return false;
}

static void finish_job(struct lane_job *job, struct store *store)
{
	struct http_after after = job->call->response.after;

	job->call->response.after = (struct http_after){.run = NULL};
	idempotency_leave(job->call);
	job->done(job->call);
	free(job);
	run_after(store, &after);
}

static void run_job(void *data, struct store *store)
{
	struct lane_job *job = data;
	struct http_call *call = job->call;
	int got = job->stream ? step_stream(call, store) : call_handle(call, store, NULL);

	switch (got) {
	case HTTP_WAIT:
		if (!wait_for_news(job))
			finish_job(job, store);
		break;
	case HTTP_PARK:
		call->waiting = job;
		meet(call);
		break;
	case HTTP_WRITE:
		to_writer(call, job->done);
		free(job);
		break;
	default:
		finish_job(job, store);
	}
}

static struct lane_job *make_job(
	struct http_call *call, void (*done)(struct http_call *), bool stream)
{
	struct lane_job *job = mem_calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	*job = (struct lane_job){.call = call, .done = done, .stream = stream};
	if (call->park)
		call->park(call);
	return job;
}

/* An INLINE handler that goes on elsewhere. */
static bool go_on(struct http_call *call, int how, void (*done)(struct http_call *))
{
	struct lane_job *job = make_job(call, done, false);

	if (!job)
		return false;
	if (how == HTTP_PARK) {
		call->waiting = job;
		meet(call);
	} else {
		queue_job(job);
	}
	return true;
}

bool call_run(struct http_call *call, struct http_thread *thread, void (*done)(struct http_call *))
{
	int how = HTTP_POOL;

	if (call_check_again(call, thread->store) || idempotency_enter(call))
		return true;
	if (call->route->lane == LANE_WRITE) {
		if (call->park)
			call->park(call);
		to_writer(call, done);
		return false;
	}
	if (call->route->lane == LANE_INLINE)
		how = call_handle(call, thread->store, NULL);
	if (how != 0 && go_on(call, how, done))
		return false;
	if (how != 0)
		answer_busy(call);
	idempotency_leave(call);
	return true;
}

void call_stream(struct http_call *call, void (*done)(struct http_call *))
{
	struct lane_job *job = make_job(call, done, true);

	if (job) {
		queue_job(job);
		return;
	}
	call->response.stream.broken = true;
	if (call->park)
		call->park(call);
	done(call);
}

int http_wait(struct http_call *call, int64_t album, int64_t ms)
{
	call->wait_album = album;
	call->wait_albums = NULL;
	call->wait_until_ms = clock_mono_us(call->server->options.clock) / 1000 + ms;
	return HTTP_WAIT;
}

int http_wait_many(struct http_call *call, const struct vec *albums, int64_t ms)
{
	http_wait(call, 0, ms);
	call->wait_albums = albums;
	return HTTP_WAIT;
}

void call_run_after(struct http_call *call, struct store *store)
{
	struct http_after after = call->response.after;

	call->response.after = (struct http_after){.run = NULL};
	run_after(store, &after);
}
