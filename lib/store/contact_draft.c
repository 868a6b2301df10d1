/* contact_draft.c - a description of a person, cleaned and judged, and its way into the tables.
 *
 * It does not decide whom a description means (contact_import.c does).  Invariant: a number in
 * E.164, a normalized address and a uid are never given to a second contact.
 */
#include "store/contact_inner.h"

#include "store/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct db_sql owner_of_number = {
	"contact_owner_of_number",
	"SELECT contact FROM contact_phone WHERE e164 = :e164",
};
static const struct db_sql owner_of_email = {
	"contact_owner_of_email",
	"SELECT contact FROM contact_email WHERE normalized = :normalized",
};
static const struct db_sql owner_of_uid = {
	"contact_owner_of_uid",
	"SELECT contact FROM contact_uid WHERE uid = :uid",
};
static const struct db_sql contact_insert = {
	"contact_insert",
	"INSERT INTO contact (id, name, folded, named, created, changed)"
	" VALUES (:id, :name, :folded, :named, :now, :now)",
};
static const struct db_sql phone_same = {
	"contact_phone_same",
	"SELECT key FROM contact_phone WHERE contact = :contact AND raw = :raw LIMIT 1",
};
static const struct db_sql phone_bare = {
	"contact_phone_bare",
	"SELECT key FROM contact_phone WHERE contact = :contact AND raw = :raw AND e164 IS NULL"
	" LIMIT 1",
};
static const struct db_sql phone_judge = {
	"contact_phone_judge",
	"UPDATE contact_phone SET e164 = :e164 WHERE key = :key",
};
static const struct db_sql phone_insert = {
	"contact_phone_insert",
	"INSERT INTO contact_phone (contact, raw, e164, label) VALUES (:contact, :raw, :e164, :label)",
};
static const struct db_sql email_has_raw = {
	"contact_email_has_raw",
	"SELECT key FROM contact_email WHERE contact = :contact AND email = :email",
};
static const struct db_sql email_insert = {
	"contact_email_insert",
	"INSERT INTO contact_email (contact, email, normalized)"
	" VALUES (:contact, :email, :normalized)",
};
static const struct db_sql uid_insert = {
	"contact_uid_insert",
	"INSERT INTO contact_uid (uid, contact) VALUES (:uid, :contact)",
};
static const struct db_sql name_insert = {"contact_name_insert",
	"INSERT INTO contact_name (contact, folded, name) VALUES (:contact, :folded, :name)"};
static const struct db_sql name_known = {
	"contact_name_known",
	"SELECT 1 FROM contact_name WHERE contact = :contact AND folded = :folded",
};
static const struct db_sql name_missing = {
	"contact_name_missing",
	"SELECT 1 FROM contact WHERE key = :key AND named = 0",
};
static const struct db_sql name_replace = {
	"contact_name_replace",
	"UPDATE contact SET name = :name, folded = :folded, named = 1 WHERE key = :key",
};
static const struct db_sql text_get = {
	"contact_text_get",
	"SELECT org, note FROM contact WHERE key = :key",
};
static const struct db_sql text_set = {
	"contact_text_set",
	"UPDATE contact SET org = :org, note = :note WHERE key = :key",
};
static const struct db_sql contact_touch = {
	"contact_touch",
	"UPDATE contact SET changed = :now WHERE key = :key",
};

/* --- making ------------------------------------------------------------------------------- */

void contact_draft_release(struct contact_draft *draft)
{
	free(draft->name);
	free(draft->folded);
	free(draft->org);
	free(draft->note);
	free(draft->uid);
	vec_foreach (&draft->phones, struct draft_phone, phone) {
		free(phone->raw);
		free(phone->label);
	}
	vec_release(&draft->phones);
	vec_foreach (&draft->emails, struct draft_email, email) {
		free(email->email);
		free(email->normalized);
	}
	vec_release(&draft->emails);
	*draft = (struct contact_draft)CONTACT_DRAFT_INIT;
}

/* One clean line of at most `max` bytes, cut between characters; NULL on failure. */
static char *clean_line(const char *text, size_t max, struct err *err)
{
	size_t len = text ? strlen(text) : 0;
	_cleanup_str_ struct str line = STR_INIT(len);

	if (len && !text_is_utf8(text, len)) {
		err_set(err, ERR_INVALID, "a text of the contact is not UTF-8");
		return NULL;
	}
	fold_spaces(text ? text : "", len, &line);
	str_truncate(&line, text_clip_utf8(line.data, line.len, max));
	return str_take(&line, err);
}

