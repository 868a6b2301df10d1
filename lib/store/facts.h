/* facts.h - facts objects: what a file says about itself that not every member may see, or that is long.
 *
 * A facts object is canonical JSON in objects/, named by its hash in the bodies of photo.add,
 * photo.part and photo.set.  Its keys are those of pinhole-media (lib/media/media.h: position, serial
 * number, owner, software, raw ...) and
 *
 *   name      the file's own name; bytes that are not UTF-8 are shown as \xNN
 *   name_hex  the name's bytes in hex, only where `name` could not hold them
 *   salt      16 random bytes in hex: nobody finds a position by hashing guesses
 *
 * Writing one, bytes before rows:
 *
 *	facts = facts_make(media, name, name_len, err);
 *	facts_put(store, facts, &hash, err);			flushed to disk
 *	event_begin(...);
 *	facts_index(store, &hash, facts, err);			the rows that searching needs
 *	event_submit(...); event_commit(...);
 *
 * Many at once: facts_write gives the bytes for an object writer of the caller's own group.
 */
#ifndef PINHOLE_STORE_FACTS_H
#define PINHOLE_STORE_FACTS_H

#include "store/store.h"

#define FACTS_MAX      ((size_t)256 * 1024) /* bytes of a facts object */
#define FACTS_SALT_LEN 16
#define FACTS_NAME_MAX 4096 /* bytes of a file's own name that are kept */

/* Takes pinhole-media's facts (borrowed; NULL: nothing could be read) and the file's own name (bytes
 * without its directories; NULL: none).  Caller owns the result; NULL with NO_MEMORY, INVALID for
 * values that have no canonical form, TOO_LARGE past FACTS_MAX (pinhole-media stays far below). */
json_t *facts_make(const json_t *media, const char *name, size_t name_len, struct err *err);

/* The same facts at another place (degrees x 10^7), with a salt of its own; `placed` false takes the
 * position away.  Caller owns the result. */
json_t *facts_move(
	const json_t *facts, bool placed, int32_t lat_e7, int32_t lon_e7, struct err *err);

/* Appends the object's bytes. */
int facts_write(const json_t *facts, struct str *out, struct err *err);
/* Stores the object; call it before the transaction that names it. */
int facts_put(struct store *store, const json_t *facts, struct sha256 *hash, struct err *err);
/* In an open transaction: the rows of `fact` and its full text.  Known facts are left as they are. */
int facts_index(
	struct store *store, const struct sha256 *hash, const json_t *facts, struct err *err);

/* Reads one back; NOT_FOUND if it is not here (it may not have been fetched), DAMAGED. */
int facts_get(struct store *store, const struct sha256 *hash, json_t **out, struct err *err);

/* In an open transaction: takes its rows away, if there are any.  The object is the caller's. */
int facts_forget(struct store *store, const struct sha256 *hash, struct err *err);

/* The file's own name (borrowed), NULL if unknown; the position: false if unknown. */
const char *facts_name(const json_t *facts);
bool facts_place(const json_t *facts, int32_t *lat_e7, int32_t *lon_e7);

#endif
