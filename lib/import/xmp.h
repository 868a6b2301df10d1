/* xmp.h - an XMP sidecar (ISO 16684-1) out of what the album knows of a photo now. */
#ifndef PINHOLE_IMPORT_XMP_H
#define PINHOLE_IMPORT_XMP_H

#include "wire/json.h"

/* `photo` is an entry of `photos` in pinhole-album-json(5): its caption (else description), title, tags,
 * rating, taken and gps are written, each only where it is known.  Well-formed XML 1.0 whatever the texts
 * hold.  Appends to `out`. */
int xmp_write(const json_t *photo, struct str *out, struct err *err);

#endif
