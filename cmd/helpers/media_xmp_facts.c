/* media_xmp_facts.c - which XMP properties are facts, and how their values are written.
 *
 * It parses no XML.  Vocabularies: Dublin Core, ISO 16684-1 (xmp, exif, tiff), CIPA DC-010 (exifEX),
 * Adobe (photoshop, aux).
 */
#include "media_xmp.h"

#include "base/mem.h"
#include "base/str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NS_DC        "http://purl.org/dc/elements/1.1/"
#define NS_XMP       "http://ns.adobe.com/xap/1.0/"
#define NS_EXIF      "http://ns.adobe.com/exif/1.0/"
#define NS_EXIFEX    "http://cipa.jp/exif/1.0/"
#define NS_TIFF      "http://ns.adobe.com/tiff/1.0/"
#define NS_AUX       "http://ns.adobe.com/exif/1.0/aux/"
#define NS_PHOTOSHOP "http://ns.adobe.com/photoshop/1.0/"

enum action { TEXT, DATE, KEYWORD, RATING, LATITUDE, LONGITUDE, ALTITUDE, BELOW_SEA };

static const struct rule {
	const char *space, *name;
	enum action action;
	int which; /* enum facts_text or facts_when */
} rules[] = {
	{NS_DC, "title", TEXT, FACTS_TITLE},
	{NS_DC, "description", TEXT, FACTS_DESCRIPTION},
	{NS_DC, "creator", TEXT, FACTS_OWNER},
	{NS_DC, "subject", KEYWORD, 0},
	{NS_XMP, "Rating", RATING, 0},
	{NS_XMP, "CreatorTool", TEXT, FACTS_SOFTWARE},
	{NS_XMP, "CreateDate", DATE, FACTS_XMP_DIGITIZED},
	{NS_XMP, "ModifyDate", DATE, FACTS_XMP_MODIFIED},
	{NS_PHOTOSHOP, "DateCreated", DATE, FACTS_XMP_CREATED},
	{NS_EXIF, "DateTimeOriginal", DATE, FACTS_XMP_ORIGINAL},
	{NS_EXIF, "DateTimeDigitized", DATE, FACTS_XMP_DIGITIZED},
	{NS_EXIF, "GPSLatitude", LATITUDE, 0},
	{NS_EXIF, "GPSLongitude", LONGITUDE, 0},
	{NS_EXIF, "GPSAltitude", ALTITUDE, 0},
	{NS_EXIF, "GPSAltitudeRef", BELOW_SEA, 0},
	{NS_TIFF, "Make", TEXT, FACTS_MAKE},
	{NS_TIFF, "Model", TEXT, FACTS_MODEL},
	{NS_AUX, "Lens", TEXT, FACTS_LENS},
	{NS_EXIFEX, "LensModel", TEXT, FACTS_LENS},
	{NS_AUX, "SerialNumber", TEXT, FACTS_SERIAL},
	{NS_EXIFEX, "BodySerialNumber", TEXT, FACTS_SERIAL},
};

struct taking {
	struct facts *facts;
	enum facts_rank rank;
	char lat[48], lon[48], alt[48];
	bool below_sea;
};

/* "43,17.706N", "43,17,42.36N" (ISO 16684-1) or plain degrees, to degrees x 10^7. */
static bool parse_degrees(const char *text, int64_t *e7)
{
	double degrees = 0, unit = 1;
	char *end;

	for (int i = 0; i < 3; i++, unit *= 60) {
		double part = strtod(text, &end);

		if (end == text || !isfinite(part))
			return false;
		degrees += part / unit;
		text = end;
		if (*text != ',')
			break;
		text++;
	}
	if (*text == 'S' || *text == 'W')
		degrees = -degrees;
	if (*text && (!strchr("NSEW", *text) || text[1]))
		return false;
	if (fabs(degrees) > 1e9)
		return false;
	*e7 = llrint(degrees * 1e7);
	return true;
}

/* "1234/100" or "12.34" metres to mm. */
static bool parse_metres(const char *text, int64_t *mm)
{
	char *end;
	double value = strtod(text, &end), divisor = 1;

	if (end != text && *end == '/') {
		text = end + 1;
		divisor = strtod(text, &end);
	}
	if (end == text || *end || divisor == 0 || !(fabs(value / divisor) < 1e12))
		return false;
	*mm = llrint(value / divisor * 1000);
	return true;
}

static void copy(char out[48], const struct xmp_property *property)
{
	size_t n = property->len < 47 ? property->len : 47;

	memcpy(out, property->text, n);
	out[n] = '\0';
}

static void take_rating(struct taking *taking, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(fabs(value) < 1000))
		facts_add_raw(taking->facts, "xmp:Rating", text, strlen(text));
	else
		facts_set_number(
			taking->facts, FACTS_RATING, taking->rank, "xmp:Rating", llrint(value));
}

static void apply(struct taking *taking, const struct rule *rule, const struct xmp_property *p)
{
	switch (rule->action) {
	case TEXT:
		facts_set_text(
			taking->facts, (enum facts_text)rule->which, taking->rank, p->text, p->len);
		break;
	case DATE:
		facts_set_date(
			taking->facts, (enum facts_when)rule->which, p->text, p->len, NULL, NULL);
		break;
	case KEYWORD:
		facts_add_keyword(taking->facts, p->text, p->len);
		break;
	case RATING:
		take_rating(taking, p->text);
		break;
	case LATITUDE:
		copy(taking->lat, p);
		break;
	case LONGITUDE:
		copy(taking->lon, p);
		break;
	case ALTITUDE:
		copy(taking->alt, p);
		break;
	case BELOW_SEA:
		taking->below_sea = strcmp(p->text, "1") == 0;
		break;
	}
}

static void on_property(void *data, const struct xmp_property *property)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (strcmp(rules[i].name, property->name) == 0 &&
			strcmp(rules[i].space, property->space) == 0)
			apply(data, &rules[i], property);
}

static void take_position(const struct taking *taking)
{
	int64_t lat, lon, alt;

	if (parse_degrees(taking->lat, &lat) && parse_degrees(taking->lon, &lon)) {
		facts_set_position(taking->facts, taking->rank, "xmp:GPSPosition", lat, lon);
	} else {
		facts_add_raw(taking->facts, "xmp:GPSLatitude", taking->lat, strlen(taking->lat));
		facts_add_raw(taking->facts, "xmp:GPSLongitude", taking->lon, strlen(taking->lon));
	}
	if (!taking->alt[0])
		return;
	if (parse_metres(taking->alt, &alt))
		facts_set_number(taking->facts, FACTS_ALT_MM, taking->rank, "xmp:GPSAltitude",
			taking->below_sea ? -alt : alt);
	else
		facts_add_raw(taking->facts, "xmp:GPSAltitude", taking->alt, strlen(taking->alt));
}

int xmp_take_packet(
	struct facts *facts, enum facts_rank rank, const void *packet, size_t len, struct err *err)
{
	struct taking taking = {.facts = facts, .rank = rank};
	int rc = media_xmp_parse(packet, len, on_property, &taking, err);

	take_position(&taking);
	return rc;
}
