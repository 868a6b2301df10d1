/* token.c - pinhole token: keys for programs, and who is signed in where.
 *
 * A key is shown once, when it is made.  Invariant: what is listed is all that lets anybody in as that user.
 */
#include "people.h"
#include "store/user_session.h"

#include <string.h>

#define SCOPE_NAMES "read,write,upload,account,admin"

struct token_args {
	const char *user, *scopes, *expires;
	bool all;
};

#define OPT_USER                                                                                   \
	OPT_STR('u', "user", struct token_args, user, "WHO", "whose (default: the store's owner)")

static const struct opt create_opts[] = {
	OPT_USER,
	OPT_STR('s', "scope", struct token_args, scopes, "LIST",
		"what it may, of " SCOPE_NAMES " (default: read)"),
	OPT_STR('e', "expires", struct token_args, expires, "WHEN",
		"when it ends: 12h, 30d, 2026-12-31 (default: never)"),
	OPT_END,
};
static const struct opt list_opts[] = {OPT_USER, OPT_END};
static const struct opt revoke_opts[] = {
	OPT_USER,
	OPT_BOOL(0, "all", struct token_args, all, "all keys and all sessions"),
	OPT_END,
};

/* --- scopes --------------------------------------------------------------------------------- */

static const char *const scope_names[] = {"read", "write", "upload", "account", "admin"};

static int parse_scope(const char *word, size_t len, unsigned *out, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(scope_names); i++)
		if (strlen(scope_names[i]) == len && memcmp(scope_names[i], word, len) == 0) {
			*out |= 1u << i;
			return 0;
		}
	return err_set(err, ERR_USAGE, "\"%.*s\" is not a scope: " SCOPE_NAMES, (int)len, word);
}

static int parse_scopes(const char *list, unsigned *out, struct err *err)
{
	unsigned scopes = 0;

	for (const char *at = list ? list : "read"; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (parse_scope(at, strcspn(at, ","), &scopes, err))
			return -1;
	}
	*out = scopes;
	return 0;
}

static void format_scopes(unsigned scopes, struct str *out)
{
	for (size_t i = 0; i < ARRAY_LEN(scope_names); i++)
		if (scopes & 1u << i)
			str_addf(out, "%s%s", out->len ? "," : "", scope_names[i]);
}

/* --- showing -------------------------------------------------------------------------------- */

static json_t *scopes_to_json(unsigned scopes)
{
	json_t *array = json_array();

	for (size_t i = 0; i < ARRAY_LEN(scope_names); i++)
		if (scopes & 1u << i)
			json_array_append_new(array, json_string(scope_names[i]));
	return array;
}

static void set_time(json_t **line, const char *name, int64_t ms)
{
	if (ms)
		wire_set_int(line, name, ms);
	else
		wire_set_null(line, name);
}

static json_t *key_to_json(const struct api_key *key)
{
	json_t *line = json_object();

	wire_set_text(&line, "kind", "key");
	wire_set_uuid(&line, "id", &key->id);
	wire_set_uuid(&line, "user", &key->user);
	wire_set_text(&line, "name", key->name);
	wire_set_json(&line, "scopes", scopes_to_json(key->scopes));
	wire_set_int(&line, "created", key->created);
	set_time(&line, "expires", key->expires);
	set_time(&line, "used", key->used);
	return line;
}

static json_t *session_to_json(const struct session *session)
{
	json_t *line = json_object();

	wire_set_text(&line, "kind", "session");
	wire_set_uuid(&line, "id", &session->id);
	wire_set_uuid(&line, "user", &session->user);
	wire_set_text(&line, "name", session->label);
	wire_set_int(&line, "created", session->created);
	wire_set_int(&line, "expires", session->expires);
	wire_set_int(&line, "used", session->used);
	return line;
}

struct listing {
	struct cmd_ctx *ctx;
	struct print_table table;
};

static void add_row(struct listing *listing, const char *kind, const struct uuid *id,
	const char *name, const char *scopes, int64_t used, int64_t expires)
{
	char short_id[UUID_SHORT_LEN + 1], last[PRINT_SHORT_LEN] = "never",
					   end[PRINT_SHORT_LEN] = "never";

	uuid_format_short(id, short_id);
	if (used)
		print_format_ago(listing->ctx, used, last);
	if (expires)
		print_format_time(expires, end);
	print_cell(&listing->table, "%s", short_id);
	print_cell(&listing->table, "%s", kind);
	print_cell(&listing->table, "%s", name);
	print_cell(&listing->table, "%s", scopes);
	print_cell(&listing->table, "%s", last);
	print_cell(&listing->table, "%s", end);
}

static int list_key(void *data, const struct api_key *key, struct err *err)
{
	struct listing *listing = data;
	_cleanup_str_ struct str scopes = STR_INIT(256);

	if (listing->ctx->json)
		return print_json_line(listing->ctx, key_to_json(key), err);
	format_scopes(key->scopes, &scopes);
	add_row(listing, "key", &key->id, key->name, scopes.data, key->used, key->expires);
	return 0;
}

static int list_session(void *data, const struct session *session, struct err *err)
{
	struct listing *listing = data;

	if (listing->ctx->json)
		return print_json_line(listing->ctx, session_to_json(session), err);
	add_row(listing, "session", &session->id, session->label, "all", session->used,
		session->expires);
	return 0;
}

static int list_all(struct listing *listing, const struct user *user, struct err *err)
{
	return api_key_each(listing->ctx->store, user, list_key, listing, err) ||
			session_each(listing->ctx->store, user, list_session, listing, err) ?
		-1 :
		0;
}

