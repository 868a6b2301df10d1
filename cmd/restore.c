/* restore.c - pinhole restore: with one word brings a removed photo back, with two makes a store out of a
 * backup.
 *
 * The store is opened here and not by the frame: a backup is restored where there is none.
 */
#include "photos.h"
#include "settings.h"
#include "import/backup.h"

#include <string.h>

struct restore_args {
	const char *album;
};

static const struct opt restore_opts[] = {
	OPT_STR('a', "album", struct restore_args, album, "ALBUM", "the photo's album"),
	OPT_END,
};

/* --- a photo ---------------------------------------------------------------------------- */

/* Of several albums that have the photo, the one that removed it is meant. */
static int pick_removed(struct cmd_ctx *ctx, const struct vec *refs, const char *text,
	struct photo_ref *out, struct err *err)
{
	_cleanup_str_ struct str names = STR_INIT(4096);
	const struct photo_ref *found = NULL;
	size_t count = 0;

	vec_foreach (refs, const struct photo_ref, ref) {
		char name[PHOTOS_NAME_MAX];

		if (ref->state != PHOTO_REMOVED)
			continue;
		if (photos_name(ctx, &ref->album, &ref->id, name, err))
			return -1;
		str_addf(&names, "%s%s", count++ ? ", " : "", name);
		found = ref;
	}
	if (!count)
		return err_set(err, ERR_CONFLICT, "photo '%s' is not removed", text);
	if (count > 1) {
		err_set(err, ERR_CONFLICT, "'%s' was removed from %zu albums", text, count);
		return err_hint(err, "say which: %s", names.data);
	}
	*out = *found;
	return 0;
}

static int find_photo(struct cmd_ctx *ctx, const char *text, const char *album,
	struct photo_ref *out, struct err *err)
{
	_cleanup_vec_ struct vec refs = VEC_INIT(struct photo_ref, 1000);
	struct album_ref within;

	if (album) {
		if (resolve_album(ctx->store, album, &within, err))
			return -1;
		return resolve_photo(ctx->store, text, &within, RESOLVE_ANY, out, err);
	}
	if (resolve_photo_all(ctx->store, text, RESOLVE_ANY, &refs, err))
		return -1;
	return pick_removed(ctx, &refs, text, out, err);
}

static int restore_photo(struct cmd_ctx *ctx, const char *text, const char *album, struct err *err)
{
	struct photo_ref ref;

	if (find_photo(ctx, text, album, &ref, err))
		return -1;
	if (ctx->dry_run)
		return photos_print_change(ctx, "would-restore", "would restore", &ref, err);
	if (photo_restore(ctx->store, &ref, err))
		return -1;
	return photos_print_change(ctx, "restored", "restored", &ref, err);
}

/* Opens the store as long as the photo needs it. */
static int open_and_restore(
	struct cmd_ctx *ctx, const char *text, const char *album, struct err *err)
{
	int failed;

	if (settings_open_store(ctx, ctx->dry_run ? STORE_READ : STORE_WRITE, &ctx->store, err))
		return -1;
	failed = restore_photo(ctx, text, album, err);
	store_close(ctx->store);
	ctx->store = NULL;
	return failed;
}

/* --- a backup --------------------------------------------------------------------------- */

static void show_progress(
	void *data, enum backup_phase phase, uint64_t objects, uint64_t total, uint64_t bytes)
{
	struct progress *bar = data;

	(void)phase;
	if (total)
		progress_set_total(bar, total, 0);
	progress_update(bar, objects, bytes);
}

static int print_backup(struct cmd_ctx *ctx, const char *file, const char *dir,
	const struct backup_result *r, struct err *err)
{
	char objects[PRINT_SHORT_LEN], size[PRINT_SHORT_LEN], logs[PRINT_SHORT_LEN];
	json_t *line;

	if (!ctx->json) {
		print_format_count(r->objects, "object", objects);
		print_format_count(r->albums, "log", logs);
		print_format_size(r->bytes, size);
		print_note(ctx, "%s: %s, %s (%s), verified", dir, logs, objects, size);
		return 0;
	}
	line = json_object();
	wire_set_text(&line, "file", file);
	wire_set_text(&line, "dir", dir);
	wire_set_int(&line, "logs", (int64_t)r->albums);
	wire_set_int(&line, "events", (int64_t)r->events);
	wire_set_int(&line, "objects", (int64_t)r->objects);
	wire_set_int(&line, "bytes", (int64_t)r->bytes);
	wire_set_int(&line, "absent", (int64_t)r->absent);
	return print_json_line(ctx, line, err);
}

static int restore_backup(struct cmd_ctx *ctx, const char *file, const char *dir, struct err *err)
{
	struct progress bar;
	struct backup_watch watch = {.progress = show_progress, .data = &bar};
	struct backup_result result;
	int failed;

	if (ctx->dry_run)
		return err_set(err, ERR_USAGE,
			"--dry-run is for photos: a backup is verified whole "
			"before anything of it appears");
	cmd_catch_interrupts();
	progress_start(&bar, ctx, "restore", 0, 0);
	failed = backup_restore(file, dir, ctx->clock, &watch, &result, err);
	progress_end(&bar);
	if (failed || print_backup(ctx, file, dir, &result, err))
		return -1;
	if (!result.absent)
		return 0;
	return err_set(err, ERR_PARTIAL, "the backup was made without %llu of its objects",
		(unsigned long long)result.absent);
}

static int run_restore(
	struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct restore_args *a = args;

	if (argc == 1)
		return open_and_restore(ctx, argv[0], a->album, err);
	if (a->album)
		return err_set(err, ERR_USAGE, "--album goes with a photo, not with a backup");
	return restore_backup(ctx, argv[0], argv[1], err);
}

const struct command command_restore = {
	.name = "restore",
	.summary = "bring back a removed photo, or a store from a backup",
	.group = CMD_GROUP_PHOTOS,
	.needs = CMD_STORE_DIR,
	.shared = CMD_JSON | CMD_DRY_RUN,
	.words = "PHOTO|FILE [DIR]",
	.args_size = sizeof(struct restore_args),
	.opts = restore_opts,
	.run = run_restore,
};
