/* log.c - pinhole log: an album's history, one line per event. */
#include "print.h"
#include "store/album.h"

#include <string.h>

struct log_args {
	bool whole, verify, reverse;
	int64_t limit;
};

static const struct opt log_opts[] = {
	OPT_BOOL('p', "patch", struct log_args, whole,
		"what was said and set, in full, below each line"),
	OPT_INT('n', "limit", struct log_args, limit, 1, INT64_MAX, "N",
		"only the newest N events"),
	OPT_BOOL(0, "reverse", struct log_args, reverse, "oldest first"),
	OPT_BOOL(0, "verify", struct log_args, verify, "recompute digests and chain"),
	OPT_END,
};

static const struct log_args log_defaults = {.limit = INT64_MAX};

static void set_entity(json_t **line, const char *key, const struct entity *e)
{
	struct uuid id;

	if (e->len == 16) {
		memcpy(id.bytes, e->bytes, 16);
		wire_set_uuid(line, key, &id);
	} else
		wire_set_hex(line, key, e->bytes, e->len);
}

static int print_json_event(struct cmd_ctx *ctx, const struct event *e, struct err *err)
{
	static const char *const states[] = {"confirmed", "pending", "rejected"};
	json_t *line = json_object();

	if (e->seq)
		wire_set_int(&line, "seq", e->seq);
	else
		wire_set_null(&line, "seq");
	wire_set_uuid(&line, "id", &e->id);
	wire_set_text(&line, "kind", e->kind);
	set_entity(&line, "about", &e->about);
	wire_set_uuid(&line, "author", &e->author);
	wire_set_int(&line, "time", e->time);
	if (e->at)
		wire_set_int(&line, "at", e->at);
	else
		wire_set_null(&line, "at");
	if (e->json)
		wire_set_json(&line, "body", json_deep_copy(e->json));
	else
		wire_set_null(&line, "body");
	wire_set_text(&line, "state", states[event_state_of(e->key)]);
	return print_json_line(ctx, line, err);
}

/* The body's fields below the line, texts over several lines. */
static void print_whole(struct cmd_ctx *ctx, const struct event *e)
{
	const char *key;
	json_t *value;

	if (!e->json) {
		print_part(ctx, PRINT_DIM, "        (erased)");
		print_line(ctx, "%s", "");
		return;
	}
	json_object_foreach ((json_t *)e->json, key, value) {
		_cleanup_free_ char *text = NULL;

		if (json_is_string(value) && strcmp(key, "text") == 0) {
			print_text(ctx, 8, json_string_value(value), json_string_length(value));
			continue;
		}
		text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
		print_part(ctx, PRINT_DIM, "        %s ", key);
		print_line(ctx, "%s", text ? text : "");
	}
}

static int print_event(struct cmd_ctx *ctx, const struct event *e, bool whole, struct err *err)
{
	_cleanup_str_ struct str name = STR_INIT(1024), told = STR_INIT(STR_MAX_LINE);
	char when[PRINT_SHORT_LEN];
	enum event_state state = event_state_of(e->key);

	if (participant_name(ctx->store, e->album, &e->author, &name, err) ||
		event_tell(e, &told, err))
		return -1;
	print_format_time(event_when(e), when);
	if (state == EVENT_CONFIRMED)
		print_part(ctx, PRINT_YELLOW, "%6lld", (long long)e->seq);
	else
		print_part(ctx, PRINT_RED, "%6s", state == EVENT_PENDING ? "pend" : "refd");
	print_part(ctx, PRINT_DIM, "  %s  ", when);
	print_part(ctx, PRINT_BOLD, "%s", name.data);
	/* event_tell made the text visible already; print_part would do it twice. */
	fprintf(ctx->out, " %s\n", told.data);
	if (whole)
		print_whole(ctx, e);
	return 0;
}

static int verify(struct cmd_ctx *ctx, const struct album_ref *ref, struct err *err)
{
	int64_t checked;

	if (event_verify(ctx->store->db, ref->key, &checked, err))
		return -1;
	if (ctx->json) {
		json_t *line = json_object();

		wire_set_bool(&line, "verified", true);
		wire_set_int(&line, "events", checked);
		return print_json_line(ctx, line, err);
	}
	print_line(ctx, "%lld events, the chain holds", (long long)checked);
	return 0;
}

/* The first place of the newest `limit` confirmed events. */
static int first_place(struct cmd_ctx *ctx, const struct album_ref *ref, int64_t limit,
	int64_t *out, struct err *err)
{
	struct album_facts facts;

	if (event_album_get(ctx->store->db, ref->key, &facts, err) < 0)
		return -1;
	*out = facts.head > limit ? facts.head - limit + 1 : 1;
	return 0;
}

static int run_log(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	const struct log_args *a = args;
	struct album_ref ref;
	struct event e;
	int64_t from, left = a->limit;
	int more;

	(void)argc;
	if (resolve_album(ctx->store, argv[0], &ref, err))
		return -1;
	if (a->verify)
		return verify(ctx, &ref, err);
	if (first_place(ctx, &ref, a->limit, &from, err) ||
		(a->reverse ? event_read : event_read_back)(
			ctx->store->db, ref.key, from, EVENT_PLACE_END, &reader, err) ||
		(!ctx->json && pager_start(ctx, err)))
		return -1;
	while ((more = event_next(reader, &e, err)) == 1 && left-- > 0)
		if (ctx->json ? print_json_event(ctx, &e, err) :
				print_event(ctx, &e, a->whole, err))
			return -1;
	return more < 0 ? -1 : 0;
}

const struct command command_log = {
	.name = "log",
	.summary = "tell an album's history, newest event first",
	.group = CMD_GROUP_TALK,
	.needs = CMD_STORE_READ,
	.shared = CMD_JSON,
	.words = "ALBUM",
	.args_size = sizeof(struct log_args),
	.args_defaults = &log_defaults,
	.opts = log_opts,
	.run = run_log,
};
