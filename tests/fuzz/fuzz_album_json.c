/* fuzz_album_json.c - any bytes as album.json: cut by our reader they are what jansson makes of the whole, and
 * an import of them ends with an answer. */
#include "base/path.h"
#include "import/album_json.h"
#include "import/import.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static char folder[] = "/dev/shm/pinhole-fuzz-XXXXXX";
static char export_dir[64], album_json[96];
static struct store *store;

static int64_t stopped_clock(const struct clock *clock)
{
	(void)clock;
	return 1714566896000;
}

static const struct clock fuzz_clock = {.now_ms = stopped_clock, .mono_us = stopped_clock};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st;
	(void)type;
	(void)place;
	return remove(path);
}

static void end(void)
{
	store_close(store);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void begin(void)
{
	static const struct store_identity who = {.name = "Fuzz"};
	char dir[64];

	if (store)
		return;
	if (!mkdtemp(folder))
		abort();
	snprintf(dir, sizeof(dir), "%s/store", folder);
	snprintf(export_dir, sizeof(export_dir), "%s/export", folder);
	snprintf(album_json, sizeof(album_json), "%s/album.json", export_dir);
	atexit(end);
	if (mkdir(export_dir, 0700) || store_init(dir, &who, &fuzz_clock, NULL) ||
		store_open(dir, STORE_WRITE, &fuzz_clock, NULL, &store, NULL))
		abort();
}

/* What jansson makes of the whole must be what the reader cut out of it. */
static void compare(const json_t *whole, const struct album_item *item)
{
	const json_t *want = json_object_get(whole, item->member);

	if (item->element)
		want = json_array_get(want, (size_t)item->index);
	if (!want || !item->json || !json_equal(want, item->json))
		abort();
}

static bool names_are_short(const json_t *whole)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)whole, name, value)
		if (strlen(name) >= ALBUM_JSON_MEMBER_MAX)
			return false;
	return true;
}

static void cut(const uint8_t *bytes, size_t len)
{
	_cleanup_json_ json_t *whole = wire_parse((const char *)bytes, len, len, NULL);
	_cleanup_close_ int fd = memfd_create("album", MFD_CLOEXEC);
	bool sound = json_is_object(whole) && names_are_short(whole);
	struct album_reader *reader;
	struct album_item item;
	int more;

	if (fd < 0 || path_write_all(fd, bytes, len, NULL) || album_reader_open(fd, &reader, NULL))
		abort();
	while ((more = album_reader_next(reader, &item, NULL)) == 1)
		if (sound)
			compare(whole, &item);
	if (sound && more < 0)
		abort();
	album_reader_close(reader);
}

static void import(bool restore)
{
	struct import_options options = {.restore = restore};
	struct import_result result;
	struct err err = ERR_INIT;
	int64_t checked;

	if (import_album(store, export_dir, &options, NULL, &result, &err)) {
		if (err.kind == ERR_NONE || !*err.message)
			abort();
		return;
	}
	if (event_verify(store->db, result.album.key, &checked, NULL))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	begin();
	cut(bytes, len);
	if (path_write_file(album_json, bytes, len, 0600, NULL))
		abort();
	import(false);
	import(true);
	return 0;
}
