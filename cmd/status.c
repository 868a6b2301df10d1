/* status.c - pinhole status: the store at a glance, and what needs a look. */
#include "print.h"
#include "store/summary.h"

#define TROUBLES_SHOWN 10

static int print_json_status(struct cmd_ctx *ctx, const struct summary *s, struct err *err)
{
	json_t *line = json_object();

	wire_set_text(&line, "store", ctx->store->dir);
	wire_set_uuid(&line, "id", &ctx->store->id);
	wire_set_text(&line, "owner", ctx->store->owner_name);
	wire_set_int(&line, "albums", s->albums);
	wire_set_int(&line, "photos", s->photos);
	wire_set_int(&line, "messages", s->messages);
	wire_set_int(&line, "bytes", s->bytes);
	wire_set_int(&line, "contacts", s->contacts);
	wire_set_int(&line, "pending", s->pending);
	wire_set_int(&line, "rejected", s->rejected);
	wire_set_int(&line, "unknown", s->unknown);
	wire_set_int(&line, "not_rendered", s->not_rendered);
	wire_set_int(&line, "unindexed", s->unindexed);
	return print_json_line(ctx, line, err);
}

static int print_trouble(void *data, const char *text, struct err *err)
{
	struct cmd_ctx *ctx = data;

	(void)err;
	print_part(ctx, PRINT_YELLOW, "  ! ");
	print_line(ctx, "%s", text);
	return 0;
}

static int print_status(struct cmd_ctx *ctx, const struct summary *s, struct err *err)
{
	char albums[PRINT_SHORT_LEN], photos[PRINT_SHORT_LEN], messages[PRINT_SHORT_LEN];
	char contacts[PRINT_SHORT_LEN], size[PRINT_SHORT_LEN];
	int64_t troubles = s->rejected + s->not_rendered;

	print_format_count((uint64_t)s->albums, "album", albums);
	print_format_count((uint64_t)s->photos, "photo", photos);
	print_format_count((uint64_t)s->messages, "message", messages);
	print_format_count((uint64_t)s->contacts, "contact", contacts);
	print_format_size((uint64_t)s->bytes, size);
	print_part(ctx, PRINT_BOLD, "%s", ctx->store->dir);
	print_line(ctx, " of %s", ctx->store->owner_name);
	print_line(ctx, "%s, %s (%s), %s, %s", albums, photos, size, messages, contacts);
	if (s->pending)
		print_line(ctx, "%lld events wait for their album's home", (long long)s->pending);
	if (s->unknown)
		print_line(ctx, "%lld events are of kinds that this version does not know",
			(long long)s->unknown);
	if (!troubles)
		return 0;
	if (store_each_trouble(ctx->store, TROUBLES_SHOWN, print_trouble, ctx, err))
		return -1;
	if (troubles > TROUBLES_SHOWN)
		print_line(ctx, "  … and %lld more", (long long)(troubles - TROUBLES_SHOWN));
	return 0;
}

static int run_status(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	struct summary summary;

	(void)argc;
	(void)argv;
	(void)args;
	if (store_summarize(ctx->store, &summary, err))
		return -1;
	return ctx->json ? print_json_status(ctx, &summary, err) : print_status(ctx, &summary, err);
}

const struct command command_status = {
	.name = "status",
	.summary = "the store at a glance, and what needs a look",
	.group = CMD_GROUP_START,
	.needs = CMD_STORE_READ,
	.shared = CMD_JSON,
	.words = "",
	.run = run_status,
};
