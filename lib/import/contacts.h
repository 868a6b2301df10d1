/* contacts.h - an address book file into the store's contacts. */
#ifndef PINHOLE_IMPORT_CONTACTS_H
#define PINHOLE_IMPORT_CONTACTS_H

#include "base/err.h"
#include "import/vcard.h"
#include "store/contact.h"

/* Offers every card of a vCard file to an importer that the caller started and ends.  Groups and
 * cards whose end is missing are refused: half a card would be another person the next time.
 * Stops between cards with INTERRUPTED when `interrupted` (may be NULL) says so. */
int contacts_import_file(struct contact_importer *importer, const char *path,
	bool (*interrupted)(void), struct err *err);

/* Writes what a number is for into `out`: the person's own word, else "mobile", "work fax" ... from
 * the card's types; "" where they tell nothing. */
void contacts_label(const struct vcard_entry *tel, char out[64]);

#endif
