/* zip_write.c - records of zip archives, byte by byte, also of archives too large to make here. */
#include "tap.h"
#include "http/zip_write.h"

#include "base/time.h"

static struct str out = STR_INIT(65536);

static uint64_t number(size_t at, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = bytes; i-- > 0;)
		value = value << 8 | (uint8_t)out.data[at + i];
	return value;
}

static void test_crc(void)
{
	char many[1000];
	uint32_t whole, parts = 0;

	memset(many, 'x', sizeof(many));
	ok(zip_crc(0, "123456789", 9) == 0xcbf43926u, "the check value of CRC-32");
	ok(zip_crc(0, "", 0) == 0, "of nothing");
	whole = zip_crc(0, many, sizeof(many));
	for (size_t at = 0; at < sizeof(many);) {
		size_t len = at % 7 + 1 < sizeof(many) - at ? at % 7 + 1 : sizeof(many) - at;

		parts = zip_crc(parts, many + at, len);
		at += len;
	}
	ok(whole == parts, "it is the same in pieces of any length");
}

static void test_small(void)
{
	struct civil when = {2024, 5, 1, 12, 34, 56, 0};
	struct zip_entry e = {.name = "a.jpg",
		.bytes = 1000,
		.offset = 77,
		.crc = 0x01020304,
		.time_ms = time_from_civil(&when)};

	str_clear(&out);
	zip_add_header(&out, &e);
	is_int(out.len, 30 + 5, "a header");
	ok(memcmp(out.data, "PK\3\4", 4) == 0 && number(4, 2) == 20, "of the oldest version");
	is_int(number(6, 2), 1 << 11, "its name is UTF-8, its sizes stand here");
	is_int(number(10, 2), 12 << 11 | 34 << 5 | 28, "the time");
	is_int(number(12, 2), (2024 - 1980) << 9 | 5 << 5 | 1, "the date");
	ok(number(14, 4) == 0x01020304 && number(18, 4) == 1000 && number(22, 4) == 1000 &&
			number(26, 2) == 5 && number(28, 2) == 0,
		"checksum, sizes, length of the name, nothing extra");

	str_clear(&out);
	zip_add_directory(&out, &e);
	is_int(out.len, 46 + 5, "an entry of the directory");
	ok(number(20, 4) == 1000 && number(30, 2) == 0 && number(42, 4) == 77, "points back");
	is_int(number(38, 4) >> 16, 0100644, "and is a plain file");

	str_clear(&out);
	zip_add_end(&out, 3, 500, 150);
	ok(out.len == 22 && number(10, 2) == 3 && number(12, 4) == 150 && number(16, 4) == 500,
		"an end without zip64");
}

static void test_large(void)
{
	struct zip_entry e = {.name = "b", .bytes = 5000000000, .offset = 6000000000};

	str_clear(&out);
	zip_add_header(&out, &e);
	ok(number(4, 2) == 45 && number(18, 4) == 0xffffffff && number(28, 2) == 20,
		"zip64 header");
	ok(number(31, 2) == 1 && number(33, 2) == 16 && number(35, 8) == 5000000000 &&
			number(43, 8) == 5000000000,
		"with the sizes behind the name");

	str_clear(&out);
	zip_add_directory(&out, &e);
	ok(number(30, 2) == 28 && number(42, 4) == 0xffffffff && number(49, 2) == 24 &&
			number(51, 8) == 5000000000 && number(67, 8) == 6000000000,
		"directory: sizes, then where it is");

	e.bytes = 10;
	str_clear(&out);
	zip_add_directory(&out, &e);
	ok(number(20, 4) == 10 && number(30, 2) == 12 && number(51, 8) == 6000000000,
		"a small file far away");

	str_clear(&out);
	zip_add_end(&out, 70000, 7000000000, 150);
	is_int(out.len, 56 + 20 + 22, "an end with zip64");
	ok(number(32, 8) == 70000 && number(40, 8) == 150 && number(48, 8) == 7000000000 &&
			number(64, 8) == 7000000150,
		"count, size, place, and where that stands");
	ok(number(76 + 10, 2) == 0xffff && number(76 + 16, 4) == 0xffffffff, "which the end says");
}

static void test_times(void)
{
	struct zip_entry e = {.name = "c", .time_ms = -1000000000000};

	str_clear(&out);
	zip_add_header(&out, &e);
	is_int(number(12, 2), 1 << 5 | 1, "nothing is older than 1980");
	e.time_ms = 9000000000000;
	str_clear(&out);
	zip_add_header(&out, &e);
	is_int(number(12, 2) >> 9, 127, "nor younger than 2107");
}

int main(void)
{
	test_crc();
	test_small();
	test_large();
	test_times();
	str_release(&out);
	return tap_done();
}
