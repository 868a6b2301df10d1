/* media_motion.h - the short video that some phones append to a JPEG. */
#ifndef PINHOLE_HELPERS_MEDIA_MOTION_H
#define PINHOLE_HELPERS_MEDIA_MOTION_H

#include <stdbool.h>
#include <stddef.h>

/* True if an MP4 file begins somewhere behind the picture. */
bool media_motion_find(const void *jpeg, size_t len);

#endif
