/* load.h - jansson's reader, made safe against failed allocations.
 *
 * Internal to the wire room.
 */
#ifndef PINHOLE_WIRE_LOAD_H
#define PINHOLE_WIRE_LOAD_H

#include "base/err.h"

#include <jansson.h>

/* As json_loadb; NULL with NO_MEMORY if any allocation failed, else with INVALID and the place. */
json_t *load_json(const char *text, size_t len, size_t flags, struct err *err);

#endif
