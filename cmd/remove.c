/* remove.c - pinhole remove: hides photos; for 30 days they can be restored. */
#include "photos.h"

struct remove_args {
	const char *album;
};

static const struct opt remove_opts[] = {
	OPT_STR('a', "album", struct remove_args, album, "ALBUM", "the photos' album"),
	OPT_END,
};

static int remove_one(struct cmd_ctx *ctx, const struct photo_ref *ref, struct err *err)
{
	if (ctx->dry_run)
		return photos_print_change(ctx, "would-remove", "would remove", ref, err);
	if (photo_remove(ctx->store, ref, err))
		return -1;
	return photos_print_change(ctx, "removed", "removed", ref, err);
}

static int run_remove(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct remove_args *a = args;
	_cleanup_vec_ struct vec refs = VEC_INIT(struct photo_ref, OPT_LIST_MAX);

	if (photos_resolve(ctx, argc, argv, a->album, RESOLVE_SHOWN, &refs, err))
		return -1;
	vec_foreach (&refs, const struct photo_ref, ref)
		if (remove_one(ctx, ref, err))
			return -1;
	if (!ctx->dry_run && !ctx->json)
		print_note(ctx, "`pinhole restore PHOTO` brings it back within %d days",
			PHOTO_REMOVED_DAYS);
	return 0;
}

const struct command command_remove = {
	.name = "remove",
	.summary = "hide photos for 30 days",
	.group = CMD_GROUP_PHOTOS,
	.needs = CMD_STORE_WRITE,
	.shared = CMD_JSON | CMD_DRY_RUN,
	.words = "PHOTO...",
	.args_size = sizeof(struct remove_args),
	.opts = remove_opts,
	.run = run_remove,
};
