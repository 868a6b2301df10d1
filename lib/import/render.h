/* render.h - renders the variants that are missing, outside of ingest: after a photo was turned, after the
 * cache was emptied, of files that were ingested without rendering.
 *
 *	struct render_options options = {...};
 *	_cleanup_vec_ struct vec items = VEC_INIT(struct render_item, 1000);
 *	struct render_totals totals;
 *
 *	render_missing(store, &options, &items, &totals, err);
 *
 * Nothing is decoded in this process: pinhole-media reads the stored object.
 */
#ifndef PINHOLE_IMPORT_RENDER_H
#define PINHOLE_IMPORT_RENDER_H

#include "base/vec.h"
#include "media/media.h"
#include "store/photo.h"

struct render_options {
	struct media_options media;
	size_t variant_count;
	struct media_variant_spec variants[MEDIA_VARIANT_MAX]; /* out_fd is not used */
	bool again; /* also what failed or was cut off before */
};

struct render_item {
	struct sha256 object; /* the bytes to render from */
	int rotate;           /* quarter turns that the person asked for */
	char name[256];       /* the file's own name, "" unknown: RAW flavours go by it */
};

/* What is shown of the photo, at its rotation; false when nothing of it is (erased). */
bool render_item_from_photo(const struct photo *photo, struct render_item *out);

struct render_totals {
	uint64_t made, failed; /* variants */
};

/* Renders the variants that the items lack and writes their rows.  Starts no process when nothing is
 * missing.  A file that cannot be rendered is counted and remembered with its reason, and is no
 * error. */
int render_missing(struct store *store, const struct render_options *options,
	const struct vec *items, struct render_totals *out, struct err *err);

#endif
