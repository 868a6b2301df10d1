/* fuzz_multipart.c - any form in any pieces: what is seen must not depend on where the pieces end. */
#include "base/str.h"
#include "http/multipart.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static int see_begin(void *data, const struct multipart_part *part, struct err *err)
{
	(void)err;
	str_addf(data, "<%s|%d|%s|%s>", part->name, part->is_file, part->filename, part->type);
	return 0;
}

static int see_bytes(void *data, const void *bytes, size_t len, struct err *err)
{
	(void)err;
	str_add(data, bytes, len);
	return 0;
}

static int see_end(void *data, struct err *err)
{
	(void)err;
	str_addc(data, '>');
	return 0;
}

static int parse(const char *type, const uint8_t *bytes, size_t len, size_t step, struct str *seen)
{
	static const struct multipart_sink sink = {see_begin, see_bytes, see_end};
	struct multipart *m = NULL;
	struct err err = ERR_INIT;
	int failed;

	if (multipart_open(type, &sink, seen, &m, &err)) {
		if (!err.message[0])
			abort();
		return -1;
	}
	failed = 0;
	for (size_t at = 0; !failed && at < len; at += step)
		failed = multipart_feed(m, bytes + at, len - at < step ? len - at : step, &err);
	failed = failed || multipart_finish(m, &err);
	multipart_close(m);
	if (failed && !err.message[0])
		abort();
	return failed ? -1 : 0;
}

/* The first line is the Content-Type, the rest the form. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_str_ struct str whole = STR_INIT((size_t)4 << 20),
				 pieces = STR_INIT((size_t)4 << 20);
	const uint8_t *line = len ? memchr(bytes, '\n', len) : NULL;
	size_t type_len = line ? (size_t)(line - bytes) : 0;
	char *type = mem_strndup((const char *)bytes, type_len);
	int first;

	if (!type)
		return 0;
	if (line) {
		bytes += type_len + 1;
		len -= type_len + 1;
	}
	first = parse(type, bytes, len, len ? len : 1, &whole);
	for (size_t step = 1; step < 6; step += 2) {
		str_clear(&pieces);
		if (parse(type, bytes, len, step, &pieces) != first ||
			(!first &&
				(pieces.len != whole.len ||
					memcmp(pieces.data, whole.data, whole.len) != 0)))
			abort();
	}
	free(type);
	return 0;
}
