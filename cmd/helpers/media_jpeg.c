/* media_jpeg.c - walks the segments of a JPEG and looks behind its end.
 *
 * It decodes nothing.  The walk ends at the first scan: what comes later is picture, or video.
 * Formats: ITU-T T.81 annex B; XMP part 3 (ISO 16684-1) for APP1.
 */
#include "media_jpeg.h"

#include <string.h>

const void *media_jpeg_find_xmp(const void *jpeg, size_t len, size_t *found_len)
{
	static const char name[] = "http://ns.adobe.com/xap/1.0/"; /* with its NUL */
	const unsigned char *bytes = jpeg;
	const unsigned app1 = 0xe1, start_of_scan = 0xda, end_of_image = 0xd9;
	size_t at = 2;

	while (at + 4 <= len && bytes[at] == 0xff) {
		unsigned marker = bytes[at + 1];
		size_t size = (size_t)bytes[at + 2] << 8 | bytes[at + 3];

		if (marker == 0xff) { /* a fill byte */
			at++;
			continue;
		}
		if (marker == start_of_scan || marker == end_of_image || size < 2 ||
			size + 2 > len - at)
			return NULL;
		if (marker == app1 && size >= 2 + sizeof(name) &&
			memcmp(bytes + at + 4, name, sizeof(name)) == 0) {
			*found_len = size - 2 - sizeof(name);
			return bytes + at + 4 + sizeof(name);
		}
		at += size + 2;
	}
	return NULL;
}

/* A box counts when its size is one that ftyp boxes have and a known brand follows, so that chance
 * bytes of a picture do not pass. */
bool media_jpeg_has_video(const void *jpeg, size_t len)
{
	static const char *const brands[] = {
		"mp42", "mp41", "isom", "iso2", "iso4", "iso5", "iso6", "avc1", "qt  ", "MSNV"};
	const unsigned char *bytes = jpeg, *end = bytes + len, *p = bytes;

	/* The video is the last thing in the file: one that ends as a picture does has none.  This
	 * spares most photographs a search through all of their bytes. */
	if (len >= 2 && end[-2] == 0xff && end[-1] == 0xd9)
		return false;
	while (p < end && (p = memmem(p, (size_t)(end - p), "ftyp", 4)) != NULL) {
		p += 4;
		/* 4 bytes of size come before, brand and version after. */
		if (p - bytes < 8 || end - p < 8 || p[-8] || p[-7] || p[-6] || p[-5] < 16)
			continue;
		for (size_t i = 0; i < sizeof(brands) / sizeof(brands[0]); i++)
			if (memcmp(p, brands[i], 4) == 0)
				return true;
	}
	return false;
}
