/* fuzz_json.c - any bytes through both readers of JSON; the canonical scanner, reader and writer
 * against jansson's own. */
#include "wire/canonical.h"
#include "wire/json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Canonical in jansson's own words: read, check, write, compare.  Ours must do the same. */
static bool is_canonical_by_dump(const json_t *json, const char *text, size_t len)
{
	_cleanup_json_ json_t *read =
		json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	_cleanup_str_ struct str ours = STR_INIT(8 * INPUT_MAX);
	_cleanup_free_ char *dumped = NULL;

	if (json && !json_equal(json, read))
		abort();
	if (!json || wire_check_canonical_value(json, NULL))
		return false;
	dumped = json_dumps(read, JSON_COMPACT | JSON_SORT_KEYS);
	if (!dumped || wire_canonical(json, &ours, NULL) || strcmp(dumped, ours.data) != 0)
		abort();
	return ours.len == len && memcmp(ours.data, text, len) == 0;
}

/* What has a canonical form is printed so that it reads as the same (fractions are rounded to 15 digits),
 * and that form is canonical. */
static void check_writing(const json_t *json)
{
	_cleanup_str_ struct str printed = STR_INIT(8 * INPUT_MAX), form = STR_INIT(8 * INPUT_MAX);
	_cleanup_json_ json_t *again = NULL;
	struct err err = ERR_INIT;

	if (wire_print(json, &printed, &err))
		abort();
	if (wire_canonical(json, &form, &err))
		return;
	again = wire_parse(printed.data, printed.len, 8 * INPUT_MAX, &err);
	if (!again || !json_equal(json, again) || canonical_scan(form.data, form.len, &err))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	_cleanup_json_ json_t *json = NULL, *strict = NULL;
	struct err err = ERR_INIT;
	bool canonical;

	if (len > INPUT_MAX)
		return 0;
	json = wire_parse(text, len, INPUT_MAX, &err);
	if (!json && err.kind == ERR_NONE)
		abort();
	canonical = canonical_scan(text, len, NULL) == 0;
	if (canonical != is_canonical_by_dump(json, text, len))
		abort();
	strict = wire_parse_canonical(text, len, &err);
	if ((strict != NULL) != (canonical && len <= WIRE_BODY_MAX))
		abort();
	if (strict && !json_equal(strict, json))
		abort();
	if (json)
		check_writing(json);
	return 0;
}
