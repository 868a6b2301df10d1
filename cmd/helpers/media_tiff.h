/* media_tiff.h - the tags of TIFF files, cameras' RAW files (DNG, NEF, ARW, CR2) among them. */
#ifndef PINHOLE_HELPERS_MEDIA_TIFF_H
#define PINHOLE_HELPERS_MEDIA_TIFF_H

#include "media_facts.h"

/* Facts from a whole file in memory.  *raw_mime becomes the MIME type of a camera's RAW file
 * (static), NULL for an ordinary TIFF. */
void tiff_take_file(struct facts *facts, const void *bytes, size_t len, const char **raw_mime);

#endif