static int run_list(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct token_args *a = args;
	struct listing listing = {.ctx = ctx};
	struct user user;
	int rc;

	(void)argc;
	(void)argv;
	if (people_find(ctx, a->user, &user, err))
		return -1;
	if (ctx->json)
		return list_all(&listing, &user, err);
	print_table_start(&listing.table, ctx);
	print_table_column(&listing.table, "ID", PRINT_LEFT);
	print_table_column(&listing.table, "KIND", PRINT_LEFT);
	print_table_column(&listing.table, "NAME", PRINT_SHRINK);
	print_table_column(&listing.table, "MAY", PRINT_LEFT);
	print_table_column(&listing.table, "LAST USED", PRINT_LEFT);
	print_table_column(&listing.table, "ENDS", PRINT_LEFT);
	rc = list_all(&listing, &user, err);
	return print_table_end(&listing.table, rc ? NULL : err) || rc ? -1 : 0;
}

/* --- create --------------------------------------------------------------------------------- */

static int run_create(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct token_args *a = args;
	struct api_key_draft draft = {.name = argv[0], .maker_scopes = ~0u};
	char text[SECRET_TEXT_MAX];
	struct api_key key;
	struct user user;
	json_t *line;

	(void)argc;
	if (parse_scopes(a->scopes, &draft.scopes, err) ||
		(a->expires && people_parse_end(ctx, a->expires, &draft.expires, err)) ||
		people_find(ctx, a->user, &user, err) ||
		api_key_make(ctx->store, &user, &draft, text, &key, err))
		return -1;
	if (!ctx->json) {
		print_line(ctx, "%s", text);
		print_note(ctx, "this is the only time that it is shown");
		return 0;
	}
	line = key_to_json(&key);
	wire_set_text(&line, "token", text);
	return print_json_line(ctx, line, err);
}

/* --- revoke --------------------------------------------------------------------------------- */

/* Finds keys and sessions by the last digits of their id. */
struct search {
	const char *digits;
	size_t len, count;
	bool session;
	struct uuid id;
};

static void consider(struct search *s, const struct uuid *id, bool session)
{
	char hex[33];
	struct uuid whole;

	hex_encode(id->bytes, sizeof(id->bytes), hex);
	if (uuid_parse(s->digits, s->len, &whole) == 0 ? !uuid_equal(&whole, id) :
							 s->len < 4 || s->len > 32 ||
				strncasecmp(hex + 32 - s->len, s->digits, s->len) != 0)
		return;
	s->count++;
	s->id = *id;
	s->session = session;
}

static int consider_key(void *data, const struct api_key *key, struct err *err)
{
	(void)err;
	consider(data, &key->id, false);
	return 0;
}

static int consider_session(void *data, const struct session *session, struct err *err)
{
	(void)err;
	consider(data, &session->id, true);
	return 0;
}

static int revoke_one(
	struct cmd_ctx *ctx, const struct user *user, const char *digits, struct err *err)
{
	struct search s = {.digits = digits, .len = strlen(digits)};

	if (api_key_each(ctx->store, user, consider_key, &s, err) ||
		session_each(ctx->store, user, consider_session, &s, err))
		return -1;
	if (s.count == 0)
		return err_set(
			err, ERR_NOT_FOUND, "%s has no key or session %s", user->name, digits);
	if (s.count > 1)
		return err_set(err, ERR_CONFLICT, "%zu keys or sessions fit %s", s.count, digits);
	return s.session ? session_end(ctx->store, user, &s.id, err) :
			   api_key_revoke(ctx->store, user, &s.id, err);
}

static int run_revoke(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct token_args *a = args;
	struct user user;

	if (a->all == (argc > 0))
		return err_set(err, ERR_USAGE, "give ids of keys or sessions, or --all");
	if (people_find(ctx, a->user, &user, err))
		return -1;
	if (a->all) {
		if (user_revoke_all(ctx->store, &user, err))
			return -1;
		print_note(ctx, "all keys and sessions of %s ended", user.name);
	}
	for (int i = 0; i < argc; i++)
		if (revoke_one(ctx, &user, argv[i], err))
			return -1;
	return 0;
}

/* --- rotate --------------------------------------------------------------------------------- */

static int run_rotate(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;

	(void)argc;
	(void)argv;
	(void)args;
	if (store_begin(ctx->store, "token rotate", &tx, err) ||
		token_keys_rotate(ctx->store->dir, err))
		return -1;
	store_touch_access(&tx);
	if (store_commit(&tx, err))
		return -1;
	print_note(
		ctx, "tokens are signed by a new key; those of the last one hold until they end");
	return 0;
}

/* --- the command ---------------------------------------------------------------------------- */

static const struct command subcommands[] = {
	{
		.name = "create",
		.summary = "make a key for a program",
		.needs = CMD_STORE_WRITE,
		.shared = CMD_JSON,
		.words = "NAME",
		.args_size = sizeof(struct token_args),
		.opts = create_opts,
		.run = run_create,
	},
	{
		.name = "list",
		.summary = "list somebody's keys and sessions",
		.needs = CMD_STORE_WRITE,
		.shared = CMD_JSON,
		.words = "",
		.args_size = sizeof(struct token_args),
		.opts = list_opts,
		.run = run_list,
	},
	{
		.name = "revoke",
		.summary = "end keys and sessions",
		.needs = CMD_STORE_WRITE,
		.words = "[ID...]",
		.args_size = sizeof(struct token_args),
		.opts = revoke_opts,
		.run = run_revoke,
	},
	{
		.name = "rotate",
		.summary = "sign by a new key from now on",
		.needs = CMD_STORE_WRITE,
		.words = "",
		.run = run_rotate,
	},
	CMD_END,
};

const struct command command_token = {
	.name = "token",
	.summary = "make and end keys for programs, end sessions",
	.group = CMD_GROUP_MOVE,
	.subcommands = subcommands,
};
