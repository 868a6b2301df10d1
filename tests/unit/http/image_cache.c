/* image_cache.c - pictures rendered on demand stay within their quota; names and signatures of sizes. */
#include "http/image_cache.h"
#include "http/image_memo.h"
#include "http/sized.h"
#include "http/server.h"
#include "store/variant.h"
#include "store_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

static struct fixture f;

/* A file of 1000 bytes in the place of a variant, last used `age` s ago. */
static char *place(const char *name, unsigned number, int64_t age)
{
	struct variant_file file = VARIANT_FILE_INIT;
	struct variant v = {.mime = "image/jpeg"};
	struct sha256 object = {{(uint8_t)number, 1, 2}};
	char bytes[1000] = "";
	char *path;

	memccpy(v.name, name, '\0', sizeof(v.name));
	if (variant_file_open(f.store, &object, &file, &err) ||
		write(file.fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes))
		exit(1);
	image_cache_touch(file.fd, FIXTURE_START - age * 1000);
	if (variant_file_place(f.store, &object, &v, &file, &err))
		exit(1);
	variant_file_close(&file);
	path = variant_path(f.store, &object, &v);
	return path;
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static void test_quota(void)
{
	struct sha256 object = {{3, 1, 2}};
	struct image_cache *cache;
	_cleanup_free_ char *thumb = place("thumb", 9, 100000),
			    *oldest = place("320c320q80", 1, 500),
			    *older = place("640k640q80", 2, 400), *newest = NULL;

	ok_call(image_cache_open(f.store, &cache, &err), &err, "a cache");
	newest = place("1280k960q90", 3, 0);
	image_cache_added(cache, &object, 1000, 0, FIXTURE_START);
	is_int(image_cache_bytes(cache), 3000,
		"what is there is counted, ingest's pictures are not");
	image_cache_added(cache, &object, 1000, 2500, FIXTURE_START);
	ok(!is_there(oldest), "what was not used for longest goes");
	ok(is_there(older) && is_there(newest), "the others stay");
	is_int(image_cache_bytes(cache), 2000, "and are counted");
	image_cache_added(cache, &object, 1000, 10000, FIXTURE_START);
	is_int(image_cache_bytes(cache), 3000, "further ones are added up");
	image_cache_added(cache, &object, 1, 1, FIXTURE_START);
	ok(!is_there(older) && is_there(newest), "what was just made stays, whatever the quota");
	image_cache_added(cache, &object, 1, 1, FIXTURE_START + IMAGE_CACHE_FRESH_MS);
	ok(!is_there(newest), "later a quota of nothing leaves nothing");
	ok(is_there(thumb), "but ingest's pictures");
	image_cache_close(cache);
}

static void test_names(void)
{
	char name[128] = "", rest[SHA256_HEX_LEN - 1] = "";

	memset(rest, 'a', sizeof(rest) - 1);
	snprintf(name, sizeof(name), "%s-1280k960q80.r1.jpg", rest);
	ok(image_cache_is_ours(name), "a rendered picture");
	snprintf(name, sizeof(name), "%s-thumb.jpg", rest);
	ok(!image_cache_is_ours(name), "a thumbnail");
	snprintf(name, sizeof(name), "%s0-1280k960q80.jpg", rest);
	ok(!image_cache_is_ours(name), "another hash's length");
	ok(!image_cache_is_ours("tmp") && !image_cache_is_ours(""), "anything else");
}

/* --- sizes -------------------------------------------------------------------------------- */

static void test_sized(void)
{
	struct sized s = {1280, 960, MEDIA_FIT_CONTAIN, MEDIA_JPEG, 80, true}, other = s;
	struct sha256 photo = {{7}};
	struct uuid album = {{8}}, second = {{9}};
	char name[SIZED_NAME_LEN], one[SHA256_HEX_LEN + 1], two[SHA256_HEX_LEN + 1];

	sized_name(&s, name);
	is_str(name, "1280k960q80", "inside a box");
	other = (struct sized){4096, 4096, MEDIA_FIT_COVER, MEDIA_WEBP, 100, false};
	sized_name(&other, name);
	is_str(name, "4096c4096q100", "the longest");
	ok(!sized_equal(&s, &other) && sized_equal(&s, &s), "compared");

	sized_sign(&s, &album, &photo, 1000, "key", one);
	sized_sign(&s, &album, &photo, 1000, "key", two);
	is_str(one, two, "a signature is always the same");
	sized_sign(&s, &second, &photo, 1000, "key", two);
	ok(strcmp(one, two) != 0, "it is for one album");
	sized_sign(&s, &album, &photo, 1001, "key", two);
	ok(strcmp(one, two) != 0, "until one time");
	sized_sign(&s, &album, &photo, 1000, "yek", two);
	ok(strcmp(one, two) != 0, "by one key");
	other = s;
	other.format = MEDIA_WEBP;
	sized_sign(&other, &album, &photo, 1000, "key", two);
	ok(strcmp(one, two) != 0, "for one format");
	other = s;
	other.height = 961;
	sized_sign(&other, &album, &photo, 1000, "key", two);
	ok(strcmp(one, two) != 0, "for one size");
}

/* --- the memo ----------------------------------------------------------------------------- */

static int find(struct image_memo *memo, const struct image_key *key, uint64_t commits, bool *touch)
{
	char tag[IMAGE_TAG_LEN];
	const char *type;
	int fd = -1,
	    found = image_memo_find(
		    memo, f.store, key, commits, FIXTURE_START, &fd, tag, &type, touch, &err);

	if (found == 1 && strcmp(tag, "TAG") != 0)
		found = 99;
	if (fd >= 0)
		close(fd);
	return found;
}

static void put(struct image_memo *memo, const struct image_key *key, uint64_t commits)
{
	struct image_file file = {
		.tag = "TAG", .path = place("320c320q80", 1, 0), .type = "image/jpeg"};
	struct image_stamp stamp;

	ok_call(image_stamp_take(f.store, commits, key->album, &stamp, &err), &err, "a stamp");
	image_memo_put(memo, key, &stamp, &file);
	ok(!file.path, "the memo keeps the path");
}

static void test_memo(void)
{
	struct album_ref album = fixture_album(&f, "beach", "Beach");
	struct image_key key = {.album = album.key,
		.photo = {{5}},
		.sized = {320, 320, MEDIA_FIT_COVER, MEDIA_JPEG, 80, true}};
	struct image_key other = key;
	struct image_memo *memo;
	_cleanup_free_ char *path = NULL;
	bool touch = false;

	ok_call(image_memo_open(&memo, &err), &err, "a memo");
	is_int(find(memo, &key, 1, &touch), 0, "knows nothing at first");
	put(memo, &key, 1);
	is_int(find(memo, &key, 1, &touch), 1, "finds what was put");
	ok(touch, "its use is to be noted");
	is_int(find(memo, &key, 1, &touch), 1, "again");
	ok(!touch, "and was noted");
	other.sized.width = 640;
	is_int(find(memo, &other, 1, &touch), 0, "another size is not there");
	other = key;
	other.album++;
	is_int(find(memo, &other, 1, &touch), 0, "nor is another album");
	is_int(find(memo, &key, 2, &touch), 1, "something else was committed");
	fixture_photo(&f, album.key, "a photo", NULL);
	is_int(find(memo, &key, 2, &touch), 1, "nothing is asked while nothing was committed");
	is_int(find(memo, &key, 3, &touch), 0, "but when the album changed it does not hold");
	put(memo, &key, 3);
	path = place("320c320q80", 1, 0);
	unlink(path);
	is_int(find(memo, &key, 3, &touch), 0, "a picture that was thinned out");
	image_memo_close(memo);
}

int main(void)
{
	fixture_open(&f);
	test_names();
	test_quota();
	test_sized();
	test_memo();
	fixture_close(&f);
	return tap_done();
}
