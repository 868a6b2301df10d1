/* canonical.c - the one spelling of a JSON value that may enter the log; see json.h.
 *
 * canonical_scan reads the bytes once and accepts just those that jansson would write with
 * JSON_COMPACT | JSON_SORT_KEYS for a value that wire_check_canonical_value accepts: that saves dumping every
 * event body again only to compare it.  It makes no values.  Invariant: scan says yes exactly
 * when parse, check, dump and compare say yes (tests/unit/wire/canonical.c, tests/fuzz/fuzz_json.c).
 */
#include "wire/canonical.h"
#include "wire/json.h"

#include <string.h>

struct scan {
	const char *start, *at, *end;
	int depth;
	const char *why; /* the first complaint */
};

/* A key as it stands in the text, between its quotes. */
struct key {
	const char *at, *end;
};

static bool complain(struct scan *s, const char *why)
{
	if (!s->why)
		s->why = why;
	return false;
}

static bool take(struct scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

/* The byte that the letter after a backslash stands for, or 0. */
static char short_escape(char letter)
{
	switch (letter) {
	case '"':
	case '\\':
		return letter;
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return 0;
	}
}

static int upper_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char canonical_decode_escape(const char *p, const char *end, size_t *taken)
{
	int high, low;
	char c;

	if (p == end)
		return 0;
	c = short_escape(*p);
	if (c) {
		*taken = 1;
		return c;
	}
	if (end - p < 5 || memcmp(p, "u00", 3) != 0)
		return 0;
	high = upper_hex(p[3]);
	low = upper_hex(p[4]);
	if (high < 0 || high > 1 || low < 0)
		return 0;
	c = (char)(high << 4 | low);
	*taken = 5;
	return c && !strchr("\b\f\n\r\t", c) ? c : 0;
}

/* A string; *key gets what is between the quotes. */
static bool scan_string(struct scan *s, struct key *key)
{
	if (!take(s, '"'))
		return complain(s, "a string is missing");
	key->at = s->at;
	while (s->at < s->end) {
		unsigned char c;
		uint32_t code_point;
		size_t n = 1;

		s->at += canonical_plain_len(s->at, (size_t)(s->end - s->at));
		if (s->at == s->end)
			break;
		c = (unsigned char)*s->at;
		if (c == '"') {
			key->end = s->at++;
			return true;
		}
		if (c < 0x20)
			return complain(s, "a control character is not escaped");
		if (c == '\\') {
			s->at++;
			if (!canonical_decode_escape(s->at, s->end, &n))
				return complain(s, "this escape is not canonical");
		} else if (c >= 0x80) {
			n = text_decode_utf8(s->at, (size_t)(s->end - s->at), &code_point);
			if (n == 0)
				return complain(s, "text is not UTF-8");
		}
		s->at += n;
	}
	return complain(s, "a string does not end");
}

/* The next byte of a scanned key, escapes undone; -1 at its end. */
static int key_next(struct key *key)
{
	size_t taken = 0;
	char c;

	if (key->at == key->end)
		return -1;
	c = *key->at++;
	if (c == '\\') {
		c = canonical_decode_escape(key->at, key->end, &taken);
		key->at += taken;
	}
	return (unsigned char)c;
}

static bool key_is_less(struct key a, struct key b)
{
	int left, right;

	do {
		left = key_next(&a);
		right = key_next(&b);
	} while (left == right && left >= 0);
	return left < right;
}

static bool scan_integer(struct scan *s)
{
	bool negative = take(s, '-');
	uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX, value = 0;
	const char *first = s->at;

	for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++) {
		unsigned digit = (unsigned)(*s->at - '0');

		if (value > (limit - digit) / 10)
			return complain(s, "a number is outside 64 bits");
		value = value * 10 + digit;
	}
	if (s->at == first)
		return complain(s, "a value is missing");
	if (*first == '0' && (s->at - first > 1 || negative))
		return complain(s, "a number has a leading zero or is -0");
	return true;
}

static bool scan_value(struct scan *s);

static bool scan_array(struct scan *s)
{
	if (take(s, ']'))
		return true;
	do {
		if (!scan_value(s))
			return false;
	} while (take(s, ','));
	return take(s, ']') || complain(s, "only ',' or ']' may follow here");
}

