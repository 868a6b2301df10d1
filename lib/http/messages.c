/* messages.c - /v1/albums/{album}/messages: reading talk, saying, changing and taking back.
 *
 * Pages go backwards: the newest first, and the next page is older.  Invariant: a message is answered with
 * its place only after the transaction that holds it is on disk (the WRITE lane).
 */
#include "http/messages.h"
#include "http/talk.h"
#include "store/door.h"

#include <string.h>

/* --- reading ------------------------------------------------------------------------------ */

static int find_before(
	struct http_call *call, struct message_position *out, bool *given, struct err *err)
{
	struct uuid id;
	int found = talk_query_uuid(call, "before", &id, err);

	*given = found == 1;
	if (found != 1)
		return found;
	return message_position_find(
		call->store, &call->album, http_query(&call->request, "before"), out, err);
}

static void write_page(struct http_call *call, const struct message_page *page)
{
	struct str *out = &call->response.body;
	const struct message *oldest = page->messages.items;
	char id[UUID_TEXT_LEN + 1];

	wire_add_open(out, NULL, '{');
	wire_add_open(out, "messages", '[');
	for (size_t i = page->messages.count; i-- > 0;)
		talk_add_message(out, NULL, vec_at(&page->messages, i));
	wire_add_close(out, ']');
	if (page->more) {
		uuid_format(&oldest->id, id);
		wire_add_uuid(out, "next", &oldest->id);
		talk_link_next(call, "before", id);
	} else {
		wire_add_null(out, "next");
	}
	wire_add_close(out, '}');
}

static int list(struct http_call *call, struct err *err)
{
	_cleanup_message_page_ struct message_page page = MESSAGE_PAGE_INIT;
	struct message_query query = {.album = call->album.key};
	const char *photo = http_query(&call->request, "photo");
	struct message_position before;
	struct photo_ref about;
	bool given;
	int unchanged;

	if (talk_limit(call, TALK_LIMIT, &query.limit, err) ||
		find_before(call, &before, &given, err))
		return -1;
	if (photo) {
		if (talk_find_photo_named(call, photo, RESOLVE_ANY, &about, err))
			return -1;
		query.photo = &about.id;
	}
	if (given)
		query.before = &before;
	unchanged = talk_unchanged(call, err);
	if (unchanged)
		return unchanged < 0 ? -1 : 0;
	if (message_page_read(call->store, &query, &page, err))
		return -1;
	write_page(call, &page);
	return talk_answer(call, 200, err);
}

/* Answers with the message as it is now. */
static int answer_message(
	struct http_call *call, const struct message_ref *ref, int status, struct err *err)
{
	_cleanup_message_ struct message message = {.key = 0};
	int found = message_get(call->store, call->album.key, &ref->id, &message, err);

	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such message in this album");
	if (found < 0)
		return -1;
	talk_add_message(&call->response.body, NULL, &message);
	return talk_answer(call, status, err);
}

static int show(struct http_call *call, struct err *err)
{
	struct message_ref ref;

	return talk_find_message(call, &ref, err) || answer_message(call, &ref, 200, err) ? -1 : 0;
}

/* --- saying ------------------------------------------------------------------------------- */

/* Any part's hash names the photo; the log names it by its id. */
static int settle_photo(struct http_call *call, json_t *body, struct err *err)
{
	const char *text = NULL;
	struct photo_ref photo;
	char hash[SHA256_HEX_LEN + 1];

	if (wire_get_text(body, "photo", WIRE_OPTIONAL, SHA256_HEX_LEN, &text, err))
		return -1;
	if (!text)
		return json_object_del(body, "photo"), 0;
	if (talk_find_photo_named(call, text, RESOLVE_SHOWN, &photo, err))
		return -1;
	sha256_format(&photo.id, hash);
	return json_object_set_new(body, "photo", json_string(hash)) ? err_no_memory(err) : 0;
}

static int settle_reply(json_t *body, struct err *err)
{
	struct uuid id = {{0}};
	char text[UUID_TEXT_LEN + 1];

	if (wire_get_uuid(body, "reply_to", WIRE_OPTIONAL, &id, err))
		return -1;
	if (uuid_is_nil(&id))
		return json_object_del(body, "reply_to"), 0;
	uuid_format(&id, text);
	return json_object_set_new(body, "reply_to", json_string(text)) ? err_no_memory(err) : 0;
}

/* Makes the request's object the event's body. */
static int read_message(struct http_call *call, json_t *body, struct uuid *id, struct err *err)
{
	static const char *const keys[] = {"id", "photo", "reply_to", "text", NULL};
	const char *text = NULL;

	if (wire_only_keys(body, keys, err) ||
		wire_get_text(body, "text", WIRE_REQUIRED, MESSAGE_TEXT_MAX, &text, err) ||
		message_check_text(text, strlen(text), err))
		return -1;
	if (json_object_size(body) == 1)
		return 0;
	if (wire_get_uuid(body, "id", WIRE_OPTIONAL, id, err) || settle_photo(call, body, err) ||
		settle_reply(body, err))
		return -1;
	json_object_del(body, "id");
	return 0;
}

