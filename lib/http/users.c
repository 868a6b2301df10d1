/* users.c - the accounts of a server, for its administrators.
 *
 * People change their own account in sessions.c.  Invariant: who is deleted by DELETE was asked about: what becomes of
 * their words and photos is a part of the request.
 */
#include "http/account.h"
#include "http/server.h"

#include <string.h>

#define QUOTA_MAX ((int64_t)1 << 60)

static int find(struct http_call *call, struct user *out, struct err *err)
{
	struct uuid id;
	int got;

	if (http_param_uuid(call, "user", &id, err))
		return -1;
	got = user_get(call->store, &id, out, err);
	return got == 0 ? err_set(err, ERR_NOT_FOUND, "there is no such user") : got < 0 ? -1 : 0;
}

static int answer_user(struct http_call *call, int status, const struct user *user, struct err *err)
{
	int64_t bytes;
	json_t *body;

	if (user_usage(call->store, &user->id, &bytes, err))
		return -1;
	body = account_user(user);
	wire_set_int(&body, "used", bytes);
	return http_answer_json(call, status, body, err);
}

static int add_user(void *data, const struct user *user, struct err *err)
{
	json_t *one = account_user(user);

	return !one || json_array_append_new(data, one) ? err_no_memory(err) : 0;
}

static int list(struct http_call *call, struct err *err)
{
	_cleanup_json_ json_t *array = json_array();
	json_t *body;

	if (!array)
		return err_no_memory(err);
	if (user_each(call->store, add_user, array, err))
		return -1;
	body = json_object();
	wire_set_json(&body, "users", mem_steal(&array));
	return http_answer_json(call, 200, body, err);
}

static int show(struct http_call *call, struct err *err)
{
	struct user user;

	return find(call, &user, err) ? -1 : answer_user(call, 200, &user, err);
}

/* --- what a body says --------------------------------------------------------------------- */

struct wishes {
	const char *name, *password; /* NULL: unchanged */
	struct user_address phone, email;
	bool has_phone, has_email;
	bool has_admin, admin, has_disabled, disabled, has_quota;
	int64_t quota;
};

static bool is_given(const json_t *body, const char *key)
{
	const json_t *value = json_object_get(body, key);

	return value && !json_is_null(value);
}

static int read_address(struct http_call *call, const json_t *body, const char *key, bool *has,
	struct user_address *out, struct err *err)
{
	const char *text = NULL;

	*has = is_given(body, key);
	if (!*has)
		return 0;
	if (wire_get_text(body, key, WIRE_REQUIRED, USER_EMAIL_MAX - 1, &text, err) ||
		user_address_parse(call->store, text, out, err))
		return -1;
	return out->phone == !strcmp(key, "phone") ?
		0 :
		err_set(err, ERR_INVALID, "\"%s\" is none", key);
}

/* "quota": bytes, or null for what the server gives to everybody. */
static int read_quota(const json_t *body, struct wishes *out, struct err *err)
{
	const json_t *value = json_object_get(body, "quota");

	out->has_quota = value != NULL;
	out->quota = USER_QUOTA_DEFAULT;
	return wire_get_int(body, "quota", WIRE_OPTIONAL, 0, QUOTA_MAX, &out->quota, err);
}

static int read_wishes(struct http_call *call, const json_t *body, enum wire_need name,
	struct wishes *out, struct err *err)
{
	static const char *const keys[] = {
		"name", "phone", "email", "password", "admin", "disabled", "quota", NULL};

	out->has_admin = is_given(body, "admin");
	out->has_disabled = is_given(body, "disabled");
	return wire_only_keys(body, keys, err) || account_read_name(body, name, &out->name, err) ||
			account_read_password(
				body, "password", WIRE_OPTIONAL, &out->password, err) ||
			read_address(call, body, "phone", &out->has_phone, &out->phone, err) ||
			read_address(call, body, "email", &out->has_email, &out->email, err) ||
			wire_get_bool(body, "admin", WIRE_OPTIONAL, &out->admin, err) ||
			wire_get_bool(body, "disabled", WIRE_OPTIONAL, &out->disabled, err) ||
			read_quota(body, out, err) ?
		-1 :
		0;
}

/* The password of the body is hashed on a worker, first: 0 go on, HTTP_PARK or HTTP_WRITE: return it, -1. */
static int hash_first(struct http_call *call, struct account_work *work,
	const struct wishes *wishes, struct err *err)
{
	int got;

	if (call->tx)
		return 0;
	if (!wishes->password)
		return HTTP_WRITE;
	got = account_hash(call, work, wishes->password, err);
	return got ? got : HTTP_WRITE;
}

/* An API key never gets its holder more than itself: it gives no way to sign in as somebody who is there, and makes
 * nobody an administrator. */
static int check_key(
	struct http_call *call, const struct wishes *wishes, bool there, struct err *err)
{
	bool door = there && (wishes->password || wishes->has_phone || wishes->has_email);
	bool session;

	if (!door && !wishes->admin)
		return 0;
	if (account_is_session(call, &session, err))
		return -1;
	return session ? 0 :
			 err_set(err, ERR_DENIED,
				 "an API key makes no administrators and does not change how "
				 "somebody signs in");
}

/* --- changing ----------------------------------------------------------------------------- */

