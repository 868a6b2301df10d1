/* replay.c - a main for fuzz targets where there is no fuzzer: feeds them a corpus, and each
 * file of it cut off at many places and with bytes changed, always in the same way.
 *
 * Arguments are files and directories; without any, tests/fuzz/corpus/NAME.  Prints TAP; a target
 * that finds something wrong aborts.
 */
#include "base/path.h"
#include "tap.h"

#include <dirent.h>
#include <stdint.h>
#include <sys/stat.h>

#define FILE_MAX_BYTES ((size_t)1 << 20)
#define CUTS           200
#define CHANGES        1000

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A copy of exactly the right size, so that a sanitizer sees the first byte read past the end. */
static void feed(const char *bytes, size_t len)
{
	_cleanup_free_ void *copy = mem_dup(bytes, len);

	if (!copy)
		exit(1);
	LLVMFuzzerTestOneInput(copy, len);
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void feed_cut(const struct str *file)
{
	size_t step = file->len / CUTS + 1;

	for (size_t len = 0; len < file->len; len += step)
		feed(file->data, len);
}

static void feed_changed(const struct str *file)
{
	_cleanup_free_ char *copy = mem_dup(file->data, file->len);
	uint32_t state = (uint32_t)file->len;

	if (!copy || !file->len)
		return;
	for (int i = 0; i < CHANGES; i++) {
		size_t at = next_random(&state) % file->len;
		char before = copy[at];

		copy[at] = (char)next_random(&state);
		feed(copy, file->len);
		if (i % 4) /* every fourth change stays */
			copy[at] = before;
	}
}

static void replay_file(const char *path)
{
	_cleanup_str_ struct str file = STR_INIT(0);
	struct err err = ERR_INIT;

	printf("# %s\n", path);
	fflush(stdout);
	if (path_read_file(path, FILE_MAX_BYTES, &file, &err)) {
		ok(0, "%s", err.message);
		return;
	}
	feed(file.data, file.len);
	feed_cut(&file);
	feed_changed(&file);
	ok(1, "%s", path_base(path));
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void replay(const char *path)
{
	struct dirent **entries;
	struct stat st;
	int count;

	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		replay_file(path);
		return;
	}
	count = scandir(path, &entries, is_shown, alphasort);
	for (int i = 0; i < count; i++) {
		_cleanup_free_ char *name = path_join(path, entries[i]->d_name);

		replay(name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

int main(int argc, char **argv)
{
	_cleanup_free_ char *corpus = path_join("tests/fuzz/corpus", path_base(argv[0]));

	feed("", 0);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc == 1 && path_exists(corpus))
		replay(corpus);
	ok(1, "nothing, and all of the corpus");
	return tap_done();
}