/* A note keeps its lines; other controls go. */
static char *clean_note(const char *text, struct err *err)
{
	size_t len = text ? strlen(text) : 0;
	_cleanup_str_ struct str note = STR_INIT(len);

	if (len && !text_is_utf8(text, len)) {
		err_set(err, ERR_INVALID, "the note is not UTF-8");
		return NULL;
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t')
			str_addc(&note, (char)c);
	}
	while (note.len && strchr(" \t\n", note.data[note.len - 1]))
		str_truncate(&note, note.len - 1);
	str_truncate(&note, text_clip_utf8(note.data, note.len, CONTACT_NOTE_MAX));
	return str_take(&note, err);
}

int contact_normalize_email(const char *email, char **out, struct err *err)
{
	_cleanup_str_ struct str folded = STR_INIT(2 * CONTACT_VALUE_MAX);
	const char *at, *text;

	*out = NULL;
	fold_text(email, strlen(email), &folded);
	text = folded.data + (text_starts(folded.data, "mailto:") ? strlen("mailto:") : 0);
	at = strchr(text, '@');
	if (folded.failed || !at || at == text || !at[1] || strchr(at + 1, '@') ||
		strpbrk(text, " <>,;"))
		return 0;
	*out = mem_strdup(text);
	return *out ? 0 : err_no_memory(err);
}

static int add_phone(struct contact_draft *draft, const struct contact_number *number,
	const char *region, struct err *err)
{
	struct phone judged;
	struct draft_phone *phone;

	if (strlen(number->raw) > CONTACT_VALUE_MAX)
		return err_set(
			err, ERR_INVALID, "a number of more than %d bytes", CONTACT_VALUE_MAX);
	phone = vec_push_or(&draft->phones, err);
	if (!phone)
		return -1;
	phone->raw = clean_line(number->raw, CONTACT_VALUE_MAX, err);
	phone->label = phone->raw ? clean_line(number->label, CONTACT_VALUE_MAX, err) : NULL;
	if (!phone->raw || !phone->label || phone_normalize(phone->raw, region, &judged, err))
		return -1;
	phone->outcome = judged.outcome;
	memcpy(phone->e164, judged.e164, sizeof(phone->e164));
	return 0;
}

static int add_email(struct contact_draft *draft, const char *text, struct err *err)
{
	struct draft_email *email;

	if (strlen(text) > CONTACT_VALUE_MAX)
		return err_set(
			err, ERR_INVALID, "an address of more than %d bytes", CONTACT_VALUE_MAX);
	email = vec_push_or(&draft->emails, err);
	if (!email)
		return -1;
	email->email = clean_line(text, CONTACT_VALUE_MAX, err);
	if (!email->email)
		return -1;
	return contact_normalize_email(email->email, &email->normalized, err);
}

/* A card without a name is called by what else tells who it is. */
static int choose_name(struct contact_draft *draft, const char *name, struct err *err)
{
	_cleanup_str_ struct str folded = STR_INIT(4 * CONTACT_VALUE_MAX);
	const char *chosen = "";

	draft->name = clean_line(name, CONTACT_NAME_MAX, err);
	if (!draft->name)
		return -1;
	draft->named = draft->name[0] != '\0';
	if (!draft->named) {
		if (draft->org[0])
			chosen = draft->org;
		else if (draft->emails.count)
			chosen = ((struct draft_email *)vec_at(&draft->emails, 0))->email;
		else if (draft->phones.count)
			chosen = ((struct draft_phone *)vec_at(&draft->phones, 0))->raw;
		free(draft->name);
		draft->name = clean_line(chosen, CONTACT_NAME_MAX, err);
		if (!draft->name)
			return -1;
	}
	if (!draft->name[0])
		return err_set(err, ERR_INVALID, "it has no name, number or address");
	fold_text(draft->name, strlen(draft->name), &folded);
	draft->folded = str_take(&folded, err);
	return draft->folded ? 0 : -1;
}

