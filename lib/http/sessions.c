/* sessions.c - what signed-in people hold: tokens, sessions, their own account.
 *
 * Invariant: a session or account that is not the caller's is answered as one that does not exist.
 */
#include "http/account.h"
#include "http/limit.h"
#include "http/server.h"

#include <string.h>

/* --- tokens ------------------------------------------------------------------------------- */

/* A refresh token that comes a second time ends its session, and that is kept. */
static int refresh(struct http_call *call, struct err *err)
{
	_cleanup_json_ json_t *body = http_body_object(call, err);
	_cleanup_key_hold_ struct key_hold hold = KEY_HOLD_INIT;
	char next[SECRET_TEXT_MAX];
	const char *token = NULL;
	struct session session;
	struct user user;
	int got;

	if (!body ||
		wire_get_text(body, "refresh_token", WIRE_REQUIRED, SECRET_TEXT_MAX, &token, err) ||
		key_hold_take(call->server->signing, &hold, err))
		return -1;
	got = session_refresh(call->store, hold.keys, token, next, &session, &user, err);
	if (got < 0)
		return -1;
	if (got == 0) {
		call->response.keep = true;
		return account_refuse(
			call, 401, ERR_DENIED, "the refresh token does not hold: sign in again");
	}
	return account_answer_session(call, 200, &user, &session, next, err);
}

static int logout(struct http_call *call, struct err *err)
{
	struct user user;
	bool session;

	if (account_of_caller(call, &user, err) || account_is_session(call, &session, err))
		return -1;
	if (!session)
		return err_set(err, ERR_INVALID, "an API key is not logged out but revoked");
	if (session_end(call->store, &user, &call->caller.session, err))
		return -1;
	return http_answer_empty(call, 204, err);
}

static int revoke_all(struct http_call *call, struct err *err)
{
	struct user user;

	if (account_of_caller(call, &user, err) || user_revoke_all(call->store, &user, err))
		return -1;
	return http_answer_empty(call, 204, err);
}

/* --- sessions ----------------------------------------------------------------------------- */

struct listing {
	json_t *array;
	const struct uuid *current;
};

static int add_session(void *data, const struct session *session, struct err *err)
{
	struct listing *listing = data;
	json_t *one = json_object();

	wire_set_uuid(&one, "id", &session->id);
	wire_set_text(&one, "device", session->label);
	account_set_time(&one, "created", session->created);
	account_set_time(&one, "used", session->used);
	account_set_time(&one, "expires", session->expires);
	wire_set_bool(&one, "current", uuid_equal(&session->id, listing->current));
	return !one || json_array_append_new(listing->array, one) ? err_no_memory(err) : 0;
}

static int list(struct http_call *call, struct err *err)
{
	struct listing listing = {.current = &call->caller.session};
	json_t *body = json_object();
	struct user user;

	listing.array = json_array();
	if (!body || !listing.array || account_of_caller(call, &user, err) ||
		session_each(call->store, &user, add_session, &listing, err)) {
		json_decref(listing.array);
		json_decref(body);
		return err->kind ? -1 : err_no_memory(err);
	}
	wire_set_json(&body, "sessions", listing.array);
	return http_answer_json(call, 200, body, err);
}

static int end(struct http_call *call, struct err *err)
{
	struct uuid id;
	struct user user;

	if (http_param_uuid(call, "session", &id, err) || account_of_caller(call, &user, err) ||
		session_end(call->store, &user, &id, err))
		return -1;
	return http_answer_empty(call, 204, err);
}

/* --- one's own account -------------------------------------------------------------------- */

static int answer_me(struct http_call *call, const struct user *user, struct err *err)
{
	json_t *body = account_user(user);
	int64_t bytes;

	if (user_usage(call->store, &user->id, &bytes, err)) {
		json_decref(body);
		return -1;
	}
	wire_set_int(&body, "used", bytes);
	account_set_scopes(&body, call->caller.scopes);
	return http_answer_json(call, 200, body, err);
}

static int show_me(struct http_call *call, struct err *err)
{
	struct user user;

	return account_of_caller(call, &user, err) ? -1 : answer_me(call, &user, err);
}

static int change_me(struct http_call *call, struct err *err)
{
	static const char *const keys[] = {"name", NULL};
	_cleanup_json_ json_t *body = http_body_object(call, err);
	const char *name = NULL;
	struct user user;

	if (!body || wire_only_keys(body, keys, err) ||
		account_read_name(body, WIRE_REQUIRED, &name, err) ||
		account_of_caller(call, &user, err) ||
		user_set_name(call->store, &user, name, err) || account_of_caller(call, &user, err))
		return -1;
	return answer_me(call, &user, err);
}

