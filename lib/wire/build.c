/* build.c - values out of text that canonical_scan has accepted; see canonical.h.
 *
 * jansson reads a text byte by byte through a callback; every event that is read or replayed has a
 * body, so this was two thirds of a rebuild.  It checks nothing: invariant: its text passed
 * canonical_scan, so every string is UTF-8 and ends, and nothing is nested deeper than
 * WIRE_DEPTH_MAX.
 */
#include "wire/canonical.h"
#include "wire/json.h"

#include <string.h>

struct build {
	const char *at, *end;
	struct str unescaped; /* the last string that held an escape */
};

/* What is between two quotes, in the text or in `unescaped`: good until the next one. */
struct span {
	const char *bytes;
	size_t len;
};

static json_t *build_value(struct build *b);

static struct span unescape(struct build *b)
{
	str_clear(&b->unescaped);
	while (*b->at != '"') {
		size_t taken = 1;
		char c = *b->at++;

		if (c == '\\') {
			c = canonical_decode_escape(b->at, b->end, &taken);
			b->at += taken;
		}
		str_addc(&b->unescaped, c);
	}
	b->at++;
	return (struct span){b->unescaped.data, b->unescaped.len};
}

static struct span take_string(struct build *b)
{
	const char *first = ++b->at, *quote = memchr(first, '"', (size_t)(b->end - first));
	size_t len = (size_t)(quote - first);

	if (memchr(first, '\\', len))
		return unescape(b);
	b->at = quote + 1;
	return (struct span){first, len};
}

static json_t *build_string(struct build *b)
{
	struct span text = take_string(b);

	return b->unescaped.failed ? NULL : json_stringn_nocheck(text.bytes, text.len);
}

static json_t *build_integer(struct build *b)
{
	bool negative = *b->at == '-';
	json_int_t value = 0; /* kept negative: there is one number more on that side */

	for (b->at += negative; *b->at >= '0' && *b->at <= '9'; b->at++)
		value = value * 10 - (*b->at - '0');
	return json_integer(negative ? value : -value);
}

/* One member of an object; the key goes in before the value that may reuse `unescaped`. */
static int add_member(struct build *b, json_t *object)
{
	struct span key = take_string(b);
	_cleanup_free_ char *copy = NULL;
	json_t *value;

	if (b->unescaped.failed)
		return -1;
	if (key.bytes == b->unescaped.data) {
		copy = mem_strndup(key.bytes, key.len);
		if (!copy)
			return -1;
		key.bytes = copy;
	}
	b->at++; /* ':' */
	value = build_value(b);
	return value ? json_object_setn_new_nocheck(object, key.bytes, key.len, value) : -1;
}

static int add_item(struct build *b, json_t *array)
{
	json_t *value = build_value(b);

	return value ? json_array_append_new(array, value) : -1;
}

/* Takes `container` over: it comes back filled, or NULL. */
static json_t *fill(struct build *b, json_t *container, int (*add)(struct build *b, json_t *to))
{
	b->at++; /* '{' or '[' */
	while (container && *b->at != '}' && *b->at != ']') {
		if (add(b, container)) {
			json_decref(container);
			return NULL;
		}
		b->at += *b->at == ',';
	}
	b->at++;
	return container;
}

static json_t *build_value(struct build *b)
{
	switch (*b->at) {
	case '{':
		return fill(b, json_object(), add_member);
	case '[':
		return fill(b, json_array(), add_item);
	case '"':
		return build_string(b);
	case 't':
		b->at += strlen("true");
		return json_true();
	case 'f':
		b->at += strlen("false");
		return json_false();
	case 'n':
		b->at += strlen("null");
		return json_null();
	default:
		return build_integer(b);
	}
}

json_t *canonical_build(const char *text, size_t len, struct err *err)
{
	struct build b = {.at = text, .end = text + len, .unescaped = STR_INIT(len)};
	json_t *json = build_value(&b);

	str_release(&b.unescaped);
	if (!json)
		err_no_memory(err);
	return json;
}
