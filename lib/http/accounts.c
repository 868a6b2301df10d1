/* accounts.c - how people get an account and sign in: registering, resetting a password, logging in.
 *
 * All of it may be asked by anyone.  Invariant: an answer, and the time it takes, is the same for an address that
 * has an account and for one that has none: the same rows are read and written, the same hash is computed, and
 * what is sent leaves after the answer.
 */
#include "http/account.h"
#include "http/courier.h"
#include "http/limit.h"
#include "http/server.h"
#include "store/user_code.h"

#include <string.h>

/* --- codes -------------------------------------------------------------------------------- */

/* What clients call us, for people who wonder whom a code is from. */
static void add_place(const struct http_call *call, struct str *out)
{
	const struct settings *settings = settings_get(call->server->options.settings);

	if (settings->url[0])
		str_addf(out, " at %s", settings->url);
	settings_put(settings);
}

static int write_code(const struct http_call *call, enum code_purpose purpose, const char *code,
	struct str *out, struct err *err)
{
	str_addf(out, "%s is your code to %s", code,
		purpose == CODE_RESET ? "set a new password" : "register with pinhole");
	add_place(call, out);
	str_addf(out,
		".\n\nIt holds for %d minutes. If you did not ask for it, you need not do "
		"anything.\n",
		(int)(CODE_LIFE_MS / 60000));
	return str_check(out, err);
}

static int write_known(const struct http_call *call, struct str *out, struct err *err)
{
	str_addz(out, "Somebody asked to register this address with pinhole");
	add_place(call, out);
	str_addz(out,
		". You have an account there already: sign in, or set a new password.\n\n"
		"If it was not you, you need not do anything.\n");
	return str_check(out, err);
}

/* Who has an account is told so, by mail.  A stranger cannot reset a password that is not there: their letter goes
 * nowhere, but takes as long. */
static int send_code(struct http_call *call, enum code_purpose purpose,
	const struct user_address *address, const char *code, bool known, struct err *err)
{
	_cleanup_str_ struct str text = STR_INIT(2048);

	if (purpose == CODE_REGISTER && known ? write_known(call, &text, err) :
						write_code(call, purpose, code, &text, err))
		return -1;
	return courier_send_after(call, purpose == CODE_RESET && !known ? NULL : address,
		purpose == CODE_RESET ? "A new password for pinhole" : "Your account at pinhole",
		text.data, err);
}

/* In the WRITE lane. */
static int answer_code(struct http_call *call, enum code_purpose purpose,
	const struct user_address *address, struct err *err)
{
	_cleanup_key_hold_ struct key_hold hold = KEY_HOLD_INIT;
	char code[CODE_LEN + 1];
	struct user user;
	int64_t wait_ms;
	int found = user_find_address(call->store, address, &user, err);
	json_t *body;

	if (found < 0 || key_hold_take(call->server->signing, &hold, err) ||
		user_code_send(call->store, hold.keys, purpose, address, code, &wait_ms, err))
		return -1;
	if (wait_ms)
		return account_refuse_for(call, wait_ms);
	if (send_code(call, purpose, address, code,
		    found && (purpose == CODE_REGISTER || !user.disabled), err))
		return -1;
	body = json_object();
	wire_set_int(&body, "expires_in", CODE_LIFE_MS / 1000);
	return http_answer_json(call, 202, body, err);
}

/* --- registering -------------------------------------------------------------------------- */

/* Whether this request may register: 1, 0 answered, -1.  `invite` is filled where one was given that holds. */
static int may_register(struct http_call *call, const json_t *body, bool *invited,
	struct invite *invite, struct err *err)
{
	const struct settings *settings = settings_get(call->server->options.settings);
	enum register_mode mode = settings->register_mode;
	const char *token = NULL;
	int got = 0;

	settings_put(settings);
	if (wire_get_text(body, "invite", WIRE_OPTIONAL, SECRET_TEXT_MAX, &token, err) ||
		(token && (got = invite_find(call->store, token, invite, err)) < 0))
		return -1;
	*invited = got == 1;
	if (mode == REGISTER_CLOSED)
		return account_refuse(call, 403, ERR_DENIED, "this server takes no registrations");
	if (token && !*invited)
		return account_refuse(call, 403, ERR_DENIED, "the invitation does not hold");
	if (mode == REGISTER_INVITE && !token)
		return account_refuse(
			call, 403, ERR_DENIED, "registering here needs an invitation");
	return 1;
}

/* POST /v1/register and /v1/register/resend. */
static int ask_register(struct http_call *call, struct err *err)
{
	_cleanup_json_ json_t *body = http_body_object(call, err);
	const char *name = NULL;
	struct user_address address;
	struct invite invite;
	bool invited;
	int got;

	if (!call->tx && !limit_call(call, LIMIT_LOGIN))
		return 0;
	if (!body || account_read_address(call, body, &address, err) ||
		account_read_name(body, WIRE_OPTIONAL, &name, err) ||
		courier_check(call->server, &address, err))
		return -1;
	got = may_register(call, body, &invited, &invite, err);
	if (got <= 0)
		return got;
	return call->tx ? answer_code(call, CODE_REGISTER, &address, err) : HTTP_WRITE;
}

