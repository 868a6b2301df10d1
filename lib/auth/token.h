/* token.h - what a caller carries: signed access tokens, and random secrets known by their hash.
 *
 *	struct token_keys *keys;
 *	token_keys_open(store_dir, &keys, err);
 *	token_sign(keys, &claims, &text, err);
 *	...
 *	if (token_verify(keys, text, len, &store_id, now, &claims, err))
 *		return -1;				DENIED
 *
 * An access token is a JWT (RFC 7519) signed by ES256 and nothing else: header alg, typ and kid; claims
 * iss (the store's id), sub (user), sid (session), ver (the user's token version), adm, iat, exp (seconds).
 * It proves who was signed in at `iat`; whether they still are, session_check in store/user_session.h says.
 *
 * Keys lie in the store's keys/ (0700, files 0600): current.pem, previous.pem after a rotation, and secret, from
 * which hashes of codes and the chain of refresh tokens are made.  A loaded struct token_keys never changes
 * and may be shared by threads.
 */
#ifndef PINHOLE_AUTH_TOKEN_H
#define PINHOLE_AUTH_TOKEN_H

#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "crypt/crypt.h"

#include <stdbool.h>
#include <stdint.h>

#define TOKEN_LIFE_MS   (15 * 60 * (int64_t)1000)
#define TOKEN_MAX       2048 /* bytes of an access token; longer ones are refused unread */
#define AUTH_SECRET_LEN 32

struct token_claims {
	struct uuid issuer, user, session;
	int64_t version; /* the user's token version */
	bool admin;
	int64_t issued, expires; /* ms; kept in whole seconds */
};

struct token_keys;

/* Loads the keys of the store in `store_dir`; makes them if there are none.  DENIED if others than the owner
 * may read them, DAMAGED if they are no keys. */
int token_keys_open(const char *store_dir, struct token_keys **out, struct err *err);
void token_keys_free(struct token_keys *keys); /* NULL is fine */
void token_keys_free_pointer(struct token_keys **keys);
#define _cleanup_token_keys_ _cleanup_(token_keys_free_pointer)
/* Makes a new current key; what the one before signed still holds until the next rotation.  A server opens
 * the keys again when the meta row 'access' moves. */
int token_keys_rotate(const char *store_dir, struct err *err);
/* The key under which codes, addresses and refresh tokens are hashed; borrowed. */
const uint8_t *token_keys_secret(const struct token_keys *keys);

/* Appends the token. */
int token_sign(const struct token_keys *keys, const struct token_claims *claims, struct str *out,
	struct err *err);
/* DENIED, always in the same words, unless it is an unexpired token that we signed for this issuer. */
int token_verify(const struct token_keys *keys, const char *text, size_t len,
	const struct uuid *issuer, int64_t now_ms, struct token_claims *out, struct err *err);
/* Appends the public keys as a JWK set (RFC 7517), the current one first. */
int token_jwks(const struct token_keys *keys, struct str *out, struct err *err);

/* --- random secrets ------------------------------------------------------------------------- */

#define SECRET_TEXT_MAX 96 /* bytes with the NUL */

#define SECRET_API_KEY "phk_" /* how an API key begins */
#define SECRET_INVITE  "phi_"

/* prefix, then 256 random bits as base64url. */
int secret_make(const char *prefix, char out[SECRET_TEXT_MAX], struct err *err);
/* What is kept of it.  False unless it has the form of a secret with that prefix. */
bool secret_hash(const char *prefix, const char *text, struct sha256 *out);
/* The one secret that follows another: whoever knows `key` finds it again. */
void secret_next(const uint8_t key[AUTH_SECRET_LEN], const char *prefix, const char *text,
	char out[SECRET_TEXT_MAX]);

#endif
