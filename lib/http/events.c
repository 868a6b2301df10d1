/* events.c - /v1/albums/{album}/events: an album's log, as clients that keep a copy of it read and write it.
 *
 * What enters does so by store/door.h and the event room.  Invariant: in a batch each event is judged alone,
 * and what was accepted is answered only once all of it is on disk.
 */
#include "http/events.h"
#include "http/server.h"
#include "http/talk.h"
#include "store/door.h"
#include "store/sight.h"

#include <string.h>

#define PAGE_BYTES_MAX ((size_t)4 * 1024 * 1024) /* a page ends once it has so many */
#define WAIT_MAX       60                        /* seconds */
#define SHORT_BYTES    ((size_t)64 * 1024)       /* of a body that joins the writer's transaction */

/* --- reading ------------------------------------------------------------------------------ */

struct page {
	int64_t after, head;
	size_t limit, count;
};

static int write_events(struct http_call *call, struct page *page, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	struct str *out = &call->response.body;
	struct event e;
	int more = 0;

	if (event_read(call->store->db, call->album.key, page->after + 1, EVENT_PLACE_PENDING,
		    &reader, err))
		return -1;
	while (page->count < page->limit && out->len < PAGE_BYTES_MAX &&
		(more = event_next(reader, &e, err)) == 1) {
		talk_add_event(out, NULL, NULL, &e);
		page->after = e.seq;
		page->count++;
	}
	return more < 0 ? -1 : 0;
}

static int write_page(struct http_call *call, struct page *page, struct err *err)
{
	struct str *out = &call->response.body;
	char after[24];

	str_clear(out);
	wire_add_open(out, NULL, '{');
	wire_add_open(out, "events", '[');
	if (write_events(call, page, err))
		return -1;
	wire_add_close(out, ']');
	wire_add_int(out, "head", page->head);
	wire_add_close(out, '}');
	if (page->count && page->after < page->head) {
		snprintf(after, sizeof(after), "%lld", (long long)page->after);
		talk_link_next(call, "after", after);
	}
	return 0;
}

