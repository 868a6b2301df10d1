/* vcard.h - reads address books: vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350).
 *
 *	static int each(void *data, const struct vcard *card, struct err *err) { ... }
 *
 *	if (vcard_read_file("contacts.vcf", each, &mine, err))
 *		return -1;
 *
 * It takes what tells who a person is: names, organisation, numbers, addresses, uid, kind, note.
 * Pictures and everything else are stepped over.  It judges nothing: numbers and names are given
 * as the card has them, in UTF-8, escapes undone, control characters dropped.
 *
 * Any bytes may be given.  A card holds at most about 1 MiB in memory, however long its text is;
 * what goes over a limit is left out and `clipped` is set.
 */
#ifndef PINHOLE_IMPORT_VCARD_H
#define PINHOLE_IMPORT_VCARD_H

#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>

#define VCARD_FILE_MAX    ((size_t)64 * 1024 * 1024) /* bytes of a file */
#define VCARD_LINE_MAX    ((size_t)256 * 1024) /* bytes of an unfolded line; longer are skipped */
#define VCARD_NOTE_MAX    ((size_t)64 * 1024)
#define VCARD_TEXT_MAX    ((size_t)4 * 1024) /* fn, n, org */
#define VCARD_VALUE_MAX   ((size_t)1024)     /* a number, an address, a uid */
#define VCARD_ENTRIES_MAX 250                /* numbers, and addresses, of one card */

struct vcard_entry {
	char *value; /* as written: "+33 6 12 ...", "tel:+33...;ext=5", "Anna@Example.org" */
	char *types; /* lower case, separated by commas, in order: "work,voice,pref"; or "" */
	char *label; /* the person's own word ("Assistant"), from X-ABLabel or X-CUSTOM; or "" */
	char *group; /* "item1", lower case; or "" */
};

struct vcard_label {
	char *group; /* lower case */
	char *text;
};

struct vcard {
	char *version; /* "2.1" ...; never NULL, as all texts here: "" where the card says nothing */
	char *fn;      /* the first FN that is not empty, exactly */
	char *n;       /* the last N: family;given;additional;prefixes;suffixes, escapes kept */
	char *org;     /* the organisation alone, without its units */
	char *uid;
	char *kind; /* "individual", "group", "org" ...; lower case */
	char *note;
	struct vec tels;   /* of struct vcard_entry */
	struct vec emails; /* of struct vcard_entry */
	struct vec labels; /* of struct vcard_label: X-ABLabel, already given to entries */
	size_t line;       /* where it begins in the file, from 1 */
	bool unterminated; /* the file or the next card came before END:VCARD: its end is lost */
	bool clipped;      /* something was over a limit and left out */
};

/* Called for each card in order; the card is borrowed.  -1 stops the reading with that error. */
typedef int (*vcard_each)(void *data, const struct vcard *card, struct err *err);

/* INVALID if there is no BEGIN:VCARD in it at all; TOO_LARGE over VCARD_FILE_MAX. */
int vcard_parse(const char *bytes, size_t len, vcard_each each, void *data, struct err *err);
int vcard_read_file(const char *path, vcard_each each, void *data, struct err *err);

/* Makes a name from N ("Dr. Jürgen Müller") for cards without FN; free it.  NULL: no memory. */
char *vcard_name_from_n(const char *n, struct err *err);

#endif
