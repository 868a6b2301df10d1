/* fuzz_tus.c - any text as the headers of tus: what passes is well-formed, and found again. */
#include "base/str.h"
#include "http/tus_header.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Checked metadata can be sent back, and every key is found. */
static void check_metadata(const char *text)
{
	_cleanup_str_ struct str value = STR_INIT(8192);
	struct err err = ERR_INIT;

	if (tus_check_metadata(text, 4096, &err)) {
		if (!err.message[0])
			abort();
		return;
	}
	for (const char *at = text; *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',')) {
		char *key = mem_strndup(at, strcspn(at, " ,"));

		if (!key || strpbrk(key, "\r\n\t") ||
			tus_get_metadata(text, key, &value, &err) != 1)
			abort();
		free(key);
	}
	if (strpbrk(text, "\r\n"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = mem_strndup((const char *)bytes, len);
	struct tus_checksum checksum;
	struct err err = ERR_INIT;
	int64_t number;

	if (!text)
		return 0;
	check_metadata(text);
	if (tus_parse_checksum(text, &checksum, &err) == 0 && checksum.len != 20 &&
		checksum.len != 32)
		abort();
	if (tus_parse_number("Upload-Offset", text, &number, &err) == 0 && number < 0)
		abort();
	free(text);
	return 0;
}
