/* fuzz_sniff.c - any first bytes: media has a MIME type and an extension, all else a reason, and
 * nothing that a browser would run is media. */
#include "media/media.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct media_type type = media_sniff(bytes, len);
	size_t at = 0;

	if ((type.kind == MEDIA_NONE) != (type.mime == NULL) ||
		(type.kind == MEDIA_NONE) != (type.extension == NULL) ||
		(type.kind == MEDIA_NONE) != (type.why != NULL))
		abort();
	while (at < len && isspace(bytes[at]))
		at++;
	if (at < len && bytes[at] == '<' && type.kind != MEDIA_NONE &&
		memcmp(type.mime, "video/", 6) != 0)
		abort();
	return 0;
}
