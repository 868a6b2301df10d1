/* user_key.c - API keys: what programs carry in place of a session; see user_session.h.
 *
 * Invariant: a key never may more than what it was made with, nor longer, and ends with it.
 */
#include "store/user_inner.h"
#include "store/user_session.h"

#include <string.h>

#define SCOPES_ALL      31u /* all bits of enum scope in http/http.h */
#define SCOPE_ADMIN_BIT 16u
#define USE_STEP_MS     60000 /* how exactly `used` is kept */

#define KEY_COLUMNS                                                                                \
	"k.key, k.id, a.id, k.name, k.scopes, k.created, k.expires, k.used,"                       \
	" (SELECT m.id FROM api_key m WHERE m.key = k.maker)"
#define KEY_COLUMN_COUNT 9

static int fill(const struct db_rows *rows, struct api_key *out, struct err *err)
{
	struct api_key key = {.key = db_int(rows, 0)};

	if (db_uuid(rows, 1, &key.id, err) || db_uuid(rows, 2, &key.user, err) ||
		user_copy_text(rows, 3, key.name, sizeof(key.name), err))
		return -1;
	key.scopes = (unsigned)db_int(rows, 4) & SCOPES_ALL;
	key.created = db_int(rows, 5);
	key.expires = db_int(rows, 6);
	key.used = db_int(rows, 7);
	if (!db_is_null(rows, 8) && db_uuid(rows, 8, &key.maker, err))
		return -1;
	*out = key;
	return 0;
}

/* --- making --------------------------------------------------------------------------------- */

static int check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (len == 0 || len >= API_KEY_NAME_MAX || !text_is_utf8(name, len))
		return err_set(err, ERR_INVALID, "the name of a key has 1 to %d bytes of UTF-8",
			API_KEY_NAME_MAX - 1);
	return 0;
}

static int check_draft(struct store *store, const struct user *user,
	const struct api_key_draft *draft, struct err *err)
{
	if (check_name(draft->name, err))
		return -1;
	if (draft->scopes == 0 || draft->scopes & ~SCOPES_ALL)
		return err_set(err, ERR_INVALID, "a key needs one scope or more that we know");
	if (draft->expires && draft->expires <= clock_now_ms(store->clock))
		return err_set(err, ERR_INVALID, "the key would end in the past");
	if (draft->scopes & ~draft->maker_scopes)
		return err_set(err, ERR_DENIED, "a key may no more than who makes it");
	if (draft->scopes & SCOPE_ADMIN_BIT && !user->admin)
		return err_set(err, ERR_DENIED, "only an administrator's key may administer");
	return 0;
}

/* The key that another is made with: it must hold, be of the same user, and not end before.  *row: its key, 0 without. */
static int check_maker(struct store *store, const struct user *user,
	const struct api_key_draft *draft, int64_t *row, struct err *err)
{
	struct api_key maker;
	int found;

	*row = 0;
	if (uuid_is_nil(&draft->maker))
		return 0;
	found = api_key_get(store, &draft->maker, &maker, err);
	if (found < 0)
		return -1;
	if (!found || !uuid_equal(&maker.user, &user->id) || draft->scopes & ~maker.scopes)
		return err_set(err, ERR_DENIED, "a key may no more than who makes it");
	if (maker.expires && (draft->expires == 0 || draft->expires > maker.expires))
		return err_set(err, ERR_DENIED, "a key may not outlive the key it is made with");
	*row = maker.key;
	return 0;
}

static int insert(struct store *store, const struct user *user, const struct api_key_draft *draft,
	int64_t maker, const struct uuid *id, const struct sha256 *hash, struct err *err)
{
	static const struct db_sql sql = {"api_key_add",
		"INSERT INTO api_key(id, account, name, hash, scopes, maker, created, expires)"
		" VALUES(:id, :account, :name, :hash, :scopes, :maker, :created, :expires)"};

	return db_run(store->db, &sql, err, DB_UUID(":id", id), DB_INT(":account", user->key),
		DB_TEXTZ(":name", draft->name), DB_HASH(":hash", hash),
		DB_INT(":scopes", draft->scopes),
		maker ? DB_INT(":maker", maker) : DB_NULL(":maker"),
		DB_INT(":created", clock_now_ms(store->clock)),
		draft->expires ? DB_INT(":expires", draft->expires) : DB_NULL(":expires"));
}

