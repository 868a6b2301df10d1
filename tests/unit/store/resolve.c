/* resolve.c - from what people type to what is meant: short forms, halves of bytes, capitals, doubt. */
#include "store_fixture.h"
#include "store/album.h"

#include <ctype.h>

static struct fixture f;
static struct album_ref beach, hills;

static int photo(const char *text, const struct album_ref *within, struct photo_ref *out)
{
	err.kind = ERR_NONE;
	return resolve_photo(f.store, text, within, RESOLVE_SHOWN, out, &err);
}

static int message(const char *text, const struct album_ref *within, struct message_ref *out)
{
	err.kind = ERR_NONE;
	err.message[0] = '\0';
	return resolve_message(f.store, text, within, RESOLVE_SHOWN, out, &err);
}

static void capitals(char *text)
{
	for (; *text; text++)
		*text = (char)toupper((unsigned char)*text);
}

static void test_albums(void)
{
	char hex[UUID_TEXT_LEN + 1];
	struct album_ref ref;

	ok_call(resolve_album(f.store, "beach", &ref, &err), &err, "by name");
	ok_call(resolve_album(f.store, "The Beach", &ref, &err), &err, "by title");
	is_int(ref.key, beach.key, "the same album");
	uuid_format(&beach.id, hex);
	ok_call(resolve_album(f.store, hex, &ref, &err), &err, "by id");
	ok_call(resolve_album(f.store, hex + UUID_TEXT_LEN - 7, &ref, &err), &err,
		"by an odd number of its last digits");
	capitals(hex);
	ok_call(resolve_album(f.store, hex, &ref, &err), &err, "in capitals");
	ok_call(resolve_album(f.store, hex + UUID_TEXT_LEN - 8, &ref, &err), &err,
		"also when short");
	is_int(ref.key, beach.key, "the same album");
	ok(resolve_album(f.store, "beahc", &ref, &err) < 0 && err.kind == ERR_NOT_FOUND &&
			strstr(err.hint, "beach"),
		"did you mean beach?");
	ok(resolve_album(f.store, "", &ref, &err) < 0 && err.kind == ERR_NOT_FOUND, "nothing");
}

static void test_photos(void)
{
	struct sha256 id = fixture_photo(&f, beach.key, "one", NULL);
	char hex[SHA256_HEX_LEN + 1], named[96];
	struct photo_ref ref;

	fixture_photo(&f, hills.key, "one", NULL);
	sha256_format(&id, hex);
	ok(photo(hex, NULL, &ref) < 0 && err.kind == ERR_CONFLICT,
		"a photo in two albums is in doubt");
	ok(strstr(err.hint, "beach:") && strstr(err.hint, "hills:"), "and both are named");
	ok_call(photo(hex, &beach, &ref), &err, "within one it is not");
	capitals(hex);
	ok_call(photo(hex, &beach, &ref), &err, "in capitals");
	ok(sha256_compare(&ref.id, &id) == 0, "the same photo");
	hex[5] = '\0';
	ok_call(photo(hex, &beach, &ref), &err, "by five digits in capitals");
	hex[3] = '\0';
	ok(photo(hex, &beach, &ref) < 0 && err.kind == ERR_NOT_FOUND, "three are too few");
	sha256_format(&id, hex);
	snprintf(named, sizeof(named), "hills:%.9s", hex);
	ok_call(photo(named, NULL, &ref), &err, "ALBUM:PREFIX");
	is_int(ref.album.key, hills.key, "is of that album");
	ok(photo(named, &beach, &ref) < 0 && err.kind == ERR_NOT_FOUND, "and not of another");
	ok(photo("hills:", NULL, &ref) < 0, "ALBUM: alone");
	ok(photo(":", NULL, &ref) < 0, "a colon alone");
	memset(hex, 'a', SHA256_HEX_LEN);
	ok(photo(hex, NULL, &ref) < 0 && err.kind == ERR_NOT_FOUND, "no such photo");
}

static void test_messages(void)
{
	struct message_ref ref;
	struct receipt said;
	char hex[UUID_TEXT_LEN + 1], at[64];

	ok_call(fixture_submit(&f, beach.key, "message.send", NULL,
			json_pack("{s:s}", "text", "hello"), &said),
		&err, "a message");
	uuid_format(&said.id, hex);
	ok_call(message(hex, NULL, &ref), &err, "by id");
	is_int(ref.key, said.key, "that message");
	ok_call(message(hex + UUID_TEXT_LEN - 5, NULL, &ref), &err, "by five digits");
	ok_call(message(hex + UUID_TEXT_LEN - 8, NULL, &ref), &err, "by eight");
	capitals(hex);
	ok_call(message(hex, NULL, &ref), &err, "in capitals");
	ok_call(message(hex + UUID_TEXT_LEN - 5, NULL, &ref), &err, "five in capitals");
	is_int(ref.key, said.key, "that message");
	snprintf(at, sizeof(at), "beach@%lld", (long long)said.seq);
	ok_call(message(at, NULL, &ref), &err, "ALBUM@SEQ");
	is_int(ref.key, said.key, "that message");
	ok_call(message(at + 5, &beach, &ref), &err, "@SEQ within an album");
	ok(message(at + 5, NULL, &ref) < 0 && err.kind == ERR_NOT_FOUND && *err.message,
		"@SEQ without an album says what is missing");
	ok(message("beach@1", NULL, &ref) < 0 && err.kind == ERR_NOT_FOUND,
		"an event that is no message");
	ok(message("beach@", NULL, &ref) < 0, "no place");
	ok(message("beach@99999999999999999999", NULL, &ref) < 0, "a place beyond all");
	ok(message("hills@3", &beach, &ref) < 0 && err.kind == ERR_NOT_FOUND, "of another album");
	ok_call(album_delete(f.store, &beach, &err), &err, "the album is deleted");
	ok(message(hex + UUID_TEXT_LEN - 8, NULL, &ref) < 0 && err.kind == ERR_NOT_FOUND,
		"what was said in a deleted album is in nobody's way");
}

int main(void)
{
	fixture_open(&f);
	beach = fixture_album(&f, "beach", "The Beach");
	hills = fixture_album(&f, "hills", "The Hills");
	test_albums();
	test_photos();
	test_messages();
	fixture_close(&f);
	return tap_done();
}
