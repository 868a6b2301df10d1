/* contact.c - reading the address book: one contact, all of them, the one that a person means.
 *
 * It changes nothing.  Invariant: a contact is handed out whole or not at all.
 */
#include "store/contact.h"

#include "base/str.h"
#include "store/contact_inner.h"
#include "store/fold.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CANDIDATES_MAX 6 /* named when a word fits several */

static const struct db_sql contact_by_key = {
	"contact_by_key",
	"SELECT id, name, org, note, created, changed FROM contact WHERE key = :key",
};
static const struct db_sql contact_phones = {
	"contact_phones",
	"SELECT raw, e164, label FROM contact_phone WHERE contact = :key ORDER BY key",
};
static const struct db_sql contact_emails = {
	"contact_emails",
	"SELECT email FROM contact_email WHERE contact = :key ORDER BY key",
};
static const struct db_sql contact_other_names = {
	"contact_other_names",
	"SELECT n.name FROM contact_name n JOIN contact c ON c.key = n.contact"
	" WHERE n.contact = :key AND n.folded <> c.folded ORDER BY n.folded",
};
static const struct db_sql contact_merges = {
	"contact_merges",
	"SELECT id, name, at FROM contact_merged WHERE contact = :key ORDER BY at, id",
};
static const struct db_sql contact_all = {
	"contact_all",
	"SELECT key FROM contact ORDER BY folded, key",
};
static const struct db_sql contact_all_ids = {
	"contact_all_ids",
	"SELECT key, id FROM contact UNION ALL SELECT contact, id FROM contact_merged",
};
static const struct db_sql contact_by_id = {
	"contact_by_id",
	"SELECT key FROM contact WHERE id = :id"
	" UNION ALL SELECT contact FROM contact_merged WHERE id = :id",
};
static const struct db_sql contact_by_number = {
	"contact_by_number",
	"SELECT DISTINCT contact FROM contact_phone WHERE e164 = :e164 OR raw = :raw",
};
static const struct db_sql contact_by_email = {
	"contact_by_email",
	"SELECT DISTINCT contact FROM contact_email WHERE normalized = :normalized",
};
static const struct db_sql contact_by_name = {
	"contact_by_name",
	"SELECT DISTINCT contact FROM contact_name WHERE folded = :folded",
};
static const struct db_sql contact_by_part = {
	"contact_by_part",
	"SELECT DISTINCT contact FROM contact_name WHERE folded LIKE :pattern ESCAPE '\\'",
};

/* --- loading ------------------------------------------------------------------------------ */

static void texts_release(struct vec *texts)
{
	vec_foreach (texts, char *, text)
		free(*text);
	vec_release(texts);
}

void contact_release(struct contact *contact)
{
	free(contact->name);
	free(contact->org);
	free(contact->note);
	vec_foreach (&contact->phones, struct contact_phone, phone) {
		free(phone->raw);
		free(phone->e164);
		free(phone->label);
	}
	vec_release(&contact->phones);
	texts_release(&contact->emails);
	texts_release(&contact->names);
	vec_foreach (&contact->merged, struct contact_merge, merge)
		free(merge->name);
	vec_release(&contact->merged);
	*contact = (struct contact)CONTACT_INIT;
}

static int copy_text(const struct db_rows *rows, int column, char **out, struct err *err)
{
	const char *text = db_text(rows, column);

	*out = mem_strdup(text ? text : "");
	return *out ? 0 : err_no_memory(err);
}

/* 1 loaded, 0 no such key, -1 failed. */
static int load_row(struct db *db, int64_t key, struct contact *out, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(db, &contact_by_key, &rows, err, DB_INT(":key", key)))
		return -1;
	more = db_next(&rows, err);
	if (more <= 0)
		return more;
	out->key = key;
	out->created = db_int(&rows, 4);
	out->changed = db_int(&rows, 5);
	if (db_uuid(&rows, 0, &out->id, err) || copy_text(&rows, 1, &out->name, err) ||
		copy_text(&rows, 2, &out->org, err) || copy_text(&rows, 3, &out->note, err))
		return -1;
	return 1;
}