int api_key_make(struct store *store, const struct user *user, const struct api_key_draft *draft,
	char text[SECRET_TEXT_MAX], struct api_key *out, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	struct uuid id = uuid_make(clock_now_ms(store->clock));
	char secret[SECRET_TEXT_MAX];
	struct api_key made;
	struct sha256 hash;
	int64_t maker;

	if (check_draft(store, user, draft, err) || secret_make(SECRET_API_KEY, secret, err))
		return -1;
	secret_hash(SECRET_API_KEY, secret, &hash);
	if (store_begin(store, "token create", &tx, err) ||
		check_maker(store, user, draft, &maker, err) ||
		insert(store, user, draft, maker, &id, &hash, err) ||
		api_key_get(store, &id, &made, err) != 1 || store_commit(&tx, err))
		return -1;
	memcpy(text, secret, sizeof(secret));
	*out = made;
	return 0;
}

/* --- asking --------------------------------------------------------------------------------- */

int api_key_check(struct store *store, const char *text, struct api_key *out, struct user *user,
	struct err *err)
{
	static const struct db_sql sql = {"api_key_check",
		"SELECT " KEY_COLUMNS ", " USER_COLUMNS
		" FROM api_key k JOIN account a ON a.key = k.account WHERE k.hash = :hash"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct user found_user;
	struct sha256 hash;
	struct api_key key;
	int found;

	if (!secret_hash(SECRET_API_KEY, text, &hash))
		return 0;
	if (db_query(store->db, &sql, &rows, err, DB_HASH(":hash", &hash)))
		return -1;
	found = db_next(&rows, err);
	if (found != 1)
		return found;
	if (fill(&rows, &key, err) || user_fill(&rows, KEY_COLUMN_COUNT, &found_user, err))
		return -1;
	if (found_user.disabled || (key.expires && key.expires <= clock_now_ms(store->clock)))
		return 0;
	if (!found_user.admin)
		key.scopes &= ~SCOPE_ADMIN_BIT;
	*out = key;
	*user = found_user;
	return 1;
}

bool api_key_use_is_old(const struct store *store, const struct api_key *key)
{
	return clock_now_ms(store->clock) - key->used >= USE_STEP_MS;
}

int api_key_note_use(struct store *store, const struct api_key *key, struct err *err)
{
	static const struct db_sql sql = {"api_key_use",
		"UPDATE api_key SET used = :now WHERE key = :key AND coalesce(used, 0) <= :before"};
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	int64_t now = clock_now_ms(store->clock);

	return store_begin(store, "token use", &tx, err) ||
			db_run(store->db, &sql, err, DB_INT(":now", now), DB_INT(":key", key->key),
				DB_INT(":before", now - USE_STEP_MS)) ||
			store_commit(&tx, err) ?
		-1 :
		0;
}

int api_key_get(struct store *store, const struct uuid *id, struct api_key *out, struct err *err)
{
	static const struct db_sql sql = {"api_key_get",
		"SELECT " KEY_COLUMNS
		" FROM api_key k JOIN account a ON a.key = k.account WHERE k.id = :id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_UUID(":id", id)))
		return -1;
	found = db_next(&rows, err);
	return found == 1 && fill(&rows, out, err) ? -1 : found;
}

int api_key_each(struct store *store, const struct user *user, api_key_told each, void *data,
	struct err *err)
{
	static const struct db_sql sql = {"api_key_each",
		"SELECT " KEY_COLUMNS " FROM api_key k JOIN account a ON a.key = k.account"
		" WHERE k.account = :account ORDER BY k.key DESC"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct api_key key;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":account", user->key)))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		if (fill(&rows, &key, err) || each(data, &key, err))
			return -1;
	return more;
}

/* --- ending --------------------------------------------------------------------------------- */

int api_key_revoke(
	struct store *store, const struct user *user, const struct uuid *id, struct err *err)
{
	static const struct db_sql sql = {"api_key_revoke",
		"DELETE FROM api_key WHERE key IN (WITH RECURSIVE family(key) AS"
		" (SELECT key FROM api_key WHERE id = :id AND account = :account"
		" UNION SELECT k.key FROM api_key k JOIN family ON k.maker = family.key)"
		" SELECT key FROM family)"};
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;

	if (store_begin(store, "token revoke", &tx, err) ||
		db_run(store->db, &sql, err, DB_UUID(":id", id), DB_INT(":account", user->key)))
		return -1;
	if (db_changes(store->db) == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such key");
	store_touch_access(&tx);
	return store_commit(&tx, err);
}
