/* user_session.c - sessions and their refresh tokens; see user_session.h.
 *
 * API keys are in user_key.c.  A refresh token is "phr_", the session's id as hex, "_", and a secret.  Invariant: only
 * the secret whose hash the session's row has can be exchanged; the row changes in the same transaction.
 */
#include "store/user_session.h"
#include "store/user_inner.h"

#include <stdio.h>
#include <string.h>

#define REFRESH_PREFIX "phr_"
#define ID_HEX_LEN     32
#define REFRESHES_MAX  20000 /* steps back that are recognised: one each 15 minutes for 200 days */

#define SESSION_COLUMNS      "s.key, s.id, a.id, s.label, s.created, s.used, s.expires, s.refreshes"
#define SESSION_COLUMN_COUNT 8

static int fill(const struct db_rows *rows, struct session *out, struct err *err)
{
	struct session session = {.key = db_int(rows, 0)};

	if (db_uuid(rows, 1, &session.id, err) || db_uuid(rows, 2, &session.user, err) ||
		user_copy_text(rows, 3, session.label, sizeof(session.label), err))
		return -1;
	session.created = db_int(rows, 4);
	session.used = db_int(rows, 5);
	session.expires = db_int(rows, 6);
	session.refreshes = db_int(rows, 7);
	*out = session;
	return 0;
}

/* --- starting ------------------------------------------------------------------------------- */

static int insert(struct store *store, const struct user *user, struct session *session,
	const struct sha256 *secret, struct err *err)
{
	static const struct db_sql sql = {"session_add",
		"INSERT INTO session(id, account, label, refresh, created, used, expires)"
		" VALUES(:id, :account, :label, :refresh, :created, :used, :expires) RETURNING key"};

	return db_get_int(store->db, &sql, &session->key, err, DB_UUID(":id", &session->id),
		       DB_INT(":account", user->key), DB_TEXTZ(":label", session->label),
		       DB_HASH(":refresh", secret), DB_INT(":created", session->created),
		       DB_INT(":used", session->used), DB_INT(":expires", session->expires)) == 1 ?
		0 :
		-1;
}

static int drop_expired(struct store *store, int64_t now, struct err *err)
{
	static const struct db_sql sql = {
		"session_expire", "DELETE FROM session WHERE expires <= :now"};

	return db_run(store->db, &sql, err, DB_INT(":now", now));
}

static void format_refresh(
	const struct uuid *session, const char *secret, char out[SECRET_TEXT_MAX])
{
	char hex[ID_HEX_LEN + 1];

	hex_encode(session->bytes, sizeof(session->bytes), hex);
	snprintf(out, SECRET_TEXT_MAX, REFRESH_PREFIX "%s_%.48s", hex, secret);
}

int session_start(struct store *store, const struct user *user, const char *label,
	char refresh[SECRET_TEXT_MAX], struct session *out, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	int64_t now = clock_now_ms(store->clock);
	struct session session = {.id = uuid_make(now),
		.user = user->id,
		.created = now,
		.used = now,
		.expires = now + SESSION_LIFE_MS};
	char secret[SECRET_TEXT_MAX];
	struct sha256 hash;

	if (!text_is_utf8(label, strlen(label)))
		return err_set(err, ERR_INVALID, "the label of a session is not UTF-8");
	memcpy(session.label, label, text_clip_utf8(label, strlen(label), SESSION_LABEL_MAX - 1));
	if (secret_make("", secret, err))
		return -1;
	secret_hash("", secret, &hash);
	if (store_begin(store, "sign in", &tx, err) || drop_expired(store, now, err) ||
		insert(store, user, &session, &hash, err) || store_commit(&tx, err))
		return -1;
	format_refresh(&session.id, secret, refresh);
	*out = session;
	return 0;
}

/* --- refreshing ----------------------------------------------------------------------------- */

