/* time.c - civil time; see time.h.  Pure but for time_local_offset, which asks libc for TZ. */
#define _DEFAULT_SOURCE
#include "base/time.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_MS 86400000LL

/* Days from civil and back: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
static int64_t days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

int64_t time_from_civil(const struct civil *c)
{
	return days_from_civil(c->year, c->month, c->day) * DAY_MS + c->hour * 3600000LL +
		c->minute * 60000LL + c->second * 1000LL + c->ms;
}

void time_to_civil(int64_t ms, struct civil *out)
{
	int64_t days = ms / DAY_MS, rest = ms % DAY_MS, z, era, doe, yoe, doy, mp;

	if (rest < 0) {
		rest += DAY_MS;
		days--;
	}
	z = days + 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	out->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	out->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	out->year = (int)(yoe + era * 400 + (out->month <= 2));
	out->hour = (int)(rest / 3600000);
	out->minute = (int)(rest / 60000 % 60);
	out->second = (int)(rest / 1000 % 60);
	out->ms = (int)(rest % 1000);
}

int time_civil_is_valid(const struct civil *c)
{
	return c->year >= 1 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
		c->day <= days_in_month(c->year, c->month) && c->hour >= 0 && c->hour <= 23 &&
		c->minute >= 0 && c->minute <= 59 && c->second >= 0 && c->second <= 59 &&
		c->ms >= 0 && c->ms <= 999;
}

void time_format_wall(int64_t wall_ms, char out[TIME_TEXT_LEN])
{
	struct civil c;
	int n;

	time_to_civil(wall_ms, &c);
	n = snprintf(out, TIME_TEXT_LEN, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day,
		c.hour, c.minute, c.second);
	if (c.ms && n > 0 && n < TIME_TEXT_LEN)
		snprintf(out + n, (size_t)(TIME_TEXT_LEN - n), ".%03d", c.ms);
}

void time_format_utc(int64_t unix_ms, char out[TIME_TEXT_LEN])
{
	size_t len;

	time_format_wall(unix_ms, out);
	len = strlen(out);
	snprintf(out + len, TIME_TEXT_LEN - len, "Z");
}

void time_format_offset(int32_t offset, char out[8])
{
	int minutes = abs(offset) % 6000;

	snprintf(out, 8, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

/* Reads exactly `digits` digits; -1 if there are fewer. */
static int take_number(const char **p, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		if (!isdigit((unsigned char)(*p)[i]))
			return -1;
		value = value * 10 + ((*p)[i] - '0');
	}
	*p += digits;
	return value;
}

int time_parse_offset(const char *text, int32_t *offset, struct err *err)
{
	const char *p = text + 1;
	int hours = -1, minutes = -1;

	if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0) {
		*offset = 0;
		return 0;
	}
	if (*text == '+' || *text == '-')
		hours = take_number(&p, 2);
	if (hours >= 0 && *p == ':') {
		p++;
		minutes = take_number(&p, 2);
	}
	if (minutes < 0 || *p || minutes > 59 || hours * 60 + minutes > TIME_OFFSET_MAX)
		return err_set(err, ERR_INVALID, "'%s' is not an offset such as +02:00", text);
	*offset = (*text == '-' ? -1 : 1) * (hours * 60 + minutes);
	return 0;
}

static int64_t parse_date(const char **p, struct civil *c)
{
	if ((c->year = take_number(p, 4)) < 0)
		return -1;
	if (**p != '-')
		return DAY_MS * (days_in_month(c->year ? c->year : 1, 2) + 337);
	(*p)++;
	if ((c->month = take_number(p, 2)) < 1 || c->month > 12)
		return -1;
	if (**p != '-')
		return DAY_MS * days_in_month(c->year, c->month);
	(*p)++;
	if ((c->day = take_number(p, 2)) < 0)
		return -1;
	return DAY_MS;
}

static int64_t parse_clock(const char **p, struct civil *c)
{
	if ((c->hour = take_number(p, 2)) < 0 || *(*p)++ != ':' ||
		(c->minute = take_number(p, 2)) < 0)
		return -1;
	if (**p != ':')
		return 60000;
	(*p)++;
	if ((c->second = take_number(p, 2)) < 0)
		return -1;
	if (**p != '.')
		return 1000;
	(*p)++;
	if (!isdigit((unsigned char)**p))
		return -1;
	for (int scale = 100; isdigit((unsigned char)**p); (*p)++, scale /= 10)
		c->ms += (**p - '0') * scale;
	return 1;
}

int time_parse_wall(
	const char *text, int64_t *wall_ms, int32_t *offset, int64_t *span_ms, struct err *err)
{
	struct civil c = {.month = 1, .day = 1};
	const char *p = text;
	int64_t span = parse_date(&p, &c);
	int32_t zone = TIME_OFFSET_NONE;

	if (span == DAY_MS && (*p == 'T' || *p == 't' || *p == ' ')) {
		p++;
		span = parse_clock(&p, &c);
		if (span > 0 && *p && time_parse_offset(p, &zone, NULL) == 0)
			p += strlen(p);
	}
	if (span <= 0 || *p || !time_civil_is_valid(&c))
		return err_hint(
			(err_set(err, ERR_INVALID, "'%s' is not a date or time", text), err),
			"write 2024, 2024-05, 2024-05-01 or 2024-05-01T12:30");
	*wall_ms = time_from_civil(&c);
	*offset = zone;
	if (span_ms)
		*span_ms = span;
	return 0;
}

int32_t time_local_offset(int64_t unix_ms)
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		return 0;
	return (int32_t)(tm.tm_gmtoff / 60);
}