/* A client that names its message can repeat it: then it is an event like any other. */
static int submit_named(struct http_call *call, const struct uuid *id, json_t *body,
	struct receipt *out, struct err *err)
{
	_cleanup_json_ json_t *event = json_object();

	wire_set_uuid(&event, "id", id);
	wire_set_text(&event, "kind", "message.send");
	wire_set_json(&event, "body", json_incref(body));
	return event ? door_submit(call->store, &call->album, event, out, err) : err_no_memory(err);
}

static int submit(struct http_call *call, json_t *body, struct receipt *out, struct err *err)
{
	struct draft draft;

	store_draft(call->store, call->album.key, "message.send", &draft);
	draft.body = body;
	return event_submit(call->tx, &draft, out, err);
}

static int say(struct http_call *call, struct err *err)
{
	_cleanup_json_ json_t *body = http_body_object(call, err);
	struct uuid id = {{0}};
	struct receipt receipt;

	if (!body || read_message(call, body, &id, err) ||
		(uuid_is_nil(&id) ? submit(call, body, &receipt, err) :
				    submit_named(call, &id, body, &receipt, err)))
		return -1;
	talk_add_receipt(&call->response.body, NULL, &receipt);
	return talk_answer(call, receipt.duplicate ? 200 : 201, err);
}

/* --- changing ----------------------------------------------------------------------------- */

/* Repeated by its author it changes nothing. */
static bool says_already(
	const struct http_call *call, const struct message *message, const char *text)
{
	return message->text && strcmp(message->text, text) == 0 &&
		uuid_equal(&message->author, &call->caller.user);
}

static int submit_edit(
	struct http_call *call, const struct message_ref *ref, json_t *body, struct err *err)
{
	struct receipt receipt;
	struct draft draft;

	store_draft(call->store, call->album.key, "message.edit", &draft);
	draft.about = entity_from_uuid(&ref->id);
	draft.body = body;
	return event_submit(call->tx, &draft, &receipt, err);
}

static int edit(struct http_call *call, struct err *err)
{
	static const char *const keys[] = {"text", NULL};
	_cleanup_json_ json_t *body = http_body_object(call, err);
	_cleanup_message_ struct message message = {.key = 0};
	const char *text = NULL;
	struct message_ref ref;

	if (!body || wire_only_keys(body, keys, err) ||
		wire_get_text(body, "text", WIRE_REQUIRED, MESSAGE_TEXT_MAX, &text, err) ||
		message_check_text(text, strlen(text), err) || talk_find_message(call, &ref, err) ||
		message_get(call->store, call->album.key, &ref.id, &message, err) < 0)
		return -1;
	if (!says_already(call, &message, text) && submit_edit(call, &ref, body, err))
		return -1;
	return answer_message(call, &ref, 200, err);
}

/* Taking back what was taken back changes nothing. */
static int unsend(struct http_call *call, struct err *err)
{
	_cleanup_message_ struct message message = {.key = 0};
	struct message_ref ref;
	struct receipt receipt;

	if (talk_find_message(call, &ref, err) ||
		message_get(call->store, call->album.key, &ref.id, &message, err) < 0)
		return -1;
	if (!message.deleted && message_unsend(call->store, &ref, 1, &receipt, err))
		return -1;
	return http_answer_empty(call, 204, err);
}

#define MESSAGES "/v1/albums/{album}/messages"

const struct http_route messages_routes[] = {
	{"listMessages", HTTP_GET, MESSAGES, ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ,
		.lane = LANE_POOL, .handle = list},
	{"postMessage", HTTP_POST, MESSAGES, ACCESS_ALBUM, RIGHT_TALK, SCOPE_WRITE,
		.lane = LANE_WRITE, .body_max = TALK_BODY_MAX, .handle = say},
	{"showMessage", HTTP_GET, MESSAGES "/{message}", ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ,
		.lane = LANE_INLINE, .handle = show},
	{"editMessage", HTTP_PATCH, MESSAGES "/{message}", ACCESS_ALBUM, RIGHT_TALK, SCOPE_WRITE,
		.lane = LANE_WRITE, .body_max = TALK_BODY_MAX, .handle = edit},
	{"unsendMessage", HTTP_DELETE, MESSAGES "/{message}", ACCESS_ALBUM, RIGHT_TALK, SCOPE_WRITE,
		.lane = LANE_WRITE, .handle = unsend},
	{.name = NULL},
};
