/* write.c - the canonical form of a value that wire_check_canonical_value has accepted; see json.h.
 *
 * The bytes are those of jansson's JSON_COMPACT | JSON_SORT_KEYS, which feeds its callback piece by
 * piece and decodes each character: for a message that cost as much as its row.  Invariant: what is
 * written passes canonical_scan (tests/unit/wire/canonical.c).
 */
#include "wire/canonical.h"
#include "wire/json.h"

#include <stdlib.h>
#include <string.h>

struct member {
	const char *key;
	size_t len;
	const json_t *value;
};

static int write_value(const json_t *json, struct str *out, struct err *err);

/* The letter of a short escape, or 0. */
static char escape_letter(unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char)c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

static void write_escape(unsigned char c, struct str *out)
{
	char letter = escape_letter(c);

	if (letter) {
		str_addc(out, '\\');
		str_addc(out, letter);
	} else {
		str_addf(out, "\\u%04X", c);
	}
}

int canonical_write_text(const char *text, size_t len, struct str *out, struct err *err)
{
	size_t done = 0;

	if (!text_is_utf8(text, len))
		return err_set(err, ERR_INVALID, "this value cannot be written as JSON");
	str_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c;

		i += canonical_plain_len(text + i, len - i);
		if (i == len)
			break;
		c = (unsigned char)text[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		str_add(out, text + done, i - done);
		write_escape(c, out);
		done = i + 1;
	}
	str_add(out, text + done, len - done);
	str_addc(out, '"');
	return 0;
}

static int compare_members(const void *a, const void *b)
{
	const struct member *left = a, *right = b;
	size_t shorter = left->len < right->len ? left->len : right->len;
	int order = memcmp(left->key, right->key, shorter);

	return order ? order : (left->len > right->len) - (left->len < right->len);
}

/* The members in the order of their keys; free it. */
static struct member *sort_members(const json_t *object, size_t count, struct err *err)
{
	struct member *members = mem_calloc(count, sizeof(*members));
	/* jansson's iterator takes a pointer to non-const but changes nothing. */
	json_t *o = (json_t *)(uintptr_t)object;
	void *at = json_object_iter(o);

	if (!members) {
		err_no_memory(err);
		return NULL;
	}
	for (size_t i = 0; i < count && at; i++, at = json_object_iter_next(o, at))
		members[i] = (struct member){json_object_iter_key(at), json_object_iter_key_len(at),
			json_object_iter_value(at)};
	if (count > 1)
		qsort(members, count, sizeof(*members), compare_members);
	return members;
}

static int write_object(const json_t *object, struct str *out, struct err *err)
{
	size_t count = json_object_size(object);
	_cleanup_free_ struct member *members = NULL;

	if (count) {
		members = sort_members(object, count, err);
		if (!members)
			return -1;
	}
	str_addc(out, '{');
	for (size_t i = 0; i < count; i++) {
		if (i)
			str_addc(out, ',');
		if (canonical_write_text(members[i].key, members[i].len, out, err))
			return -1;
		str_addc(out, ':');
		if (write_value(members[i].value, out, err))
			return -1;
	}
	str_addc(out, '}');
	return 0;
}

static int write_array(const json_t *array, struct str *out, struct err *err)
{
	str_addc(out, '[');
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (i)
			str_addc(out, ',');
		if (write_value(json_array_get(array, i), out, err))
			return -1;
	}
	str_addc(out, ']');
	return 0;
}

static int write_value(const json_t *json, struct str *out, struct err *err)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return write_object(json, out, err);
	case JSON_ARRAY:
		return write_array(json, out, err);
	case JSON_STRING:
		return canonical_write_text(
			json_string_value(json), json_string_length(json), out, err);
	case JSON_INTEGER:
		str_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
		return 0;
	case JSON_TRUE:
		str_addz(out, "true");
		return 0;
	case JSON_FALSE:
		str_addz(out, "false");
		return 0;
	default:
		str_addz(out, "null");
		return 0;
	}
}

int wire_canonical(const json_t *json, struct str *out, struct err *err)
{
	if (wire_check_canonical_value(json, err) || write_value(json, out, err))
		return -1;
	return str_check(out, err);
}
