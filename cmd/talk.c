/* talk.c - what the commands about messages share; see talk.h. */
#include "talk.h"
#include "base/path.h"

#include <string.h>
#include <unistd.h>

/* Room for line ends that are dropped, so that a text of just the right size fits. */
#define READ_MAX (MESSAGE_TEXT_MAX + 4096)

static void drop_line_ends(struct str *text)
{
	while (text->len && strchr("\r\n", text->data[text->len - 1]))
		str_truncate(text, text->len - 1);
}

static int read_file(const char *path, struct str *text, struct err *err)
{
	if (strcmp(path, "-") == 0)
		return path_read_fd(STDIN_FILENO, "standard input", READ_MAX, text, err);
	return path_read_file(path, READ_MAX, text, err);
}

int talk_read_text(struct cmd_ctx *ctx, const char *given, const char *path, const char *initial,
	struct str *text, struct err *err)
{
	if (given && path) {
		err_set(err, ERR_USAGE, "-m and -F exclude each other");
		return err_hint(err, "give the text in one way");
	}
	if (given)
		str_addz(text, given);
	else if (path || !isatty(STDIN_FILENO)) {
		if (read_file(path ? path : "-", text, err))
			return -1;
		drop_line_ends(text);
	} else if (editor_write(ctx, initial, text, err))
		return -1;
	return str_check(text, err) || message_check_text(text->data, text->len, err) ? -1 : 0;
}

int talk_name(struct cmd_ctx *ctx, int64_t album, int64_t seq, const struct uuid *id,
	char out[TALK_NAME_MAX], struct err *err)
{
	char name[ALBUM_NAME_MAX];

	if (!seq) {
		uuid_format_short(id, out);
		return 0;
	}
	if (album_name(ctx->store, album, name, err))
		return -1;
	snprintf(out, TALK_NAME_MAX, "%s@%lld", name, (long long)seq);
	return 0;
}

int talk_name_ref(struct cmd_ctx *ctx, const struct message_ref *message, char out[TALK_NAME_MAX],
	struct err *err)
{
	int64_t seq =
		event_state_of(message->key) == EVENT_CONFIRMED ? event_place(message->key) : 0;

	return talk_name(ctx, message->album.key, seq, &message->id, out, err);
}

void talk_set_receipt(json_t **line, const struct album_ref *album, const struct receipt *receipt)
{
	wire_set_uuid(line, "id", &receipt->id);
	wire_set_uuid(line, "album", &album->id);
	if (receipt->seq)
		wire_set_int(line, "seq", receipt->seq);
	else
		wire_set_null(line, "seq");
}

int talk_print_change(struct cmd_ctx *ctx, const char *status, const char *sentence,
	const struct message_ref *message, const struct receipt *receipt, struct err *err)
{
	char name[TALK_NAME_MAX];
	json_t *line;

	if (!ctx->json) {
		if (talk_name_ref(ctx, message, name, err))
			return -1;
		print_line(ctx, "%s %s", sentence, name);
		return 0;
	}
	line = json_object();
	wire_set_text(&line, "status", status);
	wire_set_uuid(&line, "message", &message->id);
	if (receipt)
		talk_set_receipt(&line, &message->album, receipt);
	return print_json_line(ctx, line, err);
}
