/* backup.c - pinhole backup: the whole store at one instant in one file.
 *
 * What is in it and how it is proved is lib/import/backup.h's.  Invariant: exit code 0 means that the file
 * was read back and found whole.
 */
#include "print.h"
#include "import/backup.h"

struct backup_show {
	struct cmd_ctx *ctx;
	struct progress bar;
	enum backup_phase phase;
};

static void show_progress(
	void *data, enum backup_phase phase, uint64_t objects, uint64_t total, uint64_t bytes)
{
	struct backup_show *show = data;

	if (phase != show->phase) {
		show->phase = phase;
		progress_end(&show->bar);
		progress_start(&show->bar, show->ctx, "verify", show->bar.total_items, 0);
	}
	if (total)
		progress_set_total(&show->bar, total, 0);
	progress_update(&show->bar, objects, bytes);
}

static void show_absent(void *data, const struct sha256 *hash, const char *why)
{
	struct backup_show *show = data;
	char hex[SHA256_HEX_LEN + 1];

	sha256_format(hash, hex);
	print_warning(show->ctx, "object %s is not in the backup: %s", hex, why);
}

static int print_result(
	struct cmd_ctx *ctx, const char *file, const struct backup_result *r, struct err *err)
{
	char objects[PRINT_SHORT_LEN], size[PRINT_SHORT_LEN], albums[PRINT_SHORT_LEN];
	json_t *line;

	if (!ctx->json) {
		print_format_count(r->objects, "object", objects);
		print_format_count(r->albums, "log", albums);
		print_format_size(r->bytes, size);
		print_note(ctx, "%s: %s, %s (%s), verified", file, albums, objects, size);
		return 0;
	}
	line = json_object();
	wire_set_text(&line, "file", file);
	wire_set_int(&line, "logs", (int64_t)r->albums);
	wire_set_int(&line, "events", (int64_t)r->events);
	wire_set_int(&line, "objects", (int64_t)r->objects);
	wire_set_int(&line, "bytes", (int64_t)r->bytes);
	wire_set_int(&line, "absent", (int64_t)r->absent);
	wire_set_int(&line, "erased", (int64_t)r->erased);
	return print_json_line(ctx, line, err);
}

static int run_backup(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	struct backup_show show = {.ctx = ctx, .phase = BACKUP_COPY};
	struct backup_watch watch = {
		.progress = show_progress, .absent = show_absent, .data = &show};
	struct backup_result result;
	int failed;

	(void)argc;
	(void)args;
	cmd_catch_interrupts();
	progress_start(&show.bar, ctx, "backup", 0, 0);
	failed = backup_create(ctx->store, argv[0], &watch, &result, err);
	progress_end(&show.bar);
	if (failed || print_result(ctx, argv[0], &result, err))
		return -1;
	if (!result.absent)
		return 0;
	err_set(err, ERR_PARTIAL, "the store lacks %llu of its objects; the backup holds the rest",
		(unsigned long long)result.absent);
	return err_hint(err, "`pinhole fsck --objects` tells what they were");
}

const struct command command_backup = {
	.name = "backup",
	.summary = "copy the whole store into one file, verified",
	.group = CMD_GROUP_MOVE,
	.needs = CMD_STORE_READ,
	.shared = CMD_JSON,
	.words = "FILE",
	.run = run_backup,
};
