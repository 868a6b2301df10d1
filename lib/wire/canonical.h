/* canonical.h - decides whether bytes are canonical JSON without making a value of them.
 *
 * Internal to the wire room; tests hold it against jansson's own output.
 */
#ifndef PINHOLE_WIRE_CANONICAL_H
#define PINHOLE_WIRE_CANONICAL_H

#include "base/err.h"

#include <stddef.h>

/* 0 exactly when the bytes are what wire_canonical writes for some value; else -1 with INVALID and
 * the place. */
int canonical_scan(const char *text, size_t len, struct err *err);

#endif
