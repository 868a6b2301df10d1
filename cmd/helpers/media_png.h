/* media_png.h - takes out of a PNG what is dangerous only to read. */
#ifndef PINHOLE_HELPERS_MEDIA_PNG_H
#define PINHOLE_HELPERS_MEDIA_PNG_H

#include "base/err.h"

#include <stddef.h>

/* A PNG whose text chunks are large or packed (a bomb of 48 kB unpacks to 50 MB) is copied without
 * them: *copy is owned and *copy_len set.  Otherwise both stay as they are. */
int media_png_clean(const void *bytes, size_t len, void **copy, size_t *copy_len, struct err *err);

/* The contents of the first chunk of that type, wherever it lies (EXIF may follow the pixels, where
 * decoders that stop at the header do not see it); NULL when there is none. */
const void *media_png_find(const void *bytes, size_t len, const char *type, size_t *found_len);

#endif
