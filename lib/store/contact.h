/* contact.h - the owner's address book: people, their numbers and addresses.
 *
 * Contacts belong to this store alone; no event names them.  A number in E.164, an e-mail address
 * (lower case) and a uid each belong to one contact at most.  Two descriptions are the same person
 * if they share, in this order: a number, an address, a uid, or a name together with a number or
 * address as written.  A name alone never joins two.
 *
 *	_cleanup_contact_ struct contact contact = CONTACT_INIT;
 *
 *	if (contact_find(db, "anna", "FR", &contact, err))
 *		return -1;			NOT_FOUND, or CONFLICT with the candidates as hint
 */
#ifndef PINHOLE_STORE_CONTACT_H
#define PINHOLE_STORE_CONTACT_H

#include "base/clock.h"
#include "base/err.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "db/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTACT_NAME_MAX  1000 /* bytes */
#define CONTACT_VALUE_MAX 1024 /* bytes of a number, an address, a uid, a label */
#define CONTACT_NOTE_MAX  ((size_t)64 * 1024)
#define CONTACT_PARTS_MAX 10000 /* numbers, addresses, names of one contact */

struct contact_phone {
	char *raw;   /* as written */
	char *e164;  /* NULL where it is no valid number */
	char *label; /* "" without */
};

struct contact_merge {
	struct uuid id; /* what was given up */
	char *name;
	int64_t at; /* ms */
};

struct contact {
	int64_t key;
	struct uuid id;
	char *name, *org, *note;  /* never NULL once filled; "" where unknown */
	struct vec phones;        /* of struct contact_phone */
	struct vec emails;        /* of char *, as written */
	struct vec names;         /* of char *: other names than `name` */
	struct vec merged;        /* of struct contact_merge */
	int64_t created, changed; /* ms */
};

#define CONTACT_INIT                                                                               \
	{                                                                                          \
		.phones = VEC_INIT(struct contact_phone, CONTACT_PARTS_MAX),                       \
		.emails = VEC_INIT(char *, CONTACT_PARTS_MAX),                                     \
		.names = VEC_INIT(char *, CONTACT_PARTS_MAX),                                      \
		.merged = VEC_INIT(struct contact_merge, CONTACT_PARTS_MAX)                        \
	}
void contact_release(struct contact *contact); /* may be filled again */
#define _cleanup_contact_ _cleanup_(contact_release)

/* --- reading ------------------------------------------------------------------------------ */

/* Fills `out` (released first) with the contact that `who` names: an id or its last 8 digits or
 * more, a number as dialled in `region`, an e-mail address, a name, or a part of a name: the
 * first of these that fits anything.  NOT_FOUND; CONFLICT when several fit. */
int contact_find(
	struct db *db, const char *who, const char *region, struct contact *out, struct err *err);
/* NOT_FOUND if there is none, or none any more (an id that was merged finds the whole). */
int contact_load(struct db *db, const struct uuid *id, struct contact *out, struct err *err);

/* Calls `each` for all contacts in the order of their names; -1 from it stops with its error. */
typedef int (*contact_each)(void *data, const struct contact *contact, struct err *err);
int contact_list(struct db *db, contact_each each, void *data, struct err *err);

/* --- changing ----------------------------------------------------------------------------- */

struct contact_number {
	const char *raw, *label; /* label may be NULL */
};

/* A person as somebody describes them.  Texts are borrowed; NULL or "" where unknown. */
struct contact_card {
	const char *name, *org, *note, *uid;
	const struct contact_number *numbers;
	size_t number_count;
	const char *const *emails;
	size_t email_count;
};

/* Adds a new contact.  INVALID without a name or with a text that is no number at all; CONFLICT if
 * a number or address is another contact's already. */
int contact_add(struct db *db, const struct clock *clock, const struct contact_card *card,
	const char *region, struct uuid *id, struct err *err);

/* What contact_add would refuse, without writing. */
int contact_check(
	struct db *db, const struct contact_card *card, const char *region, struct err *err);

/* Makes `other` a part of `keep`: names, numbers, addresses, uids and note move over, and the id
 * of `other` finds `keep` from now on.  INVALID if they are the same. */
int contact_merge(struct db *db, const struct clock *clock, const struct uuid *keep,
	const struct uuid *other, struct err *err);

/* --- importing ---------------------------------------------------------------------------- */

enum contact_status { CONTACT_ADDED = 0, CONTACT_MERGED, CONTACT_UNCHANGED, CONTACT_REFUSED };
const char *contact_status_name(enum contact_status status);

struct contact_result {
	enum contact_status status;
	struct uuid id;                  /* nil when refused, or added by a dry run */
	size_t line;                     /* as given with the card */
	char name[CONTACT_NAME_MAX + 1]; /* of the card */
	char reason[256];                /* why refused, or what was left out; "" else */
};

/* Told once what was done is in the database.  -1 stops the import with that error. */
typedef int (*contact_told)(void *data, const struct contact_result *result, struct err *err);

/*	struct contact_importer importer;
 *
 *	if (contact_import_start(&importer, db, clock, "FR", dry_run, told, data, err))
 *		return -1;
 *	for (...)
 *		if (contact_import_card(&importer, &card, line, err))
 *			break;
 *	rc = contact_import_end(&importer, rc, err);
 *
 * Cards are written in transactions of a few ms each, so that other writers get their turn. */
struct contact_importer {
	struct db *db;
	const struct clock *clock;
	const char *region; /* borrowed */
	bool dry_run;       /* cards are compared with the store only, not with each other */
	contact_told told;
	void *data;
	size_t missing_region; /* numbers so far that were kept as written for want of a region */
	struct db_tx tx;
	struct vec results; /* of struct contact_result, not told yet */
};

/* INVALID if `region` is given and is not a region. */
int contact_import_start(struct contact_importer *importer, struct db *db,
	const struct clock *clock, const char *region, bool dry_run, contact_told told, void *data,
	struct err *err);
int contact_import_card(struct contact_importer *importer, const struct contact_card *card,
	size_t line, struct err *err);
/* Reports a card that could not even be offered. */
int contact_import_refuse(struct contact_importer *importer, const char *name, size_t line,
	const char *reason, struct err *err);
/* Commits and tells what is open when `result` is 0, else takes it back; releases in any case. */
int contact_import_end(struct contact_importer *importer, int result, struct err *err);

#endif