/* In the WRITE lane: all tokens end, and the caller gets new ones. */
static int set_password(struct http_call *call, const json_t *body, const struct account_work *work,
	struct err *err)
{
	struct user user;

	if (account_of_caller(call, &user, err))
		return -1;
	if (!work->right || user.version != work->user.version) {
		if (account_note_failure(call, work, err))
			return -1;
		return account_refuse(call, 403, ERR_DENIED, "the old password is wrong");
	}
	if (user_set_password(call->store, &user, work->hash, err) ||
		account_of_caller(call, &user, err) || account_clear_failures(call, work, err))
		return -1;
	return account_answer_new_session(call, 200, &user, account_label(call, body), err);
}

/* Who has no password yet proves themselves by the session alone.  0 go on, 1 answered, -1. */
static int begin_password(
	struct http_call *call, struct account_work *work, const char *old, struct err *err)
{
	char id[UUID_TEXT_LEN + 1];
	bool session;
	int got;

	if (account_of_caller(call, &work->user, err) || account_is_session(call, &session, err))
		return -1;
	if (!session)
		return err_set(err, ERR_DENIED, "an API key does not change the password");
	uuid_format(&call->caller.user, id);
	account_set_subject(call, work, "password", id);
	got = account_check_failures(call, work, err);
	if (got)
		return got;
	if (work->user.has_password && !old)
		return err_set(err, ERR_INVALID, "\"old\", the password so far, is needed");
	work->found = true;
	work->begun = true;
	work->right = work->checked = !work->user.has_password;
	return 0;
}

static int change_password(struct http_call *call, struct err *err)
{
	_cleanup_json_ json_t *body = http_body_object(call, err);
	const char *password = NULL, *old = NULL;
	struct account_work *work;
	int got = 0;

	if (!body || account_work(call, &work, err) ||
		account_read_password(body, "password", WIRE_REQUIRED, &password, err) ||
		wire_get_text(body, "old", WIRE_OPTIONAL, PASSWORD_MAX, &old, err))
		return -1;
	if (call->tx)
		return set_password(call, body, work, err);
	if (!work->begun)
		got = limit_call(call, LIMIT_LOGIN) ? begin_password(call, work, old, err) : 1;
	if (got == 0 && !work->checked)
		got = account_check(call, work, old, err);
	if (got == 0 && !work->hashed)
		got = account_hash(call, work, password, err);
	return got == 0 ? HTTP_WRITE : got == 1 ? 0 : got;
}

const struct http_route sessions_routes[] = {
	{"refreshToken", HTTP_POST, "/v1/token/refresh", ACCESS_PUBLIC, .lane = LANE_WRITE,
		.body_max = ACCOUNT_BODY_MAX, .handle = refresh},
	{"logout", HTTP_POST, "/v1/logout", ACCESS_USER, .scope = SCOPE_ACCOUNT, .lane = LANE_WRITE,
		.handle = logout},
	{"revokeAllTokens", HTTP_POST, "/v1/tokens/revoke-all", ACCESS_USER, .scope = SCOPE_ACCOUNT,
		.lane = LANE_WRITE, .handle = revoke_all},
	{"listSessions", HTTP_GET, "/v1/sessions", ACCESS_USER, .scope = SCOPE_ACCOUNT,
		.lane = LANE_POOL, .handle = list},
	{"endSession", HTTP_DELETE, "/v1/sessions/{session}", ACCESS_USER, .scope = SCOPE_ACCOUNT,
		.lane = LANE_WRITE, .handle = end},
	{"showMe", HTTP_GET, "/v1/me", ACCESS_USER, .scope = SCOPE_READ, .lane = LANE_POOL,
		.handle = show_me},
	{"changeMe", HTTP_PATCH, "/v1/me", ACCESS_USER, .scope = SCOPE_ACCOUNT, .lane = LANE_WRITE,
		.body_max = ACCOUNT_BODY_MAX, .handle = change_me},
	{"changePassword", HTTP_PUT, "/v1/me/password", ACCESS_USER, .scope = SCOPE_ACCOUNT,
		.lane = LANE_POOL, .body_max = ACCOUNT_BODY_MAX, .handle = change_password},
	{.name = NULL},
};
