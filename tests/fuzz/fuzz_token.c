/* fuzz_token.c - any bytes as an access token, and behind the header of a true one: none holds, since nobody but the
 * store has the key; and any bytes as base64url: what decodes has one spelling. */
#include "auth/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static char dir[] = "/tmp/pinhole-fuzz-XXXXXX";
static struct token_keys *keys;
static struct str header = STR_INIT(TOKEN_MAX); /* with its dot */

static void clean(void)
{
	char command[64];

	token_keys_free(keys);
	str_release(&header);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	if (system(command))
		abort();
}

/* The keys are made once for all inputs. */
static void open_keys(void)
{
	const struct token_claims claims = {.expires = INT64_MAX};

	if (keys)
		return;
	if (!mkdtemp(dir) || token_keys_open(dir, &keys, NULL) ||
		token_sign(keys, &claims, &header, NULL))
		abort();
	str_truncate(&header, strcspn(header.data, ".") + 1);
	atexit(clean);
}

static void refuse(const void *text, size_t len)
{
	static const struct uuid store;
	struct token_claims claims;
	struct err err = ERR_INIT;

	if (token_verify(keys, text, len, &store, 0, &claims, &err) == 0 || err.kind != ERR_DENIED)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_str_ struct str raw = STR_INIT(4096), again = STR_INIT(4096),
				 token = STR_INIT(2 * TOKEN_MAX);

	open_keys();
	refuse(bytes, len);
	if (len < TOKEN_MAX) {
		str_add(&token, header.data, header.len);
		str_add(&token, bytes, len);
		refuse(token.data, token.len);
	}
	if (len <= 4096 && base64url_decode((const char *)bytes, len, &raw, NULL) == 0) {
		base64url_encode(raw.data, raw.len, &again);
		if (again.len != len || memcmp(again.data, bytes, len) != 0)
			abort();
	}
	return 0;
}
