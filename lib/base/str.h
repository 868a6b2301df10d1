/* str.h - a growing byte string with a maximum, and small text helpers.
 *
 * A str states its maximum at birth.  Adding past it, or a failed allocation, sets `failed`,
 * drops the contents and makes every later call a no-op; the caller asks once, at the end:
 *
 *	_cleanup_str_ struct str line = STR_INIT(4096);
 *
 *	str_addf(&line, "%s=%d", name, n);
 *	str_add_quoted(&line, hostile, len);
 *	if (str_check(&line, err))
 *		return -1;
 *	use(line.data, line.len);	NUL-terminated; data is "" when nothing was added
 */
#ifndef PINHOLE_BASE_STR_H
#define PINHOLE_BASE_STR_H

#include "base/err.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	char *data; /* NUL-terminated; points to a static "" while nothing is allocated */
	size_t len;
	size_t cap; /* bytes allocated, 0 = none */
	size_t max; /* the longest len allowed */
	bool failed;
};

extern char str_empty[1];

#define STR_INIT(maximum)                                                                          \
	{                                                                                          \
		.data = str_empty, .max = (maximum)                                                \
	}

#define STR_MAX_LINE ((size_t)64 * 1024)         /* one line of text or JSON that we print */
#define STR_MAX_FILE ((size_t)256 * 1024 * 1024) /* something that must fit in memory */

void str_init(struct str *s, size_t max);
void str_release(struct str *s); /* frees the contents; s may be used again */
void str_clear(struct str *s);   /* keeps the memory, also clears `failed` */
void str_add(struct str *s, const void *bytes, size_t len);
void str_addz(struct str *s, const char *text);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void str_addv(struct str *s, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
void str_add_hex(struct str *s, const void *bytes, size_t len);
void str_truncate(struct str *s, size_t len);
/* Makes room for `more` bytes after len and returns where they go (advance len yourself
 * by at most `more`), or NULL when failed. */
char *str_reserve(struct str *s, size_t more);

/* Appends text made safe for a terminal: control characters, DEL, C1, bidi overrides and bytes
 * that are not UTF-8 become \xNN or \u{N} escapes; all else stays.  No quotes are added.
 * Newline and tab are escaped too, as \n and \t. */
void str_add_visible(struct str *s, const void *bytes, size_t len);
/* The same, but newlines and tabs stay as they are (message text shown over several lines). */
void str_add_visible_text(struct str *s, const void *bytes, size_t len);

/* 0, or -1 with TOO_LARGE or NO_MEMORY if anything was lost. */
int str_check(const struct str *s, struct err *err);
/* Hands the heap string to the caller (free it); s is empty afterwards.  NULL on failure. */
char *str_take(struct str *s, struct err *err);

#define _cleanup_str_ _cleanup_(str_release)

/* --- text --------------------------------------------------------------------------------- */

/* True if the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool text_is_utf8(const void *bytes, size_t len);
/* The length in bytes of the sequence at p (1..4) and its code point, or 0 if malformed. */
size_t text_decode_utf8(const char *p, size_t len, uint32_t *code_point);
/* Encodes a code point (<= 0x10FFFF) into out[4]; returns the number of bytes. */
size_t text_encode_utf8(uint32_t code_point, char out[4]);
/* The length of the longest prefix of at most `max` bytes that ends on a character. */
size_t text_clip_utf8(const char *text, size_t len, size_t max);
/* How many terminal columns the text takes (wcwidth by simple ranges; controls count 0). */
size_t text_columns(const char *text, size_t len);

bool text_starts(const char *text, const char *prefix);
bool text_ends(const char *text, const char *suffix);
bool text_ends_nocase(const char *text, const char *suffix);
/* Whole-string decimal integers; -1 with INVALID if malformed or outside [min, max]. */
int text_to_i64(const char *text, int64_t min, int64_t max, int64_t *out, struct err *err);
/* "64k", "10M", "2GiB", "500MB" (k M G T: powers of 1024; kB MB GB: of 1000) to bytes. */
int text_to_size(const char *text, uint64_t *out, struct err *err);
/* Decimal degrees ("-12.3456789") to degrees x 10^7 in [-limit, limit], exact, no floats. */
int text_to_e7(const char *text, int64_t limit, int32_t *out, struct err *err);
/* Hex digits (either case) to bytes; len must be exactly 2 * out_len. */
int hex_decode(const char *hex, size_t len, void *out, size_t out_len);
void hex_encode(const void *bytes, size_t len, char *out); /* 2*len + 1 chars, lower case */
/* Edit distance (Damerau-Levenshtein, optimal string alignment) for "did you mean". */
size_t text_distance(const char *a, const char *b);

#endif
