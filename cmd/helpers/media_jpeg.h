/* media_jpeg.h - what lies around the pixels of a JPEG: metadata before, a phone's video behind. */
#ifndef PINHOLE_HELPERS_MEDIA_JPEG_H
#define PINHOLE_HELPERS_MEDIA_JPEG_H

#include <stdbool.h>
#include <stddef.h>

/* The main XMP packet, which decoders mix up with its extensions; NULL when there is none. */
const void *media_jpeg_find_xmp(const void *jpeg, size_t len, size_t *found_len);

/* True if an MP4 file begins somewhere behind the header of the picture (a motion photo). */
bool media_jpeg_has_video(const void *jpeg, size_t len);

#endif
