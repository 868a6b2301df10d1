/* out.h - JSON written straight into a str, for answers that are made often: one pass, no tree.
 *
 *	wire_add_open(&out, NULL, '{');
 *	wire_add_uuid(&out, "id", &id);
 *	wire_add_open(&out, "tags", '[');
 *	wire_add_text(&out, NULL, tag);		NULL: an item of a list
 *	wire_add_close(&out, ']');
 *	wire_add_close(&out, '}');
 *	if (str_check(&out, err))
 *		return -1;
 *
 * Commas come by themselves.  Keys are constants that need no escapes.  What is not UTF-8 in a text
 * becomes U+FFFD, so that one damaged row does not cost the whole answer.
 */
#ifndef PINHOLE_WIRE_OUT_H
#define PINHOLE_WIRE_OUT_H

#include "base/str.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stdint.h>

void wire_add_open(struct str *out, const char *key, char bracket);
void wire_add_close(struct str *out, char bracket);
void wire_add_text(struct str *out, const char *key, const char *text); /* NULL: null */
void wire_add_textn(struct str *out, const char *key, const char *text, size_t len);
void wire_add_int(struct str *out, const char *key, int64_t value);
void wire_add_bool(struct str *out, const char *key, bool value);
void wire_add_null(struct str *out, const char *key);
void wire_add_uuid(struct str *out, const char *key, const struct uuid *id);
void wire_add_hex(struct str *out, const char *key, const void *bytes, size_t len);
/* A value that is JSON already. */
void wire_add_raw(struct str *out, const char *key, const char *json, size_t len);

#endif
