/* facts.c - which source wins, what is not believed, and EXIF blocks made here. */
#include "base/time.h"
#include "media/protocol.h"
#include "media_exif.h"
#include "media_facts.h"
#include "tap.h"

static void expect(struct facts *facts, const char *want, const char *what)
{
	struct err err = ERR_INIT;
	char *json = facts_to_json(facts, &err);

	is_str(json, want, "%s", what);
	free(json);
	facts_release(facts);
	facts_init(facts);
}

static void set(struct facts *facts, enum facts_text what, enum facts_rank rank, const char *text)
{
	facts_set_text(facts, what, rank, text, strlen(text));
}

static void date(struct facts *facts, enum facts_when when, const char *text, const char *offset)
{
	facts_set_date(facts, when, text, strlen(text), NULL, offset);
}

static void test_text(struct facts *facts)
{
	set(facts, FACTS_TITLE, FACTS_IPTC, "from IPTC");
	set(facts, FACTS_TITLE, FACTS_XMP, "from XMP");
	set(facts, FACTS_TITLE, FACTS_IPTC, "again");
	set(facts, FACTS_TITLE, FACTS_SIDECAR, "  from the sidecar \n");
	expect(facts, "{\"title\":\"from the sidecar\"}", "the most trusted text wins, trimmed");
	set(facts, FACTS_MAKE, FACTS_EXIF, "      ");
	expect(facts, "{}", "blanks are no text");
	set(facts, FACTS_MAKE, FACTS_EXIF, "Caf\xe9\x1b[31m\x07!");
	expect(facts, "{\"make\":\"Caf\xc3\xa9[31m!\"}", "Latin-1 becomes UTF-8, controls go");
	facts_set_text(facts, FACTS_MAKE, FACTS_EXIF, "Canon\0junk", 10);
	expect(facts, "{\"make\":\"Canon\"}", "text ends at its NUL");
}

static void test_dates(struct facts *facts)
{
	date(facts, FACTS_EXIF_MODIFIED, "2020:01:01 00:00:00", NULL);
	date(facts, FACTS_EXIF_ORIGINAL, "2019:06:09 12:57:32", "+02:00");
	expect(facts,
		"{\"taken_local\":\"2019-06-09T12:57:32\",\"taken_ms\":1560085052000,"
		"\"taken_source\":\"exif:DateTimeOriginal\",\"offset\":120,"
		"\"offset_source\":\"exif:OffsetTimeOriginal\"}",
		"the original date wins");
	date(facts, FACTS_EXIF_ORIGINAL, "0000:00:00 00:00:00", NULL);
	date(facts, FACTS_EXIF_DIGITIZED, "2019:06:09 12:57:32", "+99:99");
	expect(facts,
		"{\"taken_local\":\"2019-06-09T12:57:32\",\"taken_ms\":1560085052000,"
		"\"taken_source\":\"exif:DateTimeDigitized\",\"raw\":{"
		"\"exif:DateTimeOriginal\":\"0000:00:00 00:00:00\","
		"\"exif:OffsetTimeDigitized\":\"+99:99\"}}",
		"year 0 and offset +99:99 are raw");
	date(facts, FACTS_EXIF_ORIGINAL, "2019:06:09 12:57:32", NULL);
	facts_set_gps_time(facts, "2019:06:09", 10 * 3600000 + 57 * 60000 + 20000);
	expect(facts,
		"{\"taken_local\":\"2019-06-09T12:57:32\",\"taken_ms\":1560085052000,"
		"\"taken_source\":\"exif:DateTimeOriginal\",\"offset\":120,\"offset_source\":\"gps\"}",
		"GPS time gives the offset");
	date(facts, FACTS_EXIF_ORIGINAL, "2019:06:09 12:57:32", NULL);
	date(facts, FACTS_XMP_ORIGINAL, "2019-06-09T12:57:32-07:00", NULL);
	expect(facts,
		"{\"taken_local\":\"2019-06-09T12:57:32\",\"taken_ms\":1560085052000,"
		"\"taken_source\":\"exif:DateTimeOriginal\",\"offset\":-420,\"offset_source\":\"xmp\"}",
		"XMP lends the offset of the same moment");
	facts_set_utc(facts, FACTS_QUICKTIME_MOVIE, INT64_MAX);
	expect(facts, "{}", "an instant beyond all years is none");
}

