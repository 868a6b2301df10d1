/* hasher.c - hashes a large file on a thread of its own while the caller reads and writes it.
 *
 * SHA-256 takes about as long as copying within the page cache, and a second core is mostly idle
 * while files come in.  Small files are hashed at once: a thread would cost more than it saves.
 * Invariant: between hasher_begin and hasher_end only the hasher touches the stream, and a buffer
 * is given out again only when its bytes are hashed.
 */
#include "object/internal.h"

#include "base/thread.h"

#include <errno.h>
#include <stdlib.h>

#define THREAD_FROM ((uint64_t)1024 * 1024) /* bytes; a thread costs some 50 µs */

static void wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore) && errno == EINTR)
		;
}

static void *hash_all(void *data)
{
	struct hasher *h = data;

	for (unsigned turn = 0;; turn = (turn + 1) % HASHER_BUFFERS) {
		wait_for(&h->full);
		if (!h->len[turn])
			return NULL;
		sha256_stream_add(h->stream, h->buffers + turn * OBJECT_BUFFER, h->len[turn]);
		sem_post(&h->free);
	}
}

int hasher_begin(struct hasher *h, struct sha256_stream *stream, uint64_t expected, struct err *err)
{
	*h = (struct hasher){.stream = stream};
	h->buffers = malloc(HASHER_BUFFERS * OBJECT_BUFFER);
	if (!h->buffers)
		return err_no_memory(err);
	if (expected < THREAD_FROM)
		return 0;
	sem_init(&h->full, 0, 0);
	sem_init(&h->free, 0, HASHER_BUFFERS);
	h->threaded = thread_start(&h->thread, hash_all, h); /* without one it only takes longer */
	return 0;
}

unsigned char *hasher_buffer(struct hasher *h)
{
	if (h->threaded)
		wait_for(&h->free);
	return h->buffers + h->turn * OBJECT_BUFFER;
}

void hasher_add(struct hasher *h, size_t len)
{
	if (h->threaded) {
		h->len[h->turn] = len;
		h->turn = (h->turn + 1) % HASHER_BUFFERS;
		sem_post(&h->full);
	} else {
		sha256_stream_add(h->stream, h->buffers, len);
	}
}

void hasher_end(struct hasher *h)
{
	if (!h->buffers)
		return;
	if (h->threaded) {
		hasher_buffer(h);
		hasher_add(h, 0);
		pthread_join(h->thread, NULL);
		sem_destroy(&h->full);
		sem_destroy(&h->free);
	}
	free(h->buffers);
	h->buffers = NULL;
}
