/* search.c - GET /v1/search: words and operators, over what the caller sees and nothing else. */
#include "http/search.h"
#include "http/talk.h"
#include "store/search.h"

#include <string.h>

/* The snippet without its marks. */
static void add_snippet(struct str *out, const char *snippet)
{
	_cleanup_str_ struct str plain = STR_INIT(STR_MAX_FILE);

	for (; *snippet; snippet++)
		if (*snippet != SEARCH_MARK_ON && *snippet != SEARCH_MARK_OFF)
			str_addc(&plain, *snippet);
	wire_add_textn(out, "snippet", plain.data, plain.len);
}

static void add_message_fields(struct str *out, const struct search_hit *hit)
{
	wire_add_uuid(out, "id", &hit->id);
	if (hit->seq)
		wire_add_int(out, "seq", hit->seq);
	else
		wire_add_null(out, "seq");
	if (hit->has_photo)
		wire_add_hex(out, "photo", hit->photo.bytes, SHA256_LEN);
	else
		wire_add_null(out, "photo");
}

/* As `pinhole search --json`. */
static void add_hit(struct str *out, const struct search_hit *hit)
{
	static const char *const kinds[] = {[SEARCH_MESSAGE] = "message",
		[SEARCH_PHOTO] = "photo",
		[SEARCH_ALBUM] = "album",
		[SEARCH_PERSON] = "person"};

	wire_add_open(out, NULL, '{');
	wire_add_text(out, "kind", kinds[hit->kind]);
	wire_add_uuid(out, "album", &hit->album_id);
	if (hit->kind == SEARCH_MESSAGE)
		add_message_fields(out, hit);
	else if (hit->kind == SEARCH_PHOTO)
		wire_add_hex(out, "photo", hit->photo.bytes, SHA256_LEN);
	else if (hit->kind == SEARCH_PERSON)
		wire_add_uuid(out, "id", &hit->id);
	if (hit->kind == SEARCH_MESSAGE || hit->kind == SEARCH_PHOTO) {
		wire_add_text(out, "author", hit->author_name);
		wire_add_uuid(out, "author_id", &hit->author);
		wire_add_int(out, "when", hit->when);
	}
	add_snippet(out, hit->snippet);
	wire_add_close(out, '}');
}

static int find(struct http_call *call, struct err *err)
{
	_cleanup_search_hits_ struct vec hits = SEARCH_HITS_INIT;
	_cleanup_query_ struct query query = QUERY_INIT;
	struct str *out = &call->response.body;
	const char *text = http_query(&call->request, "q");
	size_t limit;

	if (!text)
		return err_set(err, ERR_INVALID, "q is missing");
	if (talk_limit(call, TALK_LIMIT, &limit, err) || query_parse(text, &query, err) ||
		search_run_as(call->store, &call->caller.user, &query, limit, &hits, err))
		return -1;
	wire_add_open(out, NULL, '{');
	wire_add_open(out, "hits", '[');
	vec_foreach (&hits, const struct search_hit, hit)
		add_hit(out, hit);
	wire_add_close(out, ']');
	wire_add_close(out, '}');
	return talk_answer(call, 200, err);
}

const struct http_route search_routes[] = {
	{"search", HTTP_GET, "/v1/search", ACCESS_USER, RIGHT_UNSET, SCOPE_READ, .lane = LANE_POOL,
		.handle = find},
	{.name = NULL},
};
