/* internal.h - what the files of this room share; nobody else includes it.
 *
 * Invariant: a name under objects/ab/ is only ever made by rename, after its bytes were flushed.
 */
#ifndef PINHOLE_OBJECT_INTERNAL_H
#define PINHOLE_OBJECT_INTERNAL_H

#include "object/object.h"

#include <pthread.h>

#define OBJECT_TMP      "tmp"
#define OBJECT_BUFFER   (256 * 1024)              /* bytes read and hashed at a time */
#define OBJECT_NAME_LEN (SHA256_HEX_LEN + 2)      /* "ab/" + 62 digits + NUL */
#define OBJECT_MODE     0444                      /* originals are never changed */
#define OBJECT_TMP_LEN  (sizeof(OBJECT_TMP) + 40) /* "tmp/" + 16 hex digits, NUL, room */

/* Hashes stored bytes beside their writers:
 *
 *	hasher_add(&h, w, stored, err)	as often as there are more bytes in w's file
 *	hasher_wait(&h, w, err)		w's stream has them all, and w is the caller's again
 */
struct hasher {
	pthread_mutex_t lock; /* guards what follows, and `handed` to `next` of queued writers */
	pthread_cond_t added, hashed;
	struct object_writer *first, *last; /* the queue: whose turn it is stays first */
	uint64_t backlog;                   /* bytes */
	unsigned char *buffer;
	pthread_t thread;
	bool threaded, ending;
};

struct objects {
	char *dir;
	int fd; /* of dir */
	struct hasher hasher;
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
	uint64_t handed, hashed;    /* bytes that the hasher was given, that it is done with */
	bool queued;                /* the hasher has it */
	struct err unhashed;        /* why the hasher could not read it */
	struct object_writer *next; /* of the hasher's queue */
};

void hasher_init(struct hasher *h);
void hasher_release(struct hasher *h); /* no writer may be queued */
/* Hands over what is in the file up to `stored` bytes.  Waits while too much is to be hashed. */
int hasher_add(struct hasher *h, struct object_writer *w, uint64_t stored, struct err *err);
bool hasher_is_done(struct hasher *h, const struct object_writer *w);
int hasher_wait(struct hasher *h, const struct object_writer *w, struct err *err);

/* "ab/cdef…" of a hash. */
void object_name(const struct sha256 *hash, char out[OBJECT_NAME_LEN]);
/* Makes sure that tmp_fd is there.  Thread-safe. */
int object_tmp_prepare(struct objects *o, struct err *err);
/* Removes our own temporary folder, if it is empty. */
void object_tmp_close(struct objects *o);
/* Hashes fd from its start to its end; `size` may be NULL. */
int object_hash_fd(int fd, struct sha256 *hash, uint64_t *size, struct err *err);

#endif
