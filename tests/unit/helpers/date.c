/* date.c - dates as cameras write them, and as they should not. */
#include "base/time.h"
#include "media_date.h"
#include "tap.h"

static const struct {
	const char *text, *wall; /* NULL: no date */
	int32_t offset;
} rows[] = {
	{"2008:05:30 15:56:01", "2008-05-30T15:56:01", TIME_OFFSET_NONE},
	{"2008-05-30T15:56:01.25+02:00", "2008-05-30T15:56:01.250", 120},
	{"2008-05-30T15:56:01Z", "2008-05-30T15:56:01", 0},
	{"2019-07-24T11:25:40+0300", "2019-07-24T11:25:40", 180},
	{"2008-05-30T15:56-03:30", "2008-05-30T15:56:00", -210},
	{"20080530", "2008-05-30T00:00:00", TIME_OFFSET_NONE},
	{"20080530T155601-0400", "2008-05-30T15:56:01", -240},
	{"2008-05", "2008-05-01T00:00:00", TIME_OFFSET_NONE},
	{"2008", "2008-01-01T00:00:00", TIME_OFFSET_NONE},
	{"  2008:05:30 15:56:01 \n", "2008-05-30T15:56:01", TIME_OFFSET_NONE},
	{"2016:12:31 23:59:60", "2016-12-31T23:59:59", TIME_OFFSET_NONE},
	{"2024:02:29 00:00:00", "2024-02-29T00:00:00", TIME_OFFSET_NONE},
	{"9999:12:31 23:59:59", "9999-12-31T23:59:59", TIME_OFFSET_NONE},
	{"", NULL, 0},
	{"    :  :     :  :  ", NULL, 0},
	{"0000:00:00 00:00:00", NULL, 0},
	{"0000:01:01 00:00:00", NULL, 0},
	{"2024:13:45 99:99:99", NULL, 0},
	{"2023:02:29 00:00:00", NULL, 0},
	{"2024:01:01 24:00:00", NULL, 0},
	{"2024-01-01T10:00:00+99:99", NULL, 0},
	{"2024-01-01T10:00:00+14:01", NULL, 0},
	{"2024-01-01T10:00:00 nonsense", NULL, 0},
	{"24:01:01 10:00:00", NULL, 0},
	{"-2024:01:01", NULL, 0},
	{"today", NULL, 0},
};

static const struct {
	const char *text;
	int32_t minutes; /* TIME_OFFSET_NONE: refused */
} offsets[] = {{"+02:00", 120}, {"-03:30", -210}, {"Z", 0}, {"+00:00", 0}, {"+5", 300},
	{"-0330", -210}, {" +01:00 ", 60}, {"+14:00", 840}, {"+99:99", TIME_OFFSET_NONE},
	{"+14:15", TIME_OFFSET_NONE}, {"+01:60", TIME_OFFSET_NONE}, {"", TIME_OFFSET_NONE},
	{"02:00", TIME_OFFSET_NONE}, {"+1:2:3", TIME_OFFSET_NONE}};

static void test_guess(void)
{
	const int64_t noon = 43200000, hour = 3600000;
	int32_t minutes = 7;

	ok(media_date_guess_offset(noon + 2 * hour, noon, &minutes), "two hours ahead");
	is_int(minutes, 120, "are +02:00");
	ok(media_date_guess_offset(noon - 3 * hour - 1800000 + 40000, noon, &minutes),
		"a GPS that lags by 40 s");
	is_int(minutes, -210, "still says -03:30");
	ok(media_date_guess_offset(noon + 20700000, noon, &minutes), "Nepal");
	is_int(minutes, 345, "is +05:45");
	minutes = 7;
	ok(!media_date_guess_offset(noon + 75 * 60000, noon, &minutes), "no place has +01:15");
	ok(!media_date_guess_offset(noon - 13 * hour, noon, &minutes), "nor -13:00");
	ok(!media_date_guess_offset(noon + 420000, noon, &minutes), "7 minutes are no zone");
	ok(!media_date_guess_offset(noon + 15 * hour, noon, &minutes), "15 hours are no zone");
	ok(!media_date_guess_offset(INT64_MAX / 4, -noon, &minutes), "nor is an age");
	is_int(minutes, 7, "a failure changes nothing");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct media_date date;
		char wall[TIME_TEXT_LEN] = "";
		bool parsed = media_date_parse(rows[i].text, strlen(rows[i].text), &date);

		if (!ok(parsed == (rows[i].wall != NULL), "'%s'", rows[i].text) || !parsed)
			continue;
		time_format_wall(date.wall_ms, wall);
		is_str(wall, rows[i].wall, "'%s': wall time", rows[i].text);
		is_int(date.offset, rows[i].offset, "'%s': offset", rows[i].text);
	}
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		int32_t minutes = TIME_OFFSET_NONE;

		media_date_parse_offset(offsets[i].text, strlen(offsets[i].text), &minutes);
		is_int(minutes, offsets[i].minutes, "offset '%s'", offsets[i].text);
	}
	is_int(media_date_subsec_ms("5", 1), 500, "a tenth");
	is_int(media_date_subsec_ms("05", 2), 50, "five hundredths");
	is_int(media_date_subsec_ms("935476", 6), 935, "microseconds are cut");
	is_int(media_date_subsec_ms("", 0), 0, "no fraction");
	test_guess();
	return tap_done();
}
