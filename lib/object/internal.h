/* internal.h - what the files of this room share; nobody else includes it.
 *
 * Invariant: a name under objects/ab/ is only ever made by rename, after its bytes were flushed.
 */
#ifndef PINHOLE_OBJECT_INTERNAL_H
#define PINHOLE_OBJECT_INTERNAL_H

#include "object/object.h"

#include <pthread.h>
#include <semaphore.h>

#define OBJECT_TMP      "tmp"
#define OBJECT_BUFFER   (256 * 1024)              /* bytes read and hashed at a time */
#define OBJECT_NAME_LEN (SHA256_HEX_LEN + 2)      /* "ab/" + 62 digits + NUL */
#define OBJECT_MODE     0444                      /* originals are never changed */
#define OBJECT_TMP_LEN  (sizeof(OBJECT_TMP) + 40) /* "tmp/" + 16 hex digits, NUL, room */

struct objects {
	char *dir;
	int fd;                        /* of dir */
	pthread_mutex_t tmp_lock;      /* guards what follows */
	char tmp_name[OBJECT_TMP_LEN]; /* our own folder in objects/tmp, "" until needed */
	int tmp_fd;                    /* of that folder; its flock says that we live */
	int claim_fd;  /* of objects/tmp: locked shared by whoever stores, else by a seal */
	uint64_t next; /* number of the next temporary file */
};

struct object_writer {
	struct objects *objects;
	char name[24]; /* of the temporary file, in tmp_fd */
	int fd;        /* -1 once closed */
	bool named;    /* the temporary file exists */
	bool linked;   /* it shares its inode with the user's own file */
	bool finished; /* hash and size are known */
	uint64_t size; /* bytes so far */
	struct sha256 hash;
	struct sha256_stream *stream;
};

/* Hashes what is read into its buffers:
 *
 *	hasher_begin(&h, stream, expected bytes, err)
 *	bytes = hasher_buffer(&h)	OBJECT_BUFFER bytes to read into
 *	hasher_add(&h, len)		len > 0 of them count; they may still be read (not
 *					written) until the next hasher_buffer
 *	hasher_end(&h)			the stream has all bytes and is the caller's again
 */
#define HASHER_BUFFERS 2
struct hasher {
	struct sha256_stream *stream;
	unsigned char *buffers;
	size_t len[HASHER_BUFFERS]; /* 0: the end */
	unsigned turn;
	bool threaded;
	pthread_t thread;
	sem_t full, free;
};

int hasher_begin(
	struct hasher *h, struct sha256_stream *stream, uint64_t expected, struct err *err);
unsigned char *hasher_buffer(struct hasher *h);
void hasher_add(struct hasher *h, size_t len);
void hasher_end(struct hasher *h); /* also the cleanup */

/* "ab/cdef…" of a hash. */
void object_name(const struct sha256 *hash, char out[OBJECT_NAME_LEN]);
/* Makes sure that tmp_fd is there.  Thread-safe. */
int object_tmp_prepare(struct objects *o, struct err *err);
/* Removes our own temporary folder, if it is empty. */
void object_tmp_close(struct objects *o);
/* Hashes fd from its start to its end; `size` may be NULL. */
int object_hash_fd(int fd, struct sha256 *hash, uint64_t *size, struct err *err);

#endif
