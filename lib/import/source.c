/* source.c - takes the arguments one after the other and hands out their files; see source.h.
 *
 * Folders are walked in walk.c, archives read in archive.c.  Invariant: a plain file's bytes come from one
 * descriptor, opened without following links and without blocking, and checked to be a regular file after the
 * opening.
 */
#include "import/internal.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGUMENTS_MAX ((size_t)1024 * 1024)
#define LIST_FIRST    65536 /* bytes looked at to tell NUL from newline */
#define TAR_MAGIC_AT  257
#define MAGIC_LEN     (TAR_MAGIC_AT + 5)

struct argument {
	char *path; /* NULL: a list */
	int fd;
	struct str text; /* of the list: read and not handed out yet */
	size_t used;
	char separator; /* 1: not known yet */
	bool ended;
};

int source_open(const struct source_options *options, struct source **out, struct err *err)
{
	struct source *s = mem_calloc(1, sizeof(*s));

	if (!s)
		return err_no_memory(err);
	s->options = *options;
	s->arguments = (struct vec)VEC_INIT(struct argument, ARGUMENTS_MAX);
	s->folders = (struct vec)VEC_INIT(struct folder, SOURCE_DEPTH_MAX);
	str_init(&s->path, SOURCE_PATH_MAX);
	s->fd = -1;
	*out = s;
	return 0;
}

/* Lets go of the current item. */
static void leave_item(struct source *s)
{
	mem_close_fd(&s->fd);
	s->plain = false;
	s->at = 0;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	leave_item(s);
	archive_reader_close(s->archive);
	walk_close(s);
	vec_foreach (&s->arguments, struct argument, a) {
		free(a->path);
		str_release(&a->text);
	}
	vec_release(&s->arguments);
	str_release(&s->path);
	free(s);
}

int source_add_path(struct source *s, const char *path, struct err *err)
{
	struct argument *a = vec_push_or(&s->arguments, err);

	if (!a)
		return -1;
	a->path = mem_strdup(path);
	if (!a->path) {
		vec_pop(&s->arguments);
		return err_no_memory(err);
	}
	return 0;
}

int source_add_list(struct source *s, int fd, struct err *err)
{
	struct argument *a = vec_push_or(&s->arguments, err);

	if (!a)
		return -1;
	a->fd = fd;
	a->separator = s->options.list_nul ? '\0' : 1;
	str_init(&a->text, LIST_FIRST + SOURCE_PATH_MAX);
	return 0;
}

/* --- giving items ------------------------------------------------------------------------- */

bool source_is_excluded(struct source *s, const char *relative, const char *name)
{
	for (size_t i = 0; i < s->options.exclude_count; i++) {
		const char *glob = s->options.exclude[i];

		if (fnmatch(glob, name, 0) == 0 || fnmatch(glob, relative, 0) == 0) {
			s->skipped++;
			return true;
		}
	}
	return false;
}

void source_name_item(struct source *s, struct source_item *item, size_t start)
{
	const char *slash = strrchr(s->path.data + start, '/');

	item->path = s->path.data;
	item->name = slash ? slash + 1 : s->path.data + start;
	item->folder_len = (size_t)(item->name - item->path);
}

int source_give_refused(struct source *s, struct source_item *item, size_t start)
{
	item->kind = SOURCE_REFUSED;
	source_name_item(s, item, start);
	return 1;
}

static const char *kind_of_file(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFLNK:
		return "a symbolic link";
	case S_IFIFO:
		return "a fifo";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	default:
		return "not a regular file";
	}
}

static int64_t mtime_of(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* Opens the current plain file, once. */
static int open_plain(struct source *s, struct err *err)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (s->fd >= 0)
		return 0;
	fd = openat(s->dir_fd, s->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ELOOP)
		return err_set(err, ERR_UNSUPPORTED, "a symbolic link");
	if (fd < 0 || fstat(fd, &st))
		return err_errno(err, "cannot be opened");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_UNSUPPORTED, "%s", kind_of_file(st.st_mode));
	if (st.st_ino != s->st.st_ino || st.st_dev != s->st.st_dev)
		return err_set(err, ERR_FAILED, "exchanged for another file while it was read");
	s->fd = mem_steal_fd(&fd);
	return 0;
}

