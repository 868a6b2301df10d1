/* ingest.c - pinhole ingest: put photos and videos into an album.
 *
 * Settings and arguments in, one line per file out; the way of a file is lib/import/ingest.h's.
 */
#include "print.h"
#include "base/time.h"
#include "import/ingest.h"

#include <string.h>
#include <unistd.h>

struct ingest_args {
	const char *album, *caption;
	int64_t jobs;
	struct vec exclude;
	struct opt_time since;
	bool move, no_render, checksum;
	int link;
};

static const char *const link_choices[] = {"auto", "hard", NULL};

static const struct opt ingest_opts[] = {
	OPT_STR('a', "album", struct ingest_args, album, "ALBUM", "the album that they go into"),
	OPT_STR('c', "caption", struct ingest_args, caption, "TEXT", "a caption for all of them"),
	OPT_LIST('x', "exclude", struct ingest_args, exclude, "GLOB",
		"pass over names or paths that match"),
	OPT_TIME(0, "since", struct ingest_args, since, "DATE", "only files changed since then"),
	OPT_BOOL(0, "move", struct ingest_args, move,
		"remove each source once its bytes are safe in the store"),
	OPT_CHOICE_MAYBE(0, "link", struct ingest_args, link, link_choices, 0, "HOW",
		"share disk blocks with the source where the file system can (hard: the very file)"),
	OPT_BOOL(0, "no-render", struct ingest_args, no_render, "make no thumbnails and previews"),
	OPT_BOOL(0, "checksum", struct ingest_args, checksum,
		"read also files whose size and time are known"),
	OPT_INT('j', "jobs", struct ingest_args, jobs, 1, 64, "N", "decode so many at once"),
	OPT_END,
};

static const struct ingest_args ingest_defaults = {
	.exclude = VEC_INIT(const char *, OPT_LIST_MAX),
};

struct run {
	struct cmd_ctx *ctx;
	struct progress bar;
	bool started;
};

/* --- settings --------------------------------------------------------------------------- */

static unsigned worker_count(const struct config *config, const struct ingest_args *a)
{
	int64_t jobs = a->jobs ? a->jobs : config_int(config, "ingest.jobs");

	if (jobs == 0)
		jobs = sysconf(_SC_NPROCESSORS_ONLN);
	return jobs < 1 ? 1 : jobs > 64 ? 64 : (unsigned)jobs;
}

/* A date without a zone is one of this machine's. */
static int64_t instant(const struct opt_time *t)
{
	int32_t offset = t->offset == TIME_OFFSET_NONE ? time_local_offset(t->wall_ms) : t->offset;

	return t->wall_ms - offset * (int64_t)60000;
}

static void set_source(const struct config *config, const struct ingest_args *a,
	const struct cmd_ctx *ctx, struct source_options *out)
{
	out->exclude = a->exclude.items;
	out->exclude_count = a->exclude.count;
	out->list_nul = ctx->nul;
	out->max_file_bytes = config_size(config, "ingest.max-file-size");
	out->max_archive_bytes = config_size(config, "ingest.max-archive-size");
	out->max_archive_ratio = (uint64_t)config_int(config, "ingest.max-archive-ratio");
	out->max_archive_entries = (uint64_t)config_int(config, "ingest.max-archive-entries");
	if (a->since.given)
		out->since_ns = instant(&a->since) * 1000000;
}

static void set_variants(const struct config *config, struct ingest_options *out)
{
	enum media_format format =
		config_choice(config, "variant.format") == 1 ? MEDIA_WEBP : MEDIA_JPEG;
	uint32_t thumb = (uint32_t)config_int(config, "thumb.size");
	uint32_t preview = (uint32_t)config_int(config, "preview.size");

	out->variant_count = 2;
	out->variants[0] = (struct media_variant_spec){.name = "thumb",
		.width = thumb,
		.height = thumb,
		.fit = MEDIA_FIT_COVER,
		.format = format,
		.quality = (int)config_int(config, "thumb.quality"),
		.out_fd = -1};
	out->variants[1] = (struct media_variant_spec){.name = "preview",
		.width = preview,
		.height = preview,
		.fit = MEDIA_FIT_CONTAIN,
		.format = format,
		.quality = (int)config_int(config, "preview.quality"),
		.out_fd = -1};
}

