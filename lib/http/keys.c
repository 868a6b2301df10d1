/* keys.c - API keys: what programs sign in with.
 *
 * Invariant: a key may never do more, nor live longer, than what it is made with.
 */
#include "http/account.h"

static json_t *describe(const struct api_key *key)
{
	json_t *body = json_object();

	wire_set_uuid(&body, "id", &key->id);
	wire_set_text(&body, "name", key->name);
	account_set_scopes(&body, key->scopes);
	account_set_time(&body, "created", key->created);
	account_set_time(&body, "expires", key->expires);
	account_set_time(&body, "used", key->used);
	return body;
}

static int add_key(void *data, const struct api_key *key, struct err *err)
{
	json_t *one = describe(key);

	return !one || json_array_append_new(data, one) ? err_no_memory(err) : 0;
}

static int list(struct http_call *call, struct err *err)
{
	_cleanup_json_ json_t *array = json_array();
	json_t *body;
	struct user user;

	if (!array)
		return err_no_memory(err);
	if (account_of_caller(call, &user, err) ||
		api_key_each(call->store, &user, add_key, array, err))
		return -1;
	body = json_object();
	wire_set_json(&body, "tokens", mem_steal(&array));
	return http_answer_json(call, 200, body, err);
}

/* The key's text is in this answer and nowhere else. */
static int make(struct http_call *call, struct err *err)
{
	static const char *const keys[] = {"name", "scopes", "expires", NULL};
	_cleanup_json_ json_t *body = http_body_object(call, err);
	struct api_key_draft draft = {.maker_scopes = call->caller.scopes};
	char text[SECRET_TEXT_MAX];
	struct api_key key;
	struct user user;
	json_t *answer;
	bool session;

	if (!body || wire_only_keys(body, keys, err) ||
		wire_get_text(
			body, "name", WIRE_REQUIRED, API_KEY_NAME_MAX - 1, &draft.name, err) ||
		account_read_scopes(body, &draft.scopes, err) ||
		account_read_expires(call, body, &draft.expires, err) ||
		account_of_caller(call, &user, err) || account_is_session(call, &session, err))
		return -1;
	if (!session)
		draft.maker = call->caller.session;
	if (api_key_make(call->store, &user, &draft, text, &key, err))
		return -1;
	answer = describe(&key);
	wire_set_text(&answer, "token", text);
	http_add_header(&call->response, "Cache-Control", "no-store");
	return http_answer_json(call, 201, answer, err);
}

static int revoke(struct http_call *call, struct err *err)
{
	struct uuid id;
	struct user user;

	if (http_param_uuid(call, "token", &id, err) || account_of_caller(call, &user, err) ||
		api_key_revoke(call->store, &user, &id, err))
		return -1;
	return http_answer_empty(call, 204, err);
}

const struct http_route keys_routes[] = {
	{"listTokens", HTTP_GET, "/v1/tokens", ACCESS_USER, .scope = SCOPE_ACCOUNT,
		.lane = LANE_POOL, .handle = list},
	{"makeToken", HTTP_POST, "/v1/tokens", ACCESS_USER, .scope = SCOPE_ACCOUNT,
		.lane = LANE_WRITE, .body_max = ACCOUNT_BODY_MAX, .handle = make},
	{"revokeToken", HTTP_DELETE, "/v1/tokens/{token}", ACCESS_USER, .scope = SCOPE_ACCOUNT,
		.lane = LANE_WRITE, .handle = revoke},
	{.name = NULL},
};
