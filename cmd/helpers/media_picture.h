/* media_picture.h - decodes one picture and writes its variants, through libvips.
 *
 *	struct picture picture;
 *	picture_open(bytes, len, "image/jpeg", max_pixels, &picture, err);	header only
 *	... picture.width, picture_blob(&picture, PICTURE_EXIF, &len) ...
 *	picture_render(&picture, turn, specs, count, made, hash, err);
 *	picture_close(&picture);
 *
 * Needs picture_library_init() once, before the sandbox.
 */
#ifndef PINHOLE_HELPERS_MEDIA_PICTURE_H
#define PINHOLE_HELPERS_MEDIA_PICTURE_H

#include "base/err.h"
#include "media/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum picture_blob { PICTURE_EXIF, PICTURE_XMP, PICTURE_IPTC, PICTURE_ICC };

struct picture {
	const struct picture_loader *loader; /* static */
	const void *bytes; /* borrowed: the file, or pixels for picture_open_rgb */
	size_t len;
	void *cleaned;             /* owned: a copy without what must not be read, or NULL */
	struct _VipsImage *header; /* owned */
	uint32_t width, height;    /* px, as the decoder gives them */
	uint32_t frames;
	bool upright; /* the decoder has applied the orientation already */
};

struct picture_output {
	struct media_wire_variant spec;
	int fd;
};

int picture_library_init(struct err *err);

/* Reads the header of a file in memory (borrowed while the picture is open).  UNSUPPORTED for a
 * type without a loader, TOO_LARGE past max_pixels, DAMAGED when there is no header to read. */
int picture_open(const void *bytes, size_t len, const char *mime, uint64_t max_pixels,
	struct picture *out, struct err *err);
/* The same for width x height RGB pixels of 8 bits. */
int picture_open_rgb(
	const void *pixels, uint32_t width, uint32_t height, struct picture *out, struct err *err);
void picture_close(struct picture *picture);

/* Metadata that came with the header, NULL if there is none. */
const void *picture_blob(const struct picture *picture, enum picture_blob which, size_t *len);

/* Writes the variants.  `orientation` is EXIF's 1-8 that must still be applied; `turns` more
 * clockwise quarter turns.  `thumbhash` gets base64 text or "".  1 when the picture is damaged and
 * was rendered as far as it goes, 0 if it is whole, -1 if nothing could be made of it. */
int picture_render(const struct picture *picture, int orientation, unsigned turns,
	const struct picture_output *outputs, size_t count, struct media_wire_made *made,
	char thumbhash[64], struct err *err);

#endif
