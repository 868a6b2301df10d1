/* hasher.c - hashes what was stored, on a thread of its own, while its writers store the next file.
 *
 * SHA-256 takes about as long as copying within the page cache, and a second core is mostly idle while
 * files come in.  Work is handed over in stretches of a temporary file, one for each but the largest
 * files: handing over every buffer made the two threads take turns on one core.  Each object directory
 * has one such thread, made when it is first needed.
 * Invariant: while a writer is queued, only the thread touches its stream and reads its file.
 */
#include "object/internal.h"

#include "base/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Bytes that may wait.  They should be in memory still when their turn comes. */
#define BACKLOG_MAX ((uint64_t)128 * 1024 * 1024)

void hasher_init(struct hasher *h)
{
	*h = (struct hasher){.buffer = NULL};
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->added, NULL);
	pthread_cond_init(&h->hashed, NULL);
}

void hasher_release(struct hasher *h)
{
	if (h->threaded) {
		pthread_mutex_lock(&h->lock);
		h->ending = true;
		pthread_cond_signal(&h->added);
		pthread_mutex_unlock(&h->lock);
		pthread_join(h->thread, NULL);
	}
	pthread_cond_destroy(&h->hashed);
	pthread_cond_destroy(&h->added);
	pthread_mutex_destroy(&h->lock);
	free(h->buffer);
}

/* The bytes are our own: that some are missing is an error. */
static int hash_stretch(
	struct object_writer *w, void *buffer, uint64_t from, uint64_t to, struct err *err)
{
	while (from < to) {
		uint64_t left = to - from;
		ssize_t n = pread(
			w->fd, buffer, left < OBJECT_BUFFER ? left : OBJECT_BUFFER, (off_t)from);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot read a new object");
		if (n == 0)
			return err_set(err, ERR_FAILED, "a new object has lost its end");
		sha256_stream_add(w->stream, buffer, (size_t)n);
		from += (uint64_t)n;
	}
	return 0;
}

/* With the lock held, which is open while it hashes. */
static void hash_first(struct hasher *h)
{
	struct object_writer *w = h->first;
	uint64_t from = w->hashed, to = w->handed;

	pthread_mutex_unlock(&h->lock);
	if (!w->unhashed.kind)
		hash_stretch(w, h->buffer, from, to, &w->unhashed);
	pthread_mutex_lock(&h->lock);
	w->hashed = to;
	h->backlog -= to - from;
	if (w->handed == to) {
		h->first = w->next;
		w->queued = false;
	}
	pthread_cond_broadcast(&h->hashed);
}

static void *hash_all(void *data)
{
	struct hasher *h = data;

	pthread_mutex_lock(&h->lock);
	while (h->first || !h->ending)
		if (h->first)
			hash_first(h);
		else
			pthread_cond_wait(&h->added, &h->lock);
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

/* With the lock held. */
static int make_ready(struct hasher *h, struct err *err)
{
	if (!h->buffer)
		h->buffer = malloc(OBJECT_BUFFER);
	if (!h->buffer)
		return err_no_memory(err);
	h->threaded = h->threaded || thread_start(&h->thread, hash_all, h);
	return 0;
}

static void enqueue(struct hasher *h, struct object_writer *w)
{
	w->queued = true;
	w->next = NULL;
	if (h->first)
		h->last->next = w;
	else
		h->first = w;
	h->last = w;
	pthread_cond_signal(&h->added);
}

/* With the lock held, which is open while it waits. */
static int hand_over(struct hasher *h, struct object_writer *w, uint64_t stored, struct err *err)
{
	uint64_t len = stored - w->handed;

	if (make_ready(h, err))
		return -1;
	w->handed = stored;
	if (!h->threaded) { /* it only takes longer */
		uint64_t from = w->hashed;

		w->hashed = stored;
		return hash_stretch(w, h->buffer, from, stored, err);
	}
	h->backlog += len;
	if (!w->queued)
		enqueue(h, w);
	while (h->backlog > BACKLOG_MAX)
		pthread_cond_wait(&h->hashed, &h->lock);
	return 0;
}

int hasher_add(struct hasher *h, struct object_writer *w, uint64_t stored, struct err *err)
{
	int failed;

	pthread_mutex_lock(&h->lock);
	failed = hand_over(h, w, stored, err);
	pthread_mutex_unlock(&h->lock);
	return failed;
}

bool hasher_is_done(struct hasher *h, const struct object_writer *w)
{
	bool done;

	pthread_mutex_lock(&h->lock);
	done = !w->queued;
	pthread_mutex_unlock(&h->lock);
	return done;
}

int hasher_wait(struct hasher *h, const struct object_writer *w, struct err *err)
{
	pthread_mutex_lock(&h->lock);
	while (w->queued)
		pthread_cond_wait(&h->hashed, &h->lock);
	pthread_mutex_unlock(&h->lock);
	if (!w->unhashed.kind)
		return 0;
	if (err)
		*err = w->unhashed;
	return -1;
}
