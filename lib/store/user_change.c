/* user_change.c - making accounts and changing them; see user.h.
 *
 * Passwords come hashed: argon2id takes tens of ms, which no transaction has.  Invariant: each change notes itself
 * in the meta row 'access' in its own transaction, so that a server forgets what it knew.
 */
#include "store/self.h"
#include "store/user_inner.h"

#include <string.h>

#define TAKEN "another account has this number or address"

/* --- making --------------------------------------------------------------------------------- */

static int check_name(const char *name, struct err *err)
{
	size_t len = name ? strlen(name) : 0;

	if (len == 0 || len >= USER_NAME_MAX || !text_is_utf8(name, len))
		return err_set(
			err, ERR_INVALID, "a name has 1 to %d bytes of UTF-8", USER_NAME_MAX - 1);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return err_set(err, ERR_INVALID, "the name holds control characters");
	return strspn(name, " ") == len ? err_set(err, ERR_INVALID, "the name is empty") : 0;
}

/* CONFLICT if it is somebody else's. */
static int check_free(struct store *store, const struct user_address *address,
	const struct user *except, struct err *err)
{
	struct user owner;
	int found = address ? user_find_address(store, address, &owner, err) : 0;

	if (found == 1 && (!except || owner.key != except->key))
		return err_set(err, ERR_CONFLICT, TAKEN);
	return found < 0 ? -1 : 0;
}

static int insert(struct store *store, const struct store_tx *tx, const struct uuid *id,
	const struct user_draft *draft, int64_t self, struct err *err)
{
	static const struct db_sql sql = {"user_add",
		"INSERT INTO account(id, name, phone, email, password, role, quota, self, created, rev)"
		" VALUES(:id, :name, :phone, :email, :password, :role, :quota, :self, :created, :rev)"};

	return db_run(store->db, &sql, err, DB_UUID(":id", id), DB_TEXTZ(":name", draft->name),
		DB_TEXTZ(":phone", draft->phone ? draft->phone->text : NULL),
		DB_TEXTZ(":email", draft->email ? draft->email->text : NULL),
		DB_TEXTZ(":password", draft->password_hash),
		DB_TEXTZ(":role", draft->admin ? "admin" : "user"),
		draft->quota < 0 ? DB_NULL(":quota") : DB_INT(":quota", draft->quota),
		DB_INT(":self", self), DB_INT(":created", clock_now_ms(store->clock)),
		DB_INT(":rev", event_rev(tx->tx)));
}

/* The row just written; that it is not there is a failure. */
static int read_back(struct store *store, const struct uuid *id, struct user *out, struct err *err)
{
	int found = user_get(store, id, out, err);

	if (found == 0)
		return err_set(err, ERR_FAILED, "the account was not kept");
	return found < 0 ? -1 : 0;
}

int user_add(struct store *store, const struct user_draft *draft, struct user *out, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	int64_t now = clock_now_ms(store->clock), album;
	struct self_owner self = {
		.id = uuid_make(now), .device = store->device, .name = draft->name};
	struct user user;

	if (check_name(draft->name, err) || store_begin(store, "user add", &tx, err) ||
		check_free(store, draft->phone, NULL, err) ||
		check_free(store, draft->email, NULL, err) ||
		self_make(tx.tx, &self, now, &album, err) ||
		insert(store, &tx, &self.id, draft, album, err))
		return -1;
	store_touch_access(&tx);
	if (read_back(store, &self.id, &user, err) || store_commit(&tx, err))
		return -1;
	*out = user;
	return 0;
}

static int find_self(struct store *store, const struct uuid *id, int64_t *album, struct err *err)
{
	static const struct db_sql sql = {"user_self",
		"SELECT album.key FROM album JOIN view_participant p ON p.album = album.key"
		" WHERE p.id = :id AND album.kind = 'self' ORDER BY album.key LIMIT 1"};
	int found = db_get_int(store->db, &sql, album, err, DB_UUID(":id", id));

	if (found == 0)
		return err_set(err, ERR_DAMAGED, "the owner of the store has no log of their own");
	return found < 0 ? -1 : 0;
}

static int add_owner(struct store *store, struct user *out, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	_cleanup_free_ char *phone = NULL;
	struct user_address number = {.phone = true};
	struct user_draft draft = {
		.name = store->owner_name, .admin = true, .quota = USER_QUOTA_DEFAULT};
	struct user user;
	int64_t self;

	if (store_begin(store, "user", &tx, err) || find_self(store, &store->owner, &self, err) ||
		store_meta_get(store, "phone", &phone, err) < 0)
		return -1;
	if (phone && strlen(phone) < PHONE_E164_LEN) {
		memcpy(number.text, phone, strlen(phone) + 1);
		draft.phone = check_free(store, &number, NULL, NULL) ? NULL : &number;
	}
	if (insert(store, &tx, &store->owner, &draft, self, err))
		return -1;
	store_touch_access(&tx);
	if (read_back(store, &store->owner, &user, err) || store_commit(&tx, err))
		return -1;
	*out = user;
	return 0;
}

int user_ensure_owner(struct store *store, struct user *out, struct err *err)
{
	int found = user_get(store, &store->owner, out, err);

	if (found == 0)
		return add_owner(store, out, err);
	return found < 0 ? -1 : 0;
}

/* --- ending tokens -------------------------------------------------------------------------- */

