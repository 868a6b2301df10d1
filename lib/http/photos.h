/* photos.h - what the resources below a photo share: finding it, and sending files that strangers made. */
#ifndef PINHOLE_HTTP_PHOTOS_H
#define PINHOLE_HTTP_PHOTOS_H

#include "http/http.h"
#include "store/photo.h"

extern const struct http_route photos_routes[], originals_routes[], images_routes[], zip_routes[];

/* The photo of {album} that {photo} names by the whole hash of any of its parts; NOT_FOUND, also for photos
 * of other albums: a hash opens nothing. */
int http_find_photo(
	struct http_call *call, enum resolve_find find, struct photo_ref *out, struct err *err);

/* http_answer_file for what never changes under its tag: browsers keep it for a year. */
int http_answer_kept(struct http_call *call, int fd, uint64_t size, const char *type,
	const char *tag, struct err *err);

/* Content-Disposition (RFC 6266): `kind` is inline or attachment, `name` any bytes; "": none. */
void http_add_disposition(struct http_call *call, const char *kind, const char *name);

/* A file that never changes under its tag, for browsers: with ranges, cached for a year, and never run as a
 * page.  `name` (NULL: none) is what it is saved as; `inlined` false: it is saved, not shown.  Takes fd over. */
struct http_media {
	int fd;
	uint64_t size;
	const char *type, *tag; /* as for http_answer_file */
	const char *name;
	bool inlined;
};
int http_answer_media(struct http_call *call, const struct http_media *media, struct err *err);

#endif
