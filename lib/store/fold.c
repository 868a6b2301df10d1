/* fold.c - comparing text by simple case folding; see fold.h.
 *
 * It is no Unicode library: no normalisation, no locale, no special cases such as the German
 * sharp s.  Invariant: folding folded text changes nothing.
 */
#include "store/fold.h"

/* One code point to lower case, by the ranges in which capitals and small letters lie in a fixed
 * distance (or side by side). */
static uint32_t lower(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	if (c >= 0xc0 && c <= 0xde && c != 0xd7)
		return c + 32;
	if ((c >= 0x100 && c <= 0x12f) || (c >= 0x132 && c <= 0x137) || (c >= 0x14a && c <= 0x177))
		return c | 1;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
		return c + (c & 1);
	if (c == 0x178)
		return 0xff;
	if (c >= 0x391 && c <= 0x3a9 && c != 0x3a2)
		return c + 32;
	if (c >= 0x400 && c <= 0x40f)
		return c + 80;
	if (c >= 0x410 && c <= 0x42f)
		return c + 32;
	if ((c >= 0x460 && c <= 0x481) || (c >= 0x48a && c <= 0x4bf) ||
		(c >= 0x1e00 && c <= 0x1e95))
		return c | 1;
	return c;
}

static void fold(const char *text, size_t len, bool letters, struct str *out)
{
	size_t start = out->len;
	bool space = false;

	while (len) {
		uint32_t c = 0;
		size_t n = text_decode_utf8(text, len, &c);
		char utf8[4];

		if (n && (c <= 0x20 || c == 0x7f || (c >= 0x80 && c <= 0xa0))) {
			space = true;
		} else {
			if (space && out->len > start)
				str_addc(out, ' ');
			space = false;
			if (n && letters)
				str_add(out, utf8, text_encode_utf8(lower(c), utf8));
			else
				str_add(out, text, n ? n : 1);
		}
		text += n ? n : 1;
		len -= n ? n : 1;
	}
}

void fold_text(const char *text, size_t len, struct str *out)
{
	fold(text, len, true, out);
}

void fold_spaces(const char *text, size_t len, struct str *out)
{
	fold(text, len, false, out);
}
