/* media_webp.c - chunks taken out of WebP files, whole and damaged ones. */
#include "tap.h"
#include "media_webp.h"

static uint8_t file[256];
static size_t len;

static void begin(void)
{
	memcpy(file, "RIFF\0\0\0\0WEBP", 12);
	len = 12;
}

static void add(const char *name, const char *bytes, uint8_t size)
{
	memcpy(file + len, name, 4);
	file[len + 4] = size;
	memcpy(file + len + 8, bytes, size);
	len += 8 + size;
	if (size % 2)
		file[len++] = 0;
	file[4] = (uint8_t)(len - 8);
}

static int has(const char *word)
{
	return memmem(file, len, word, strlen(word)) != NULL;
}

int main(void)
{
	size_t whole;

	begin();
	add("VP8X", "\x2c\0\0\0\1\0\0\1\0\0", 10);
	add("ICCP", "icc", 3);
	add("EXIF", "position", 8);
	add("VP8 ", "pixels", 6);
	add("XMP ", "owner", 5);
	whole = len;
	len = media_webp_strip(file, len);
	is_int(len, whole - 16 - 14, "two chunks less");
	ok(!has("EXIF") && !has("position") && !has("XMP ") && !has("owner"), "they are gone");
	ok(has("ICCP") && has("icc") && has("VP8 ") && has("pixels"), "the others are there");
	is_int(file[20], 0x20, "which the flags say: only ICC");
	is_int(file[4], len - 8, "and the size");
	whole = len;
	is_int(media_webp_strip(file, len), whole, "nothing more to take");

	begin();
	add("VP8 ", "pix", 3);
	is_int(media_webp_strip(file, len - 1), len - 1, "a last byte of padding may be missing");
	file[16] = 200;
	is_int(media_webp_strip(file, len), 0, "a chunk longer than the file");
	file[19] = 0xff;
	is_int(media_webp_strip(file, len), 0, "or longer than anything");
	is_int(media_webp_strip(file, 14), 0, "half a chunk");
	is_int(media_webp_strip(file, 5), 0, "half a header");
	memcpy(file, "JUNK", 4);
	is_int(media_webp_strip(file, len), 0, "something else");
	return tap_done();
}
