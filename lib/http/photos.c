/* photos.c - an album's photos as JSON: the timeline, one of them, changing it, taking it away.
 *
 * Pictures and originals are images.c and originals.c.  Who may change what is asked where the event is made.
 * Invariant: position and file names go only to roles with RIGHT_POSITIONS, and a photo that was removed is
 * there only for who could restore it.
 */
#include "http/photos.h"
#include "http/server.h"
#include "store/photo_json.h"

#include <string.h>

#define PAGE_USUAL 100
#define PAGE_MOST  200
#define TAGS_MOST  1000
#define CURSOR_LEN (8 + SHA256_LEN) /* bytes: place in the timeline, photo */
#define TAG_DIGITS 16               /* bytes of an ETag's hash */

static bool sees_positions(const struct http_call *call)
{
	return role_has(call->role, RIGHT_POSITIONS);
}

/* The same for what never was, was removed, or is another album's. */
static int no_such_photo(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "there is no such photo");
}

int http_find_photo(
	struct http_call *call, enum resolve_find find, struct photo_ref *out, struct err *err)
{
	struct sha256 hash;

	if (http_param_hash(call, "photo", &hash, err))
		return -1;
	if (resolve_photo(call->store, http_param(call, "photo"), &call->album, find, out, err) ==
		0)
		return 0;
	return err->kind == ERR_NOT_FOUND ? no_such_photo(err) : -1;
}

/* Nothing of it changes without the client asking again. */
static void add_list_headers(struct http_call *call)
{
	http_add_header(&call->response, "Cache-Control", "private, no-cache");
	http_add_header(&call->response, "Vary", "Authorization");
}

static void format_tag(const struct sha256 *hash, char out[2 * TAG_DIGITS + 1])
{
	hex_encode(hash->bytes, TAG_DIGITS, out);
}

/* --- the timeline ------------------------------------------------------------------------- */

struct page_request {
	struct photo_filter filter;
	struct photo_cursor cursor;
	int64_t limit;
};

static void format_cursor(const struct photo_cursor *cursor, char out[2 * CURSOR_LEN + 1])
{
	uint8_t bytes[CURSOR_LEN];

	for (size_t i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)cursor->sort >> (56 - 8 * i));
	memcpy(bytes + 8, cursor->id.bytes, SHA256_LEN);
	hex_encode(bytes, CURSOR_LEN, out);
}

static int parse_cursor(const char *text, struct photo_cursor *out, struct err *err)
{
	uint8_t bytes[CURSOR_LEN];
	uint64_t sort = 0;

	if (hex_decode(text, strlen(text), bytes, CURSOR_LEN))
		return err_set(err, ERR_INVALID, "cursor is none that this server gave");
	for (size_t i = 0; i < 8; i++)
		sort = sort << 8 | bytes[i];
	out->given = true;
	out->sort = (int64_t)sort;
	memcpy(out->id.bytes, bytes + 8, SHA256_LEN);
	return 0;
}

static int read_page_request(
	const struct http_request *request, struct page_request *out, struct err *err)
{
	const char *cursor = http_query(request, "cursor"), *order = http_query(request, "order");

	if (http_query_int(request, "limit", 1, PAGE_MOST, PAGE_USUAL, &out->limit, err) ||
		(cursor && parse_cursor(cursor, &out->cursor, err)))
		return -1;
	if (order && strcmp(order, "newest") != 0 && strcmp(order, "oldest") != 0)
		return err_set(err, ERR_INVALID, "order is newest or oldest");
	out->filter.backwards = !order || strcmp(order, "newest") == 0;
	return 0;
}

