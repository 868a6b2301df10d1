/* messages.c - pinhole messages: what was said in an album or about a photo, oldest first.
 *
 * Nothing is changed.
 */
#include "talk.h"

#include <string.h>

#define LIMIT_DEFAULT 50
#define QUOTE_MAX     60 /* bytes of a quoted line */

struct messages_args {
	const char *before, *photo;
	int64_t limit;
};

static const struct messages_args messages_defaults = {.limit = LIMIT_DEFAULT};

static const struct opt messages_opts[] = {
	OPT_STR('b', "before", struct messages_args, before, "ID",
		"what was said before this message, event or UUID"),
	OPT_INT('l', "limit", struct messages_args, limit, 1, MESSAGE_PAGE_MAX, "N",
		"at most this many, the newest; 50"),
	OPT_STR('p', "photo", struct messages_args, photo, "PHOTO", "only what was said about it"),
	OPT_END,
};

/* --- JSON ------------------------------------------------------------------------------- */

static int print_json(struct cmd_ctx *ctx, const struct message *m, struct err *err)
{
	json_t *line = json_object();

	wire_set_uuid(&line, "id", &m->id);
	wire_set_json(&line, "seq", m->seq ? json_integer(m->seq) : json_null());
	wire_set_text(&line, "author", m->author_name);
	wire_set_uuid(&line, "author_id", &m->author);
	wire_set_int(&line, "time", m->time);
	wire_set_int(&line, "when", m->when);
	wire_set_json(&line, "text", m->text ? json_string(m->text) : json_null());
	if (m->has_photo)
		wire_set_hex(&line, "photo", m->photo.bytes, SHA256_LEN);
	else
		wire_set_null(&line, "photo");
	if (m->has_reply)
		wire_set_uuid(&line, "reply_to", &m->reply_to);
	else
		wire_set_null(&line, "reply_to");
	wire_set_json(&line, "edited", m->edited ? json_integer(m->edited) : json_null());
	wire_set_bool(&line, "deleted", m->deleted);
	wire_set_int(&line, "likes", m->likes);
	wire_set_bool(&line, "liked", m->liked);
	return print_json_line(ctx, line, err);
}

/* --- for people ------------------------------------------------------------------------- */

/* The first line of the message that is answered, from the page or the store. */
static int print_quote(struct cmd_ctx *ctx, int64_t album, const struct uuid *id, struct err *err)
{
	_cleanup_message_ struct message m = {.key = 0};
	int found = message_get(ctx->store, album, id, &m, err);
	size_t line, len;

	if (found < 0)
		return -1;
	if (!found || !m.text) {
		print_part(ctx, PRINT_DIM, "    │ %s", found ? "(taken back)" : "(not here)");
		print_line(ctx, "%s", "");
		return 0;
	}
	line = strcspn(m.text, "\n");
	len = text_clip_utf8(m.text, line, QUOTE_MAX);
	print_part(ctx, PRINT_DIM, "    │ %s: %.*s%s", m.author_name, (int)len, m.text,
		m.text[len] ? "…" : "");
	print_line(ctx, "%s", "");
	return 0;
}

static int print_head(struct cmd_ctx *ctx, int64_t album, const struct message *m, struct err *err)
{
	char ago[PRINT_SHORT_LEN], name[TALK_NAME_MAX], photo[SHA256_HEX_LEN + 1];

	if (talk_name(ctx, album, m->seq, &m->id, name, err))
		return -1;
	print_format_ago(ctx, m->when, ago);
	print_part(ctx, PRINT_BOLD, "%s", *m->author_name ? m->author_name : "somebody");
	print_part(ctx, PRINT_DIM, "  %s  %s", ago, name);
	if (!m->seq)
		print_part(ctx, PRINT_YELLOW, "  waiting");
	if (m->has_photo) {
		sha256_format(&m->photo, photo);
		print_part(ctx, PRINT_BLUE, "  photo %.*s", TALK_PHOTO_DIGITS, photo);
	}
	if (m->edited)
		print_part(ctx, PRINT_DIM, "  edited");
	if (m->likes)
		print_part(
			ctx, m->liked ? PRINT_RED : PRINT_PLAIN, "  ♥ %lld", (long long)m->likes);
	print_line(ctx, "%s", "");
	return 0;
}

static int print_message(
	struct cmd_ctx *ctx, int64_t album, const struct message *m, struct err *err)
{
	if (print_head(ctx, album, m, err) ||
		(m->has_reply && print_quote(ctx, album, &m->reply_to, err)))
		return -1;
	if (m->text) {
		print_text(ctx, 4, m->text, strlen(m->text));
		return 0;
	}
	print_part(ctx, PRINT_DIM, "    (taken back)");
	print_line(ctx, "%s", "");
	return 0;
}

static int print_page(struct cmd_ctx *ctx, const struct album_ref *album,
	const struct message_page *page, struct err *err)
{
	char name[TALK_NAME_MAX];
	const struct message *oldest = page->messages.items;

	if (!ctx->json && pager_start(ctx, err))
		return -1;
	vec_foreach (&page->messages, const struct message, m) {
		if (!ctx->json && m != oldest)
			print_line(ctx, "%s", "");
		if (ctx->json ? print_json(ctx, m, err) : print_message(ctx, album->key, m, err))
			return -1;
	}
	if (!page->more || ctx->json)
		return 0;
	if (talk_name(ctx, album->key, oldest->seq, &oldest->id, name, err))
		return -1;
	print_note(ctx, "older ones: --before %s", name);
	return 0;
}

static int run_messages(
	struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct messages_args *a = args;
	_cleanup_message_page_ struct message_page page = MESSAGE_PAGE_INIT;
	struct message_query query = {.limit = (size_t)a->limit};
	struct message_position before;
	struct photo_ref photo;
	struct album_ref album;

	(void)argc;
	if (resolve_album(ctx->store, argv[0], &album, err))
		return -1;
	query.album = album.key;
	if (a->photo) {
		if (resolve_photo(ctx->store, a->photo, &album, RESOLVE_ANY, &photo, err))
			return -1;
		query.photo = &photo.id;
	}
	if (a->before) {
		if (message_position_find(ctx->store, &album, a->before, &before, err))
			return -1;
		query.before = &before;
	}
	if (message_page_read(ctx->store, &query, &page, err))
		return -1;
	return print_page(ctx, &album, &page, err);
}

const struct command command_messages = {
	.name = "messages",
	.summary = "show what was said in an album",
	.group = CMD_GROUP_TALK,
	.needs = CMD_STORE_READ,
	.shared = CMD_JSON,
	.words = "ALBUM",
	.args_size = sizeof(struct messages_args),
	.args_defaults = &messages_defaults,
	.opts = messages_opts,
	.run = run_messages,
};
