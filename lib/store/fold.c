/* fold.c - comparing text by simple case folding; see fold.h.
 *
 * It is no Unicode library: no normalisation, no locale, no special cases such as the German
 * sharp s.  Invariant: folding folded text changes nothing.
 */
#include "store/fold.h"

/* Where capitals lie, and how far away their small letters are.  Where both alternate, only every
 * other code point is a capital. */
static const struct {
	uint32_t first, last;
	int distance;
	bool alternate;
} capitals[] = {
	{'A', 'Z', 32, false},
	{0xc0, 0xd6, 32, false}, /* Latin-1, around the multiplication sign */
	{0xd8, 0xde, 32, false},
	{0x100, 0x12e, 1, true}, /* Latin Extended-A; 0x130 and 0x131 are no pair */
	{0x132, 0x136, 1, true},
	{0x139, 0x147, 1, true},
	{0x14a, 0x176, 1, true},
	{0x178, 0x178, -121, false},
	{0x179, 0x17d, 1, true},
	{0x391, 0x3a1, 32, false}, /* Greek */
	{0x3a3, 0x3a9, 32, false},
	{0x400, 0x40f, 80, false}, /* Cyrillic */
	{0x410, 0x42f, 32, false},
	{0x460, 0x480, 1, true},
	{0x48a, 0x4be, 1, true},
	{0x1e00, 0x1e94, 1, true}, /* Latin Extended Additional: Vietnamese, Welsh */
	{0x1ea0, 0x1efe, 1, true},
};

static uint32_t lower(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(capitals); i++) {
		if (c < capitals[i].first || c > capitals[i].last)
			continue;
		if (capitals[i].alternate && (c - capitals[i].first) % 2)
			return c;
		return (uint32_t)((int64_t)c + capitals[i].distance);
	}
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
