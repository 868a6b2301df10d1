/* code.c - one-time codes and waiting times; see code.h.
 *
 * It keeps nothing and looks at no clock.
 */
#include "auth/code.h"

#include <stdio.h>
#include <string.h>

#define CODES 1000000 /* of CODE_LEN digits */

#define RESEND_FIRST_MS ((int64_t)30 * 1000)
#define RESEND_MAX_MS   ((int64_t)24 * 3600 * 1000)
#define BACKOFF_FREE    4 /* failures that anyone may have */
#define BACKOFF_MAX_MS  ((int64_t)15 * 60 * 1000)

const char *code_purpose_name(enum code_purpose purpose)
{
	static const char *const names[CODE_PURPOSE_COUNT] = {"register", "reset", "login"};

	return names[purpose];
}

int code_make(char out[CODE_LEN + 1], struct err *err)
{
	const uint32_t fair = UINT32_MAX - UINT32_MAX % CODES;
	uint32_t value;

	do {
		if (crypt_random(&value, sizeof(value), err))
			return -1;
	} while (value >= fair); /* else the low codes were likelier */
	snprintf(out, CODE_LEN + 1, "%06u", value % CODES);
	return 0;
}

/* Each part is hashed under the hash of those before it: two lists of parts never make one text. */
static void hash_parts(const uint8_t key[AUTH_SECRET_LEN], const char *const *parts, size_t count,
	struct sha256 *out)
{
	struct sha256 hash;

	crypt_hmac_sha256(key, AUTH_SECRET_LEN, parts[0], strlen(parts[0]) + 1, &hash);
	for (size_t i = 1; i < count; i++)
		crypt_hmac_sha256(hash.bytes, SHA256_LEN, parts[i], strlen(parts[i]) + 1, &hash);
	*out = hash;
}

void code_hash(const uint8_t key[AUTH_SECRET_LEN], enum code_purpose purpose, const char *address,
	const char *code, struct sha256 *out)
{
	const char *const parts[] = {"code", code_purpose_name(purpose), address, code};

	hash_parts(key, parts, ARRAY_LEN(parts), out);
}

void code_hash_subject(
	const uint8_t key[AUTH_SECRET_LEN], const char *what, const char *text, struct sha256 *out)
{
	const char *const parts[] = {"subject", what, text};

	hash_parts(key, parts, ARRAY_LEN(parts), out);
}

static int64_t doubled(int64_t first, int64_t times, int64_t most)
{
	int64_t value = first;

	for (int64_t i = 0; i < times && value < most; i++)
		value *= 2;
	return value < most ? value : most;
}

int64_t code_resend_ms(int64_t sends)
{
	return sends <= 0 ? 0 : doubled(RESEND_FIRST_MS, sends - 1, RESEND_MAX_MS);
}

int64_t code_backoff_ms(int64_t failures)
{
	return failures <= BACKOFF_FREE ?
		0 :
		doubled(1000, failures - BACKOFF_FREE - 1, BACKOFF_MAX_MS);
}
