/* unsend.c - pinhole unsend: takes messages back; their words are erased. */
#include "talk.h"

struct unsend_args {
	const char *album;
};

static const struct opt unsend_opts[] = {
	OPT_STR('a', "album", struct unsend_args, album, "ALBUM", "the messages' album"),
	OPT_END,
};

static int unsend(struct cmd_ctx *ctx, const struct vec *refs, struct err *err)
{
	_cleanup_vec_ struct vec receipts = VEC_INIT(struct receipt, MESSAGE_UNSEND_MAX);

	for (size_t i = 0; i < refs->count; i++)
		if (!vec_push_or(&receipts, err))
			return -1;
	if (message_unsend(ctx->store, refs->items, refs->count, receipts.items, err))
		return -1;
	for (size_t i = 0; i < refs->count; i++)
		if (talk_print_change(
			    ctx, "unsent", "took back", vec_at(refs, i), vec_at(&receipts, i), err))
			return -1;
	return 0;
}

static int run_unsend(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct unsend_args *a = args;
	_cleanup_vec_ struct vec refs = VEC_INIT(struct message_ref, MESSAGE_UNSEND_MAX);
	struct album_ref album;

	if (a->album && resolve_album(ctx->store, a->album, &album, err))
		return -1;
	for (int i = 0; i < argc; i++) {
		struct message_ref *ref = vec_push_or(&refs, err);

		if (!ref ||
			resolve_message(ctx->store, argv[i], a->album ? &album : NULL,
				RESOLVE_SHOWN, ref, err))
			return -1;
	}
	if (!ctx->dry_run)
		return unsend(ctx, &refs, err);
	vec_foreach (&refs, const struct message_ref, ref)
		if (talk_print_change(ctx, "would-unsend", "would take back", ref, NULL, err))
			return -1;
	return 0;
}

const struct command command_unsend = {
	.name = "unsend",
	.summary = "take messages back, erasing their words",
	.group = CMD_GROUP_TALK,
	.needs = CMD_STORE_WRITE,
	.shared = CMD_JSON | CMD_DRY_RUN,
	.words = "MESSAGE...",
	.args_size = sizeof(struct unsend_args),
	.opts = unsend_opts,
	.run = run_unsend,
};
