/* multipart.h - reads multipart/form-data (RFC 7578, RFC 2046 section 5.1) as it arrives, in pieces of any size.
 *
 *	multipart_open(content_type, &sink, data, &m, err);	sink's functions are called from multipart_feed
 *	multipart_feed(m, bytes, len, err);			as often as bytes come
 *	multipart_finish(m, err);				INVALID unless the final boundary came
 *	multipart_close(m);
 *
 * Nothing is kept but a part's header and what may be the beginning of a boundary; nested parts are bytes.  Once a
 * call failed, no other may follow but multipart_close.  Pure.
 */
#ifndef PINHOLE_HTTP_MULTIPART_H
#define PINHOLE_HTTP_MULTIPART_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define MULTIPART_HEADER_MAX 8192 /* bytes of one part's header */
#define MULTIPART_PARTS_MAX  1000
#define MULTIPART_NAME_MAX   256  /* bytes of a field's name */
#define MULTIPART_FILE_MAX   4096 /* bytes of a file's name */

struct multipart_part {   /* valid during sink->begin */
	const char *name; /* of the form's field */
	bool is_file;     /* it has a file name, which may be empty: no file was chosen */
	const char *
		filename; /* as the browser wrote it, %22 %0D %0A decoded; may hold any byte but NUL */
	const char *type; /* Content-Type, "" if it has none */
};

struct multipart_sink { /* -1 stops; the error is handed on */
	int (*begin)(void *data, const struct multipart_part *part, struct err *err);
	int (*bytes)(void *data, const void *bytes, size_t len, struct err *err);
	int (*end)(void *data, struct err *err);
};

struct multipart;

/* INVALID unless it is multipart/form-data with a boundary of 1 to 70 characters of RFC 2046. */
int multipart_open(const char *content_type, const struct multipart_sink *sink, void *data,
	struct multipart **out, struct err *err);
void multipart_close(struct multipart *m); /* NULL is fine */
int multipart_feed(struct multipart *m, const void *bytes, size_t len, struct err *err);
int multipart_finish(struct multipart *m, struct err *err);

#endif
