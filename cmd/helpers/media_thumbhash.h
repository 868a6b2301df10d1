/* media_thumbhash.h - a picture in 20 to 25 bytes, to show while the real one loads.
 *
 * The format is Evan Wallace's ThumbHash (https://evanw.github.io/thumbhash/): mean colour, then
 * the low frequencies of luminance and two colour differences by a cosine transform, 4 bits each.
 */
#ifndef PINHOLE_HELPERS_MEDIA_THUMBHASH_H
#define PINHOLE_HELPERS_MEDIA_THUMBHASH_H

#include <stddef.h>
#include <stdint.h>

#define THUMBHASH_SIDE_MAX  100 /* px */
#define THUMBHASH_BYTES_MAX 32

/* Hashes width x height pixels of RGBA, not premultiplied, each side 1..THUMBHASH_SIDE_MAX.
 * Returns the number of bytes written, 0 if the size is out of range. */
size_t thumbhash_encode(
	const uint8_t *rgba, unsigned width, unsigned height, uint8_t out[THUMBHASH_BYTES_MAX]);

#endif
