/* canonical.h - decides whether bytes are canonical JSON, and makes values of those that are.
 *
 * Internal to the wire room; tests hold it against jansson's own output.
 */
#ifndef PINHOLE_WIRE_CANONICAL_H
#define PINHOLE_WIRE_CANONICAL_H

#include "base/err.h"

#include <jansson.h>
#include <stddef.h>

/* 0 exactly when the bytes are what wire_canonical writes for some value; else -1 with INVALID and
 * the place. */
int canonical_scan(const char *text, size_t len, struct err *err);

/* One escape, `p` behind its backslash: the byte that it stands for and how many characters it
 * takes, or 0 if it is not the way jansson writes that byte.  Only quote, backslash and
 * controls are escaped, so every escape stands for one byte. */
char canonical_decode_escape(const char *p, const char *end, size_t *taken);

/* The value of a text that canonical_scan has accepted; NULL with NO_MEMORY.  Caller owns it. */
json_t *canonical_build(const char *text, size_t len, struct err *err);

#endif
