/* media_icc.c - reads the description tag of an ICC profile; converts no colours.
 *
 * Every offset comes from the file, so every one is checked against the length before it is used.
 */
#include "media_icc.h"

#include "base/str.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define HEADER_LEN 128
#define TAGS_MAX   200

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Finds a tag's data; NULL when it is absent or lies outside. */
static const unsigned char *find_tag(
	const unsigned char *profile, size_t len, const char *name, size_t *tag_len)
{
	uint32_t count;

	if (len < HEADER_LEN + 4)
		return NULL;
	count = be32(profile + HEADER_LEN);
	for (uint32_t i = 0; i < count && i < TAGS_MAX; i++) {
		const unsigned char *entry = profile + HEADER_LEN + 4 + (size_t)i * 12;
		uint32_t offset, size;

		if (HEADER_LEN + 4 + ((size_t)i + 1) * 12 > len)
			return NULL;
		if (memcmp(entry, name, 4) != 0)
			continue;
		offset = be32(entry + 4);
		size = be32(entry + 8);
		if (offset > len || size > len - offset)
			return NULL;
		*tag_len = size;
		return profile + offset;
	}
	return NULL;
}

/* UTF-16BE to UTF-8; what is not a character is left out. */
static void copy_utf16(const unsigned char *text, size_t len, char *out, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i + 1 < len; i += 2) {
		uint32_t c = (uint32_t)text[i] << 8 | text[i + 1];
		char encoded[4];
		size_t n;

		if (c >= 0xd800 && c < 0xdc00 && i + 3 < len) {
			uint32_t low = (uint32_t)text[i + 2] << 8 | text[i + 3];

			i += 2;
			c = 0x10000 + ((c - 0xd800) << 10) + ((low - 0xdc00) & 0x3ff);
		}
		if (!c || (c >= 0xd800 && c < 0xe000))
			continue;
		n = text_encode_utf8(c, encoded);
		if (used + n + 1 > size)
			break;
		memcpy(out + used, encoded, n);
		used += n;
	}
	out[used] = '\0';
}

bool media_icc_describe(const void *profile, size_t len, char *out, size_t size)
{
	size_t tag_len = 0;
	const unsigned char *tag = find_tag(profile, len, "desc", &tag_len);

	out[0] = '\0';
	if (!tag || tag_len < 12)
		return false;
	if (memcmp(tag, "desc", 4) == 0) {
		size_t n = be32(tag + 8);

		if (n > tag_len - 12)
			n = tag_len - 12;
		snprintf(out, size, "%.*s", (int)n, (const char *)tag + 12);
	} else if (memcmp(tag, "mluc", 4) == 0 && tag_len >= 28) {
		size_t n = be32(tag + 20), offset = be32(tag + 24);

		if (offset < tag_len)
			copy_utf16(tag + offset, n < tag_len - offset ? n : tag_len - offset, out,
				size);
	}
	return out[0] != '\0';
}

bool media_icc_is_srgb(const char *description)
{
	return text_starts(description, "sRGB IEC61966") || strcmp(description, "sRGB") == 0 ||
		strcmp(description, "sRGB built-in") == 0;
}
