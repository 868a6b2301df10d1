/* Accounts: making, finding, changing, leaving; sessions, API keys, codes, invitations. */
#include "store_fixture.h"
#include "auth/password.h"
#include "store/message.h"
#include "store/photo.h"
#include "store/user_code.h"
#include "store/user_session.h"

#include <unistd.h>

#define DAY_MS ((int64_t)24 * 3600 * 1000)

static struct fixture f;
static struct token_keys *keys;
static struct user owner, anna, ben;

static int64_t access_mark(void)
{
	return fixture_number(
		&f, "SELECT coalesce((SELECT value FROM meta WHERE name = 'access'), 0)");
}

static struct user again(const struct user *user)
{
	struct user now = {.key = 0};

	ok(user_get(f.store, &user->id, &now, &err) == 1, "%s is there", user->name);
	return now;
}

static struct user add(const char *name, const char *phone, const char *email)
{
	struct user_address number, address;
	struct user_draft draft = {.name = name, .quota = USER_QUOTA_DEFAULT};
	struct user user = {.key = 0};

	if (phone && user_address_parse(f.store, phone, &number, &err) == 0)
		draft.phone = &number;
	if (email && user_address_parse(f.store, email, &address, &err) == 0)
		draft.email = &address;
	ok_call(user_add(f.store, &draft, &user, &err), &err, "%s is added", name);
	return user;
}

static void test_accounts(void)
{
	int64_t before = access_mark();
	struct user found, twice;

	ok_call(user_ensure_owner(f.store, &owner, &err), &err, "the owner has an account");
	ok(owner.admin && uuid_equal(&owner.id, &f.store->owner) && strcmp(owner.name, "Ada") == 0,
		"with the owner's id, as administrator");
	ok_call(user_ensure_owner(f.store, &twice, &err), &err, "asked for again");
	is_int(twice.key, owner.key, "it is the same");
	ok(access_mark() > before, "the mark of access moved");
	anna = add("Anna", "+33 6 12 34 56 78", "Anna@Example.ORG");
	ben = add("Ben", NULL, "ben@example.org");
	is_str(anna.phone, "+33612345678", "the number in one spelling");
	is_str(anna.email, "anna@example.org", "the address too");
	ok(!anna.admin && !anna.has_password && anna.quota == USER_QUOTA_DEFAULT, "nothing more");
	is_int(fixture_number(&f, "SELECT count(*) FROM album WHERE kind = 'self'"), 3,
		"each has a log of their own");
	ok(user_find_login(f.store, " ANNA@example.org", &found, &err) == 1 &&
			found.key == anna.key,
		"found by address");
	ok(user_find_login(f.store, "+33612345678", &found, &err) == 1 && found.key == anna.key,
		"found by number");
	is_int(user_find_login(f.store, "nobody@example.org", &found, &err), 0,
		"strangers are not");
	is_int(user_find_login(f.store, "a@b@c", &found, &err), 0, "nor what is no address");
	ok_call(user_find(f.store, "anna", &found, &err), &err, "an operator finds by name");
	ok(user_find(f.store, "Carl", &found, &err) == -1 && err.kind == ERR_NOT_FOUND, "or not");
}

static void test_taken(void)
{
	struct user_address address;
	struct user_draft draft = {.name = "Carl", .email = &address};
	struct user user;
	int64_t albums = fixture_number(&f, "SELECT count(*) FROM album");

	ok_call(user_address_parse(f.store, "ANNA@EXAMPLE.org", &address, &err), &err, "parsed");
	ok(user_add(f.store, &draft, &user, &err) == -1 && err.kind == ERR_CONFLICT,
		"an address belongs to one account");
	is_int(fixture_number(&f, "SELECT count(*) FROM album"), albums, "nothing was left behind");
	ok(user_set_addresses(f.store, &ben, NULL, &address, &err) == -1 &&
			err.kind == ERR_CONFLICT,
		"nor can it be taken over");
	draft = (struct user_draft){.name = "  "};
	ok(user_add(f.store, &draft, &user, &err) == -1 && err.kind == ERR_INVALID,
		"a name is needed");
	ok(user_address_parse(f.store, "x\"@example.org", &address, &err) == -1 &&
			user_address_parse(f.store, "x@example.org\nBcc: y", &address, &err) ==
				-1 &&
			user_address_parse(f.store, "call me", &address, &err) == -1,
		"what is no address is refused");
}

