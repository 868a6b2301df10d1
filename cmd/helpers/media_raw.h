/* media_raw.h - the picture that a camera put into its RAW file for showing. */
#ifndef PINHOLE_HELPERS_MEDIA_RAW_H
#define PINHOLE_HELPERS_MEDIA_RAW_H

#include "base/err.h"
#include "media_facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct raw_preview {
	void *bytes; /* owned: free() */
	size_t len;
	bool jpeg; /* else RGB pixels, 8 bits */
	uint32_t width, height;
	int orientation; /* 1-8, still to be applied */
};
void raw_preview_release(struct raw_preview *preview);

/* Takes size and camera into the facts and the preview out of the file.  UNSUPPORTED when LibRaw does
 * not know the file, NOT_FOUND when it has no preview. */
int raw_read(struct facts *facts, const void *bytes, size_t len, struct raw_preview *out,
	struct err *err);

#endif
