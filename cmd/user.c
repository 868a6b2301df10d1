/* user.c - pinhole user: who may sign in when this store is served.
 *
 * What an account is, is lib/store/user.h's.  Invariant: no password is ever an argument.
 */
#include "people.h"
#include "auth/password.h"

#include <string.h>

struct user_args {
	const char *phone, *email, *password_file;
	int role;
	bool erase;
};

static const char *const roles[] = {"user", "admin", NULL};

#define OPT_PASSWORD_FILE                                                                          \
	OPT_STR(0, "password-file", struct user_args, password_file, "FILE",                       \
		"read the password from a file's first line")

static const struct opt add_opts[] = {
	OPT_STR('p', "phone", struct user_args, phone, "NUMBER", "the number they sign in with"),
	OPT_STR('e', "email", struct user_args, email, "ADDRESS", "the address they sign in with"),
	OPT_CHOICE('r', "role", struct user_args, role, roles, "ROLE", "user or admin"),
	OPT_PASSWORD_FILE,
	OPT_END,
};
static const struct opt password_opts[] = {OPT_PASSWORD_FILE, OPT_END};
static const struct opt delete_opts[] = {
	OPT_BOOL(0, "erase", struct user_args, erase,
		"take back for good all they said and brought"),
	OPT_END,
};

/* --- showing -------------------------------------------------------------------------------- */

static json_t *user_to_json(const struct user *user)
{
	json_t *line = json_object();

	wire_set_uuid(&line, "id", &user->id);
	wire_set_text(&line, "name", user->name);
	wire_set_text(&line, "phone", *user->phone ? user->phone : NULL);
	wire_set_text(&line, "email", *user->email ? user->email : NULL);
	wire_set_text(&line, "role", roles[user->admin]);
	wire_set_bool(&line, "disabled", user->disabled);
	wire_set_bool(&line, "password", user->has_password);
	if (user->quota == USER_QUOTA_DEFAULT)
		wire_set_null(&line, "quota");
	else
		wire_set_int(&line, "quota", user->quota);
	wire_set_int(&line, "created", user->created);
	return line;
}

struct listing {
	struct cmd_ctx *ctx;
	struct print_table table;
};

static int list_json(void *data, const struct user *user, struct err *err)
{
	struct listing *listing = data;

	return print_json_line(listing->ctx, user_to_json(user), err);
}

static int list_row(void *data, const struct user *user, struct err *err)
{
	struct listing *listing = data;
	char id[UUID_SHORT_LEN + 1];

	(void)err;
	uuid_format_short(&user->id, id);
	print_cell(&listing->table, "%s", id);
	print_cell(&listing->table, "%s", user->name);
	print_cell(&listing->table, "%s", user->disabled ? "disabled" : roles[user->admin]);
	print_cell(&listing->table, "%s", user->phone);
	print_cell(&listing->table, "%s", user->email);
	return 0;
}

static int run_list(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	struct listing listing = {.ctx = ctx};
	struct user owner;
	int rc;

	(void)argc;
	(void)argv;
	(void)args;
	if (people_find(ctx, NULL, &owner, err))
		return -1;
	if (ctx->json)
		return user_each(ctx->store, list_json, &listing, err);
	print_table_start(&listing.table, ctx);
	print_table_column(&listing.table, "ID", PRINT_LEFT);
	print_table_column(&listing.table, "NAME", PRINT_SHRINK);
	print_table_column(&listing.table, "ROLE", PRINT_LEFT);
	print_table_column(&listing.table, "PHONE", PRINT_LEFT);
	print_table_column(&listing.table, "E-MAIL", PRINT_SHRINK);
	rc = user_each(ctx->store, list_row, &listing, err);
	return print_table_end(&listing.table, rc ? NULL : err) || rc ? -1 : 0;
}

