/* mp4.c - boxes and elements built here, honest and hostile. */
#include "media_ebml.h"
#include "media_mp4.h"
#include "tap.h"

#include "base/str.h"

/* --- building ------------------------------------------------------------------------------- */

static void add_be(struct str *s, uint64_t value, int bytes)
{
	while (bytes--)
		str_addc(s, (char)(value >> (8 * bytes)));
}

static size_t open_box(struct str *s, const char *type)
{
	size_t at = s->len;

	add_be(s, 0, 4);
	str_add(s, type, 4);
	return at;
}

static void close_box(struct str *s, size_t at)
{
	for (int i = 0; i < 4; i++)
		s->data[at + (size_t)i] = (char)((s->len - at) >> (8 * (3 - i)));
}

static void add_mvhd(
	struct str *s, unsigned version, uint64_t created, uint32_t scale, uint64_t duration)
{
	size_t at = open_box(s, "mvhd");

	add_be(s, version, 1);
	add_be(s, 0, 3);
	add_be(s, created, version ? 8 : 4);
	add_be(s, created, version ? 8 : 4);
	add_be(s, scale, 4);
	add_be(s, duration, version ? 8 : 4);
	add_be(s, 0, 8);
	close_box(s, at);
}

static void add_track(struct str *s, const int32_t matrix[4], unsigned width, unsigned height)
{
	size_t trak = open_box(s, "trak"), tkhd = open_box(s, "tkhd");

	for (int i = 0; i < 10; i++)
		add_be(s, 0, 4);
	add_be(s, (uint32_t)matrix[0], 4);
	add_be(s, (uint32_t)matrix[1], 4);
	add_be(s, 0, 4);
	add_be(s, (uint32_t)matrix[2], 4);
	add_be(s, (uint32_t)matrix[3], 4);
	for (int i = 0; i < 4; i++)
		add_be(s, 0, 4);
	add_be(s, (uint64_t)width << 16, 4);
	add_be(s, (uint64_t)height << 16, 4);
	close_box(s, tkhd);
	close_box(s, trak);
}

static void add_key(struct str *s, const char *key)
{
	add_be(s, 8 + strlen(key), 4);
	str_addz(s, "mdta");
	str_addz(s, key);
}

static void add_value(struct str *s, unsigned index, const char *value)
{
	size_t item = s->len, data;

	add_be(s, 0, 4);
	add_be(s, index, 4);
	data = open_box(s, "data");
	add_be(s, 1, 4);
	add_be(s, 0, 4);
	str_addz(s, value);
	close_box(s, data);
	close_box(s, item);
}

static void add_apple_meta(struct str *s)
{
	size_t meta = open_box(s, "meta"), box = open_box(s, "hdlr");

	for (int i = 0; i < 3; i++)
		add_be(s, 0, 8);
	close_box(s, box);
	box = open_box(s, "keys");
	add_be(s, 0, 4);
	add_be(s, 3, 4);
	add_key(s, "com.apple.quicktime.creationdate");
	add_key(s, "com.apple.quicktime.content.identifier");
	add_key(s, "com.apple.quicktime.location.ISO6709");
	close_box(s, box);
	box = open_box(s, "ilst");
	add_value(s, 1, "2021-07-14T21:15:00+0200");
	add_value(s, 2, "AB-12");
	add_value(s, 3, "+43.2951+005.3744+012.000/");
	add_value(s, 99, "no such key");
	close_box(s, box);
	close_box(s, meta);
}

static size_t read_str(void *data, uint64_t offset, void *out, size_t len)
{
	const struct str *s = data;
	size_t rest = offset < s->len ? s->len - (size_t)offset : 0;

	len = len < rest ? len : rest;
	if (len)
		memcpy(out, s->data + offset, len);
	return len;
}

static struct mp4_info read_mp4(struct str *s)
{
	struct media_reader reader = {read_str, s, s->len};
	struct mp4_info info;

	mp4_read_info(&reader, &info);
	return info;
}

/* --- tests ---------------------------------------------------------------------------------- */

static void test_movie(unsigned version)
{
	static const int32_t quarter[4] = {0, 65536, -65536, 0};
	struct str s = STR_INIT(STR_MAX_FILE);
	struct mp4_info info;
	size_t moov;

	str_add(&s,
		"\0\0\0\x10"
		"ftypqt  \0\0\0\0",
		16);
	moov = open_box(&s, "moov");
	add_mvhd(&s, version, 2082844800u + 1000, 600, 900);
	add_track(&s, (int32_t[4]){65536, 0, 0, 65536}, 0, 0); /* sound */
	add_track(&s, quarter, 568, 320);
	add_track(&s, (int32_t[4]){65536, 0, 0, 65536}, 100, 100);
	add_apple_meta(&s);
	close_box(&s, moov);
	info = read_mp4(&s);
	is_int(info.duration_ms, 1500, "v%u: duration", version);
	is_int(info.created_ms, 1000000, "v%u: made 1000 s after the epoch", version);
	is_int(info.width, 568, "v%u: the first video track's width", version);
	is_int(info.height, 320, "v%u: and height", version);
	is_int(info.turns, 1, "v%u: a quarter turn", version);
	is_str(info.date, "2021-07-14T21:15:00+0200", "v%u: Apple's date", version);
	is_str(info.content_id, "AB-12", "v%u: pairing", version);
	is_str(info.location, "+43.2951+005.3744+012.000/", "v%u: place", version);
	str_release(&s);
}

