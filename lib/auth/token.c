/* token.c - access tokens: JWTs signed by ES256, over libjwt; see token.h.
 *
 * It keeps nothing.  Invariant: the token never chooses how it is verified.  Its header is read before libjwt sees
 * it, and what does not say ES256 and one of our keys ends there; so "none", and HS256 with our public key as
 * the secret, come to nothing.
 */
#include "auth/internal.h"
#include "wire/json.h"

#include <jwt.h>

#include <stdlib.h>
#include <string.h>

static void free_jwt(jwt_t **jwt)
{
	jwt_free(*jwt);
}

#define SIGNATURE_LEN 64 /* bytes: two numbers of P-256 */

#define _cleanup_jwt_ _cleanup_(free_jwt)

static int refuse(struct err *err)
{
	return err_set(err, ERR_DENIED, "the token does not hold");
}

/* --- signing -------------------------------------------------------------------------------- */

static int add_claims(jwt_t *jwt, const struct token_claims *claims)
{
	char issuer[UUID_TEXT_LEN + 1], user[UUID_TEXT_LEN + 1], session[UUID_TEXT_LEN + 1];

	uuid_format(&claims->issuer, issuer);
	uuid_format(&claims->user, user);
	uuid_format(&claims->session, session);
	return jwt_add_grant(jwt, "iss", issuer) || jwt_add_grant(jwt, "sub", user) ||
		jwt_add_grant(jwt, "sid", session) ||
		jwt_add_grant_int(jwt, "ver", (long)claims->version) ||
		jwt_add_grant_bool(jwt, "adm", claims->admin) ||
		jwt_add_grant_int(jwt, "iat", (long)(claims->issued / 1000)) ||
		jwt_add_grant_int(jwt, "exp", (long)(claims->expires / 1000));
}

int token_sign(const struct token_keys *keys, const struct token_claims *claims, struct str *out,
	struct err *err)
{
	const struct signing_key *key = &keys->keys[0];
	_cleanup_jwt_ jwt_t *jwt = NULL;
	_cleanup_free_ char *text = NULL;

	if (jwt_new(&jwt) || add_claims(jwt, claims) || jwt_add_header(jwt, "kid", key->kid) ||
		jwt_set_alg(jwt, JWT_ALG_ES256, (const unsigned char *)key->private_pem.data,
			(int)key->private_pem.len))
		return err_no_memory(err);
	text = jwt_encode_str(jwt);
	if (!text)
		return err_set(err, ERR_FAILED, "cannot sign a token");
	str_addz(out, text);
	return str_check(out, err);
}

/* --- verifying ------------------------------------------------------------------------------ */

struct part {
	const char *text;
	size_t len;
};

/* Exactly three parts. */
static bool split(const char *text, size_t len, struct part parts[3])
{
	const char *at = text, *end = text + len;

	for (size_t i = 0; i < 3; i++) {
		const char *dot = memchr(at, '.', (size_t)(end - at));

		if ((dot == NULL) != (i == 2))
			return false;
		parts[i] = (struct part){at, (size_t)((dot ? dot : end) - at)};
		at = dot ? dot + 1 : end;
	}
	return true;
}

/* NULL unless it is base64url of a JSON object without duplicate keys. */
static json_t *parse_part(const struct part *part)
{
	_cleanup_str_ struct str bytes = STR_INIT(TOKEN_MAX);
	_cleanup_json_ json_t *json = NULL;

	if (base64url_decode(part->text, part->len, &bytes, NULL))
		return NULL;
	json = wire_parse(bytes.data, bytes.len, TOKEN_MAX, NULL);
	return json_is_object(json) ? mem_steal(&json) : NULL;
}

/* The key that a header names, if the header is one that we write. */
static const struct signing_key *find_key(const struct token_keys *keys, const json_t *header)
{
	static const char *const known[] = {"alg", "kid", "typ", NULL};
	const char *algorithm = NULL, *kid = NULL, *type = "JWT";

	if (wire_only_keys(header, known, NULL) ||
		wire_get_text(header, "alg", WIRE_REQUIRED, 16, &algorithm, NULL) ||
		wire_get_text(header, "kid", WIRE_REQUIRED, ES256_KID_LEN, &kid, NULL) ||
		wire_get_text(header, "typ", WIRE_OPTIONAL, 16, &type, NULL) ||
		strcmp(algorithm, "ES256") != 0 || strcmp(type, "JWT") != 0)
		return NULL;
	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->keys[i].kid, kid) == 0)
			return &keys->keys[i];
	return NULL;
}

/* libjwt reads base64 leniently; a token has one spelling here. */
static bool is_signature(const struct part *part)
{
	_cleanup_str_ struct str bytes = STR_INIT(SIGNATURE_LEN);

	return base64url_decode(part->text, part->len, &bytes, NULL) == 0 &&
		bytes.len == SIGNATURE_LEN;
}

static bool is_signed(const struct signing_key *key, const char *text, size_t len)
{
	_cleanup_free_ char *copy = mem_strndup(text, len);
	_cleanup_jwt_ jwt_t *jwt = NULL;

	if (!copy ||
		jwt_decode(&jwt, copy, (const unsigned char *)key->public_pem.data,
			(int)key->public_pem.len))
		return false;
	return jwt_get_alg(jwt) == JWT_ALG_ES256;
}

static int read_claims(const json_t *payload, struct token_claims *out)
{
	const int64_t last = INT64_MAX / 1000;
	int64_t issued, expires;

	if (wire_get_uuid(payload, "iss", WIRE_REQUIRED, &out->issuer, NULL) ||
		wire_get_uuid(payload, "sub", WIRE_REQUIRED, &out->user, NULL) ||
		wire_get_uuid(payload, "sid", WIRE_REQUIRED, &out->session, NULL) ||
		wire_get_int(payload, "ver", WIRE_REQUIRED, 0, INT64_MAX, &out->version, NULL) ||
		wire_get_bool(payload, "adm", WIRE_REQUIRED, &out->admin, NULL) ||
		wire_get_int(payload, "iat", WIRE_REQUIRED, 0, last, &issued, NULL) ||
		wire_get_int(payload, "exp", WIRE_REQUIRED, 0, last, &expires, NULL))
		return -1;
	out->issued = issued * 1000;
	out->expires = expires * 1000;
	return 0;
}

int token_verify(const struct token_keys *keys, const char *text, size_t len,
	const struct uuid *issuer, int64_t now_ms, struct token_claims *out, struct err *err)
{
	_cleanup_json_ json_t *header = NULL, *payload = NULL;
	const struct signing_key *key;
	struct token_claims claims;
	struct part parts[3];

	if (len > TOKEN_MAX || memchr(text, '\0', len) || !split(text, len, parts))
		return refuse(err);
	header = parse_part(&parts[0]);
	key = header ? find_key(keys, header) : NULL;
	if (!key || !is_signature(&parts[2]) || !is_signed(key, text, len))
		return refuse(err);
	payload = parse_part(&parts[1]);
	if (!payload || read_claims(payload, &claims) || !uuid_equal(&claims.issuer, issuer) ||
		now_ms >= claims.expires)
		return refuse(err);
	*out = claims;
	return 0;
}

/* --- for others ----------------------------------------------------------------------------- */

int token_jwks(const struct token_keys *keys, struct str *out, struct err *err)
{
	str_addz(out, "{\"keys\":[");
	for (size_t i = 0; i < keys->count; i++) {
		if (i)
			str_addc(out, ',');
		es256_add_jwk(&keys->keys[i].point, out);
	}
	str_addz(out, "]}");
	return str_check(out, err);
}
