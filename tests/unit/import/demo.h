/* demo.h - stores with a little album in them, for tests of what leaves and enters a store. */
#ifndef PINHOLE_TESTS_DEMO_H
#define PINHOLE_TESTS_DEMO_H

#include "tap.h"

#include "base/path.h"
#include "store/photo.h"

#include <ftw.h>
#include <unistd.h>

#define DEMO __attribute__((unused)) static

static char demo_top[] = "/tmp/pinhole-demo-XXXXXX";
static struct err err;
static int64_t demo_time = 1714566896000; /* 2024-05-01T12:34:56Z */

/* Every look at the clock is a second later. */
static int64_t demo_now(const struct clock *clock)
{
	(void)clock;
	return demo_time += 1000;
}

static int64_t demo_mono(const struct clock *clock)
{
	(void)clock;
	return demo_time * 1000;
}

static const struct clock demo_clock = {.now_ms = demo_now, .mono_us = demo_mono};

DEMO void demo_begin(void)
{
	if (!mkdtemp(demo_top))
		tap_skip_all("no temporary directory");
}

static int demo_remove(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st;
	(void)type;
	(void)place;
	return remove(path);
}

DEMO int demo_end(void)
{
	nftw(demo_top, demo_remove, 16, FTW_DEPTH | FTW_PHYS);
	return tap_done();
}

/* A path in the test's own folder; valid for the next 8 calls. */
DEMO const char *demo_path(const char *name)
{
	static char paths[8][256];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", demo_top, name);
	return path;
}

DEMO struct store *demo_store(const char *name, const char *owner)
{
	struct store_identity who = {.name = owner};
	struct store *store = NULL;

	if (store_init(demo_path(name), &who, &demo_clock, &err) ||
		store_open(demo_path(name), STORE_WRITE, &demo_clock, NULL, &store, &err))
		printf("Bail out! %s\n", err.message), exit(1);
	return store;
}

/* Submits with a body in JSON; `author` NULL: the owner. */
DEMO struct receipt demo_submit_as(struct store *store, int64_t album, const struct uuid *author,
	const char *kind, struct entity about, const char *body)
{
	struct receipt receipt = {0};
	struct draft draft;
	json_t *json = wire_parse(body, strlen(body), WIRE_BODY_MAX, &err);

	store_draft(store, album, kind, &draft);
	draft.about = about;
	if (author)
		draft.author = *author;
	if (!json || store_submit(store, &draft, json, &receipt, &err))
		printf("Bail out! %s %s: %s\n", kind, body, err.message), exit(1);
	return receipt;
}

DEMO struct receipt demo_submit(
	struct store *store, int64_t album, const char *kind, struct entity about, const char *body)
{
	return demo_submit_as(store, album, NULL, kind, about, body);
}

DEMO int64_t demo_album(struct store *store, const char *title, const char *slug, struct uuid *id)
{
	struct event_tx *tx;
	struct entity self = entity_from_uuid(&store->owner);
	char body[400];
	int64_t album;

	*id = uuid_make(clock_now_ms(&demo_clock));
	if (event_begin(store->events, "demo", &tx, &err) ||
		event_album_add(tx, id, "album", NULL, slug, &album, &err) ||
		event_commit(&tx, &err))
		printf("Bail out! %s\n", err.message), exit(1);
	snprintf(body, sizeof(body), "{\"title\":\"%s\"}", title);
	demo_submit(store, album, "album.create", entity_from_uuid(id), body);
	snprintf(body, sizeof(body), "{\"kind\":\"user\",\"name\":\"%s\",\"role\":\"owner\"}",
		store->owner_name);
	demo_submit(store, album, "member.add", self, body);
	return album;
}

/* A photo of these bytes, with the facts of a camera in JSON; `as` NULL: by the owner. */
DEMO struct sha256 demo_photo(struct store *store, int64_t album, const struct uuid *as,
	const char *bytes, const char *name, const char *media)
{
	json_t *found = wire_parse(media, strlen(media), WIRE_BODY_MAX, &err), *facts, *body = NULL;
	struct photo_file file = {.mime = "image/jpeg", .kind = "image", .media = found};
	struct sha256 facts_hash;
	struct event_tx *tx;
	struct receipt receipt;
	struct draft draft;

	file.bytes = strlen(bytes);
	facts = facts_make(found, name, strlen(name), &err);
	if (!facts || object_put(store->objects, bytes, strlen(bytes), &file.hash, &err) ||
		facts_put(store, facts, &facts_hash, &err))
		printf("Bail out! %s\n", err.message), exit(1);
	file.facts = &facts_hash;
	if (event_begin(store->events, "demo", &tx, &err) ||
		facts_index(store, &facts_hash, facts, &err) ||
		photo_add_draft(store, album, &file, &draft, &body, &err))
		printf("Bail out! %s\n", err.message), exit(1);
	if (as)
		draft.author = *as;
	draft.trusted = as != NULL;
	if (event_submit(tx, &draft, &receipt, &err) || event_commit(&tx, &err))
		printf("Bail out! %s\n", err.message), exit(1);
	wire_json_free(&found);
	wire_json_free(&facts);
	wire_json_free(&body);
	return file.hash;
}

DEMO char *demo_read(const char *path, size_t *len)
{
	struct str text = STR_INIT(STR_MAX_FILE);

	if (path_read_file(path, STR_MAX_FILE, &text, &err))
		printf("Bail out! %s\n", err.message), exit(1);
	*len = text.len;
	return str_take(&text, NULL);
}

