/* media_facts.h - what is known about a picture, gathered from several mouths.
 *
 * EXIF, XMP, IPTC, QuickTime and the decoder each say what they find; for every fact the most
 * trusted source wins, and what cannot be true is kept apart under `raw`.
 *
 *	struct facts facts;
 *	facts_init(&facts);
 *	facts_set_text(&facts, FACTS_MAKE, FACTS_EXIF, "Canon", 5);
 *	...
 *	char *json = facts_to_json(&facts, err);
 *	facts_release(&facts);
 */
#ifndef PINHOLE_HELPERS_MEDIA_FACTS_H
#define PINHOLE_HELPERS_MEDIA_FACTS_H

#include "base/err.h"
#include "wire/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who says it, the most trusted first. */
enum facts_rank {
	FACTS_SIDECAR, /* made later and on purpose, but never for dates of the camera */
	FACTS_EXIF,
	FACTS_XMP,
	FACTS_IPTC,
	FACTS_CONTAINER, /* QuickTime, RAW header */
	FACTS_NOBODY
};

enum facts_text {
	FACTS_MAKE,
	FACTS_MODEL,
	FACTS_LENS,
	FACTS_SERIAL,
	FACTS_OWNER,
	FACTS_SOFTWARE,
	FACTS_TITLE,
	FACTS_DESCRIPTION,
	FACTS_CONTENT_ID,
	FACTS_ICC,
	FACTS_TEXT_COUNT
};

enum facts_number {
	FACTS_EXPOSURE_US,
	FACTS_F_NUMBER_X100,
	FACTS_ISO,
	FACTS_FOCAL_MM_X10,
	FACTS_RATING,
	FACTS_ALT_MM,
	FACTS_NUMBER_COUNT
};

/* Which date it is, the most believable first. */
enum facts_when {
	FACTS_EXIF_ORIGINAL,
	FACTS_EXIF_DIGITIZED,
	FACTS_XMP_ORIGINAL,
	FACTS_XMP_CREATED, /* photoshop:DateCreated */
	FACTS_XMP_DIGITIZED,
	FACTS_IPTC_CREATED,
	FACTS_QUICKTIME_DATE,  /* Apple's key, with an offset */
	FACTS_QUICKTIME_MOVIE, /* mvhd, UTC */
	FACTS_RAW_HEADER,
	FACTS_EXIF_MODIFIED,
	FACTS_XMP_MODIFIED,
	FACTS_WHEN_COUNT
};

struct facts_date {
	bool set;
	int64_t wall_ms;
	int32_t offset; /* minutes or TIME_OFFSET_NONE */
	const char *offset_source;
};

struct facts {
	const char *mime, *kind; /* static */
	uint32_t stored_width, stored_height;
	int orientation; /* 1-8; 0 unknown */
	bool upright;    /* the decoder has already turned it */
	uint32_t frames;
	int64_t duration_ms; /* -1 unknown */
	bool motion;
	bool has_gps_time;
	int64_t gps_time_ms; /* UTC */
	enum facts_rank gps_rank;
	int32_t lat_e7, lon_e7;
	char *texts[FACTS_TEXT_COUNT]; /* owned */
	enum facts_rank text_ranks[FACTS_TEXT_COUNT];
	int64_t numbers[FACTS_NUMBER_COUNT];
	enum facts_rank number_ranks[FACTS_NUMBER_COUNT];
	struct facts_date dates[FACTS_WHEN_COUNT];
	json_t *keywords, *raw; /* owned */
	char thumbhash[64];     /* base64, "" unknown */
};

void facts_init(struct facts *facts);
void facts_release(struct facts *facts);

/* Text of any encoding: UTF-8, else taken as Latin-1; trimmed, without control characters,
 * clipped.  Blank text is no fact. */
void facts_set_text(struct facts *facts, enum facts_text what, enum facts_rank rank,
	const char *text, size_t len);
void facts_add_keyword(struct facts *facts, const char *text, size_t len);
/* What was found but is not believed, under its name in the file ("exif:GPSLatitude"). */
void facts_add_raw(struct facts *facts, const char *name, const char *text, size_t len);
void facts_add_rawf(struct facts *facts, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Out of the range that this number can have: raw under `name`. */
void facts_set_number(struct facts *facts, enum facts_number what, enum facts_rank rank,
	const char *name, int64_t value);
/* A stated orientation; what is not 1-8 is raw. */
void facts_set_orientation(struct facts *facts, const char *name, int64_t value);
/* Degrees x 10^7; out of range or exactly 0,0 (no fix) is raw. */
void facts_set_position(struct facts *facts, enum facts_rank rank, const char *name, int64_t lat_e7,
	int64_t lon_e7);
/* A date as text, with its fraction and offset beside it where the format keeps them apart
 * (NULL: none). */
void facts_set_date(struct facts *facts, enum facts_when when, const char *text, size_t len,
	const char *subsec, const char *offset);
/* What the GPS clock (UTC) showed: a day as text and the ms since its midnight. */
void facts_set_gps_time(struct facts *facts, const char *day, int64_t ms);
/* An instant whose place is unknown. */
void facts_set_utc(struct facts *facts, enum facts_when when, int64_t unix_ms);

/* The JSON of media.h's keys, free it; never longer than MEDIA_FACTS_MAX. */
char *facts_to_json(const struct facts *facts, struct err *err);

#endif
