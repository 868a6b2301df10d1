/* tmp.c - the temporary folders: one for each live user of the store, marked by a lock.
 *
 * It knows nothing of what the files hold.  Invariant: a folder in objects/tmp whose flock is held belongs to
 * a live process; only a folder that we could lock is swept.
 */
#include "object/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ATTEMPTS 100

/* Makes and locks one folder: a descriptor, -2 when a sweep was quicker, -1 on failure. */
static int make_locked(struct objects *o, char name[OBJECT_TMP_LEN], struct err *err)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	uint64_t number;

	if (crypt_random(&number, sizeof(number), err))
		return -1;
	snprintf(name, OBJECT_TMP_LEN, "%s/%016llx", OBJECT_TMP, (unsigned long long)number);
	if (mkdirat(o->fd, name, 0700)) {
		if (errno == EEXIST)
			return -2;
		return err_errno(err, "cannot make a directory in %s/%s", o->dir, OBJECT_TMP);
	}
	fd = openat(o->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -2;
	if (fd < 0 || flock(fd, LOCK_EX) || fstat(fd, &st))
		return err_errno(err, "cannot lock %s/%s", o->dir, name);
	if (st.st_nlink == 0)
		return -2;
	return mem_steal_fd(&fd);
}

/* Locks objects/tmp itself; LOCKED if others have it otherwise and the mode says not to wait. */
static int claim(struct objects *o, int mode, struct err *err)
{
	_cleanup_close_ int fd = -1;

	if (mkdirat(o->fd, OBJECT_TMP, 0700) && errno != EEXIST)
		return err_errno(err, "cannot make %s/%s", o->dir, OBJECT_TMP);
	fd = openat(o->fd, OBJECT_TMP, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot open %s/%s", o->dir, OBJECT_TMP);
	if (flock(fd, mode) && errno == EWOULDBLOCK)
		return err_set(err, ERR_LOCKED, "another program stores objects in %s", o->dir);
	o->claim_fd = mem_steal_fd(&fd);
	return 0;
}

int object_seal(struct objects *o, bool *sealed, struct err *err)
{
	struct err why = ERR_INIT;

	*sealed = o->claim_fd < 0 && claim(o, LOCK_EX | LOCK_NB, &why) == 0;
	if (*sealed || o->claim_fd >= 0 || why.kind == ERR_LOCKED)
		return 0;
	*err = why;
	return -1;
}

void object_unseal(struct objects *o)
{
	mem_close_fd(&o->claim_fd);
}

static int prepare(struct objects *o, struct err *err)
{
	if (o->tmp_fd >= 0)
		return 0;
	if (o->claim_fd < 0 && claim(o, LOCK_SH, err))
		return -1;
	for (int i = 0; i < ATTEMPTS; i++) {
		int fd = make_locked(o, o->tmp_name, err);

		if (fd == -1)
			return -1;
		if (fd >= 0) {
			o->tmp_fd = fd;
			return 0;
		}
	}
	return err_set(err, ERR_LOCKED, "cannot keep a directory in %s/%s", o->dir, OBJECT_TMP);
}

int object_tmp_prepare(struct objects *o, struct err *err)
{
	int result;

	pthread_mutex_lock(&o->tmp_lock);
	result = prepare(o, err);
	pthread_mutex_unlock(&o->tmp_lock);
	return result;
}

void object_tmp_close(struct objects *o)
{
	if (o->tmp_fd >= 0)
		unlinkat(o->fd, o->tmp_name, AT_REMOVEDIR);
	mem_close_fd(&o->tmp_fd);
}

/* --- sweeping ----------------------------------------------------------------------------- */

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* Calls `each` for all names in the directory `name` of `at`; a missing one is empty. */
static int each_name(int at, const char *name,
	int (*each)(int dir_fd, const char *name, uint64_t *removed, struct err *err),
	uint64_t *removed, struct err *err)
{
	_cleanup_(close_dir) DIR *dir = NULL;
	struct dirent *entry;
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return 0;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		err_errno(err, "cannot list the temporary files in %s", name);
		mem_close_fd(&fd);
		return -1;
	}
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
			each(dirfd(dir), entry->d_name, removed, err))
			return -1;
	return 0;
}

static int remove_file(int dir_fd, const char *name, uint64_t *removed, struct err *err)
{
	if (unlinkat(dir_fd, name, 0) == 0)
		++*removed;
	else if (errno != ENOENT)
		return err_errno(err, "cannot remove the temporary file %s", name);
	return 0;
}

static int sweep_one(int dir_fd, const char *name, uint64_t *removed, struct err *err)
{
	_cleanup_close_ int fd =
		openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : remove_file(dir_fd, name, removed, err);
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? 0 : err_errno(err, "cannot lock %s", name);
	if (each_name(fd, ".", remove_file, removed, err))
		return -1;
	if (unlinkat(dir_fd, name, AT_REMOVEDIR) && errno != ENOENT)
		return err_errno(err, "cannot remove the temporary directory %s", name);
	return 0;
}

int object_sweep_tmp(struct objects *o, uint64_t *removed, struct err *err)
{
	uint64_t count = 0;

	if (each_name(o->fd, OBJECT_TMP, sweep_one, &count, err))
		return -1;
	if (removed)
		*removed = count;
	return 0;
}
