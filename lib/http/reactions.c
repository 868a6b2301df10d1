/* reactions.c - who likes what: reading, setting and taking back reactions to photos and messages.
 *
 * One set of handlers serves both kinds of things.  Reacting twice changes nothing.
 */
#include "http/reactions.h"
#include "http/talk.h"
#include "store/reaction.h"

#include <string.h>

/* What the path names; what was removed or taken back is there to be read only. */
static int find_about(struct http_call *call, struct entity *out, struct err *err)
{
	struct message_ref message;
	struct photo_ref photo;

	if (*http_param(call, "photo")) {
		if (talk_find_photo(call, RESOLVE_SHOWN, &photo, err))
			return -1;
		*out = entity_from_hash(&photo.id);
		return 0;
	}
	if (talk_find_message(call, &message, err))
		return -1;
	*out = entity_from_uuid(&message.id);
	return 0;
}

/* --- reading ------------------------------------------------------------------------------ */

#define CURSOR_MAX (UUID_TEXT_LEN + 1 + REACTION_NAME_MAX + 1)

struct listing {
	struct str *out;
	size_t left;
	bool more;
	char cursor[CURSOR_MAX]; /* "UUID,name" of the last one */
};

static int list_one(void *data, const struct reaction *reaction, struct err *err)
{
	struct listing *l = data;
	size_t len = strlen(reaction->name);

	(void)err;
	l->more = l->left == 0;
	if (l->more)
		return 0;
	l->left--;
	wire_add_open(l->out, NULL, '{');
	wire_add_text(l->out, "name", reaction->name);
	wire_add_text(l->out, "author", reaction->author_name);
	wire_add_uuid(l->out, "author_id", &reaction->author);
	wire_add_int(l->out, "when", reaction->when);
	wire_add_close(l->out, '}');
	uuid_format(&reaction->author, l->cursor);
	l->cursor[UUID_TEXT_LEN] = ',';
	len = len > REACTION_NAME_MAX ? REACTION_NAME_MAX : len;
	memcpy(l->cursor + UUID_TEXT_LEN + 1, reaction->name, len);
	l->cursor[UUID_TEXT_LEN + 1 + len] = '\0';
	return 0;
}

static int find_after(const struct http_call *call, struct uuid *after,
	struct reaction_query *query, struct err *err)
{
	const char *text = http_query(&call->request, "after");

	if (!text)
		return 0;
	if (strlen(text) <= UUID_TEXT_LEN || text[UUID_TEXT_LEN] != ',' ||
		uuid_parse(text, UUID_TEXT_LEN, after))
		return err_set(err, ERR_INVALID, "after is not what a page ended with");
	query->after = after;
	query->after_name = text + UUID_TEXT_LEN + 1;
	return 0;
}

static int list(struct http_call *call, struct err *err)
{
	struct str *out = &call->response.body;
	struct reaction_query query = {.album = call->album.key};
	struct listing listing = {.out = out};
	struct entity about;
	struct uuid after;

	if (find_about(call, &about, err) || find_after(call, &after, &query, err) ||
		talk_limit(call, TALK_LIMIT_MAX, &listing.left, err))
		return -1;
	query.about = &about;
	query.limit = listing.left + 1;
	wire_add_open(out, NULL, '{');
	wire_add_open(out, "reactions", '[');
	if (reaction_each(call->store, &query, list_one, &listing, err))
		return -1;
	wire_add_close(out, ']');
	wire_add_close(out, '}');
	if (listing.more)
		talk_link_next(call, "after", listing.cursor);
	return talk_answer_list(call, err);
}

/* --- changing ----------------------------------------------------------------------------- */

static int answer_state(struct http_call *call, const struct entity *about, const char *name,
	bool on, int status, struct err *err)
{
	struct str *out = &call->response.body;
	int64_t likes;

	if (like_count(call->store, call->album.key, about, &likes, err))
		return -1;
	wire_add_open(out, NULL, '{');
	wire_add_text(out, "name", name);
	wire_add_bool(out, "on", on);
	wire_add_int(out, "likes", likes);
	wire_add_close(out, '}');
	return talk_answer(call, status, err);
}

/* No body is a like. */
static int react(struct http_call *call, struct err *err)
{
	static const char *const keys[] = {"name", NULL};
	_cleanup_json_ json_t *body = NULL;
	const char *name = "like";
	struct entity about;
	int changed;

	if (call->request.body.len) {
		body = http_body_object(call, err);
		if (!body || wire_only_keys(body, keys, err) ||
			wire_get_text(body, "name", WIRE_OPTIONAL, SIZE_MAX, &name, err))
			return -1;
	}
	if (find_about(call, &about, err))
		return -1;
	changed = reaction_set(call->store, call->album.key, &about, name, true, err);
	if (changed < 0)
		return -1;
	return answer_state(call, &about, name, true, changed ? 201 : 200, err);
}

static int take_back(struct http_call *call, struct err *err)
{
	const char *name = http_query(&call->request, "name");
	struct entity about;

	name = name ? name : "like";
	if (find_about(call, &about, err) ||
		reaction_set(call->store, call->album.key, &about, name, false, err) < 0)
		return -1;
	return answer_state(call, &about, name, false, 200, err);
}

#define PHOTO   "/v1/albums/{album}/photos/{photo}/reactions"
#define MESSAGE "/v1/albums/{album}/messages/{message}/reactions"

const struct http_route reactions_routes[] = {
	{"listPhotoReactions", HTTP_GET, PHOTO, ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ,
		.lane = LANE_POOL, .handle = list},
	{"reactToPhoto", HTTP_POST, PHOTO, ACCESS_ALBUM, RIGHT_REACT, SCOPE_WRITE,
		.lane = LANE_WRITE, .body_max = TALK_SMALL_MAX, .handle = react},
	{"takeBackPhotoReaction", HTTP_DELETE, PHOTO, ACCESS_ALBUM, RIGHT_REACT, SCOPE_WRITE,
		.lane = LANE_WRITE, .handle = take_back},
	{"listMessageReactions", HTTP_GET, MESSAGE, ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ,
		.lane = LANE_POOL, .handle = list},
	{"reactToMessage", HTTP_POST, MESSAGE, ACCESS_ALBUM, RIGHT_REACT, SCOPE_WRITE,
		.lane = LANE_WRITE, .body_max = TALK_SMALL_MAX, .handle = react},
	{"takeBackMessageReaction", HTTP_DELETE, MESSAGE, ACCESS_ALBUM, RIGHT_REACT, SCOPE_WRITE,
		.lane = LANE_WRITE, .handle = take_back},
	{.name = NULL},
};
