/* variant.h - derived images: where they lie in cache/, which exist, and why others do not.
 *
 * A variant belongs to the bytes it was rendered from and to the quarter turns that a person asked for:
 * cache/ab/cdef…-thumb.jpg, cache/ab/cdef…-thumb.r1.jpg.  The cache can be deleted at any time, so a
 * row that says "ready" is believed only while its file has the size that the row names.
 *
 *	struct variant_file file = VARIANT_FILE_INIT;
 *
 *	variant_file_open(store, &object, &file, err);		file.fd for pinhole-media to write to
 *	variant_file_place(store, &object, &variant, &file, err);	renamed to its place
 *	variant_file_close(&file);				removes what was not placed
 *	...
 *	variant_record(store, &object, &variant, err);		in an open transaction
 */
#ifndef PINHOLE_STORE_VARIANT_H
#define PINHOLE_STORE_VARIANT_H

#include "base/vec.h"
#include "store/store.h"

enum variant_state {
	VARIANT_NONE = 0, /* not rendered yet, or its file is gone */
	VARIANT_READY,
	VARIANT_DAMAGED, /* rendered from bytes that are cut off; reason says so */
	VARIANT_FAILED,  /* cannot be rendered; reason says why */
};

struct variant {
	char name[16]; /* "thumb", "preview" */
	int rotate;    /* quarter turns, 0-3 */
	enum variant_state state;
	char reason[256];
	char mime[32];
	int64_t width, height, bytes;
};

/* Where derived images lie instead of cache/ in the store: directories, relative ones counted from the
 * store's.  Each object's images are in the one that its hash picks; those that lie in another one, or
 * in cache/, are found there, too.  count 0: cache/ alone, as a newly opened store has it. */
int variant_use_roots(struct store *store, const char *const *dirs, size_t count, struct err *err);

/* Where the file is; where it belongs, if it is nowhere.  Free it, NULL on no memory. */
char *variant_path(
	const struct store *store, const struct sha256 *object, const struct variant *variant);

/* What is known of one variant: 1 with a row, 0 without (out is then state NONE with name and rotate
 * set), -1.  A row whose file is gone reads as NONE with a reason. */
int variant_get(struct store *store, const struct sha256 *object, const char *name, int rotate,
	struct variant *out, struct err *err);
/* All rows of an object at one rotation, by name, as variant_get gives them: struct variant items. */
int variant_list(struct store *store, const struct sha256 *object, int rotate, struct vec *out,
	struct err *err);

struct variant_file {
	int fd;
	char *path; /* of the temporary file, NULL once placed */
};
#define VARIANT_FILE_INIT                                                                          \
	{                                                                                          \
		.fd = -1                                                                           \
	}
int variant_file_open(struct store *store, const struct sha256 *object, struct variant_file *file,
	struct err *err);
int variant_file_place(struct store *store, const struct sha256 *object,
	const struct variant *variant, struct variant_file *file, struct err *err);
void variant_file_close(struct variant_file *file);
#define _cleanup_variant_file_ _cleanup_(variant_file_close)

/* In an open transaction: writes the row. */
int variant_record(struct store *store, const struct sha256 *object, const struct variant *variant,
	struct err *err);
/* In an open transaction: takes all rows of the object away; the files follow by variant_unlink, after
 * the commit. */
int variant_forget(struct store *store, const struct sha256 *object, struct err *err);
int variant_unlink(struct store *store, const struct sha256 *object, struct err *err);

/* Removes temporary files that no live process owns; counts them. */
int variant_sweep_tmp(struct store *store, uint64_t *removed, struct err *err);

#endif