static int make(struct http_call *call, struct err *err)
{
	_cleanup_json_ json_t *body = http_body_object(call, err);
	struct wishes wishes = {.name = NULL};
	struct account_work *work;
	struct user_draft draft;
	struct user user;
	int got;

	if (!body || account_work(call, &work, err) ||
		read_wishes(call, body, WIRE_REQUIRED, &wishes, err) ||
		check_key(call, &wishes, false, err))
		return -1;
	got = hash_first(call, work, &wishes, err);
	if (got)
		return got;
	draft = (struct user_draft){.name = wishes.name,
		.phone = wishes.has_phone ? &wishes.phone : NULL,
		.email = wishes.has_email ? &wishes.email : NULL,
		.password_hash = work->hashed ? work->hash : NULL,
		.admin = wishes.admin,
		.quota = wishes.quota};
	if (user_add(call->store, &draft, &user, err) ||
		(wishes.disabled && user_set_disabled(call->store, &user, true, err)) ||
		user_get(call->store, &user.id, &user, err) != 1)
		return -1;
	return answer_user(call, 201, &user, err);
}

static int apply(struct store *store, const struct user *user, const struct account_work *work,
	const struct wishes *wishes, struct err *err)
{
	if (wishes->name && user_set_name(store, user, wishes->name, err))
		return -1;
	if ((wishes->has_phone || wishes->has_email) &&
		user_set_addresses(store, user, wishes->has_phone ? &wishes->phone : NULL,
			wishes->has_email ? &wishes->email : NULL, err))
		return -1;
	if (wishes->has_admin && user_set_admin(store, user, wishes->admin, err))
		return -1;
	if (wishes->has_quota && user_set_quota(store, user, wishes->quota, err))
		return -1;
	if (work->hashed && user_set_password(store, user, work->hash, err))
		return -1;
	/* Last: it changes what user_set_password would look at. */
	return wishes->has_disabled ? user_set_disabled(store, user, wishes->disabled, err) : 0;
}

static int change(struct http_call *call, struct err *err)
{
	_cleanup_json_ json_t *body = http_body_object(call, err);
	struct wishes wishes = {.name = NULL};
	struct account_work *work;
	struct user user;
	int got;

	if (!body || account_work(call, &work, err) ||
		read_wishes(call, body, WIRE_OPTIONAL, &wishes, err) ||
		check_key(call, &wishes, true, err) || find(call, &user, err))
		return -1;
	got = hash_first(call, work, &wishes, err);
	if (got)
		return got;
	if (apply(call->store, &user, work, &wishes, err) || find(call, &user, err))
		return -1;
	return answer_user(call, 200, &user, err);
}

static void close_store(struct store **store)
{
	store_close(*store);
}

/* Erasing takes many short transactions, which the writer's groups are not: it has a store of its own, as a command
 * would. */
static int erase_user(struct http_call *call, const struct user *user,
	struct user_departure *departure, struct err *err)
{
	_cleanup_(close_store) struct store *store = NULL;

	return server_open_store(call->server, STORE_WRITE, &store, err) ||
			user_delete(store, user, true, departure, err) || store_settle(store, err) ?
		-1 :
		0;
}

/* DELETE /v1/users/{user}?content=keep|erase[&dry_run=1]: what they said and brought stays in the albums under their
 * name, or is taken back for good. */
static int remove_user(struct http_call *call, struct err *err)
{
	const char *content = http_query(&call->request, "content");
	bool erase = content && !strcmp(content, "erase");
	struct user_departure departure;
	int64_t dry_run;
	struct user user;
	json_t *body;
	int failed;

	if (http_query_int(&call->request, "dry_run", 0, 1, 0, &dry_run, err) ||
		find(call, &user, err))
		return -1;
	if (!content || (!erase && strcmp(content, "keep") != 0))
		return err_set(err, ERR_INVALID,
			"say what becomes of their words and photos: content=keep or "
			"content=erase");
	if (!dry_run && !erase && !call->tx)
		return HTTP_WRITE;
	if (dry_run)
		failed = user_departure(call->store, &user, &departure, err);
	else if (erase)
		failed = erase_user(call, &user, &departure, err);
	else
		failed = user_delete(call->store, &user, false, &departure, err);
	if (failed)
		return -1;
	body = json_object();
	wire_set_text(&body, "content", content);
	wire_set_int(&body, "albums", departure.albums);
	wire_set_int(&body, "handed", departure.handed);
	wire_set_int(&body, "photos", departure.photos);
	wire_set_int(&body, "messages", departure.messages);
	return http_answer_json(call, 200, body, err);
}

const struct http_route users_routes[] = {
	{"listUsers", HTTP_GET, "/v1/users", ACCESS_ADMIN, .scope = SCOPE_ADMIN, .lane = LANE_POOL,
		.handle = list},
	{"makeUser", HTTP_POST, "/v1/users", ACCESS_ADMIN, .scope = SCOPE_ADMIN, .lane = LANE_POOL,
		.body_max = ACCOUNT_BODY_MAX, .handle = make},
	{"showUser", HTTP_GET, "/v1/users/{user}", ACCESS_ADMIN, .scope = SCOPE_ADMIN,
		.lane = LANE_POOL, .handle = show},
	{"changeUser", HTTP_PATCH, "/v1/users/{user}", ACCESS_ADMIN, .scope = SCOPE_ADMIN,
		.lane = LANE_POOL, .body_max = ACCOUNT_BODY_MAX, .handle = change},
	{"deleteUser", HTTP_DELETE, "/v1/users/{user}", ACCESS_ADMIN, .scope = SCOPE_ADMIN,
		.lane = LANE_POOL, .handle = remove_user},
	{.name = NULL},
};
