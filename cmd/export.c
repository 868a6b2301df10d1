/* export.c - pinhole export: an album as files that need no pinhole.
 *
 * What is in it is lib/import/export.h's.  Invariant: exit code 0 means that every original is in it.
 */
#include "print.h"
#include "import/export.h"

enum { LINK_NO, LINK_REFLINK, LINK_HARD };
static const char *const link_choices[] = {"no", "reflink", "hard", NULL};

struct export_args {
	int link;
};

static const struct opt export_opts[] = {
	OPT_CHOICE_MAYBE(0, "link", struct export_args, link, link_choices, LINK_REFLINK, "HOW",
		"share the originals' bytes with the store: reflink, or hard links"),
	OPT_END,
};

struct export_show {
	struct cmd_ctx *ctx;
	struct progress bar;
};

static void show_progress(
	void *data, uint64_t files, uint64_t total_files, uint64_t bytes, uint64_t total_bytes)
{
	struct export_show *show = data;

	progress_set_total(&show->bar, total_files, total_bytes);
	progress_update(&show->bar, files, bytes);
}

static void show_absent(void *data, const char *file, const struct sha256 *hash)
{
	struct export_show *show = data;
	char hex[SHA256_HEX_LEN + 1];

	sha256_format(hash, hex);
	print_warning(show->ctx, "the store lacks the original of %s (%s)", file, hex);
}

static int print_result(
	struct cmd_ctx *ctx, const char *path, const struct export_result *r, struct err *err)
{
	char photos[PRINT_SHORT_LEN], messages[PRINT_SHORT_LEN], size[PRINT_SHORT_LEN];
	json_t *line;

	if (!ctx->json) {
		print_format_count(r->photos, "photo", photos);
		print_format_count(r->messages, "message", messages);
		print_format_size(r->bytes, size);
		print_note(ctx, "%s: %s (%s), %s", path, photos, size, messages);
		return 0;
	}
	line = json_object();
	wire_set_text(&line, "path", path);
	wire_set_int(&line, "photos", (int64_t)r->photos);
	wire_set_int(&line, "files", (int64_t)r->files);
	wire_set_int(&line, "bytes", (int64_t)r->bytes);
	wire_set_int(&line, "messages", (int64_t)r->messages);
	wire_set_int(&line, "events", (int64_t)r->events);
	wire_set_int(&line, "absent", (int64_t)r->absent);
	return print_json_line(ctx, line, err);
}

static int run_export(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct export_args *a = args;
	struct export_options options = {.hard_link = a->link == LINK_HARD};
	struct export_show show = {.ctx = ctx};
	struct export_watch watch = {
		.progress = show_progress, .absent = show_absent, .data = &show};
	struct export_result result;
	struct album_ref album;
	int failed;

	(void)argc;
	if (resolve_album(ctx->store, argv[0], &album, err))
		return -1;
	cmd_catch_interrupts();
	progress_start(&show.bar, ctx, "export", 0, 0);
	failed = export_album(ctx->store, &album, argv[1], &options, &watch, &result, err);
	progress_end(&show.bar);
	if (failed || print_result(ctx, argv[1], &result, err))
		return -1;
	if (!result.absent)
		return 0;
	err_set(err, ERR_PARTIAL, "the store lacks %llu originals; the export holds the rest",
		(unsigned long long)result.absent);
	return err_hint(err, "`pinhole fsck --objects` tells more");
}

const struct command command_export = {
	.name = "export",
	.summary = "write an album as files that need no pinhole",
	.group = CMD_GROUP_MOVE,
	.needs = CMD_STORE_READ,
	.shared = CMD_JSON,
	.words = "ALBUM DIR|FILE",
	.args_size = sizeof(struct export_args),
	.opts = export_opts,
	.run = run_export,
};