/* --- passwords and versions ----------------------------------------------------------------- */

static int right(const struct user *user, const char *password)
{
	return user_check_password(f.store, user, password, strlen(password), &err);
}

static void test_password(void)
{
	char hash[PASSWORD_HASH_MAX];
	struct user now;

	is_int(right(&anna, ""), 0, "without a password nobody signs in");
	password_hash("correct horse", 13, hash, &err);
	ok_call(user_set_password(f.store, &anna, hash, &err), &err, "one is set");
	now = again(&anna);
	is_int(now.version, anna.version + 1, "the version rose");
	ok(now.has_password, "it is known that there is one");
	is_int(right(&now, "correct horse"), 1, "the right one");
	is_int(right(&now, "wrong horse"), 0, "a wrong one");
	is_int(right(NULL, "correct horse"), 0, "nobody's");
	is_int(user_password_is_stale(f.store, &anna, &err), 0, "the hash is of today");
	ok_call(user_renew_hash(f.store, &anna, hash, &err), &err, "hashed anew");
	is_int(again(&anna).version, now.version, "which ends nothing");
	ok_call(user_renew_hash(
			f.store, &anna, "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaA", &err),
		&err, "a hash of other times");
	is_int(user_password_is_stale(f.store, &anna, &err), 1, "is known for one");
	ok_call(user_renew_hash(f.store, &anna, hash, &err), &err, "and mended");
	ok_call(user_set_disabled(f.store, &anna, true, &err), &err, "disabled");
	now = again(&anna);
	is_int(right(&now, "correct horse"), 0, "the right one helps no more");
	ok_call(user_set_disabled(f.store, &anna, false, &err), &err, "enabled");
	ok(user_set_disabled(f.store, &owner, true, &err) == -1 && err.kind == ERR_DENIED,
		"the owner cannot be disabled");
	ok(user_set_admin(f.store, &owner, false, &err) == -1 && err.kind == ERR_DENIED,
		"nor become a plain user");
	anna = again(&anna);
	is_int(fixture_grep(&f, "correct horse"), 0, "no file of the store holds the password");
}

/* --- sessions ------------------------------------------------------------------------------- */

static int refresh(const char *token, char next[SECRET_TEXT_MAX])
{
	struct session session;
	struct user user;

	return session_refresh(f.store, keys, token, next, &session, &user, &err);
}

static int holds(const struct session *session, const struct user *user)
{
	struct token_claims claims;
	struct user now;

	session_claims(f.store, session, user, &claims);
	return session_check(f.store, &claims, &now, &err);
}

static void test_refresh(void)
{
	char first[SECRET_TEXT_MAX], second[SECRET_TEXT_MAX], lost[SECRET_TEXT_MAX],
		third[SECRET_TEXT_MAX];
	struct session session;
	int64_t before;

	ok_call(session_start(f.store, &anna, "Anna's phone", first, &session, &err), &err,
		"signed in");
	is_int(fixture_grep(&f, first + 37), 0, "the token is in no file");
	is_int(holds(&session, &anna), 1, "the session holds");
	is_int(refresh(first, second), 1, "refreshed");
	ok(strcmp(first, second) != 0, "by another token");
	is_int(refresh(first, lost), 1, "asked again at once, as after a lost answer");
	is_str(lost, second, "the answer is the same");
	is_int(refresh(second, third), 1, "refreshed again");
	before = access_mark();
	is_int(refresh(first, lost), 0, "a token of long ago is refused");
	ok(access_mark() > before, "and everybody is told:");
	is_int(holds(&session, &anna), 0, "the session ended");
	is_int(refresh(third, lost), 0, "for both who had a token");
}

