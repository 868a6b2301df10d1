/* walk.c - folders, in a fixed order, one directory listing in memory at a time and level.
 *
 * It opens no files but folders, and follows no links: every folder is opened by name in its parent's
 * descriptor, so a folder exchanged for a link meanwhile is refused, not followed.  Invariant: s->path starts with the
 * path of the deepest folder.
 */
#include "import/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX   ((size_t)512 * 1024 * 1024) /* bytes of all names in one folder */
#define ENTRIES_MAX ((size_t)16 * 1024 * 1024)

/* Sidecars first, so that they are known when their photo comes; folders last, so that the files of one folder
 * come in one piece. */
enum rank { RANK_SIDECAR, RANK_FILE, RANK_ARCHIVE, RANK_FOLDER };

struct folder_entry {
	size_t name; /* offset in names; sorted by address in `text` */
	const char *text;
	enum rank rank;
};

static int compare_entries(const void *a, const void *b)
{
	const struct folder_entry *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return strcmp(x->text, y->text);
}

static enum rank rank_of(int fd, const struct dirent *d)
{
	struct stat st;
	bool folder = d->d_type == DT_DIR;

	if (d->d_type == DT_UNKNOWN)
		folder = fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISDIR(st.st_mode);
	if (folder)
		return RANK_FOLDER;
	if (name_is_sidecar(d->d_name))
		return RANK_SIDECAR;
	return name_is_archive(d->d_name) ? RANK_ARCHIVE : RANK_FILE;
}

static bool is_wanted(struct source *s, const char *name, enum rank rank)
{
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	if (rank == RANK_FOLDER ? name_is_junk_folder(name) : name_is_junk(name)) {
		s->skipped++;
		return false;
	}
	return true;
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int list(struct source *s, struct folder *f, struct err *err)
{
	_cleanup_(close_dir) DIR *dir = NULL;
	struct dirent *d;
	int copy = fcntl(f->fd, F_DUPFD_CLOEXEC, 0);

	dir = copy < 0 ? NULL : fdopendir(copy);
	if (!dir) {
		err_errno(err, "cannot be listed");
		mem_close_fd(&copy);
		return -1;
	}
	while ((errno = 0, d = readdir(dir))) {
		enum rank rank = rank_of(f->fd, d);
		struct folder_entry *e;

		if (!is_wanted(s, d->d_name, rank))
			continue;
		e = vec_push_or(&f->entries, err);
		if (!e)
			return -1;
		e->rank = rank;
		e->name = f->names.len;
		str_add(&f->names, d->d_name, strlen(d->d_name) + 1);
	}
	if (errno)
		return err_errno(err, "cannot be listed");
	if (str_check(&f->names, err))
		return -1;
	vec_foreach (&f->entries, struct folder_entry, e)
		e->text = f->names.data + e->name;
	vec_sort(&f->entries, compare_entries);
	return 0;
}

static void folder_release(struct folder *f)
{
	mem_close_fd(&f->fd);
	str_release(&f->names);
	vec_release(&f->entries);
}

int walk_enter(struct source *s, int dir_fd, const char *name, bool argument, struct err *why)
{
	struct folder *parent =
		argument || !s->folders.count ? NULL : vec_at(&s->folders, s->folders.count - 1);
	struct folder *f;

	if (s->folders.count >= SOURCE_DEPTH_MAX)
		return err_set(
			why, ERR_TOO_LARGE, "folders nested more than %d deep", SOURCE_DEPTH_MAX);
	f = vec_push_or(&s->folders, why);
	if (!f)
		return -1;
	/* The push may have moved the parent. */
	parent = parent ? f - 1 : NULL;
	f->names = (struct str)STR_INIT(NAMES_MAX);
	f->entries = (struct vec)VEC_INIT(struct folder_entry, ENTRIES_MAX);
	f->fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (f->fd < 0)
		err_errno(why, "cannot be opened");
	if (f->fd < 0 || list(s, f, why)) {
		folder_release(f);
		vec_pop(&s->folders);
		return -1;
	}
	if (s->path.len && s->path.data[s->path.len - 1] != '/')
		str_addc(&s->path, '/');
	f->path_len = s->path.len;
	f->root_len = parent ? parent->root_len : f->path_len;
	f->group = ++s->groups;
	return 0;
}

/* The way into a folder below; one that cannot be entered is an item that says so. */
static int go_down(struct source *s, struct source_item *item, int dir_fd, const char *name)
{
	if (walk_enter(s, dir_fd, name, false, &item->why) == 0)
		return 0;
	return source_give_refused(s, item, 0);
}

int walk_next(struct source *s, struct source_item *item, struct err *err)
{
	struct folder *f = vec_at(&s->folders, s->folders.count - 1);
	struct folder_entry *e;
	struct stat st;

	if (f->next == f->entries.count) {
		folder_release(f);
		vec_pop(&s->folders);
		return 0;
	}
	e = vec_at(&f->entries, f->next++);
	str_truncate(&s->path, f->path_len);
	if (strlen(e->text) + 1 > SOURCE_PATH_MAX - f->path_len) {
		err_set(&item->why, ERR_TOO_LARGE, "holds a path longer than %d bytes",
			SOURCE_PATH_MAX);
		return source_give_refused(s, item, 0);
	}
	str_addz(&s->path, e->text);
	if (source_is_excluded(s, s->path.data + f->root_len, e->text))
		return 0;
	if (fstatat(f->fd, e->text, &st, AT_SYMLINK_NOFOLLOW)) {
		if (errno == ENOENT) /* removed since it was listed */
			return 0;
		err_errno(&item->why, "cannot be looked at");
		return source_give_refused(s, item, 0);
	}
	if (S_ISDIR(st.st_mode))
		return go_down(s, item, f->fd, e->text);
	return source_give_plain(
		s, item, f->fd, e->text, &st, f->group, e->rank == RANK_ARCHIVE, err);
}

void walk_close(struct source *s)
{
	vec_foreach (&s->folders, struct folder, f)
		folder_release(f);
	vec_release(&s->folders);
}
