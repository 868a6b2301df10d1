/* media_facts.c - chooses among what several sources say about a picture; see media_facts.h.
 *
 * It reads no file.  What it puts outside `raw` is within the range that the fact can have.
 */
#include "media_facts.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "media/protocol.h"
#include "media_date.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYWORDS_MAX      100
#define KEYWORD_BYTES     200
#define RAW_MAX           40
#define RAW_BYTES         200
#define SHORT_BYTES       300
#define TITLE_BYTES       1000
#define DESCRIPTION_BYTES 8000

static const struct {
	const char *key;
	size_t max;
} text_kinds[FACTS_TEXT_COUNT] = {
	[FACTS_MAKE] = {"make", SHORT_BYTES},
	[FACTS_MODEL] = {"model", SHORT_BYTES},
	[FACTS_LENS] = {"lens", SHORT_BYTES},
	[FACTS_SERIAL] = {"serial", SHORT_BYTES},
	[FACTS_OWNER] = {"owner", SHORT_BYTES},
	[FACTS_SOFTWARE] = {"software", SHORT_BYTES},
	[FACTS_TITLE] = {"title", TITLE_BYTES},
	[FACTS_DESCRIPTION] = {"description", DESCRIPTION_BYTES},
	[FACTS_CONTENT_ID] = {"content_id", SHORT_BYTES},
	[FACTS_ICC] = {"icc", SHORT_BYTES},
};

/* Beyond these a number is a mistake of the camera or a lie. */
static const struct {
	const char *key;
	int64_t min, max;
} number_kinds[FACTS_NUMBER_COUNT] = {
	[FACTS_EXPOSURE_US] = {"exposure_us", 1, 86400000000},
	[FACTS_F_NUMBER_X100] = {"f_number_x100", 10, 100000},
	[FACTS_ISO] = {"iso", 1, 100000000},
	[FACTS_FOCAL_MM_X10] = {"focal_mm_x10", 1, 1000000},
	[FACTS_RATING] = {"rating", -1, 5},
	[FACTS_ALT_MM] = {"alt_mm", -12000000, 100000000},
};

static const char *const when_names[FACTS_WHEN_COUNT] = {
	[FACTS_EXIF_ORIGINAL] = "exif:DateTimeOriginal",
	[FACTS_EXIF_DIGITIZED] = "exif:DateTimeDigitized",
	[FACTS_XMP_ORIGINAL] = "xmp:DateTimeOriginal",
	[FACTS_XMP_CREATED] = "xmp:DateCreated",
	[FACTS_XMP_DIGITIZED] = "xmp:CreateDate",
	[FACTS_IPTC_CREATED] = "iptc:DateCreated",
	[FACTS_QUICKTIME_DATE] = "quicktime:creationdate",
	[FACTS_QUICKTIME_MOVIE] = "quicktime:CreateDate",
	[FACTS_RAW_HEADER] = "raw:timestamp",
	[FACTS_EXIF_MODIFIED] = "exif:DateTime",
	[FACTS_XMP_MODIFIED] = "xmp:ModifyDate",
};

void facts_init(struct facts *facts)
{
	*facts = (struct facts){.duration_ms = -1, .gps_rank = FACTS_NOBODY};
	for (size_t i = 0; i < FACTS_TEXT_COUNT; i++)
		facts->text_ranks[i] = FACTS_NOBODY;
	for (size_t i = 0; i < FACTS_NUMBER_COUNT; i++)
		facts->number_ranks[i] = FACTS_NOBODY;
}

void facts_release(struct facts *facts)
{
	for (size_t i = 0; i < FACTS_TEXT_COUNT; i++)
		mem_free_pointer(&facts->texts[i]);
	json_decref(facts->keywords);
	json_decref(facts->raw);
	facts->keywords = facts->raw = NULL;
}

/* --- text --------------------------------------------------------------------------------- */

static bool is_blank(uint32_t c)
{
	return c <= ' ' || c == 0x7f || c == 0xa0 || c == 0xfeff || c == 0x3000;
}

