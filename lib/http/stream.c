/* stream.c - GET /v1/events/stream: what is new in the caller's albums, as server-sent events (WHATWG HTML 9.2).
 *
 *	event: message.send
 *	data: {"album":…,"seq":…,…}		as in …/events, with the album
 *	id: 1234				the store's rev: everything up to it was sent
 *
 * An id comes with the last event of what was known, so that who resumes with Last-Event-ID gets some events
 * twice and none not at all.  Invariant: the token and the memberships are asked again before anything is
 * sent; who lost theirs gets no more.
 */
#include "http/stream.h"
#include "http/server.h"
#include "http/talk.h"
#include "store/follow.h"
#include "store/sight.h"

#include <stdlib.h>

#define KEEP_ALIVE_MS 15000
#define STEP_EVENTS   200
#define STEP_BYTES    ((size_t)256 * 1024) /* about what one piece may have */
#define RETRY_MS      2000

struct stream {
	struct follow follow;
	struct vec albums; /* int64_t: keys of what is waited for */
	bool greeted;
	int64_t reset_to; /* the client's id is from another life of the store: -1 no */
};

static void stream_close(void *data)
{
	struct stream *s = data;

	follow_release(&s->follow);
	vec_release(&s->albums);
	free(s);
}

/* --- pieces ------------------------------------------------------------------------------- */

static int add_event(
	void *data, const struct uuid *album, const struct event *event, struct err *err)
{
	struct str *out = data;

	if (out->len)
		str_addc(out, '\n');
	str_addf(out, "event: %s\ndata: ", event->known ? event->kind : "unknown");
	talk_add_event(out, NULL, album, event);
	str_addc(out, '\n');
	return str_check(out, err);
}

static void greet(struct stream *s, struct str *out)
{
	s->greeted = true;
	str_addf(out, "retry: %d\n", RETRY_MS);
	if (s->reset_to >= 0)
		str_addf(out, "event: reset\ndata: {\"rev\":%lld}\n", (long long)s->reset_to);
	str_addf(out, "id: %lld\n\n", (long long)s->follow.rev);
}

/* Until the next sign of life, or the token's end. */
static int wait_on(struct http_call *call, struct stream *s, struct err *err)
{
	int64_t left = call->caller.expires - clock_now_ms(call->server->options.clock);

	if (!call->caller.expires || left > KEEP_ALIVE_MS)
		left = KEEP_ALIVE_MS;
	if (sight_albums(call->store, &call->caller.user, &s->albums, err))
		return -1;
	return http_wait_many(call, &s->albums, left > 0 ? left : 1);
}

/* A token that was ended ends the stream; so does its time. */
static bool still_known(struct http_call *call)
{
	struct uuid user = call->caller.user;

	if (caller_find(call, call->store, NULL) || !call->caller.known)
		return false;
	return uuid_equal(&user, &call->caller.user) &&
		(!call->caller.expires ||
			call->caller.expires > clock_now_ms(call->server->options.clock));
}

static int next(struct http_call *call, struct str *out, struct err *err)
{
	struct stream *s = call->response.stream.data;
	int more = 1;

	if (call->server->draining || !still_known(call))
		return 0;
	if (!s->greeted) {
		greet(s, out);
		return 1;
	}
	while (more == 1 && out->len < STEP_BYTES)
		more = follow_step(call->store, &s->follow, STEP_EVENTS / 4, add_event, out, err);
	if (more < 0)
		return -1;
	if (out->len && more == 0)
		str_addf(out, "id: %lld\n", (long long)s->follow.rev);
	if (out->len)
		str_addc(out, '\n');
	else if (call->timed_out)
		str_addz(out, ": still here\n\n");
	else
		return wait_on(call, s, err);
	return str_check(out, err) ? -1 : 1;
}

/* --- opening ------------------------------------------------------------------------------ */

static int read_start(struct http_call *call, int64_t *from, int64_t *reset_to, struct err *err)
{
	const char *id = http_header(&call->request, "Last-Event-ID");
	int64_t now;

	if (follow_now(call->store, &now, err))
		return -1;
	*from = now;
	*reset_to = -1;
	if (!id || !*id)
		return 0;
	if (text_to_i64(id, 0, INT64_MAX, from, err))
		return err_prefix(err, "Last-Event-ID");
	if (*from > now)
		*reset_to = *from = now;
	return 0;
}

static int open_stream(struct http_call *call, struct err *err)
{
	struct stream *s;
	int64_t from, reset_to;

	if (read_start(call, &from, &reset_to, err))
		return -1;
	s = mem_calloc(1, sizeof(*s));
	if (!s)
		return err_no_memory(err);
	s->follow = (struct follow)FOLLOW_INIT(from);
	s->albums = (struct vec)VEC_INIT(int64_t, FOLLOW_ALBUMS_MAX);
	s->reset_to = reset_to;
	http_add_header(&call->response, "Cache-Control", "no-store");
	http_add_header(&call->response, "X-Accel-Buffering", "no");
	call->response.stream =
		(struct http_stream){.next = next, .close = stream_close, .data = s};
	call->response.type = "text/event-stream";
	call->response.status = 200;
	return 0;
}

const struct http_route stream_routes[] = {
	{"streamEvents", HTTP_GET, "/v1/events/stream", ACCESS_USER, RIGHT_UNSET, SCOPE_READ,
		.lane = LANE_POOL, .handle = open_stream},
	{.name = NULL},
};