/* Takes a refresh token apart; false if it is none. */
static bool parse_refresh(
	const char *text, struct uuid *session, char secret[SECRET_TEXT_MAX], struct sha256 *hash)
{
	const char *hex = text + strlen(REFRESH_PREFIX), *rest = hex + ID_HEX_LEN + 1;

	if (strnlen(text, SECRET_TEXT_MAX) == SECRET_TEXT_MAX ||
		!text_starts(text, REFRESH_PREFIX) || strlen(hex) <= ID_HEX_LEN ||
		hex[ID_HEX_LEN] != '_' ||
		hex_decode(hex, ID_HEX_LEN, session->bytes, sizeof(session->bytes)) ||
		!secret_hash("", rest, hash))
		return false;
	memcpy(secret, rest, strlen(rest) + 1);
	return true;
}

/* The session, its user and its secret's hash: 1, 0, -1. */
static int load(struct store *store, const struct uuid *id, struct session *session,
	struct user *user, struct sha256 *secret, struct err *err)
{
	static const struct db_sql sql = {"session_load",
		"SELECT " SESSION_COLUMNS ", " USER_COLUMNS
		", s.refresh FROM session s JOIN account a ON a.key = s.account WHERE s.id = :id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	const void *hash;
	size_t len;
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_UUID(":id", id)))
		return -1;
	found = db_next(&rows, err);
	if (found != 1)
		return found;
	hash = db_blob(&rows, SESSION_COLUMN_COUNT + USER_COLUMN_COUNT, &len);
	if (!hash || len != SHA256_LEN)
		return err_set(err, ERR_DAMAGED, "the row of a session is malformed");
	memcpy(secret->bytes, hash, SHA256_LEN);
	return fill(&rows, session, err) || user_fill(&rows, SESSION_COLUMN_COUNT, user, err) ? -1 :
												1;
}

static int drop(
	struct store *store, const struct session *session, struct store_tx *tx, struct err *err)
{
	static const struct db_sql sql = {"session_drop", "DELETE FROM session WHERE key = :key"};

	store_touch_access(tx);
	return db_run(store->db, &sql, err, DB_INT(":key", session->key));
}

/* What a presented secret is to a session. */
enum presented { SECRET_UNKNOWN, SECRET_CURRENT, SECRET_LAST, SECRET_OLDER };

/* `secret` and `hash` are the presented one's; *next is what follows it. */
static enum presented judge(const struct token_keys *keys, const struct session *session,
	const struct sha256 *current, const char *secret, const struct sha256 *hash,
	char next[SECRET_TEXT_MAX])
{
	int64_t steps = session->refreshes < REFRESHES_MAX ? session->refreshes : REFRESHES_MAX;
	char later[SECRET_TEXT_MAX], after[SECRET_TEXT_MAX];
	struct sha256 step;

	secret_next(token_keys_secret(keys), "", secret, next);
	if (crypt_equal(hash->bytes, current->bytes, SHA256_LEN))
		return SECRET_CURRENT;
	memcpy(later, next, sizeof(later));
	for (int64_t i = 0; i < steps; i++) {
		secret_hash("", later, &step);
		if (crypt_equal(step.bytes, current->bytes, SHA256_LEN))
			return i == 0 ? SECRET_LAST : SECRET_OLDER;
		secret_next(token_keys_secret(keys), "", later, after);
		memcpy(later, after, sizeof(later));
	}
	return SECRET_UNKNOWN;
}

/* The next secret becomes the one that counts. */
static int advance(struct store *store, struct session *session, const char *next, int64_t now,
	struct err *err)
{
	static const struct db_sql sql = {"session_advance",
		"UPDATE session SET refresh = :refresh, used = :used, expires = :expires,"
		" refreshes = refreshes + 1 WHERE key = :key"};
	struct sha256 hash;

	secret_hash("", next, &hash);
	session->used = now;
	session->expires = now + SESSION_LIFE_MS;
	session->refreshes++;
	return db_run(store->db, &sql, err, DB_HASH(":refresh", &hash),
		DB_INT(":used", session->used), DB_INT(":expires", session->expires),
		DB_INT(":key", session->key));
}

