/* media_icc.h - the name of a colour profile, and whether it is plain sRGB. */
#ifndef PINHOLE_HELPERS_MEDIA_ICC_H
#define PINHOLE_HELPERS_MEDIA_ICC_H

#include <stdbool.h>
#include <stddef.h>

/* The profile's description as UTF-8 into out (at least 1 byte, always NUL-terminated); false if
 * there is none.  ICC.1:2022 (desc: 'mluc') and ICC.1:2001 ('desc' text). */
bool media_icc_describe(const void *profile, size_t len, char *out, size_t size);
/* True for the descriptions of profiles that mean sRGB itself. */
bool media_icc_is_srgb(const char *description);

#endif