static void show_quota(struct cmd_ctx *ctx, const struct user *user, int64_t used)
{
	char size[PRINT_SHORT_LEN], most[PRINT_SHORT_LEN];

	print_format_size((uint64_t)used, size);
	if (user->quota > 0)
		print_format_size((uint64_t)user->quota, most);
	print_line(ctx, "  %-10s %s of %s", "photos", size,
		user->quota > 0          ? most :
			user->quota == 0 ? "any size" :
					   "what serve.user-quota allows");
}

static int run_show(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	char id[UUID_TEXT_LEN + 1], created[PRINT_SHORT_LEN];
	struct user_departure there;
	struct user user;
	int64_t used;

	(void)argc;
	(void)args;
	if (people_find(ctx, argv[0], &user, err) || user_usage(ctx->store, &user.id, &used, err) ||
		user_departure(ctx->store, &user, &there, err))
		return -1;
	if (ctx->json) {
		json_t *line = user_to_json(&user);

		wire_set_int(&line, "used", used);
		wire_set_int(&line, "albums", there.albums);
		return print_json_line(ctx, line, err);
	}
	uuid_format(&user.id, id);
	print_format_time(user.created, created);
	print_part(ctx, PRINT_BOLD, "%s", user.name);
	print_line(ctx, "  %s%s", roles[user.admin], user.disabled ? ", disabled" : "");
	print_line(ctx, "  %-10s %s", "id", id);
	if (*user.phone)
		print_line(ctx, "  %-10s %s", "phone", user.phone);
	if (*user.email)
		print_line(ctx, "  %-10s %s", "e-mail", user.email);
	print_line(ctx, "  %-10s %s", "password", user.has_password ? "is set" : "none");
	print_line(ctx, "  %-10s %lld", "albums", (long long)there.albums);
	show_quota(ctx, &user, used);
	print_line(ctx, "  %-10s %s", "since", created);
	return 0;
}

/* What a change ends with. */
static int print_changed(
	struct cmd_ctx *ctx, const struct user *user, const char *what, struct err *err)
{
	struct user now;
	int found;

	if (ctx->dry_run) {
		print_note(ctx, "would change %s: %s", user->name, what);
		return 0;
	}
	if (!ctx->json) {
		print_note(ctx, "%s: %s", user->name, what);
		return 0;
	}
	found = user_get(ctx->store, &user->id, &now, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "this account is gone");
	return found < 0 ? -1 : print_json_line(ctx, user_to_json(&now), err);
}

/* --- add ------------------------------------------------------------------------------------ */

static int parse_addresses(struct cmd_ctx *ctx, const struct user_args *a,
	struct user_address *phone, struct user_address *email, struct user_draft *draft,
	struct err *err)
{
	if (!a->phone && !a->email)
		return err_set(
			err, ERR_USAGE, "give --phone, --email or both: they sign in with it");
	if (a->phone) {
		if (user_address_parse(ctx->store, a->phone, phone, err))
			return err_prefix(err, "--phone");
		if (!phone->phone)
			return err_set(err, ERR_USAGE, "--phone: this is an e-mail address");
		draft->phone = phone;
	}
	if (a->email) {
		if (user_address_parse(ctx->store, a->email, email, err))
			return err_prefix(err, "--email");
		if (email->phone)
			return err_set(err, ERR_USAGE, "--email: this is a number");
		draft->email = email;
	}
	return 0;
}

static int run_add(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct user_args *a = args;
	struct user_draft draft = {
		.name = argv[0], .admin = a->role == 1, .quota = USER_QUOTA_DEFAULT};
	struct user_address phone, email;
	char hash[PASSWORD_HASH_MAX], id[UUID_SHORT_LEN + 1];
	struct user owner, user;
	int given;

	(void)argc;
	if (parse_addresses(ctx, a, &phone, &email, &draft, err))
		return -1;
	if (ctx->dry_run) {
		print_note(ctx, "would add %s", argv[0]);
		return 0;
	}
	given = people_read_password(ctx, a->password_file, true, hash, sizeof(hash), err);
	draft.password_hash = given == 1 ? hash : NULL;
	if (given < 0 || people_find(ctx, NULL, &owner, err) ||
		user_add(ctx->store, &draft, &user, err))
		return -1;
	if (ctx->json)
		return print_json_line(ctx, user_to_json(&user), err);
	uuid_format_short(&user.id, id);
	print_line(ctx, "%s  %s", id, user.name);
	if (!given)
		print_note(ctx,
			"without a password they sign in by a code; `pinhole user password"
			" %s` sets one",
			id);
	return 0;
}

