/* media_png.c - leaves out the text chunks of a PNG that no photo needs.
 *
 * It checks no CRC and understands no other chunk; XMP of an ordinary size stays.  The copy is a
 * subsequence of the file.
 */
#include "media_png.h"

#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SIGNATURE_LEN 8
#define PLAIN_MAX     ((size_t)1024 * 1024) /* bytes of one chunk of plain text (XMP) */
#define PACKED_MAX    ((size_t)2048)        /* bytes of one chunk of deflated text */
#define TEXTS_MAX     64

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* True for a text chunk that must go; `texts` counts those that stay. */
static bool is_unwanted(const unsigned char *chunk, size_t size, unsigned *texts)
{
	const unsigned char *name = chunk + 4, *data = chunk + 8, *end;
	bool packed = memcmp(name, "zTXt", 4) == 0;

	if (!packed && memcmp(name, "iTXt", 4) != 0 && memcmp(name, "tEXt", 4) != 0)
		return false;
	if (memcmp(name, "iTXt", 4) == 0) {
		end = memchr(data, 0, size < 80 ? size : 80);
		packed = !end || end + 1 >= data + size || end[1] != 0;
	}
	return size > (packed ? PACKED_MAX : PLAIN_MAX) || ++*texts > TEXTS_MAX;
}

/* The length of the chunk at `at` with its frame, clipped to the file. */
static size_t chunk_span(const unsigned char *bytes, size_t len, size_t at)
{
	uint64_t span = (uint64_t)be32(bytes + at) + 12;

	return span < len - at ? (size_t)span : len - at;
}

int media_png_clean(const void *data, size_t len, void **copy, size_t *copy_len, struct err *err)
{
	const unsigned char *bytes = data;
	_cleanup_free_ unsigned char *out = NULL;
	size_t used = SIGNATURE_LEN;
	unsigned texts = 0;

	for (size_t at = SIGNATURE_LEN, span; at + 12 <= len; at += span) {
		span = chunk_span(bytes, len, at);
		if (is_unwanted(bytes + at, span - 12, &texts)) {
			if (!out) {
				out = malloc(len);
				if (!out)
					return err_no_memory(err);
				memcpy(out, bytes, at);
				used = at;
			}
			continue;
		}
		if (out) {
			memcpy(out + used, bytes + at, span);
			used += span;
		}
	}
	if (!out)
		return 0;
	*copy = mem_steal(&out);
	*copy_len = used;
	return 0;
}

const void *media_png_find(const void *data, size_t len, const char *type, size_t *found_len)
{
	const unsigned char *bytes = data;

	for (size_t at = SIGNATURE_LEN, span; at + 12 <= len; at += span) {
		span = chunk_span(bytes, len, at);
		if (memcmp(bytes + at + 4, type, 4) != 0)
			continue;
		*found_len = span - 12;
		return bytes + at + 8;
	}
	return NULL;
}
