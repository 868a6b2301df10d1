/* edit.c - pinhole edit: changes what a message of one's own says. */
#include "talk.h"

struct edit_args {
	const char *message, *file, *album;
};

static const struct opt edit_opts[] = {
	OPT_STR('m', "message", struct edit_args, message, "TEXT", "what it shall say"),
	OPT_STR('F', "file", struct edit_args, file, "FILE",
		"read the text from a file, - is stdin"),
	OPT_STR('a', "album", struct edit_args, album, "ALBUM", "the message's album"),
	OPT_END,
};

static int print_plan(
	struct cmd_ctx *ctx, const struct message_ref *ref, const struct str *text, struct err *err)
{
	if (talk_print_change(ctx, "would-edit", "would edit", ref, NULL, err))
		return -1;
	if (!ctx->json)
		print_text(ctx, 4, text->data, text->len);
	return 0;
}

static int run_edit(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct edit_args *a = args;
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_FILE);
	_cleanup_message_ struct message message = {.key = 0};
	struct album_ref album;
	struct message_ref ref;
	struct receipt receipt;

	(void)argc;
	if ((a->album && resolve_album(ctx->store, a->album, &album, err)) ||
		resolve_message(
			ctx->store, argv[0], a->album ? &album : NULL, RESOLVE_SHOWN, &ref, err) ||
		message_get(ctx->store, ref.album.key, &ref.id, &message, err) < 0 ||
		talk_read_text(ctx, a->message, a->file, message.text, &text, err))
		return -1;
	if (ctx->dry_run)
		return print_plan(ctx, &ref, &text, err);
	if (message_edit(ctx->store, &ref, text.data, text.len, &receipt, err))
		return -1;
	return talk_print_change(ctx, "edited", "edited", &ref, &receipt, err);
}

const struct command command_edit = {
	.name = "edit",
	.summary = "change what a message says",
	.group = CMD_GROUP_TALK,
	.needs = CMD_STORE_WRITE,
	.shared = CMD_JSON | CMD_DRY_RUN,
	.words = "MESSAGE",
	.args_size = sizeof(struct edit_args),
	.opts = edit_opts,
	.run = run_edit,
};
