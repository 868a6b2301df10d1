/* caller.c (test) - who a token says is asking: what is remembered, and for how long. */
#include "http/server.h"
#include "store/user_session.h"
#include "store_fixture.h"

static struct server *server;
static struct http_thread *thread;
static struct store *store; /* that changes accounts, as another process would */
static struct token_keys *keys;
static _Atomic int64_t now = FIXTURE_START;

static int64_t read_now(const struct clock *clock)
{
	(void)clock;
	return now;
}

static const struct clock still = {.now_ms = read_now, .mono_us = read_now};

/* 1 known, 0 nobody, -1 refused; the caller in *out. */
static int find(const char *header, struct caller *out)
{
	struct http_call *call = NULL;
	int got;

	if (call_new(server, &call, &err) ||
		(header && call_add_header(call, "Authorization", header, &err)))
		exit(1);
	call->request.began_us = now * 1000;
	got = caller_find(call, thread->store, &err);
	*out = call->caller;
	call_free(call);
	return got ? -1 : out->known;
}

static int find_token(const char *token, struct caller *out)
{
	char header[TOKEN_MAX + 16];

	snprintf(header, sizeof(header), "Bearer %s", token);
	return find(header, out);
}

static int find_any(const char *token)
{
	struct caller caller;

	return find_token(token, &caller);
}

static struct user add_user(const char *name, bool admin)
{
	struct user_draft draft = {.name = name, .admin = admin, .quota = USER_QUOTA_DEFAULT};
	struct user user;

	ok_call(user_add(store, &draft, &user, &err), &err, "a user");
	return user;
}

static void sign_in(const struct user *user, int64_t life_ms, struct session *session, char *out)
{
	struct str text = STR_INIT(TOKEN_MAX);
	char refresh[SECRET_TEXT_MAX];
	struct token_claims claims;

	if (session_start(store, user, "test", refresh, session, &err))
		exit(1);
	session_claims(store, session, user, &claims);
	claims.expires = claims.issued + life_ms;
	if (token_sign(keys, &claims, &text, &err))
		exit(1);
	snprintf(out, TOKEN_MAX, "%s", text.data);
	str_release(&text);
}

static void test_nobody(void)
{
	struct caller caller;

	is_int(find(NULL, &caller), 0, "no header is nobody");
	is_int(find("Basic YTpi", &caller), -1, "another scheme is refused");
	is_int(err.kind, ERR_DENIED, "as not allowed");
	is_int(find("Bearer x", &caller), -1, "so is what is no token");
	is_int(find("Bearer phk_x", &caller), -1, "or no key");
	ok(!caller.known, "and nobody is known by it");
}

static void test_session(void)
{
	struct user bob = add_user("bob", false), root = add_user("root", true);
	char token[TOKEN_MAX], admin[TOKEN_MAX];
	struct session session, other;
	struct caller caller;

	sign_in(&bob, 60000, &session, token);
	sign_in(&root, 60000, &other, admin);
	is_int(find_token(token, &caller), 1, "a session's token is known");
	ok(uuid_equal(&caller.user, &bob.id) && uuid_equal(&caller.session, &session.id),
		"as its user and session");
	is_int(caller.scopes, SCOPE_ALL & ~SCOPE_ADMIN, "with what they may");
	ok(!caller.admin, "which is not administration");
	ok(find_token(admin, &caller) == 1 && caller.admin && caller.scopes == SCOPE_ALL,
		"an administrator's is");

	ok_call(session_end(store, &bob, &session.id, &err), &err, "the session ends");
	is_int(find_any(token), 1, "the server remembers, until it looks");
	server->generation++;
	is_int(find_any(token), -1, "then it is over");
	is_int(find_any(admin), 1, "and the other still holds");
	ok_call(user_set_admin(store, &root, false, &err), &err,
		"root is no administrator any more");
	server->generation++;
	ok(find_token(admin, &caller) == 1 && !caller.admin && !(caller.scopes & SCOPE_ADMIN),
		"nor is their token");
	now += 59000;
	is_int(find_any(admin), 1, "near its end it holds");
	now += 2000;
	is_int(find_any(admin), -1, "after it no more, though it is remembered");
}

static void test_api_key(void)
{
	struct user carol = add_user("carol", true);
	struct api_key_draft draft = {.name = "backup",
		.scopes = SCOPE_READ,
		.expires = now + 90000,
		.maker_scopes = SCOPE_ALL};
	char text[SECRET_TEXT_MAX];
	struct api_key key;
	struct caller caller;

	ok_call(api_key_make(store, &carol, &draft, text, &key, &err), &err, "an API key");
	is_int(find_token(text, &caller), 1, "is known");
	ok(caller.scopes == SCOPE_READ && !caller.admin && uuid_equal(&caller.session, &key.id),
		"may what it may, whoever made it");
	now += 61000;
	is_int(find_any(text), 1, "it is looked at again after a minute");
	now += 30000;
	is_int(find_any(text), -1, "and ends when it ends");
	draft.expires = 0;
	ok_call(api_key_make(store, &carol, &draft, text, &key, &err), &err, "another");
	is_int(find_any(text), 1, "without an end");
	ok_call(user_set_disabled(store, &carol, true, &err), &err, "its user is disabled");
	server->generation++;
	is_int(find_any(text), -1, "which ends it");
}

/* More than are remembered: nobody is taken for another. */
static void test_many(void)
{
	enum { COUNT = 300 };
	static char tokens[COUNT][SECRET_TEXT_MAX];
	static struct uuid ids[COUNT];
	struct user dora = add_user("dora", false);
	struct api_key_draft draft = {
		.name = "many", .scopes = SCOPE_READ, .maker_scopes = SCOPE_ALL};
	struct api_key key;
	struct caller caller;
	int right = 0;

	for (int i = 0; i < COUNT; i++) {
		if (api_key_make(store, &dora, &draft, tokens[i], &key, &err))
			exit(1);
		ids[i] = key.id;
	}
	for (int i = 0; i < 2 * COUNT; i++)
		right += find_token(tokens[i * 7 % COUNT], &caller) == 1 &&
			uuid_equal(&caller.session, &ids[i * 7 % COUNT]);
	is_int(right, 2 * COUNT, "many keys");
}

int main(void)
{
	struct settings_source source = {.listen = "127.0.0.1:0"};
	struct server_options options = {.clock = &still, .workers = 2};
	static const char *const environment[] = {"PINHOLE_SERVE_RATE_PUBLIC=0", NULL};
	struct settings_box *settings = NULL;
	struct fixture f;

	fixture_open(&f);
	source.store_dir = options.dir = f.dir;
	source.environment = environment;
	ok_call(settings_open(&source, &settings, &err), &err, "settings");
	options.settings = settings;
	ok_call(server_open(&options, &server, &err), &err, "a server");
	ok_call(store_open(f.dir, STORE_WRITE, &still, NULL, &store, &err), &err, "its store");
	ok_call(token_keys_open(f.dir, &keys, &err), &err, "and keys");
	ok_call(http_thread_open(server, &thread, &err), &err, "a thread");
	test_nobody();
	test_session();
	test_api_key();
	test_many();
	http_thread_close(thread);
	token_keys_free(keys);
	store_close(store);
	server_close(server);
	settings_close(settings);
	fixture_close(&f);
	return tap_done();
}
