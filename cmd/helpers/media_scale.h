/* media_scale.h - scales pixels that are in memory. */
#ifndef PINHOLE_HELPERS_MEDIA_SCALE_H
#define PINHOLE_HELPERS_MEDIA_SCALE_H

#include <stddef.h>
#include <stdint.h>

struct scale_size {
	unsigned width, height; /* px, at least 1 */
};

/* Scales pixels of `bands` (1 or 3) bytes each, rows without gaps, by Lanczos's kernel of 3 lobes;
 * `out` has room for to.width * to.height * bands bytes.  -1 without memory for one row. */
int media_scale(const uint8_t *in, struct scale_size from, unsigned bands, uint8_t *out,
	struct scale_size to);

#endif
