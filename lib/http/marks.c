/* marks.c - /v1/marks: up to where the caller has read their albums. */
#include "http/marks.h"
#include "http/talk.h"
#include "store/mark.h"

static void add_mark(struct str *out, const struct mark *mark)
{
	wire_add_open(out, NULL, '{');
	wire_add_uuid(out, "album", &mark->album);
	wire_add_int(out, "seq", mark->seq);
	wire_add_int(out, "head", mark->head);
	wire_add_close(out, '}');
}

static int list_one(void *data, const struct mark *mark, struct err *err)
{
	(void)err;
	add_mark(data, mark);
	return 0;
}

static int list(struct http_call *call, struct err *err)
{
	struct str *out = &call->response.body;

	wire_add_open(out, NULL, '{');
	wire_add_open(out, "marks", '[');
	if (mark_each(call->store, list_one, out, err))
		return -1;
	wire_add_close(out, ']');
	wire_add_close(out, '}');
	return talk_answer(call, 200, err);
}

static int answer_mark(struct http_call *call, int64_t seq, struct err *err)
{
	struct mark mark = {.album = call->album.id, .seq = seq};
	struct album_facts facts;

	if (event_album_get(call->store->db, call->album.key, &facts, err) != 1)
		return -1;
	mark.head = facts.head;
	add_mark(&call->response.body, &mark);
	return talk_answer(call, 200, err);
}

static int show(struct http_call *call, struct err *err)
{
	int64_t seq = 0;

	return mark_get(call->store, &call->album.id, &seq, err) || answer_mark(call, seq, err) ?
		-1 :
		0;
}

static int put(struct http_call *call, struct err *err)
{
	static const char *const keys[] = {"seq", NULL};
	_cleanup_json_ json_t *body = http_body_object(call, err);
	int64_t seq, now;

	if (!body || wire_only_keys(body, keys, err) ||
		wire_get_int(body, "seq", WIRE_REQUIRED, 0, EVENT_PLACE_PENDING - 1, &seq, err) ||
		mark_set(call->store, &call->album.id, seq, &now, err))
		return -1;
	return answer_mark(call, now, err);
}

#define MARK "/v1/albums/{album}/mark"

const struct http_route marks_routes[] = {
	{"listMarks", HTTP_GET, "/v1/marks", ACCESS_USER, RIGHT_UNSET, SCOPE_READ,
		.lane = LANE_POOL, .handle = list},
	{"showMark", HTTP_GET, MARK, ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ, .lane = LANE_INLINE,
		.handle = show},
	{"putMark", HTTP_PUT, MARK, ACCESS_ALBUM, RIGHT_LOOK, SCOPE_WRITE, .lane = LANE_WRITE,
		.body_max = TALK_SMALL_MAX, .handle = put},
	{.name = NULL},
};
