/* fold.h - text as it is compared: without regard to case and to spacing. */
#ifndef PINHOLE_STORE_FOLD_H
#define PINHOLE_STORE_FOLD_H

#include "base/str.h"

#include <stddef.h>

/* Appends `text` in lower case (Latin, Greek, Cyrillic; others have no case or stay as they are),
 * runs of spaces and controls as one space, none at the ends.  Bytes that are not UTF-8 stay. */
void fold_text(const char *text, size_t len, struct str *out);

/* The same without touching case: a name or title on one line, fit to be kept. */
void fold_spaces(const char *text, size_t len, struct str *out);

#endif