static void set_media(
	const struct config *config, const struct ingest_args *a, struct media_options *out)
{
	out->workers = worker_count(config, a);
	out->max_pixels = (uint64_t)config_int(config, "media.max-pixels");
	out->max_memory = config_size(config, "media.max-memory");
	out->max_seconds = (unsigned)config_int(config, "media.max-seconds");
}

/* --- telling ---------------------------------------------------------------------------- */

static int report_json(struct run *run, const struct ingest_result *r, struct err *err)
{
	_cleanup_str_ struct str path = STR_INIT(STR_MAX_LINE);
	json_t *line = json_object();

	str_add_visible(&path, r->path, strlen(r->path));
	/* A path that is UTF-8 is given as it is; else its visible form. */
	wire_set_text(&line, "path", text_is_utf8(r->path, strlen(r->path)) ? r->path : path.data);
	wire_set_text(&line, "status", ingest_status_name(r->status));
	if (r->has_photo)
		wire_set_hex(&line, "photo", r->photo.bytes, SHA256_LEN);
	else
		wire_set_null(&line, "photo");
	if (r->reason)
		wire_set_text(&line, "reason", r->reason);
	else
		wire_set_null(&line, "reason");
	if (r->role)
		wire_set_text(&line, "role", r->role);
	return print_json_line(run->ctx, line, err);
}

static int on_file(void *data, const struct ingest_result *r, struct err *err)
{
	struct run *run = data;
	struct cmd_ctx *ctx = run->ctx;
	char hash[SHA256_HEX_LEN + 1];

	if (ctx->json)
		return report_json(run, r, err);
	sha256_format(&r->photo, hash);
	if (r->status == INGEST_ADDED && r->rendered)
		print_detail(ctx, "%.12s %s%s%s", hash, r->path,
			strcmp(r->role, "original") ? ": " : "",
			strcmp(r->role, "original") ? r->role : "");
	else if (r->status == INGEST_ADDED)
		print_warning(ctx, "%s: added as %.12s, but %s", r->path, hash, r->reason);
	else if (r->status == INGEST_DUPLICATE && r->reason)
		print_note(ctx, "%s: there already: %s", r->path, r->reason);
	else if (r->status == INGEST_DUPLICATE)
		print_detail(ctx, "%.12s %s: there already", hash, r->path);
	else
		print_warning(ctx, "%s: %s: %s", r->path, ingest_status_name(r->status), r->reason);
	return 0;
}

static int on_progress(
	void *data, uint64_t items, uint64_t bytes, uint64_t total_items, uint64_t total_bytes)
{
	struct run *run = data;

	if (!run->started) {
		progress_start(&run->bar, run->ctx, "ingest", total_items, total_bytes);
		run->started = true;
	}
	progress_update(&run->bar, items, bytes);
	return cmd_interrupted();
}

static int summary_json(struct cmd_ctx *ctx, const struct ingest_totals *t, struct err *err)
{
	json_t *line = json_object();

	wire_set_int(&line, "added", t->added);
	wire_set_int(&line, "duplicate", t->duplicate);
	wire_set_int(&line, "refused", t->refused);
	wire_set_int(&line, "failed", t->failed);
	wire_set_int(&line, "bytes", t->bytes);
	wire_set_json(&line, "seconds", json_real((double)t->ms / 1000.0));
	wire_set_int(&line, "unrendered", t->unrendered);
	return print_json_line(ctx, line, err);
}

static void add_count(struct str *line, int64_t count, const char *what)
{
	if (count)
		str_addf(line, ", %lld %s", (long long)count, what);
}

static void summary_text(
	struct cmd_ctx *ctx, const struct ingest_totals *t, const char *album, bool failed)
{
	_cleanup_str_ struct str line = STR_INIT(STR_MAX_LINE);
	char size[PRINT_SHORT_LEN], took[PRINT_SHORT_LEN];

