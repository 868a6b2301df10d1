/* backup.c - one instant in one file: made, proved, restored; damage, lies and other files refused. */
#include "demo.h"

#include "import/backup.h"
#include "import/workplace.h"

#include <dirent.h>
#include <sys/stat.h>

static struct uuid beach;
static int64_t album;
static struct sha256 first, second;

static void fill(struct store *store)
{
	album = demo_album(store, "Beach", "beach", &beach);
	first = demo_photo(store, album, NULL, "bytes of a photo", "IMG_1.jpg", "{}");
	second = demo_photo(store, album, NULL, "bytes of another one", "IMG_2.jpg", "{}");
	demo_submit(store, album, "message.send", (struct entity){0}, "{\"text\":\"hello\"}");
	if (path_write_file(demo_path("one/config"), "[core]\n", 7, 0600, &err) ||
		path_write_file(demo_path("one/config.secret"), "[x]\n", 4, 0600, &err) ||
		path_write_file(demo_path("one/hooks/added"), "#!/bin/sh\n", 10, 0700, &err) ||
		path_write_file(demo_path("one/hooks/\u00e9\xff"), "#!/bin/sh\n", 10, 0700, &err))
		printf("Bail out! %s\n", err.message), exit(1);
}

/* Names in the test's folder that begin with a dot and a letter: what was left behind. */
static int left_behind(void)
{
	DIR *dir = opendir(demo_top);
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(dir)))
		count += entry->d_name[0] == '.' && strlen(entry->d_name) > 2;
	closedir(dir);
	return count;
}

static void test_create(struct store *store)
{
	struct backup_result made = {0};
	struct stat st;

	ok_call(backup_create(store, demo_path("a.tar"), NULL, &made, &err), &err,
		"a backup is made");
	is_int(made.objects, 4, "two photos and their facts are in it");
	is_int(made.albums, 2, "the album and the owner's own log");
	is_int(made.absent, 0, "nothing lacks");
	ok(stat(demo_path("a.tar"), &st) == 0 && (st.st_mode & 0777) == 0600,
		"only its owner reads it");
	ok(backup_create(store, demo_path("a.tar"), NULL, &made, &err) && err.kind == ERR_CONFLICT,
		"it is never written over");
	ok(backup_create(store, demo_path("a.zip"), NULL, &made, &err) && err.kind == ERR_INVALID,
		"another ending is refused");
	ok_call(backup_create(store, demo_path("a.tar.zst"), NULL, &made, &err), &err,
		"compressed");
	ok(backup_create(store, demo_path("no/such/a.tar"), NULL, &made, &err) &&
			err.kind == ERR_NOT_FOUND,
		"a folder that is not there");
	is_int(left_behind(), 0, "no working files are left");
}

static void compare_stores(struct store *store, struct store *again)
{
	struct album_facts then, now;
	struct sha256 a, b;
	int64_t checked;

	ok(uuid_equal(&store->id, &again->id) && uuid_equal(&store->owner, &again->owner),
		"the restored store is the same store");
	ok(event_album_find(store->db, &beach, &then, &err) == 1 &&
			event_album_find(again->db, &beach, &now, &err) == 1,
		"the album is in both");
	is_int(now.epoch, then.epoch + 1, "its epoch is higher");
	ok(now.head == then.head && sha256_compare(&now.chain, &then.chain) == 0,
		"its head is the same");
	ok_call(event_view_digest(store->db, then.key, &a, &err), &err, "the view here");
	ok_call(event_view_digest(again->db, now.key, &b, &err), &err, "the view there");
	ok(sha256_compare(&a, &b) == 0, "they are the same");
	ok_call(event_verify(again->db, now.key, &checked, &err), &err, "the chain holds");
	ok_call(object_verify(again->objects, &first, &err), &err, "the first photo's bytes");
	ok_call(object_verify(again->objects, &second, &err), &err, "the second photo's bytes");
}