/* Who waited may have lost the token or the album meanwhile. */
static int check_still_allowed(struct http_call *call, struct err *err)
{
	enum role role;
	int sees;

	if (caller_find(call, call->store, err)) {
		http_answer_problem(call, err->kind == ERR_DENIED ? 401 : 0, err);
		return -1;
	}
	sees = sight_role(call->store, call->album.key, &call->caller.user, &role, err);
	if (sees == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such album");
	return sees < 0 ? -1 : 0;
}

static int64_t waited_ms(const struct http_call *call)
{
	return (clock_mono_us(call->server->options.clock) - call->request.began_us) / 1000;
}

static int read_head(struct http_call *call, int64_t *out, struct err *err)
{
	struct album_facts facts;
	int found = event_album_get(call->store->db, call->album.key, &facts, err);

	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such album");
	if (found < 0)
		return -1;
	*out = facts.head;
	return 0;
}

static int list(struct http_call *call, struct err *err)
{
	struct page page = {.count = 0};
	int64_t seconds, left;

	if (http_query_int(
		    &call->request, "after", 0, EVENT_PLACE_PENDING - 1, 0, &page.after, err) ||
		http_query_int(&call->request, "wait", 0, WAIT_MAX, 0, &seconds, err) ||
		talk_limit(call, TALK_LIMIT_MAX, &page.limit, err) ||
		(seconds && check_still_allowed(call, err)) || read_head(call, &page.head, err))
		return -1;
	left = seconds * 1000 - waited_ms(call);
	if (page.head <= page.after && left > 0 && !call->timed_out)
		return http_wait(call, call->album.key, left);
	return write_page(call, &page, err) ? -1 : talk_answer(call, 200, err);
}

/* --- writing ------------------------------------------------------------------------------ */

/* The events of one request.  Short ones are a part of the writer's transaction; long ones have a store of their own
 * and a transaction for as many as one may hold up others for. */
struct batch {
	struct http_call *call;
	struct store *store;
	struct event_tx *own; /* NULL: it is the writer's */
};

static int begin_own(struct batch *b, struct err *err)
{
	if (event_begin(b->store->events, "events", &b->own, err))
		return -1;
	b->store->tx = b->own;
	return 0;
}

static int commit_own(struct batch *b, struct err *err)
{
	b->store->tx = NULL;
	if (event_commit(&b->own, err))
		return -1;
	watch_committed(b->call->server->watch, b->store);
	return 0;
}

static int let_others_in(struct batch *b, struct err *err)
{
	if (!b->own || !event_should_commit(b->own))
		return 0;
	return commit_own(b, err) || begin_own(b, err) ? -1 : 0;
}

static void add_refusal(struct str *out, const struct err *why)
{
	wire_add_open(out, NULL, '{');
	wire_add_open(out, "error", '{');
	wire_add_text(out, "kind", err_kind_name(why->kind));
	wire_add_text(out, "detail", why->message);
	wire_add_close(out, '}');
	wire_add_close(out, '}');
}

/* One event of a batch: a refusal is its answer, anything worse is the whole batch's. */
static int submit_one(
	struct batch *b, const json_t *event, const struct err *malformed, struct err *err)
{
	struct str *out = &b->call->response.body;
	struct err why = ERR_INIT;
	struct receipt receipt;

	if (let_others_in(b, err))
		return -1;
	if (malformed)
		why = *malformed;
	else if (door_submit(b->store, &b->call->album, event, &receipt, &why) == 0) {
		talk_add_receipt(out, NULL, &receipt);
		return 0;
	}
	if (!door_is_refusal(why.kind) || event_is_broken(b->store->tx)) {
		*err = why;
		return -1;
	}
	add_refusal(out, &why);
	return 0;
}

static int submit_array(struct batch *b, const json_t *events, struct err *err)
{
	const json_t *event;
	size_t i;

	json_array_foreach (events, i, event)
		if (submit_one(b, event, NULL, err))
			return -1;
	return 0;
}

static int submit_line(struct batch *b, const char *line, size_t len, struct err *err)
{
	struct err why = ERR_INIT;
	_cleanup_json_ json_t *event = wire_parse(line, len, 2 * WIRE_BODY_MAX, &why);

	return submit_one(b, event, event ? NULL : &why, err);
}

static int submit_lines(struct batch *b, struct err *err)
{
	const struct str *body = &b->call->request.body;
	bool any = false;

	for (size_t at = 0; at < body->len;) {
		const char *line = body->data + at;
		const char *end = memchr(line, '\n', body->len - at);
		size_t len = end ? (size_t)(end - line) : body->len - at;

		at += len + 1;
		if (len && line[len - 1] == '\r')
			len--;
		if (len && submit_line(b, line, len, err))
			return -1;
		any = any || len;
	}
	return any ? 0 : err_set(err, ERR_INVALID, "there is no event in the body");
}

static bool is_lines(const struct http_call *call)
{
	const char *type = http_header(&call->request, "Content-Type");

	return type && (strstr(type, "ndjson") || strstr(type, "jsonl"));
}

/* `events` NULL: they are lines. */
static int submit_batch(struct batch *b, const json_t *events, struct err *err)
{
	struct str *out = &b->call->response.body;

	wire_add_open(out, NULL, '{');
	wire_add_open(out, "events", '[');
	if (events ? submit_array(b, events, err) : submit_lines(b, err))
		return -1;
	wire_add_close(out, ']');
	wire_add_close(out, '}');
	return 0;
}

/* *status: what is to be answered. */
static int submit_body(struct batch *b, int *status, struct err *err)
{
	const struct str *text = &b->call->request.body;
	_cleanup_json_ json_t *body = NULL;
	struct receipt receipt;

	*status = 200;
	if (is_lines(b->call))
		return submit_batch(b, NULL, err);
	body = wire_parse(text->data, text->len, HTTP_BODY_JSON, err);
	if (!body)
		return -1;
	if (json_is_array(body))
		return submit_batch(b, body, err);
	if (door_submit(b->store, &b->call->album, body, &receipt, err))
		return -1;
	talk_add_receipt(&b->call->response.body, NULL, &receipt);
	*status = receipt.duplicate ? 200 : 201;
	return 0;
}

static void batch_close(struct batch *b)
{
	if (b->store)
		b->store->tx = NULL;
	event_rollback(&b->own);
	store_close(b->store);
}

/* What was accepted before a failure stays: ids tell it when the batch comes again. */
static int submit_long(struct http_call *call, struct err *err)
{
	_cleanup_(batch_close) struct batch batch = {.call = call};
	int status;

	if (server_open_store(call->server, STORE_WRITE, &batch.store, err))
		return -1;
	batch.store->actor = call->store->actor;
	batch.store->device = call->store->device;
	if (begin_own(&batch, err) || submit_body(&batch, &status, err) ||
		commit_own(&batch, err) || store_settle(batch.store, err))
		return -1;
	return talk_answer(call, status, err);
}

static int submit(struct http_call *call, struct err *err)
{
	struct batch batch = {.call = call, .store = call->store};
	int status;

	if (!call->tx)
		return call->request.body.len > SHORT_BYTES ? submit_long(call, err) : HTTP_WRITE;
	return submit_body(&batch, &status, err) ? -1 : talk_answer(call, status, err);
}

#define EVENTS "/v1/albums/{album}/events"

/* What an event needs is asked for each: RIGHT_BELONG lets all participants knock. */
const struct http_route events_routes[] = {
	{"listEvents", HTTP_GET, EVENTS, ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ, .lane = LANE_POOL,
		.handle = list},
	{"postEvents", HTTP_POST, EVENTS, ACCESS_ALBUM, RIGHT_BELONG, SCOPE_WRITE,
		.lane = LANE_POOL, .body_max = HTTP_BODY_JSON, .handle = submit},
	{.name = NULL},
};