static void test_stolen(void)
{
	char tokens[50][SECRET_TEXT_MAX];
	struct session session;
	char next[SECRET_TEXT_MAX];
	int refreshed = 0;

	session_start(f.store, &anna, "x", tokens[0], &session, &err);
	for (int i = 1; i < 50; i++)
		refreshed += refresh(tokens[i - 1], tokens[i]);
	is_int(refreshed, 49, "49 times refreshed");
	tokens[49][40] = tokens[49][40] == 'A' ? 'B' : 'A';
	is_int(refresh(tokens[49], next), 0, "an invented token is refused");
	is_int(holds(&session, &anna), 1, "and ends nothing");
	is_int(refresh(tokens[0], next), 0, "the first of all is refused");
	is_int(holds(&session, &anna), 0, "and ends the session");
	session_start(f.store, &anna, "x", tokens[0], &session, &err);
	is_int(refresh(tokens[0], tokens[1]), 1, "a last one");
	fixture_time += SESSION_GRACE_MS + 1;
	is_int(refresh(tokens[0], next), 0, "has its grace only for a moment");
	is_int(refresh("", next), 0, "nothing is refused");
	is_int(refresh("phr_0123", next), 0, "so is a stub");
}

static int count_one(void *data, const struct session *session, struct err *e)
{
	(void)session;
	(void)e;
	++*(int *)data;
	return 0;
}

static void test_ending(void)
{
	char token[SECRET_TEXT_MAX], other[SECRET_TEXT_MAX], next[SECRET_TEXT_MAX];
	struct session one, two;
	int count = 0;

	session_start(f.store, &anna, "one", token, &one, &err);
	session_start(f.store, &anna, "two", other, &two, &err);
	ok_call(session_each(f.store, &anna, count_one, &count, &err), &err, "listed");
	is_int(count, 2, "two sessions");
	ok(session_end(f.store, &ben, &one.id, &err) == -1 && err.kind == ERR_NOT_FOUND,
		"another's session is not there");
	ok_call(session_end(f.store, &anna, &one.id, &err), &err, "ended");
	is_int(refresh(token, next), 0, "its token holds no more");
	is_int(holds(&two, &anna), 1, "the other does");
	ok_call(user_revoke_all(f.store, &anna, &err), &err, "all are revoked");
	is_int(holds(&two, &anna), 0, "none holds");
	anna = again(&anna);
	session_start(f.store, &anna, "three", token, &one, &err);
	fixture_time += SESSION_LIFE_MS;
	is_int(holds(&one, &anna), 0, "one that nobody used ends");
	is_int(refresh(token, next), 0, "and is not refreshed");
	session_start(f.store, &anna, "four", token, &one, &err);
	user_set_disabled(f.store, &anna, true, &err);
	is_int(holds(&one, &anna), 0, "a disabled user has none");
	is_int(refresh(token, next), 0, "and gets none");
	user_set_disabled(f.store, &anna, false, &err);
	anna = again(&anna);
}

/* --- API keys ------------------------------------------------------------------------------- */

