/* stage.h - photos for tests: real bytes with facts objects and parts, and a search through every byte of
 * the store (tests/store_fixture.h makes the store).
 */
#ifndef PINHOLE_TEST_STAGE_H
#define PINHOLE_TEST_STAGE_H

#include "store_fixture.h"
#include "base/path.h"
#include "store/photo.h"

#include <ftw.h>
#include <unistd.h>

static struct fixture stage;
static struct store *store; /* of the stage */

__attribute__((noreturn)) static void stage_fail(const char *what)
{
	printf("Bail out! %s: %s\n", what, err.message);
	exit(1);
}

static void stage_open(void)
{
	fixture_open(&stage);
	store = stage.store;
}

static void stage_close(void)
{
	fixture_close(&stage);
}

__attribute__((unused)) static void stage_reopen(void)
{
	store_close(stage.store);
	if (store_open(stage.dir, STORE_WRITE, &fixture_clock, NULL, &stage.store, &err))
		stage_fail("open");
	store = stage.store;
}

/* Submits an event of the owner's; steals body. */
__attribute__((unused)) static void stage_say(
	const struct album_ref *album, const char *kind, struct entity about, json_t *body)
{
	if (fixture_submit(&stage, album->key, kind, &about, body, NULL))
		stage_fail(kind);
}

__attribute__((unused)) static struct album_ref stage_album(const char *slug)
{
	return fixture_album(&stage, slug, slug);
}

static void stage_submit(const struct draft *draft)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	struct receipt receipt;

	if (event_begin(store->events, "test", &tx, &err) ||
		event_submit(tx, draft, &receipt, &err) || event_commit(&tx, &err))
		stage_fail(draft->kind);
}

/* Adds `bytes` as a photo with these facts of pinhole-media (steals them; NULL: none). */
__attribute__((unused)) static struct photo_ref stage_photo(
	const struct album_ref *album, const char *bytes, const char *name, json_t *media)
{
	_cleanup_json_ json_t *owned = media, *body = NULL,
			      *facts = facts_make(media, name, strlen(name), &err);
	struct photo_ref ref = {.album = *album};
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	struct sha256 facts_hash;
	struct receipt receipt;
	struct draft draft;
	const char *mime = json_string_value(json_object_get(media, "mime"));
	const char *kind = json_string_value(json_object_get(media, "kind"));
	struct photo_file file = {.bytes = strlen(bytes),
		.mime = mime ? mime : "image/jpeg",
		.kind = kind ? kind : "image",
		.media = owned,
		.facts = &facts_hash};

	if (!facts || object_put(store->objects, bytes, strlen(bytes), &file.hash, &err) ||
		facts_put(store, facts, &facts_hash, &err) ||
		event_begin(store->events, "test", &tx, &err) ||
		facts_index(store, &facts_hash, facts, &err) ||
		photo_add_draft(store, album->key, &file, &draft, &body, &err) ||
		event_submit(tx, &draft, &receipt, &err) || event_commit(&tx, &err))
		stage_fail("photo.add");
	ref.id = file.hash;
	return ref;
}

/* Adds `bytes` as a part of a photo. */
__attribute__((unused)) static struct sha256 stage_part(
	const struct photo_ref *photo, const char *bytes, const char *role, const char *mime)
{
	_cleanup_json_ json_t *body = NULL;
	struct photo_file file = {.bytes = strlen(bytes), .mime = mime, .kind = "image"};
	struct draft draft;

	if (object_put(store->objects, bytes, strlen(bytes), &file.hash, &err) ||
		photo_part_draft(
			store, photo->album.key, &photo->id, role, &file, &draft, &body, &err))
		stage_fail("photo.part");
	stage_submit(&draft);
	return file.hash;
}

/* One integer of a statement with the one parameter :word. */
__attribute__((unused)) static int64_t stage_count(const char *sql, const char *word)
{
	const struct db_value value = DB_TEXTZ(":word", word);
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query_text(store->db, sql, &rows, &value, 1, &err) || db_next(&rows, &err) != 1)
		stage_fail(sql);
	return db_int(&rows, 0);
}

/* Whether any file under the store holds the bytes: in its contents or its name. */
static const char *stage_needle;
static int stage_hits;

static int stage_scan(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	_cleanup_str_ struct str bytes = STR_INIT(STR_MAX_FILE);

	(void)st;
	if (strstr(path + walk->base, stage_needle))
		stage_hits++;
	if (type == FTW_F && !path_read_file(path, STR_MAX_FILE, &bytes, &err) &&
		memmem(bytes.data, bytes.len, stage_needle, strlen(stage_needle))) {
		printf("# found in %s\n", path + strlen(stage.dir));
		stage_hits++;
	}
	return 0;
}

__attribute__((unused)) static int stage_find(const char *needle)
{
	stage_needle = needle;
	stage_hits = 0;
	nftw(stage.dir, stage_scan, 16, FTW_PHYS);
	return stage_hits;
}

#endif
