/* canonical.h - decides whether bytes are canonical JSON, and makes values of those that are.
 *
 * Internal to the wire room; tests hold it against jansson's own output.
 */
#ifndef PINHOLE_WIRE_CANONICAL_H
#define PINHOLE_WIRE_CANONICAL_H

#include "base/err.h"
#include "base/str.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 0 exactly when the bytes are what wire_canonical writes for some value; else -1 with INVALID and
 * the place. */
int canonical_scan(const char *text, size_t len, struct err *err);

/* How many bytes from p on surely stand for themselves in a string: eight at a time as long as
 * none is a control, '"', '\' or beyond ASCII.  What ends them must be looked at byte by byte. */
static inline size_t canonical_plain_len(const char *p, size_t len)
{
	const uint64_t ones = 0x0101010101010101, high = 0x80 * ones;
	size_t plain = 0;

	while (len - plain >= sizeof(uint64_t)) {
		uint64_t word, quote, slash;

		memcpy(&word, p + plain, sizeof(word));
		quote = word ^ ('"' * ones);
		slash = word ^ ('\\' * ones);
		/* x - ones borrows into the high bit of a byte that is 0, x - 0x20 * ones of one below a
		 * space. */
		if ((word | ((word - 0x20 * ones) & ~word) | ((quote - ones) & ~quote) |
			    ((slash - ones) & ~slash)) &
			high)
			break;
		plain += sizeof(word);
	}
	return plain;
}

/* One escape, `p` behind its backslash: the byte that it stands for and how many characters it
 * takes, or 0 if it is not the way jansson writes that byte.  Only quote, backslash and
 * controls are escaped, so every escape stands for one byte. */
char canonical_decode_escape(const char *p, const char *end, size_t *taken);

/* The value of a text that canonical_scan has accepted; NULL with NO_MEMORY.  Caller owns it. */
json_t *canonical_build(const char *text, size_t len, struct err *err);

/* Appends a text with its quotes as the canonical form has it; INVALID unless it is UTF-8. */
int canonical_write_text(const char *text, size_t len, struct str *out, struct err *err);

#endif
