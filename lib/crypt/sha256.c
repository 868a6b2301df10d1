/* sha256.c - SHA-256 and HMAC over OpenSSL's EVP, and the hash as text; see crypt.h.
 *
 * It does no file reading.  Invariant: a call either gives the right hash or the process stops; no
 * caller ever goes on with a wrong one.  libcrypto's SHA-256 can fail only where it is absent or
 * where the first, small allocation of a thread fails.
 */
#include "crypt/crypt.h"
#include "base/str.h"

#include <openssl/evp.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define HMAC_BLOCK 64 /* bytes; RFC 2104's B for SHA-256 */

struct piece {
	const void *bytes;
	size_t len;
};

struct sha256_stream {
	EVP_MD_CTX *ctx;
};

/* Looking an algorithm up costs more than hashing an event, so it is done once. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *algorithm;
static pthread_key_t thread_end;
static __thread EVP_MD_CTX *own;

static void free_ctx(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

static void fetch_algorithm(void)
{
	algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!algorithm || pthread_key_create(&thread_end, free_ctx))
		abort();
}

/* Each thread keeps one context, freed when it ends: a hash then allocates nothing. */
static EVP_MD_CTX *own_ctx(void)
{
	if (own)
		return own;
	pthread_once(&once, fetch_algorithm);
	own = EVP_MD_CTX_new();
	if (!own || pthread_setspecific(thread_end, own))
		abort();
	return own;
}

static void begin(EVP_MD_CTX *ctx)
{
	if (EVP_DigestInit_ex2(ctx, algorithm, NULL) != 1)
		abort();
}

static void add(EVP_MD_CTX *ctx, const void *bytes, size_t len)
{
	if (len && EVP_DigestUpdate(ctx, bytes, len) != 1)
		abort();
}

static void end(EVP_MD_CTX *ctx, struct sha256 *out)
{
	if (EVP_DigestFinal_ex(ctx, out->bytes, NULL) != 1)
		abort();
}

static void hash_pieces(const struct piece *pieces, size_t count, struct sha256 *out)
{
	EVP_MD_CTX *ctx = own_ctx();

	begin(ctx);
	for (size_t i = 0; i < count; i++)
		add(ctx, pieces[i].bytes, pieces[i].len);
	end(ctx, out);
}

void crypt_sha256(const void *bytes, size_t len, struct sha256 *out)
{
	const struct piece piece = {bytes, len};

	hash_pieces(&piece, 1, out);
}

void crypt_sha256_two(const void *a, size_t a_len, const void *b, size_t b_len, struct sha256 *out)
{
	const struct piece pieces[] = {{a, a_len}, {b, b_len}};

	hash_pieces(pieces, ARRAY_LEN(pieces), out);
}

/* RFC 2104: H(K ^ opad, H(K ^ ipad, text)), a key longer than a block hashed first. */
void crypt_hmac_sha256(
	const void *key, size_t key_len, const void *bytes, size_t len, struct sha256 *out)
{
	uint8_t block[HMAC_BLOCK] = {0}, inner_pad[HMAC_BLOCK], outer_pad[HMAC_BLOCK];
	struct sha256 inner;

	if (key_len > sizeof(block)) {
		crypt_sha256(key, key_len, &inner);
		memcpy(block, inner.bytes, sizeof(inner.bytes));
	} else if (key_len) {
		memcpy(block, key, key_len);
	}
	for (size_t i = 0; i < sizeof(block); i++) {
		inner_pad[i] = block[i] ^ 0x36;
		outer_pad[i] = block[i] ^ 0x5c;
	}
	crypt_sha256_two(inner_pad, sizeof(inner_pad), bytes, len, &inner);
	crypt_sha256_two(outer_pad, sizeof(outer_pad), inner.bytes, sizeof(inner.bytes), out);
	mem_wipe(block, sizeof(block));
	mem_wipe(inner_pad, sizeof(inner_pad));
	mem_wipe(outer_pad, sizeof(outer_pad));
	mem_wipe(&inner, sizeof(inner));
}

struct sha256_stream *sha256_stream_new(struct err *err)
{
	_cleanup_free_ struct sha256_stream *s = mem_calloc(1, sizeof(*s));

	pthread_once(&once, fetch_algorithm);
	if (s)
		s->ctx = EVP_MD_CTX_new();
	if (!s || !s->ctx || EVP_DigestInit_ex2(s->ctx, algorithm, NULL) != 1) {
		if (s)
			EVP_MD_CTX_free(s->ctx);
		err_no_memory(err);
		return NULL;
	}
	return mem_steal(&s);
}

void sha256_stream_free(struct sha256_stream *s)
{
	if (!s)
		return;
	EVP_MD_CTX_free(s->ctx);
	free(s);
}

void sha256_stream_free_pointer(struct sha256_stream **s)
{
	sha256_stream_free(*s);
}

void sha256_stream_add(struct sha256_stream *s, const void *bytes, size_t len)
{
	add(s->ctx, bytes, len);
}

void sha256_stream_end(struct sha256_stream *s, struct sha256 *out)
{
	end(s->ctx, out);
	begin(s->ctx);
}

int sha256_compare(const struct sha256 *a, const struct sha256 *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

int sha256_parse(const char *hex, size_t len, struct sha256 *out)
{
	struct sha256 parsed;

	if (len != SHA256_HEX_LEN || hex_decode(hex, len, parsed.bytes, sizeof(parsed.bytes)))
		return -1;
	*out = parsed;
	return 0;
}

void sha256_format(const struct sha256 *hash, char out[SHA256_HEX_LEN + 1])
{
	hex_encode(hash->bytes, sizeof(hash->bytes), out);
}
