/* sha1.c - SHA-1 over OpenSSL's EVP; see sha1.h.
 *
 * It keys and signs nothing.  Invariant: a stream that was given out can be added to and ended; a failure of
 * libcrypto in between stops the process, as in sha256.c.
 */
#include "crypt/sha1.h"
#include "base/mem.h"

#include <openssl/evp.h>

#include <stdlib.h>

struct sha1_stream {
	EVP_MD_CTX *ctx;
};

struct sha1_stream *sha1_stream_new(struct err *err)
{
	struct sha1_stream *s = mem_calloc(1, sizeof(*s));

	if (s)
		s->ctx = EVP_MD_CTX_new();
	if (!s || !s->ctx) {
		sha1_stream_free(s);
		err_no_memory(err);
		return NULL;
	}
	if (EVP_DigestInit_ex2(s->ctx, EVP_sha1(), NULL) != 1) {
		sha1_stream_free(s);
		err_set(err, ERR_UNSUPPORTED, "SHA-1 is switched off on this machine");
		return NULL;
	}
	return s;
}

void sha1_stream_free(struct sha1_stream *s)
{
	if (!s)
		return;
	EVP_MD_CTX_free(s->ctx);
	free(s);
}

void sha1_stream_add(struct sha1_stream *s, const void *bytes, size_t len)
{
	if (len && EVP_DigestUpdate(s->ctx, bytes, len) != 1)
		abort();
}

void sha1_stream_end(struct sha1_stream *s, uint8_t out[SHA1_LEN])
{
	if (EVP_DigestFinal_ex(s->ctx, out, NULL) != 1)
		abort();
}
