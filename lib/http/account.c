/* account.c - what the resources around accounts share; see account.h.
 *
 * Invariant: nothing here answers differently for an address that has an account and one that has none.
 */
#include "http/account.h"

#include "http/limit.h"
#include "http/server.h"
#include "store/user_code.h"

#include <stdlib.h>
#include <string.h>

#define ACCOUNT_TRIES 100 /* of one account in an hour, from everywhere together */

int account_refuse(struct http_call *call, int status, enum err_kind kind, const char *message)
{
	struct err why = ERR_INIT;

	err_set(&why, kind, "%s", message);
	http_answer_problem(call, status, &why);
	return 0;
}

int account_refuse_for(struct http_call *call, int64_t wait_ms)
{
	long long seconds = (wait_ms + 999) / 1000;
	struct err why = ERR_INIT;

	err_set(&why, ERR_OFFLINE, "too many tries: come back in %lld s", seconds);
	http_answer_problem(call, 429, &why);
	http_add_header(&call->response, "Retry-After", "%lld", seconds);
	return 0;
}

/* --- reading ------------------------------------------------------------------------------ */

int account_read_address(
	struct http_call *call, const json_t *body, struct user_address *out, struct err *err)
{
	static const char *const names[] = {"phone", "email", "login"};
	const char *text = NULL;
	size_t given = 0, which = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *one = NULL;

		if (wire_get_text(body, names[i], WIRE_OPTIONAL, USER_EMAIL_MAX - 1, &one, err))
			return -1;
		if (!one)
			continue;
		given++;
		which = i;
		text = one;
	}
	if (given != 1)
		return err_set(err, ERR_INVALID, "either \"phone\" or \"email\" is needed");
	if (user_address_parse(call->store, text, out, err))
		return -1;
	if (which < 2 && out->phone != (which == 0))
		return err_set(err, ERR_INVALID, "\"%s\" is none", names[which]);
	return 0;
}

int account_read_name(const json_t *body, enum wire_need need, const char **out, struct err *err)
{
	const char *name = NULL;

	if (wire_get_text(body, "name", need, USER_NAME_MAX - 1, &name, err))
		return -1;
	if (name && !name[strspn(name, " \t\r\n")])
		return err_set(err, ERR_INVALID, "\"name\" is empty");
	*out = name;
	return 0;
}

int account_read_password(
	const json_t *body, const char *key, enum wire_need need, const char **out, struct err *err)
{
	const char *password = NULL;

	if (wire_get_text(body, key, need, PASSWORD_MAX, &password, err) ||
		(password && password_check(password, strlen(password), err)))
		return -1;
	*out = password;
	return 0;
}

static const struct {
	const char *name;
	unsigned scope;
} scopes[] = {
	{"read", SCOPE_READ},
	{"write", SCOPE_WRITE},
	{"upload", SCOPE_UPLOAD},
	{"account", SCOPE_ACCOUNT},
	{"admin", SCOPE_ADMIN},
};

int account_read_scopes(const json_t *body, unsigned *out, struct err *err)
{
	const json_t *list = json_object_get(body, "scopes");
	unsigned found = 0;

	if (!json_is_array(list))
		return err_set(err, ERR_INVALID, "\"scopes\" must be an array");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));
		size_t which = 0;

		while (which < ARRAY_LEN(scopes) &&
			(!name || strcmp(name, scopes[which].name) != 0))
			which++;
		if (which == ARRAY_LEN(scopes))
			return err_set(err, ERR_INVALID,
				"\"scopes\" are read, write, upload, account and admin");
		found |= scopes[which].scope;
	}
	*out = found;
	return 0;
}

void account_set_scopes(json_t **object, unsigned held)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < ARRAY_LEN(scopes); i++)
		if (held & scopes[i].scope &&
			json_array_append_new(list, json_string(scopes[i].name)))
			wire_json_free(&list);
	wire_set_json(object, "scopes", list);
}

void account_set_time(json_t **object, const char *key, int64_t ms)
{
	if (ms)
		wire_set_int(object, key, ms);
	else
		wire_set_null(object, key);
}

int account_read_expires(struct http_call *call, const json_t *body, int64_t *out, struct err *err)
{
	int64_t ms = 0;

	if (wire_get_int(body, "expires", WIRE_OPTIONAL, 1, EVENT_TIME_MAX, &ms, err))
		return -1;
	if (ms && ms <= clock_now_ms(call->store->clock))
		return err_set(err, ERR_INVALID, "\"expires\" lies in the past");
	if (ms)
		*out = ms;
	return 0;
}

/* --- who asks ----------------------------------------------------------------------------- */

int account_of_caller(struct http_call *call, struct user *out, struct err *err)
{
	int got = user_get(call->store, &call->caller.user, out, err);

	return got == 0 ? err_set(err, ERR_DENIED, "this account is gone") : got < 0 ? -1 : 0;
}

int account_is_session(struct http_call *call, bool *out, struct err *err)
{
	struct session session;
	int got = session_get(call->store, &call->caller.session, &session, err);

	if (got < 0)
		return -1;
	*out = got == 1;
	return 0;
}

json_t *account_user(const struct user *user)
{
	json_t *body = json_object();

	wire_set_uuid(&body, "id", &user->id);
	wire_set_text(&body, "name", user->name);
	if (user->phone[0])
		wire_set_text(&body, "phone", user->phone);
	if (user->email[0])
		wire_set_text(&body, "email", user->email);
	wire_set_bool(&body, "admin", user->admin);
	wire_set_bool(&body, "disabled", user->disabled);
	wire_set_bool(&body, "has_password", user->has_password);
	if (user->quota == USER_QUOTA_DEFAULT)
		wire_set_null(&body, "quota");
	else
		wire_set_int(&body, "quota", user->quota);
	account_set_time(&body, "created", user->created);
	return body;
}

