/* fuzz_media_blocks.c - any bytes through the small parsers of our own: ICC names, PNG chunks, JPEG
 * segments, Apple's maker note, dates. */
#include "media_date.h"
#include "media_exif.h"
#include "media_icc.h"
#include "media_jpeg.h"
#include "media_png.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What was found lies inside the file. */
static void check_inside(const uint8_t *bytes, size_t len, const void *found, size_t found_len)
{
	const uint8_t *p = found;

	if (p && (p < bytes || found_len > len || p + found_len > bytes + len))
		abort();
}

static void check_png(const uint8_t *bytes, size_t len)
{
	void *copy = NULL;
	size_t copy_len = 0, found_len = 0;
	const void *found = media_png_find(bytes, len, "eXIf", &found_len);

	check_inside(bytes, len, found, found_len);
	if (len >= 8 && media_png_clean(bytes, len, &copy, &copy_len, NULL) == 0 && copy &&
		copy_len >= len)
		abort();
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char name[32];
	size_t found_len = 0;
	const void *found = media_jpeg_find_xmp(bytes, len, &found_len);
	struct media_date date;
	struct facts facts;

	check_inside(bytes, len, found, found_len);
	media_jpeg_has_video(bytes, len);
	media_icc_describe(bytes, len, name, sizeof(name));
	if (!memchr(name, 0, sizeof(name)))
		abort();
	check_png(bytes, len);
	media_date_parse((const char *)bytes, len, &date);
	facts_init(&facts);
	exif_take_apple_note(&facts, bytes, len);
	facts_release(&facts);
	return 0;
}