int user_end_all(struct store *store, struct store_tx *tx, const struct user *user, struct err *err)
{
	static const struct db_sql raise = {"user_raise_version",
		"UPDATE account SET version = version + 1, rev = :rev WHERE key = :key"};
	static const struct db_sql sessions = {
		"user_end_sessions", "DELETE FROM session WHERE account = :key"};
	static const struct db_sql keys = {
		"user_end_api_keys", "DELETE FROM api_key WHERE account = :key"};

	store_touch_access(tx);
	if (db_run(store->db, &raise, err, DB_INT(":rev", event_rev(tx->tx)),
		    DB_INT(":key", user->key)) ||
		db_run(store->db, &sessions, err, DB_INT(":key", user->key)) ||
		db_run(store->db, &keys, err, DB_INT(":key", user->key)))
		return -1;
	return 0;
}

int user_revoke_all(struct store *store, const struct user *user, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;

	return store_begin(store, "revoke", &tx, err) || user_end_all(store, &tx, user, err) ||
			store_commit(&tx, err) ?
		-1 :
		0;
}

int user_revoke_everybody(struct store *store, struct event_tx *tx, struct err *err)
{
	static const struct db_sql sql[] = {
		{"revoke_versions", "UPDATE account SET version = version + 1"},
		{"revoke_sessions", "DELETE FROM session"},
		{"revoke_api_keys", "DELETE FROM api_key"},
		{"revoke_invites", "DELETE FROM invite"},
		{"revoke_codes", "DELETE FROM code"},
	};

	for (size_t i = 0; i < ARRAY_LEN(sql); i++)
		if (db_run0(store->db, &sql[i], err))
			return -1;
	event_touch_access(tx);
	return 0;
}

/* --- changing ------------------------------------------------------------------------------- */

/* Sets one column, :value (the second parameter but one).  `ends`: also all tokens. */
static int set_column(struct store *store, const struct user *user, const struct db_sql *sql,
	struct db_value value, bool ends, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;

	if (store_begin(store, sql->name, &tx, err) ||
		db_run(store->db, sql, err, value, DB_INT(":rev", event_rev(tx.tx)),
			DB_INT(":key", user->key)))
		return -1;
	if (db_changes(store->db) == 0)
		return err_set(err, ERR_NOT_FOUND, "this account is gone");
	if (ends && user_end_all(store, &tx, user, err))
		return -1;
	store_touch_access(&tx);
	return store_commit(&tx, err);
}

static const struct db_sql set_password = {
	"user_set_password", "UPDATE account SET password = :value, rev = :rev WHERE key = :key"};

int user_set_password(
	struct store *store, const struct user *user, const char *password_hash, struct err *err)
{
	return set_column(store, user, &set_password, DB_TEXTZ(":value", password_hash), true, err);
}

int user_renew_hash(
	struct store *store, const struct user *user, const char *password_hash, struct err *err)
{
	return set_column(
		store, user, &set_password, DB_TEXTZ(":value", password_hash), false, err);
}

static bool is_owner(const struct store *store, const struct user *user)
{
	return uuid_equal(&user->id, &store->owner);
}

int user_set_disabled(struct store *store, const struct user *user, bool disabled, struct err *err)
{
	static const struct db_sql sql = {"user_set_disabled",
		"UPDATE account SET disabled = :value, rev = :rev WHERE key = :key"};

	if (disabled && is_owner(store, user))
		return err_set(err, ERR_DENIED, "the owner of the store cannot be disabled");
	return set_column(store, user, &sql, DB_INT(":value", disabled), disabled, err);
}

int user_set_admin(struct store *store, const struct user *user, bool admin, struct err *err)
{
	static const struct db_sql sql = {
		"user_set_role", "UPDATE account SET role = :value, rev = :rev WHERE key = :key"};

	if (!admin && is_owner(store, user))
		return err_set(err, ERR_DENIED, "the owner of the store is an administrator");
	return set_column(
		store, user, &sql, DB_TEXTZ(":value", admin ? "admin" : "user"), false, err);
}

int user_set_quota(struct store *store, const struct user *user, int64_t quota, struct err *err)
{
	static const struct db_sql sql = {
		"user_set_quota", "UPDATE account SET quota = :value, rev = :rev WHERE key = :key"};

	return set_column(store, user, &sql,
		quota < 0 ? DB_NULL(":value") : DB_INT(":value", quota), false, err);
}

int user_set_name(struct store *store, const struct user *user, const char *name, struct err *err)
{
	static const struct db_sql sql = {
		"user_set_name", "UPDATE account SET name = :value, rev = :rev WHERE key = :key"};

	return check_name(name, err) ?
		-1 :
		set_column(store, user, &sql, DB_TEXTZ(":value", name), false, err);
}

static int set_address(struct store *store, const struct user *user,
	const struct user_address *address, struct err *err)
{
	static const struct db_sql phone = {
		"user_set_phone", "UPDATE account SET phone = :value, rev = :rev WHERE key = :key"};
	static const struct db_sql email = {
		"user_set_email", "UPDATE account SET email = :value, rev = :rev WHERE key = :key"};

	if (!address)
		return 0;
	return set_column(store, user, address->phone ? &phone : &email,
		DB_TEXTZ(":value", address->text), false, err);
}

int user_set_addresses(struct store *store, const struct user *user,
	const struct user_address *phone, const struct user_address *email, struct err *err)
{
	return check_free(store, phone, user, err) || check_free(store, email, user, err) ||
			set_address(store, user, phone, err) ||
			set_address(store, user, email, err) ?
		-1 :
		0;
}
