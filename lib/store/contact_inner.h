/* contact_inner.h - what the files of contact.h share; nobody else includes it.
 *
 * A description becomes a `struct contact_draft`: cleaned, folded, numbers judged.  Everything
 * that is written goes through contact_draft_fill, so the rule "one number, one contact" lives in
 * one place.
 */
#ifndef PINHOLE_STORE_CONTACT_INNER_H
#define PINHOLE_STORE_CONTACT_INNER_H

#include "phone/phone.h"
#include "store/contact.h"

struct draft_phone {
	char *raw, *label;
	enum phone_outcome outcome;
	char e164[PHONE_E164_LEN]; /* "" unless valid */
};

struct draft_email {
	char *email;
	char *normalized; /* NULL where it is no address */
};

struct contact_draft {
	char *name, *folded, *org, *note, *uid; /* never NULL */
	bool named;        /* the name is a name, not a number put in its place */
	struct vec phones; /* of struct draft_phone */
	struct vec emails; /* of struct draft_email */
};

#define CONTACT_DRAFT_INIT                                                                         \
	{                                                                                          \
		.phones = VEC_INIT(struct draft_phone, CONTACT_PARTS_MAX),                         \
		.emails = VEC_INIT(struct draft_email, CONTACT_PARTS_MAX)                          \
	}
void contact_draft_release(struct contact_draft *draft);
#define _cleanup_draft_ _cleanup_(contact_draft_release)

/* Cleans and judges.  INVALID if nothing in it tells who it is, or a text is not UTF-8. */
int contact_draft_make(struct contact_draft *draft, const struct contact_card *card,
	const char *region, struct err *err);

/* What filling does, and did. */
struct contact_fill {
	bool dry_run; /* set by the caller: nothing is written */
	bool changed;
	char left_out[256]; /* what belongs to another contact already; "" for nothing */
};

/* The contact that holds the number, address or uid: 1 found, 0 none, -1 failed. */
int contact_owner_of_number(struct db *db, const char *e164, int64_t *key, struct err *err);
int contact_owner_of_email(struct db *db, const char *normalized, int64_t *key, struct err *err);
int contact_owner_of_uid(struct db *db, const char *uid, int64_t *key, struct err *err);

/* Makes the row and fills it; in a transaction of the caller. */
int contact_draft_insert(struct db *db, const struct contact_draft *draft, int64_t now,
	struct uuid *id, struct contact_fill *fill, struct err *err);
/* Adds to a contact what it lacks; in a transaction of the caller unless it is a dry run. */
int contact_draft_fill(struct db *db, const struct contact_draft *draft, int64_t key, int64_t now,
	struct contact_fill *fill, struct err *err);

/* Reads a contact by key (out is released first); its id alone. */
int contact_load_key(struct db *db, int64_t key, struct contact *out, struct err *err);
int contact_id_of(struct db *db, int64_t key, struct uuid *out, struct err *err);
/* 1 and its key, 0 none, -1 failed; follows merged ids. */
int contact_key_of(struct db *db, const struct uuid *id, int64_t *key, struct err *err);
/* Lower case and without "mailto:"; NULL with no error set if it is no address.  Free it. */
int contact_normalize_email(const char *email, char **out, struct err *err);

#endif
