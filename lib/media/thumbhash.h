/* thumbhash.h - paints the picture that a ThumbHash describes: pure arithmetic on some 25 bytes.
 *
 * The format is Evan Wallace's ThumbHash (https://evanw.github.io/thumbhash/); its encoder runs in
 * pinhole-media.  Any bytes are safe to give: what is no hash is INVALID, all else is some picture.
 */
#ifndef PINHOLE_MEDIA_THUMBHASH_H
#define PINHOLE_MEDIA_THUMBHASH_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define THUMBHASH_LEN_MAX   32
#define THUMBHASH_PAINT_MAX 64 /* px, either side */

struct thumbhash_picture {
	unsigned width, height;
	uint8_t rgb[THUMBHASH_PAINT_MAX * THUMBHASH_PAINT_MAX][3]; /* rows from the top; on black */
};

/* Paints into width x height pixels, each 1..THUMBHASH_PAINT_MAX. */
int thumbhash_paint(const uint8_t *hash, size_t len, unsigned width, unsigned height,
	struct thumbhash_picture *out, struct err *err);

#endif
