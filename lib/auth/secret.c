/* secret.c - random secrets that callers carry: refresh tokens, API keys, invitations; see token.h.
 *
 * A fast hash is enough to keep them: nobody guesses 256 random bits.
 */
#include "auth/token.h"

#include <stdio.h>
#include <string.h>

#define SECRET_BITS 32 /* bytes of randomness */

static void write_secret(
	const char *prefix, const uint8_t bytes[SECRET_BITS], char out[SECRET_TEXT_MAX])
{
	_cleanup_str_ struct str text = STR_INIT(SECRET_TEXT_MAX - 1);

	base64url_encode(bytes, SECRET_BITS, &text);
	snprintf(out, SECRET_TEXT_MAX, "%s%s", prefix, text.data);
	mem_wipe(text.data, text.len);
}

int secret_make(const char *prefix, char out[SECRET_TEXT_MAX], struct err *err)
{
	uint8_t bytes[SECRET_BITS];

	if (crypt_random(bytes, sizeof(bytes), err))
		return -1;
	write_secret(prefix, bytes, out);
	mem_wipe(bytes, sizeof(bytes));
	return 0;
}

bool secret_hash(const char *prefix, const char *text, struct sha256 *out)
{
	_cleanup_str_ struct str bytes = STR_INIT(SECRET_BITS);
	size_t len = strnlen(text, SECRET_TEXT_MAX), skip = strlen(prefix);

	if (len >= SECRET_TEXT_MAX || !text_starts(text, prefix) ||
		base64url_decode(text + skip, len - skip, &bytes, NULL) || bytes.len != SECRET_BITS)
		return false;
	crypt_sha256(text, len, out);
	return true;
}

void secret_next(const uint8_t key[AUTH_SECRET_LEN], const char *prefix, const char *text,
	char out[SECRET_TEXT_MAX])
{
	struct sha256 hash;

	crypt_hmac_sha256(key, AUTH_SECRET_LEN, text, strlen(text), &hash);
	write_secret(prefix, hash.bytes, out);
}