	print_format_size((uint64_t)t->bytes, size);
	print_format_duration(t->ms, took);
	if (!failed && t->added == 0 && t->duplicate > 0 && t->refused + t->failed == 0) {
		print_note(ctx, "nothing new: all %lld files are in %s already (%s)",
			(long long)t->duplicate, album, took);
		return;
	}
	str_addf(&line, "%s %lld (%s) to %s in %s", ctx->dry_run ? "would add" : "added",
		(long long)t->added, size, album, took);
	add_count(&line, t->duplicate, "there already");
	add_count(&line, t->refused, "refused");
	add_count(&line, t->failed, "failed");
	add_count(&line, t->unrendered, "not rendered (`pinhole status` says why)");
	print_note(ctx, "%s", line.data);
}

/* --- the command ------------------------------------------------------------------------ */

/* "-" takes a list from standard input; the others are paths. */
static int split_list(
	int argc, char **argv, char **paths, size_t *count, int *list_fd, struct err *err)
{
	*count = 0;
	*list_fd = -1;
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "-") != 0) {
			paths[(*count)++] = argv[i];
			continue;
		}
		if (*list_fd >= 0)
			return err_set(err, ERR_USAGE, "'-' was given twice");
		*list_fd = STDIN_FILENO;
	}
	return 0;
}

static int finish(struct run *run, const struct ingest_totals *t, const char *album, int failed,
	struct err *err)
{
	struct err lost = ERR_INIT;

	if (run->started)
		progress_end(&run->bar);
	if (run->ctx->json)
		summary_json(run->ctx, t, failed ? &lost : err);
	else if (!failed || t->added || t->duplicate)
		summary_text(run->ctx, t, album, failed);
	if (failed)
		return err && err->kind == ERR_NO_SPACE ?
			err_hint(err, "what was added is safe: make room and run it again") :
			-1;
	if (t->refused + t->failed + t->unrendered == 0)
		return 0;
	return err_set(err, ERR_PARTIAL,
		"%lld of %lld files could not be taken, or not be rendered",
		(long long)(t->refused + t->failed + t->unrendered),
		(long long)(t->added + t->duplicate + t->refused + t->failed));
}

static int run_ingest(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct ingest_args *a = args;
	const struct config *config = cmd_config(ctx, err);
	_cleanup_free_ char **paths = mem_calloc((size_t)argc, sizeof(char *));
	struct run run = {.ctx = ctx};
	struct ingest_options options = {.source = SOURCE_OPTIONS_INIT,
		.caption = a->caption,
		.link = a->link == 1 ? INGEST_LINK_HARD : INGEST_COPY,
		.dry_run = ctx->dry_run,
		.move = a->move,
		.no_render = a->no_render,
		.checksum = a->checksum,
		.look_ahead = ctx->err_tty && !ctx->quiet && !ctx->json,
		.report = on_file,
		.progress = on_progress,
		.data = &run};
	struct ingest_totals totals;
	size_t count;
	int list_fd, failed;

	if (!paths)
		return err_no_memory(err);
	if (!config || split_list(argc, argv, paths, &count, &list_fd, err))
		return -1;
	if (!a->album)
		return err_hint((err_set(err, ERR_USAGE, "which album? give --album ALBUM"), err),
			"`pinhole album list` shows the albums, `pinhole album create NAME` makes one");
	if (resolve_album(ctx->store, a->album, &options.album, err))
		return -1;
	set_source(config, a, ctx, &options.source);
	set_variants(config, &options);
	set_media(config, a, &options.media);
	cmd_catch_interrupts();
	failed = ingest_run(ctx->store, &options, paths, count, list_fd, &totals, err);
	return finish(&run, &totals, a->album, failed, err);
}

const struct command command_ingest = {
	.name = "ingest",
	.summary = "put photos and videos into an album",
	.group = CMD_GROUP_PHOTOS,
	.needs = CMD_STORE_WRITE,
	.shared = CMD_JSON | CMD_DRY_RUN | CMD_NUL,
	.words = "PATH...",
	.args_size = sizeof(struct ingest_args),
	.args_defaults = &ingest_defaults,
	.opts = ingest_opts,
	.run = run_ingest,
};
