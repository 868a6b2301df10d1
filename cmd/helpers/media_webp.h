/* media_webp.h - takes what a picture says about its making out of a WebP file.
 *
 * libvips 8.14 writes the source's EXIF into WebP also when it is asked to strip.
 */
#ifndef PINHOLE_MEDIA_WEBP_H
#define PINHOLE_MEDIA_WEBP_H

#include <stddef.h>
#include <stdint.h>

/* Takes the EXIF and XMP chunks out, in place; returns the new length.  0 for bytes that are no WebP file. */
size_t media_webp_strip(uint8_t *bytes, size_t len);

#endif