/* What the page is made of: the album as it is, the question, and what its asker may see. */
static int page_tag(struct http_call *call, const struct page_request *asked,
	char out[2 * TAG_DIGITS + 1], struct err *err)
{
	static const struct db_sql sql = {
		"photos_album", "SELECT rev, epoch, head, hex(chain) FROM album WHERE key = :key"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	_cleanup_str_ struct str text = STR_INIT(1024);
	struct sha256 hash;

	if (db_query(call->store->db, &sql, &rows, err, DB_INT(":key", call->album.key)))
		return -1;
	if (db_next(&rows, err) != 1)
		return err_set(err, ERR_NOT_FOUND, "there is no such album");
	str_addf(&text, "%lld %lld %lld %s %d %lld %d %lld ", (long long)db_int(&rows, 0),
		(long long)db_int(&rows, 1), (long long)db_int(&rows, 2), db_text(&rows, 3),
		sees_positions(call), (long long)asked->limit, asked->filter.backwards,
		asked->cursor.given ? (long long)asked->cursor.sort : -1);
	if (asked->cursor.given)
		str_add_hex(&text, asked->cursor.id.bytes, SHA256_LEN);
	if (str_check(&text, err))
		return -1;
	crypt_sha256(text.data, text.len, &hash);
	format_tag(&hash, out);
	return 0;
}

static json_t *page_photos(struct http_call *call, const struct vec *page, struct err *err)
{
	_cleanup_json_ json_t *list = json_array();

	vec_foreach (page, const struct photo, photo) {
		json_t *line = photo_json(call->store, photo, sees_positions(call), err);

		if (!line)
			return NULL;
		if (json_array_append_new(list, line)) {
			err_no_memory(err);
			return NULL;
		}
	}
	if (!list)
		err_no_memory(err);
	return mem_steal(&list);
}

static void add_next(struct http_call *call, const struct page_request *asked, const char *cursor)
{
	char id[UUID_TEXT_LEN + 1];

	uuid_format(&call->album.id, id);
	http_add_header(&call->response, "Link",
		"</v1/albums/%s/photos?order=%s&limit=%lld&cursor=%s>; rel=\"next\"", id,
		asked->filter.backwards ? "newest" : "oldest", (long long)asked->limit, cursor);
}

static int list(struct http_call *call, struct err *err)
{
	_cleanup_photo_page_ struct vec page = PHOTO_PAGE_INIT;
	struct page_request asked = {.limit = PAGE_USUAL};
	char tag[2 * TAG_DIGITS + 1], cursor[2 * CURSOR_LEN + 1];
	json_t *body = NULL, *photos;
	bool more;

	if (read_page_request(&call->request, &asked, err) || page_tag(call, &asked, tag, err))
		return -1;
	add_list_headers(call);
	if (http_answer_unchanged(call, tag, true))
		return 0;
	if (photo_page(call->store, &call->album, &asked.filter, (size_t)asked.limit, &asked.cursor,
		    &page, &more, err))
		return -1;
	photos = page_photos(call, &page, err);
	if (!photos)
		return -1;
	body = json_object();
	wire_set_json(&body, "photos", photos);
	if (more) {
		format_cursor(&asked.cursor, cursor);
		add_next(call, &asked, cursor);
		wire_set_text(&body, "next", cursor);
	} else {
		wire_set_null(&body, "next");
	}
	return http_answer_json(call, 200, body, err);
}

/* --- one photo ---------------------------------------------------------------------------- */

/* Loads the photo if the caller may know of it in its state. */
static int load(struct http_call *call, struct photo_ref *ref, struct photo *photo, struct err *err)
{
	bool may;

	if (http_find_photo(call, RESOLVE_ANY, ref, err) || photo_get(call->store, ref, photo, err))
		return -1;
	may = photo->state == PHOTO_SHOWN ||
		(photo->state == PHOTO_REMOVED &&
			(role_has(call->role, RIGHT_MODERATE) ||
				uuid_equal(&photo->author, &call->caller.user)));
	return may ? 0 : no_such_photo(err);
}

/* The photo as the caller sees it, and the tag of just that. */
static json_t *describe(struct http_call *call, const struct photo *photo,
	char tag[2 * TAG_DIGITS + 1], struct err *err)
{
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_FILE);
	_cleanup_json_ json_t *body = photo_json(call->store, photo, sees_positions(call), err);
	struct sha256 hash;

	if (!body || wire_print(body, &text, err))
		return NULL;
	crypt_sha256(text.data, text.len, &hash);
	format_tag(&hash, tag);
	return mem_steal(&body);
}

static int answer_photo(struct http_call *call, const struct photo *photo, struct err *err)
{
	char tag[2 * TAG_DIGITS + 1];
	_cleanup_json_ json_t *body = describe(call, photo, tag, err);

	if (!body)
		return -1;
	add_list_headers(call);
	if (call->request.method == HTTP_GET || call->request.method == HTTP_HEAD) {
		if (http_answer_unchanged(call, tag, false))
			return 0;
	} else {
		http_add_header(&call->response, "ETag", "\"%s\"", tag);
	}
	return http_answer_json(call, 200, mem_steal(&body), err);
}

static int show(struct http_call *call, struct err *err)
{
	_cleanup_photo_ struct photo photo = PHOTO_INIT;
	struct photo_ref ref;

	return load(call, &ref, &photo, err) ? -1 : answer_photo(call, &photo, err);
}

/* After a change: as it is now. */
static int show_again(struct http_call *call, const struct photo_ref *ref, struct err *err)
{
	_cleanup_photo_ struct photo photo = PHOTO_INIT;

	return photo_get(call->store, ref, &photo, err) ? -1 : answer_photo(call, &photo, err);
}

