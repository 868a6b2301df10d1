/* links.c - /v1/albums/{album}/links: links by which guests may look, as the album's log has them.
 *
 * A link's token and password are not made here.
 */
#include "http/links.h"
#include "http/talk.h"
#include "store/link.h"

#include <string.h>

static void add_limit(struct str *out, const char *key, int64_t value)
{
	if (value >= 0)
		wire_add_int(out, key, value);
	else
		wire_add_null(out, key);
}

static void add_link(struct str *out, const struct link *link)
{
	wire_add_open(out, NULL, '{');
	wire_add_uuid(out, "id", &link->id);
	wire_add_uuid(out, "author_id", &link->author);
	wire_add_text(out, "name", link->name);
	wire_add_open(out, "may", '[');
	for (size_t i = 0; link_may_names[i]; i++)
		if (link->may & 1u << i)
			wire_add_text(out, NULL, link_may_names[i]);
	wire_add_close(out, ']');
	add_limit(out, "expires", link->expires);
	add_limit(out, "max_uses", link->max_uses);
	wire_add_bool(out, "revoked", link->revoked);
	wire_add_close(out, '}');
}

struct listing {
	struct str *out;
	size_t left;
	bool more;
	struct uuid last;
};

static int list_one(void *data, const struct link *link, struct err *err)
{
	struct listing *l = data;

	(void)err;
	l->more = l->left == 0;
	if (l->more)
		return 0;
	l->left--;
	l->last = link->id;
	add_link(l->out, link);
	return 0;
}

static int list(struct http_call *call, struct err *err)
{
	struct str *out = &call->response.body;
	struct link_query query = {.album = call->album.key};
	struct listing listing = {.out = out};
	char id[UUID_TEXT_LEN + 1];
	struct uuid after;
	int given = talk_query_uuid(call, "after", &after, err);

	if (given < 0 || talk_limit(call, TALK_LIMIT_MAX, &listing.left, err) ||
		talk_query_flag(call, "revoked", &query.revoked, err))
		return -1;
	query.after = given ? &after : NULL;
	query.limit = listing.left + 1;
	wire_add_open(out, NULL, '{');
	wire_add_open(out, "links", '[');
	if (link_each(call->store, &query, list_one, &listing, err))
		return -1;
	wire_add_close(out, ']');
	wire_add_close(out, '}');
	if (listing.more) {
		uuid_format(&listing.last, id);
		talk_link_next(call, "after", id);
	}
	return talk_answer_list(call, err);
}

/* --- changing ----------------------------------------------------------------------------- */

static int read_may(const json_t *body, unsigned *out, struct err *err)
{
	const json_t *may = json_object_get(body, "may"), *item;
	unsigned bits = 0;
	size_t i;

	if (!may) {
		*out = LINK_LOOK;
		return 0;
	}
	if (!json_is_array(may) || json_array_size(may) == 0)
		return err_set(
			err, ERR_INVALID, "\"may\" is a list of look, talk, upload, download");
	json_array_foreach (may, i, item) {
		size_t known = 0;

		while (link_may_names[known] &&
			(!json_is_string(item) ||
				strcmp(link_may_names[known], json_string_value(item)) != 0))
			known++;
		if (!link_may_names[known])
			return err_set(err, ERR_INVALID,
				"a link may let look, talk, upload or download, nothing else");
		bits |= 1u << known;
	}
	*out = bits;
	return 0;
}

static int add_one(void *data, const struct link *link, struct err *err)
{
	(void)err;
	add_link(data, link);
	return 0;
}

static int create(struct http_call *call, struct err *err)
{
	static const char *const keys[] = {"expires", "max_uses", "may", "name", NULL};
	_cleanup_json_ json_t *body = http_body_object(call, err);
	struct link_draft link = {.expires = -1, .max_uses = -1};
	struct uuid id;

	if (!body || wire_only_keys(body, keys, err) || read_may(body, &link.may, err) ||
		wire_get_text(body, "name", WIRE_OPTIONAL, LINK_NAME_MAX, &link.name, err) ||
		wire_get_int(
			body, "expires", WIRE_OPTIONAL, 0, EVENT_TIME_MAX, &link.expires, err) ||
		wire_get_int(body, "max_uses", WIRE_OPTIONAL, 1, INT32_MAX, &link.max_uses, err) ||
		link_create(call->store, call->album.key, &link, &id, err) ||
		link_show(call->store, call->album.key, &id, add_one, &call->response.body, err))
		return -1;
	return talk_answer(call, 201, err);
}

static int revoke(struct http_call *call, struct err *err)
{
	struct uuid id;

	if (http_param_uuid(call, "link", &id, err) ||
		link_revoke(call->store, call->album.key, &id, err))
		return -1;
	return http_answer_empty(call, 204, err);
}

#define LINKS "/v1/albums/{album}/links"

const struct http_route links_routes[] = {
	{"listLinks", HTTP_GET, LINKS, ACCESS_ALBUM, RIGHT_INVITE, SCOPE_READ, .lane = LANE_POOL,
		.handle = list},
	{"createLink", HTTP_POST, LINKS, ACCESS_ALBUM, RIGHT_INVITE, SCOPE_WRITE,
		.lane = LANE_WRITE, .body_max = TALK_SMALL_MAX, .handle = create},
	{"revokeLink", HTTP_DELETE, LINKS "/{link}", ACCESS_ALBUM, RIGHT_INVITE, SCOPE_WRITE,
		.lane = LANE_WRITE, .handle = revoke},
	{.name = NULL},
};