static void test_restore(struct store *store, const char *file, const char *dir)
{
	struct backup_result back = {0};
	struct store *again = NULL;
	struct stat st;
	char path[300];

	ok_call(backup_restore(demo_path(file), demo_path(dir), &demo_clock, NULL, &back, &err),
		&err, "%s is restored", file);
	is_int(back.objects, 4, "all objects came");
	is_int(back.absent, 0, "nothing lacks");
	snprintf(path, sizeof(path), "%s/config.secret", demo_path(dir));
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "secrets stay secret");
	snprintf(path, sizeof(path), "%s/hooks/added", demo_path(dir));
	ok(stat(path, &st) == 0 && (st.st_mode & 0100), "hooks stay executable");
	snprintf(path, sizeof(path), "%s/hooks/\u00e9\xff", demo_path(dir));
	ok(stat(path, &st) == 0, "and keep any name");
	ok_call(store_open(demo_path(dir), STORE_WRITE, &demo_clock, NULL, &again, &err), &err,
		"the store opens");
	if (again)
		compare_stores(store, again);
	store_close(again);
	ok(backup_restore(demo_path(file), demo_path(dir), &demo_clock, NULL, &back, &err) &&
			err.kind == ERR_CONFLICT,
		"a directory with something in it is refused");
}

/* --- damage ----------------------------------------------------------------------------- */

static enum err_kind restore_bytes(const char *bytes, size_t len)
{
	struct backup_result back;

	if (path_write_file(demo_path("x.tar"), bytes, len, 0600, &err))
		return ERR_NONE;
	err_clear(&err);
	if (backup_restore(demo_path("x.tar"), demo_path("x"), &demo_clock, NULL, &back, &err) == 0)
		return ERR_NONE;
	return err.kind;
}

static void test_damage(void)
{
	size_t len;
	_cleanup_free_ char *bytes = demo_read(demo_path("a.tar"), &len);
	char *object = memmem(bytes, len, "bytes of a photo", 16);
	char *name = memmem(bytes, len, "hooks/added", 11);
	char *about = memmem(bytes, len, "pinhole-backup\"", 15);

	ok(object && name && about, "the archive is as expected");
	is_int(restore_bytes(bytes, len / 2), ERR_DAMAGED, "half a backup");
	is_int(restore_bytes(bytes, 100), ERR_INVALID, "a piece of a header");
	is_int(restore_bytes("hello", 5), ERR_INVALID, "another file");
	is_int(restore_bytes("", 0), ERR_INVALID, "an empty file");
	object[3] ^= 1;
	is_int(restore_bytes(bytes, len), ERR_DAMAGED, "a flipped bit in a photo");
	object[3] ^= 1;
	about[2] ^= 1;
	is_int(restore_bytes(bytes, len), ERR_INVALID, "another format");
	about[2] ^= 1;
	bytes[len / 3] ^= 1;
	is_int(restore_bytes(bytes, len), ERR_DAMAGED, "a flipped bit in the database");
	ok(access(demo_path("x"), F_OK) != 0, "none of them made a store");
	is_int(left_behind(), 0, "nor left anything behind");
}

/* Archives that tar makes: a name outside, a link in the place of a file. */
static void test_hostile(void)
{
	static const char *const scripts[] = {
		"tar xf a.tar -C t && rm t/SHA256SUMS && tar cf x.tar -C t pinhole-backup.json"
		" pinhole.db",
		"tar xf a.tar -C t && ln -sf /etc/passwd t/config && tar cf x.tar -C t"
		" pinhole-backup.json config",
		"tar xf a.tar -C t && touch t/z && tar cPf x.tar --transform 's,z,../../z,' -C t"
		" pinhole-backup.json z",
		"tar xf a.tar -C t && tar cf x.tar -C t pinhole-backup.json pinhole-backup.json",
		"tar xf a.tar -C t && tar cf x.tar --transform 's,pinhole.db,objects/ab/cd,' -C t"
		" pinhole-backup.json pinhole.db",
		"tar xf a.tar -C t && tar cf x.tar -C t pinhole.db pinhole-backup.json",
	};
	struct backup_result back;

	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		char command[600];

		snprintf(command, sizeof(command),
			"cd %s && rm -rf t x.tar && mkdir t && %s 2>/dev/null", demo_top,
			scripts[i]);
		ok(system(command) == 0, "hostile archive %zu is made", i);
		ok(backup_restore(
			   demo_path("x.tar"), demo_path("x"), &demo_clock, NULL, &back, &err) &&
				(err.kind == ERR_INVALID || err.kind == ERR_DAMAGED),
			"and refused: %s", err.message);
	}
	ok(access(demo_path("x"), F_OK) != 0, "none of them made a store");
}

struct eraser {
	struct store *store;
	struct photo_ref ref;
	bool done;
};

