/* media_date.h - dates as cameras, editors and phones write them. */
#ifndef PINHOLE_HELPERS_MEDIA_DATE_H
#define PINHOLE_HELPERS_MEDIA_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct media_date {
	int64_t wall_ms; /* what the clock on the wall showed, as if it were UTC */
	int32_t offset;  /* minutes, TIME_OFFSET_NONE when the text has none */
	bool has_clock;  /* false: only a day, a month or a year */
};

/* Reads "2008:05:30 15:56:01", "2008-05-30T15:56:01.25+02:00", "20080530", "2008-05", "2008" and
 * mixtures of them, white space around.  False for what is no date that exists (blank, year 0,
 * month 13, 24:61); an offset beyond 14 hours makes the whole text unbelievable. */
bool media_date_parse(const char *text, size_t len, struct media_date *out);

/* "+02:00", "-0330", "Z", "+5" to minutes; false when malformed or beyond 14 hours. */
bool media_date_parse_offset(const char *text, size_t len, int32_t *minutes);

/* The digits after the point of a second ("987", "5 ") to ms 0..999; 0 when there are none. */
int media_date_subsec_ms(const char *text, size_t len);

/* The offset that makes `wall_ms` out of the instant `utc_ms`, give or take 90 seconds, if it is one
 * that a place on Earth has (a GPS fix may be hours old: then the difference means nothing). */
bool media_date_guess_offset(int64_t wall_ms, int64_t utc_ms, int32_t *minutes);

#endif
