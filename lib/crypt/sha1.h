/* sha1.h - SHA-1, for protocols that ask for it (the checksum of tus uploads).  It protects nothing from people who
 * mean harm: for all of our own it is SHA-256 (crypt.h).
 *
 *	struct sha1_stream *s = sha1_stream_new(err);
 *	sha1_stream_add(s, bytes, len);
 *	sha1_stream_end(s, digest);		once
 *	sha1_stream_free(s);
 */
#ifndef PINHOLE_CRYPT_SHA1_H
#define PINHOLE_CRYPT_SHA1_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define SHA1_LEN 20

struct sha1_stream;
/* NULL with NO_MEMORY, or UNSUPPORTED where libcrypto was told to have no SHA-1. */
struct sha1_stream *sha1_stream_new(struct err *err);
void sha1_stream_free(struct sha1_stream *s); /* NULL is fine */
void sha1_stream_add(struct sha1_stream *s, const void *bytes, size_t len);
void sha1_stream_end(struct sha1_stream *s, uint8_t out[SHA1_LEN]);

#endif