static int load_phones(struct db *db, struct contact *out, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(db, &contact_phones, &rows, err, DB_INT(":key", out->key)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct contact_phone *phone = vec_push_or(&out->phones, err);

		if (!phone || copy_text(&rows, 0, &phone->raw, err) ||
			copy_text(&rows, 2, &phone->label, err) ||
			(!db_is_null(&rows, 1) && copy_text(&rows, 1, &phone->e164, err)))
			return -1;
	}
	return more;
}

static int load_texts(
	struct db *db, const struct db_sql *sql, int64_t key, struct vec *out, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(db, sql, &rows, err, DB_INT(":key", key)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		char **text = vec_push_or(out, err);

		if (!text || copy_text(&rows, 0, text, err))
			return -1;
	}
	return more;
}

static int load_merged(struct db *db, struct contact *out, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(db, &contact_merges, &rows, err, DB_INT(":key", out->key)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct contact_merge *merge = vec_push_or(&out->merged, err);

		if (!merge || db_uuid(&rows, 0, &merge->id, err) ||
			copy_text(&rows, 1, &merge->name, err))
			return -1;
		merge->at = db_int(&rows, 2);
	}
	return more;
}

int contact_load_key(struct db *db, int64_t key, struct contact *out, struct err *err)
{
	_cleanup_contact_ struct contact contact = CONTACT_INIT;
	int found = load_row(db, key, &contact, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such contact");
	if (load_phones(db, &contact, err) ||
		load_texts(db, &contact_emails, key, &contact.emails, err) ||
		load_texts(db, &contact_other_names, key, &contact.names, err) ||
		load_merged(db, &contact, err))
		return -1;
	contact_release(out);
	*out = contact;
	contact = (struct contact)CONTACT_INIT;
	return 0;
}

int contact_key_of(struct db *db, const struct uuid *id, int64_t *key, struct err *err)
{
	return db_get_int(db, &contact_by_id, key, err, DB_UUID(":id", id));
}

int contact_id_of(struct db *db, int64_t key, struct uuid *out, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(db, &contact_by_key, &rows, err, DB_INT(":key", key)))
		return -1;
	more = db_next(&rows, err);
	if (more == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such contact");
	return more < 0 ? -1 : db_uuid(&rows, 0, out, err);
}

int contact_load(struct db *db, const struct uuid *id, struct contact *out, struct err *err)
{
	char text[UUID_TEXT_LEN + 1];
	int64_t key;
	int found = contact_key_of(db, id, &key, err);

	if (found < 0)
		return -1;
	if (found)
		return contact_load_key(db, key, out, err);
	uuid_format(id, text);
	return err_set(err, ERR_NOT_FOUND, "there is no contact %s", text);
}

int contact_list(struct db *db, contact_each each, void *data, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	_cleanup_contact_ struct contact contact = CONTACT_INIT;
	int more;

	if (db_query0(db, &contact_all, &rows, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		if (contact_load_key(db, db_int(&rows, 0), &contact, err) ||
			each(data, &contact, err))
			return -1;
	return more;
}

/* --- finding ------------------------------------------------------------------------------ */

/* The contacts that a word fits. */
struct candidates {
	int64_t keys[CANDIDATES_MAX];
	size_t count; /* may be more than were kept */
};

static void add_candidate(struct candidates *c, int64_t key)
{
	for (size_t i = 0; i < c->count && i < CANDIDATES_MAX; i++)
		if (c->keys[i] == key)
			return;
	if (c->count < CANDIDATES_MAX)
		c->keys[c->count] = key;
	c->count++;
}

static int collect(struct db_rows *rows, struct candidates *c, struct err *err)
{
	int more;

	while ((more = db_next(rows, err)) == 1)
		add_candidate(c, db_int(rows, 0));
	return more;
}

/* The hex digits of an id or of its end, dashes left out; "" if `who` is no such thing. */
static void read_id_digits(const char *who, char digits[33])
{
	size_t len = 0;

	for (const char *p = who; *p; p++) {
		if (*p == '-' && p > who && p[1])
			continue;
		if (!isxdigit((unsigned char)*p) || len == 32) {
			len = 0;
			break;
		}
		digits[len++] = (char)tolower((unsigned char)*p);
	}
	digits[len < UUID_SHORT_LEN ? 0 : len] = '\0';
}

static int find_by_id(struct db *db, const char *who, struct candidates *c, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	char digits[33], hex[33];
	int more;

	read_id_digits(who, digits);
	if (!digits[0])
		return 0;
	if (db_query0(db, &contact_all_ids, &rows, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct uuid id;

		if (db_uuid(&rows, 1, &id, err))
			return -1;
		hex_encode(id.bytes, sizeof(id.bytes), hex);
		if (text_ends(hex, digits))
			add_candidate(c, db_int(&rows, 0));
	}
	return more;
}

static int find_by_number(
	struct db *db, const char *who, const char *region, struct candidates *c, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct phone phone;
	size_t digits = 0;

	for (const char *p = who; *p; p++)
		digits += isdigit((unsigned char)*p) != 0;
	if (digits < 3) /* not worth loading the library for a name */
		return 0;
	if (phone_normalize(who, region, &phone, err) ||
		db_query(db, &contact_by_number, &rows, err,
			DB_TEXTZ(":e164", phone.e164[0] ? phone.e164 : NULL),
			DB_TEXTZ(":raw", who)))
		return -1;
	return collect(&rows, c, err);
}

static int find_by_email(struct db *db, const char *who, struct candidates *c, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	_cleanup_free_ char *normalized = NULL;

	if (contact_normalize_email(who, &normalized, err))
		return -1;
	if (!normalized)
		return 0;
	if (db_query(db, &contact_by_email, &rows, err, DB_TEXTZ(":normalized", normalized)))
		return -1;
	return collect(&rows, c, err);
}

static int find_by_name(struct db *db, const char *folded, struct candidates *c, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query(db, &contact_by_name, &rows, err, DB_TEXTZ(":folded", folded)))
		return -1;
	return collect(&rows, c, err);
}

static int find_by_part(struct db *db, const char *folded, struct candidates *c, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	_cleanup_str_ struct str pattern = STR_INIT(4 * CONTACT_NAME_MAX);

	if (!*folded)
		return 0;
	str_addc(&pattern, '%');
	for (const char *p = folded; *p; p++) {
		if (strchr("%_\\", *p))
			str_addc(&pattern, '\\');
		str_addc(&pattern, *p);
	}
	str_addc(&pattern, '%');
	if (str_check(&pattern, err) ||
		db_query(db, &contact_by_part, &rows, err, DB_TEXTZ(":pattern", pattern.data)))
		return -1;
	return collect(&rows, c, err);
}

static int ambiguous(struct db *db, const char *who, const struct candidates *c, struct err *err)
{
	_cleanup_str_ struct str list = STR_INIT(STR_MAX_LINE);
	_cleanup_contact_ struct contact contact = CONTACT_INIT;

	for (size_t i = 0; i < c->count && i < CANDIDATES_MAX; i++) {
		char id[UUID_SHORT_LEN + 1];
		size_t clip;

		if (contact_load_key(db, c->keys[i], &contact, err))
			return -1;
		uuid_format_short(&contact.id, id);
		clip = text_clip_utf8(contact.name, strlen(contact.name), 24);
		str_addf(&list, "%s%s (%.*s)", i ? ", " : "", id, (int)clip, contact.name);
	}
	if (c->count > CANDIDATES_MAX)
		str_addz(&list, " ...");
	if (str_check(&list, err))
		return -1;
	err_set(err, ERR_CONFLICT, "\"%s\" fits %zu contacts", who, c->count);
	return err_hint(err, "%s", list.data);
}

int contact_find(
	struct db *db, const char *who, const char *region, struct contact *out, struct err *err)
{
	_cleanup_str_ struct str folded = STR_INIT(CONTACT_NAME_MAX);
	struct candidates c = {.count = 0};

	fold_text(who, strlen(who), &folded);
	if (folded.failed || !text_is_utf8(who, strlen(who)))
		return err_set(err, ERR_INVALID, "a name that long, or not UTF-8, is no contact's");
	if (find_by_id(db, who, &c, err) ||
		(!c.count && find_by_number(db, who, region, &c, err)) ||
		(!c.count && find_by_email(db, who, &c, err)) ||
		(!c.count && find_by_name(db, folded.data, &c, err)) ||
		(!c.count && find_by_part(db, folded.data, &c, err)))
		return -1;
	if (c.count > 1)
		return ambiguous(db, who, &c, err);
	if (c.count == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no contact \"%s\"", who);
	return contact_load_key(db, c.keys[0], out, err);
}
