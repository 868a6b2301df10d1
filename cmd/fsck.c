/* fsck.c - pinhole fsck: check the store, mend what can be mended. */
#include "print.h"
#include "store/check.h"

#include <stdlib.h>
#include <string.h>

struct fsck_args {
	bool objects, rebuild, no_words;
};

static const struct opt fsck_opts[] = {
	OPT_BOOL(0, "objects", struct fsck_args, objects,
		"read every object and compare it with its hash; N/T reads a slice"),
	OPT_BOOL(0, "rebuild", struct fsck_args, rebuild,
		"drop the views and the full-text index, and make them anew from the log"),
	OPT_BOOL(0, "no-words", struct fsck_args, no_words,
		"with --rebuild: leave the full-text index to later commands"),
	OPT_END,
};

struct watch {
	struct cmd_ctx *ctx;
	struct progress bar;
	bool started;
	const char *what;
};

static void on_complaint(void *data, const char *line)
{
	struct watch *w = data;
	struct err err = ERR_INIT;
	json_t *json;

	if (!w->ctx->json) {
		progress_hide(&w->bar);
		print_line(w->ctx, "%s", line);
		return;
	}
	json = json_object();
	wire_set_text(&json, "problem", line);
	print_json_line(w->ctx, json, &err);
}

static int on_progress(void *data, const char *what, uint64_t done, uint64_t total)
{
	struct watch *w = data;

	if (!w->started || strcmp(w->what, what) != 0) {
		if (w->started)
			progress_end(&w->bar);
		progress_start(&w->bar, w->ctx, what, total, 0);
		w->started = true;
		w->what = what;
	}
	progress_update(&w->bar, done, 0);
	return cmd_interrupted();
}

static int on_replay(void *data, int64_t done, int64_t total)
{
	return on_progress(data, "replaying", (uint64_t)done, (uint64_t)total);
}

/* "3/12" */
static int parse_part(const char *text, struct check_options *o, struct err *err)
{
	const char *slash = strchr(text, '/');
	_cleanup_free_ char *first = slash ? mem_strndup(text, (size_t)(slash - text)) : NULL;
	int64_t part, parts;

	if (!first || text_to_i64(first, 1, 256, &part, NULL) ||
		text_to_i64(slash + 1, 1, 256, &parts, NULL) || part > parts)
		return err_set(err, ERR_USAGE, "'%s' is not N/T with 1 <= N <= T <= 256", text);
	o->part = (unsigned)part;
	o->parts = (unsigned)parts;
	return 0;
}

static int report(
	struct cmd_ctx *ctx, const struct check_report *r, int64_t replayed, struct err *err)
{
	json_t *line;

	if (ctx->quiet && !ctx->json && !r->complaints)
		return 0;
	if (!ctx->json) {
		print_line(ctx, "%lld events in %lld albums, %lld objects named, %lld read",
			(long long)r->events, (long long)r->albums, (long long)r->named,
			(long long)r->read);
		if (replayed >= 0)
			print_line(ctx, "%lld events replayed", (long long)replayed);
		if (r->removed || r->temporary)
			print_line(ctx, "removed %lld left-over objects and %lld temporary files",
				(long long)r->removed, (long long)r->temporary);
		if (r->unclaimed)
			print_line(ctx, "%lld objects are named by no log (yet): kept",
				(long long)r->unclaimed);
		return 0;
	}
	line = json_object();
	wire_set_int(&line, "albums", r->albums);
	wire_set_int(&line, "events", r->events);
	wire_set_int(&line, "named", r->named);
	wire_set_int(&line, "missing", r->missing);
	wire_set_int(&line, "read", r->read);
	wire_set_int(&line, "damaged", r->damaged);
	wire_set_int(&line, "removed", r->removed);
	wire_set_int(&line, "unclaimed", r->unclaimed);
	wire_set_int(&line, "temporary", r->temporary);
	wire_set_int(&line, "problems", r->complaints);
	if (replayed >= 0)
		wire_set_int(&line, "replayed", replayed);
	return print_json_line(ctx, line, err);
}

static int run_fsck(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct fsck_args *a = args;
	struct watch watch = {.ctx = ctx};
	struct check_options options = {.objects = a->objects,
		.views = !a->rebuild,
		.read_only = ctx->dry_run,
		.complain = on_complaint,
		.progress = on_progress,
		.data = &watch};
	struct check_report result;
	int64_t replayed = -1;
	int failed;

	if (argc && !a->objects)
		return err_set(err, ERR_USAGE, "N/T goes with --objects");
	if (argc && parse_part(argv[0], &options, err))
		return -1;
	cmd_catch_interrupts();
	if (a->rebuild && !ctx->dry_run &&
		event_rebuild(
			ctx->store->events, !a->no_words, on_replay, &watch, &replayed, err)) {
		if (watch.started)
			progress_end(&watch.bar);
		return -1;
	}
	failed = store_check(ctx->store, &options, &result, err);
	if (watch.started)
		progress_end(&watch.bar);
	if (failed && err->kind != ERR_DAMAGED)
		return -1;
	return report(ctx, &result, replayed, failed ? NULL : err) || failed ? -1 : 0;
}

const struct command command_fsck = {
	.name = "fsck",
	.summary = "check the store, and make its views anew",
	.group = CMD_GROUP_HOUSE,
	.needs = CMD_STORE_WRITE,
	.shared = CMD_JSON | CMD_DRY_RUN,
	.words = "[N/T]",
	.args_size = sizeof(struct fsck_args),
	.opts = fsck_opts,
	.run = run_fsck,
};