/* What the first bytes say; a tar may lack its magic and is then known by its name only. */
static bool looks_like_archive(int fd, const char *name)
{
	static const struct {
		const char *bytes;
		size_t len, at;
	} magics[] = {{"PK\3\4", 4, 0}, {"PK\5\6", 4, 0}, {"7z\xbc\xaf\x27\x1c", 6, 0},
		{"\x1f\x8b", 2, 0},
		{"\xfd"
		 "7zXZ",
			6, 0},
		{"\x28\xb5\x2f\xfd", 4, 0}, {"BZh", 3, 0}, {"ustar", 5, TAR_MAGIC_AT}};
	char head[MAGIC_LEN];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	for (size_t i = 0; i < ARRAY_LEN(magics); i++)
		if (n >= (ssize_t)(magics[i].at + magics[i].len) &&
			memcmp(head + magics[i].at, magics[i].bytes, magics[i].len) == 0)
			return true;
	return n == MAGIC_LEN && text_ends_nocase(name, ".tar");
}

/* Turns the current file into an archive if it is one: 1 it is (item filled), 0 it is not. */
static int give_archive(struct source *s, struct source_item *item, struct err *err)
{
	if (open_plain(s, &item->why))
		return source_give_refused(s, item, 0);
	if (!looks_like_archive(s->fd, item->name))
		return 0;
	if (archive_reader_open(s, mem_steal_fd(&s->fd), ++s->groups, &s->archive, err))
		return -1;
	s->plain = false;
	item->kind = SOURCE_ARCHIVE;
	item->group = s->groups;
	return 1;
}

int source_give_plain(struct source *s, struct source_item *item, int dir_fd, const char *name,
	const struct stat *st, uint64_t group, bool may_be_archive, struct err *err)
{
	int found;

	if (!S_ISREG(st->st_mode)) {
		err_set(&item->why, ERR_UNSUPPORTED, "%s", kind_of_file(st->st_mode));
		return source_give_refused(s, item, 0);
	}
	if (mtime_of(st) < s->options.since_ns) {
		s->skipped++;
		return 0;
	}
	s->plain = true;
	s->dir_fd = dir_fd;
	s->name = name;
	s->st = *st;
	source_name_item(s, item, 0);
	item->group = group;
	item->sized = true;
	item->size = (uint64_t)st->st_size;
	item->mtime_ns = mtime_of(st);
	item->inode = (uint64_t)st->st_ino;
	item->device = (uint64_t)st->st_dev;
	if (may_be_archive) {
		found = give_archive(s, item, err);
		if (found)
			return found;
	}
	if (item->size > s->options.max_file_bytes) {
		err_set(&item->why, ERR_TOO_LARGE, "larger than %llu bytes",
			(unsigned long long)s->options.max_file_bytes);
		return source_give_refused(s, item, 0);
	}
	item->kind = name_is_sidecar(item->name) ? SOURCE_SIDECAR : SOURCE_FILE;
	return 1;
}

/* --- arguments ---------------------------------------------------------------------------- */

static int give_argument(
	struct source *s, const char *path, struct source_item *item, struct err *err)
{
	struct stat st;

	str_clear(&s->path);
	str_addz(&s->path, path);
	if (s->path.failed) {
		str_clear(&s->path);
		err_set(&item->why, ERR_TOO_LARGE, "a path longer than %d bytes", SOURCE_PATH_MAX);
		return source_give_refused(s, item, 0);
	}
	if (fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW)) {
		if (errno == ENOENT)
			err_set(&item->why, ERR_NOT_FOUND, "no such file or folder");
		else
			err_errno(&item->why, "cannot be looked at");
		return source_give_refused(s, item, 0);
	}
	if (!S_ISDIR(st.st_mode) && source_is_excluded(s, path, path_base(path)))
		return 0;
	if (!S_ISDIR(st.st_mode))
		return source_give_plain(
			s, item, AT_FDCWD, s->path.data, &st, ++s->groups, true, err);
	if (walk_enter(s, AT_FDCWD, path, true, &item->why))
		return source_give_refused(s, item, 0);
	return 0;
}

