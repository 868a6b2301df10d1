/* import.c - pinhole import: an exported album back into the store.
 *
 * What is kept and what is checked is lib/import/import.h's.  Invariant: unless it ends with 0 or 3 there is no new
 * album.
 */
#include "photos.h"
#include "print.h"
#include "import/import.h"
#include "import/render.h"

#include <unistd.h>

#define RENDER_AT_ONCE 64 /* photos; pinhole-media is started anew for each lot */

struct import_args {
	const char *name;
	bool restore, no_render;
};

static const struct opt import_opts[] = {
	OPT_STR(0, "name", struct import_args, name, "NAME", "what to call the album here"),
	OPT_BOOL(0, "restore", struct import_args, restore,
		"keep the album's id and history instead of making a new album"),
	OPT_BOOL(0, "no-render", struct import_args, no_render, "make no thumbnails and previews"),
	OPT_END,
};

struct import_show {
	struct cmd_ctx *ctx;
	struct progress bar;
};

static void show_progress(
	void *data, uint64_t files, uint64_t total_files, uint64_t bytes, uint64_t total_bytes)
{
	struct import_show *show = data;

	progress_set_total(&show->bar, total_files, total_bytes);
	progress_update(&show->bar, files, bytes);
}

static void show_absent(void *data, const char *file, const struct sha256 *hash)
{
	struct import_show *show = data;
	char hex[SHA256_HEX_LEN + 1];

	sha256_format(hash, hex);
	print_warning(show->ctx, "%s is not in the export (%s)", file, hex);
}

static int print_json(
	struct cmd_ctx *ctx, const char *name, const struct import_result *r, struct err *err)
{
	json_t *line = json_object();

	if (!ctx->dry_run) {
		wire_set_uuid(&line, "album", &r->album.id);
		wire_set_text(&line, "name", name);
	}
	wire_set_int(&line, "photos", (int64_t)r->photos);
	wire_set_int(&line, "messages", (int64_t)r->messages);
	wire_set_int(&line, "events", (int64_t)r->events);
	wire_set_int(&line, "absent", (int64_t)r->absent);
	wire_set_int(&line, "refused", (int64_t)r->refused);
	wire_set_bool(&line, "known", r->known);
	return print_json_line(ctx, line, err);
}

static void print_new(struct cmd_ctx *ctx, const char *name, const struct import_result *r)
{
	char photos[PRINT_SHORT_LEN], messages[PRINT_SHORT_LEN];

	print_format_count(r->photos, "photo", photos);
	print_format_count(r->messages, "message", messages);
	if (ctx->dry_run)
		print_note(ctx, "would make an album of %s, %s", photos, messages);
	else
		print_note(ctx, "%s: a new album of %s, %s", name, photos, messages);
}

static void print_restored(struct cmd_ctx *ctx, const char *name, const struct import_result *r)
{
	char events[PRINT_SHORT_LEN], refused[PRINT_SHORT_LEN];

	print_format_count(r->events, "event", events);
	print_format_count(r->refused, "pending event", refused);
	if (r->known)
		print_note(ctx, "%s: the album is here, as far or further", name);
	else if (ctx->dry_run)
		print_note(ctx, "would restore the album with %s", events);
	else
		print_note(ctx, "%s: restored with %s", name, events);
	if (r->refused)
		print_warning(ctx, "%s may not happen any more and %s left out", refused,
			r->refused == 1 ? "was" : "were");
}

static int print_result(struct cmd_ctx *ctx, const struct import_args *a,
	const struct import_result *r, struct err *err)
{
	char name[ALBUM_NAME_MAX] = "";

	if ((!ctx->dry_run || r->known) && album_name(ctx->store, r->album.key, name, err))
		return -1;
	if (ctx->json)
		return print_json(ctx, name, r, err);
	if (a->restore)
		print_restored(ctx, name, r);
	else
		print_new(ctx, name, r);
	return 0;
}

/* --- rendering -------------------------------------------------------------------------- */

static unsigned workers(const struct config *config)
{
	int64_t jobs = config_int(config, "ingest.jobs");

	if (jobs == 0)
		jobs = sysconf(_SC_NPROCESSORS_ONLN);
	return jobs < 1 ? 1 : jobs > 64 ? 64 : (unsigned)jobs;
}

static int render_page(struct cmd_ctx *ctx, const struct render_options *options,
	const struct vec *page, uint64_t *failed, struct err *err)
{
	_cleanup_vec_ struct vec items = VEC_INIT(struct render_item, RENDER_AT_ONCE);
	struct render_totals totals;

	vec_foreach (page, struct photo, photo) {
		struct render_item item, *slot;

		if (!render_item_from_photo(photo, &item))
			continue;
		slot = vec_push_or(&items, err);
		if (!slot)
			return -1;
		*slot = item;
	}
	if (render_missing(ctx->store, options, &items, &totals, err))
		return -1;
	*failed += totals.failed;
	return 0;
}

/* The album is there whatever happens here: `show` renders what is missing. */
static int render(struct cmd_ctx *ctx, const struct import_result *r, struct err *err)
{
	_cleanup_photo_page_ struct vec page = PHOTO_PAGE_INIT;
	const struct photo_filter all = {.has = 0};
	struct photo_cursor cursor = {.given = false};
	struct render_options options;
	struct progress bar;
	uint64_t failed = 0, done = 0;
	bool more = true;
	int broken = photos_render_options(ctx, &options, err);

	if (broken)
		return -1;
	options.media.workers = workers(cmd_config(ctx, err));
	progress_start(&bar, ctx, "render", r->photos, 0);
	while (!broken && more) {
		broken = photo_page(ctx->store, &r->album, &all, RENDER_AT_ONCE, &cursor, &page,
				 &more, err) ||
			render_page(ctx, &options, &page, &failed, err) ||
			cmd_check_interrupted(err);
		done += page.count;
		progress_update(&bar, done, 0);
	}
	progress_end(&bar);
	if (failed)
		print_warning(ctx, "%llu pictures could not be rendered: `pinhole status` says why",
			(unsigned long long)failed);
	return broken ? -1 : 0;
}

/* --- the command ------------------------------------------------------------------------ */

static int run_import(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct import_args *a = args;
	struct import_options options = {
		.name = a->name, .restore = a->restore, .dry_run = ctx->dry_run};
	struct import_show show = {.ctx = ctx};
	struct import_watch watch = {
		.progress = show_progress, .absent = show_absent, .data = &show};
	struct import_result result;
	int failed;

	(void)argc;
	cmd_catch_interrupts();
	progress_start(&show.bar, ctx, "import", 0, 0);
	failed = import_album(ctx->store, argv[0], &options, &watch, &result, err);
	progress_end(&show.bar);
	if (failed || print_result(ctx, a, &result, err))
		return -1;
	if (!ctx->dry_run &&
		(store_settle(ctx->store, err) || (!a->no_render && render(ctx, &result, err))))
		return -1;
	if (!result.absent)
		return 0;
	return err_set(err, ERR_PARTIAL,
		"%llu originals were neither in the export nor in the store",
		(unsigned long long)result.absent);
}

const struct command command_import = {
	.name = "import",
	.summary = "make an album of an export, or restore it",
	.group = CMD_GROUP_MOVE,
	.needs = CMD_STORE_WRITE,
	.shared = CMD_JSON | CMD_DRY_RUN,
	.words = "DIR|FILE",
	.args_size = sizeof(struct import_args),
	.opts = import_opts,
	.run = run_import,
};
