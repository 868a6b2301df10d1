/* send.c - pinhole send: says something in an album, or many things at once.
 *
 * The rules are lib/store/message's.  Invariant: a line of a batch is answered when it is on disk.
 */
#include "talk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINE_READ_MAX ((size_t)256 * 1024) /* bytes of one JSON line */

struct send_args {
	const char *message, *file, *photo, *reply_to;
	bool batch;
};

static const struct opt send_opts[] = {
	OPT_STR('m', "message", struct send_args, message, "TEXT", "what to say"),
	OPT_STR('F', "file", struct send_args, file, "FILE",
		"read the text from a file, - is stdin"),
	OPT_STR('p', "photo", struct send_args, photo, "PHOTO", "say it about this photo"),
	OPT_STR('r', "reply-to", struct send_args, reply_to, "MESSAGE", "answer this message"),
	OPT_BOOL(0, "batch", struct send_args, batch, "read JSON lines, say each of them"),
	OPT_END,
};

/* --- one -------------------------------------------------------------------------------- */

static int print_plan(
	struct cmd_ctx *ctx, const struct album_ref *album, const struct str *text, struct err *err)
{
	char name[ALBUM_NAME_MAX];
	json_t *line;

	if (!ctx->json) {
		if (album_name(ctx->store, album->key, name, err))
			return -1;
		print_line(ctx, "would say in %s:", name);
		print_text(ctx, 4, text->data, text->len);
		return 0;
	}
	line = json_object();
	wire_set_text(&line, "status", "would-send");
	wire_set_uuid(&line, "album", &album->id);
	wire_set_text(&line, "text", text->data);
	return print_json_line(ctx, line, err);
}

static int print_sent(struct cmd_ctx *ctx, const struct album_ref *album,
	const struct receipt *receipt, struct err *err)
{
	char name[TALK_NAME_MAX], id[UUID_SHORT_LEN + 1];
	json_t *line;

	if (ctx->json) {
		line = json_object();
		wire_set_text(&line, "status", "sent");
		talk_set_receipt(&line, album, receipt);
		return print_json_line(ctx, line, err);
	}
	if (talk_name(ctx, album->key, receipt->seq, &receipt->id, name, err))
		return -1;
	uuid_format_short(&receipt->id, id);
	if (receipt->seq)
		print_line(ctx, "%s %s", name, id);
	else
		print_line(ctx, "%s (waits for the album's home)", id);
	return 0;
}

static int send_one(struct cmd_ctx *ctx, const struct send_args *a, const struct album_ref *album,
	struct err *err)
{
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_FILE);
	struct message_draft draft = {.album = album->key, .said = MESSAGE_NOW};
	struct photo_ref photo;
	struct message_ref reply_to;
	struct receipt receipt;

	if (a->photo) {
		if (resolve_photo(ctx->store, a->photo, album, RESOLVE_SHOWN, &photo, err))
			return -1;
		draft.photo = &photo.id;
	}
	if (a->reply_to) {
		if (resolve_message(ctx->store, a->reply_to, album, RESOLVE_ANY, &reply_to, err))
			return -1;
		draft.reply_to = &reply_to.id;
	}
	/* Names first: nobody should write a long text for an album that is not there. */
	if (talk_read_text(ctx, a->message, a->file, NULL, &text, err))
		return -1;
	if (ctx->dry_run)
		return print_plan(ctx, album, &text, err);
	draft.text = text.data;
	draft.len = text.len;
	if (message_send(ctx->store, &draft, &receipt, err))
		return -1;
	return print_sent(ctx, album, &receipt, err);
}

/* --- many ------------------------------------------------------------------------------- */

struct bulk {
	struct cmd_ctx *ctx;
	struct album_ref album;
	char name[ALBUM_NAME_MAX];
};

static int answer_json(const struct bulk *bulk, const struct message_answer *answer,
	const char *status, struct err *err)
{
	json_t *line = json_object();

	wire_set_int(&line, "line", (int64_t)answer->line);
	wire_set_text(&line, "status", status);
	if (answer->err.kind != ERR_NONE)
		wire_set_text(&line, "reason", answer->err.message);
	else if (!bulk->ctx->dry_run)
		talk_set_receipt(&line, &bulk->album, &answer->receipt);
	return print_json_line(bulk->ctx, line, err);
}

