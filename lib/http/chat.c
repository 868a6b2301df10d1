/* chat.c - GET /chat/{album}: the page of messages that clients of the earlier system ask for.
 *
 * `time` is the id of the oldest message that the client has, or any UUID of version 1 or 7, whose time counts;
 * `quantity` is how many.  The answer is an array, the newest first.
 */
#include "http/messages.h"
#include "http/talk.h"

#define QUANTITY 10

static int page(struct http_call *call, struct err *err)
{
	_cleanup_message_page_ struct message_page found = MESSAGE_PAGE_INIT;
	struct message_query query = {.album = call->album.key};
	struct message_position before;
	struct uuid id;
	int64_t quantity;
	int unchanged, given = talk_query_uuid(call, "time", &id, err);

	if (given < 0 ||
		http_query_int(
			&call->request, "quantity", 1, TALK_LIMIT_MAX, QUANTITY, &quantity, err))
		return -1;
	query.limit = (size_t)quantity;
	if (given) {
		if (message_position_find(call->store, &call->album,
			    http_query(&call->request, "time"), &before, err))
			return -1;
		query.before = &before;
	}
	unchanged = talk_unchanged(call, err);
	if (unchanged)
		return unchanged < 0 ? -1 : 0;
	if (message_page_read(call->store, &query, &found, err))
		return -1;
	wire_add_open(&call->response.body, NULL, '[');
	for (size_t i = found.messages.count; i-- > 0;)
		talk_add_message(&call->response.body, NULL, vec_at(&found.messages, i));
	wire_add_close(&call->response.body, ']');
	return talk_answer(call, 200, err);
}

const struct http_route chat_routes[] = {
	{"listChat", HTTP_GET, "/chat/{album}", ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ,
		.lane = LANE_POOL, .handle = page},
	{.name = NULL},
};