/* --- changes -------------------------------------------------------------------------------- */

static int run_password(
	struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct user_args *a = args;
	char hash[PASSWORD_HASH_MAX];
	struct user user;
	int given;

	(void)argc;
	if (people_find(ctx, argv[0], &user, err))
		return -1;
	if (!ctx->dry_run) {
		given = people_read_password(ctx, a->password_file, true, hash, sizeof(hash), err);
		if (given == 0) {
			err_set(err, ERR_USAGE, "there is no password");
			return err_hint(err,
				"give --password-file FILE, or set "
				"PINHOLE_PASSWORD_COMMAND, or use a terminal");
		}
		if (given < 0 || user_set_password(ctx->store, &user, hash, err))
			return -1;
	}
	return print_changed(ctx, &user, "the password is new, all sessions and keys ended", err);
}

static int set_disabled(struct cmd_ctx *ctx, const char *who, bool disabled, struct err *err)
{
	struct user user;

	if (people_find(ctx, who, &user, err) ||
		(!ctx->dry_run && user_set_disabled(ctx->store, &user, disabled, err)))
		return -1;
	return print_changed(
		ctx, &user, disabled ? "disabled, all sessions and keys ended" : "enabled", err);
}

static int run_disable(
	struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	(void)argc;
	(void)args;
	return set_disabled(ctx, argv[0], true, err);
}

static int run_enable(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	(void)argc;
	(void)args;
	return set_disabled(ctx, argv[0], false, err);
}

static int run_role(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	bool admin = strcmp(argv[1], "admin") == 0;
	struct user user;

	(void)argc;
	(void)args;
	if (!admin && strcmp(argv[1], "user") != 0)
		return err_set(err, ERR_USAGE, "\"%s\" is not a role: user or admin", argv[1]);
	if (people_find(ctx, argv[0], &user, err) ||
		(!ctx->dry_run && user_set_admin(ctx->store, &user, admin, err)))
		return -1;
	return print_changed(
		ctx, &user, admin ? "an administrator of the server" : "a user like others", err);
}

static int run_quota(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	int64_t quota = USER_QUOTA_DEFAULT;
	struct user user;
	uint64_t bytes;

	(void)argc;
	(void)args;
	if (strcmp(argv[1], "default") != 0) {
		if (text_to_size(argv[1], &bytes, err))
			return -1;
		if (bytes > INT64_MAX)
			return err_set(err, ERR_INVALID, "\"%s\" is too much", argv[1]);
		quota = (int64_t)bytes;
	}
	if (people_find(ctx, argv[0], &user, err) ||
		(!ctx->dry_run && user_set_quota(ctx->store, &user, quota, err)))
		return -1;
	return print_changed(ctx, &user, "a new quota", err);
}

/* --- delete --------------------------------------------------------------------------------- */

static json_t *departure_to_json(
	const struct user *user, const struct user_departure *left, bool erase, bool dry_run)
{
	json_t *line = json_object();

	wire_set_text(&line, "status", dry_run ? "would-delete" : "deleted");
	wire_set_uuid(&line, "id", &user->id);
	wire_set_int(&line, "albums", left->albums);
	wire_set_int(&line, "handed", left->handed);
	wire_set_int(&line, "photos", left->photos);
	wire_set_int(&line, "messages", left->messages);
	wire_set_bool(&line, "erased", erase);
	return line;
}

