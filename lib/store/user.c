/* user.c - accounts: finding and listing them, checking a password; see user.h.
 *
 * Nothing is written here.  Invariant: a check of a password costs one argon2id, whoever is asked for.
 */
#include "store/user.h"
#include "auth/password.h"
#include "store/contact_inner.h"
#include "store/user_inner.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SHORT_MIN      4 /* hex digits of an id */
#define CANDIDATES_MAX 6 /* listed in a hint */

/* --- rows ----------------------------------------------------------------------------------- */

int user_copy_text(const struct db_rows *rows, int column, char *out, size_t size, struct err *err)
{
	const char *text = db_text(rows, column);
	size_t len = text ? strlen(text) : 0;

	if (len >= size)
		return err_set(err, ERR_DAMAGED, "the row of an account holds too long a text");
	memcpy(out, text ? text : "", len + 1);
	return 0;
}

int user_fill(const struct db_rows *rows, int first, struct user *out, struct err *err)
{
	struct user user = {.key = db_int(rows, first)};
	const char *role = db_text(rows, first + 5);

	if (db_uuid(rows, first + 1, &user.id, err) ||
		user_copy_text(rows, first + 2, user.name, sizeof(user.name), err) ||
		user_copy_text(rows, first + 3, user.phone, sizeof(user.phone), err) ||
		user_copy_text(rows, first + 4, user.email, sizeof(user.email), err))
		return -1;
	user.admin = role && strcmp(role, "admin") == 0;
	user.disabled = db_int(rows, first + 6) != 0;
	user.version = db_int(rows, first + 7);
	user.quota = db_is_null(rows, first + 8) ? USER_QUOTA_DEFAULT : db_int(rows, first + 8);
	user.self = db_int(rows, first + 9);
	user.created = db_int(rows, first + 10);
	user.rev = db_int(rows, first + 11);
	user.has_password = db_int(rows, first + 12) != 0;
	*out = user;
	return 0;
}

/* The one row of a query: 1, 0 none, -1. */
static int fetch(struct db_rows *rows, struct user *out, struct err *err)
{
	int found = db_next(rows, err);

	return found == 1 && user_fill(rows, 0, out, err) ? -1 : found;
}

/* --- addresses ------------------------------------------------------------------------------ */

static int parse_email(const char *text, struct user_address *out, struct err *err)
{
	_cleanup_free_ char *folded = NULL;
	size_t len;

	if (contact_normalize_email(text, &folded, err))
		return -1;
	len = folded ? strlen(folded) : 0;
	if (len == 0 || len >= sizeof(out->text) || !text_is_utf8(folded, len))
		return err_set(err, ERR_INVALID, "this is not an e-mail address");
	for (size_t i = 0; i < len; i++)
		if (iscntrl((unsigned char)folded[i]) || strchr("\"\\()[]:", folded[i]))
			return err_set(err, ERR_INVALID, "this is not an e-mail address");
	out->phone = false;
	memcpy(out->text, folded, len + 1);
	return 0;
}

int user_address_parse(
	struct store *store, const char *text, struct user_address *out, struct err *err)
{
	struct phone phone;

	if (strchr(text, '@'))
		return parse_email(text, out, err);
	if (phone_normalize(text, store->region, &phone, err))
		return -1;
	if (phone.outcome == PHONE_NOT_A_NUMBER)
		return err_set(err, ERR_INVALID,
			"this is neither a telephone number nor an e-mail address");
	if (phone.outcome != PHONE_E164) {
		err_set(err, ERR_INVALID, "this number %s", phone_outcome_reason(phone.outcome));
		return err_hint(err, "write it with + and the country's code");
	}
	out->phone = true;
	memcpy(out->text, phone.e164, sizeof(phone.e164));
	return 0;
}

/* --- finding -------------------------------------------------------------------------------- */

