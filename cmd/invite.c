/* invite.c - pinhole invite: a link that lets somebody in, as text, QR code and message.
 *
 * Invariant: the secret stands behind the link's '#', which no browser sends: neither a server nor a proxy logs it.
 */
#include "people.h"
#include "store/album.h"
#include "store/user_code.h"

#include <string.h>

struct invite_args {
	const char *album, *expires, *revoke, *user;
	int role;
	int64_t uses;
	bool qr, list;
};

static const char *const roles[] = {"viewer", "member", "admin", NULL};
static const enum role role_values[] = {ROLE_VIEWER, ROLE_MEMBER, ROLE_ADMIN};
static const struct invite_args defaults = {.role = 1, .uses = 1};

static const struct opt invite_opts[] = {
	OPT_STR('a', "album", struct invite_args, album, "ALBUM", "the album that they join"),
	OPT_CHOICE('r', "role", struct invite_args, role, roles, "ROLE",
		"what they are in it: viewer, member (default) or admin"),
	OPT_STR('e', "expires", struct invite_args, expires, "WHEN",
		"when the link ends: 12h, 30d, 2026-12-31 (default: 7d)"),
	OPT_INT(0, "uses", struct invite_args, uses, 1, 10000, "N",
		"how many people may use it (default: 1)"),
	OPT_STR('u', "user", struct invite_args, user, "WHO",
		"who invites (default: the store's owner)"),
	OPT_BOOL(0, "qr", struct invite_args, qr, "print the QR code also where no terminal is"),
	OPT_BOOL(0, "list", struct invite_args, list, "list what can still be used"),
	OPT_STR(0, "revoke", struct invite_args, revoke, "ID", "end an invitation"),
	OPT_END,
};

/* --- list and revoke ------------------------------------------------------------------------ */

static json_t *invite_to_json(const struct invite *invite)
{
	json_t *line = json_object();

	wire_set_uuid(&line, "id", &invite->id);
	wire_set_uuid(&line, "user", &invite->user);
	if (invite->has_album) {
		wire_set_uuid(&line, "album", &invite->album);
		wire_set_text(&line, "role", role_name(invite->role));
	}
	wire_set_int(&line, "created", invite->created);
	wire_set_int(&line, "expires", invite->expires);
	wire_set_int(&line, "max_uses", invite->max_uses);
	wire_set_int(&line, "uses", invite->uses);
	return line;
}

struct listing {
	struct cmd_ctx *ctx;
	struct print_table table;
	const char *digits; /* of the one to find, or NULL */
	size_t count;
	struct invite found;
};

static int album_text(
	struct store *store, const struct invite *invite, char out[ALBUM_NAME_MAX], struct err *err)
{
	struct album_facts album;
	int found;

	out[0] = '\0';
	if (!invite->has_album)
		return 0;
	found = event_album_find(store->db, &invite->album, &album, err);
	return found == 1 ? album_name(store, album.key, out, err) : found;
}

static int list_row(void *data, const struct invite *invite, struct err *err)
{
	struct listing *listing = data;
	char id[UUID_SHORT_LEN + 1], end[PRINT_SHORT_LEN], album[ALBUM_NAME_MAX];

	if (listing->ctx->json)
		return print_json_line(listing->ctx, invite_to_json(invite), err);
	if (album_text(listing->ctx->store, invite, album, err))
		return -1;
	uuid_format_short(&invite->id, id);
	print_format_time(invite->expires, end);
	print_cell(&listing->table, "%s", id);
	print_cell(&listing->table, "%s", invite->user_name);
	print_cell(&listing->table, "%s", album);
	print_cell(&listing->table, "%s", invite->has_album ? role_name(invite->role) : "");
	print_cell(&listing->table, "%lld of %lld", (long long)invite->uses,
		(long long)invite->max_uses);
	print_cell(&listing->table, "%s", end);
	return 0;
}

static int list_invites(struct cmd_ctx *ctx, struct err *err)
{
	struct listing listing = {.ctx = ctx};
	int rc;

	if (ctx->json)
		return invite_each(ctx->store, NULL, list_row, &listing, err);
	print_table_start(&listing.table, ctx);
	print_table_column(&listing.table, "ID", PRINT_LEFT);
	print_table_column(&listing.table, "BY", PRINT_SHRINK);
	print_table_column(&listing.table, "ALBUM", PRINT_SHRINK);
	print_table_column(&listing.table, "ROLE", PRINT_LEFT);
	print_table_column(&listing.table, "USED", PRINT_RIGHT);
	print_table_column(&listing.table, "ENDS", PRINT_LEFT);
	rc = invite_each(ctx->store, NULL, list_row, &listing, err);
	return print_table_end(&listing.table, rc ? NULL : err) || rc ? -1 : 0;
}