static int answer_line(void *data, const struct message_answer *answer, struct err *err)
{
	const struct bulk *bulk = data;
	struct cmd_ctx *ctx = bulk->ctx;
	unsigned long long number = answer->line;
	char id[UUID_SHORT_LEN + 1];

	uuid_format_short(&answer->receipt.id, id);
	if (answer->err.kind != ERR_NONE) {
		if (ctx->json)
			return answer_json(bulk, answer, "refused", err);
		print_line(ctx, "%llu refused: %s", number, answer->err.message);
	} else if (ctx->json)
		return answer_json(bulk, answer, ctx->dry_run ? "would-send" : "sent", err);
	else if (ctx->dry_run)
		print_line(ctx, "%llu would be sent", number);
	else if (answer->receipt.seq)
		print_line(ctx, "%llu sent %s@%lld %s", number, bulk->name,
			(long long)answer->receipt.seq, id);
	else
		print_line(ctx, "%llu sent %s", number, id);
	return 0;
}

/* Reads one line without its end; what is over the limit is skipped and *too_long set.
 * 1 a line, 0 the end of the file, -1 failed. */
static int read_line(FILE *file, struct str *line, bool *too_long, struct err *err)
{
	int c;

	str_clear(line);
	*too_long = false;
	errno = 0;
	while ((c = getc_unlocked(file)) != EOF && c != '\n') {
		if (line->len == LINE_READ_MAX)
			*too_long = true;
		else
			str_addc(line, (char)c);
	}
	if (ferror(file))
		return errno == EINTR ? 0 : err_errno(err, "cannot read the lines");
	if (line->len && line->data[line->len - 1] == '\r')
		str_truncate(line, line->len - 1);
	if (str_check(line, err))
		return -1;
	return c != EOF || line->len || *too_long;
}

static int add_lines(struct message_batch *batch, FILE *file, struct err *err)
{
	_cleanup_str_ struct str line = STR_INIT(LINE_READ_MAX);
	bool too_long;
	int more = 0;

	while (!cmd_interrupted() && (more = read_line(file, &line, &too_long, err)) == 1) {
		struct err why = ERR_INIT;
		int failed;

		if (too_long) {
			err_set(&why, ERR_TOO_LARGE, "the line is longer than %zu bytes",
				LINE_READ_MAX);
			failed = message_batch_refuse(batch, &why, err);
		} else
			failed = message_batch_add(batch, line.data, line.len, err);
		if (failed)
			return -1;
	}
	return more < 0 ? -1 : 0;
}

static void close_file(FILE **file)
{
	if (*file && *file != stdin)
		fclose(*file);
}

static FILE *open_lines(const char *path, struct err *err)
{
	FILE *file = path && strcmp(path, "-") != 0 ? fopen(path, "re") : stdin;

	if (!file)
		err_errno(err, "cannot open %s", path);
	return file;
}

static int send_many(struct cmd_ctx *ctx, const struct send_args *a, const struct album_ref *album,
	struct err *err)
{
	struct bulk bulk = {.ctx = ctx, .album = *album};
	struct message_batch_options options = {
		.album = *album, .dry_run = ctx->dry_run, .answer = answer_line, .data = &bulk};
	_cleanup_message_batch_ struct message_batch *batch = NULL;
	_cleanup_(close_file) FILE *file = NULL;
	uint64_t said, refused;

	if (a->message || a->photo || a->reply_to) {
		err_set(err, ERR_USAGE, "--batch excludes -m, --photo and --reply-to");
		return err_hint(err, "each line says what it is about: {\"text\", \"photo\"}");
	}
	file = open_lines(a->file, err);
	if (!file || album_name(ctx->store, album->key, bulk.name, err) ||
		message_batch_open(ctx->store, &options, &batch, err))
		return -1;
	cmd_catch_interrupts();
	if (add_lines(batch, file, err) || message_batch_finish(batch, &said, &refused, err))
		return -1;
	if (cmd_check_interrupted(err))
		return -1;
	print_detail(ctx, "%llu said, %llu refused", (unsigned long long)said,
		(unsigned long long)refused);
	if (!refused)
		return 0;
	return err_set(err, ERR_PARTIAL, "%llu of %llu lines were refused",
		(unsigned long long)refused, (unsigned long long)(said + refused));
}

static int run_send(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct send_args *a = args;
	struct album_ref album;

	(void)argc;
	if (resolve_album(ctx->store, argv[0], &album, err))
		return -1;
	return a->batch ? send_many(ctx, a, &album, err) : send_one(ctx, a, &album, err);
}

const struct command command_send = {
	.name = "send",
	.summary = "say something in an album",
	.group = CMD_GROUP_TALK,
	.needs = CMD_STORE_WRITE,
	.shared = CMD_JSON | CMD_DRY_RUN,
	.words = "ALBUM",
	.args_size = sizeof(struct send_args),
	.opts = send_opts,
	.run = run_send,
};
