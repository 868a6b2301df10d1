/* xmp.c - XMP is flattened, bounded, and never trusted with entities. */
#include "media_xmp.h"
#include "tap.h"

#include "base/str.h"

#define HEAD                                                                                       \
	"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "                                            \
	"xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
#define TAIL "</rdf:RDF></x:xmpmeta>"
#define NAMES                                                                                      \
	"xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:xmp='http://ns.adobe.com/xap/1.0/' "    \
	"xmlns:exif='http://ns.adobe.com/exif/1.0/' xmlns:tiff='http://ns.adobe.com/tiff/1.0/'"

/* "name=text;" of each property. */
static void collect(void *data, const struct xmp_property *property)
{
	str_addf(data, "%s=%.*s;", property->name, (int)property->len, property->text);
}

static void expect_walk(const char *packet, const char *want, int rc, const char *what)
{
	struct str seen = STR_INIT(STR_MAX_LINE);
	struct err err = ERR_INIT;

	is_int(media_xmp_parse(packet, strlen(packet), collect, &seen, &err), rc, "%s: result",
		what);
	is_str(seen.data, want, "%s: properties", what);
	str_release(&seen);
}

static void test_walk(void)
{
	expect_walk(HEAD "<rdf:Description " NAMES " xmp:Rating='4' rdf:about=''>"
			 "<dc:format>image/jpeg</dc:format></rdf:Description>" TAIL,
		"Rating=4;format=image/jpeg;", 0, "attributes and children");
	expect_walk(HEAD "<rdf:Description " NAMES "><dc:subject><rdf:Bag><rdf:li>a</rdf:li>"
			 "<rdf:li>b &amp; c</rdf:li></rdf:Bag></dc:subject></rdf:Description>" TAIL,
		"subject=a;subject=b & c;", 0, "items");
	expect_walk(HEAD "<rdf:Description " NAMES
			 "><dc:title><rdf:Alt><rdf:li xml:lang='x-default'>"
			 "\xc3\xa9t\xc3\xa9</rdf:li></rdf:Alt></dc:title></rdf:Description>"
			 "<rdf:Description " NAMES " xmp:Label='red'/>" TAIL,
		"title=\xc3\xa9t\xc3\xa9;Label=red;", 0, "languages, two descriptions");
	expect_walk(HEAD "<rdf:Description " NAMES "><xmp:Thumb rdf:parseType='Resource'>"
			 "<xmp:width>3</xmp:width></xmp:Thumb></rdf:Description>" TAIL,
		"", 0, "structures are passed over");
	expect_walk("", "", -1, "nothing");
	expect_walk("not xml", "", -1, "no XML");
	expect_walk(HEAD "<rdf:Description " NAMES " xmp:Rating='4'/>", "Rating=4;", -1,
		"what came before the end of a cut packet is kept");
}

static void test_hostile(void)
{
	struct str deep = STR_INIT(STR_MAX_FILE), seen = STR_INIT(STR_MAX_LINE);
	struct err err = ERR_INIT;
	char *big = calloc(1, XMP_BYTES_MAX + 1);

	expect_walk("<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>" HEAD
		    "<rdf:Description " NAMES " xmp:Label='&b;'/>" TAIL,
		"", -1, "a document type is refused");
	expect_walk("<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" HEAD TAIL, "", -1,
		"an external one too");
	for (int i = 0; i < 100000; i++)
		str_addz(&deep, "<a>");
	is_int(media_xmp_parse(deep.data, deep.len, collect, &seen, &err), -1, "100,000 levels");
	is_str(err.message, "the XMP cannot be read: nested too deeply", "are too deep");
	str_clear(&deep);
	str_addz(&deep, HEAD "<rdf:Description " NAMES "><dc:subject><rdf:Bag>");
	for (int i = 0; i < 20000; i++)
		str_addz(&deep, "<rdf:li>k</rdf:li>");
	str_addz(&deep, "</rdf:Bag></dc:subject></rdf:Description>" TAIL);
	is_int(media_xmp_parse(deep.data, deep.len, collect, &seen, &err), -1,
		"20,000 keywords are too many");
	is_int(media_xmp_parse(big, XMP_BYTES_MAX + 1, collect, &seen, &err), -1,
		"a packet past the limit");
	is_int(err.kind, ERR_TOO_LARGE, "is too large");
	free(big);
	str_release(&deep);
	str_release(&seen);
}

static void test_facts(void)
{
	static const char packet[] = HEAD
		"<rdf:Description " NAMES " xmp:Rating='7' tiff:Make='Canon' "
		"exif:GPSLatitude='43,17.706S' exif:GPSLongitude='5,22,27.84E' "
		"exif:GPSAltitude='1234/100' exif:GPSAltitudeRef='1' "
		"exif:DateTimeOriginal='2020-02-03T04:05:06.7+01:00'>"
		"<dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>sea</rdf:li><rdf:li> </rdf:li>"
		"</rdf:Bag></dc:subject></rdf:Description>" TAIL;
	static const char bad[] = HEAD "<rdf:Description " NAMES " exif:GPSLatitude='213,0N' "
				       "exif:GPSLongitude='1,0E' xmp:Rating='nan'/>" TAIL;
	struct facts facts;
	struct err err = ERR_INIT;
	char *json;

	facts_init(&facts);
	ok_call(xmp_take_packet(&facts, FACTS_XMP, packet, strlen(packet), &err), &err, "facts");
	json = facts_to_json(&facts, &err);
	is_str(json,
		"{\"taken_local\":\"2020-02-03T04:05:06.700\",\"taken_ms\":1580702706700,"
		"\"taken_source\":\"xmp:DateTimeOriginal\",\"offset\":60,\"offset_source\":\"xmp\","
		"\"lat_e7\":-432951000,\"lon_e7\":53744000,\"make\":\"Canon\",\"alt_mm\":-12340,"
		"\"keywords\":[\"sea\"],\"raw\":{\"xmp:Rating\":\"7\"}}",
		"only what can be true");
	free(json);
	facts_release(&facts);
	facts_init(&facts);
	ok_call(xmp_take_packet(&facts, FACTS_XMP, bad, strlen(bad), &err), &err, "hostile values");
	json = facts_to_json(&facts, &err);
	is_str(json,
		"{\"raw\":{\"xmp:Rating\":\"nan\",\"xmp:GPSPosition\":\"213.0000000,1.0000000\"}}",
		"are kept raw");
	free(json);
	facts_release(&facts);
}

int main(void)
{
	test_walk();
	test_hostile();
	test_facts();
	return tap_done();
}
