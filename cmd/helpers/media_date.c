/* media_date.c - reads the dates of EXIF, XMP, IPTC and QuickTime.
 *
 * It decides nothing about which date to believe.  What it returns exists in the calendar.
 */
#include "media_date.h"

#include "base/time.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct cursor {
	const char *p, *end;
};

static bool at_digit(const struct cursor *c)
{
	return c->p < c->end && isdigit((unsigned char)*c->p);
}

/* Exactly `digits` digits; -1 when there are fewer. */
static int take_digits(struct cursor *c, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		if (!at_digit(c))
			return -1;
		value = value * 10 + (*c->p++ - '0');
	}
	return value;
}

static bool take_any(struct cursor *c, const char *separators)
{
	if (c->p >= c->end || !*c->p || !strchr(separators, *c->p))
		return false;
	c->p++;
	return true;
}

static void skip_blanks(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || (*c->p >= '\t' && *c->p <= '\r')))
		c->p++;
}

static void trim(struct cursor *c)
{
	const char *nul = c->p < c->end ? memchr(c->p, '\0', (size_t)(c->end - c->p)) : NULL;

	if (nul)
		c->end = nul;
	skip_blanks(c);
	while (c->end > c->p && (c->end[-1] == ' ' || (c->end[-1] >= '\t' && c->end[-1] <= '\r')))
		c->end--;
}

int media_date_subsec_ms(const char *text, size_t len)
{
	int value = 0, digits = 0;

	for (size_t i = 0; i < len && digits < 3 && isdigit((unsigned char)text[i]); i++, digits++)
		value = value * 10 + (text[i] - '0');
	for (; digits && digits < 3; digits++)
		value *= 10;
	return value;
}

static bool take_offset(struct cursor *c, int32_t *minutes)
{
	int hours, rest = 0, sign;

	if (take_any(c, "Zz")) {
		*minutes = 0;
		return true;
	}
	sign = c->p < c->end && *c->p == '-' ? -1 : 1;
	if (!take_any(c, "+-") || !at_digit(c))
		return false;
	hours = *c->p++ - '0';
	if (at_digit(c))
		hours = hours * 10 + (*c->p++ - '0');
	take_any(c, ":");
	if (at_digit(c) && (rest = take_digits(c, 2)) < 0)
		return false;
	if (rest > 59 || hours * 60 + rest > TIME_OFFSET_MAX)
		return false;
	*minutes = sign * (hours * 60 + rest);
	return true;
}

bool media_date_parse_offset(const char *text, size_t len, int32_t *minutes)
{
	struct cursor c = {text, text + len};
	int32_t value;

	trim(&c);
	if (!take_offset(&c, &value) || c.p != c.end)
		return false;
	*minutes = value;
	return true;
}

/* Missing parts stay 1; a separator without what it announces is an error. */
static bool take_day(struct cursor *c, struct civil *civil)
{
	if ((civil->year = take_digits(c, 4)) < 0)
		return false;
	if (!take_any(c, ":-/.") && !at_digit(c))
		return true;
	if ((civil->month = take_digits(c, 2)) < 0)
		return false;
	if (!take_any(c, ":-/.") && !at_digit(c))
		return true;
	return (civil->day = take_digits(c, 2)) >= 0;
}

static bool take_clock(struct cursor *c, struct civil *civil)
{
	if ((civil->hour = take_digits(c, 2)) < 0)
		return false;
	take_any(c, ":");
	if ((civil->minute = take_digits(c, 2)) < 0)
		return false;
	if (!take_any(c, ":") && !at_digit(c))
		return true;
	if ((civil->second = take_digits(c, 2)) < 0)
		return false;
	if (civil->second == 60)
		civil->second = 59; /* a leap second; the calendar here has none */
	if (take_any(c, ".,")) {
		civil->ms = media_date_subsec_ms(c->p, (size_t)(c->end - c->p));
		while (at_digit(c))
			c->p++;
	}
	return true;
}

bool media_date_parse(const char *text, size_t len, struct media_date *out)
{
	struct cursor c = {text, text + len};
	struct civil civil = {.month = 1, .day = 1};
	struct media_date date = {.offset = TIME_OFFSET_NONE};

	trim(&c);
	if (!take_day(&c, &civil))
		return false;
	if (c.p < c.end && take_any(&c, "T t")) {
		skip_blanks(&c);
		if (!take_clock(&c, &civil))
			return false;
		date.has_clock = true;
		skip_blanks(&c);
		if (c.p < c.end && !take_offset(&c, &date.offset))
			return false;
	}
	if (c.p != c.end || !time_civil_is_valid(&civil))
		return false;
	date.wall_ms = time_from_civil(&civil);
	*out = date;
	return true;
}

/* Whole hours from -12 to +14, and the others that are or lately were in use (IANA tz). */
static bool is_zone(int64_t minutes)
{
	static const int odd[] = {
		-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825};

	if (minutes % 60 == 0)
		return minutes >= -12 * 60 && minutes <= TIME_OFFSET_MAX;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		if (odd[i] == minutes)
			return true;
	return false;
}

bool media_date_guess_offset(int64_t wall_ms, int64_t utc_ms, int32_t *minutes)
{
	const int64_t quarter = 15 * 60000, slack = 90000;
	int64_t difference = wall_ms - utc_ms;
	int64_t rounded = (difference + (difference < 0 ? -quarter / 2 : quarter / 2)) / quarter;

	if (llabs(difference) > TIME_OFFSET_MAX * 60000LL + slack ||
		llabs(difference - rounded * quarter) > slack || !is_zone(rounded * 15))
		return false;
	*minutes = (int32_t)(rounded * 15);
	return true;
}
