/* pack_folder.c - packing into a folder: plain files, reflinks or hard links; see pack.h.
 *
 * Invariant: every path is made below the staging folder's descriptor; links in it are not followed.
 */
#include "import/pack_internal.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_DIRS 16 /* descriptors that removing may use */

static int folder_open(struct pack *p, struct err *err)
{
	if (mkdir(p->staging, 0777))
		return err_errno(err, "cannot make %s", p->staging);
	p->fd = open(p->staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->fd < 0) {
		rmdir(p->staging);
		return err_errno(err, "cannot open %s", p->staging);
	}
	return 0;
}

/* Makes the folders that a name is in. */
static int make_parents(struct pack *p, const char *name, struct err *err)
{
	_cleanup_free_ char *copy = mem_strdup(name);

	if (!copy)
		return err_no_memory(err);
	for (char *slash = strchr(copy, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdirat(p->fd, copy, 0777) && errno != EEXIST)
			return err_errno(err, "cannot make the folder %s", copy);
		*slash = '/';
	}
	return 0;
}

static int folder_begin(struct pack *p, const struct pack_file *file, struct err *err)
{
	if (make_parents(p, file->name, err))
		return -1;
	p->file_fd = openat(
		p->fd, file->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (p->file_fd < 0)
		return err_errno(err, "cannot make a file");
	p->file_mtime_ms = file->mtime_ms;
	return 0;
}

static int folder_data(struct pack *p, const void *bytes, size_t len, struct err *err)
{
	return path_write_all(p->file_fd, bytes, len, err);
}

static int folder_end(struct pack *p, struct err *err)
{
	int64_t ms = p->file_mtime_ms;
	int64_t seconds = ms / 1000 - (ms % 1000 < 0);
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
		{.tv_sec = seconds, .tv_nsec = (ms - seconds * 1000) * 1000000}};

	/* SHA256SUMS has no time: it keeps that of its making. */
	if (ms && futimens(p->file_fd, times))
		return err_errno(err, "cannot set its time");
	mem_close_fd(&p->file_fd);
	return 0;
}

static int link_hard(struct pack *p, const struct pack_file *file, int fd, struct err *err)
{
	char source[64];

	snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
	if (make_parents(p, file->name, err))
		return -1;
	if (linkat(AT_FDCWD, source, p->fd, file->name, AT_SYMLINK_FOLLOW) == 0)
		return 1;
	if (errno == EXDEV)
		return err_set(err, ERR_UNSUPPORTED,
			"hard links need the export on the file system of the store");
	return err_errno(err, "cannot link %s", file->name);
}

static int folder_link(struct pack *p, const struct pack_file *file, int fd, struct err *err)
{
	if (p->hard_link)
		return link_hard(p, file, fd, err);
	if (folder_begin(p, file, err))
		return -1;
	if (ioctl(p->file_fd, FICLONE, fd) == 0)
		return folder_end(p, err) ? -1 : 1;
	mem_close_fd(&p->file_fd);
	if (unlinkat(p->fd, file->name, 0))
		return err_errno(err, "cannot copy %s", file->name);
	return 0;
}

static int folder_finish(struct pack *p, struct err *err)
{
	if (syncfs(p->fd))
		return err_errno(err, "cannot flush %s", p->staging);
	mem_close_fd(&p->fd);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	remove(path);
	return 0;
}

static void folder_drop(struct pack *p)
{
	mem_close_fd(&p->file_fd);
	mem_close_fd(&p->fd);
	nftw(p->staging, remove_one, OPEN_DIRS, FTW_DEPTH | FTW_PHYS);
}

const struct pack_ops pack_folder_ops = {
	.open = folder_open,
	.link = folder_link,
	.begin = folder_begin,
	.data = folder_data,
	.end = folder_end,
	.finish = folder_finish,
	.drop = folder_drop,
};
