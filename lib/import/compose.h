/* compose.h - Unicode's composed form, for names that other systems must know again. */
#ifndef PINHOLE_IMPORT_COMPOSE_H
#define PINHOLE_IMPORT_COMPOSE_H

#include "base/str.h"

/* The one character that stands for a letter and the mark after it, 0 if there is none. */
uint32_t compose_pair(uint32_t base, uint32_t mark);
/* Appends the text (UTF-8) with letters and marks put together. */
void compose_text(const char *text, size_t len, struct str *out);

#endif
