/* media_exif.c - what an EXIF block says, through libexif.
 *
 * It reads the tags that media.h names and no others.  Values are taken from the raw entries, not
 * from libexif's texts, so that 0/0 and other nonsense is seen as such.
 */
#include "media_exif.h"

#include "base/mem.h"
#include "base/time.h"

#include <libexif/exif-data.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MAX ((size_t)4 * 1024 * 1024)

/* Not among libexif's names. */
#define TAG_RATING 0x4746

/* --- numbers ------------------------------------------------------------------------------ */

bool exif_scale(struct exif_fraction value, int64_t scale, int64_t *out)
{
	double result;

	if (!value.denominator)
		return false;
	result = (double)value.numerator / (double)value.denominator * (double)scale;
	if (!(fabs(result) < 9e15))
		return false;
	*out = llrint(result);
	return true;
}

bool exif_degrees(const struct exif_fraction parts[3], char reference, int64_t *e7)
{
	static const double units[] = {1, 60, 3600};
	double degrees = 0;

	for (size_t i = 0; i < 3; i++) {
		if (!parts[i].denominator)
			return false;
		degrees += (double)parts[i].numerator / (double)parts[i].denominator / units[i];
	}
	if (reference == 'S' || reference == 'W' || reference == 's' || reference == 'w')
		degrees = -degrees;
	if (!(fabs(degrees) < 9e8))
		return false;
	*e7 = llrint(degrees * 1e7);
	return true;
}

/* --- GPS ---------------------------------------------------------------------------------- */

static void add_raw_fractions(
	struct facts *facts, const char *name, const struct exif_fraction *parts, size_t count)
{
	char text[128] = "";

	for (size_t i = 0; i < count; i++) {
		size_t used = strlen(text);

		snprintf(text + used, sizeof(text) - used, "%s%lld/%lld", i ? " " : "",
			(long long)parts[i].numerator, (long long)parts[i].denominator);
	}
	facts_add_raw(facts, name, text, strlen(text));
}

static void take_gps_time(struct facts *facts, const struct exif_gps *gps)
{
	int64_t parts[3];

	for (size_t i = 0; i < 3; i++)
		if (!exif_scale(gps->time[i], 1000, &parts[i]) || parts[i] < 0)
			return;
	if (parts[0] > 23000 || parts[1] > 59000 || parts[2] >= 60000)
		return;
	facts_set_gps_time(facts, gps->date, parts[0] * 3600 + parts[1] * 60 + parts[2]);
}

void exif_take_gps(struct facts *facts, const struct exif_gps *gps)
{
	int64_t lat, lon, alt;

	if (gps->has_lat && gps->has_lon) {
		if (exif_degrees(gps->lat, gps->lat_ref, &lat) &&
			exif_degrees(gps->lon, gps->lon_ref, &lon)) {
			facts_set_position(facts, FACTS_EXIF, "exif:GPSPosition", lat, lon);
		} else {
			add_raw_fractions(facts, "exif:GPSLatitude", gps->lat, 3);
			add_raw_fractions(facts, "exif:GPSLongitude", gps->lon, 3);
		}
	}
	if (gps->has_alt) {
		if (exif_scale(gps->alt, 1000, &alt))
			facts_set_number(facts, FACTS_ALT_MM, FACTS_EXIF, "exif:GPSAltitude",
				gps->alt_ref == 1 ? -alt : alt);
		else
			add_raw_fractions(facts, "exif:GPSAltitude", &gps->alt, 1);
	}
	if (gps->has_time && gps->date[0])
		take_gps_time(facts, gps);
}

/* --- Apple -------------------------------------------------------------------------------- */

static uint32_t be(const unsigned char *p, size_t n)
{
	uint32_t value = 0;

	while (n--)
		value = value << 8 | *p++;
	return value;
}

/* "Apple iOS\0", a version, "MM", then one big-endian directory with offsets from the start. */
void exif_take_apple_note(struct facts *facts, const unsigned char *note, size_t len)
{
	const uint32_t content_identifier = 0x11, ascii = 2;
	size_t count;

	if (len < 16 || memcmp(note, "Apple iOS", 10) != 0 || memcmp(note + 12, "MM", 2) != 0)
		return;
	count = be(note + 14, 2);
	for (size_t i = 0; i < count && 16 + (i + 1) * 12 <= len; i++) {
		const unsigned char *entry = note + 16 + i * 12;
		size_t size = be(entry + 4, 4), offset = be(entry + 8, 4);

		if (be(entry, 2) != content_identifier || be(entry + 2, 2) != ascii)
			continue;
		if (size > 4 && offset <= len && size <= len - offset)
			facts_set_text(facts, FACTS_CONTENT_ID, FACTS_EXIF,
				(const char *)note + offset, size);
	}
}

/* --- libexif ------------------------------------------------------------------------------ */

static ExifEntry *find_entry(ExifData *data, ExifIfd ifd, int tag)
{
	return exif_content_get_entry(data->ifd[ifd], (ExifTag)tag);
}

