/* photos.h - what the commands about photos share. */
#ifndef PINHOLE_CMD_PHOTOS_H
#define PINHOLE_CMD_PHOTOS_H

#include "import/render.h"
#include "print.h"
#include "store/photo.h"

#define PHOTOS_DIGITS   8 /* of a photo's hash, as people see them */
#define PHOTOS_NAME_MAX (ALBUM_NAME_MAX + PHOTOS_DIGITS + 1)

/* "beach:3fa2b1c9" */
int photos_name(struct cmd_ctx *ctx, const struct album_ref *album, const struct sha256 *id,
	char out[PHOTOS_NAME_MAX], struct err *err);

/* Looks the words up, all before anything is changed: struct photo_ref items.  `album` is --album's text
 * or NULL. */
int photos_resolve(struct cmd_ctx *ctx, int argc, char **argv, const char *album,
	enum resolve_find find, struct vec *out, struct err *err);

/* What became of a photo: {"status","photo","album"}, or a note "removed beach:3fa2b1c9". */
int photos_print_change(struct cmd_ctx *ctx, const char *status, const char *sentence,
	const struct photo_ref *ref, struct err *err);

/* The object that `list --json` and `show --json` print.  Null on no memory. */
json_t *photos_json(struct cmd_ctx *ctx, const struct photo *photo, struct err *err);

/* "2024-05-01 12:34:56 +02:00"; the zone only where it is known. */
#define PHOTOS_TIME_MAX 48
void photos_format_taken(const struct photo *photo, char out[PHOTOS_TIME_MAX]);

/* How pictures are rendered, from the configuration. */
int photos_render_options(struct cmd_ctx *ctx, struct render_options *out, struct err *err);

/* paint.c: a small picture of the photo in half blocks, where the terminal has 24-bit colours. */
void paint_photo(struct cmd_ctx *ctx, const struct photo *photo);

#endif