int user_get(struct store *store, const struct uuid *id, struct user *out, struct err *err)
{
	static const struct db_sql sql = {
		"user_get", "SELECT " USER_COLUMNS " FROM account a WHERE a.id = :id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	return db_query(store->db, &sql, &rows, err, DB_UUID(":id", id)) ? -1 :
									   fetch(&rows, out, err);
}

int user_find_address(
	struct store *store, const struct user_address *address, struct user *out, struct err *err)
{
	static const struct db_sql by_phone = {
		"user_by_phone", "SELECT " USER_COLUMNS " FROM account a WHERE a.phone = :address"};
	static const struct db_sql by_email = {
		"user_by_email", "SELECT " USER_COLUMNS " FROM account a WHERE a.email = :address"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query(store->db, address->phone ? &by_phone : &by_email, &rows, err,
		    DB_TEXTZ(":address", address->text)))
		return -1;
	return fetch(&rows, out, err);
}

int user_find_login(struct store *store, const char *login, struct user *out, struct err *err)
{
	struct user_address address;
	struct err why = ERR_INIT;

	if (user_address_parse(store, login, &address, &why) == 0)
		return user_find_address(store, &address, out, err);
	if (why.kind == ERR_INVALID)
		return 0;
	if (err)
		*err = why;
	return -1;
}

int user_each(struct store *store, user_told each, void *data, struct err *err)
{
	static const struct db_sql sql = {"user_each",
		"SELECT " USER_COLUMNS " FROM account a ORDER BY lower(a.name), a.key"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct user user;
	int more;

	if (db_query0(store->db, &sql, &rows, err))
		return -1;
	while ((more = fetch(&rows, &user, err)) == 1)
		if (each(data, &user, err))
			return -1;
	return more;
}

/* What an operator typed, against each account. */
struct search {
	const char *who;
	size_t len;
	bool hex;
	struct user_address address; /* "" when it is none */
	size_t count;                /* that fit */
	struct user found;           /* the first of these */
	struct str candidates;
};

static bool fits(const struct search *s, const struct user *user)
{
	char hex[33];
	struct uuid whole;

	hex_encode(user->id.bytes, 16, hex);
	if (uuid_parse(s->who, s->len, &whole) == 0)
		return uuid_equal(&whole, &user->id);
	if (*s->address.text)
		return strcmp(s->address.phone ? user->phone : user->email, s->address.text) == 0;
	return strcasecmp(s->who, user->name) == 0 ||
		(s->hex && strncasecmp(hex + 32 - s->len, s->who, s->len) == 0);
}

static int look_at(void *data, const struct user *user, struct err *err)
{
	struct search *s = data;
	char id[UUID_SHORT_LEN + 1];

	(void)err;
	if (!fits(s, user))
		return 0;
	if (s->count++ == 0)
		s->found = *user;
	if (s->count > CANDIDATES_MAX)
		return 0;
	uuid_format_short(&user->id, id);
	str_addf(&s->candidates, "%s%s (%s)", s->count > 1 ? ", " : "", id, user->name);
	return 0;
}

int user_find(struct store *store, const char *who, struct user *out, struct err *err)
{
	struct search s = {.who = who, .len = strlen(who), .candidates = STR_INIT(4096)};
	int failed;

	s.hex = s.len >= SHORT_MIN && s.len <= 32 && strspn(who, "0123456789abcdefABCDEF") == s.len;
	/* A missing phone.so must not hide the accounts that are asked for otherwise. */
	if (user_address_parse(store, who, &s.address, NULL))
		s.address.text[0] = '\0';
	failed = user_each(store, look_at, &s, err);
	if (!failed && s.count == 0) {
		err_set(err, ERR_NOT_FOUND, "there is no account '%s'", who);
		failed = err_hint(err, "`pinhole user list` shows them");
	} else if (!failed && s.count > 1) {
		err_set(err, ERR_CONFLICT, "%zu accounts fit '%s'", s.count, who);
		failed = err_hint(err, "say which: %s", s.candidates.data);
	}
	str_release(&s.candidates);
	if (failed)
		return -1;
	*out = s.found;
	return 0;
}

/* --- asking --------------------------------------------------------------------------------- */

static const struct db_sql user_password = {
	"user_password", "SELECT password FROM account WHERE key = :key"};

int user_password_is_stale(struct store *store, const struct user *user, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int got;

	if (db_query(store->db, &user_password, &rows, err, DB_INT(":key", user->key)))
		return -1;
	got = db_next(&rows, err);
	return got == 1 ? db_text(&rows, 0) && password_is_stale(db_text(&rows, 0)) : got;
}

int user_check_password(struct store *store, const struct user *user, const char *password,
	size_t len, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	_cleanup_free_ char *hash = NULL;

	/* The same statement for nobody: there is no key 0. */
	if (db_query(store->db, &user_password, &rows, err,
		    DB_INT(":key", user && !user->disabled ? user->key : 0)))
		return -1;
	switch (db_next(&rows, err)) {
	case 1:
		hash = mem_strdup(db_text(&rows, 0));
		if (!hash && db_text(&rows, 0))
			return err_no_memory(err);
		break;
	case 0:
		break;
	default:
		return -1;
	}
	db_rows_close(&rows); /* hashing takes long: hold no old state of the database meanwhile */
	return password_verify(hash, password, len, err);
}

int user_usage(struct store *store, const struct uuid *id, int64_t *bytes, struct err *err)
{
	static const struct db_sql sql = {"user_usage",
		"SELECT coalesce(sum(bytes), 0) FROM (SELECT DISTINCT part.id, part.bytes"
		" FROM view_photo photo CROSS JOIN view_part part"
		" ON part.album = photo.album AND part.photo = photo.id"
		" WHERE photo.author = :id AND photo.state <> 2)"};

	return db_get_int(store->db, &sql, bytes, err, DB_UUID(":id", id)) < 0 ? -1 : 0;
}
