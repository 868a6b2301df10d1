/* random.c - random bytes from the kernel and comparing secrets; see crypt.h.
 *
 * There is no generator of our own here: every byte comes from getrandom(2), so a forked or restored
 * process never repeats one.
 */
#include "crypt/crypt.h"

#include <openssl/crypto.h>

#include <errno.h>
#include <sys/random.h>

#define RANDOM_STEP 256 /* bytes; getrandom gives as many whole, whatever signals come */

int crypt_random(void *out, size_t len, struct err *err)
{
	uint8_t *p = out;

	while (len) {
		ssize_t n = getrandom(p, len < RANDOM_STEP ? len : RANDOM_STEP, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot get random bytes");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int crypt_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