/* Controls go, but for the line breaks and tabs of a description. */
static bool is_unwanted(uint32_t c)
{
	return (c < ' ' && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
}

/* A clean copy of at most `max` bytes, NULL when nothing is left. */
static char *clean_text(const char *text, size_t len, size_t max)
{
	_cleanup_str_ struct str out = STR_INIT(STR_MAX_LINE);
	const char *nul = len ? memchr(text, '\0', len) : NULL;
	size_t end = 0, n;
	bool utf8;

	len = nul ? (size_t)(nul - text) : len;
	if (len > max * 2)
		len = text_clip_utf8(text, len, max * 2);
	utf8 = text_is_utf8(text, len);
	for (size_t i = 0; i < len; i += n) {
		uint32_t c = (unsigned char)text[i];
		char encoded[4];

		n = 1;
		if (utf8)
			n = text_decode_utf8(text + i, len - i, &c);
		if (is_unwanted(c) || (!out.len && is_blank(c)))
			continue;
		str_add(&out, encoded, text_encode_utf8(c, encoded));
		if (!is_blank(c))
			end = out.len;
	}
	str_truncate(&out, text_clip_utf8(out.data, end, max));
	return out.len ? str_take(&out, NULL) : NULL;
}

void facts_set_text(struct facts *facts, enum facts_text what, enum facts_rank rank,
	const char *text, size_t len)
{
	char *clean;

	if (rank >= facts->text_ranks[what])
		return;
	clean = clean_text(text, len, text_kinds[what].max);
	if (!clean)
		return;
	mem_free_pointer(&facts->texts[what]);
	facts->texts[what] = clean;
	facts->text_ranks[what] = rank;
}

void facts_add_keyword(struct facts *facts, const char *text, size_t len)
{
	_cleanup_free_ char *clean = clean_text(text, len, KEYWORD_BYTES);
	const json_t *other;
	size_t i;

	if (!facts->keywords)
		facts->keywords = json_array();
	if (!clean || json_array_size(facts->keywords) >= KEYWORDS_MAX)
		return;
	json_array_foreach (facts->keywords, i, other)
		if (strcmp(json_string_value(other), clean) == 0)
			return;
	json_array_append_new(facts->keywords, json_string(clean));
}

void facts_add_raw(struct facts *facts, const char *name, const char *text, size_t len)
{
	_cleanup_free_ char *clean = clean_text(text, len, RAW_BYTES);

	if (!facts->raw)
		facts->raw = json_object();
	if (clean && json_object_size(facts->raw) < RAW_MAX && !json_object_get(facts->raw, name))
		json_object_set_new(facts->raw, name, json_string(clean));
}

void facts_add_rawf(struct facts *facts, const char *name, const char *format, ...)
{
	char text[RAW_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	facts_add_raw(facts, name, text, strlen(text));
}

/* --- numbers, position, dates ------------------------------------------------------------- */

void facts_set_number(struct facts *facts, enum facts_number what, enum facts_rank rank,
	const char *name, int64_t value)
{
	if (value < number_kinds[what].min || value > number_kinds[what].max) {
		facts_add_rawf(facts, name, "%lld", (long long)value);
		return;
	}
	if (rank >= facts->number_ranks[what])
		return;
	facts->numbers[what] = value;
	facts->number_ranks[what] = rank;
}

void facts_set_orientation(struct facts *facts, const char *name, int64_t value)
{
	if (value < 1 || value > 8)
		facts_add_rawf(facts, name, "%lld", (long long)value);
	else if (!facts->orientation)
		facts->orientation = (int)value;
}

void facts_set_position(
	struct facts *facts, enum facts_rank rank, const char *name, int64_t lat_e7, int64_t lon_e7)
{
	if (llabs(lat_e7) > 900000000 || llabs(lon_e7) > 1800000000 || (!lat_e7 && !lon_e7)) {
		facts_add_rawf(facts, name, "%lld.%07lld,%lld.%07lld",
			(long long)(lat_e7 / 10000000), llabs(lat_e7 % 10000000),
			(long long)(lon_e7 / 10000000), llabs(lon_e7 % 10000000));
		return;
	}
	if (rank >= facts->gps_rank)
		return;
	facts->gps_rank = rank;
	facts->lat_e7 = (int32_t)lat_e7;
	facts->lon_e7 = (int32_t)lon_e7;
}

static const char *offset_name(enum facts_when when)
{
	switch (when) {
	case FACTS_EXIF_ORIGINAL:
		return "exif:OffsetTimeOriginal";
	case FACTS_EXIF_DIGITIZED:
		return "exif:OffsetTimeDigitized";
	case FACTS_EXIF_MODIFIED:
		return "exif:OffsetTime";
	case FACTS_QUICKTIME_DATE:
		return "quicktime";
	case FACTS_IPTC_CREATED:
		return "iptc";
	default:
		return "xmp";
	}
}

void facts_set_date(struct facts *facts, enum facts_when when, const char *text, size_t len,
	const char *subsec, const char *offset)
{
	struct facts_date *date = &facts->dates[when];
	struct media_date parsed;

	if (!media_date_parse(text, len, &parsed)) {
		facts_add_raw(facts, when_names[when], text, len);
		return;
	}
	if (date->set)
		return;
	*date = (struct facts_date){
		.set = true, .wall_ms = parsed.wall_ms, .offset = parsed.offset};
	if (subsec && parsed.wall_ms % 1000 == 0)
		date->wall_ms += media_date_subsec_ms(subsec, strlen(subsec));
	if (offset && !media_date_parse_offset(offset, strlen(offset), &date->offset))
		facts_add_raw(facts, offset_name(when), offset, strlen(offset));
	if (date->offset != TIME_OFFSET_NONE)
		date->offset_source = offset_name(when);
}

void facts_set_gps_time(struct facts *facts, const char *day, int64_t ms)
{
	struct media_date parsed;

	if (facts->has_gps_time || !media_date_parse(day, strlen(day), &parsed))
		return;
	facts->has_gps_time = true;
	facts->gps_time_ms = parsed.wall_ms + ms;
}

void facts_set_utc(struct facts *facts, enum facts_when when, int64_t unix_ms)
{
	struct facts_date *date = &facts->dates[when];

	if (unix_ms < -62135596800000 || unix_ms > 253402300799999) /* years 1 to 9999 */
		return;
	if (!date->set)
		*date = (struct facts_date){
			.set = true, .wall_ms = unix_ms, .offset = 0, .offset_source = "utc"};
}

/* --- the result --------------------------------------------------------------------------- */

static void put_int(json_t *object, const char *key, int64_t value)
{
	json_object_set_new(object, key, json_integer(value));
}

static void put_text(json_t *object, const char *key, const char *value)
{
	if (value)
		json_object_set_new(object, key, json_string(value));
}

/* The same moment told with an offset by a less trusted source lends it to the one without. */
static void borrow_offset(const struct facts *facts, struct facts_date *date)
{
	for (size_t i = 0; i < FACTS_QUICKTIME_DATE && date->offset == TIME_OFFSET_NONE; i++) {
		const struct facts_date *other = &facts->dates[i];

		if (!other->set || other->offset == TIME_OFFSET_NONE ||
			other->wall_ms / 1000 != date->wall_ms / 1000)
			continue;
		date->offset = other->offset;
		date->offset_source = other->offset_source;
	}
	if (date->offset == TIME_OFFSET_NONE && facts->has_gps_time &&
		media_date_guess_offset(date->wall_ms, facts->gps_time_ms, &date->offset))
		date->offset_source = "gps";
}

static void put_date(const struct facts *facts, json_t *object)
{
	for (size_t i = 0; i < FACTS_WHEN_COUNT; i++) {
		struct facts_date date = facts->dates[i];
		char text[TIME_TEXT_LEN];

		if (!date.set)
			continue;
		borrow_offset(facts, &date);
		time_format_wall(date.wall_ms, text);
		put_text(object, "taken_local", text);
		put_int(object, "taken_ms", date.wall_ms);
		put_text(object, "taken_source", when_names[i]);
		if (date.offset != TIME_OFFSET_NONE) {
			put_int(object, "offset", date.offset);
			put_text(object, "offset_source", date.offset_source);
		}
		return;
	}
}

static void put_size(const struct facts *facts, json_t *object)
{
	bool swap = facts->orientation >= 5 && !facts->upright;

	if (facts->orientation)
		put_int(object, "orientation", facts->orientation);
	if (!facts->stored_width || !facts->stored_height)
		return;
	put_int(object, "stored_width", facts->stored_width);
	put_int(object, "stored_height", facts->stored_height);
	put_int(object, "width", swap ? facts->stored_height : facts->stored_width);
	put_int(object, "height", swap ? facts->stored_width : facts->stored_height);
}

static json_t *make_json(const struct facts *facts)
{
	json_t *object = json_object();

	put_text(object, "mime", facts->mime);
	put_text(object, "kind", facts->kind);
	put_size(facts, object);
	if (facts->frames > 1)
		put_int(object, "frames", facts->frames);
	if (facts->duration_ms >= 0)
		put_int(object, "duration_ms", facts->duration_ms);
	put_date(facts, object);
	if (facts->gps_rank != FACTS_NOBODY) {
		put_int(object, "lat_e7", facts->lat_e7);
		put_int(object, "lon_e7", facts->lon_e7);
	}
	for (size_t i = 0; i < FACTS_TEXT_COUNT; i++)
		put_text(object, text_kinds[i].key, facts->texts[i]);
	for (size_t i = 0; i < FACTS_NUMBER_COUNT; i++)
		if (facts->number_ranks[i] != FACTS_NOBODY &&
			(i != FACTS_ALT_MM || facts->gps_rank != FACTS_NOBODY))
			put_int(object, number_kinds[i].key, facts->numbers[i]);
	if (facts->thumbhash[0])
		put_text(object, "thumbhash", facts->thumbhash);
	if (facts->motion)
		json_object_set_new(object, "motion", json_true());
	if (json_array_size(facts->keywords))
		json_object_set(object, "keywords", facts->keywords);
	if (json_object_size(facts->raw))
		json_object_set(object, "raw", facts->raw);
	return object;
}

char *facts_to_json(const struct facts *facts, struct err *err)
{
	/* What can be spared first, should all of it be too long for one packet. */
	static const char *const spare[] = {"raw", "keywords", "description"};
	_cleanup_json_ json_t *object = make_json(facts);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	for (size_t i = 0; i < ARRAY_LEN(spare) && text && strlen(text) > MEDIA_FACTS_MAX; i++) {
		mem_free_pointer(&text);
		json_object_del(object, spare[i]);
		text = json_dumps(object, JSON_COMPACT);
	}
	if (!text)
		err_no_memory(err);
	return text;
}
