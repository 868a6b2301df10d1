/* workplace.c - hidden working folders, swept when their owner died; see workplace.h.
 *
 * Invariant: a folder is only swept under the flock of the folder it lies in and its own, so never between
 * the making of one and the lock on it.
 */
#include "import/workplace.h"
#include "base/mem.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct workplace {
	char *beside, *path;
	int fd; /* of path; its flock says that we live */
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st;
	(void)type;
	(void)place;
	remove(path);
	return 0;
}

static void remove_tree(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Removes it if nobody holds its lock; what cannot be opened is not ours. */
static void sweep_one(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		remove_tree(path);
}

static void sweep(const char *beside, const char *prefix)
{
	DIR *dir = opendir(beside);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		_cleanup_free_ char *path = NULL;

		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		path = path_join(beside, entry->d_name);
		if (path)
			sweep_one(path);
	}
	if (dir)
		closedir(dir);
}

static int make(struct workplace *place, const char *prefix, struct err *err)
{
	_cleanup_close_ int outer = open(place->beside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *name = NULL;

	/* Some network file systems know no flock: then nothing is swept, and the work goes on. */
	if (outer >= 0 && flock(outer, LOCK_EX) == 0)
		sweep(place->beside, prefix);
	if (asprintf(&name, "%sXXXXXX", prefix) < 0) {
		name = NULL;
		return err_no_memory(err);
	}
	place->path = path_join(place->beside, name);
	if (!place->path)
		return err_no_memory(err);
	if (!mkdtemp(place->path)) {
		err_errno(err, "cannot make a working folder in %s", place->beside);
		free(mem_steal(&place->path));
		return -1;
	}
	place->fd = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place->fd < 0)
		return err_errno(err, "cannot open %s", place->path);
	flock(place->fd, LOCK_EX);
	return 0;
}

/* The folder that a path lies in, "." for a bare name. */
static char *folder_of(const char *path)
{
	size_t len = (size_t)(path_base(path) - path);

	return len ? mem_strndup(path, len) : mem_strdup(".");
}

int workplace_open(const char *result, const char *prefix, struct workplace **out, struct err *err)
{
	struct workplace *place = mem_calloc(1, sizeof(*place));

	if (!place)
		return err_no_memory(err);
	place->fd = -1;
	place->beside = folder_of(result);
	if (!place->beside || make(place, prefix, err)) {
		if (!place->beside)
			err_no_memory(err);
		workplace_close(place);
		return -1;
	}
	*out = place;
	return 0;
}

void workplace_close(struct workplace *place)
{
	if (!place)
		return;
	if (place->path)
		remove_tree(place->path);
	mem_close_fd(&place->fd);
	free(place->path);
	free(place->beside);
	free(place);
}

const char *workplace_path(const struct workplace *place)
{
	return place->path;
}

const char *workplace_beside(const struct workplace *place)
{
	return place->beside;
}
