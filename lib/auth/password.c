/* password.c - argon2id over libargon2; see password.h.
 *
 * It keeps nothing.  Invariant: password_verify does one hash of today's cost for nobody, so that time
 * does not tell whether there is an account.
 */
#include "auth/password.h"
#include "base/str.h"
#include "crypt/crypt.h"

#include <argon2.h>

#include <string.h>

#define SALT_LEN 16
#define HASH_LEN 32

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)
#define PARAMETERS                                                                                 \
	"$argon2id$v=19$m=" TEXT(PASSWORD_MEMORY_KIB) ",t=" TEXT(PASSWORD_PASSES) ",p=" TEXT(      \
		PASSWORD_LANES) "$"

int password_check(const char *password, size_t len, struct err *err)
{
	size_t characters = 0;

	if (len > PASSWORD_MAX)
		return err_set(
			err, ERR_INVALID, "the password is longer than %d bytes", PASSWORD_MAX);
	if (!text_is_utf8(password, len))
		return err_set(err, ERR_INVALID, "the password is not UTF-8");
	for (size_t i = 0; i < len; i++)
		characters += ((unsigned char)password[i] & 0xc0) != 0x80;
	if (characters < PASSWORD_MIN)
		return err_set(
			err, ERR_INVALID, "a password has at least %d characters", PASSWORD_MIN);
	return 0;
}

static int fail(int code, struct err *err)
{
	if (code == ARGON2_MEMORY_ALLOCATION_ERROR)
		return err_no_memory(err);
	return err_set(err, ERR_FAILED, "cannot hash a password: %s", argon2_error_message(code));
}

int password_hash(const char *password, size_t len, char out[PASSWORD_HASH_MAX], struct err *err)
{
	char encoded[PASSWORD_HASH_MAX];
	uint8_t salt[SALT_LEN];
	int code;

	if (len > PASSWORD_MAX)
		return err_set(
			err, ERR_INVALID, "the password is longer than %d bytes", PASSWORD_MAX);
	if (crypt_random(salt, sizeof(salt), err))
		return -1;
	code = argon2id_hash_encoded(PASSWORD_PASSES, PASSWORD_MEMORY_KIB, PASSWORD_LANES, password,
		len, salt, sizeof(salt), HASH_LEN, encoded, sizeof(encoded));
	if (code != ARGON2_OK)
		return fail(code, err);
	memcpy(out, encoded, sizeof(encoded));
	return 0;
}

/* As much work as a true hash, for nothing. */
static int burn(const char *password, size_t len, struct err *err)
{
	static const uint8_t salt[SALT_LEN];
	uint8_t hash[HASH_LEN];
	int code = argon2id_hash_raw(PASSWORD_PASSES, PASSWORD_MEMORY_KIB, PASSWORD_LANES, password,
		len, salt, sizeof(salt), hash, sizeof(hash));

	return code == ARGON2_OK ? 0 : fail(code, err);
}

int password_verify(const char *hash, const char *password, size_t len, struct err *err)
{
	int code;

	if (len > PASSWORD_MAX)
		return 0;
	if (!hash)
		return burn(password, len, err);
	code = argon2id_verify(hash, password, len);
	if (code == ARGON2_OK)
		return 1;
	if (code == ARGON2_VERIFY_MISMATCH)
		return 0;
	if (code == ARGON2_MEMORY_ALLOCATION_ERROR)
		return err_no_memory(err);
	return err_set(err, ERR_DAMAGED, "the stored hash of a password is damaged");
}

bool password_is_stale(const char *hash)
{
	return !text_starts(hash, PARAMETERS);
}
