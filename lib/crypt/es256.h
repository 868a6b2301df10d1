/* es256.h - key pairs on NIST P-256, as ES256 signs with them (RFC 7518 section 3.4).
 *
 * Keys are PEM texts; signing itself is the business of lib/auth.
 */
#ifndef PINHOLE_CRYPT_ES256_H
#define PINHOLE_CRYPT_ES256_H

#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

#define ES256_COORDINATE 32   /* bytes */
#define ES256_KID_LEN    43   /* characters of base64url */
#define ES256_PEM_MAX    4096 /* bytes that we read */

struct es256_public { /* a point on the curve, big-endian */
	uint8_t x[ES256_COORDINATE], y[ES256_COORDINATE];
};

/* Appends a new private key as PEM (PKCS #8). */
int es256_make(struct str *pem, struct err *err);
/* Takes the public part out of a private key's PEM; appends it to `public_pem` (SubjectPublicKeyInfo).
 * INVALID unless it is a private key on P-256. */
int es256_read(const char *pem, size_t len, struct es256_public *out, struct str *public_pem,
	struct err *err);
/* The key's name: its thumbprint (RFC 7638), SHA-256 in base64url. */
void es256_kid(const struct es256_public *key, char out[ES256_KID_LEN + 1]);
/* Appends the key as a JWK (RFC 7517) for verifying, kid included. */
void es256_add_jwk(const struct es256_public *key, struct str *out);

#endif
