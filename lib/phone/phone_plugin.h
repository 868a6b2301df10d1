/* phone_plugin.h - what phone.so offers to the program that loads it: a C ABI in one symbol.
 *
 * libphonenumber brings ICU and protobuf along, and its start-up would slow down every command;
 * so it lives in a shared object of its own, which phone.c loads when the first number is parsed.
 * The symbol's name carries the version of this header: a phone.so of another release is
 * refused instead of being called wrongly.  Raise it with every change here.
 */
#ifndef PINHOLE_PHONE_PHONE_PLUGIN_H
#define PINHOLE_PHONE_PHONE_PLUGIN_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PHONE_PLUGIN_SYMBOL pinhole_phone_1
#define PHONE_PLUGIN_NAME   "pinhole_phone_1"

/* What became of a number.  The order is part of the ABI. */
enum phone_outcome {
	PHONE_E164 = 0,             /* valid; the E.164 form is given */
	PHONE_INVALID_NUMBER,       /* well-formed, but no such number can exist */
	PHONE_MISSING_REGION,       /* a national number, and no (known) region was given */
	PHONE_INVALID_COUNTRY_CODE, /* +999 ... */
	PHONE_TOO_SHORT,
	PHONE_TOO_LONG,
	PHONE_NOT_A_NUMBER,
	PHONE_OUTCOME_COUNT
};

enum phone_style {
	PHONE_NATIONAL,      /* as people of its country write it: 06 12 34 56 78 */
	PHONE_INTERNATIONAL, /* +33 6 12 34 56 78 */
	PHONE_URI,           /* tel:+33-6-12-34-56-78 (RFC 3966) */
	PHONE_STYLE_COUNT
};

/* All texts are NUL-terminated.  A negative result means that the library itself failed
 * (out of memory); nothing throws. */
struct phone_plugin {
	/* Returns an outcome; fills e164 (size >= 17) only for PHONE_E164. */
	int (*normalize)(const char *text, const char *region, char *e164, size_t size);
	int (*region_is_valid)(const char *region); /* 1 or 0 */
	/* 0, or -1 where e164 is not a number or the result does not fit. */
	int (*format)(const char *e164, int style, char *out, size_t size);
};

extern const struct phone_plugin PHONE_PLUGIN_SYMBOL;

#ifdef __cplusplus
}
#endif

#endif