static void test_turns(void)
{
	static const struct {
		int32_t matrix[4];
		unsigned turns;
	} rows[] = {{{65536, 0, 0, 65536}, 0}, {{0, 65536, -65536, 0}, 1},
		{{-65536, 0, 0, -65536}, 2}, {{0, -65536, 65536, 0}, 3}, {{0, 0, 0, 0}, 0},
		{{46341, 46341, -46341, 46341}, 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str s = STR_INIT(STR_MAX_LINE);
		size_t moov = open_box(&s, "moov");

		add_track(&s, rows[i].matrix, 64, 48);
		close_box(&s, moov);
		is_int(read_mp4(&s).turns, rows[i].turns, "matrix %zu", i);
		str_release(&s);
	}
}

/* Every cut of a file, and sizes that lie, end the walk without reading past the end. */
static void test_hostile(void)
{
	struct str s = STR_INIT(STR_MAX_FILE);
	struct mp4_info info;
	size_t moov = open_box(&s, "moov"), full;

	add_mvhd(&s, 0, 5, 600, 900);
	add_apple_meta(&s);
	close_box(&s, moov);
	full = s.len;
	for (size_t len = 0; len < full; len++) {
		struct media_reader reader = {read_str, &s, len};

		mp4_read_info(&reader, &info);
	}
	ok(!info.has_movie, "a cut moov is none");
	memset(s.data, 0xff, 4);
	ok(!read_mp4(&s).has_movie, "a size past the end is not believed");
	str_clear(&s);
	for (int i = 0; i < 100000; i++)
		open_box(&s, "moov");
	for (size_t at = 0; at < s.len; at += 8)
		for (int i = 0; i < 4; i++)
			s.data[at + (size_t)i] = (char)((s.len - at) >> (8 * (3 - i)));
	info = read_mp4(&s);
	is_int(info.duration_ms, -1, "100,000 nested boxes end");
	str_clear(&s);
	moov = open_box(&s, "moov");
	add_mvhd(&s, 0, 0, 0, 900);
	close_box(&s, moov);
	info = read_mp4(&s);
	is_int(info.duration_ms, -1, "a time scale of 0 is no duration");
	ok(info.created_ms == INT64_MIN, "a date of 0 is none");
	str_release(&s);
}

static void test_location(void)
{
	static const struct {
		const char *text;
		bool good;
		int64_t lat, lon;
	} rows[] = {{"+43.2951+005.3744+012.000/", true, 432951000, 53744000},
		{"-34.6037-058.3816/", true, -346037000, -583816000},
		{"+4317.706+00522.464/", true, 432951000, 53744000},
		{"+431742.36+0052227.84/", true, 432951000, 53744000}, {"", false, 0, 0},
		{"43.2951+005.3744", false, 0, 0}, {"+43.2951", false, 0, 0},
		{"+nan+nan/", false, 0, 0}, {"+1e5+1e5/", false, 0, 0},
		{"+99999999999+1/", false, 0, 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t lat = 1, lon = 1, alt = 0;
		bool has_alt = false;

		ok(mp4_parse_location(rows[i].text, &lat, &lon, &has_alt, &alt) == rows[i].good,
			"'%s'", rows[i].text);
		if (!rows[i].good)
			continue;
		is_int(lat, rows[i].lat, "latitude");
		is_int(lon, rows[i].lon, "longitude");
		is_int(has_alt ? alt : -1, i ? -1 : 12000, "height");
	}
}

static void test_ebml(void)
{
	/* EBML(doctype webm) Segment(unknown size: Info(Duration 1500.0) Tracks(...)) */
	static const unsigned char webm[] = {0x1A, 0x45, 0xDF, 0xA3, 0x87, 0x42, 0x82, 0x84, 'w',
		'e', 'b', 'm', 0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0x15, 0x49, 0xA9, 0x66, 0x8B, 0x44, 0x89, 0x88, 0x40, 0x97, 0x70, 0, 0, 0, 0,
		0, 0x16, 0x54, 0xAE, 0x6B, 0x8B, 0xAE, 0x89, 0xE0, 0x87, 0xB0, 0x82, 0x02, 0x80,
		0xBA, 0x81, 0xF0, 0x1F, 0x43, 0xB6, 0x75, 0x81, 0};
	struct str s = STR_INIT(STR_MAX_LINE);
	struct media_reader reader = {read_str, &s, sizeof(webm)};
	struct ebml_info info;

	str_add(&s, webm, sizeof(webm));
	ebml_read_info(&reader, &info);
	ok(info.webm, "WebM");
	is_int(info.duration_ms, 1500, "its duration");
	is_int(info.width, 640, "its width");
	is_int(info.height, 240, "its height");
	for (size_t len = 0; len < sizeof(webm); len++) {
		reader.size = len;
		ebml_read_info(&reader, &info);
	}
	reader.size = sizeof(webm);
	memset(s.data + 4, 0, sizeof(webm) - 4);
	ebml_read_info(&reader, &info);
	is_int(info.duration_ms, -1, "zeros are no duration");
	str_release(&s);
}

int main(void)
{
	test_movie(0);
	test_movie(1);
	test_turns();
	test_hostile();
	test_location();
	test_ebml();
	return tap_done();
}