/* The n-th number of an entry as a fraction; false when there is none. */
static bool entry_number(const ExifEntry *entry, size_t index, struct exif_fraction *out)
{
	ExifByteOrder order = exif_data_get_byte_order(entry->parent->parent);
	size_t size = exif_format_get_size(entry->format);
	const unsigned char *p = entry->data + index * size;
	ExifRational u;
	ExifSRational s;

	if (!size || !entry->data || (index + 1) * size > entry->size)
		return false;
	switch (entry->format) {
	case EXIF_FORMAT_BYTE:
		*out = (struct exif_fraction){*p, 1};
		return true;
	case EXIF_FORMAT_SHORT:
		*out = (struct exif_fraction){exif_get_short(p, order), 1};
		return true;
	case EXIF_FORMAT_LONG:
		*out = (struct exif_fraction){exif_get_long(p, order), 1};
		return true;
	case EXIF_FORMAT_RATIONAL:
		u = exif_get_rational(p, order);
		*out = (struct exif_fraction){u.numerator, u.denominator};
		return true;
	case EXIF_FORMAT_SRATIONAL:
		s = exif_get_srational(p, order);
		*out = (struct exif_fraction){s.numerator, s.denominator};
		return true;
	default:
		return false;
	}
}

/* A copy of a text entry, NUL-terminated and cut to fit; "" when absent. */
static void entry_text(ExifData *data, ExifIfd ifd, int tag, char *out, size_t size)
{
	const ExifEntry *entry = find_entry(data, ifd, tag);

	snprintf(out, size, "%.*s", entry && entry->data ? (int)entry->size : 0,
		entry && entry->data ? (const char *)entry->data : "");
}

static const struct {
	ExifIfd ifd;
	int tag;
	enum facts_text text;
} text_tags[] = {
	{EXIF_IFD_0, EXIF_TAG_MAKE, FACTS_MAKE},
	{EXIF_IFD_0, EXIF_TAG_MODEL, FACTS_MODEL},
	{EXIF_IFD_0, EXIF_TAG_SOFTWARE, FACTS_SOFTWARE},
	{EXIF_IFD_0, EXIF_TAG_IMAGE_DESCRIPTION, FACTS_DESCRIPTION},
	{EXIF_IFD_EXIF, EXIF_TAG_LENS_MODEL, FACTS_LENS},
	{EXIF_IFD_EXIF, EXIF_TAG_BODY_SERIAL_NUMBER, FACTS_SERIAL},
	{EXIF_IFD_EXIF, EXIF_TAG_CAMERA_OWNER_NAME, FACTS_OWNER},
	{EXIF_IFD_0, EXIF_TAG_ARTIST, FACTS_OWNER},
};

static const struct {
	ExifIfd ifd;
	int tag;
	enum facts_number number;
	int64_t scale;
	const char *name;
} number_tags[] = {
	{EXIF_IFD_EXIF, EXIF_TAG_EXPOSURE_TIME, FACTS_EXPOSURE_US, 1000000, "exif:ExposureTime"},
	{EXIF_IFD_EXIF, EXIF_TAG_FNUMBER, FACTS_F_NUMBER_X100, 100, "exif:FNumber"},
	{EXIF_IFD_EXIF, EXIF_TAG_ISO_SPEED_RATINGS, FACTS_ISO, 1, "exif:ISO"},
	{EXIF_IFD_EXIF, EXIF_TAG_FOCAL_LENGTH, FACTS_FOCAL_MM_X10, 10, "exif:FocalLength"},
	{EXIF_IFD_0, TAG_RATING, FACTS_RATING, 1, "exif:Rating"},
};

static const struct {
	enum facts_when when;
	ExifIfd ifd;
	int tag, subsec, offset;
} date_tags[] = {
	{FACTS_EXIF_ORIGINAL, EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL,
		EXIF_TAG_SUB_SEC_TIME_ORIGINAL, EXIF_TAG_OFFSET_TIME_ORIGINAL},
	{FACTS_EXIF_DIGITIZED, EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_DIGITIZED,
		EXIF_TAG_SUB_SEC_TIME_DIGITIZED, EXIF_TAG_OFFSET_TIME_DIGITIZED},
	{FACTS_EXIF_MODIFIED, EXIF_IFD_0, EXIF_TAG_DATE_TIME, EXIF_TAG_SUB_SEC_TIME,
		EXIF_TAG_OFFSET_TIME},
};

static void take_texts(struct facts *facts, ExifData *data)
{
	for (size_t i = 0; i < ARRAY_LEN(text_tags); i++) {
		const ExifEntry *entry = find_entry(data, text_tags[i].ifd, text_tags[i].tag);

		if (entry && entry->data)
			facts_set_text(facts, text_tags[i].text, FACTS_EXIF,
				(const char *)entry->data, entry->size);
	}
}