static bool scan_object(struct scan *s)
{
	struct key key, last = {NULL, NULL};

	if (take(s, '}'))
		return true;
	do {
		if (!scan_string(s, &key))
			return false;
		if (last.at && !key_is_less(last, key))
			return complain(s, "keys are not sorted, or one is there twice");
		last = key;
		if (!take(s, ':'))
			return complain(s, "':' must follow the key at once");
		if (!scan_value(s))
			return false;
	} while (take(s, ','));
	return take(s, '}') || complain(s, "only ',' or '}' may follow here");
}

static bool scan_nested(struct scan *s, bool (*scan)(struct scan *))
{
	bool good;

	if (++s->depth > WIRE_DEPTH_MAX)
		return complain(s, "it is nested too deep");
	s->at++;
	good = scan(s);
	s->depth--;
	return good;
}

static bool scan_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
		return complain(s, "a value is missing");
	s->at += len;
	return true;
}

static bool scan_value(struct scan *s)
{
	struct key text;

	if (s->at == s->end)
		return complain(s, "a value is missing");
	switch (*s->at) {
	case '{':
		return scan_nested(s, scan_object);
	case '[':
		return scan_nested(s, scan_array);
	case '"':
		return scan_string(s, &text);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		return scan_integer(s);
	}
}

int canonical_scan(const char *text, size_t len, struct err *err)
{
	struct scan s = {.start = text, .at = text, .end = text + len};
	bool good;

	if (len == 0 || *text != '{')
		good = complain(&s, "it does not begin with '{'");
	else
		good = scan_value(&s) && (s.at == s.end || complain(&s, "something follows it"));
	if (good)
		return 0;
	return err_set(
		err, ERR_INVALID, "not canonical JSON at byte %td: %s", s.at - s.start, s.why);
}

json_t *wire_parse_canonical(const char *text, size_t len, struct err *err)
{
	if (len > WIRE_BODY_MAX) {
		err_set(err, ERR_TOO_LARGE, "a body of %zu bytes is over the limit of %d", len,
			WIRE_BODY_MAX);
		return NULL;
	}
	if (canonical_scan(text, len, err))
		return NULL;
	return canonical_build(text, len, err);
}

static int check_text(const char *text, size_t len, struct err *err)
{
	return memchr(text, '\0', len) ?
		err_set(err, ERR_INVALID, "text in the log may not hold U+0000") :
		0;
}

static int check_value(const json_t *json, int depth, struct err *err)
{
	const json_t *item;
	const char *key;
	size_t key_len, i;
	void *at;

	switch (json_typeof(json)) {
	case JSON_REAL:
		return err_set(err, ERR_INVALID, "the log holds whole numbers only, no fractions");
	case JSON_STRING:
		return check_text(json_string_value(json), json_string_length(json), err);
	case JSON_OBJECT:
		if (depth == WIRE_DEPTH_MAX)
			return err_set(
				err, ERR_INVALID, "JSON is nested deeper than %d", WIRE_DEPTH_MAX);
		/* jansson's iterator takes a pointer to non-const but changes nothing. */
		for (at = json_object_iter((json_t *)(uintptr_t)json); at;
			at = json_object_iter_next((json_t *)(uintptr_t)json, at)) {
			key = json_object_iter_key(at);
			key_len = json_object_iter_key_len(at);
			if (check_text(key, key_len, err) ||
				check_value(json_object_iter_value(at), depth + 1, err))
				return -1;
		}
		return 0;
	case JSON_ARRAY:
		if (depth == WIRE_DEPTH_MAX)
			return err_set(
				err, ERR_INVALID, "JSON is nested deeper than %d", WIRE_DEPTH_MAX);
		json_array_foreach ((json_t *)(uintptr_t)json, i, item) {
			if (check_value(item, depth + 1, err))
				return -1;
		}
		return 0;
	default:
		return 0;
	}
}

int wire_check_canonical_value(const json_t *json, struct err *err)
{
	if (!json_is_object(json))
		return err_set(err, ERR_INVALID, "the log holds JSON objects only");
	return check_value(json, 0, err);
}
