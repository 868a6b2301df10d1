/* base64.c - RFC 4648 section 4 with padding, and section 5 (URLs) without; see crypt.h.
 *
 * No line breaks.  Invariant: what decodes has exactly one spelling (padding is whole or absent, as the
 * form wants it, and the bits under it are zero), so that the text can be compared in place of its bytes.
 */
#include "crypt/crypt.h"
#include "base/str.h"

#include <stdbool.h>

#define COMMON "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const char standard[] = COMMON "+/", url[] = COMMON "-_";

static void encode(
	const char *alphabet, bool padded, const void *bytes, size_t len, struct str *out)
{
	const uint8_t *p = bytes;

	for (; len; len -= len < 3 ? len : 3, p += 3) {
		uint32_t bits = (uint32_t)p[0] << 16;
		char four[4];

		if (len > 1)
			bits |= (uint32_t)p[1] << 8;
		if (len > 2)
			bits |= p[2];
		four[0] = alphabet[bits >> 18];
		four[1] = alphabet[bits >> 12 & 63];
		four[2] = '=';
		four[3] = '=';
		if (len > 1)
			four[2] = alphabet[bits >> 6 & 63];
		if (len > 2)
			four[3] = alphabet[bits & 63];
		str_add(out, four, padded || len >= 3 ? sizeof(four) : len + 1);
	}
}

void base64_encode(const void *bytes, size_t len, struct str *out)
{
	encode(standard, true, bytes, len, out);
}

void base64url_encode(const void *bytes, size_t len, struct str *out)
{
	encode(url, false, bytes, len, out);
}

/* The value of a digit, or 64 for any other character. */
static uint32_t digit(const char *alphabet, char c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 52;
	if (c == alphabet[62])
		return 62;
	return c == alphabet[63] ? 63 : 64;
}

/* Decodes one group that has `digits` (2 to 4) digits before its padding; -1 if malformed. */
static int decode_group(const char *alphabet, const char *p, size_t digits, struct str *out)
{
	uint32_t bits = 0;
	uint8_t three[3];

	for (size_t i = 0; i < 4; i++) {
		uint32_t value = i < digits ? digit(alphabet, p[i]) : 0;

		if (value == 64)
			return -1;
		bits = bits << 6 | value;
	}
	if ((digits == 2 && bits & 0xffff) || (digits == 3 && bits & 0xff))
		return -1;
	three[0] = (uint8_t)(bits >> 16);
	three[1] = (uint8_t)(bits >> 8);
	three[2] = (uint8_t)bits;
	str_add(out, three, digits - 1);
	return 0;
}

int base64_decode(const char *text, size_t len, struct str *out, struct err *err)
{
	size_t start = out->len;

	if (len % 4)
		return err_set(err, ERR_INVALID, "base64 text is cut off");
	for (size_t at = 0; at < len; at += 4) {
		size_t digits = 4;

		if (at + 4 == len && text[at + 3] == '=')
			digits = text[at + 2] == '=' ? 2 : 3;
		if (decode_group(standard, text + at, digits, out)) {
			str_truncate(out, start);
			return err_set(err, ERR_INVALID, "malformed base64 at byte %zu", at);
		}
	}
	return str_check(out, err);
}

int base64url_decode(const char *text, size_t len, struct str *out, struct err *err)
{
	size_t start = out->len;

	for (size_t at = 0; at < len; at += 4) {
		size_t digits = len - at < 4 ? len - at : 4;

		if (digits == 1 || decode_group(url, text + at, digits, out)) {
			str_truncate(out, start);
			return err_set(err, ERR_INVALID, "malformed base64url at byte %zu", at);
		}
	}
	return str_check(out, err);
}
