/* objects.c - finding, reading, verifying and listing objects.
 *
 * It writes nothing but directories; writer.c and group.c do.  Invariant: what a hash names is
 * opened without following links, and only a regular file counts.
 */
#include "object/internal.h"

#include "base/path.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAN_OUT         256
#define OBJECTS_PER_DIR ((size_t)16 * 1024 * 1024)

void object_name(const struct sha256 *hash, char out[OBJECT_NAME_LEN])
{
	char hex[SHA256_HEX_LEN + 1];

	sha256_format(hash, hex);
	memcpy(out, hex, 2);
	out[2] = '/';
	memcpy(out + 3, hex + 2, SHA256_HEX_LEN - 2 + 1);
}

int objects_open(const char *dir, struct objects **out, struct err *err)
{
	struct objects *o;

	if (path_make_dirs(dir, 0700, err))
		return -1;
	o = mem_calloc(1, sizeof(*o));
	if (!o)
		return err_no_memory(err);
	pthread_mutex_init(&o->tmp_lock, NULL);
	hasher_init(&o->hasher);
	o->tmp_fd = o->claim_fd = -1;
	o->dir = mem_strdup(dir);
	o->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (o->fd < 0 || !o->dir) {
		err_errno(err, "cannot open the objects in %s", dir);
		objects_close(o);
		return -1;
	}
	*out = o;
	return 0;
}

void objects_close(struct objects *o)
{
	if (!o)
		return;
	hasher_release(&o->hasher);
	object_tmp_close(o);
	object_unseal(o);
	mem_close_fd(&o->fd);
	pthread_mutex_destroy(&o->tmp_lock);
	free(o->dir);
	free(o);
}

/* A descriptor on the regular file of a hash; `st` is filled. */
static int open_regular(
	struct objects *o, const struct sha256 *hash, struct stat *st, struct err *err)
{
	char name[OBJECT_NAME_LEN];
	_cleanup_close_ int fd = -1;

	object_name(hash, name);
	fd = openat(o->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "the object %s is not here", name);
	if (fd < 0 || fstat(fd, st))
		return err_errno(err, "cannot open the object %s", name);
	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_DAMAGED, "the object %s is not a regular file", name);
	return mem_steal_fd(&fd);
}

bool object_exists(struct objects *o, const struct sha256 *hash)
{
	return object_size(o, hash, NULL, NULL) == 0;
}

int object_open(struct objects *o, const struct sha256 *hash, struct err *err)
{
	struct stat st;

	return open_regular(o, hash, &st, err);
}

int object_size(struct objects *o, const struct sha256 *hash, uint64_t *size, struct err *err)
{
	char name[OBJECT_NAME_LEN];
	struct stat st;

	object_name(hash, name);
	if (fstatat(o->fd, name, &st, AT_SYMLINK_NOFOLLOW)) {
		if (errno == ENOENT)
			return err_set(err, ERR_NOT_FOUND, "the object %s is not here", name);
		return err_errno(err, "cannot look at the object %s", name);
	}
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_DAMAGED, "the object %s is not a regular file", name);
	if (size)
		*size = (uint64_t)st.st_size;
	return 0;
}

char *object_path(struct objects *o, const struct sha256 *hash, struct err *err)
{
	char name[OBJECT_NAME_LEN];
	char *path;

	if (object_size(o, hash, NULL, err))
		return NULL;
	object_name(hash, name);
	path = path_join(o->dir, name);
	if (!path)
		err_no_memory(err);
	return path;
}

int object_hash_fd(int fd, struct sha256 *hash, uint64_t *size, struct err *err)
{
	_cleanup_sha256_stream_ struct sha256_stream *stream = sha256_stream_new(err);
	_cleanup_free_ unsigned char *buffer = mem_calloc(1, OBJECT_BUFFER);
	uint64_t total = 0;

	if (!stream)
		return -1;
	if (!buffer)
		return err_no_memory(err);
	for (;;) {
		ssize_t n = pread(fd, buffer, OBJECT_BUFFER, (off_t)total);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot read");
		if (n == 0)
			break;
		sha256_stream_add(stream, buffer, (size_t)n);
		total += (uint64_t)n;
	}
	sha256_stream_end(stream, hash);
	if (size)
		*size = total;
	return 0;
}

