/* sized.h - which picture image.jpg?w=&h=&fit=&q= asks for: sizes that everybody may ask for, and signed ones.
 *
 *	w, h	the box in pixels, of serve.image-sizes; h is w where it is absent
 *	fit	contain (inside the box, never enlarged; the default) or cover (fills it, cut at the edges)
 *	q	60, 80 or 90; 80 where it is absent
 *
 * Whoever has serve.image-key may ask for any size up to SIZED_MOST and any quality with
 *
 *	expires	seconds since the epoch
 *	sig	64 hex digits: HMAC-SHA256 with that key over
 *		ALBUM/PHOTO/jpg?w=W&h=H&fit=FIT&q=Q&expires=E	(or webp), ids in lower case, all parameters given
 *
 * A signature chooses a size; it opens nothing to who may not see the album.
 */
#ifndef PINHOLE_HTTP_SIZED_H
#define PINHOLE_HTTP_SIZED_H

#include "http/http.h"
#include "http/settings.h"
#include "media/media.h"

#define SIZED_MOST     4096 /* px */
#define SIZED_QUALITY  80
#define SIZED_NAME_LEN 16 /* with the NUL: as struct variant has room for */

struct sized {
	uint32_t width, height; /* the box */
	enum media_fit fit;
	enum media_format format;
	int quality;
	bool usual; /* no quality was asked for */
};

/* Reads the query.  INVALID for what is malformed or not among the sizes, DENIED for a signature that does not hold or
 * is no longer good.  *signature says whether one was given. */
int sized_read(const struct http_call *call, const struct sha256 *photo, enum media_format format,
	const struct settings *settings, struct sized *out, bool *with_signature, struct err *err);

/* "1280k960q80": c covers, k keeps inside.  Begins with a digit, as no other variant does. */
void sized_name(const struct sized *sized, char out[SIZED_NAME_LEN]);
bool sized_equal(const struct sized *a, const struct sized *b);
const char *sized_mime(enum media_format format);
const char *sized_extension(enum media_format format); /* "jpg" */

/* The signature's text. */
void sized_sign(const struct sized *sized, const struct uuid *album, const struct sha256 *photo,
	int64_t expires, const char *key, char out[SHA256_HEX_LEN + 1]);

#endif
