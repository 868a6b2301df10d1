/* crypt.h - hashes and random bytes, over OpenSSL's libcrypto.
 *
 *	struct sha256 hash;
 *	crypt_sha256(bytes, len, &hash);
 *
 *	struct sha256_stream *s = sha256_stream_new(err);
 *	sha256_stream_add(s, bytes, len);
 *	sha256_stream_end(s, &hash);		the stream may then be used for the next message
 *	sha256_stream_free(s);
 */
#ifndef PINHOLE_CRYPT_CRYPT_H
#define PINHOLE_CRYPT_CRYPT_H

#include "base/err.h"
#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>

#define SHA256_LEN     32
#define SHA256_HEX_LEN 64

struct sha256 {
	uint8_t bytes[SHA256_LEN];
};

/* One-shot; cannot fail (uses SHA-NI where the CPU has it). */
void crypt_sha256(const void *bytes, size_t len, struct sha256 *out);
/* SHA-256 of two parts put together. */
void crypt_sha256_two(const void *a, size_t a_len, const void *b, size_t b_len, struct sha256 *out);
void crypt_hmac_sha256(
	const void *key, size_t key_len, const void *bytes, size_t len, struct sha256 *out);

struct sha256_stream;
struct sha256_stream *sha256_stream_new(struct err *err);
void sha256_stream_free(struct sha256_stream *s);
void sha256_stream_free_pointer(struct sha256_stream **s);
void sha256_stream_add(struct sha256_stream *s, const void *bytes, size_t len);
void sha256_stream_end(struct sha256_stream *s, struct sha256 *out);
#define _cleanup_sha256_stream_ _cleanup_(sha256_stream_free_pointer)

/* Random bytes from the kernel. */
int crypt_random(void *out, size_t len, struct err *err);
/* Compares in time that depends on len only; 1 if equal. */
int crypt_equal(const void *a, const void *b, size_t len);

int sha256_compare(const struct sha256 *a, const struct sha256 *b); /* as memcmp */
int sha256_parse(const char *hex, size_t len, struct sha256 *out);  /* -1 unless 64 hex digits */
void sha256_format(const struct sha256 *hash, char out[SHA256_HEX_LEN + 1]);

/* RFC 4648 standard alphabet with padding. */
struct str;
void base64_encode(const void *bytes, size_t len, struct str *out);
int base64_decode(const char *text, size_t len, struct str *out, struct err *err);
/* RFC 4648 section 5: for URLs and tokens, without padding. */
void base64url_encode(const void *bytes, size_t len, struct str *out);
int base64url_decode(const char *text, size_t len, struct str *out, struct err *err);

#endif