static void erase_now(
	void *data, enum backup_phase phase, uint64_t objects, uint64_t total, uint64_t bytes)
{
	struct eraser *eraser = data;
	struct photo_erased erased;

	(void)phase;
	(void)objects;
	(void)total;
	(void)bytes;
	if (!eraser->done && photo_erase(eraser->store, &eraser->ref, 1, &erased, &err))
		printf("# %s\n", err.message);
	eraser->done = true;
}

/* A photo that is erased while its store is being copied: of that instant, but not there any more. */
static void test_erased_meanwhile(void)
{
	struct store *store = demo_store("busy", "Zoe"), *again = NULL;
	struct eraser eraser = {.store = store};
	struct backup_watch watch = {.progress = erase_now, .data = &eraser};
	struct backup_result made = {0}, back = {0};
	struct sha256 a, b;

	eraser.ref.album.key = demo_album(store, "Beach", "beach", &eraser.ref.album.id);
	a = demo_photo(store, eraser.ref.album.key, NULL, "one of two", "1.jpg", "{}");
	b = demo_photo(store, eraser.ref.album.key, NULL, "two of two", "2.jpg", "{}");
	/* The first object in the order of hashes is copied before we are asked: erase a later one. */
	eraser.ref.id = sha256_compare(&a, &b) > 0 ? a : b;
	ok_call(backup_create(store, demo_path("busy.tar"), &watch, &made, &err), &err,
		"a backup of a store in use");
	ok(eraser.done && made.erased >= 1 && made.absent == 0, "what was erased is no damage");
	ok_call(backup_restore(
			demo_path("busy.tar"), demo_path("busy2"), &demo_clock, NULL, &back, &err),
		&err, "is restored");
	ok_call(store_open(demo_path("busy2"), STORE_READ, &demo_clock, NULL, &again, &err), &err,
		"and opens");
	ok(again && !object_exists(again->objects, &eraser.ref.id),
		"the erased bytes are not in it");
	store_close(again);
	store_close(store);
}

/* What a killed backup left is removed, what a living one works in is not. */
static void test_sweep(struct store *store)
{
	struct backup_result made = {0};
	struct workplace *alive;

	demo_shell("mkdir -p .pinhole-backup-dead00/x && touch .pinhole-backup-dead00/x/y");
	ok_call(workplace_open(demo_path("any"), ".pinhole-backup-", &alive, &err), &err,
		"a workplace");
	ok(access(demo_path(".pinhole-backup-dead00"), F_OK) != 0,
		"sweeps away what a dead one left");
	demo_shell("mkdir -p .pinhole-backup-dead00");
	ok_call(backup_create(store, demo_path("sweep.tar"), NULL, &made, &err), &err,
		"so does a backup");
	ok(access(demo_path(".pinhole-backup-dead00"), F_OK) != 0, "of what is dead");
	ok(access(workplace_path(alive), F_OK) == 0, "and lets the living live");
	workplace_close(alive);
	is_int(left_behind(), 0, "until they are done");
}

static void note_absent(void *data, const struct sha256 *hash, const char *why)
{
	(void)why;
	*(struct sha256 *)data = *hash;
}

/* An object that is gone though the log names it: told, the rest is kept. */
static void test_absent(struct store *store)
{
	struct sha256 told = {{0}};
	struct backup_watch watch = {.absent = note_absent, .data = &told};
	struct backup_result made = {0}, back = {0};

	ok_call(object_remove(store->objects, &second, &err), &err, "an object gets lost");
	ok_call(backup_create(store, demo_path("b.tar"), &watch, &made, &err), &err,
		"a backup of the rest is made");
	is_int(made.absent, 1, "one object lacks");
	ok(sha256_compare(&told, &second) == 0, "it is named");
	told = (struct sha256){{0}};
	ok_call(backup_restore(
			demo_path("b.tar"), demo_path("five"), &demo_clock, &watch, &back, &err),
		&err, "it is restored");
	is_int(back.absent, 1, "one object lacks there too");
	ok(sha256_compare(&told, &second) == 0, "it is named again");
}

int main(void)
{
	struct store *store;

	demo_begin();
	store = demo_store("one", "Ada");
	fill(store);
	test_create(store);
	test_restore(store, "a.tar", "two");
	test_restore(store, "a.tar.zst", "three");
	test_damage();
	test_hostile();
	test_sweep(store);
	test_erased_meanwhile();
	test_absent(store);
	store_close(store);
	return demo_end();
}