static int add_user(struct http_call *call, const struct account_work *work,
	const struct user_address *address, const char *name, struct user *out, struct err *err)
{
	struct user_draft draft = {.name = name,
		.phone = address->phone ? address : NULL,
		.email = address->phone ? NULL : address,
		.password_hash = work->hashed ? work->hash : NULL,
		.quota = USER_QUOTA_DEFAULT};

	return user_add(call->store, &draft, out, err);
}

static int refuse_code(struct http_call *call, const struct account_work *work, struct err *err)
{
	if (account_note_failure(call, work, err))
		return -1;
	account_refuse(call, 403, ERR_DENIED, "the code is wrong or no longer holds");
	return 0;
}

/* The code of the body: 1 right, 0 answered, -1. */
static int check_code(struct http_call *call, const json_t *body, enum code_purpose purpose,
	const struct user_address *address, const struct account_work *work, struct err *err)
{
	_cleanup_key_hold_ struct key_hold hold = KEY_HOLD_INIT;
	const char *code = NULL;
	int got;

	if (wire_get_text(body, "code", WIRE_REQUIRED, 32, &code, err) ||
		key_hold_take(call->server->signing, &hold, err))
		return -1;
	got = user_code_check(call->store, hold.keys, purpose, address, code, err);
	return got == 0 ? refuse_code(call, work, err) : got;
}

/* In the WRITE lane: the code is right, or it is not. */
static int register_user(struct http_call *call, const json_t *body,
	const struct account_work *work, const struct user_address *address, struct err *err)
{
	const char *name = NULL;
	struct invite invite;
	struct user user;
	bool invited;
	int got;

	if (account_read_name(body, WIRE_OPTIONAL, &name, err))
		return -1;
	got = may_register(call, body, &invited, &invite, err);
	if (got == 1)
		got = check_code(call, body, CODE_REGISTER, address, work, err);
	if (got <= 0)
		return got;
	/* Without a name, what is certain: people see the name, the address is theirs to give. */
	if (add_user(call, work, address, name ? name : "New member", &user, err) ||
		(invited && invite_use(call->store, &invite, &user, err)) ||
		account_clear_failures(call, work, err))
		return -1;
	return account_answer_new_session(call, 201, &user, account_label(call, body), err);
}

/* What confirming a code does before it writes: limits, and the hash of the new password.  0 go on to the
 * writer, 1 answered, HTTP_PARK, -1. */
static int prepare(struct http_call *call, struct account_work *work, const char *what,
	const struct user_address *address, const char *password, struct err *err)
{
	int got = 0;

	if (!work->begun) {
		if (!limit_call(call, LIMIT_LOGIN))
			return 1;
		account_set_subject(call, work, what, address->text);
		got = account_check_failures(call, work, err);
		work->begun = got == 0;
	}
	if (got == 0 && password && !work->hashed)
		got = account_hash(call, work, password, err);
	return got;
}

/* Of what prepare said: what the handler returns. */
static int after_prepare(int got)
{
	return got == 0 ? HTTP_WRITE : got == 1 ? 0 : got;
}

static int confirm_register(struct http_call *call, struct err *err)
{
	_cleanup_json_ json_t *body = http_body_object(call, err);
	const char *password = NULL;
	struct account_work *work;
	struct user_address address;

	if (!body || account_work(call, &work, err) ||
		account_read_address(call, body, &address, err) ||
		account_read_password(body, "password", WIRE_OPTIONAL, &password, err))
		return -1;
	if (call->tx)
		return register_user(call, body, work, &address, err);
	return after_prepare(prepare(call, work, "register", &address, password, err));
}

/* --- a forgotten password ----------------------------------------------------------------- */

static int ask_reset(struct http_call *call, struct err *err)
{
	_cleanup_json_ json_t *body = http_body_object(call, err);
	struct user_address address;

	if (!call->tx && !limit_call(call, LIMIT_LOGIN))
		return 0;
	if (!body || account_read_address(call, body, &address, err) ||
		courier_check(call->server, &address, err))
		return -1;
	return call->tx ? answer_code(call, CODE_RESET, &address, err) : HTTP_WRITE;
}

static int reset_password(struct http_call *call, const json_t *body,
	const struct account_work *work, const struct user_address *address, struct err *err)
{
	struct user user;
	int got = check_code(call, body, CODE_RESET, address, work, err);

	if (got <= 0)
		return got;
	got = user_find_address(call->store, address, &user, err);
	if (got < 0)
		return -1;
	if (got == 0 || user.disabled) /* since the code was sent */
		return refuse_code(call, work, err);
	if (user_set_password(call->store, &user, work->hash, err) ||
		user_get(call->store, &user.id, &user, err) != 1 ||
		account_clear_failures(call, work, err))
		return -1;
	return account_answer_new_session(call, 200, &user, account_label(call, body), err);
}

