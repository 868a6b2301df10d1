/* json.c - JSON in and out; see json.h.
 *
 * The canonical form is decided in canonical.c, read in build.c and written in write.c; fields are in
 * fields.c.  Most of what is parsed comes out of the log and is canonical, which is read faster.
 * Invariant: no json_t leaves wire_parse that is deeper than WIRE_DEPTH_MAX, holds a key twice or
 * holds U+0000.
 */
#include "wire/json.h"
#include "wire/canonical.h"
#include "wire/load.h"

#include <string.h>

void wire_json_free(json_t **json)
{
	json_decref(*json);
	*json = NULL;
}

/* How deep the brackets go, strings skipped.  Exact for well-formed text; for other text
 * it is only a bound that keeps jansson's recursion small before jansson refuses it. */
static bool is_too_deep(const char *text, size_t len)
{
	bool in_string = false;
	size_t depth = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > WIRE_DEPTH_MAX)
				return true;
		} else if ((c == '}' || c == ']') && depth) {
			depth--;
		}
	}
	return false;
}

json_t *wire_parse(const char *text, size_t len, size_t max, struct err *err)
{
	if (len > max) {
		err_set(err, ERR_TOO_LARGE, "JSON of %zu bytes is over the limit of %zu", len, max);
		return NULL;
	}
	if (canonical_scan(text, len, NULL) == 0)
		return canonical_build(text, len, err);
	if (is_too_deep(text, len)) {
		err_set(err, ERR_INVALID, "JSON is nested deeper than %d", WIRE_DEPTH_MAX);
		return NULL;
	}
	return load_json(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, err);
}

static int add_dumped(const char *bytes, size_t len, void *data)
{
	struct str *out = data;

	str_add(out, bytes, len);
	return out->failed ? -1 : 0;
}

int wire_print(const json_t *json, struct str *out, struct err *err)
{
	/* 15 digits: every decimal of that length comes out as it went in (C's DBL_DIG), 0.1 as 0.1. */
	int failed = json_dump_callback(
		json, add_dumped, out, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

	if (str_check(out, err))
		return -1;
	return failed ? err_set(err, ERR_INVALID, "this value cannot be written as JSON") : 0;
}
