/* internal.h - what token.c and keys.c share; nobody else includes it. */
#ifndef PINHOLE_AUTH_INTERNAL_H
#define PINHOLE_AUTH_INTERNAL_H

#include "auth/token.h"
#include "crypt/es256.h"

#define TOKEN_KEYS_MAX 2 /* current, previous */

struct signing_key {
	char kid[ES256_KID_LEN + 1];
	struct es256_public point;
	struct str private_pem, public_pem;
};

struct token_keys {
	struct signing_key keys[TOKEN_KEYS_MAX]; /* the first signs */
	size_t count;
	uint8_t secret[AUTH_SECRET_LEN];
};

#endif