static int confirm_reset(struct http_call *call, struct err *err)
{
	_cleanup_json_ json_t *body = http_body_object(call, err);
	const char *password = NULL;
	struct account_work *work;
	struct user_address address;

	if (!body || account_work(call, &work, err) ||
		account_read_address(call, body, &address, err) ||
		account_read_password(body, "password", WIRE_REQUIRED, &password, err))
		return -1;
	if (call->tx)
		return reset_password(call, body, work, &address, err);
	return after_prepare(prepare(call, work, "reset", &address, password, err));
}

/* --- logging in --------------------------------------------------------------------------- */

/* In the WRITE lane: the account must still be what the password was compared with. */
static int open_session(struct http_call *call, const json_t *body, const struct account_work *work,
	struct err *err)
{
	struct user user;
	int got = work->right ? user_get(call->store, &work->user.id, &user, err) : 0;

	if (got < 0)
		return -1;
	if (got == 0 || user.disabled || user.version != work->user.version) {
		if (account_note_failure(call, work, err))
			return -1;
		return account_refuse(
			call, 401, ERR_DENIED, "no account has this name and password");
	}
	if (account_clear_failures(call, work, err) ||
		(work->hashed && user_renew_hash(call->store, &user, work->hash, err)))
		return -1;
	return account_answer_new_session(call, 200, &user, account_label(call, body), err);
}

/* A text that is no address finds nobody, and takes as long. */
static int begin_login(
	struct http_call *call, const json_t *body, struct account_work *work, struct err *err)
{
	struct user_address address = {.text = "?"};
	int got;

	if (!json_object_get(body, "login") && !json_object_get(body, "phone") &&
		!json_object_get(body, "email"))
		return err_set(err, ERR_INVALID, "\"phone\" or \"email\" is needed");
	if (account_read_address(call, body, &address, err) && err->kind != ERR_INVALID)
		return -1;
	account_set_subject(call, work, "login", address.text);
	got = account_check_failures(call, work, err);
	if (got)
		return got;
	got = user_find_address(call->store, &address, &work->user, err);
	if (got < 0)
		return -1;
	work->found = got == 1;
	work->begun = true;
	return 0;
}

/* A right password whose hash is of older parameters gets one of today's: 0, HTTP_PARK, -1. */
static int hash_anew(
	struct http_call *call, struct account_work *work, const char *password, struct err *err)
{
	int stale = user_password_is_stale(call->store, &work->user, err);

	return stale == 1 ? account_hash(call, work, password, err) : stale;
}

static int login(struct http_call *call, struct err *err)
{
	_cleanup_json_ json_t *body = http_body_object(call, err);
	const char *password = NULL;
	struct account_work *work;
	int got = 0;

	if (!body || account_work(call, &work, err) ||
		wire_get_text(body, "password", WIRE_REQUIRED, PASSWORD_MAX, &password, err))
		return -1;
	if (call->tx)
		return open_session(call, body, work, err);
	if (!work->begun) {
		if (!limit_call(call, LIMIT_LOGIN))
			return 0;
		got = begin_login(call, body, work, err);
	}
	if (got == 0 && !work->checked)
		got = account_check(call, work, password, err);
	if (got == 0 && work->right)
		got = hash_anew(call, work, password, err);
	return after_prepare(got);
}

const struct http_route accounts_routes[] = {
	{"register", HTTP_POST, "/v1/register", ACCESS_PUBLIC, .lane = LANE_POOL,
		.body_max = ACCOUNT_BODY_MAX, .handle = ask_register},
	{"resendRegister", HTTP_POST, "/v1/register/resend", ACCESS_PUBLIC, .lane = LANE_POOL,
		.body_max = ACCOUNT_BODY_MAX, .handle = ask_register},
	{"confirmRegister", HTTP_POST, "/v1/register/confirm", ACCESS_PUBLIC, .lane = LANE_POOL,
		.body_max = ACCOUNT_BODY_MAX, .handle = confirm_register},
	{"resetPassword", HTTP_POST, "/v1/password/reset", ACCESS_PUBLIC, .lane = LANE_POOL,
		.body_max = ACCOUNT_BODY_MAX, .handle = ask_reset},
	{"confirmResetPassword", HTTP_POST, "/v1/password/reset/confirm", ACCESS_PUBLIC,
		.lane = LANE_POOL, .body_max = ACCOUNT_BODY_MAX, .handle = confirm_reset},
	{"login", HTTP_POST, "/v1/login", ACCESS_PUBLIC, .lane = LANE_POOL,
		.body_max = ACCOUNT_BODY_MAX, .handle = login},
	{.name = NULL},
};
