/* object.h - originals and facts by the SHA-256 of their bytes.
 *
 * Layout: objects/ab/cdef… (first byte, then the rest, in hex), mode 0444.  Bytes come before rows:
 *
 *	struct object_writer *w;
 *	object_writer_open(objects, &w, err);		a temporary file in objects/tmp
 *	object_writer_add(w, bytes, n, err);		hashes while it writes
 *	object_writer_finish(w, &hash, &size, err);	end of bytes: hash known, not yet in place
 *	...
 *	object_group_add(group, w, err);		takes w
 *	object_group_flush(group, err);			one syncfs, renames, one fsync per directory
 *	commit the rows that name the hashes
 *
 * A group makes the flush cheap for many files.  A crash leaves at most files in objects/tmp (removed by
 * object_sweep_tmp when nobody holds their lock) or unreferenced objects.
 */
#ifndef PINHOLE_OBJECT_OBJECT_H
#define PINHOLE_OBJECT_OBJECT_H

#include "base/err.h"
#include "base/str.h"
#include "crypt/crypt.h"

#include <stdbool.h>
#include <stdint.h>

struct objects; /* an open object directory */

int objects_open(const char *dir, struct objects **out, struct err *err); /* makes it if absent */
void objects_close(struct objects *o);

struct object_writer;
int object_writer_open(struct objects *o, struct object_writer **out, struct err *err);
int object_writer_add(struct object_writer *w, const void *bytes, size_t len, struct err *err);
/* Copies a whole open file from its start: reflink where the file system can, else by the kernel.  TOO_LARGE
 * past max_bytes.  Nothing can be added after it.  A large file is hashed on another thread: finish waits
 * for that, so the next file may well be copied first. */
int object_writer_copy_fd(struct object_writer *w, int fd, uint64_t max_bytes, struct err *err);
/* Takes the file by hard link (same file system only; UNSUPPORTED otherwise); hashes it. */
int object_writer_link_path(struct object_writer *w, const char *path, int fd, struct err *err);
/* True if finish would not wait. */
bool object_writer_is_hashed(const struct object_writer *w);
/* `size` may be NULL. */
int object_writer_finish(
	struct object_writer *w, struct sha256 *hash, uint64_t *size, struct err *err);
/* A readable descriptor on the written bytes (own offset), before the group takes the writer; it stays good
 * after the flush. */
int object_writer_reopen(struct object_writer *w, struct err *err);
void object_writer_abort(struct object_writer *w); /* removes the temporary file; NULL is fine */

struct object_group;
int object_group_open(struct objects *o, struct object_group **out, struct err *err);
/* Takes a finished writer.  An object that is already there (and has the same size) is kept and
 * the new copy dropped. */
int object_group_add(struct object_group *g, struct object_writer *w, struct err *err);
int object_group_flush(struct object_group *g, struct err *err); /* empties the group */
void object_group_close(struct object_group *g);                 /* drops what was not flushed */

/* Small bytes at once, flushed (facts objects). */
int object_put(
	struct objects *o, const void *bytes, size_t len, struct sha256 *hash, struct err *err);
bool object_exists(struct objects *o, const struct sha256 *hash);
/* A descriptor for reading, NOT_FOUND if absent. */
int object_open(struct objects *o, const struct sha256 *hash, struct err *err);
int object_size(struct objects *o, const struct sha256 *hash, uint64_t *size, struct err *err);
/* The loose file's path (absolute if the store's is); caller frees; NULL with NOT_FOUND. */
char *object_path(struct objects *o, const struct sha256 *hash, struct err *err);
/* Whole contents, verified against the hash: DAMAGED if they differ. */
int object_read(
	struct objects *o, const struct sha256 *hash, size_t max, struct str *out, struct err *err);
/* Reads all and compares: DAMAGED if the bytes are not those of the name. */
int object_verify(struct objects *o, const struct sha256 *hash, struct err *err);
/* Overwrites nothing: unlinks.  NOT_FOUND is success. */
int object_remove(struct objects *o, const struct sha256 *hash, struct err *err);

/* Calls `each` for all objects whose first byte is in [first, last]; stops at non-zero (returned). */
int object_walk(struct objects *o, unsigned first, unsigned last,
	int (*each)(void *data, const struct sha256 *hash, uint64_t size, struct err *err),
	void *data, struct err *err);
/* Whoever stores objects holds a shared lock from the first object_writer_open to objects_close, that is
 * until long after the rows were committed.  A seal is the exclusive one: while it holds, an object that
 * no row names has nobody who is about to name it.  *sealed is false where somebody stores, this
 * `objects` included; new ones wait for object_unseal. */
int object_seal(struct objects *o, bool *sealed, struct err *err);
void object_unseal(struct objects *o);

/* Removes temporary files that no live process owns; counts them. */
int object_sweep_tmp(struct objects *o, uint64_t *removed, struct err *err);

#endif
