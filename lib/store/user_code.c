/* user_code.c - one-time codes, and who failed lately; see user_code.h.  Invitations are in user_invite.c.
 *
 * Nothing here knows accounts.  Invariant: what is kept of an address or a code is an HMAC under a key that is not in
 * the database.
 */
#include "store/user_code.h"
#include "store/user_inner.h"

#include <string.h>

#define FORGET_MS ((int64_t)24 * 3600 * 1000) /* after so long all is forgiven */

/* --- codes ---------------------------------------------------------------------------------- */

struct code_row {
	bool usable; /* a hash is there */
	struct sha256 hash;
	int64_t tries, sends, sent;
};

static const char *address_kind(const struct user_address *address)
{
	return address->phone ? "phone" : "email";
}

/* 1, 0, -1 */
static int load_code(struct store *store, enum code_purpose purpose, const struct sha256 *address,
	struct code_row *out, struct err *err)
{
	static const struct db_sql sql = {"code_get",
		"SELECT hash, tries, sends, sent FROM code"
		" WHERE purpose = :purpose AND address = :address"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	const void *hash;
	size_t len = 0;
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_TEXTZ(":purpose", code_purpose_name(purpose)),
		    DB_HASH(":address", address)))
		return -1;
	found = db_next(&rows, err);
	if (found != 1)
		return found;
	hash = db_blob(&rows, 0, &len);
	out->usable = hash && len == SHA256_LEN;
	if (out->usable)
		memcpy(out->hash.bytes, hash, SHA256_LEN);
	out->tries = db_int(&rows, 1);
	out->sends = db_int(&rows, 2);
	out->sent = db_int(&rows, 3);
	return 1;
}

static int keep_code(struct store *store, enum code_purpose purpose, const struct sha256 *address,
	const struct sha256 *hash, int64_t sends, int64_t now, struct err *err)
{
	static const struct db_sql forget = {
		"code_forget", "DELETE FROM code WHERE sent <= :before"};
	static const struct db_sql put = {"code_put",
		"INSERT INTO code(purpose, address, hash, tries, sends, sent)"
		" VALUES(:purpose, :address, :hash, 0, :sends, :sent)"
		" ON CONFLICT(purpose, address) DO UPDATE SET hash = excluded.hash, tries = 0,"
		" sends = excluded.sends, sent = excluded.sent"};

	return db_run(store->db, &forget, err, DB_INT(":before", now - FORGET_MS)) ||
			db_run(store->db, &put, err,
				DB_TEXTZ(":purpose", code_purpose_name(purpose)),
				DB_HASH(":address", address), DB_HASH(":hash", hash),
				DB_INT(":sends", sends), DB_INT(":sent", now)) ?
		-1 :
		0;
}

int user_code_send(struct store *store, const struct token_keys *keys, enum code_purpose purpose,
	const struct user_address *address, char out[CODE_LEN + 1], int64_t *wait_ms,
	struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	const uint8_t *key = token_keys_secret(keys);
	int64_t now = clock_now_ms(store->clock), wait;
	struct code_row row = {.sends = 0};
	struct sha256 subject, hash;
	char code[CODE_LEN + 1];
	int found;

	code_hash_subject(key, address_kind(address), address->text, &subject);
	if (code_make(code, err) || store_begin(store, "code", &tx, err))
		return -1;
	found = load_code(store, purpose, &subject, &row, err);
	if (found < 0)
		return -1;
	if (now - row.sent > FORGET_MS)
		row.sends = 0;
	wait = row.sends ? row.sent + code_resend_ms(row.sends) - now : 0;
	if (wait > 0) {
		*wait_ms = wait;
		return store_commit(&tx, err);
	}
	code_hash(key, purpose, address->text, code, &hash);
	if (keep_code(store, purpose, &subject, &hash, row.sends + 1, now, err) ||
		store_commit(&tx, err))
		return -1;
	memcpy(out, code, sizeof(code));
	*wait_ms = 0;
	return 0;
}

