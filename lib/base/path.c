/* path.c - paths, whole files and directories; see path.h. */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_TEXT_MAX 8192

char *path_join(const char *dir, const char *name)
{
	_cleanup_str_ struct str s = STR_INIT(PATH_TEXT_MAX);

	str_addz(&s, dir);
	if (s.len && s.data[s.len - 1] != '/')
		str_addc(&s, '/');
	while (*name == '/')
		name++;
	str_addz(&s, name);
	return str_take(&s, NULL);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *path_extension(const char *path)
{
	const char *base = path_base(path), *dot = strrchr(base, '.');

	return dot && dot != base ? dot : base + strlen(base);
}

bool path_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

int path_make_dirs(const char *path, mode_t mode, struct err *err)
{
	_cleanup_free_ char *copy = mem_strdup(path);
	struct stat st;

	if (!copy)
		return err_no_memory(err);
	for (char *p = copy + 1; *copy && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, mode) && errno != EEXIST)
			return err_errno(err, "cannot make the directory %s", copy);
		*p = '/';
	}
	if (mkdir(copy, mode) && errno != EEXIST)
		return err_errno(err, "cannot make the directory %s", copy);
	if (stat(copy, &st) || !S_ISDIR(st.st_mode))
		return err_set(err, ERR_FAILED, "%s is not a directory", copy);
	return 0;
}

int path_sync_dir(const char *path, struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd))
		return err_errno(err, "cannot flush the directory %s", path);
	return 0;
}

int path_read_fd(int fd, const char *name, size_t max, struct str *out, struct err *err)
{
	str_init(out, max);
	for (;;) {
		size_t room = out->cap > out->len + 1 ? out->cap - out->len - 1 : 16384;
		char spill;
		char *at;
		ssize_t n;

		if (room > max - out->len)
			room = max - out->len;
		if (room == 0) {
			n = read(fd, &spill, 1);
			if (n > 0)
				return err_set(err, ERR_TOO_LARGE, "%s is larger than %zu bytes",
					name, max);
		} else {
			at = str_reserve(out, room);
			if (!at)
				return err_no_memory(err);
			n = read(fd, at, room);
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot read %s", name);
		if (n == 0)
			return 0;
		out->len += (size_t)n;
		out->data[out->len] = '\0';
	}
}

int path_read_file(const char *path, size_t max, struct str *out, struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	str_init(out, max);
	if (fd < 0)
		return err_errno(err, "cannot open %s", path);
	return path_read_fd(fd, path, max, out, err);
}

int path_write_all(int fd, const void *bytes, size_t len, struct err *err)
{
	const char *p = bytes;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot write");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int path_write_file(const char *path, const void *bytes, size_t len, mode_t mode, struct err *err)
{
	_cleanup_str_ struct str temporary = STR_INIT(PATH_TEXT_MAX);
	_cleanup_free_ char *dir = mem_strndup(path, (size_t)(path_base(path) - path));
	_cleanup_close_ int fd = -1;

	str_addf(&temporary, "%s.tmp.%ld", path, (long)getpid());
	if (!dir || str_check(&temporary, err))
		return err_no_memory(err);
	fd = open(temporary.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return err_errno(err, "cannot write %s", path);
	if (path_write_all(fd, bytes, len, err) || (fsync(fd) && err_errno(err, "cannot flush"))) {
		unlink(temporary.data);
		return err_prefix(err, "%s", path);
	}
	if (rename(temporary.data, path)) {
		err_errno(err, "cannot rename to %s", path);
		unlink(temporary.data);
		return -1;
	}
	return path_sync_dir(*dir ? dir : ".", err);
}
