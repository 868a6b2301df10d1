/* media_motion.c - finds an appended MP4 by its first box.
 *
 * It does not read the video.  A box counts when its size is one that ftyp boxes have and a known
 * brand follows, so that chance bytes of a picture do not pass.
 */
#include "media_motion.h"

#include <string.h>

bool media_motion_find(const void *jpeg, size_t len)
{
	static const char *const brands[] = {
		"mp42", "mp41", "isom", "iso2", "iso4", "iso5", "iso6", "avc1", "qt  ", "MSNV"};
	const unsigned char *bytes = jpeg, *end = bytes + len, *p = bytes;

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
