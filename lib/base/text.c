/* text.c - UTF-8, numbers and small text questions; declared in str.h.
 *
 * Everything here is pure and takes any bytes.
 */
#include "base/str.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

size_t text_decode_utf8(const char *p, size_t len, uint32_t *code_point)
{
	const unsigned char *u = (const unsigned char *)p;
	uint32_t c, least;
	size_t n;

	if (len == 0)
		return 0;
	if (u[0] < 0x80) {
		*code_point = u[0];
		return 1;
	}
	if ((u[0] & 0xe0) == 0xc0) {
		n = 2;
		c = u[0] & 0x1f;
		least = 0x80;
	} else if ((u[0] & 0xf0) == 0xe0) {
		n = 3;
		c = u[0] & 0x0f;
		least = 0x800;
	} else if ((u[0] & 0xf8) == 0xf0) {
		n = 4;
		c = u[0] & 0x07;
		least = 0x10000;
	} else {
		return 0;
	}
	if (len < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (u[i] & 0x3f);
	}
	if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code_point = c;
	return n;
}

size_t text_encode_utf8(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Most text is ASCII: eight bytes at once. */
static bool is_ascii8(const char *p)
{
	uint64_t bytes;

	memcpy(&bytes, p, sizeof(bytes));
	return (bytes & 0x8080808080808080u) == 0;
}

bool text_is_utf8(const void *bytes, size_t len)
{
	const char *p = bytes;
	uint32_t c;

	while (len) {
		size_t n = len >= sizeof(uint64_t) && is_ascii8(p) ? sizeof(uint64_t) :
								     text_decode_utf8(p, len, &c);

		if (n == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

size_t text_clip_utf8(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

struct range {
	uint32_t first, last;
};

static const struct range no_column[] = {{0, 0x1f}, {0x7f, 0x9f}, {0x200b, 0x200b},
	{0x200d, 0x200d}, {0x300, 0x36f}, {0xfe00, 0xfe0f}};
static const struct range two_columns[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3},
	{0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0x1f300, 0x1faff},
	{0x20000, 0x3fffd}};

static bool is_within(uint32_t c, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

static size_t columns_of(uint32_t c)
{
	if (c >= 0x20 && c < 0x7f)
		return 1;
	if (is_within(c, no_column, ARRAY_LEN(no_column)))
		return 0;
	return is_within(c, two_columns, ARRAY_LEN(two_columns)) ? 2 : 1;
}

size_t text_columns(const char *text, size_t len)
{
	size_t columns = 0;

	while (len) {
		uint32_t c;
		size_t n = text_decode_utf8(text, len, &c);

		columns += n ? columns_of(c) : 1;
		n = n ? n : 1;
		text += n;
		len -= n;
	}
	return columns;
}

bool text_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *text, const char *suffix)
{
	size_t a = strlen(text), b = strlen(suffix);

	return a >= b && strcmp(text + a - b, suffix) == 0;
}

bool text_ends_nocase(const char *text, const char *suffix)
{
	size_t a = strlen(text), b = strlen(suffix);

	return a >= b && strcasecmp(text + a - b, suffix) == 0;
}

int text_to_i64(const char *text, int64_t min, int64_t max, int64_t *out, struct err *err)
{
	const char *p = text;
	int64_t value = 0;
	bool negative = *p == '-';

	if (negative || *p == '+')
		p++;
	if (!isdigit((unsigned char)*p))
		return err_set(err, ERR_INVALID, "'%s' is not a whole number", text);
	for (; isdigit((unsigned char)*p); p++) {
		int digit = *p - '0';

		if (__builtin_mul_overflow(value, (int64_t)10, &value) ||
			__builtin_sub_overflow(value, (int64_t)digit, &value))
			return err_set(err, ERR_INVALID, "'%s' is too large a number", text);
	}
	if (*p)
		return err_set(err, ERR_INVALID, "'%s' is not a whole number", text);
	if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
		return err_set(err, ERR_INVALID, "'%s' is too large a number", text);
	if (value < min || value > max)
		return err_set(err, ERR_INVALID, "'%s' is not between %lld and %lld", text,
			(long long)min, (long long)max);
	*out = value;
	return 0;
}

int text_to_size(const char *text, uint64_t *out, struct err *err)
{
	static const char units[] = "kmgt";
	uint64_t value = 0, step = 1024;
	const char *p = text, *unit;

	if (!isdigit((unsigned char)*p))
		return err_set(
			err, ERR_INVALID, "'%s' is not a size such as 500k, 64M or 2G", text);
	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
			__builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return err_set(err, ERR_INVALID, "'%s' is too large a size", text);
	if (*p && (unit = strchr(units, tolower((unsigned char)*p))) != NULL) {
		p++;
		if (strcasecmp(p, "b") == 0)
			step = 1000;
		if (strcasecmp(p, "b") == 0 || strcasecmp(p, "ib") == 0)
			p += strlen(p);
		for (const char *u = units; u <= unit; u++)
			if (__builtin_mul_overflow(value, step, &value))
				return err_set(err, ERR_INVALID, "'%s' is too large a size", text);
	} else if (strcasecmp(p, "b") == 0) {
		p++;
	}
	if (*p)
		return err_set(
			err, ERR_INVALID, "'%s' is not a size such as 500k, 64M or 2G", text);
	*out = value;
	return 0;
}

/* Reads digits with at most one point among them as a number x 10^7; -1 if there are none or too
 * many.  What comes after seven decimals is dropped: a centimetre is enough.  */
static int64_t take_e7(const char **text)
{
	int64_t value = 0;
	int decimals = -1, digits = 0;
	const char *p = *text;

	for (; isdigit((unsigned char)*p) || (*p == '.' && decimals < 0); p++) {
		if (*p == '.') {
			decimals = 0;
			continue;
		}
		digits++;
		if (decimals >= 7)
			continue;
		value = value * 10 + (*p - '0');
		if (decimals >= 0)
			decimals++;
		else if (value > 1000)
			return -1;
	}
	for (int i = decimals < 0 ? 0 : decimals; i < 7; i++)
		value *= 10;
	*text = p;
	return digits ? value : -1;
}

int text_to_e7(const char *text, int64_t limit, int32_t *out, struct err *err)
{
	const char *p = text;
	bool negative = *p == '-';
	int64_t value;

	if (*p == '-' || *p == '+')
		p++;
	value = take_e7(&p);
	if (value < 0 || *p || value > limit)
		return err_set(err, ERR_INVALID, "'%s' is not degrees within %lld", text,
			(long long)(limit / 10000000));
	*out = (int32_t)(negative ? -value : value);
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_decode(const char *hex, size_t len, void *out, size_t out_len)
{
	unsigned char *to = out;

	if (len != 2 * out_len)
		return -1;
	for (size_t i = 0; i < out_len; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		to[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

void hex_encode(const void *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *from = bytes;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[from[i] >> 4];
		out[2 * i + 1] = digits[from[i] & 15];
	}
	out[2 * len] = '\0';
}

#define DISTANCE_MAX 32

size_t text_distance(const char *a, const char *b)
{
	size_t rows[3][DISTANCE_MAX + 1];
	size_t la = strlen(a), lb = strlen(b);
	size_t *before = rows[0], *last = rows[1], *now = rows[2];

	if (la > DISTANCE_MAX || lb > DISTANCE_MAX)
		return DISTANCE_MAX;
	for (size_t j = 0; j <= lb; j++)
		last[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
				before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[lb];
}