static int damaged(const struct sha256 *hash, struct err *err)
{
	char name[OBJECT_NAME_LEN];

	object_name(hash, name);
	return err_set(
		err, ERR_DAMAGED, "the bytes of the object %s are not those of its name", name);
}

int object_read(
	struct objects *o, const struct sha256 *hash, size_t max, struct str *out, struct err *err)
{
	_cleanup_str_ struct str bytes = STR_INIT(max);
	_cleanup_close_ int fd = -1;
	struct sha256 found;
	struct stat st;

	str_init(out, max);
	fd = open_regular(o, hash, &st, err);
	if (fd < 0 || path_read_fd(fd, "the object", max, &bytes, err))
		return -1;
	crypt_sha256(bytes.data, bytes.len, &found);
	if (sha256_compare(&found, hash))
		return damaged(hash, err);
	*out = bytes;
	str_init(&bytes, 0);
	return 0;
}

int object_verify(struct objects *o, const struct sha256 *hash, struct err *err)
{
	_cleanup_close_ int fd = -1;
	struct sha256 found;
	struct stat st;

	fd = open_regular(o, hash, &st, err);
	if (fd < 0)
		return -1;
	/* fsck reads everything once: its pages are of no use to others. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (object_hash_fd(fd, &found, NULL, err))
		return -1;
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return sha256_compare(&found, hash) ? damaged(hash, err) : 0;
}

int object_remove(struct objects *o, const struct sha256 *hash, struct err *err)
{
	char name[OBJECT_NAME_LEN];

	object_name(hash, name);
	if (unlinkat(o->fd, name, 0) && errno != ENOENT)
		return err_errno(err, "cannot remove the object %s", name);
	return 0;
}

/* --- listing ------------------------------------------------------------------------------ */

static int compare_hashes(const void *a, const void *b)
{
	return sha256_compare(a, b);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* The hashes named by one directory, sorted.  Names that are no hash are not objects. */
static int list_dir(struct objects *o, unsigned first_byte, struct vec *hashes, struct err *err)
{
	_cleanup_(close_dir) DIR *dir = NULL;
	char hex[SHA256_HEX_LEN + 1];
	uint8_t byte = (uint8_t)first_byte;
	struct dirent *entry;
	int fd;

	hex_encode(&byte, 1, hex);
	fd = openat(o->fd, hex, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		err_errno(err, "cannot list the objects in %s/%s", o->dir, hex);
		mem_close_fd(&fd);
		return -1;
	}
	while ((errno = 0, entry = readdir(dir))) {
		struct sha256 hash, *item;

		if (strlen(entry->d_name) != SHA256_HEX_LEN - 2)
			continue;
		memcpy(hex + 2, entry->d_name, SHA256_HEX_LEN - 2 + 1);
		if (sha256_parse(hex, SHA256_HEX_LEN, &hash))
			continue;
		item = vec_push_or(hashes, err);
		if (!item)
			return -1;
		*item = hash;
	}
	if (errno)
		return err_errno(err, "cannot list the objects in %s", o->dir);
	vec_sort(hashes, compare_hashes);
	return 0;
}

int object_walk(struct objects *o, unsigned first, unsigned last,
	int (*each)(void *data, const struct sha256 *hash, uint64_t size, struct err *err),
	void *data, struct err *err)
{
	_cleanup_vec_ struct vec hashes = VEC_INIT(struct sha256, OBJECTS_PER_DIR);

	for (unsigned byte = first; byte <= last && byte < FAN_OUT; byte++) {
		vec_clear(&hashes);
		if (list_dir(o, byte, &hashes, err))
			return -1;
		vec_foreach (&hashes, struct sha256, hash) {
			uint64_t size;
			int stop;

			/* Removed since it was listed: as if it had gone before. */
			if (object_size(o, hash, &size, NULL) && !object_exists(o, hash))
				continue;
			stop = each(data, hash, size, err);
			if (stop)
				return stop;
		}
	}
	return 0;
}