static void test_numbers(struct facts *facts)
{
	facts_set_position(facts, FACTS_EXIF, "exif:GPSPosition", 2130000000, 10);
	expect(facts, "{\"raw\":{\"exif:GPSPosition\":\"213.0000000,0.0000010\"}}", "latitude 213");
	facts_set_position(facts, FACTS_EXIF, "exif:GPSPosition", 0, 0);
	facts_set_number(facts, FACTS_ALT_MM, FACTS_EXIF, "exif:GPSAltitude", 5000);
	expect(facts, "{\"raw\":{\"exif:GPSPosition\":\"0.0000000,0.0000000\"}}", "no fix");
	facts_set_orientation(facts, "exif:Orientation", 0);
	facts_set_orientation(facts, "exif:Orientation", 9);
	facts_set_orientation(facts, "exif:Orientation", 6);
	facts->stored_width = 40;
	facts->stored_height = 30;
	expect(facts,
		"{\"orientation\":6,\"stored_width\":40,\"stored_height\":30,\"width\":30,"
		"\"height\":40,\"raw\":{\"exif:Orientation\":\"0\"}}",
		"orientations 0 and 9 are raw, 6 turns the size");
	facts_set_number(facts, FACTS_RATING, FACTS_XMP, "xmp:Rating", 99);
	expect(facts, "{\"raw\":{\"xmp:Rating\":\"99\"}}", "a rating of 99");
}

static void test_bounds(struct facts *facts)
{
	static char big[200000];
	struct err err = ERR_INIT;
	char *json;

	memset(big, '"', sizeof(big)); /* doubles in JSON */
	facts_set_text(facts, FACTS_DESCRIPTION, FACTS_EXIF, big, sizeof(big));
	for (int i = 0; i < 1000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "raw%d", i);
		snprintf(big, sizeof(big), "%d", i);
		big[strlen(big)] = '"';
		facts_add_keyword(facts, big, 400);
		facts_add_raw(facts, name, big, 400);
	}
	json = facts_to_json(facts, &err);
	ok(json && strlen(json) <= MEDIA_FACTS_MAX, "whatever comes in, a packet holds it");
	free(json);
	facts_release(facts);
	facts_init(facts);
}

/* --- EXIF ----------------------------------------------------------------------------------- */

struct entry {
	unsigned tag, type, count;
	const char *data;
	size_t len;
};

static void put(unsigned char *block, size_t *at, uint32_t value, int bytes)
{
	while (bytes--)
		block[(*at)++] = (unsigned char)(value >> (8 * bytes));
}

/* A big-endian directory at *at; values that do not fit go to *more. */
static void put_directory(
	unsigned char *block, size_t *at, size_t *more, const struct entry *entries, unsigned count)
{
	put(block, at, count, 2);
	for (unsigned i = 0; i < count; i++) {
		put(block, at, entries[i].tag, 2);
		put(block, at, entries[i].type, 2);
		put(block, at, entries[i].count, 4);
		if (entries[i].len > 4) {
			memcpy(block + *more, entries[i].data, entries[i].len);
			put(block, at, (uint32_t)*more, 4);
			*more += entries[i].len;
		} else {
			memcpy(block + *at, entries[i].data, entries[i].len);
			*at += 4;
		}
	}
	put(block, at, 0, 4);
}

#define BYTES(text) text, sizeof(text) - 1

