/* json.h - JSON in and out: the one room that knows jansson.
 *
 * Others use jansson's json_t through this header.  Reading from outside always goes through
 * wire_parse (limits, no duplicate keys, no U+0000); what enters the log goes through
 * wire_canonical, so that one meaning has one spelling:
 *
 *   canonical JSON here = an object; keys sorted by their UTF-8 bytes; no spaces; integers
 *   only (no floats, no exponents), within int64; no duplicate keys; no U+0000; strings as
 *   jansson writes them (UTF-8 kept, only '"', '\' and controls escaped).
 */
#ifndef PINHOLE_WIRE_JSON_H
#define PINHOLE_WIRE_JSON_H

#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

#include <jansson.h>

#define WIRE_DEPTH_MAX 32
#define WIRE_BODY_MAX  (64 * 1024) /* an event body, bytes */

void wire_json_free(json_t **json);
#define _cleanup_json_ _cleanup_(wire_json_free)

/* Parses one JSON value of at most `max` bytes; INVALID or TOO_LARGE.  Caller owns the result. */
json_t *wire_parse(const char *text, size_t len, size_t max, struct err *err);

/* True if `json` may be written canonically: an object without floats, within WIRE_DEPTH_MAX. */
int wire_check_canonical_value(const json_t *json, struct err *err);
/* Appends the canonical form; INVALID if it has none (floats, not an object, too deep). */
int wire_canonical(const json_t *json, struct str *out, struct err *err);
/* Parses a body that claims to be canonical: INVALID unless it is so byte for byte.
 * Caller owns the result. */
json_t *wire_parse_canonical(const char *text, size_t len, struct err *err);

/* Compact output for people's programs (keys in the order of making, floats allowed). */
int wire_print(const json_t *json, struct str *out, struct err *err);

/* --- reading fields: all return 0, or -1 with INVALID naming the field -------------------- */

enum wire_need { WIRE_OPTIONAL = 0, WIRE_REQUIRED = 1 };

/* Absent or null leaves *out as it is when optional.  Strings are borrowed from `object`. */
int wire_get_text(const json_t *object, const char *key, enum wire_need need, size_t max_bytes,
	const char **out, struct err *err);
int wire_get_int(const json_t *object, const char *key, enum wire_need need, int64_t min,
	int64_t max, int64_t *out, struct err *err);
int wire_get_bool(
	const json_t *object, const char *key, enum wire_need need, bool *out, struct err *err);
int wire_get_uuid(const json_t *object, const char *key, enum wire_need need, struct uuid *out,
	struct err *err);
/* `len` bytes as lower-case hex. */
int wire_get_hex(const json_t *object, const char *key, enum wire_need need, void *out, size_t len,
	struct err *err);
/* INVALID if the object has a key that is not in the NULL-terminated list. */
int wire_only_keys(const json_t *object, const char *const *keys, struct err *err);

/* --- writing fields: failures (memory, text that is not UTF-8) make *object NULL after freeing
 * it, so that one check at the end is enough ------------------------------------------------ */
void wire_set_text(json_t **object, const char *key, const char *text); /* NULL: leaves it out */
void wire_set_textn(json_t **object, const char *key, const char *text, size_t len);
void wire_set_int(json_t **object, const char *key, int64_t value);
void wire_set_bool(json_t **object, const char *key, bool value);
void wire_set_uuid(json_t **object, const char *key, const struct uuid *id);
void wire_set_hex(json_t **object, const char *key, const void *bytes, size_t len);
void wire_set_json(json_t **object, const char *key, json_t *value); /* steals value */
void wire_set_null(json_t **object, const char *key);

#endif