/* 1 it may go on, 0 not, -1. */
static int exchange(struct store *store, struct store_tx *tx, enum presented presented,
	const struct user *user, struct session *session, const char *next, struct err *err)
{
	int64_t now = clock_now_ms(store->clock);

	if (presented == SECRET_UNKNOWN)
		return 0;
	if (session->expires > now && !user->disabled) {
		if (presented == SECRET_CURRENT)
			return advance(store, session, next, now, err) ? -1 : 1;
		if (presented == SECRET_LAST && now - session->used <= SESSION_GRACE_MS)
			return 1;
	}
	return drop(store, session, tx, err);
}

int session_refresh(struct store *store, const struct token_keys *keys, const char *refresh,
	char next[SECRET_TEXT_MAX], struct session *out, struct user *user, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	char secret[SECRET_TEXT_MAX], later[SECRET_TEXT_MAX];
	struct sha256 hash, current;
	struct session session;
	struct user found_user;
	struct uuid id;
	int found;

	if (!parse_refresh(refresh, &id, secret, &hash))
		return 0;
	if (store_begin(store, "refresh", &tx, err))
		return -1;
	found = load(store, &id, &session, &found_user, &current, err);
	if (found == 1)
		found = exchange(store, &tx, judge(keys, &session, &current, secret, &hash, later),
			&found_user, &session, later, err);
	if (found < 0 || store_commit(&tx, err))
		return -1;
	if (found == 0)
		return 0;
	format_refresh(&session.id, later, next);
	*out = session;
	*user = found_user;
	return 1;
}

/* --- asking and ending ---------------------------------------------------------------------- */

int session_check(
	struct store *store, const struct token_claims *claims, struct user *user, struct err *err)
{
	struct session session;
	struct sha256 secret;
	struct user found_user;
	int found = load(store, &claims->session, &session, &found_user, &secret, err);

	if (found != 1)
		return found;
	if (!uuid_equal(&found_user.id, &claims->user) || found_user.disabled ||
		found_user.version != claims->version ||
		session.expires <= clock_now_ms(store->clock))
		return 0;
	*user = found_user;
	return 1;
}

int session_set_end(
	struct store *store, const struct session *session, int64_t expires, struct err *err)
{
	static const struct db_sql sql = {
		"session_set_end", "UPDATE session SET expires = :expires WHERE id = :id"};

	return db_run(
		store->db, &sql, err, DB_INT(":expires", expires), DB_UUID(":id", &session->id));
}

int session_get(struct store *store, const struct uuid *id, struct session *out, struct err *err)
{
	struct sha256 secret;
	struct user user;

	return load(store, id, out, &user, &secret, err);
}

int session_each(struct store *store, const struct user *user, session_told each, void *data,
	struct err *err)
{
	static const struct db_sql sql = {"session_each",
		"SELECT " SESSION_COLUMNS " FROM session s JOIN account a ON a.key = s.account"
		" WHERE s.account = :account AND s.expires > :now ORDER BY s.used DESC, s.key DESC"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct session session;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":account", user->key),
		    DB_INT(":now", clock_now_ms(store->clock))))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		if (fill(&rows, &session, err) || each(data, &session, err))
			return -1;
	return more;
}

int session_end(
	struct store *store, const struct user *user, const struct uuid *id, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	struct session session;
	int found;

	if (store_begin(store, "sign out", &tx, err))
		return -1;
	found = session_get(store, id, &session, err);
	if (found < 0)
		return -1;
	if (!found || !uuid_equal(&session.user, &user->id))
		return err_set(err, ERR_NOT_FOUND, "there is no such session");
	return drop(store, &session, &tx, err) || store_commit(&tx, err) ? -1 : 0;
}

void session_claims(const struct store *store, const struct session *session,
	const struct user *user, struct token_claims *out)
{
	int64_t now = clock_now_ms(store->clock);

	*out = (struct token_claims){.issuer = store->id,
		.user = user->id,
		.session = session->id,
		.version = user->version,
		.admin = user->admin,
		.issued = now,
		.expires = now + TOKEN_LIFE_MS};
}