/* --- changing ----------------------------------------------------------------------------- */

/* 0 to go on; 1: it was changed meanwhile, and 412 is answered. */
static int check_expected(struct http_call *call, const struct photo *photo, struct err *err)
{
	const char *match = http_header(&call->request, "If-Match");
	char tag[2 * TAG_DIGITS + 1];
	struct err why = ERR_INIT;
	json_t *body;

	if (!match)
		return 0;
	body = describe(call, photo, tag, err);
	if (!body)
		return -1;
	wire_json_free(&body);
	if (http_tag_is_listed(match, tag, false))
		return 0;
	err_set(&why, ERR_CONFLICT, "the photo was changed meanwhile");
	http_answer_problem(call, 412, &why);
	return 1;
}

static int read_taken(const json_t *body, struct photo_change *change, struct err *err)
{
	static const char *const keys[] = {"local", "offset", NULL};
	const json_t *taken = json_object_get(body, "taken");
	const char *local, *offset = NULL;
	int32_t zone;

	if (!taken)
		return 0;
	if (!json_is_object(taken))
		return err_set(err, ERR_INVALID, "taken is not an object");
	if (wire_only_keys(taken, keys, err) ||
		wire_get_text(taken, "local", WIRE_REQUIRED, TIME_TEXT_LEN, &local, err) ||
		wire_get_text(taken, "offset", WIRE_OPTIONAL, 8, &offset, err) ||
		time_parse_wall(local, &change->wall, &zone, NULL, err))
		return -1;
	if (zone != TIME_OFFSET_NONE)
		return err_set(err, ERR_INVALID, "taken.local has a zone: that goes into offset");
	change->offset = TIME_OFFSET_NONE;
	if (offset && time_parse_offset(offset, &change->offset, err))
		return -1;
	change->set_taken = true;
	return 0;
}

static int read_rotate(const json_t *body, struct photo_change *change, struct err *err)
{
	int64_t degrees = -1;

	if (wire_get_int(body, "rotate", WIRE_OPTIONAL, 0, 270, &degrees, err))
		return -1;
	if (degrees < 0)
		return 0;
	if (degrees % 90)
		return err_set(err, ERR_INVALID, "rotate is 0, 90, 180 or 270");
	change->set_rotate = true;
	change->rotate = (int)(degrees / 90);
	return 0;
}

static bool lists(const json_t *tags, const char *tag)
{
	const json_t *item;
	size_t i;

	json_array_foreach (tags, i, item)
		if (strcmp(json_string_value(item), tag) == 0)
			return true;
	return false;
}

/* `tags` is what the photo shall have; the change is what that adds and takes away. */
struct tag_lists {
	struct vec add, remove; /* const char *, borrowed of the body and the photo */
};

static void release_tags(struct tag_lists *tags)
{
	vec_release(&tags->add);
	vec_release(&tags->remove);
}

static int push_text(struct vec *list, const char *text, struct err *err)
{
	const char **slot = vec_push_or(list, err);

	if (!slot)
		return -1;
	*slot = text;
	return 0;
}

static int read_tags(const json_t *body, const struct photo *photo, struct tag_lists *out,
	struct photo_change *change, struct err *err)
{
	const json_t *tags = json_object_get(body, "tags"), *item;
	size_t i;

	if (!tags)
		return 0;
	if (!json_is_array(tags))
		return err_set(err, ERR_INVALID, "tags is not a list");
	json_array_foreach (tags, i, item)
		if (!json_is_string(item))
			return err_set(err, ERR_INVALID, "a tag is not a text");
		else if (push_text(&out->add, json_string_value(item), err))
			return -1;
	vec_foreach (&photo->tags, char *, tag)
		if (!lists(tags, *tag) && push_text(&out->remove, *tag, err))
			return -1;
	change->tag = out->add.items;
	change->tag_count = out->add.count;
	change->untag = out->remove.items;
	change->untag_count = out->remove.count;
	return 0;
}

