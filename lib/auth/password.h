/* password.h - passwords as argon2id hashes.
 *
 *	char hash[PASSWORD_HASH_MAX];
 *
 *	if (password_check(text, len, err) || password_hash(text, len, hash, err))
 *		return -1;
 *	keep(hash);
 *	...
 *	right = password_verify(stored, text, len, err);	stored NULL: nobody, in the same time
 *
 * A hash is the encoded string of the argon2 reference ("$argon2id$v=19$m=…"): it carries its salt and
 * parameters, so that old ones verify when the parameters rise.  Hashing takes tens of ms and
 * PASSWORD_MEMORY_KIB: not inside a transaction.
 */
#ifndef PINHOLE_AUTH_PASSWORD_H
#define PINHOLE_AUTH_PASSWORD_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define PASSWORD_MIN      8    /* characters */
#define PASSWORD_MAX      1024 /* bytes */
#define PASSWORD_HASH_MAX 128  /* bytes with the NUL */

/* The parameters of new hashes: OWASP's second choice for argon2id. */
#define PASSWORD_MEMORY_KIB 19456
#define PASSWORD_PASSES     2
#define PASSWORD_LANES      1

/* INVALID unless it is PASSWORD_MIN characters to PASSWORD_MAX bytes of UTF-8. */
int password_check(const char *password, size_t len, struct err *err);
/* INVALID over PASSWORD_MAX; does not ask for the least length. */
int password_hash(const char *password, size_t len, char out[PASSWORD_HASH_MAX], struct err *err);
/* 1 right, 0 wrong, -1 failed (memory, a damaged hash).  `hash` NULL: 0 after as much work. */
int password_verify(const char *hash, const char *password, size_t len, struct err *err);
/* True if it was made with other parameters than today's: hash anew at the next login. */
bool password_is_stale(const char *hash);

#endif