/* An album with all that an album can hold: weird names, captions, tags, places, parts, talk by others. */
struct demo {
	int64_t album;
	struct uuid id, ben, hello;
	struct sha256 first, second, third, edited, removed, joined;
};

DEMO void demo_talk(struct store *store, struct demo *d)
{
	char body[400], photo[SHA256_HEX_LEN + 1], hello[UUID_TEXT_LEN + 1];
	struct receipt r;

	sha256_format(&d->first, photo);
	r = demo_submit(store, d->album, "message.send", (struct entity){0},
		"{\"text\":\"hello, \\u00fcbung <&> \\\"quoted\\\"\"}");
	d->hello = r.id;
	uuid_format(&r.id, hello);
	snprintf(body, sizeof(body),
		"{\"photo\":\"%s\",\"reply_to\":\"%s\",\"text\":\"what a day\"}", photo, hello);
	r = demo_submit_as(store, d->album, &d->ben, "message.send", (struct entity){0}, body);
	demo_submit(
		store, d->album, "reaction.add", entity_from_uuid(&r.id), "{\"name\":\"like\"}");
	demo_submit_as(store, d->album, &d->ben, "reaction.add", entity_from_hash(&d->first),
		"{\"name\":\"like\"}");
	r = demo_submit(store, d->album, "message.send", (struct entity){0}, "{\"text\":\"oops\"}");
	demo_submit(
		store, d->album, "reaction.add", entity_from_uuid(&r.id), "{\"name\":\"like\"}");
	demo_submit(store, d->album, "message.unsend", entity_from_uuid(&r.id), "{}");
	r = demo_submit(store, d->album, "message.send", (struct entity){0}, "{\"text\":\"tpyo\"}");
	demo_submit(
		store, d->album, "message.edit", entity_from_uuid(&r.id), "{\"text\":\"typo\"}");
}

/* A second part of the first photo, a joined photo, a removed one. */
DEMO void demo_parts(struct store *store, struct demo *d)
{
	struct photo_file file = {.mime = "image/jpeg", .kind = "image", .bytes = 6};
	char body[200], hex[SHA256_HEX_LEN + 1];
	struct receipt receipt;
	struct event_tx *tx;
	struct draft draft;
	json_t *json = NULL;

	if (object_put(store->objects, "edited", 6, &d->edited, &err) ||
		(file.hash = d->edited,
			photo_part_draft(store, d->album, &d->first, "edited", &file, &draft, &json,
				&err)) ||
		event_begin(store->events, "demo", &tx, &err) ||
		event_submit(tx, &draft, &receipt, &err) || event_commit(&tx, &err))
		printf("Bail out! %s\n", err.message), exit(1);
	wire_json_free(&json);
	sha256_format(&d->first, hex);
	snprintf(body, sizeof(body), "{\"into\":\"%s\"}", hex);
	demo_submit(store, d->album, "photo.join", entity_from_hash(&d->joined), body);
	demo_submit(store, d->album, "photo.remove", entity_from_hash(&d->removed), "{}");
}

DEMO void demo_fill(struct store *store, struct demo *d)
{
	d->album = demo_album(store, "B\u00e9ach & <Sand>", "beach", &d->id);
	d->ben = uuid_make(1000);
	demo_submit(store, d->album, "member.add", entity_from_uuid(&d->ben),
		"{\"kind\":\"user\",\"name\":\"Ben\",\"role\":\"member\"}");
	d->first = demo_photo(store, d->album, NULL, "first photo", "IMG_1.JPG",
		"{\"taken_ms\":1714566896000,\"offset\":120,\"offset_source\":\"exif:OffsetTime\","
		"\"lat_e7\":488583700,\"lon_e7\":-22944810,\"title\":\"Tower\",\"rating\":4,"
		"\"keywords\":[\"sea\",\"summer\"],\"make\":\"Canon\",\"width\":40,\"height\":30}");
	d->second = demo_photo(store, d->album, &d->ben, "second photo", "img_1.jpg",
		"{\"taken_ms\":1714566896000,\"description\":\"from the file\"}");
	d->third =
		demo_photo(store, d->album, NULL, "third photo", "../a:b\\c\x1b[31m?.exe ", "{}");
	d->removed = demo_photo(store, d->album, NULL, "removed photo", "secret.jpg", "{}");
	d->joined = demo_photo(store, d->album, NULL, "joined photo", "IMG_1-1.heic", "{}");
	demo_submit(store, d->album, "photo.caption", entity_from_hash(&d->first),
		"{\"text\":\"A tower]]> & a <sea>\"}");
	demo_submit(store, d->album, "photo.tag", entity_from_hash(&d->first),
		"{\"add\":[\"holiday\"],\"remove\":[\"sea\"]}");
	demo_submit(store, d->album, "photo.set", entity_from_hash(&d->second),
		"{\"rotate\":1,\"taken\":{\"local\":1714566800000,\"offset\":-210}}");
	demo_talk(store, d);
	demo_parts(store, d);
	demo_submit(store, d->album, "album.describe", entity_from_uuid(&d->id),
		"{\"text\":\"All of it\"}");
}

/* What a shell command prints, without its last newline; it runs in the test's folder. */
DEMO char *demo_shell(const char *command)
{
	static char out[65536];
	char whole[2000];
	FILE *pipe;
	size_t n;

	snprintf(whole, sizeof(whole), "cd %s && %s", demo_top, command);
	pipe = popen(whole, "r");
	n = pipe ? fread(out, 1, sizeof(out) - 1, pipe) : 0;
	if (pipe)
		pclose(pipe);
	out[n] = '\0';
	if (n && out[n - 1] == '\n')
		out[n - 1] = '\0';
	return out;
}

#endif