static size_t make_exif(unsigned char *block, const char *lat, const char *orientation)
{
	const struct entry ifd0[] = {{0x010f, 2, 6, BYTES("Canon\0")},
		{0x0112, 3, 1, orientation, 4}, {0x8769, 4, 1, BYTES("\0\0\0\x80")},
		{0x8825, 4, 1, BYTES("\0\0\x01\0")}};
	const struct entry exif[] = {{0x829a, 5, 1, BYTES("\0\0\0\x01\0\0\0\xfa")},
		{0x829d, 5, 1, BYTES("\0\0\0\0\0\0\0\0")},
		{0x9003, 2, 20, BYTES("2019:06:09 12:57:32\0")}, {0x9011, 2, 7, BYTES("+02:00\0")},
		{0x9291, 2, 4, BYTES("987\0")}};
	const struct entry gps[] = {{1, 2, 2, BYTES("S\0\0\0")}, {2, 5, 3, lat, 24},
		{3, 2, 2, BYTES("E\0\0\0")},
		{4, 5, 3, BYTES("\0\0\0\x05\0\0\0\x01\0\0\0\x1e\0\0\0\x01\0\0\0\0\0\0\0\x01")}};
	size_t at = 8, more = 0x200;

	memset(block, 0, 1024);
	memcpy(block, "MM\0*\0\0\0\x08", 8);
	put_directory(block, &at, &more, ifd0, 4);
	at = 0x80;
	put_directory(block, &at, &more, exif, 5);
	at = 0x100;
	put_directory(block, &at, &more, gps, 4);
	return more;
}

static void test_exif(struct facts *facts)
{
	static const char good[] = "\0\0\0\x2b\0\0\0\x01\0\0\0\x1e\0\0\0\x01\0\0\0\0\0\0\0\x01";
	static const char zero[] = "\0\0\0\x2b\0\0\0\x01\0\0\0\x1e\0\0\0\x01\0\0\0\0\0\0\0\0";
	static const char want[] =
		"{\"orientation\":6,\"taken_local\":\"2019-06-09T12:57:32.987\","
		"\"taken_ms\":1560085052987,\"taken_source\":\"exif:DateTimeOriginal\","
		"\"offset\":120,\"offset_source\":\"exif:OffsetTimeOriginal\","
		"\"lat_e7\":-435000000,\"lon_e7\":55000000,\"make\":\"Canon\","
		"\"exposure_us\":4000,\"raw\":{\"exif:FNumber\":\"0/0\"}}";
	unsigned char block[1030] = "Exif\0";
	size_t len = make_exif(block + 6, good, "\0\x06\0\0");

	exif_take_block(facts, block + 6, len);
	expect(facts, want, "a bare block, as in PNG and HEIC");
	exif_take_block(facts, block, len + 6);
	expect(facts, want, "the same with its prefix, as in JPEG");
	len = make_exif(block + 6, zero, "\0\x09\0\0");
	exif_take_block(facts, block + 6, len);
	expect(facts,
		"{\"taken_local\":\"2019-06-09T12:57:32.987\",\"taken_ms\":1560085052987,"
		"\"taken_source\":\"exif:DateTimeOriginal\",\"offset\":120,"
		"\"offset_source\":\"exif:OffsetTimeOriginal\",\"make\":\"Canon\","
		"\"exposure_us\":4000,\"raw\":{\"exif:Orientation\":\"9\","
		"\"exif:FNumber\":\"0/0\",\"exif:GPSLatitude\":\"43/1 30/1 0/0\","
		"\"exif:GPSLongitude\":\"5/1 30/1 0/1\"}}",
		"0/0 seconds and orientation 9");
	for (size_t n = 0; n < len; n++)
		exif_take_block(facts, block + 6, n);
	ok(true, "every cut of a block is survived");
	facts_release(facts);
	facts_init(facts);
}

static void test_apple(struct facts *facts)
{
	static const char note[] = "Apple iOS\0\0\x01MM\0\x01\0\x11\0\x02\0\0\0\x06\0\0\0\x1c"
				   "AB-12\0";
	static const char liar[] = "Apple iOS\0\0\x01MM\0\x01\0\x11\0\x02\xff\xff\xff\xff\0\0\0\x1c"
				   "AB-12\0";

	exif_take_apple_note(facts, (const unsigned char *)note, sizeof(note) - 1);
	expect(facts, "{\"content_id\":\"AB-12\"}", "Apple's pairing name");
	exif_take_apple_note(facts, (const unsigned char *)liar, sizeof(liar) - 1);
	expect(facts, "{}", "a length past the end is not believed");
}

int main(void)
{
	struct facts facts;

	facts_init(&facts);
	test_text(&facts);
	test_dates(&facts);
	test_numbers(&facts);
	test_bounds(&facts);
	test_exif(&facts);
	test_apple(&facts);
	facts_release(&facts);
	return tap_done();
}