static void tell_departure(
	struct cmd_ctx *ctx, const struct user *user, const struct user_departure *left, bool erase)
{
	char photos[PRINT_SHORT_LEN], messages[PRINT_SHORT_LEN], albums[PRINT_SHORT_LEN];

	print_format_count((uint64_t)left->photos, "photo", photos);
	print_format_count((uint64_t)left->messages, "message", messages);
	print_format_count((uint64_t)left->albums, "album", albums);
	print_note(ctx, "%s leaves %s; %s and %s of theirs %s", user->name, albums, photos,
		messages, erase ? "are erased for good" : "stay there under their name");
	if (left->handed) {
		print_format_count((uint64_t)left->handed, "album", albums);
		print_note(ctx, "%s that they alone own pass to you", albums);
	}
}

static int run_delete(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct user_args *a = args;
	_cleanup_str_ struct str question = STR_INIT(STR_MAX_LINE);
	struct user_departure left;
	struct user user;

	(void)argc;
	if (people_find(ctx, argv[0], &user, err) || user_departure(ctx->store, &user, &left, err))
		return -1;
	if (!ctx->json)
		tell_departure(ctx, &user, &left, a->erase);
	if (!ctx->dry_run) {
		str_addf(&question, "Delete the account of %s?", user.name);
		if (str_check(&question, err) || print_confirm(ctx, question.data, err) ||
			user_delete(ctx->store, &user, a->erase, &left, err))
			return -1;
	}
	if (ctx->json)
		return print_json_line(
			ctx, departure_to_json(&user, &left, a->erase, ctx->dry_run), err);
	return 0;
}

/* --- the command ---------------------------------------------------------------------------- */

#define CHANGES CMD_JSON | CMD_DRY_RUN

static const struct command subcommands[] = {
	{
		.name = "add",
		.summary = "make an account",
		.needs = CMD_STORE_WRITE,
		.shared = CHANGES,
		.words = "NAME",
		.args_size = sizeof(struct user_args),
		.opts = add_opts,
		.run = run_add,
	},
	{
		.name = "delete",
		.summary = "end an account",
		.needs = CMD_STORE_WRITE,
		.shared = CHANGES | CMD_YES,
		.words = "WHO",
		.args_size = sizeof(struct user_args),
		.opts = delete_opts,
		.run = run_delete,
	},
	{
		.name = "disable",
		.summary = "let somebody in no more",
		.needs = CMD_STORE_WRITE,
		.shared = CHANGES,
		.words = "WHO",
		.run = run_disable,
	},
	{
		.name = "enable",
		.summary = "let somebody in again",
		.needs = CMD_STORE_WRITE,
		.shared = CHANGES,
		.words = "WHO",
		.run = run_enable,
	},
	{
		.name = "list",
		.summary = "list all accounts",
		.needs = CMD_STORE_WRITE,
		.shared = CMD_JSON,
		.words = "",
		.run = run_list,
	},
	{
		.name = "password",
		.summary = "set somebody's password",
		.needs = CMD_STORE_WRITE,
		.shared = CHANGES,
		.words = "WHO",
		.args_size = sizeof(struct user_args),
		.opts = password_opts,
		.run = run_password,
	},
	{
		.name = "quota",
		.summary = "set how many bytes somebody may upload",
		.needs = CMD_STORE_WRITE,
		.shared = CHANGES,
		.words = "WHO SIZE",
		.run = run_quota,
	},
	{
		.name = "role",
		.summary = "make somebody a user or an administrator",
		.needs = CMD_STORE_WRITE,
		.shared = CHANGES,
		.words = "WHO ROLE",
		.run = run_role,
	},
	{
		.name = "show",
		.summary = "show one account",
		.needs = CMD_STORE_WRITE,
		.shared = CMD_JSON,
		.words = "WHO",
		.run = run_show,
	},
	CMD_END,
};

const struct command command_user = {
	.name = "user",
	.summary = "keep the accounts of who may sign in",
	.group = CMD_GROUP_MOVE,
	.subcommands = subcommands,
};
