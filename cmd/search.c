/* search.c - pinhole search: photos, messages, albums and people by words and operators.
 *
 * Nothing is changed.
 */
#include "talk.h"
#include "base/time.h"
#include "store/search.h"

#include <string.h>

#define LIMIT_DEFAULT 50

struct search_args {
	int64_t limit;
};

static const struct search_args search_defaults = {.limit = LIMIT_DEFAULT};

static const struct opt search_opts[] = {
	OPT_INT('l', "limit", struct search_args, limit, 1, SEARCH_LIMIT_MAX, "N",
		"at most this many hits; 50"),
	OPT_END,
};

/* --- JSON ------------------------------------------------------------------------------- */

/* The snippet without its marks. */
static void plain_snippet(const char *snippet, struct str *out)
{
	for (; *snippet; snippet++)
		if (*snippet != SEARCH_MARK_ON && *snippet != SEARCH_MARK_OFF)
			str_addc(out, *snippet);
}

static void set_message(json_t **line, const struct search_hit *hit)
{
	wire_set_uuid(line, "id", &hit->id);
	if (hit->seq)
		wire_set_int(line, "seq", hit->seq);
	else
		wire_set_null(line, "seq");
	if (hit->has_photo)
		wire_set_hex(line, "photo", hit->photo.bytes, SHA256_LEN);
	else
		wire_set_null(line, "photo");
}

static int print_json(struct cmd_ctx *ctx, const struct search_hit *hit, struct err *err)
{
	static const char *const kinds[] = {[SEARCH_MESSAGE] = "message",
		[SEARCH_PHOTO] = "photo",
		[SEARCH_ALBUM] = "album",
		[SEARCH_PERSON] = "person"};
	_cleanup_str_ struct str snippet = STR_INIT(STR_MAX_FILE);
	json_t *line = json_object();

	plain_snippet(hit->snippet, &snippet);
	wire_set_text(&line, "kind", kinds[hit->kind]);
	wire_set_uuid(&line, "album", &hit->album_id);
	if (hit->kind == SEARCH_MESSAGE)
		set_message(&line, hit);
	else if (hit->kind == SEARCH_PHOTO)
		wire_set_hex(&line, "photo", hit->photo.bytes, SHA256_LEN);
	else if (hit->kind == SEARCH_PERSON)
		wire_set_uuid(&line, "id", &hit->id);
	if (hit->kind == SEARCH_MESSAGE || hit->kind == SEARCH_PHOTO) {
		wire_set_text(&line, "author", hit->author_name);
		wire_set_uuid(&line, "author_id", &hit->author);
		wire_set_int(&line, "when", hit->when);
	}
	wire_set_text(&line, "snippet", snippet.data);
	return print_json_line(ctx, line, err);
}

/* --- for people ------------------------------------------------------------------------- */

/* On one line, what was looked for in colour. */
static void print_snippet(struct cmd_ctx *ctx, const char *snippet)
{
	bool marked = false;

	print_part(ctx, PRINT_PLAIN, "%s", "    ");
	while (*snippet) {
		size_t len = strcspn(snippet, "\n\t\002\003");

		if (len)
			print_part(ctx, marked ? PRINT_YELLOW : PRINT_PLAIN, "%.*s", (int)len,
				snippet);
		snippet += len;
		if (*snippet == SEARCH_MARK_ON || *snippet == SEARCH_MARK_OFF)
			marked = *snippet == SEARCH_MARK_ON;
		else if (*snippet)
			print_part(ctx, PRINT_PLAIN, "%s", " ");
		snippet += *snippet ? 1 : 0;
	}
	print_line(ctx, "%s", "");
}

static int print_message(struct cmd_ctx *ctx, const struct search_hit *hit, struct err *err)
{
	char name[TALK_NAME_MAX], ago[PRINT_SHORT_LEN];

	if (talk_name(ctx, hit->album, hit->seq, &hit->id, name, err))
		return -1;
	print_format_ago(ctx, hit->when, ago);
	print_part(ctx, PRINT_BOLD, "%s", name);
	print_part(ctx, PRINT_PLAIN, "  %s", *hit->author_name ? hit->author_name : "somebody");
	print_part(ctx, PRINT_DIM, "  %s", ago);
	print_line(ctx, "%s", "");
	return 0;
}

static int print_photo(struct cmd_ctx *ctx, const struct search_hit *hit, const char *album)
{
	char hex[SHA256_HEX_LEN + 1];
	struct civil taken;

	sha256_format(&hit->photo, hex);
	time_to_civil(hit->when, &taken);
	print_part(ctx, PRINT_BOLD, "%s:%.*s", album, TALK_PHOTO_DIGITS, hex);
	print_part(ctx, PRINT_PLAIN, "  photo");
	print_part(ctx, PRINT_DIM, "  %04d-%02d-%02d %02d:%02d", taken.year, taken.month, taken.day,
		taken.hour, taken.minute);
	print_line(ctx, "%s", "");
	return 0;
}

static int print_hit(struct cmd_ctx *ctx, const struct search_hit *hit, struct err *err)
{
	char album[ALBUM_NAME_MAX], id[UUID_SHORT_LEN + 1];
	int failed = 0;

	if (album_name(ctx->store, hit->album, album, err))
		return -1;
	if (hit->kind == SEARCH_MESSAGE)
		failed = print_message(ctx, hit, err);
	else if (hit->kind == SEARCH_PHOTO)
		failed = print_photo(ctx, hit, album);
	else if (hit->kind == SEARCH_ALBUM) {
		print_part(ctx, PRINT_BOLD, "%s", album);
		print_line(ctx, "  album");
	} else {
		uuid_format_short(&hit->id, id);
		print_part(ctx, PRINT_BOLD, "%s", id);
		print_line(ctx, "  person, in %s", album);
	}
	if (!failed && *hit->snippet)
		print_snippet(ctx, hit->snippet);
	return failed;
}

/* Words come as the shell cut them; a quoted one with spaces keeps them, because operators and
 * phrases have quotes of their own. */
static int join_words(int argc, char **argv, struct str *out, struct err *err)
{
	for (int i = 0; i < argc; i++) {
		if (i)
			str_addc(out, ' ');
		str_addz(out, argv[i]);
	}
	return str_check(out, err);
}

static int run_search(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct search_args *a = args;
	_cleanup_search_hits_ struct vec hits = SEARCH_HITS_INIT;
	_cleanup_query_ struct query query = QUERY_INIT;
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_LINE);

	if (join_words(argc, argv, &text, err) || query_parse(text.data, &query, err) ||
		search_run(ctx->store, &query, (size_t)a->limit, &hits, err))
		return -1;
	if (!ctx->json && pager_start(ctx, err))
		return -1;
	vec_foreach (&hits, const struct search_hit, hit)
		if (ctx->json ? print_json(ctx, hit, err) : print_hit(ctx, hit, err))
			return -1;
	if (!hits.count && !ctx->json)
		print_note(ctx, "nothing was found");
	return 0;
}

const struct command command_search = {
	.name = "search",
	.summary = "find photos, messages, albums and people",
	.group = CMD_GROUP_TALK,
	.needs = CMD_STORE_READ,
	.shared = CMD_JSON,
	.words = "QUERY...",
	.args_size = sizeof(struct search_args),
	.args_defaults = &search_defaults,
	.opts = search_opts,
	.run = run_search,
};
