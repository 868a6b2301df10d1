/* media_xmp.h - XMP packets and sidecars.
 *
 * media_xmp_parse flattens RDF into properties and knows no vocabulary; xmp_take_packet gives those
 * that media.h names to the facts.
 */
#ifndef PINHOLE_HELPERS_MEDIA_XMP_H
#define PINHOLE_HELPERS_MEDIA_XMP_H

#include "media_facts.h"

#include <stddef.h>

struct xmp_property {
	const char *space, *name; /* namespace URI and local name of the property */
	const char *text;         /* NUL-terminated UTF-8 */
	size_t len;
};
typedef void xmp_handler(void *data, const struct xmp_property *property);

#define XMP_BYTES_MAX ((size_t)2 * 1024 * 1024)

/* Calls `handler` for each simple property and each item of an array, in document order; nested
 * structures are passed over.  What came before an error has been handed out already.  INVALID for
 * what is not XML, has a DTD, or is nested beyond reason; TOO_LARGE past XMP_BYTES_MAX. */
int media_xmp_parse(
	const void *packet, size_t len, xmp_handler *handler, void *data, struct err *err);

/* Facts from a packet; `rank` is FACTS_XMP, or FACTS_SIDECAR for a file beside the picture. */
int xmp_take_packet(
	struct facts *facts, enum facts_rank rank, const void *packet, size_t len, struct err *err);

#endif
