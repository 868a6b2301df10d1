/* album.c - albums as a person handles them: covers that went, deleting, names. */
#include "store_fixture.h"
#include "store/album.h"

static struct fixture f;
static struct album_ref beach;

static void say(const char *kind, const struct sha256 *photo, json_t *body)
{
	struct entity about = entity_from_hash(photo);

	ok_call(fixture_submit(&f, beach.key, kind, &about, body, NULL), &err, "%s", kind);
}

static bool cover_is(const struct sha256 *photo)
{
	_cleanup_album_ struct album album = {.title = NULL};

	if (album_get(f.store, &beach, &album, &err))
		return false;
	if (!photo)
		return !album.has_cover;
	return album.has_cover && sha256_compare(&album.cover, photo) == 0;
}

static void test_cover(void)
{
	struct sha256 one = fixture_photo(&f, beach.key, "one", NULL);
	struct sha256 two = fixture_photo(&f, beach.key, "two", NULL);
	char hex[SHA256_HEX_LEN + 1];

	ok(cover_is(&one), "the first photo stands in for a cover");
	ok_call(album_set_cover(f.store, &beach, &two, &err), &err, "a chosen one");
	ok(cover_is(&two), "is the cover");
	say("photo.remove", &two, json_object());
	ok(cover_is(&one), "a removed photo is no cover");
	say("photo.restore", &two, json_object());
	ok(cover_is(&two), "until it is restored");
	sha256_format(&one, hex);
	say("photo.join", &two, json_pack("{s:s}", "into", hex));
	ok(cover_is(&one), "a joined one shows as what it was joined into");
	say("photo.erase", &two, json_object());
	ok(cover_is(&one), "an erased one is none");
	say("photo.erase", &one, json_object());
	ok(cover_is(NULL), "nothing is left to show");
}

/* A killed delete must not leave a deleted album that keeps its name. */
static void test_delete(void)
{
	struct album_ref again;

	ok_call(album_delete(f.store, &beach, &err), &err, "deleted");
	is_int(fixture_number(&f,
		       "SELECT count(*) FROM event JOIN album ON album.key = event.album"
		       " WHERE event.kind = 'album.delete' AND event.rev = album.rev"),
		1, "in one transaction with giving its name up");
	ok_call(album_create(f.store, "beach", NULL, NULL, &again, &err), &err,
		"the name is free again");
	ok(album_rename(f.store, &beach, "Dunes", &err) < 0 && err.kind == ERR_DENIED,
		"a deleted album changes no more");
}

int main(void)
{
	fixture_open(&f);
	beach = fixture_album(&f, "beach", "The Beach");
	test_cover();
	test_delete();
	fixture_close(&f);
	return tap_done();
}
