/* contact_import.c - adding, joining and importing contacts: who is the same person.
 *
 * It reads no files (lib/import does).  Invariant: importing the same cards again changes nothing.
 */
#include "store/contact_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TX_MS_MAX   20  /* a transaction is ended after this long, so that others get their turn */
#define RESULTS_MAX 500 /* cards of one transaction */

static const struct db_sql same_name_and_number = {
	"contact_same_name_and_number",
	"SELECT p.contact FROM contact_phone p JOIN contact_name n ON n.contact = p.contact"
	" WHERE p.raw = :raw AND n.folded = :folded ORDER BY p.contact LIMIT 1",
};
static const struct db_sql same_name_and_email = {
	"contact_same_name_and_email",
	"SELECT e.contact FROM contact_email e JOIN contact_name n ON n.contact = e.contact"
	" WHERE e.email = :email AND n.folded = :folded ORDER BY e.contact LIMIT 1",
};
static const struct db_sql nothing_new = {
	"contact_nothing_new",
	"SELECT c.key FROM contact c JOIN contact_name n ON n.contact = c.key"
	" WHERE n.folded = :folded AND (:org = '' OR c.org = :org)"
	" AND (:note = '' OR c.note = :note) ORDER BY c.key LIMIT 1",
};

/* --- whom a card means -------------------------------------------------------------------- */

static int match_strong(
	struct db *db, const struct contact_draft *draft, int64_t *key, struct err *err)
{
	int found = 0;

	vec_foreach (&draft->phones, struct draft_phone, phone) {
		if (!found && phone->e164[0])
			found = contact_owner_of_number(db, phone->e164, key, err);
	}
	vec_foreach (&draft->emails, struct draft_email, email) {
		if (!found && email->normalized)
			found = contact_owner_of_email(db, email->normalized, key, err);
	}
	if (!found && draft->uid[0])
		found = contact_owner_of_uid(db, draft->uid, key, err);
	return found;
}

/* Numbers that are no E.164 number (extensions, national ones without a region) are no proof; with
 * the same name they are. */
static int match_weak(
	struct db *db, const struct contact_draft *draft, int64_t *key, struct err *err)
{
	int found = 0;

	vec_foreach (&draft->phones, struct draft_phone, phone) {
		if (!found)
			found = db_get_int(db, &same_name_and_number, key, err,
				DB_TEXTZ(":raw", phone->raw), DB_TEXTZ(":folded", draft->folded));
	}
	vec_foreach (&draft->emails, struct draft_email, email) {
		if (!found)
			found = db_get_int(db, &same_name_and_email, key, err,
				DB_TEXTZ(":email", email->email),
				DB_TEXTZ(":folded", draft->folded));
	}
	return found;
}

/* A card that is only a name joins nobody; but where that name is known already it tells nothing,
 * and a second empty contact of that name would help nobody. */
static int match_empty(
	struct db *db, const struct contact_draft *draft, int64_t *key, struct err *err)
{
	if (draft->phones.count || draft->emails.count || draft->uid[0])
		return 0;
	return db_get_int(db, &nothing_new, key, err, DB_TEXTZ(":folded", draft->folded),
		DB_TEXTZ(":org", draft->named ? draft->org : ""), DB_TEXTZ(":note", draft->note));
}

/* --- one contact -------------------------------------------------------------------------- */

static int refuse_owned(struct db *db, const char *value, int64_t owner, struct err *err)
{
	_cleanup_contact_ struct contact contact = CONTACT_INIT;
	char id[UUID_SHORT_LEN + 1];

	if (contact_load_key(db, owner, &contact, err))
		return -1;
	uuid_format_short(&contact.id, id);
	return err_set(
		err, ERR_CONFLICT, "%s is contact %s's already (%s)", value, id, contact.name);
}

/* A person who types a number can correct it, so what is no number at all is refused here, and
 * what is somebody else's too. */
static int check_new(struct db *db, const struct contact_draft *draft, struct err *err)
{
	int64_t owner = 0;
	int found;

	if (!draft->named)
		return err_set(err, ERR_INVALID, "the name is empty");
	vec_foreach (&draft->phones, struct draft_phone, phone) {
		if (phone->outcome == PHONE_NOT_A_NUMBER)
			return err_set(err, ERR_INVALID, "\"%s\" %s", phone->raw,
				phone_outcome_reason(phone->outcome));
		found = phone->e164[0] ? contact_owner_of_number(db, phone->e164, &owner, err) : 0;
		if (found)
			return found < 0 ? -1 : refuse_owned(db, phone->e164, owner, err);
	}
	vec_foreach (&draft->emails, struct draft_email, email) {
		if (!email->normalized)
			return err_set(
				err, ERR_INVALID, "\"%s\" is not an e-mail address", email->email);
		found = contact_owner_of_email(db, email->normalized, &owner, err);
		if (found)
			return found < 0 ? -1 : refuse_owned(db, email->email, owner, err);
	}
	return 0;
}

int contact_check(
	struct db *db, const struct contact_card *card, const char *region, struct err *err)
{
	_cleanup_draft_ struct contact_draft draft = CONTACT_DRAFT_INIT;

	return contact_draft_make(&draft, card, region, err) ? -1 : check_new(db, &draft, err);
}

