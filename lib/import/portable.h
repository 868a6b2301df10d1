/* portable.h - file names that every file system takes: FAT, NTFS, APFS, ext4, inside archives.
 *
 *	struct portable_names *names;
 *	portable_names_open(&names, err);
 *	portable_stem(wall_ms, "IMG_1.JPG", &hash, &stem);		2024-05-01_12-34-56_IMG_1
 *	while (portable_names_has(names, candidate))
 *		...;							another candidate
 *	portable_names_take(names, candidate, err);
 *	portable_names_close(names);
 *
 * A name holds no characters that are reserved anywhere, none that a terminal obeys or hides, does not end in a
 * dot or blank, is composed (NFC), at most PORTABLE_MAX bytes, and never differs from another only by
 * case or by how a letter is written.
 */
#ifndef PINHOLE_IMPORT_PORTABLE_H
#define PINHOLE_IMPORT_PORTABLE_H

#include "base/str.h"
#include "crypt/crypt.h"

#define PORTABLE_MAX 200 /* bytes; leaves room for endings in the 255 that file systems take */

/* Appends "2024-05-01_12-34-56_NAME": the wall time, then the file's own name without its extension,
 * or the first digits of the hash where there is no usable name (NULL: none). */
void portable_stem(int64_t wall_ms, const char *name, const struct sha256 *hash, struct str *out);
/* The extension with its dot: the name's own if it fits the type, else the type's usual one; "" if unknown. */
void portable_extension(const char *name, const char *mime, char out[8]);

struct portable_names; /* those that are taken */
int portable_names_open(struct portable_names **out, struct err *err);
void portable_names_close(struct portable_names *names); /* NULL is fine */
/* True if any file system may hold this name for one that is taken. */
bool portable_names_has(const struct portable_names *names, const char *name);
int portable_names_take(struct portable_names *names, const char *name, struct err *err);

#endif
