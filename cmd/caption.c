/* caption.c - pinhole caption: the words under a photo. */
#include "photos.h"
#include "base/path.h"

#include <string.h>
#include <unistd.h>

#define CAPTION_MAX ((size_t)16 * 1024) /* bytes */

struct caption_args {
	const char *album;
};

static const struct opt caption_opts[] = {
	OPT_STR('a', "album", struct caption_args, album, "ALBUM", "the photo's album"),
	OPT_END,
};

/* The words given, stdin for "-", else what the person writes in an editor. */
static int read_text(struct cmd_ctx *ctx, const struct photo_ref *ref, const char *given,
	struct str *text, struct err *err)
{
	_cleanup_photo_ struct photo photo = PHOTO_INIT;

	if (given && strcmp(given, "-") == 0) {
		if (path_read_fd(STDIN_FILENO, "standard input", CAPTION_MAX, text, err))
			return -1;
		while (text->len && strchr("\r\n", text->data[text->len - 1]))
			str_truncate(text, text->len - 1);
	} else if (given)
		str_addz(text, given);
	else if (photo_get(ctx->store, ref, &photo, err) ||
		editor_write(ctx, photo.caption, text, err))
		return -1;
	if (str_check(text, err))
		return -1;
	return memchr(text->data, '\0', text->len) ?
		err_set(err, ERR_INVALID, "the caption holds a NUL byte") :
		0;
}

static int run_caption(
	struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct caption_args *a = args;
	_cleanup_vec_ struct vec refs = VEC_INIT(struct photo_ref, 1);
	_cleanup_str_ struct str text = STR_INIT(CAPTION_MAX);
	const struct photo_ref *ref;

	if (photos_resolve(ctx, 1, argv, a->album, RESOLVE_SHOWN, &refs, err))
		return -1;
	ref = vec_at(&refs, 0);
	if (read_text(ctx, ref, argc > 1 ? argv[1] : NULL, &text, err))
		return -1;
	if (ctx->dry_run)
		return photos_print_change(ctx, "would-caption", "would caption", ref, err);
	if (photo_caption(ctx->store, ref, text.data, err) || store_settle(ctx->store, err))
		return -1;
	return photos_print_change(
		ctx, "captioned", text.len ? "captioned" : "took the caption from", ref, err);
}

const struct command command_caption = {
	.name = "caption",
	.summary = "write a photo's caption",
	.group = CMD_GROUP_PHOTOS,
	.needs = CMD_STORE_WRITE,
	.shared = CMD_JSON | CMD_DRY_RUN,
	.words = "PHOTO [TEXT]",
	.args_size = sizeof(struct caption_args),
	.opts = caption_opts,
	.run = run_caption,
};
