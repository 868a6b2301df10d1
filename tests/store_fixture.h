/* store_fixture.h - a store in a temporary directory, for tests of what commands do with one.
 *
 *	struct fixture f;
 *	fixture_open(&f);
 *	album = fixture_album(&f, "beach", "The Beach");
 *	fixture_close(&f);		removes the directory
 *
 * The clock starts at FIXTURE_START and goes on by one ms at each look.
 */
#ifndef PINHOLE_STORE_FIXTURE_H
#define PINHOLE_STORE_FIXTURE_H

#include "tap.h"
#include "store/resolve.h"
#include "store/store.h"

#define FIXTURE_START 1700000000000

__attribute__((unused)) static struct err err;
static int64_t fixture_time = FIXTURE_START;

static int64_t fixture_now(const struct clock *clock)
{
	(void)clock;
	return fixture_time++;
}

static const struct clock fixture_clock = {.now_ms = fixture_now, .mono_us = fixture_now};

struct fixture {
	char dir[64];
	struct store *store;
};

__attribute__((unused)) static void fixture_open(struct fixture *f)
{
	struct store_identity who = {.name = "Ada"};

	memcpy(f->dir, "/tmp/pinhole-store-XXXXXX", sizeof("/tmp/pinhole-store-XXXXXX"));
	if (!mkdtemp(f->dir))
		exit(1);
	ok_call(store_init(f->dir, &who, &fixture_clock, &err), &err, "a store is made");
	if (store_open(f->dir, STORE_WRITE, &fixture_clock, NULL, &f->store, &err)) {
		printf("Bail out! %s\n", err.message);
		exit(1);
	}
}

__attribute__((unused)) static void fixture_close(struct fixture *f)
{
	char command[96];

	store_close(f->store);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	if (system(command))
		exit(1);
}

/* Submits one event; `about` NULL: it makes its entity.  Takes body over. */
__attribute__((unused)) static int fixture_submit(struct fixture *f, int64_t album,
	const char *kind, const struct entity *about, json_t *body, struct receipt *out)
{
	struct receipt receipt;
	struct draft draft;

	store_draft(f->store, album, kind, &draft);
	if (about)
		draft.about = *about;
	return store_submit(f->store, &draft, body, out ? out : &receipt, &err);
}

/* An album with its owner. */
__attribute__((unused)) static struct album_ref fixture_album(
	struct fixture *f, const char *slug, const char *title)
{
	struct album_ref album = {.id = uuid_make(fixture_time++)};
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	struct entity it = entity_from_uuid(&album.id), owner = entity_from_uuid(&f->store->owner);
	bool made = event_begin(f->store->events, "test", &tx, &err) == 0 &&
		event_album_add(tx, &album.id, "album", NULL, slug, &album.key, &err) == 0 &&
		event_commit(&tx, &err) == 0;

	ok_call(!made ||
			fixture_submit(f, album.key, "album.create", &it,
				json_pack("{s:s}", "title", title), NULL) ||
			fixture_submit(f, album.key, "member.add", &owner,
				json_pack("{s:s,s:s,s:s}", "kind", "user", "name", "Ada", "role",
					"owner"),
				NULL),
		&err, "album %s", slug);
	return album;
}

/* A photo whose id is the SHA-256 of `name`; `extra` (may be NULL) is merged into its body. */
__attribute__((unused)) static struct sha256 fixture_photo(
	struct fixture *f, int64_t album, const char *name, json_t *extra)
{
	json_t *body = json_pack("{s:s,s:s,s:i,s:i,s:i}", "kind", "image", "mime", "image/jpeg",
		"bytes", 1000, "width", 40, "height", 30);
	struct sha256 id;
	struct entity about;

	crypt_sha256(name, strlen(name), &id);
	about = entity_from_hash(&id);
	if (extra)
		json_object_update(body, extra);
	json_decref(extra);
	ok_call(fixture_submit(f, album, "photo.add", &about, body, NULL), &err, "photo %s", name);
	return id;
}

/* The first column of the first row, or -1. */
__attribute__((unused)) static int64_t fixture_number(struct fixture *f, const char *sql)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query_text(f->store->db, sql, &rows, NULL, 0, &err) || db_next(&rows, &err) != 1)
		return -1;
	return db_int(&rows, 0);
}

/* How many files below the store's directory hold the bytes. */
__attribute__((unused)) static int fixture_grep(const struct fixture *f, const char *word)
{
	char command[256], line[16] = "";
	FILE *pipe;

	snprintf(command, sizeof(command), "grep -rlaF -- '%s' '%s' | wc -l", word, f->dir);
	pipe = popen(command, "r");
	if (!pipe || !fgets(line, sizeof(line), pipe))
		exit(1);
	pclose(pipe);
	return atoi(line);
}

#endif
