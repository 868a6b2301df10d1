/* settings_files.c - sees that configuration files change.
 *
 * A file may be written in place, replaced by renaming over it (editors, git), be a symbolic link that is turned
 * elsewhere, or not exist yet.  So the directories that hold the entry, and those that its links lead
 * through, are watched; and what counts is whether the file itself looks different from when it was read.
 * It reads no contents.  Invariant: a change between reading and watching is seen, because the looks are
 * taken before the file is read.
 */
#include "http/settings_inner.h"
#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 16
#define LINKS_MAX 8
#define EVENTS                                                                                     \
	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB |        \
		IN_MOVE_SELF | IN_DELETE_SELF)

struct looks { /* all 0: the file is absent */
	dev_t device;
	ino_t inode;
	off_t size;
	mode_t mode;
	struct timespec written, changed;
};

struct file {
	char *path;
	struct looks looks;
};

struct settings_files {
	int inotify;      /* -1: the kernel gives us none */
	struct vec files; /* struct file */
};

static void look_at(const char *path, struct looks *out)
{
	struct stat st;

	memset(out, 0, sizeof(*out));
	if (stat(path, &st))
		return;
	out->device = st.st_dev;
	out->inode = st.st_ino;
	out->size = st.st_size;
	out->mode = st.st_mode;
	out->written = st.st_mtim;
	out->changed = st.st_ctim;
}

static void forget_files(struct settings_files *files)
{
	vec_foreach (&files->files, struct file, file)
		free(file->path);
	vec_clear(&files->files);
}

int settings_files_open(struct settings_files **out, struct err *err)
{
	struct settings_files *files = mem_calloc(1, sizeof(*files));

	if (!files)
		return err_no_memory(err);
	files->files = (struct vec)VEC_INIT(struct file, FILES_MAX);
	files->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	*out = files;
	return 0;
}

void settings_files_close(struct settings_files *files)
{
	if (!files)
		return;
	forget_files(files);
	vec_release(&files->files);
	mem_close_fd(&files->inotify);
	free(files);
}

int settings_files_fd(const struct settings_files *files)
{
	return files->inotify;
}

/* The directory that holds an entry: "." for a bare name. */
static char *dir_of(const char *path)
{
	size_t len = (size_t)(path_base(path) - path);

	if (!len)
		return mem_strdup(".");
	return mem_strndup(path, len > 1 ? len - 1 : len);
}

/* Where a symbolic link leads; NULL: it is none. */
static char *link_target(const char *path)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target));
	_cleanup_free_ char *dir = NULL;

	if (len <= 0 || (size_t)len == sizeof(target))
		return NULL;
	if (target[0] == '/')
		return mem_strndup(target, (size_t)len);
	target[len] = '\0';
	dir = dir_of(path);
	return dir ? path_join(dir, target) : NULL;
}

/* A directory that cannot be watched costs only speed: settings_changed is asked now and then anyway. */
static void watch_entry(struct settings_files *files, const char *path)
{
	_cleanup_free_ char *entry = mem_strdup(path);

	for (int i = 0; entry && i < LINKS_MAX; i++) {
		_cleanup_free_ char *dir = dir_of(entry);
		char *next = link_target(entry);

		if (dir)
			inotify_add_watch(files->inotify, dir, EVENTS | IN_ONLYDIR);
		free(entry);
		entry = next;
	}
}

int settings_files_follow(struct settings_files *files, const struct vec *paths, struct err *err)
{
	forget_files(files);
	vec_foreach (paths, char *, path) {
		struct file *file = vec_push_or(&files->files, err);

		if (!file)
			return -1;
		file->path = mem_strdup(*path);
		if (!file->path)
			return err_no_memory(err);
		if (files->inotify >= 0)
			watch_entry(files, *path);
		look_at(*path, &file->looks);
	}
	return 0;
}

bool settings_files_changed(struct settings_files *files)
{
	char events[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];

	while (files->inotify >= 0 &&
		(read(files->inotify, events, sizeof(events)) > 0 || errno == EINTR))
		;
	vec_foreach (&files->files, struct file, file) {
		struct looks now;

		if (!file->path)
			continue;
		look_at(file->path, &now);
		if (memcmp(&now, &file->looks, sizeof(now)) != 0)
			return true;
	}
	return false;
}
