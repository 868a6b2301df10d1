/* image_memo.h - remembers which file answers an image's address, so that the usual one costs no statement.
 *
 * An entry holds while nothing was committed since, or while its album's rev is the same.  It is asked
 * only for callers who may look at the album.  Any thread.
 */
#ifndef PINHOLE_HTTP_IMAGE_MEMO_H
#define PINHOLE_HTTP_IMAGE_MEMO_H

#include "http/sized.h"
#include "store/store.h"

struct image_key {
	int64_t album;
	struct sha256 photo; /* as the address names it */
	struct sized sized;
};

#define IMAGE_TAG_LEN (SHA256_HEX_LEN + 32)

struct image_file {
	char tag[IMAGE_TAG_LEN]; /* of its ETag */
	char *path;              /* owned */
	const char *type;        /* static */
};
void image_file_release(struct image_file *file);

struct image_stamp { /* of the store, taken before the rows were read */
	uint64_t commits;
	int64_t rev; /* of the album */
};
int image_stamp_take(struct store *store, uint64_t commits, int64_t album, struct image_stamp *out,
	struct err *err);

struct image_memo;
int image_memo_open(struct image_memo **out, struct err *err);
void image_memo_close(struct image_memo *memo); /* NULL is fine */

/* 1 with the file open for reading (*fd, the caller's) and its tag and type, 0 unknown or no longer so, -1.
 * `commits` counts what was committed to the store; *touch says that its use should be noted on disk. */
int image_memo_find(struct image_memo *memo, struct store *store, const struct image_key *key,
	uint64_t commits, int64_t now_ms, int *fd, char tag[IMAGE_TAG_LEN], const char **type,
	bool *touch, struct err *err);
/* Takes file->path over. */
void image_memo_put(struct image_memo *memo, const struct image_key *key,
	const struct image_stamp *stamp, struct image_file *file);

#endif
