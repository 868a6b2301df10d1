/* writer.c - one new object on its way: bytes into a temporary file, hashed as they pass.
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

/* Reads, hashes and writes all of fd; the hash of a piece is made while it is written. */
static int copy_pieces(
	struct object_writer *w, struct hasher *hasher, int fd, uint64_t max_bytes, struct err *err)
{
	for (uint64_t at = 0;;) {
		unsigned char *piece = hasher_buffer(hasher);
		ssize_t n;

		do {
			n = pread(fd, piece, OBJECT_BUFFER, (off_t)at);
		} while (n < 0 && errno == EINTR);
		if (n < 0)
			return err_errno(err, "cannot read");
		if (n == 0)
			return 0;
		at += (uint64_t)n;
		if (at > max_bytes)
			return too_large(max_bytes, err);
		hasher_add(hasher, (size_t)n);
		w->size += (uint64_t)n;
		if (write_bytes(w, piece, (size_t)n, err))
			return -1;
	}
}

static int copy_bytes(
	struct object_writer *w, int fd, uint64_t expected, uint64_t max_bytes, struct err *err)
{
	_cleanup_(hasher_end) struct hasher hasher;

	if (hasher_begin(&hasher, w->stream, expected, err))
		return -1;
	return copy_pieces(w, &hasher, fd, max_bytes, err);
}

int object_writer_copy_fd(struct object_writer *w, int fd, uint64_t max_bytes, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_errno(err, "cannot look at the file");
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > max_bytes)
		return too_large(max_bytes, err);
	if (w->size || ioctl(w->fd, FICLONE, fd))
		return copy_bytes(w, fd, (uint64_t)st.st_size, max_bytes, err);
	if (take_own_bytes(w, max_bytes, err))
		return -1;
	sha256_stream_free(mem_steal(&w->stream));
	return 0;
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

int object_writer_finish(
	struct object_writer *w, struct sha256 *hash, uint64_t *size, struct err *err)
{
	if (!w->finished) {
		if (w->stream)
			sha256_stream_end(w->stream, &w->hash);
		sha256_stream_free(mem_steal(&w->stream));
		if (!w->linked && fchmod(w->fd, OBJECT_MODE))
			return err_errno(err, "cannot protect a new object");
		/* The disk starts to write now, while the caller looks at the bytes. */
		sync_file_range(w->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
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
	if (w->named)
		unlinkat(w->objects->tmp_fd, w->name, 0);
	mem_close_fd(&w->fd);
	sha256_stream_free(w->stream);
	free(w);
}