/* --- tokens ------------------------------------------------------------------------------- */

const char *account_label(const struct http_call *call, const json_t *body)
{
	const char *label = json_string_value(json_object_get(body, "device"));

	if (!label)
		label = http_header(&call->request, "User-Agent");
	/* A program that cannot spell its name may sign in all the same. */
	return label && text_is_utf8(label, strlen(label)) ? label : "";
}

int account_answer_session(struct http_call *call, int status, const struct user *user,
	const struct session *session, const char *refresh, struct err *err)
{
	const struct settings *settings = settings_get(call->server->options.settings);
	int64_t life_s = settings->token_seconds;
	int64_t session_ms = settings->session_seconds * (int64_t)1000;
	_cleanup_key_hold_ struct key_hold hold = KEY_HOLD_INIT;
	_cleanup_str_ struct str access = STR_INIT(TOKEN_MAX);
	struct token_claims claims;
	json_t *body;

	settings_put(settings);
	if (session_set_end(call->store, session, session->used + session_ms, err))
		return -1;
	session_claims(call->store, session, user, &claims);
	claims.expires = claims.issued + life_s * 1000;
	if (key_hold_take(call->server->signing, &hold, err) ||
		token_sign(hold.keys, &claims, &access, err) || str_check(&access, err))
		return -1;
	body = json_object();
	wire_set_text(&body, "access_token", access.data);
	wire_set_text(&body, "token_type", "Bearer");
	wire_set_int(&body, "expires_in", life_s);
	wire_set_text(&body, "refresh_token", refresh);
	wire_set_json(&body, "user", account_user(user));
	http_add_header(&call->response, "Cache-Control", "no-store");
	return http_answer_json(call, status, body, err);
}

int account_answer_new_session(struct http_call *call, int status, const struct user *user,
	const char *label, struct err *err)
{
	char refresh[SECRET_TEXT_MAX];
	struct session session;

	if (session_start(call->store, user, label, refresh, &session, err))
		return -1;
	return account_answer_session(call, status, user, &session, refresh, err);
}

/* --- passwords ---------------------------------------------------------------------------- */

/* A place may have been handed to a call that then found no worker. */
static void free_work(void *data)
{
	struct account_work *work = data;

	gate_leave(work->gate, &work->place);
	mem_wipe(data, sizeof(struct account_work));
	free(data);
}

int account_work(struct http_call *call, struct account_work **out, struct err *err)
{
	if (!call->work) {
		call->work = mem_calloc(1, sizeof(struct account_work));
		if (!call->work)
			return err_no_memory(err);
		call->work_free = free_work;
	}
	*out = call->work;
	(*out)->gate = call->server->gate;
	return 0;
}

void account_set_subject(
	struct http_call *call, struct account_work *work, const char *what, const char *address)
{
	uint8_t peer[16];
	char hex[2 * sizeof(peer) + 1];
	struct sha256 target;

	limit_peer_key(call->request.peer, peer);
	hex_encode(peer, sizeof(peer), hex);
	snprintf(work->subject, sizeof(work->subject), "%s|%s|%s", what, hex, address);
	crypt_sha256_two(what, strlen(what) + 1, address, strlen(address), &target);
	memcpy(work->target, target.bytes, sizeof(work->target));
}

int account_check_failures(struct http_call *call, const struct account_work *work, struct err *err)
{
	static const struct limit_rate rate = {.count = ACCOUNT_TRIES, .seconds = 3600};
	_cleanup_key_hold_ struct key_hold hold = KEY_HOLD_INIT;
	struct limit_left left;
	int64_t wait_ms = 0;

	if (key_hold_take(call->server->signing, &hold, err) ||
		throttle_check(call->store, hold.keys, "account", work->subject, &wait_ms, err))
		return -1;
	if (wait_ms <= 0 &&
		!limiter_take(call->server->limiter, LIMIT_TARGET, work->target, &rate,
			call->request.began_us, &left))
		wait_ms = left.retry_after * 1000;
	if (wait_ms <= 0)
		return 0;
	account_refuse_for(call, wait_ms);
	return 1;
}

int account_note_failure(struct http_call *call, const struct account_work *work, struct err *err)
{
	_cleanup_key_hold_ struct key_hold hold = KEY_HOLD_INIT;

	call->response.keep = true;
	return key_hold_take(call->server->signing, &hold, err) ||
			throttle_note_failure(
				call->store, hold.keys, "account", work->subject, err) ?
		-1 :
		0;
}

int account_clear_failures(struct http_call *call, const struct account_work *work, struct err *err)
{
	_cleanup_key_hold_ struct key_hold hold = KEY_HOLD_INIT;

	return key_hold_take(call->server->signing, &hold, err) ||
			throttle_clear(call->store, hold.keys, "account", work->subject, err) ?
		-1 :
		0;
}

int account_hash(
	struct http_call *call, struct account_work *work, const char *password, struct err *err)
{
	int got = gate_enter(call->server->gate, call, &work->place, err);

	if (got)
		return got;
	got = password_hash(password, strlen(password), work->hash, err);
	gate_leave(call->server->gate, &work->place);
	work->hashed = got == 0;
	return got;
}

int account_check(
	struct http_call *call, struct account_work *work, const char *password, struct err *err)
{
	int got = gate_enter(call->server->gate, call, &work->place, err);

	if (got)
		return got;
	got = user_check_password(
		call->store, work->found ? &work->user : NULL, password, strlen(password), err);
	gate_leave(call->server->gate, &work->place);
	work->checked = got >= 0;
	work->right = got == 1;
	return got < 0 ? -1 : 0;
}
