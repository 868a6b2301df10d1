/* contact_merge.c - making one contact of two, on a person's word.
 *
 * Nothing is lost: what the other one had moves over, and the trail keeps its id and name.
 * Invariant: after it, the id that was given up finds the contact that was kept.
 */
#include "store/contact_inner.h"

#include <string.h>

/* What is word for word the same and judged the same is kept once. */
static const struct db_sql merge_phones = {
	"contact_merge_phones",
	"UPDATE contact_phone SET contact = :keep WHERE contact = :other AND NOT (e164 IS NULL AND"
	" EXISTS (SELECT 1 FROM contact_phone k WHERE k.contact = :keep AND k.raw = contact_phone.raw))",
};
static const struct db_sql merge_phones_rest = {
	"contact_merge_phones_rest",
	"DELETE FROM contact_phone WHERE contact = :other",
};
static const struct db_sql merge_emails = {
	"contact_merge_emails",
	"UPDATE contact_email SET contact = :keep WHERE contact = :other AND NOT (normalized IS NULL"
	" AND EXISTS (SELECT 1 FROM contact_email k WHERE k.contact = :keep"
	" AND k.email = contact_email.email))",
};
static const struct db_sql merge_emails_rest = {
	"contact_merge_emails_rest",
	"DELETE FROM contact_email WHERE contact = :other",
};
static const struct db_sql merge_uids = {
	"contact_merge_uids",
	"UPDATE contact_uid SET contact = :keep WHERE contact = :other",
};
static const struct db_sql merge_names = {
	"contact_merge_names",
	"UPDATE contact_name SET contact = :keep WHERE contact = :other AND NOT EXISTS"
	" (SELECT 1 FROM contact_name k WHERE k.contact = :keep AND k.folded = contact_name.folded)",
};
static const struct db_sql merge_names_rest = {
	"contact_merge_names_rest",
	"DELETE FROM contact_name WHERE contact = :other",
};
static const struct db_sql merge_shown_name = {
	"contact_merge_shown_name",
	"UPDATE contact SET name = o.name, folded = o.folded, named = 1 FROM contact o"
	" WHERE contact.key = :keep AND contact.named = 0 AND o.key = :other AND o.named = 1",
};
static const struct db_sql merge_trail = {
	"contact_merge_trail",
	"UPDATE contact_merged SET contact = :keep WHERE contact = :other",
};
static const struct db_sql merge_text = {
	"contact_merge_text",
	"UPDATE contact SET org = :org, note = :note, changed = :now WHERE key = :keep",
};
static const struct db_sql merge_record = {
	"contact_merge_record",
	"INSERT INTO contact_merged (id, contact, name, at) VALUES (:id, :keep, :name, :now)",
};
static const struct db_sql merge_delete = {
	"contact_merge_delete",
	"DELETE FROM contact WHERE key = :other",
};

static int move_rows(struct db *db, int64_t keep, int64_t other, struct err *err)
{
	static const struct db_sql *const moves[] = {&merge_phones, &merge_emails, &merge_uids,
		&merge_names, &merge_shown_name, &merge_trail};
	static const struct db_sql *const rests[] = {
		&merge_phones_rest, &merge_emails_rest, &merge_names_rest};

	for (size_t i = 0; i < ARRAY_LEN(moves); i++)
		if (db_run(db, moves[i], err, DB_INT(":keep", keep), DB_INT(":other", other)))
			return -1;
	for (size_t i = 0; i < ARRAY_LEN(rests); i++)
		if (db_run(db, rests[i], err, DB_INT(":other", other)))
			return -1;
	return 0;
}

static int merge_texts(struct db *db, const struct contact *keep, const struct contact *other,
	int64_t now, struct err *err)
{
	_cleanup_str_ struct str note = STR_INIT(2 * CONTACT_NOTE_MAX + 2);

	str_addz(&note, keep->note);
	if (other->note[0] && !strstr(keep->note, other->note))
		str_addf(&note, "%s%s", note.len ? "\n" : "", other->note);
	if (note.len > CONTACT_NOTE_MAX)
		return err_set(err, ERR_TOO_LARGE, "the two notes together are over %zu bytes",
			CONTACT_NOTE_MAX);
	return db_run(db, &merge_text, err, DB_TEXTZ(":org", keep->org[0] ? keep->org : other->org),
		DB_TEXTZ(":note", note.data), DB_INT(":now", now), DB_INT(":keep", keep->key));
}

int contact_merge(struct db *db, const struct clock *clock, const struct uuid *keep,
	const struct uuid *other, struct err *err)
{
	_cleanup_contact_ struct contact a = CONTACT_INIT;
	_cleanup_contact_ struct contact b = CONTACT_INIT;
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;
	int64_t now = clock_now_ms(clock);

	if (db_begin(db, "contact merge", &tx, err) || contact_load(db, keep, &a, err) ||
		contact_load(db, other, &b, err))
		return -1;
	if (a.key == b.key)
		return err_set(err, ERR_INVALID, "both are the same contact");
	if (merge_texts(db, &a, &b, now, err) || move_rows(db, a.key, b.key, err) ||
		db_run(db, &merge_record, err, DB_UUID(":id", &b.id), DB_INT(":keep", a.key),
			DB_TEXTZ(":name", b.name), DB_INT(":now", now)) ||
		db_run(db, &merge_delete, err, DB_INT(":other", b.key)))
		return -1;
	return db_commit(&tx, err);
}