static void test_api_keys(void)
{
	struct api_key_draft draft = {.name = "camera", .scopes = 1 | 4, .maker_scopes = 15};
	char text[SECRET_TEXT_MAX], child_text[SECRET_TEXT_MAX];
	struct api_key key, child, found;
	struct user user;

	ok_call(api_key_make(f.store, &anna, &draft, text, &key, &err), &err, "a key is made");
	ok(strncmp(text, "phk_", 4) == 0, "it looks like one");
	is_int(fixture_grep(&f, text + 4), 0, "it is in no file");
	ok(api_key_check(f.store, text, &found, &user, &err) == 1 && found.scopes == 5 &&
			user.key == anna.key && found.used == 0,
		"it holds, for reading and uploading");
	ok(api_key_use_is_old(f.store, &found), "its use is not noted yet");
	ok_call(api_key_note_use(f.store, &found, &err), &err, "noted");
	api_key_check(f.store, text, &found, &user, &err);
	ok(found.used > 0 && !api_key_use_is_old(f.store, &found), "once a minute");
	draft.scopes = 2;
	draft.maker_scopes = found.scopes;
	draft.maker = found.id;
	ok(api_key_make(f.store, &anna, &draft, child_text, &child, &err) == -1 &&
			err.kind == ERR_DENIED,
		"a key gives no scope that it lacks");
	draft.maker_scopes = 31;
	ok(api_key_make(f.store, &anna, &draft, child_text, &child, &err) == -1,
		"whatever the caller says of it");
	draft.scopes = 1;
	ok_call(api_key_make(f.store, &anna, &draft, child_text, &child, &err), &err,
		"but one that it has");
	ok(uuid_equal(&child.maker, &key.id), "the child knows its maker");
	ok(api_key_revoke(f.store, &ben, &key.id, &err) == -1 && err.kind == ERR_NOT_FOUND,
		"another's key is not there");
	ok_call(api_key_revoke(f.store, &anna, &key.id, &err), &err, "revoked");
	is_int(api_key_check(f.store, text, &found, &user, &err), 0, "it holds no more");
	is_int(api_key_check(f.store, child_text, &found, &user, &err), 0, "nor what it made");
}

static void test_api_key_limits(void)
{
	struct api_key_draft draft = {.name = "k", .scopes = 16, .maker_scopes = 31};
	char text[SECRET_TEXT_MAX];
	struct api_key key, found;
	struct user user;

	ok(api_key_make(f.store, &anna, &draft, text, &key, &err) == -1 && err.kind == ERR_DENIED,
		"only administrators have keys that administer");
	draft.scopes = 0;
	ok(api_key_make(f.store, &anna, &draft, text, &key, &err) == -1 && err.kind == ERR_INVALID,
		"a key for nothing is none");
	draft.scopes = 64;
	draft.maker_scopes = 127;
	ok(api_key_make(f.store, &anna, &draft, text, &key, &err) == -1,
		"nor one for more than all");
	user_set_admin(f.store, &anna, true, &err);
	anna = again(&anna);
	draft = (struct api_key_draft){.name = "k",
		.scopes = 17,
		.maker_scopes = 31,
		.expires = clock_now_ms(f.store->clock) + DAY_MS};
	ok_call(api_key_make(f.store, &anna, &draft, text, &key, &err), &err, "an administrator's");
	user_set_admin(f.store, &anna, false, &err);
	anna = again(&anna);
	ok(api_key_check(f.store, text, &found, &user, &err) == 1 && found.scopes == 1,
		"loses that scope with its user");
	draft.maker = key.id;
	draft.scopes = 1;
	draft.expires = 0;
	ok(api_key_make(f.store, &anna, &draft, text, &found, &err) == -1 && err.kind == ERR_DENIED,
		"a key does not outlive its maker");
	fixture_time += DAY_MS;
	is_int(api_key_check(f.store, text, &found, &user, &err), 0, "it ends when it said");
	draft = (struct api_key_draft){.name = "k", .scopes = 1, .maker_scopes = 1};
	ok_call(api_key_make(f.store, &anna, &draft, text, &key, &err), &err, "one more");
	ok_call(user_revoke_all(f.store, &anna, &err), &err, "all revoked");
	is_int(api_key_check(f.store, text, &found, &user, &err), 0, "keys too");
	anna = again(&anna);
}

/* --- codes ---------------------------------------------------------------------------------- */

static int try_code(enum code_purpose purpose, const struct user_address *address, const char *code)
{
	return user_code_check(f.store, keys, purpose, address, code, &err);
}

