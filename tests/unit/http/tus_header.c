/* tus_header.c - what tus clients may say, and what they may not. */
#include "http/tus_header.h"
#include "tap.h"

static struct err err;

static void test_numbers(void)
{
	static const char *const bad[] = {
		"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "1e3", "99999999999999999999", "1,2"};
	int64_t n = -1;

	ok_call(tus_parse_number("X", "0", &n, &err), &err, "zero");
	is_int(n, 0, "is zero");
	ok_call(tus_parse_number("X", "9223372036854775807", &n, &err), &err, "the largest");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(tus_parse_number("X", bad[i], &n, &err) && err.kind == ERR_INVALID, "not '%s'",
			bad[i]);
}

static void test_checksums(void)
{
	static const char *const bad[] = {"", "sha1", "sha1 ", "md5 1B2M2Y8AsgTpgAmY7PhCfg==",
		"SHA1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBw==",
		"sha256 2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "sha1 !",
		"sha1  2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=x"};
	struct tus_checksum sum;

	ok_call(tus_parse_checksum("sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=", &sum, &err), &err, "SHA-1");
	ok(sum.algorithm == TUS_SHA1 && sum.len == 20 && sum.digest[0] == 0xda, "of nothing");
	ok_call(tus_parse_checksum(
			"sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", &sum, &err),
		&err, "SHA-256");
	ok(sum.algorithm == TUS_SHA256 && sum.len == 32 && sum.digest[0] == 0xe3, "of nothing");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(tus_parse_checksum(bad[i], &sum, &err) && err.kind == ERR_INVALID, "not '%s'",
			bad[i]);
}

static void test_metadata(void)
{
	static const char *const bad[] = {",", "a,", ",a", "a,,b", " YQ==", "a YQ==,a YQ==", "a,a",
		"a YQ",
		"a Y!==", "a YQ== ", "a  YQ==", "caf\303\251 YQ==", "a\tb YQ==", "a YQ==\r\nX: 1",
		"a\177"};
	_cleanup_str_ struct str value = STR_INIT(100);
	const char *text = "filename d29ybGQucG5n,is_confidential,empty ,x YQ==";

	ok_call(tus_check_metadata("", 100, &err), &err, "none");
	ok_call(tus_check_metadata(text, 100, &err), &err, "%s", text);
	is_int(tus_get_metadata(text, "filename", &value, &err), 1, "a key");
	is_str(value.data, "world.png", "and its value");
	is_int(tus_get_metadata(text, "is_confidential", &value, &err), 1, "a key alone");
	is_str(value.data, "", "has none");
	is_int(tus_get_metadata(text, "file", &value, &err), 0, "half a key is none");
	ok(tus_check_metadata(text, 10, &err) && err.kind == ERR_TOO_LARGE, "too long");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(tus_check_metadata(bad[i], 100, &err) && err.kind == ERR_INVALID,
			"not number %zu", i);
}

static void test_dates(void)
{
	char text[TUS_DATE_LEN];

	tus_format_date(784111777000, text);
	is_str(text, "Sun, 06 Nov 1994 08:49:37 GMT", "the date of RFC 9110");
	tus_format_date(0, text);
	is_str(text, "Thu, 01 Jan 1970 00:00:00 GMT", "the epoch");
}

int main(void)
{
	test_numbers();
	test_checksums();
	test_metadata();
	test_dates();
	return tap_done();
}
