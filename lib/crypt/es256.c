/* es256.c - key pairs on P-256 as PEM and as JWK; see es256.h.
 *
 * Invariant: a key that es256_read accepts is on the curve (OpenSSL checks it on decoding), so that its JWK is one
 * that other libraries take.
 */
#include "crypt/es256.h"
#include "crypt/crypt.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdbool.h>
#include <string.h>

static void free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void free_bio(BIO **bio)
{
	BIO_free_all(*bio);
}

#define _cleanup_key_ _cleanup_(free_key)
#define _cleanup_bio_ _cleanup_(free_bio)

static int add_bio(BIO *bio, struct str *out, struct err *err)
{
	char *bytes;
	long len = BIO_get_mem_data(bio, &bytes);

	if (len <= 0)
		return err_no_memory(err);
	str_add(out, bytes, (size_t)len);
	return str_check(out, err);
}

int es256_make(struct str *pem, struct err *err)
{
	_cleanup_key_ EVP_PKEY *key = EVP_EC_gen("P-256");
	_cleanup_bio_ BIO *bio = BIO_new(BIO_s_secmem());

	if (!key || !bio || PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return err_set(err, ERR_FAILED, "cannot make a signing key");
	return add_bio(bio, pem, err);
}

static int read_coordinate(
	const EVP_PKEY *key, const char *name, uint8_t out[ES256_COORDINATE], struct err *err)
{
	BIGNUM *number = NULL;
	bool good = EVP_PKEY_get_bn_param(key, name, &number) == 1 &&
		BN_bn2binpad(number, out, ES256_COORDINATE) == ES256_COORDINATE;

	BN_free(number);
	return good ? 0 : err_set(err, ERR_INVALID, "the signing key has no public part");
}

static bool is_p256(const EVP_PKEY *key)
{
	char group[64];
	size_t len;

	return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
		EVP_PKEY_get_group_name(key, group, sizeof(group), &len) == 1 &&
		strcmp(group, "prime256v1") == 0;
}

/* No question at a terminal for a key that is encrypted. */
static int no_password(char *buffer, int size, int writing, void *data)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)data;
	return -1;
}

int es256_read(const char *pem, size_t len, struct es256_public *out, struct str *public_pem,
	struct err *err)
{
	_cleanup_bio_ BIO *in = len <= ES256_PEM_MAX ? BIO_new_mem_buf(pem, (int)len) : NULL;
	_cleanup_bio_ BIO *bio = BIO_new(BIO_s_mem());
	_cleanup_key_ EVP_PKEY *key =
		in ? PEM_read_bio_PrivateKey(in, NULL, no_password, NULL) : NULL;
	struct es256_public found;

	if (!key || !is_p256(key))
		return err_set(err, ERR_INVALID, "this is no private key on P-256");
	if (read_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, found.x, err) ||
		read_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, found.y, err))
		return -1;
	if (!bio || PEM_write_bio_PUBKEY(bio, key) != 1)
		return err_no_memory(err);
	if (add_bio(bio, public_pem, err))
		return -1;
	*out = found;
	return 0;
}

/* The members in the order of RFC 7638 section 3.2, which is also that of a JWK here. */
static void add_members(const struct es256_public *key, struct str *out)
{
	str_addz(out, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"");
	base64url_encode(key->x, sizeof(key->x), out);
	str_addz(out, "\",\"y\":\"");
	base64url_encode(key->y, sizeof(key->y), out);
	str_addz(out, "\"");
}

void es256_kid(const struct es256_public *key, char out[ES256_KID_LEN + 1])
{
	_cleanup_str_ struct str text = STR_INIT(512), kid = STR_INIT(ES256_KID_LEN);
	struct sha256 hash;

	add_members(key, &text);
	str_addc(&text, '}');
	crypt_sha256(text.data, text.len, &hash);
	base64url_encode(hash.bytes, sizeof(hash.bytes), &kid);
	memcpy(out, kid.data, kid.len + 1);
}

void es256_add_jwk(const struct es256_public *key, struct str *out)
{
	char kid[ES256_KID_LEN + 1];

	es256_kid(key, kid);
	add_members(key, out);
	str_addf(out, ",\"alg\":\"ES256\",\"kid\":\"%s\",\"use\":\"sig\"}", kid);
}
