/* invites.c - links by which people register, and join an album.
 *
 * Who has no account uses one by registering (accounts.c).  Invariant: the token of a link is in the answer that makes it and nowhere
 * else.
 */
#include "http/account.h"
#include "http/server.h"
#include "store/user_code.h"

#define USES_MAX 1000

static json_t *describe(const struct invite *invite)
{
	json_t *body = json_object();

	wire_set_uuid(&body, "id", &invite->id);
	if (invite->has_album) {
		wire_set_uuid(&body, "album", &invite->album);
		wire_set_text(&body, "role", role_name(invite->role));
	}
	account_set_time(&body, "created", invite->created);
	account_set_time(&body, "expires", invite->expires);
	wire_set_int(&body, "uses", invite->uses);
	wire_set_int(&body, "max_uses", invite->max_uses);
	return body;
}

static int add_invite(void *data, const struct invite *invite, struct err *err)
{
	json_t *one = describe(invite);

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
		invite_each(call->store, &user, add_invite, array, err))
		return -1;
	body = json_object();
	wire_set_json(&body, "invites", mem_steal(&array));
	return http_answer_json(call, 200, body, err);
}

/* The album of the body, which exists for those alone who are in it: 1, 0 none was named, -1. */
static int read_album(
	struct http_call *call, const json_t *body, struct album_ref *out, struct err *err)
{
	static const struct db_sql sql = {"invite_album",
		"SELECT a.key FROM album AS a JOIN view_album AS v ON v.album = a.key"
		" JOIN view_participant AS p ON p.album = a.key"
		" WHERE a.id = :album AND a.kind = 'album' AND v.deleted = 0 AND p.id = :user"
		" AND p.removed IS NULL"};
	const json_t *given = json_object_get(body, "album");
	struct album_ref album;
	int got;

	if (!given || json_is_null(given))
		return 0;
	if (wire_get_uuid(body, "album", WIRE_REQUIRED, &album.id, err))
		return -1;
	got = db_get_int(call->store->db, &sql, &album.key, err, DB_UUID(":album", &album.id),
		DB_UUID(":user", &call->caller.user));
	if (got == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such album");
	if (got == 1)
		*out = album;
	return got;
}

/* What people open.  The token stands behind '#': it is sent to no server and stands in no log. */
static void set_link(struct http_call *call, json_t **answer, const char *token)
{
	const struct settings *settings = settings_get(call->server->options.settings);
	_cleanup_str_ struct str url = STR_INIT(4096);

	str_addf(&url, "%s/join#%s", settings->url, token);
	if (settings->url[0] && !url.failed)
		wire_set_text(answer, "link", url.data);
	settings_put(settings);
}

static int make(struct http_call *call, struct err *err)
{
	static const char *const keys[] = {"album", "role", "expires", "max_uses", NULL};
	_cleanup_json_ json_t *body = http_body_object(call, err);
	struct invite_draft draft = {.role = ROLE_MEMBER, .max_uses = 1};
	char token[SECRET_TEXT_MAX];
	const char *role = NULL;
	struct album_ref album;
	struct invite invite;
	struct user user;
	json_t *answer;
	int got;

	if (!body || wire_only_keys(body, keys, err) ||
		wire_get_text(body, "role", WIRE_OPTIONAL, 32, &role, err) ||
		(role && role_parse(role, &draft.role, err)) ||
		wire_get_int(body, "max_uses", WIRE_OPTIONAL, 1, USES_MAX, &draft.max_uses, err) ||
		account_read_expires(call, body, &draft.expires, err) ||
		account_of_caller(call, &user, err))
		return -1;
	got = read_album(call, body, &album, err);
	if (got < 0)
		return -1;
	draft.album = got ? &album : NULL;
	if (invite_make(call->store, &user, &draft, token, &invite, err))
		return -1;
	answer = describe(&invite);
	wire_set_text(&answer, "token", token);
	set_link(call, &answer, token);
	http_add_header(&call->response, "Cache-Control", "no-store");
	return http_answer_json(call, 201, answer, err);
}

static int revoke(struct http_call *call, struct err *err)
{
	struct invite invite;
	struct uuid id;
	int got;

	if (http_param_uuid(call, "invite", &id, err))
		return -1;
	got = invite_get(call->store, &id, &invite, err);
	if (got < 0)
		return -1;
	if (got == 0 || !uuid_equal(&invite.user, &call->caller.user))
		return err_set(err, ERR_NOT_FOUND, "there is no such invitation");
	if (invite_revoke(call->store, &invite, err))
		return -1;
	return http_answer_empty(call, 204, err);
}

/* Who has an account joins the album.  Which token does not hold, and why, is nobody's business. */
static int use(struct http_call *call, struct err *err)
{
	static const char *const keys[] = {"invite", NULL};
	_cleanup_json_ json_t *body = http_body_object(call, err);
	const char *token = NULL;
	struct invite invite;
	struct user user;
	json_t *answer;
	int got;

	if (!body || wire_only_keys(body, keys, err) ||
		wire_get_text(body, "invite", WIRE_REQUIRED, SECRET_TEXT_MAX, &token, err) ||
		account_of_caller(call, &user, err))
		return -1;
	got = invite_find(call->store, token, &invite, err);
	if (got == 0 || (got == 1 && !invite.has_album))
		return err_set(err, ERR_NOT_FOUND, "there is no such invitation into an album");
	if (got < 0 || invite_use(call->store, &invite, &user, err))
		return -1;
	answer = json_object();
	wire_set_uuid(&answer, "album", &invite.album);
	return http_answer_json(call, 200, answer, err);
}

const struct http_route invites_routes[] = {
	{"listInvites", HTTP_GET, "/v1/invites", ACCESS_USER, .scope = SCOPE_ACCOUNT,
		.lane = LANE_POOL, .handle = list},
	{"makeInvite", HTTP_POST, "/v1/invites", ACCESS_USER, .scope = SCOPE_ACCOUNT | SCOPE_WRITE,
		.lane = LANE_WRITE, .body_max = ACCOUNT_BODY_MAX, .handle = make},
	{"revokeInvite", HTTP_DELETE, "/v1/invites/{invite}", ACCESS_USER, .scope = SCOPE_ACCOUNT,
		.lane = LANE_WRITE, .handle = revoke},
	{"useInvite", HTTP_POST, "/v1/join", ACCESS_USER, .scope = SCOPE_WRITE, .lane = LANE_WRITE,
		.body_max = ACCOUNT_BODY_MAX, .handle = use},
	{.name = NULL},
};
