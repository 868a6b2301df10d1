/* albums.c - /v1/albums: what the caller sees, making, changing and deleting albums.
 *
 * An album's NAME is this store's own and not for callers: it would tell who else has one of that name.
 */
#include "http/albums.h"
#include "http/talk.h"
#include "store/album.h"
#include "store/user.h"

#include <string.h>

static void add_album(struct str *out, const char *key, const struct album *album)
{
	wire_add_open(out, key, '{');
	wire_add_uuid(out, "id", &album->ref.id);
	wire_add_text(out, "title", album->title);
	wire_add_text(out, "description", album->description);
	wire_add_text(out, "role", role_name(album->role));
	wire_add_int(out, "photos", album->photos);
	wire_add_int(out, "messages", album->messages);
	wire_add_int(out, "members", album->members);
	wire_add_int(out, "bytes", album->bytes);
	if (album->has_cover)
		wire_add_hex(out, "cover", album->cover.bytes, SHA256_LEN);
	else
		wire_add_null(out, "cover");
	wire_add_bool(out, "archived", album->archived);
	wire_add_int(out, "created", album->created);
	wire_add_int(out, "changed", album->changed);
	wire_add_int(out, "epoch", album->epoch);
	wire_add_int(out, "head", album->head);
	wire_add_hex(out, "chain", album->chain.bytes, SHA256_LEN);
	wire_add_close(out, '}');
}

/* --- list --------------------------------------------------------------------------------- */

struct listing {
	struct str *out;
	const struct uuid *after; /* NULL: begun */
	struct uuid last;
	size_t left;
	bool more;
};

static int list_one(void *data, const struct album *album, struct err *err)
{
	struct listing *l = data;

	(void)err;
	if (l->after) {
		if (uuid_equal(l->after, &album->ref.id))
			l->after = NULL;
		return 0;
	}
	l->more = l->left == 0;
	if (l->more)
		return -1; /* enough: not an error */
	l->left--;
	l->last = album->ref.id;
	add_album(l->out, NULL, album);
	return 0;
}

static int list(struct http_call *call, struct err *err)
{
	struct str *out = &call->response.body;
	struct listing listing = {.out = out};
	char id[UUID_TEXT_LEN + 1];
	struct uuid after;
	bool archived;
	int given = talk_query_uuid(call, "after", &after, err);

	if (given < 0 || talk_limit(call, TALK_LIMIT_MAX, &listing.left, err) ||
		talk_query_flag(call, "archived", &archived, err))
		return -1;
	listing.after = given ? &after : NULL;
	wire_add_open(out, NULL, '{');
	wire_add_open(out, "albums", '[');
	if (album_each_seen(call->store, archived, list_one, &listing, err) && !listing.more)
		return -1;
	wire_add_close(out, ']');
	wire_add_close(out, '}');
	if (listing.more) {
		uuid_format(&listing.last, id);
		talk_link_next(call, "after", id);
	}
	return talk_answer_list(call, err);
}

/* --- one ---------------------------------------------------------------------------------- */

static int write_album(struct http_call *call, const struct album_ref *ref, struct err *err)
{
	_cleanup_album_ struct album album = {.title = NULL};

	/* What this transaction changed so far is to be seen in head and totals. */
	if ((call->tx && event_flush(call->tx, err)) || album_get(call->store, ref, &album, err))
		return -1;
	add_album(&call->response.body, NULL, &album);
	return 0;
}

static int answer_album(
	struct http_call *call, const struct album_ref *ref, int status, struct err *err)
{
	return write_album(call, ref, err) || talk_answer_thing(call, status, err) ? -1 : 0;
}

/* 0 to go on; 1: the caller expects another album, and that is answered. */
static int check_expected(struct http_call *call, struct err *err)
{
	if (!http_header(&call->request, "If-Match"))
		return 0;
	return write_album(call, &call->album, err) ? -1 : talk_check_match(call, err);
}

static int show(struct http_call *call, struct err *err)
{
	return answer_album(call, &call->album, 200, err);
}

/* The name under which the caller founds an album: the account's. */
static int name_actor(struct http_call *call, struct err *err)
{
	struct store *store = call->store;
	const char *name = store->owner_name;
	struct user user;
	int found = user_get(store, &store->actor, &user, err);

	if (found < 0)
		return -1;
	if (found)
		name = user.name;
	memcpy(store->actor_name, name, strlen(name) + 1);
	return 0;
}