static int consider(void *data, const struct invite *invite, struct err *err)
{
	struct listing *search = data;
	char text[UUID_TEXT_LEN + 1];

	(void)err;
	uuid_format(&invite->id, text);
	if (!text_ends_nocase(text, search->digits))
		return 0;
	search->count++;
	search->found = *invite;
	return 0;
}

static int revoke(struct cmd_ctx *ctx, const char *digits, struct err *err)
{
	struct listing search = {.ctx = ctx, .digits = digits};

	if (strlen(digits) < 4)
		return err_set(err, ERR_USAGE, "give 4 digits or more of the invitation's id");
	if (invite_each(ctx->store, NULL, consider, &search, err))
		return -1;
	if (search.count == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no open invitation %s", digits);
	if (search.count > 1)
		return err_set(err, ERR_CONFLICT, "%zu invitations fit %s", search.count, digits);
	return invite_revoke(ctx->store, &search.found, err);
}

/* --- make ----------------------------------------------------------------------------------- */

/* The server's address without a slash at its end; an error that says how to set it. */
static int find_url(struct cmd_ctx *ctx, struct str *out, struct err *err)
{
	const struct config *config = cmd_config(ctx, err);

	if (!config)
		return -1;
	str_addz(out, config_text(config, "serve.url"));
	while (out->len && out->data[out->len - 1] == '/')
		str_truncate(out, out->len - 1);
	if (text_starts(out->data, "https://") || text_starts(out->data, "http://"))
		return str_check(out, err);
	if (out->len) {
		err_set(err, ERR_INVALID, "serve.url is \"%s\", which is no URL", out->data);
		return err_hint(err, "pinhole config set serve.url https://photos.example.org");
	}
	err_set(err, ERR_INVALID, "a link needs the server's address, and serve.url is not set");
	return err_hint(err, "pinhole config set serve.url https://photos.example.org");
}

/* What one pastes into a messenger. */
static int write_message(struct cmd_ctx *ctx, const struct invite *invite,
	const struct album_ref *ref, const char *link, struct str *out, struct err *err)
{
	char end[PRINT_SHORT_LEN];

	print_format_time(invite->expires, end);
	if (ref) {
		_cleanup_(album_release) struct album album = {.photos = 0};

		if (album_get(ctx->store, ref, &album, err))
			return -1;
		str_addf(out, "%s invites you to the album \"%s\": ", invite->user_name,
			album.title);
	} else {
		str_addf(out, "%s invites you to share photos: ", invite->user_name);
	}
	str_addf(out, "%s (until %s)", link, end);
	return str_check(out, err);
}

static int print_invite(struct cmd_ctx *ctx, const struct invite_args *a,
	const struct invite *invite, const char *link, const char *message, struct err *err)
{
	json_t *line;

	if (ctx->json) {
		line = invite_to_json(invite);
		wire_set_text(&line, "link", link);
		wire_set_text(&line, "message", message);
		return print_json_line(ctx, line, err);
	}
	print_line(ctx, "%s", link);
	if ((a->qr || ctx->out_tty) && qr_print(ctx, link, err))
		return -1;
	print_note(ctx, "to send: %s", message);
	return 0;
}

static int make(struct cmd_ctx *ctx, const struct invite_args *a, struct err *err)
{
	_cleanup_str_ struct str link = STR_INIT(4096), message = STR_INIT(STR_MAX_LINE);
	struct invite_draft draft = {.role = role_values[a->role], .max_uses = a->uses};
	char token[SECRET_TEXT_MAX];
	struct album_ref album;
	struct invite invite;
	struct user user;

	if (find_url(ctx, &link, err) || people_find(ctx, a->user, &user, err) ||
		(a->album && resolve_album(ctx->store, a->album, &album, err)) ||
		(a->expires && people_parse_end(ctx, a->expires, &draft.expires, err)))
		return -1;
	draft.album = a->album ? &album : NULL;
	if (invite_make(ctx->store, &user, &draft, token, &invite, err))
		return -1;
	str_addf(&link, "/join#%s", token);
	if (str_check(&link, err) ||
		write_message(ctx, &invite, draft.album, link.data, &message, err))
		return -1;
	return print_invite(ctx, a, &invite, link.data, message.data, err);
}

static int run_invite(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct invite_args *a = args;

	(void)argc;
	(void)argv;
	if (a->list)
		return list_invites(ctx, err);
	return a->revoke ? revoke(ctx, a->revoke, err) : make(ctx, a, err);
}

const struct command command_invite = {
	.name = "invite",
	.summary = "make a link that lets somebody in",
	.group = CMD_GROUP_MOVE,
	.needs = CMD_STORE_WRITE,
	.shared = CMD_JSON,
	.words = "",
	.args_size = sizeof(struct invite_args),
	.args_defaults = &defaults,
	.opts = invite_opts,
	.run = run_invite,
};
