/* time.h - civil time: instants, wall times with and without an offset, ISO 8601.
 *
 * A wall time is what a clock on the wall showed, in ms "as if it were UTC"; together with an
 * offset in minutes it is an instant: unix_ms = wall_ms - offset * 60000.  Years 1 to 9999.
 */
#ifndef PINHOLE_BASE_TIME_H
#define PINHOLE_BASE_TIME_H

#include "base/err.h"

#include <stdint.h>

#define TIME_TEXT_LEN    40
#define TIME_OFFSET_NONE INT32_MIN /* no offset known */
#define TIME_OFFSET_MAX  (14 * 60) /* minutes; no zone on Earth is further out */

struct civil {
	int year, month, day;         /* 1-9999, 1-12, 1-31 */
	int hour, minute, second, ms; /* second 0-59 */
};

/* ms since 1970-01-01T00:00 of a valid civil time (proleptic Gregorian). */
int64_t time_from_civil(const struct civil *c);
void time_to_civil(int64_t ms, struct civil *out);
/* True for a date that exists, within the ranges above. */
int time_civil_is_valid(const struct civil *c);

/* "2024-05-01T12:34:56.789Z" (ms only when not zero). */
void time_format_utc(int64_t unix_ms, char out[TIME_TEXT_LEN]);
/* "2024-05-01T12:34:56" (ms only when not zero), no zone. */
void time_format_wall(int64_t wall_ms, char out[TIME_TEXT_LEN]);
/* "+02:00", "-03:30", "Z" for 0 never: "+00:00". */
void time_format_offset(int32_t offset_minutes, char out[8]);
int time_parse_offset(const char *text, int32_t *offset_minutes, struct err *err); /* ±HH:MM, Z */

/* Parses YYYY[-MM[-DD[(T| )HH:MM[:SS[.fff]]]]] with an optional zone (Z, ±HH:MM).  *wall_ms is the
 * wall time (missing parts are their smallest), *offset the zone or TIME_OFFSET_NONE.
 * *span_ms, if not NULL, gets how long the named unit is (a year, month, day, minute, second, 1 ms),
 * so that "until 2024-05" can mean its end.  INVALID if malformed. */
int time_parse_wall(
	const char *text, int64_t *wall_ms, int32_t *offset, int64_t *span_ms, struct err *err);

/* The machine's offset at an instant, in minutes (TZ of the process). */
int32_t time_local_offset(int64_t unix_ms);

#endif
