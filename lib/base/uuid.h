/* uuid.h - UUIDs (RFC 9562): version 7 made here, versions 1 and 7 read for their time. */
#ifndef PINHOLE_BASE_UUID_H
#define PINHOLE_BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UUID_TEXT_LEN  36
#define UUID_SHORT_LEN 8 /* people see the LAST 8 digits: the first ones are time */

struct uuid {
	uint8_t bytes[16];
};

/* A new version-7 UUID for `unix_ms`.  Two made in one process never sort against the order
 * of their making, also within a millisecond or when the clock steps back (RFC 9562 6.2
 * method 1: a counter in rand_a).  Thread-safe. */
struct uuid uuid_make(int64_t unix_ms);

/* Parses the 36-character form, either case; -1 if malformed (out untouched). */
int uuid_parse(const char *text, size_t len, struct uuid *out);
void uuid_format(const struct uuid *id, char out[UUID_TEXT_LEN + 1]); /* lower case */
/* The last 8 hex digits. */
void uuid_format_short(const struct uuid *id, char out[UUID_SHORT_LEN + 1]);

/* The time inside a version 1 or version 7 UUID in ms since the epoch; -1 for others. */
int uuid_time_ms(const struct uuid *id, int64_t *unix_ms);

bool uuid_equal(const struct uuid *a, const struct uuid *b);
bool uuid_is_nil(const struct uuid *id);

#endif