int contact_draft_make(struct contact_draft *draft, const struct contact_card *card,
	const char *region, struct err *err)
{
	_cleanup_draft_ struct contact_draft made = CONTACT_DRAFT_INIT;

	made.org = clean_line(card->org, CONTACT_NAME_MAX, err);
	made.note = made.org ? clean_note(card->note, err) : NULL;
	made.uid = made.note ? clean_line(card->uid, CONTACT_VALUE_MAX, err) : NULL;
	if (!made.uid)
		return -1;
	for (size_t i = 0; i < card->number_count; i++)
		if (add_phone(&made, &card->numbers[i], region, err))
			return -1;
	for (size_t i = 0; i < card->email_count; i++)
		if (add_email(&made, card->emails[i], err))
			return -1;
	if (choose_name(&made, card->name, err))
		return -1;
	contact_draft_release(draft);
	*draft = made;
	made = (struct contact_draft)CONTACT_DRAFT_INIT;
	return 0;
}

/* --- writing ------------------------------------------------------------------------------ */

int contact_owner_of_number(struct db *db, const char *e164, int64_t *key, struct err *err)
{
	return db_get_int(db, &owner_of_number, key, err, DB_TEXTZ(":e164", e164));
}

int contact_owner_of_email(struct db *db, const char *normalized, int64_t *key, struct err *err)
{
	return db_get_int(db, &owner_of_email, key, err, DB_TEXTZ(":normalized", normalized));
}

int contact_owner_of_uid(struct db *db, const char *uid, int64_t *key, struct err *err)
{
	return db_get_int(db, &owner_of_uid, key, err, DB_TEXTZ(":uid", uid));
}

/* db_run, and nothing in a dry run; notes the change. */
#define put(db, fill, sql, err, ...)                                                               \
	((fill)->changed = true, (fill)->dry_run ? 0 : db_run(db, sql, err, __VA_ARGS__))

/* Says that a value stays where it is; only the first is told. */
static int leave_out(
	struct db *db, const char *value, int64_t owner, struct contact_fill *fill, struct err *err)
{
	char id[UUID_SHORT_LEN + 1];
	struct uuid uuid;

	if (fill->left_out[0])
		return 0;
	if (contact_id_of(db, owner, &uuid, err))
		return -1;
	uuid_format_short(&uuid, id);
	snprintf(fill->left_out, sizeof(fill->left_out), "%.*s is also contact %s's",
		(int)text_clip_utf8(value, strlen(value), 200), value, id);
	return 0;
}

static int fill_phone(struct db *db, const struct draft_phone *phone, int64_t contact,
	struct contact_fill *fill, struct err *err)
{
	int64_t owner = 0, bare = 0;
	int owned = 0, found;

	if (phone->e164[0])
		owned = contact_owner_of_number(db, phone->e164, &owner, err);
	if (owned < 0)
		return -1;
	if (owned)
		return owner == contact ? 0 : leave_out(db, phone->e164, owner, fill, err);
	found = db_get_int(db, phone->e164[0] ? &phone_bare : &phone_same, &bare, err,
		DB_INT(":contact", contact), DB_TEXTZ(":raw", phone->raw));
	if (found < 0)
		return -1;
	if (found && !phone->e164[0])
		return 0;
	if (found) /* it came before without a region, and now we know better */
		return put(db, fill, &phone_judge, err, DB_TEXTZ(":e164", phone->e164),
			DB_INT(":key", bare));
	return put(db, fill, &phone_insert, err, DB_INT(":contact", contact),
		DB_TEXTZ(":raw", phone->raw),
		DB_TEXTZ(":e164", phone->e164[0] ? phone->e164 : NULL),
		DB_TEXTZ(":label", phone->label));
}

static int fill_email(struct db *db, const struct draft_email *email, int64_t contact,
	struct contact_fill *fill, struct err *err)
{
	int64_t owner = 0;
	int owned;

	if (email->normalized) {
		owned = contact_owner_of_email(db, email->normalized, &owner, err);
	} else {
		owner = contact;
		owned = db_get_int(db, &email_has_raw, &(int64_t){0}, err,
			DB_INT(":contact", contact), DB_TEXTZ(":email", email->email));
	}
	if (owned < 0)
		return -1;
	if (owned)
		return owner == contact ? 0 : leave_out(db, email->email, owner, fill, err);
	return put(db, fill, &email_insert, err, DB_INT(":contact", contact),
		DB_TEXTZ(":email", email->email), DB_TEXTZ(":normalized", email->normalized));
}

static int fill_uid(
	struct db *db, const char *uid, int64_t contact, struct contact_fill *fill, struct err *err)
{
	int64_t owner = 0;
	int owned = *uid ? contact_owner_of_uid(db, uid, &owner, err) : 1;

