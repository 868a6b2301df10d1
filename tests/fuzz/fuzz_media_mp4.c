/* fuzz_media_mp4.c - any bytes as an MP4 and as a Matroska file: read only inside, texts ended. */
#include "media_ebml.h"
#include "media_mp4.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct file {
	const uint8_t *bytes;
	size_t len;
};

static size_t read_file(void *data, uint64_t offset, void *out, size_t len)
{
	const struct file *file = data;
	size_t rest = offset < file->len ? file->len - (size_t)offset : 0;

	len = len < rest ? len : rest;
	if (len)
		memcpy(out, file->bytes + offset, len);
	return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct file file = {bytes, len};
	struct media_reader reader = {read_file, &file, len};
	struct mp4_info movie;
	struct ebml_info webm;
	int64_t lat, lon, alt;
	bool has_alt;

	mp4_read_info(&reader, &movie);
	if (movie.turns > 3 || movie.duration_ms < -1 || !memchr(movie.date, 0, MP4_TEXT_MAX) ||
		!memchr(movie.location, 0, MP4_TEXT_MAX))
		abort();
	mp4_parse_location(movie.location, &lat, &lon, &has_alt, &alt);
	ebml_read_info(&reader, &webm);
	if (webm.duration_ms < -1)
		abort();
	return 0;
}
