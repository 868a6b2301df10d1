/* UTF-8, numbers, sizes, degrees, hex and distances. */
#include "base/str.h"
#include "tap.h"

/* Every code point there and back; every surrogate refused. */
static void test_all_code_points(void)
{
	size_t wrong = 0;

	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char bytes[4];
		size_t n = text_encode_utf8(c, bytes);
		bool surrogate = c >= 0xd800 && c <= 0xdfff;
		uint32_t back = c + 1;
		size_t got = text_decode_utf8(bytes, n, &back);

		if (surrogate ? got != 0 : got != n || back != c)
			wrong++;
		for (size_t cut = 0; cut < n; cut++)
			wrong += text_decode_utf8(bytes, cut, &back) != 0;
	}
	is_int(wrong, 0, "all code points are encoded and decoded");
}

static void test_utf8(void)
{
	static const char *const bad[] = {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
		"a\xc3", "\xc3(", "\xe2\x82"};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!text_is_utf8(bad[i], strlen(bad[i])), "malformed UTF-8 %zu", i);
	ok(text_is_utf8("", 0) && text_is_utf8("a\0b", 3), "nothing and NUL are well-formed");
	is_int(text_clip_utf8("caf\xc3\xa9", 5, 4), 3, "a clip does not split a character");
	is_int(text_clip_utf8("caf\xc3\xa9", 5, 5), 5, "what fits stays");
	is_int(text_clip_utf8("\xf0\x9f\x98\x80", 4, 3), 0, "down to nothing");
	is_int(text_columns("caf\xc3\xa9", 5), 4, "columns");
	is_int(text_columns("\xe6\x97\xa5\xe6\x9c\xac", 6), 4, "wide characters");
	is_int(text_columns("e\xcc\x81", 3), 1, "combining marks");
}

static void test_affixes(void)
{
	ok(text_starts("album", "al") && text_starts("album", "") && !text_starts("a", "al"),
		"starts");
	ok(text_ends("a.jpg", ".jpg") && !text_ends("jpg", ".jpg") && !text_ends("a.JPG", ".jpg"),
		"ends");
	ok(text_ends_nocase("a.JPG", ".jpg") && !text_ends_nocase("a.png", ".jpg"),
		"ends, any case");
}

static void is_i64(const char *text, int64_t min, int64_t max, int failed, int64_t want)
{
	struct err err = ERR_INIT;
	int64_t got = 99;
	int rc = text_to_i64(text, min, max, &got, &err);

	ok(rc == failed && got == (failed ? 99 : want) && (!failed || err.kind == ERR_INVALID),
		"integer '%s'", text);
}

static void test_integers(void)
{
	is_i64("0", 0, 9, 0, 0);
	is_i64("-5", -9, 9, 0, -5);
	is_i64("+5", -9, 9, 0, 5);
	is_i64("9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX);
	is_i64("-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN);
	is_i64("9223372036854775808", INT64_MIN, INT64_MAX, -1, 0);
	is_i64("-9223372036854775809", INT64_MIN, INT64_MAX, -1, 0);
	is_i64("99999999999999999999", INT64_MIN, INT64_MAX, -1, 0);
	is_i64("10", 0, 9, -1, 0);
	is_i64("-1", 0, 9, -1, 0);
	is_i64("", 0, 9, -1, 0);
	is_i64("-", -9, 9, -1, 0);
	is_i64("--1", -9, 9, -1, 0);
	is_i64(" 1", 0, 9, -1, 0);
	is_i64("1 ", 0, 9, -1, 0);
	is_i64("1x", 0, 9, -1, 0);
	is_i64("0x1", 0, 9, -1, 0);
}

static void is_size(const char *text, int failed, uint64_t want)
{
	uint64_t got = 99;

	ok(text_to_size(text, &got, NULL) == failed && got == (failed ? 99 : want), "size '%s'",
		text);
}

static void test_sizes(void)
{
	is_size("0", 0, 0);
	is_size("500", 0, 500);
	is_size("10b", 0, 10);
	is_size("64k", 0, 65536);
	is_size("10M", 0, 10485760);
	is_size("2GiB", 0, 2147483648);
	is_size("500MB", 0, 500000000);
	is_size("1TB", 0, 1000000000000);
	is_size("18446744073709551615", 0, UINT64_MAX);
	is_size("18446744073709551616", -1, 0);
	is_size("16777216T", -1, 0);
	is_size("", -1, 0);
	is_size("k", -1, 0);
	is_size("-1", -1, 0);
	is_size("1.5G", -1, 0);
	is_size("1kk", -1, 0);
	is_size("1 M", -1, 0);
	is_size("1MBx", -1, 0);
}

static void is_e7(const char *text, int64_t limit, int failed, int32_t want)
{
	int32_t got = 99;

	ok(text_to_e7(text, limit, &got, NULL) == failed && got == (failed ? 99 : want),
		"degrees '%s'", text);
}

static void test_degrees(void)
{
	is_e7("0", 900000000, 0, 0);
	is_e7("-12.3456789", 900000000, 0, -123456789);
	is_e7("12.34567891", 900000000, 0, 123456789);
	is_e7("+1.5", 900000000, 0, 15000000);
	is_e7(".5", 900000000, 0, 5000000);
	is_e7("90", 900000000, 0, 900000000);
	is_e7("-180.0000000", 1800000000, 0, -1800000000);
	is_e7("90.0000001", 900000000, -1, 0);
	is_e7("213", 900000000, -1, 0);
	is_e7("99999999999999999999999", 1800000000, -1, 0);
	is_e7("", 900000000, -1, 0);
	is_e7(".", 900000000, -1, 0);
	is_e7("-", 900000000, -1, 0);
	is_e7("1.2.3", 900000000, -1, 0);
	is_e7("1e1", 900000000, -1, 0);
	is_e7("nan", 900000000, -1, 0);
	is_e7("1,5", 900000000, -1, 0);
}

static void test_hex(void)
{
	unsigned char bytes[3] = {9, 9, 9};
	char hex[7];

	ok(hex_decode("00fFa1", 6, bytes, 3) == 0 && memcmp(bytes, "\x00\xff\xa1", 3) == 0,
		"either case");
	ok(hex_decode("00ff", 4, bytes, 3) == -1, "another length");
	ok(hex_decode("00fg00", 6, bytes, 3) == -1, "other letters");
	hex_encode("\x00\xff\xa1", 3, hex);
	is_str(hex, "00ffa1", "lower case");
}

static void test_distance(void)
{
	ok(text_distance("album", "album") == 0 && text_distance("", "abc") == 3, "none, and all");
	ok(text_distance("stauts", "status") == 1, "two letters swapped count once");
	ok(text_distance("kitten", "sitting") == 3, "change, change, add");
	ok(text_distance("ca", "abc") == 3, "optimal string alignment, not the unrestricted kind");
}

int main(void)
{
	test_all_code_points();
	test_utf8();
	test_affixes();
	test_integers();
	test_sizes();
	test_degrees();
	test_hex();
	test_distance();
	return tap_done();
}