static int create(struct http_call *call, struct err *err)
{
	static const char *const keys[] = {"description", "title", NULL};
	_cleanup_json_ json_t *body = http_body_object(call, err);
	const char *title = NULL, *description = NULL;
	char id[UUID_TEXT_LEN + 1];
	struct album_ref ref;

	if (!body || wire_only_keys(body, keys, err) ||
		wire_get_text(body, "title", WIRE_REQUIRED, SIZE_MAX, &title, err) ||
		wire_get_text(body, "description", WIRE_OPTIONAL, SIZE_MAX, &description, err) ||
		name_actor(call, err) ||
		album_create(call->store, NULL, title, description, &ref, err))
		return -1;
	uuid_format(&ref.id, id);
	http_add_header(&call->response, "Location", "/v1/albums/%s", id);
	return answer_album(call, &ref, 201, err);
}

/* --- changing ----------------------------------------------------------------------------- */

static int change_texts(struct http_call *call, const json_t *body, struct err *err)
{
	const char *title = NULL, *description = NULL;

	if (wire_get_text(body, "title", WIRE_OPTIONAL, SIZE_MAX, &title, err) ||
		wire_get_text(body, "description", WIRE_OPTIONAL, SIZE_MAX, &description, err))
		return -1;
	if (json_is_null(json_object_get(body, "description")))
		description = "";
	if (title && album_rename(call->store, &call->album, title, err))
		return -1;
	return description ? album_describe(call->store, &call->album, description, err) : 0;
}

static int change_cover(struct http_call *call, const json_t *body, struct err *err)
{
	const char *text = NULL;
	struct photo_ref photo;

	if (wire_get_text(body, "cover", WIRE_OPTIONAL, SHA256_HEX_LEN, &text, err))
		return -1;
	if (!text)
		return 0;
	return talk_find_photo_named(call, text, RESOLVE_SHOWN, &photo, err) ||
			album_set_cover(call->store, &call->album, &photo.id, err) ?
		-1 :
		0;
}

static int change_archived(struct http_call *call, const json_t *body, struct err *err)
{
	bool archived = false;

	if (wire_get_bool(body, "archived", WIRE_OPTIONAL, &archived, err))
		return -1;
	if (!json_is_boolean(json_object_get(body, "archived")))
		return 0;
	return album_archive(call->store, &call->album, archived, err);
}

static int change(struct http_call *call, struct err *err)
{
	static const char *const keys[] = {"archived", "cover", "description", "title", NULL};
	_cleanup_json_ json_t *body = http_body_object(call, err);
	int expected = body ? check_expected(call, err) : -1;

	if (expected)
		return expected < 0 ? -1 : 0;
	if (wire_only_keys(body, keys, err) || change_texts(call, body, err) ||
		change_cover(call, body, err) || change_archived(call, body, err))
		return -1;
	return answer_album(call, &call->album, 200, err);
}

static int delete (struct http_call *call, struct err *err)
{
	int expected = check_expected(call, err);

	if (expected)
		return expected < 0 ? -1 : 0;
	if (album_delete(call->store, &call->album, err))
		return -1;
	return http_answer_empty(call, 204, err);
}

#define ALBUM "/v1/albums/{album}"

const struct http_route albums_routes[] = {
	{"listAlbums", HTTP_GET, "/v1/albums", ACCESS_USER, RIGHT_UNSET, SCOPE_READ,
		.lane = LANE_POOL, .handle = list},
	{"createAlbum", HTTP_POST, "/v1/albums", ACCESS_USER, RIGHT_UNSET, SCOPE_WRITE,
		.lane = LANE_WRITE, .body_max = TALK_BODY_MAX, .handle = create},
	{"showAlbum", HTTP_GET, ALBUM, ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ, .lane = LANE_INLINE,
		.handle = show},
	{"changeAlbum", HTTP_PATCH, ALBUM, ACCESS_ALBUM, RIGHT_MANAGE, SCOPE_WRITE,
		.lane = LANE_WRITE, .body_max = TALK_BODY_MAX, .handle = change},
	{"deleteAlbum", HTTP_DELETE, ALBUM, ACCESS_ALBUM, RIGHT_OWN, SCOPE_WRITE,
		.lane = LANE_WRITE, .handle = delete},
	{.name = NULL},
};