static void test_codes(void)
{
	struct user_address address, other;
	char code[CODE_LEN + 1], wrong[CODE_LEN + 1], second[CODE_LEN + 1] = "";
	int64_t wait;

	user_address_parse(f.store, "new@example.org", &address, &err);
	user_address_parse(f.store, "other@example.org", &other, &err);
	is_int(try_code(CODE_REGISTER, &address, "000000"), 0, "without a code none is right");
	ok(user_code_send(f.store, keys, CODE_REGISTER, &address, code, &wait, &err) == 0 && !wait,
		"one is sent");
	is_int(fixture_grep(&f, "new@example.org"), 0, "the address is in no file");
	memcpy(wrong, code, sizeof(code));
	wrong[5] = wrong[5] == '0' ? '1' : '0';
	is_int(try_code(CODE_REGISTER, &address, wrong), 0, "a wrong one");
	is_int(try_code(CODE_RESET, &address, code), 0, "for something else");
	is_int(try_code(CODE_REGISTER, &other, code), 0, "of somebody else");
	is_int(try_code(CODE_REGISTER, &address, code), 1, "the right one");
	is_int(try_code(CODE_REGISTER, &address, code), 0, "but once");
	user_code_send(f.store, keys, CODE_REGISTER, &address, code, &wait, &err);
	for (int i = 0; i < CODE_TRIES; i++)
		try_code(CODE_REGISTER, &address, wrong);
	is_int(try_code(CODE_REGISTER, &address, code), 0,
		"after five wrong ones not the right one");
	ok(user_code_send(f.store, keys, CODE_REGISTER, &address, second, &wait, &err) == 0 &&
			wait > 29000 && wait <= 30000 && !*second,
		"no other so soon");
	fixture_time += 30000;
	ok(user_code_send(f.store, keys, CODE_REGISTER, &address, second, &wait, &err) == 0 &&
			!wait,
		"half a minute later");
	fixture_time += 30000;
	ok(user_code_send(f.store, keys, CODE_REGISTER, &address, code, &wait, &err) == 0 && wait,
		"the next takes longer");
	is_int(try_code(CODE_REGISTER, &address, second), 1, "the one before still holds");
	fixture_time += DAY_MS;
	user_code_send(f.store, keys, CODE_LOGIN, &address, code, &wait, &err);
	fixture_time += CODE_LIFE_MS;
	is_int(try_code(CODE_LOGIN, &address, code), 0, "ten minutes later it is too late");
}

static int64_t must_wait(const char *subject)
{
	int64_t wait = -1;

	throttle_check(f.store, keys, "password", subject, &wait, &err);
	return wait;
}

static void test_throttle(void)
{
	is_int(must_wait("a@b.org"), 0, "nobody waits at first");
	for (int i = 0; i < 4; i++)
		throttle_note_failure(f.store, keys, "password", "a@b.org", &err);
	is_int(must_wait("a@b.org"), 0, "nor after four failures");
	throttle_note_failure(f.store, keys, "password", "a@b.org", &err);
	ok(must_wait("a@b.org") > 0, "but after five");
	is_int(must_wait("b@b.org"), 0, "others do not");
	fixture_time += 1000;
	is_int(must_wait("a@b.org"), 0, "a second later one may try");
	throttle_note_failure(f.store, keys, "password", "a@b.org", &err);
	ok(must_wait("a@b.org") > 1000, "and waits longer");
	throttle_clear(f.store, keys, "password", "a@b.org", &err);
	is_int(must_wait("a@b.org"), 0, "success forgives");
}

/* --- invitations ---------------------------------------------------------------------------- */

