/* writer.c - one new object on its way: bytes into a temporary file, and their hash.
 *
 * It gives no object its name; group.c does, after the flush.  Invariant: the hash is that of the
 * bytes in our own file, never of what a source held a moment earlier.
 */
#include "object/internal.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGE   ((off_t)256 * 1024)        /* bytes from which another thread hashes */
#define STRETCH ((size_t)16 * 1024 * 1024) /* bytes copied and handed over at a time */

static int writer_new(struct objects *o, struct object_writer **out, struct err *err)
{
	struct object_writer *w;

	if (object_tmp_prepare(o, err))
		return -1;
	w = mem_calloc(1, sizeof(*w));
	if (!w)
		return err_no_memory(err);
	w->objects = o;
	w->fd = -1;
	w->stream = sha256_stream_new(err);
	if (!w->stream) {
		free(w);
		return -1;
	}
	snprintf(w->name, sizeof(w->name), "%llu",
		(unsigned long long)__atomic_add_fetch(&o->next, 1, __ATOMIC_RELAXED));
	*out = w;
	return 0;
}

int object_writer_open(struct objects *o, struct object_writer **out, struct err *err)
{
	struct object_writer *w = NULL;

	if (writer_new(o, &w, err))
		return -1;
	w->fd = openat(o->tmp_fd, w->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (w->fd < 0) {
		err_errno(err, "cannot make a temporary file in %s/%s", o->dir, OBJECT_TMP);
		object_writer_abort(w);
		return -1;
	}
	w->named = true;
	*out = w;
	return 0;
}

static int write_bytes(struct object_writer *w, const void *bytes, size_t len, struct err *err)
{
	if (path_write_all(w->fd, bytes, len, err))
		return err_prefix(err, "cannot store an object in %s", w->objects->dir);
	return 0;
}

int object_writer_add(struct object_writer *w, const void *bytes, size_t len, struct err *err)
{
	if (!w->stream)
		return err_set(err, ERR_FAILED, "an object was added to after its end");
	if (write_bytes(w, bytes, len, err))
		return -1;
	sha256_stream_add(w->stream, bytes, len);
	w->size += len;
	return 0;
}

static int too_large(uint64_t max_bytes, struct err *err)
{
	return err_set(err, ERR_TOO_LARGE, "larger than the limit of %llu bytes",
		(unsigned long long)max_bytes);
}

/* Hashes what our own file holds after a reflink or hard link. */
static int take_own_bytes(struct object_writer *w, uint64_t max_bytes, struct err *err)
{
	struct stat st;

	if (fstat(w->fd, &st))
		return err_errno(err, "cannot look at the copy");
	if ((uint64_t)st.st_size > max_bytes)
		return too_large(max_bytes, err);
	return object_hash_fd(w->fd, &w->hash, &w->size, err);
}

/* The disk starts to write now, while the caller goes on. */
static void start_writing(const struct object_writer *w)
{
	sync_file_range(w->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

/* What the kernel copies by itself, up to STRETCH bytes: 0 at the end, and where it cannot, whatever the
 * reason: who reads and writes from there meets it, too. */
static size_t copy_within_kernel(struct object_writer *w, int fd, uint64_t at)
{
	off_t from = (off_t)at;
	ssize_t n = copy_file_range(fd, &from, w->fd, NULL, STRETCH, 0);

	return n > 0 ? (size_t)n : 0;
}

/* Reads and writes what is left of fd; hashes it at once where the file is small. */
static int copy_rest(struct object_writer *w, int fd, uint64_t at, uint64_t max_bytes, bool small,
	struct err *err)
{
	_cleanup_free_ unsigned char *piece = malloc(OBJECT_BUFFER);

	if (!piece)
		return err_no_memory(err);
	for (;;) {
		ssize_t n = pread(fd, piece, OBJECT_BUFFER, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot read");
		if (n == 0)
			return 0;
		at += (uint64_t)n;
		if (at > max_bytes)
			return too_large(max_bytes, err);
		if (write_bytes(w, piece, (size_t)n, err))
			return -1;
		w->size += (uint64_t)n;
		if (small)
			sha256_stream_add(w->stream, piece, (size_t)n);
		else if (hasher_add(&w->objects->hasher, w, w->size, err))
			return -1;
	}
}

/* Stretch by stretch, so that hashing begins before a very large file ends. */
static int copy_large(struct object_writer *w, int fd, uint64_t max_bytes, struct err *err)
{
	uint64_t at = 0;
	size_t n;

	w->handed = w->hashed = w->size;
	while ((n = copy_within_kernel(w, fd, at)) > 0) {
		at += n;
		w->size += n;
		if (at > max_bytes)
			return too_large(max_bytes, err);
		if (hasher_add(&w->objects->hasher, w, w->size, err))
			return -1;
	}
	return copy_rest(w, fd, at, max_bytes, false, err);
}

int object_writer_copy_fd(struct object_writer *w, int fd, uint64_t max_bytes, struct err *err)
{
	struct stat st;
	int failed;

	if (fstat(fd, &st))
		return err_errno(err, "cannot look at the file");
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > max_bytes)
		return too_large(max_bytes, err);
	if (w->size == 0 && ioctl(w->fd, FICLONE, fd) == 0) {
		if (take_own_bytes(w, max_bytes, err))
			return -1;
		sha256_stream_free(mem_steal(&w->stream));
		return 0;
	}
	failed = st.st_size < LARGE ? copy_rest(w, fd, 0, max_bytes, true, err) :
				      copy_large(w, fd, max_bytes, err);
	if (!failed)
		start_writing(w);
	return failed;
}

int object_writer_link_path(struct object_writer *w, const char *path, int fd, struct err *err)
{
	int tmp_fd = w->objects->tmp_fd;
	char source[64];

	/* By descriptor: the name may since belong to another file. */
	snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
	if (unlinkat(tmp_fd, w->name, 0))
		return err_errno(err, "cannot remove a temporary file");
	w->named = false;
	mem_close_fd(&w->fd);
	if (linkat(AT_FDCWD, source, tmp_fd, w->name, AT_SYMLINK_FOLLOW))
		return err_set(err, ERR_UNSUPPORTED,
			"cannot take %s by hard link (it must be your own file, on the store's file "
			"system)",
			path);
	w->named = w->linked = true;
	w->fd = openat(tmp_fd, w->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (w->fd < 0)
		return err_errno(err, "cannot open %s", path);
	if (take_own_bytes(w, UINT64_MAX, err))
		return -1;
	sha256_stream_free(mem_steal(&w->stream));
	return 0;
}

bool object_writer_is_hashed(const struct object_writer *w)
{
	return hasher_is_done(&w->objects->hasher, w);
}

int object_writer_finish(
	struct object_writer *w, struct sha256 *hash, uint64_t *size, struct err *err)
{
	if (!w->finished) {
		if (hasher_wait(&w->objects->hasher, w, err))
			return -1;
		if (w->stream)
			sha256_stream_end(w->stream, &w->hash);
		sha256_stream_free(mem_steal(&w->stream));
		if (!w->linked && fchmod(w->fd, OBJECT_MODE))
			return err_errno(err, "cannot protect a new object");
		start_writing(w);
		w->finished = true;
	}
	*hash = w->hash;
	if (size)
		*size = w->size;
	return 0;
}

int object_writer_reopen(struct object_writer *w, struct err *err)
{
	int fd = openat(w->objects->tmp_fd, w->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? err_errno(err, "cannot open a new object") : fd;
}

void object_writer_abort(struct object_writer *w)
{
	if (!w)
		return;
	hasher_wait(&w->objects->hasher, w, NULL);
	if (w->named)
		unlinkat(w->objects->tmp_fd, w->name, 0);
	mem_close_fd(&w->fd);
	sha256_stream_free(w->stream);
	free(w);
}