static int count_try(struct store *store, enum code_purpose purpose, const struct sha256 *address,
	bool right, struct err *err)
{
	static const struct db_sql wrong = {"code_wrong",
		"UPDATE code SET tries = tries + 1 WHERE purpose = :purpose AND address = :address"};
	static const struct db_sql used = {
		"code_used", "DELETE FROM code WHERE purpose = :purpose AND address = :address"};

	return db_run(store->db, right ? &used : &wrong, err,
		DB_TEXTZ(":purpose", code_purpose_name(purpose)), DB_HASH(":address", address));
}

int user_code_check(struct store *store, const struct token_keys *keys, enum code_purpose purpose,
	const struct user_address *address, const char *code, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	const uint8_t *key = token_keys_secret(keys);
	struct code_row row = {.usable = false};
	struct sha256 subject, hash;
	bool right;

	code_hash_subject(key, address_kind(address), address->text, &subject);
	code_hash(key, purpose, address->text, code, &hash);
	if (store_begin(store, "code", &tx, err) ||
		load_code(store, purpose, &subject, &row, err) < 0)
		return -1;
	right = row.usable && row.tries < CODE_TRIES &&
		clock_now_ms(store->clock) - row.sent < CODE_LIFE_MS &&
		crypt_equal(row.hash.bytes, hash.bytes, SHA256_LEN);
	if (count_try(store, purpose, &subject, right, err) || store_commit(&tx, err))
		return -1;
	return right;
}

/* --- backing off ---------------------------------------------------------------------------- */

int throttle_check(struct store *store, const struct token_keys *keys, const char *what,
	const char *subject, int64_t *wait_ms, struct err *err)
{
	static const struct db_sql sql = {
		"throttle_get", "SELECT failures, at FROM throttle WHERE subject = :subject"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int64_t now = clock_now_ms(store->clock), wait = 0;
	struct sha256 hash;
	int found;

	code_hash_subject(token_keys_secret(keys), what, subject, &hash);
	if (db_query(store->db, &sql, &rows, err, DB_HASH(":subject", &hash)))
		return -1;
	found = db_next(&rows, err);
	if (found < 0)
		return -1;
	if (found && now - db_int(&rows, 1) <= FORGET_MS)
		wait = db_int(&rows, 1) + code_backoff_ms(db_int(&rows, 0)) - now;
	*wait_ms = wait > 0 ? wait : 0;
	return 0;
}

int throttle_note_failure(struct store *store, const struct token_keys *keys, const char *what,
	const char *subject, struct err *err)
{
	static const struct db_sql forget = {
		"throttle_forget", "DELETE FROM throttle WHERE at <= :before"};
	static const struct db_sql put = {"throttle_put",
		"INSERT INTO throttle(subject, failures, at) VALUES(:subject, 1, :at)"
		" ON CONFLICT(subject) DO UPDATE SET failures = failures + 1, at = excluded.at"};
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	int64_t now = clock_now_ms(store->clock);
	struct sha256 hash;

	code_hash_subject(token_keys_secret(keys), what, subject, &hash);
	return store_begin(store, "throttle", &tx, err) ||
			db_run(store->db, &forget, err, DB_INT(":before", now - FORGET_MS)) ||
			db_run(store->db, &put, err, DB_HASH(":subject", &hash),
				DB_INT(":at", now)) ||
			store_commit(&tx, err) ?
		-1 :
		0;
}

int throttle_clear(struct store *store, const struct token_keys *keys, const char *what,
	const char *subject, struct err *err)
{
	static const struct db_sql sql = {
		"throttle_clear", "DELETE FROM throttle WHERE subject = :subject"};
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	struct sha256 hash;

	code_hash_subject(token_keys_secret(keys), what, subject, &hash);
	return store_begin(store, "throttle", &tx, err) ||
			db_run(store->db, &sql, err, DB_HASH(":subject", &hash)) ||
			store_commit(&tx, err) ?
		-1 :
		0;
}