static char *role_of(const struct album_ref *album, const struct user *user)
{
	static char role[16];
	static const struct db_sql sql = {"test_role",
		"SELECT role FROM view_participant WHERE album = :album AND id = :id"
		" AND removed IS NULL"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	strcpy(role, "nobody");
	if (db_query(f.store->db, &sql, &rows, &err, DB_INT(":album", album->key),
		    DB_UUID(":id", &user->id)) == 0 &&
		db_next(&rows, &err) == 1)
		snprintf(role, sizeof(role), "%s", db_text(&rows, 0));
	return role;
}

static void test_invites(void)
{
	struct album_ref album = fixture_album(&f, "picnic", "Picnic");
	struct invite_draft draft = {.album = &album, .role = ROLE_MEMBER};
	char token[SECRET_TEXT_MAX];
	struct invite made, found;
	int64_t before;

	ok(invite_make(f.store, &anna, &draft, token, &made, &err) == -1 && err.kind == ERR_DENIED,
		"strangers invite nobody into an album");
	ok_call(invite_make(f.store, &owner, &draft, token, &made, &err), &err, "its owner does");
	is_int(fixture_grep(&f, token + 4), 0, "the token is in no file");
	ok(invite_find(f.store, token, &found, &err) == 1 && found.has_album &&
			uuid_equal(&found.album, &album.id) && strcmp(found.user_name, "Ada") == 0,
		"found by its token");
	before = access_mark();
	ok_call(invite_use(f.store, &found, &anna, &err), &err, "Anna uses it");
	is_str(role_of(&album, &anna), "member", "and is in");
	ok(access_mark() > before, "caches of memberships are told");
	ok_call(invite_use(f.store, &found, &anna, &err), &err, "again changes nothing");
	ok(invite_use(f.store, &found, &ben, &err) == -1 && err.kind == ERR_DENIED,
		"nobody else can use it");
	is_str(role_of(&album, &ben), "nobody", "nor is in");
	is_int(invite_find(f.store, token, &found, &err), 0, "it is found no more");
	ok(invite_make(f.store, &anna, &draft, token, &made, &err) == -1 && err.kind == ERR_DENIED,
		"a member invites nobody");
	draft.role = ROLE_OWNER;
	ok(invite_make(f.store, &owner, &draft, token, &made, &err) == -1,
		"nobody becomes owner so");
}

static void test_invite_ends(void)
{
	struct album_ref album = fixture_album(&f, "fair", "Fair");
	struct invite_draft draft = {.album = &album, .role = ROLE_VIEWER, .max_uses = 2};
	char token[SECRET_TEXT_MAX];
	struct invite made, found;

	invite_make(f.store, &owner, &draft, token, &made, &err);
	fixture_time += INVITE_LIFE_MS;
	is_int(invite_find(f.store, token, &found, &err), 0, "it ends after a week");
	ok(invite_use(f.store, &made, &ben, &err) == -1 && err.kind == ERR_DENIED, "for use too");
	ok_call(invite_make(f.store, &owner, &draft, token, &made, &err), &err, "another");
	ok_call(invite_revoke(f.store, &made, &err), &err, "revoked");
	is_int(invite_find(f.store, token, &found, &err), 0, "is gone");
	draft.album = NULL;
	ok_call(invite_make(f.store, &ben, &draft, token, &made, &err), &err, "one to the server");
	ok(invite_find(f.store, token, &found, &err) == 1 && !found.has_album, "names no album");
	user_set_disabled(f.store, &ben, true, &err);
	is_int(invite_find(f.store, token, &found, &err), 0, "holds only while its maker does");
	user_set_disabled(f.store, &ben, false, &err);
	is_int(invite_find(f.store, "phi_x", &found, &err), 0, "a stub is none");
}

/* --- leaving -------------------------------------------------------------------------------- */

static void as(const struct user *user)
{
	f.store->actor = user->id;
}

static void say(const struct album_ref *album, const char *text)
{
	struct message_draft draft = {
		.album = album->key, .text = text, .len = strlen(text), .said = MESSAGE_NOW};
	struct receipt receipt;

	ok_call(message_send(f.store, &draft, &receipt, &err), &err, "said: %s", text);
}

static struct album_ref prepare(const struct user *user, const char *slug, const char *word)
{
	struct album_ref album = fixture_album(&f, slug, slug);
	struct invite_draft draft = {.album = &album, .role = ROLE_MEMBER};
	char token[SECRET_TEXT_MAX];
	struct invite invite;

	invite_make(f.store, &owner, &draft, token, &invite, &err);
	ok_call(invite_use(f.store, &invite, user, &err), &err, "%s joins", user->name);
	as(user);
	say(&album, word);
	fixture_photo(&f, album.key, word, NULL);
	as(&owner);
	return album;
}

static void test_leaving(void)
{
	struct album_ref album = prepare(&ben, "stay", "wordsofben");
	struct user_departure left;
	struct user gone;

	ok(user_delete(f.store, &owner, false, &left, &err) == -1 && err.kind == ERR_DENIED,
		"the owner cannot go");
	ok_call(user_delete(f.store, &ben, false, &left, &err), &err, "Ben goes");
	ok(left.albums == 1 && left.handed == 0 && left.photos == 1 && left.messages == 1,
		"what he leaves is told");
	is_int(user_get(f.store, &ben.id, &gone, &err), 0, "his account is gone");
	is_str(role_of(&album, &ben), "nobody", "he is in no album");
	is_int(fixture_number(&f, "SELECT count(*) FROM view_message WHERE deleted = 0"), 1,
		"what he said stays");
	is_int(fixture_number(&f, "SELECT count(*) FROM view_photo WHERE state = 0"), 1,
		"what he brought too");
}

static void test_erasing(void)
{
	struct album_ref album = prepare(&anna, "erase", "wordsofanna"), hers;
	struct entity about = entity_from_uuid(&anna.id);
	struct user_departure left;
	int64_t before;

	hers = prepare(&anna, "hers", "morewords");
	before = access_mark();
	say(&hers, "not about members");
	is_int(access_mark(), before, "talk leaves the mark of access");
	ok_call(fixture_submit(&f, hers.key, "member.role", &about,
			json_pack("{s:s}", "role", "owner"), NULL),
		&err, "handed to Anna");
	ok(access_mark() > before, "a new role moves it");
	about = entity_from_uuid(&owner.id);
	ok_call(fixture_submit(&f, hers.key, "member.leave", &about, json_object(), NULL), &err,
		"who is its only owner");
	about = entity_from_uuid(&anna.id);
	ok_call(fixture_submit(&f, album.key, "member.remove", &about, json_object(), NULL), &err,
		"and was removed from another");
	ok_call(user_delete(f.store, &anna, true, &left, &err), &err,
		"Anna goes with all she said");
	ok(left.handed == 1 && left.messages == 2 && left.photos == 2, "what she leaves is told");
	is_str(role_of(&hers, &owner), "owner", "her album has an owner");
	is_int(fixture_grep(&f, "wordsofanna") + fixture_grep(&f, "morewords"), 0,
		"no file holds her words, also where she was removed");
	is_int(fixture_number(&f, "SELECT count(*) FROM view_photo WHERE state = 0"), 1,
		"her photos are erased, others not");
	ok_call(event_check_views(f.store->events, hers.key, &err), &err, "the views are true");
	ok_call(event_check_views(f.store->events, album.key, &err), &err, "of both albums");
}

/* This program is BUILD/tests/unit/store/user; the library is BUILD/phone.so. */
static void use_built_library(void)
{
	static char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 32);
	char *tests;

	path[len > 0 ? len : 0] = '\0';
	tests = strstr(path, "/tests/unit/");
	if (tests)
		strcpy(tests, "/phone.so");
	phone_set_library(tests ? path : NULL);
}

int main(void)
{
	use_built_library();
	fixture_open(&f);
	ok_call(token_keys_open(f.dir, &keys, &err), &err, "keys");
	test_accounts();
	test_taken();
	test_password();
	test_refresh();
	test_stolen();
	test_ending();
	test_api_keys();
	test_api_key_limits();
	test_codes();
	test_throttle();
	test_invites();
	test_invite_ends();
	test_leaving();
	test_erasing();
	token_keys_free(keys);
	fixture_close(&f);
	return tap_done();
}