int contact_add(struct db *db, const struct clock *clock, const struct contact_card *card,
	const char *region, struct uuid *id, struct err *err)
{
	_cleanup_draft_ struct contact_draft draft = CONTACT_DRAFT_INIT;
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;
	struct contact_fill fill = {.dry_run = false};
	struct uuid made;

	if (contact_draft_make(&draft, card, region, err) ||
		db_begin(db, "contact add", &tx, err) || check_new(db, &draft, err) ||
		contact_draft_insert(db, &draft, clock_now_ms(clock), &made, &fill, err) ||
		db_commit(&tx, err))
		return -1;
	*id = made;
	return 0;
}

/* --- importing ---------------------------------------------------------------------------- */

const char *contact_status_name(enum contact_status status)
{
	static const char *const names[] = {
		[CONTACT_ADDED] = "added",
		[CONTACT_MERGED] = "merged",
		[CONTACT_UNCHANGED] = "unchanged",
		[CONTACT_REFUSED] = "refused",
	};

	return names[status];
}

int contact_import_start(struct contact_importer *importer, struct db *db,
	const struct clock *clock, const char *region, bool dry_run, contact_told told, void *data,
	struct err *err)
{
	bool valid = true;

	if (region && *region && phone_region_is_valid(region, &valid, err))
		return -1;
	if (!valid)
		return err_set(err, ERR_INVALID, "\"%s\" is not a region such as FR or US", region);
	*importer = (struct contact_importer){.db = db,
		.clock = clock,
		.region = region,
		.dry_run = dry_run,
		.told = told,
		.data = data,
		.tx = DB_TX_INIT,
		.results = VEC_INIT(struct contact_result, RESULTS_MAX)};
	return 0;
}

static int commit_and_tell(struct contact_importer *importer, struct err *err)
{
	if (importer->tx.db && db_commit(&importer->tx, err))
		return -1;
	vec_foreach (&importer->results, struct contact_result, result)
		if (importer->told(importer->data, result, err))
			return -1;
	vec_clear(&importer->results);
	return 0;
}

static struct contact_result *add_result(
	struct contact_importer *importer, const char *name, size_t line, struct err *err)
{
	struct contact_result *result;

	if (importer->results.count == RESULTS_MAX && commit_and_tell(importer, err))
		return NULL;
	result = vec_push_or(&importer->results, err);
	if (!result)
		return NULL;
	result->line = line;
	snprintf(result->name, sizeof(result->name), "%.*s",
		(int)text_clip_utf8(name, strlen(name), CONTACT_NAME_MAX), name);
	return result;
}

int contact_import_refuse(struct contact_importer *importer, const char *name, size_t line,
	const char *reason, struct err *err)
{
	struct contact_result *result = add_result(importer, name, line, err);

	if (!result)
		return -1;
	result->status = CONTACT_REFUSED;
	snprintf(result->reason, sizeof(result->reason), "%.255s", reason);
	return 0;
}

/* Writes a draft and says what became of it. */
static int import_draft(struct contact_importer *importer, const struct contact_draft *draft,
	struct contact_result *result, struct err *err)
{
	struct db *db = importer->db;
	int64_t now = clock_now_ms(importer->clock), key = 0;
	struct contact_fill fill = {.dry_run = importer->dry_run};
	int same = match_strong(db, draft, &key, err);

	if (!same)
		same = match_weak(db, draft, &key, err);
	if (same < 0)
		return -1;
	if (!same) {
		int empty = match_empty(db, draft, &key, err);

		result->status = empty ? CONTACT_UNCHANGED : CONTACT_ADDED;
		if (empty)
			return empty < 0 ? -1 : contact_id_of(db, key, &result->id, err);
		if (!importer->dry_run &&
			contact_draft_insert(db, draft, now, &result->id, &fill, err))
			return -1;
	} else {
		if (contact_id_of(db, key, &result->id, err) ||
			contact_draft_fill(db, draft, key, now, &fill, err))
			return -1;
		result->status = fill.changed ? CONTACT_MERGED : CONTACT_UNCHANGED;
	}
	memcpy(result->reason, fill.left_out, sizeof(result->reason));
	return 0;
}

int contact_import_card(struct contact_importer *importer, const struct contact_card *card,
	size_t line, struct err *err)
{
	_cleanup_draft_ struct contact_draft draft = CONTACT_DRAFT_INIT;
	struct err why = ERR_INIT;
	struct contact_result *result;

	if (contact_draft_make(&draft, card, importer->region, &why)) {
		if (why.kind == ERR_INVALID)
			return contact_import_refuse(
				importer, card->name ? card->name : "", line, why.message, err);
		*err = why;
		return -1;
	}
	vec_foreach (&draft.phones, struct draft_phone, phone)
		importer->missing_region += phone->outcome == PHONE_MISSING_REGION;
	result = add_result(importer, draft.name, line, err);
	if (!result)
		return -1;
	if (!importer->dry_run && !importer->tx.db &&
		db_begin(importer->db, "contact import", &importer->tx, err))
		return -1;
	if (import_draft(importer, &draft, result, err))
		return -1;
	return db_held_ms(importer->db) >= TX_MS_MAX ? commit_and_tell(importer, err) : 0;
}

int contact_import_end(struct contact_importer *importer, int result, struct err *err)
{
	if (result == 0)
		result = commit_and_tell(importer, err);
	db_rollback(&importer->tx);
	vec_release(&importer->results);
	return result;
}