static int apply(struct http_call *call, const struct photo_ref *ref, const struct photo *photo,
	const json_t *body, struct err *err)
{
	static const char *const keys[] = {"caption", "taken", "tags", "rotate", NULL};
	_cleanup_(release_tags) struct tag_lists tags = {
		VEC_INIT(const char *, TAGS_MOST), VEC_INIT(const char *, TAGS_MOST)};
	bool captioned = json_object_get(body, "caption") != NULL, changed;
	struct photo_change change = {.offset = TIME_OFFSET_NONE};
	const char *caption = "";

	if (wire_only_keys(body, keys, err) ||
		wire_get_text(body, "caption", WIRE_OPTIONAL, WIRE_BODY_MAX, &caption, err) ||
		read_taken(body, &change, err) || read_rotate(body, &change, err) ||
		read_tags(body, photo, &tags, &change, err) ||
		photo_change(call->store, ref, &change, false, &changed, err))
		return -1;
	return captioned ? photo_caption(call->store, ref, caption, err) : 0;
}

static int change(struct http_call *call, struct err *err)
{
	_cleanup_json_ json_t *body = http_body_object(call, err);
	_cleanup_photo_ struct photo photo = PHOTO_INIT;
	struct photo_ref ref;
	int refused;

	if (!body || load(call, &ref, &photo, err))
		return -1;
	if (photo.state != PHOTO_SHOWN)
		return err_set(err, ERR_CONFLICT, "this photo was removed: restore it first");
	refused = check_expected(call, &photo, err);
	if (refused)
		return refused < 0 ? -1 : 0;
	return apply(call, &ref, &photo, body, err) ? -1 : show_again(call, &ref, err);
}

/* --- taking away -------------------------------------------------------------------------- */

static int take_away(struct http_call *call, struct err *err)
{
	_cleanup_photo_ struct photo photo = PHOTO_INIT;
	struct photo_ref ref;

	if (load(call, &ref, &photo, err) || photo_remove(call->store, &ref, err))
		return -1;
	return http_answer_empty(call, 204, err);
}

static int bring_back(struct http_call *call, struct err *err)
{
	_cleanup_photo_ struct photo photo = PHOTO_INIT;
	struct photo_ref ref;

	if (load(call, &ref, &photo, err) || photo_restore(call->store, &ref, err))
		return -1;
	return show_again(call, &ref, err);
}

static void close_store(struct store **store)
{
	store_close(*store);
}

/* Erasing ends outside the database and must not be tried again, so it has a transaction and a store of its
 * own instead of the writer's. */
static int erase(struct http_call *call, struct err *err)
{
	_cleanup_(close_store) struct store *store = NULL;
	_cleanup_photo_ struct photo photo = PHOTO_INIT;
	struct photo_erased erased = {.bytes = 0};
	struct err why = ERR_INIT;
	struct photo_ref ref;
	json_t *body;

	if (load(call, &ref, &photo, err) ||
		server_open_store(call->server, STORE_WRITE, &store, err))
		return -1;
	store->actor = call->caller.user;
	/* What was freed is not told: it says whether other albums hold the same bytes.  LOCKED: the photo is erased; pages that a reader holds are overwritten by whoever writes next. */
	if (photo_erase(store, &ref, 1, &erased, &why) && why.kind != ERR_LOCKED) {
		*err = why;
		return -1;
	}
	watch_committed(call->server->watch, store);
	body = json_object();
	wire_set_text(&body, "status", "erased");
	wire_set_hex(&body, "photo", ref.id.bytes, SHA256_LEN);
	wire_set_uuid(&body, "album", &ref.album.id);
	return http_answer_json(call, 200, body, err);
}

#define PHOTO_PATH "/v1/albums/{album}/photos/{photo}"

const struct http_route photos_routes[] = {
	{"listPhotos", HTTP_GET, "/v1/albums/{album}/photos", ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ,
		.lane = LANE_POOL, .handle = list},
	{"showPhoto", HTTP_GET, PHOTO_PATH, ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ,
		.lane = LANE_INLINE, .handle = show},
	{"changePhoto", HTTP_PATCH, PHOTO_PATH, ACCESS_ALBUM, RIGHT_ADD, SCOPE_WRITE,
		.lane = LANE_WRITE, .body_max = HTTP_BODY_JSON, .handle = change},
	{"removePhoto", HTTP_DELETE, PHOTO_PATH, ACCESS_ALBUM, RIGHT_ADD, SCOPE_WRITE,
		.lane = LANE_WRITE, .handle = take_away},
	{"restorePhoto", HTTP_POST, PHOTO_PATH "/restore", ACCESS_ALBUM, RIGHT_ADD, SCOPE_WRITE,
		.lane = LANE_WRITE, .body_max = HTTP_BODY_JSON, .handle = bring_back},
	{"erasePhoto", HTTP_POST, PHOTO_PATH "/erase", ACCESS_ALBUM, RIGHT_ADD, SCOPE_WRITE,
		.lane = LANE_POOL, .body_max = HTTP_BODY_JSON, .handle = erase},
	{.name = NULL},
};