static void take_numbers(struct facts *facts, ExifData *data)
{
	const ExifEntry *entry = find_entry(data, EXIF_IFD_0, EXIF_TAG_ORIENTATION);
	struct exif_fraction value;
	int64_t scaled;

	if (entry && entry_number(entry, 0, &value))
		facts_set_orientation(facts, "exif:Orientation", value.numerator);
	for (size_t i = 0; i < ARRAY_LEN(number_tags); i++) {
		entry = find_entry(data, number_tags[i].ifd, number_tags[i].tag);
		if (!entry || !entry_number(entry, 0, &value))
			continue;
		if (exif_scale(value, number_tags[i].scale, &scaled))
			facts_set_number(facts, number_tags[i].number, FACTS_EXIF,
				number_tags[i].name, scaled);
		else
			add_raw_fractions(facts, number_tags[i].name, &value, 1);
	}
}

static void take_dates(struct facts *facts, ExifData *data)
{
	for (size_t i = 0; i < ARRAY_LEN(date_tags); i++) {
		char text[64], subsec[16], offset[16];

		entry_text(data, date_tags[i].ifd, date_tags[i].tag, text, sizeof(text));
		if (!text[0]) /* some programs put it into the wrong directory */
			entry_text(data, EXIF_IFD_0, date_tags[i].tag, text, sizeof(text));
		entry_text(data, EXIF_IFD_EXIF, date_tags[i].subsec, subsec, sizeof(subsec));
		entry_text(data, EXIF_IFD_EXIF, date_tags[i].offset, offset, sizeof(offset));
		if (text[0])
			facts_set_date(facts, date_tags[i].when, text, strlen(text),
				subsec[0] ? subsec : NULL, offset[0] ? offset : NULL);
	}
}

static bool gps_numbers(ExifData *data, int tag, struct exif_fraction *out, size_t count)
{
	const ExifEntry *entry = find_entry(data, EXIF_IFD_GPS, tag);

	for (size_t i = 0; i < count; i++) {
		out[i] = (struct exif_fraction){0, 1};
		if (!entry || (!entry_number(entry, i, &out[i]) && !i))
			return false;
	}
	return true;
}

static void take_gps(struct facts *facts, ExifData *data)
{
	struct exif_gps gps = {0};
	struct exif_fraction reference;
	char text[8];

	gps.has_lat = gps_numbers(data, EXIF_TAG_GPS_LATITUDE, gps.lat, 3);
	gps.has_lon = gps_numbers(data, EXIF_TAG_GPS_LONGITUDE, gps.lon, 3);
	gps.has_alt = gps_numbers(data, EXIF_TAG_GPS_ALTITUDE, &gps.alt, 1);
	gps.has_time = gps_numbers(data, EXIF_TAG_GPS_TIME_STAMP, gps.time, 3);
	entry_text(data, EXIF_IFD_GPS, EXIF_TAG_GPS_LATITUDE_REF, text, sizeof(text));
	gps.lat_ref = text[0];
	entry_text(data, EXIF_IFD_GPS, EXIF_TAG_GPS_LONGITUDE_REF, text, sizeof(text));
	gps.lon_ref = text[0];
	if (gps_numbers(data, EXIF_TAG_GPS_ALTITUDE_REF, &reference, 1))
		gps.alt_ref = reference.numerator == 1;
	entry_text(data, EXIF_IFD_GPS, EXIF_TAG_GPS_DATE_STAMP, gps.date, sizeof(gps.date));
	exif_take_gps(facts, &gps);
}

static void free_data(ExifData **data)
{
	if (*data)
		exif_data_unref(*data);
}

void exif_take_block(struct facts *facts, const void *block, size_t len)
{
	static const char prefix[6] = "Exif\0";
	_cleanup_free_ unsigned char *whole = NULL;
	_cleanup_(free_data) ExifData *data = NULL;
	const ExifEntry *note;
	bool bare;

	if (len < 8 || len > BLOCK_MAX)
		return;
	bare = memcmp(block, prefix, sizeof(prefix)) != 0;
	whole = mem_calloc(1, len + sizeof(prefix));
	data = exif_data_new();
	if (!whole || !data)
		return;
	memcpy(whole, prefix, sizeof(prefix));
	memcpy(whole + (bare ? sizeof(prefix) : 0), block, len);
	exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
	exif_data_unset_option(data, EXIF_DATA_OPTION_IGNORE_UNKNOWN_TAGS);
	exif_data_set_option(data, EXIF_DATA_OPTION_DONT_CHANGE_MAKER_NOTE);
	exif_data_load_data(data, whole, (unsigned)(len + (bare ? sizeof(prefix) : 0)));
	take_texts(facts, data);
	take_numbers(facts, data);
	take_dates(facts, data);
	take_gps(facts, data);
	note = find_entry(data, EXIF_IFD_EXIF, EXIF_TAG_MAKER_NOTE);
	if (note && note->data)
		exif_take_apple_note(facts, note->data, note->size);
}
