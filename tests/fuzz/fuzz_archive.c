/* fuzz_archive.c - any bytes as an archive: read to the end within the limits, never a crash.
 *
 * The first byte decides whether the name helps (.tar), so that archives without magic bytes are tried too.
 */
#include "import/source.h"

#include <stdio.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct source_options options = SOURCE_OPTIONS_INIT;
	char path[64], out[4096];
	struct source *s = NULL;
	struct source_item item;
	struct err err;
	FILE *f;

	if (len < 1)
		return 0;
	snprintf(path, sizeof(path), "/dev/shm/pinhole-fuzz-%ld%s", (long)getpid(),
		bytes[0] & 1 ? ".tar" : "");
	f = fopen(path, "w");
	if (!f)
		return 0;
	fwrite(bytes + 1, 1, len - 1, f);
	fclose(f);
	options.max_archive_bytes = 4 << 20;
	options.max_archive_entries = 1000;
	if (source_open(&options, &s, &err) == 0 && source_add_path(s, path, &err) == 0)
		while (source_next(s, &item, &err) == 1)
			while (source_read(s, out, sizeof(out), &err) > 0)
				;
	source_close(s);
	unlink(path);
	return 0;
}