/* Reads more of a list; 0 also at its end. */
static int list_fill(struct argument *a, struct err *err)
{
	char *room;
	ssize_t n;

	/* What was handed out makes room. */
	memmove(a->text.data, a->text.data + a->used, a->text.len - a->used);
	str_truncate(&a->text, a->text.len - a->used);
	a->used = 0;
	room = a->text.len < LIST_FIRST ? str_reserve(&a->text, LIST_FIRST - a->text.len) : NULL;
	if (!room)
		return a->text.failed ?
			err_no_memory(err) :
			err_set(err, ERR_TOO_LARGE, "a path in the list is too long");
	do {
		n = read(a->fd, room, LIST_FIRST - a->text.len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(err, "cannot read the list of paths");
	a->text.len += (size_t)n;
	a->text.data[a->text.len] = '\0';
	a->ended = n == 0;
	if (a->separator == 1 && memchr(a->text.data, '\0', a->text.len))
		a->separator = '\0';
	else if (a->separator == 1 && (a->ended || memchr(a->text.data, '\n', a->text.len)))
		a->separator = '\n';
	return 0;
}

/* The next path of a list, NUL-terminated in place: 1, 0 at the end, -1 failed. */
static int list_next(struct argument *a, const char **path, struct err *err)
{
	for (;;) {
		char *start = a->text.data + a->used, *end = NULL;
		size_t left = a->text.len - a->used;

		if (left && a->separator != 1)
			end = memchr(start, a->separator, left);
		if (!end && !a->ended) {
			if (list_fill(a, err))
				return -1;
			continue;
		}
		if (!end && left == 0)
			return 0;
		a->used += end ? (size_t)(end - start) + 1 : left;
		if (end)
			*end = '\0';
		if (*start) {
			*path = start;
			return 1;
		}
	}
}

/* 1 item, 0 look again, 2 no argument is left, -1 failed. */
static int argument_next(struct source *s, struct source_item *item, struct err *err)
{
	struct argument *a;
	const char *path;
	int found;

	if (s->next_argument == s->arguments.count)
		return 2;
	a = vec_at(&s->arguments, s->next_argument);
	if (a->path) {
		s->next_argument++;
		return give_argument(s, a->path, item, err);
	}
	found = list_next(a, &path, err);
	if (found == 1)
		return give_argument(s, path, item, err);
	s->next_argument++;
	return found;
}

int source_next(struct source *s, struct source_item *item, struct err *err)
{
	leave_item(s);
	for (;;) {
		int found;

		*item = (struct source_item){.kind = SOURCE_FILE};
		if (s->archive) {
			found = archive_reader_next(s->archive, item);
			if (found == 0)
				source_skip_archive(s);
		} else if (s->folders.count) {
			found = walk_next(s, item, err);
		} else {
			found = argument_next(s, item, err);
		}
		if (found == 2)
			return 0;
		if (found)
			return found;
		leave_item(s);
	}
}

/* --- the current item --------------------------------------------------------------------- */

int source_fd(struct source *s, struct err *err)
{
	if (!s->plain)
		return err_set(err, ERR_UNSUPPORTED, "an entry of an archive has no descriptor");
	return open_plain(s, err) ? -1 : s->fd;
}

ssize_t source_read(struct source *s, void *out, size_t len, struct err *err)
{
	ssize_t n;

	if (s->archive)
		return archive_reader_read(s->archive, out, len, err);
	if (!s->plain)
		return err_set(err, ERR_FAILED, "no file to read");
	if (open_plain(s, err))
		return -1;
	do {
		n = pread(s->fd, out, len, (off_t)s->at);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(err, "cannot be read");
	s->at += (uint64_t)n;
	if (s->at > s->options.max_file_bytes)
		return err_set(err, ERR_TOO_LARGE, "larger than %llu bytes",
			(unsigned long long)s->options.max_file_bytes);
	return n;
}

bool source_is_unchanged(struct source *s)
{
	struct stat st;

	return s->plain && s->fd >= 0 && fstat(s->fd, &st) == 0 && st.st_size == s->st.st_size &&
		st.st_ino == s->st.st_ino && st.st_dev == s->st.st_dev &&
		mtime_of(&st) == mtime_of(&s->st);
}

void source_skip_archive(struct source *s)
{
	archive_reader_close(s->archive);
	s->archive = NULL;
}

uint64_t source_skipped(const struct source *s)
{
	return s->skipped;
}
