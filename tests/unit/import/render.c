/* render.c - rendering what is missing, by the real pinhole-media. */
#include "../store/stage.h"
#include "import/render.h"
#include "store/variant.h"

/* A picture of our own: 48 x 32 pixels, red above, white below. */
static const char picture[] =
	"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+"
	"MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09P"
	"T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAgADADASIAAhEBAxEB/8QAFQABAQAAAAAA"
	"AAAAAAAAAAAAAAX/xAAWEAADAAAAAAAAAAAAAAAAAAAAFGH/xAAXAQEBAQEAAAAAAAAAAAAAAAAABgQF/8QA"
	"FhEBAQEAAAAAAAAAAAAAAAAAABMU/9oADAMBAAIRAxEAPwCYpApC4rArDmTW+tDUgUhcVgVgma0NSBSFxWBW"
	"CZrXFIFIXVIFIbZpnWhKQKQuqQKQTNaEpApC6pApBM1v/9k=";

static struct render_options options = {
	.media = {.workers = 2,
		.max_pixels = 1000000,
		.max_memory = (uint64_t)2 << 30,
		.max_seconds = 60},
	.variant_count = 2,
	.variants = {{.name = "thumb",
			     .width = 16,
			     .height = 16,
			     .fit = MEDIA_FIT_COVER,
			     .quality = 80,
			     .out_fd = -1},
		{.name = "preview", .width = 24, .height = 24, .quality = 80, .out_fd = -1}},
};

static struct sha256 put(const char *bytes, size_t len)
{
	struct sha256 hash;

	if (object_put(store->objects, bytes, len, &hash, &err))
		stage_fail("put");
	return hash;
}

static struct sha256 put_picture(const char *tail)
{
	_cleanup_str_ struct str bytes = STR_INIT(STR_MAX_LINE);

	if (base64_decode(picture, strlen(picture), &bytes, &err))
		stage_fail("base64");
	str_addz(&bytes, tail);
	return put(bytes.data, bytes.len);
}

static void render(const struct sha256 *objects, size_t count, int rotate, uint64_t made,
	uint64_t failed, const char *what)
{
	_cleanup_vec_ struct vec items = VEC_INIT(struct render_item, 100);
	struct render_totals totals = {.made = 999};

	for (size_t i = 0; i < count; i++)
		*(struct render_item *)vec_push(&items) = (struct render_item){
			.object = objects[i], .rotate = rotate, .name = "a.jpg"};
	ok_call(render_missing(store, &options, &items, &totals, &err), &err, "%s", what);
	is_int(totals.made, made, "%s: made", what);
	is_int(totals.failed, failed, "%s: failed", what);
}

static struct variant get(const struct sha256 *object, const char *name, int rotate)
{
	struct variant v;

	if (variant_get(store, object, name, rotate, &v, &err) < 0)
		stage_fail("get");
	return v;
}

static void test_missing(const struct sha256 *object)
{
	struct variant v;
	_cleanup_free_ char *path = NULL;

	render(object, 1, 0, 2, 0, "all of a picture");
	v = get(object, "thumb", 0);
	ok(v.state == VARIANT_READY && v.width == 16 && v.height == 16, "a square thumbnail");
	is_str(v.mime, "image/jpeg", "as JPEG");
	path = variant_path(store, object, &v);
	v = get(object, "preview", 0);
	ok(v.width == 24 && v.height == 16, "a preview within its box");
	render(object, 1, 0, 0, 0, "nothing is missing");
	ok(unlink(path) == 0, "take the thumbnail away");
	render(object, 1, 0, 1, 0, "one is missing");
	render(object, 1, 1, 2, 0, "turned");
	v = get(object, "preview", 1);
	ok(v.width == 16 && v.height == 24, "a turned preview");
}

static void test_failures(void)
{
	struct sha256 broken = put("\xff\xd8\xff\xe0 no picture", 15), gone;
	struct sha256 several[] = {put_picture("1"), broken, put_picture("2"), put_picture("3")};
	struct render_item item = {.rotate = 0};
	_cleanup_free_ char *tmp = store_path(store, "cache/tmp");
	struct vec items = VEC_INIT(struct render_item, 1);
	struct render_totals totals;

	render(several, 4, 0, 6, 2, "one of several is broken");
	ok(get(&broken, "thumb", 0).state == VARIANT_FAILED, "its row says so");
	ok(get(&broken, "thumb", 0).reason[0], "with a reason");
	render(several, 4, 0, 0, 0, "it is not tried again");
	options.again = true;
	render(several, 4, 0, 0, 2, "unless asked to");
	options.again = false;
	memset(&gone, 1, sizeof(gone));
	item.object = gone;
	*(struct render_item *)vec_push(&items) = item;
	ok(render_missing(store, &options, &items, &totals, &err) == -1 &&
			err.kind == ERR_NOT_FOUND,
		"bytes that are not here");
	vec_release(&items);
	ok(rmdir(tmp) == 0, "no temporary file is left");
}

static void test_items(void)
{
	struct album_ref album = stage_album("items");
	struct photo_ref ref = stage_photo(&album, "bytes", "a.jpg", NULL);
	_cleanup_photo_ struct photo p = PHOTO_INIT;
	struct photo_erased erased;
	struct render_item item;
	struct sha256 edited = stage_part(&ref, "edited bytes", "edited", "image/jpeg");

	ok_call(photo_get(store, &ref, &p, &err), &err, "get");
	ok(render_item_from_photo(&p, &item), "a photo is rendered");
	ok(sha256_compare(&item.object, &edited) == 0, "from what is shown of it");
	ok_call(photo_erase(store, &ref, 1, &erased, &err), &err, "erase");
	ok_call(photo_get(store, &ref, &p, &err), &err, "get");
	ok(!render_item_from_photo(&p, &item), "an erased one is not");
}

int main(void)
{
	struct media_pool *pool = NULL;
	struct sha256 object;

	if (media_pool_open(&options.media, &pool, &err))
		tap_skip_all("pinhole-media is not built");
	media_pool_close(pool);
	stage_open();
	object = put_picture("");
	test_missing(&object);
	test_failures();
	test_items();
	stage_close();
	return tap_done();
}
