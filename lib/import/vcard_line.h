/* vcard_line.h - one logical line of a vCard: unfolded, split, decoded.  Inner header of vcard.
 *
 *	struct vcard_reader reader = {.at = bytes, .end = bytes + len};
 *
 *	while (vcard_line_next(&reader, &line))
 *		if (strcmp(line.name, "TEL") == 0)
 *			vcard_line_value(&line, &value);
 */
#ifndef PINHOLE_IMPORT_VCARD_LINE_H
#define PINHOLE_IMPORT_VCARD_LINE_H

#include "base/str.h"
#include "import/vcard.h"

#include <stdbool.h>
#include <stddef.h>

struct vcard_reader {
	const char *at, *end; /* what is still unread */
	size_t line;          /* physical lines read so far */
};

struct vcard_line {
	struct str text; /* the unfolded line; may hold any byte but NUL */
	struct str types;
	struct str label;  /* of an X-CUSTOM parameter */
	char group[64];    /* lower case, "" without */
	char name[64];     /* upper case, "" for a line that is no property */
	char charset[32];  /* upper case, "" without */
	const char *value; /* into text, still encoded */
	size_t number;     /* of its first physical line, from 1 */
	bool quoted_printable, base64;
	bool too_long; /* over VCARD_LINE_MAX: there is a name, and no value is given */
};

void vcard_line_init(struct vcard_line *line);
void vcard_line_release(struct vcard_line *line);
/* True if there was another line; what `line` held before is gone. */
bool vcard_line_next(struct vcard_reader *reader, struct vcard_line *line);

/* Appends the value in UTF-8, backslash escapes kept; false if it is binary or too long. */
bool vcard_line_value(const struct vcard_line *line, struct str *out);
/* Appends the same with its backslash escapes undone, up to an unescaped `stop` (0: to the end).
 * vCard 2.1 knows fewer escapes (`old`). */
void vcard_unescape(const char *text, bool old, char stop, struct str *out);

/* Appends bytes of a charset (upper case; "" is UTF-8) as UTF-8.  What is not valid in it is read
 * as Windows-1252, which is what such files mostly are.  Control characters other than newline
 * and tab are dropped. */
void vcard_add_utf8(struct str *out, const char *bytes, size_t len, const char *charset);

#endif
