/* phone.h - telephone numbers: any spelling to E.164, best effort, never a gate.
 *
 *	struct phone phone;
 *
 *	if (phone_normalize("06 12 34 56 78", "FR", &phone, err))
 *		return -1;				phone.so is missing: nothing about the number
 *	if (phone.outcome == PHONE_E164)
 *		match(phone.e164);			"+33612345678"
 *	keep(phone.raw);				what the person wrote, always
 *
 * The first call loads phone.so (libphonenumber): an explicit path given by phone_set_library,
 * else beside the executable, else in build/ beside the executable, else where it was installed.
 * All calls are thread-safe.
 */
#ifndef PINHOLE_PHONE_PHONE_H
#define PINHOLE_PHONE_PHONE_H

#include "base/err.h"
#include "base/str.h"
#include "phone/phone_plugin.h"

#include <stdbool.h>

#define PHONE_E164_LEN   17  /* '+', 15 digits, NUL */
#define PHONE_RAW_MAX    250 /* bytes of a number that we look at; longer ones are TOO_LONG */
#define PHONE_FORMAT_MAX 64  /* bytes of a formatted number */

struct phone {
	enum phone_outcome outcome;
	char e164[PHONE_E164_LEN];   /* "" unless outcome is PHONE_E164 */
	char raw[PHONE_RAW_MAX + 1]; /* as given, cut at PHONE_RAW_MAX bytes */
};

/* Names the shared object to load, before the first use of anything below (later calls change
 * nothing).  NULL goes back to searching. */
void phone_set_library(const char *path);

/* Judges `raw` as dialled in `region` (ISO 3166 alpha-2, either case; NULL or "": none known).
 * Invisible marks, no-break spaces, "(0)", "00" and tel: URIs are understood.  Returns -1 only
 * if phone.so cannot be used (UNSUPPORTED); a bad number is an outcome, not an error. */
int phone_normalize(const char *raw, const char *region, struct phone *out, struct err *err);

/* Sets *valid to whether `region` is one that numbers can belong to ("FR", "us"). */
int phone_region_is_valid(const char *region, bool *valid, struct err *err);

/* Appends an E.164 number in a style for people.  INVALID if it is no E.164 number. */
int phone_format(const char *e164, enum phone_style style, struct str *out, struct err *err);

/* "E164", "InvalidNumber", "MissingRegion" ...: the stable word of an outcome. */
const char *phone_outcome_name(enum phone_outcome outcome);
/* What it means, as a part of a sentence: "is too short". */
const char *phone_outcome_reason(enum phone_outcome outcome);

#endif