	if (owned < 0)
		return -1;
	if (owned) /* another's uid is no loss: it only serves to match */
		return 0;
	return put(db, fill, &uid_insert, err, DB_TEXTZ(":uid", uid), DB_INT(":contact", contact));
}

static int fill_name(struct db *db, const struct contact_draft *draft, int64_t contact,
	struct contact_fill *fill, struct err *err)
{
	int64_t one;
	int missing, known;

	if (!draft->named)
		return 0;
	missing = db_get_int(db, &name_missing, &one, err, DB_INT(":key", contact));
	known = db_get_int(db, &name_known, &one, err, DB_INT(":contact", contact),
		DB_TEXTZ(":folded", draft->folded));
	if (missing < 0 || known < 0)
		return -1;
	if (missing &&
		put(db, fill, &name_replace, err, DB_TEXTZ(":name", draft->name),
			DB_TEXTZ(":folded", draft->folded), DB_INT(":key", contact)))
		return -1;
	if (known)
		return 0;
	return put(db, fill, &name_insert, err, DB_INT(":contact", contact),
		DB_TEXTZ(":folded", draft->folded), DB_TEXTZ(":name", draft->name));
}

/* Reads organisation and note; copies, because the row is closed before it is written. */
static int get_text(
	struct db *db, int64_t contact, struct str *org, struct str *note, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query(db, &text_get, &rows, err, DB_INT(":key", contact)))
		return -1;
	if (db_next(&rows, err) != 1)
		return rows.failed ? -1 : err_set(err, ERR_NOT_FOUND, "there is no such contact");
	str_addz(org, db_text(&rows, 0));
	str_addz(note, db_text(&rows, 1));
	return str_check(org, err) || str_check(note, err) ? -1 : 0;
}

/* The organisation counts where there was none; a note is added to the one that is there. */
static int fill_text(struct db *db, const struct contact_draft *draft, int64_t contact,
	struct contact_fill *fill, struct err *err)
{
	_cleanup_str_ struct str org = STR_INIT(CONTACT_NAME_MAX);
	_cleanup_str_ struct str note = STR_INIT(CONTACT_NOTE_MAX);
	bool new_org, new_note;

	if (!draft->org[0] && !draft->note[0])
		return 0;
	if (get_text(db, contact, &org, &note, err))
		return -1;
	new_org = !org.len && draft->org[0];
	new_note = draft->note[0] && !strstr(note.data, draft->note) &&
		note.len + strlen(draft->note) < CONTACT_NOTE_MAX;
	if (!new_org && !new_note)
		return 0;
	if (new_note)
		str_addf(&note, "%s%s", note.len ? "\n" : "", draft->note);
	return put(db, fill, &text_set, err, DB_TEXTZ(":org", new_org ? draft->org : org.data),
		DB_TEXTZ(":note", note.data), DB_INT(":key", contact));
}

int contact_draft_fill(struct db *db, const struct contact_draft *draft, int64_t key, int64_t now,
	struct contact_fill *fill, struct err *err)
{
	fill->changed = false;
	fill->left_out[0] = '\0';
	vec_foreach (&draft->phones, struct draft_phone, phone)
		if (fill_phone(db, phone, key, fill, err))
			return -1;
	vec_foreach (&draft->emails, struct draft_email, email)
		if (fill_email(db, email, key, fill, err))
			return -1;
	if (fill_uid(db, draft->uid, key, fill, err) || fill_name(db, draft, key, fill, err) ||
		fill_text(db, draft, key, fill, err))
		return -1;
	if (!fill->changed || fill->dry_run)
		return 0;
	return db_run(db, &contact_touch, err, DB_INT(":now", now), DB_INT(":key", key));
}

int contact_draft_insert(struct db *db, const struct contact_draft *draft, int64_t now,
	struct uuid *id, struct contact_fill *fill, struct err *err)
{
	struct uuid made = uuid_make(now);
	int64_t key = 0;

	if (db_run(db, &contact_insert, err, DB_UUID(":id", &made), DB_TEXTZ(":name", draft->name),
		    DB_TEXTZ(":folded", draft->folded), DB_INT(":named", draft->named),
		    DB_INT(":now", now)) ||
		contact_key_of(db, &made, &key, err) < 0 ||
		db_run(db, &name_insert, err, DB_INT(":contact", key),
			DB_TEXTZ(":folded", draft->folded), DB_TEXTZ(":name", draft->name)) ||
		contact_draft_fill(db, draft, key, now, fill, err))
		return -1;
	*id = made;
	return 0;
}
