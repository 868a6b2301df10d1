/* tus_header.h - the words of tus 1.0 (tus.io/protocols/resumable-upload): what its headers say.
 *
 * Pure: no call, no store.  All that is parsed here was written by strangers.
 */
#ifndef PINHOLE_HTTP_TUS_HEADER_H
#define PINHOLE_HTTP_TUS_HEADER_H

#include "base/str.h"
#include "crypt/crypt.h"

#define TUS_VERSION    "1.0.0"
#define TUS_EXTENSIONS "creation,creation-with-upload,expiration,checksum,termination"
#define TUS_ALGORITHMS "sha1,sha256"

/* Upload-Length, Upload-Offset: digits and nothing else. */
int tus_parse_number(const char *name, const char *text, int64_t *out, struct err *err);

enum tus_algorithm { TUS_NO_CHECKSUM = 0, TUS_SHA1, TUS_SHA256 };

struct tus_checksum {
	enum tus_algorithm algorithm;
	uint8_t digest[SHA256_LEN]; /* SHA-1: the first 20 bytes */
	size_t len;
};
/* "sha1 BASE64"; INVALID for an algorithm that we do not offer and for a digest of a wrong length. */
int tus_parse_checksum(const char *text, struct tus_checksum *out, struct err *err);

/* Upload-Metadata, "key BASE64,key2 BASE64,flag": INVALID unless keys are printable ASCII, not empty and
 * unique, and values are base64; TOO_LARGE past `max` bytes. */
int tus_check_metadata(const char *text, size_t max, struct err *err);
/* The decoded value of a key of checked metadata: 1 found, 0 not (out is empty), -1 failed. */
int tus_get_metadata(const char *text, const char *key, struct str *out, struct err *err);

#define TUS_DATE_LEN 30 /* "Sun, 06 Nov 1994 08:49:37 GMT" and the NUL */
/* RFC 9110 section 5.6.7, IMF-fixdate. */
void tus_format_date(int64_t unix_ms, char out[TUS_DATE_LEN]);

#endif
