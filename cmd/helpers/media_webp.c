/* media_webp.c - a WebP file's chunks (RIFF, RFC 9649 section 2); see media_webp.h.
 *
 * It decodes nothing.  Invariant: what is read and written lies within the bytes given.
 */
#include "media_webp.h"

#include <stdbool.h>
#include <string.h>

#define HEADER 12 /* "RIFF", size, "WEBP" */
#define CHUNK  8  /* name, size */

#define FLAG_XMP  0x04
#define FLAG_EXIF 0x08

static uint32_t get_32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static bool is_metadata(const uint8_t *chunk)
{
	return memcmp(chunk, "EXIF", 4) == 0 || memcmp(chunk, "XMP ", 4) == 0;
}

size_t media_webp_strip(uint8_t *bytes, size_t len)
{
	size_t kept = HEADER;

	if (len < HEADER || memcmp(bytes, "RIFF", 4) != 0 || memcmp(bytes + 8, "WEBP", 4) != 0)
		return 0;
	for (size_t at = HEADER, size; at < len; at += size) {
		if (len - at < CHUNK || get_32(bytes + at + 4) > len - at - CHUNK)
			return 0;
		size = CHUNK + (size_t)get_32(bytes + at + 4);
		size += size % 2;
		if (size > len - at)
			size = len - at;
		if (is_metadata(bytes + at))
			continue;
		memmove(bytes + kept, bytes + at, size);
		if (memcmp(bytes + kept, "VP8X", 4) == 0 && size > CHUNK)
			bytes[kept + CHUNK] &= (uint8_t) ~(FLAG_EXIF | FLAG_XMP);
		kept += size;
	}
	put_32(bytes + 4, (uint32_t)(kept - 8));
	return kept;
}
