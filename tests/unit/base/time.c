/* Civil time: every day of the calendar, reading and writing. */
#include "base/mem.h"
#include "base/time.h"
#include "tap.h"

#include <stdlib.h>
#include <time.h>

/* Counts days one by one from 0001-01-01 and compares; libc's gmtime is a second witness. */
static void test_calendar(void)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct civil day = {.year = 1, .month = 1, .day = 1};
	int64_t ms = time_from_civil(&day);
	int wrong = 0;

	is_int(ms, -62135596800000, "the first day");
	for (int year = 1; year <= 9999; year++) {
		int leap = (year % 4 == 0 && year % 100) || year % 400 == 0;

		for (int month = 1; month <= 12; month++)
			for (int d = 1; d <= lengths[month - 1] + (month == 2 && leap); d++) {
				struct civil c = {.year = year, .month = month, .day = d}, back;

				time_to_civil(ms + 86399999, &back);
				wrong += time_from_civil(&c) != ms || !time_civil_is_valid(&c) ||
					back.year != year || back.month != month || back.day != d ||
					back.hour != 23 || back.ms != 999;
				ms += 86400000;
			}
	}
	is_int(wrong, 0, "every day of 9999 years there and back");
}

static void test_libc_agrees(void)
{
	int wrong = 0;

	for (int64_t seconds = -60000000000; seconds < 250000000000; seconds += 977777777) {
		time_t t = (time_t)seconds;
		struct tm tm;
		struct civil c;

		gmtime_r(&t, &tm);
		time_to_civil(seconds * 1000, &c);
		wrong += c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 ||
			c.day != tm.tm_mday || c.hour != tm.tm_hour || c.minute != tm.tm_min ||
			c.second != tm.tm_sec;
	}
	is_int(wrong, 0, "libc agrees");
}

static void test_validity(void)
{
	static const struct civil bad[] = {{0, 1, 1, 0, 0, 0, 0}, {10000, 1, 1, 0, 0, 0, 0},
		{2023, 2, 29, 0, 0, 0, 0}, {1900, 2, 29, 0, 0, 0, 0}, {2024, 0, 1, 0, 0, 0, 0},
		{2024, 13, 1, 0, 0, 0, 0}, {2024, 4, 31, 0, 0, 0, 0}, {2024, 4, 0, 0, 0, 0, 0},
		{2024, 4, 1, 24, 0, 0, 0}, {2024, 4, 1, 0, 60, 0, 0}, {2024, 4, 1, 0, 0, 60, 0},
		{2024, 4, 1, 0, 0, 0, 1000}, {2024, 4, 1, -1, 0, 0, 0}};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!time_civil_is_valid(&bad[i]), "no such time %zu", i);
}

static void is_wall(const char *text, const char *want, int32_t want_offset, int64_t want_span)
{
	int64_t wall = 0, span = 0;
	int32_t offset = 77;
	char out[TIME_TEXT_LEN];
	struct err err = ERR_INIT;

	ok_call(time_parse_wall(text, &wall, &offset, &span, &err), &err, "'%s'", text);
	time_format_wall(wall, out);
	is_str(out, want, "is %s", want);
	ok(offset == want_offset && span == want_span, "its offset and span");
}

static void test_parsing(void)
{
	is_wall("2024", "2024-01-01T00:00:00", TIME_OFFSET_NONE, 366 * 86400000LL);
	is_wall("2023", "2023-01-01T00:00:00", TIME_OFFSET_NONE, 365 * 86400000LL);
	is_wall("2024-02", "2024-02-01T00:00:00", TIME_OFFSET_NONE, 29 * 86400000LL);
	is_wall("2024-05-01", "2024-05-01T00:00:00", TIME_OFFSET_NONE, 86400000);
	is_wall("2024-05-01 12:34", "2024-05-01T12:34:00", TIME_OFFSET_NONE, 60000);
	is_wall("2024-05-01T12:34:56", "2024-05-01T12:34:56", TIME_OFFSET_NONE, 1000);
	is_wall("2024-05-01T12:34:56.7", "2024-05-01T12:34:56.700", TIME_OFFSET_NONE, 1);
	is_wall("2024-05-01T12:34:56.78999999", "2024-05-01T12:34:56.789", TIME_OFFSET_NONE, 1);
	is_wall("2024-05-01T12:34Z", "2024-05-01T12:34:00", 0, 60000);
	is_wall("2024-05-01T12:34:56-03:30", "2024-05-01T12:34:56", -210, 1000);
	is_wall("0001-01-01", "0001-01-01T00:00:00", TIME_OFFSET_NONE, 86400000);
}

static void test_refusals(void)
{
	static const char *const bad[] = {"", "24", "2024-", "2024-5", "2024-13", "2024-00",
		"2024-05-", "2024-05-32", "2023-02-29", "0000", "0000-01-01", "2024-05-01T",
		"2024-05-01T12", "2024-05-01T24:00", "2024-05-01T12:60", "2024-05-01T12:34:60",
		"2024-05-01T12:34:56.", "2024-05-01T12:34 +02:00", "2024-05-01T12:34+2:00",
		"2024-05-01T12:34x", "2024-05-01Z", " 2024", "2024 ", "20240501", "99999-01-01",
		"2024/05/01", "-2024", "2024-05-01T12:34:56.1.2"};
	int64_t wall = 7;
	int32_t offset = 7;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(time_parse_wall(bad[i], &wall, &offset, NULL, &err) == -1 &&
				err.kind == ERR_INVALID && wall == 7 && offset == 7,
			"refused: '%s'", bad[i]);
}

static void test_offsets(void)
{
	static const char *const bad[] = {"", "+", "+1:00", "+ 1:00", "++1:00", "+-1:00", "+01: 5",
		"+01:60", "+14:01", "+99:99", "01:00", "+01:00x", "+0100", "UTC"};
	static const struct {
		const char *text;
		int32_t minutes;
	} good[] = {{"+00:00", 0}, {"+02:00", 120}, {"-03:30", -210}, {"+14:00", 840},
		{"-14:00", -840}};
	char out[8];
	int32_t offset = 5;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		ok(time_parse_offset(good[i].text, &offset, NULL) == 0 && offset == good[i].minutes,
			"%s", good[i].text);
		time_format_offset(offset, out);
		is_str(out, good[i].text, "and back");
	}
	ok(time_parse_offset("Z", &offset, NULL) == 0 && offset == 0, "Z");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(time_parse_offset(bad[i], &offset, NULL) == -1 && offset == 0, "refused: '%s'",
			bad[i]);
}

static void test_formats(void)
{
	char out[TIME_TEXT_LEN];

	time_format_utc(0, out);
	is_str(out, "1970-01-01T00:00:00Z", "the epoch");
	time_format_utc(-1, out);
	is_str(out, "1969-12-31T23:59:59.999Z", "a millisecond before");
	time_format_utc(INT64_MAX, out);
	ok(strlen(out) < sizeof(out), "the largest number fits");
	time_format_utc(INT64_MIN, out);
	ok(strlen(out) < sizeof(out), "and the smallest");
}

static void test_local(void)
{
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	is_int(time_local_offset(1704067200000), 60, "winter in Paris");
	is_int(time_local_offset(1719792000000), 120, "summer in Paris");
}

int main(void)
{
	test_calendar();
	test_libc_agrees();
	test_validity();
	test_parsing();
	test_refusals();
	test_offsets();
	test_formats();
	test_local();
	return tap_done();
}
