/* out.c - JSON written straight into a str; see out.h.
 *
 * It checks no nesting: that is the caller's.  Invariant: texts are always well-formed JSON strings.
 */
#include "wire/out.h"
#include "wire/canonical.h"

#include <string.h>

#define INT_DIGITS 20 /* of an int64, with its sign */

static void begin(struct str *out, const char *key)
{
	char last = out->len ? out->data[out->len - 1] : '[';

	if (!strchr("{[ \n", last))
		str_addc(out, ',');
	if (!key)
		return;
	str_addc(out, '"');
	str_addz(out, key);
	str_add(out, "\":", 2);
}

void wire_add_open(struct str *out, const char *key, char bracket)
{
	begin(out, key);
	str_addc(out, bracket);
}

void wire_add_close(struct str *out, char bracket)
{
	str_addc(out, bracket);
}

/* What can be read of a damaged text. */
static void add_mended(struct str *out, const char *text, size_t len)
{
	_cleanup_str_ struct str mended = STR_INIT(out->max);

	while (len) {
		uint32_t c;
		size_t n = text_decode_utf8(text, len, &c);

		if (n)
			str_add(&mended, text, n);
		else
			str_addz(&mended, "\xef\xbf\xbd");
		n = n ? n : 1;
		text += n;
		len -= n;
	}
	canonical_write_text(mended.data, mended.len, out, NULL);
}

void wire_add_textn(struct str *out, const char *key, const char *text, size_t len)
{
	begin(out, key);
	if (canonical_write_text(text, len, out, NULL))
		add_mended(out, text, len);
}

void wire_add_text(struct str *out, const char *key, const char *text)
{
	if (text)
		wire_add_textn(out, key, text, strlen(text));
	else
		wire_add_null(out, key);
}

void wire_add_int(struct str *out, const char *key, int64_t value)
{
	char digits[INT_DIGITS];
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (value < 0)
		digits[--at] = '-';
	begin(out, key);
	str_add(out, digits + at, sizeof(digits) - at);
}

void wire_add_bool(struct str *out, const char *key, bool value)
{
	begin(out, key);
	str_addz(out, value ? "true" : "false");
}

void wire_add_null(struct str *out, const char *key)
{
	begin(out, key);
	str_add(out, "null", 4);
}

void wire_add_uuid(struct str *out, const char *key, const struct uuid *id)
{
	char text[UUID_TEXT_LEN + 3];

	text[0] = '"';
	uuid_format(id, text + 1);
	text[UUID_TEXT_LEN + 1] = '"';
	begin(out, key);
	str_add(out, text, UUID_TEXT_LEN + 2);
}

void wire_add_hex(struct str *out, const char *key, const void *bytes, size_t len)
{
	begin(out, key);
	str_addc(out, '"');
	str_add_hex(out, bytes, len);
	str_addc(out, '"');
}

void wire_add_raw(struct str *out, const char *key, const char *json, size_t len)
{
	begin(out, key);
	str_add(out, json, len);
}
