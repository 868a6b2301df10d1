/* upload_file.c - the bytes of uploads in uploads/; see upload.h.
 *
 * It knows no rows but to ask which files are still wanted.  While a chunk with a checksum arrives, a mark beside
 * the file (ID.from, its offset as text) says from where bytes do not count yet, also for who finds them after a
 * crash.  Invariant: bytes before the mark, or all where there is none, are as the client sent them.
 */
#include "store/upload.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define UPLOADS      "uploads"
#define EXPIRE_MAX   100000 /* uploads; more wait for the next start */
#define MARK         ".from"
#define NAME_MAX_LEN (sizeof(UPLOADS) + UUID_TEXT_LEN + sizeof(MARK))

/* Free it, NULL on no memory. */
static char *path_of(const struct store *store, const struct uuid *id, const char *suffix)
{
	char name[NAME_MAX_LEN + 1], text[UUID_TEXT_LEN + 1];

	uuid_format(id, text);
	snprintf(name, sizeof(name), UPLOADS "/%s%s", text, suffix);
	return store_path(store, name);
}

static char *mark_of(const struct upload_file *file)
{
	_cleanup_str_ struct str path = STR_INIT(STR_MAX_LINE);

	str_addf(&path, "%s" MARK, file->path);
	return str_take(&path, NULL);
}

/* --- the mark --------------------------------------------------------------------------- */

/* 1 with the offset from which bytes do not count, 0 where all do. */
static int read_mark(const char *path, int64_t *out, struct err *err)
{
	_cleanup_str_ struct str text = STR_INIT(0);
	struct err why = ERR_INIT;

	if (path_read_file(path, 32, &text, &why)) {
		if (why.kind == ERR_NOT_FOUND)
			return 0;
		*err = why;
		return -1;
	}
	/* A mark that was not written whole: its chunk had not begun, or a power cut ate it. */
	return text_to_i64(text.data, 0, INT64_MAX, out, &why) ? 0 : 1;
}

int upload_file_guard(struct upload_file *file, struct err *err)
{
	_cleanup_free_ char *path = mark_of(file);
	char text[24];
	int len = snprintf(text, sizeof(text), "%lld", (long long)file->offset);

	if (!path)
		return err_no_memory(err);
	if (path_write_file(path, text, (size_t)len, 0600, err))
		return -1;
	file->guarded = file->offset;
	return 0;
}

static int drop_mark(struct upload_file *file, struct err *err)
{
	_cleanup_free_ char *path = mark_of(file);

	if (!path)
		return err_no_memory(err);
	if (unlink(path) && errno != ENOENT)
		return err_errno(err, "cannot remove %s", path);
	file->guarded = -1;
	return 0;
}

int upload_file_keep(struct upload_file *file, struct err *err)
{
	if (file->guarded < 0)
		return 0;
	return upload_file_sync(file, err) || drop_mark(file, err) ? -1 : 0;
}

/* --- the file --------------------------------------------------------------------------- */

int upload_offset(struct store *store, const struct uuid *id, int64_t *out, struct err *err)
{
	_cleanup_free_ char *path = path_of(store, id, ""), *mark = path_of(store, id, MARK);
	_cleanup_close_ int fd = -1;
	int64_t from = INT64_MAX;
	struct stat st;

	if (!path || !mark)
		return err_no_memory(err);
	if (read_mark(mark, &from, err) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		*out = 0;
		return 0;
	}
	if (fd < 0 || fstat(fd, &st) || fdatasync(fd))
		return err_errno(err, "cannot look at %s", path);
	*out = st.st_size < from ? st.st_size : from;
	return 0;
}

int64_t upload_held(const struct store *store, const struct uuid *id)
{
	_cleanup_free_ char *path = path_of(store, id, "");
	struct stat st;

	return path && stat(path, &st) == 0 ? st.st_size : 0;
}

int upload_held_unsaid(struct store *store, const struct uuid *user, int64_t *out, struct err *err)
{
	static const struct db_sql sql = {"upload_unsaid",
		"SELECT id FROM upload WHERE user = :user AND length IS NULL AND photo IS NULL"
		" AND expires > :now"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int64_t sum = 0;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_UUID(":user", user),
		    DB_INT(":now", clock_now_ms(store->clock))))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct uuid id;

		if (db_uuid(&rows, 0, &id, err))
			return -1;
		sum += upload_held(store, &id);
	}
	if (more == 0)
		*out = sum;
	return more;
}

static int open_file(struct store *store, struct upload_file *file, struct err *err)
{
	_cleanup_free_ char *dir = store_path(store, UPLOADS);
	const int flags = O_CLOEXEC | O_NOFOLLOW;

	if (!dir)
		return err_no_memory(err);
	file->fd = open(file->path, O_RDWR | O_CREAT | flags, 0600);
	if (file->fd < 0 && errno == ENOENT) {
		if (path_make_dirs(dir, 0700, err))
			return -1;
		file->fd = open(file->path, O_RDWR | O_CREAT | flags, 0600);
	}
	/* A whole one that was about to become an object is never written to again. */
	if (file->fd < 0 && errno == EACCES)
		file->fd = open(file->path, O_RDONLY | flags);
	return file->fd < 0 ? err_errno(err, "cannot open %s", file->path) : 0;
}

/* The lock, and the certainty that the name is still that of the file. */
static int lock_file(struct upload_file *file, struct err *err)
{
	struct stat st;

	if (flock(file->fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ?
			err_set(err, ERR_LOCKED, "another request is sending to this upload") :
			err_errno(err, "cannot lock %s", file->path);
	if (fstat(file->fd, &st))
		return err_errno(err, "cannot look at %s", file->path);
	if (st.st_nlink == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such upload");
	file->offset = st.st_size;
	return 0;
}

/* Cuts off what a chunk left behind that nobody verified. */
static int recover(struct upload_file *file, struct err *err)
{
	_cleanup_free_ char *path = mark_of(file);
	int64_t from;
	int marked = path ? read_mark(path, &from, err) : err_no_memory(err);

	if (marked <= 0)
		return marked;
	return (from < file->offset && upload_file_truncate(file, from, err)) ||
			drop_mark(file, err) ?
		-1 :
		0;
}

int upload_file_open(
	struct store *store, const struct uuid *id, struct upload_file *file, struct err *err)
{
	struct upload_file opened = UPLOAD_FILE_INIT;

	opened.path = path_of(store, id, "");
	if (!opened.path)
		return err_no_memory(err);
	if (open_file(store, &opened, err) || lock_file(&opened, err) || recover(&opened, err)) {
		upload_file_close(&opened);
		return -1;
	}
	*file = opened;
	return 0;
}

int upload_file_append(struct upload_file *file, const void *bytes, size_t len, struct err *err)
{
	const char *p = bytes;

	while (len) {
		ssize_t n = pwrite(file->fd, p, len, (off_t)file->offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot store what was sent");
		p += n;
		len -= (size_t)n;
		file->offset += n;
	}
	return 0;
}

int upload_file_truncate(struct upload_file *file, int64_t offset, struct err *err)
{
	if (ftruncate(file->fd, (off_t)offset))
		return err_errno(err, "cannot cut %s", file->path);
	file->offset = offset;
	return 0;
}

int upload_file_sync(struct upload_file *file, struct err *err)
{
	return fdatasync(file->fd) ? err_errno(err, "cannot flush %s", file->path) : 0;
}

void upload_file_close(struct upload_file *file)
{
	struct err lost = ERR_INIT;

	/* Should this fail, the mark stays and the next one who opens it does it. */
	if (file->fd >= 0 && file->guarded >= 0 &&
		upload_file_truncate(file, file->guarded, &lost) == 0)
		drop_mark(file, &lost);
	mem_close_fd(&file->fd);
	mem_free_pointer(&file->path);
	*file = (struct upload_file)UPLOAD_FILE_INIT;
}

/* --- removing --------------------------------------------------------------------------- */

void upload_unlink(const struct store *store, const struct uuid *id)
{
	_cleanup_free_ char *path = path_of(store, id, ""), *mark = path_of(store, id, MARK);

	if (path)
		unlink(path);
	if (mark)
		unlink(mark);
}

/* 1 if the file is that of an upload under way. */
static int is_wanted(struct store *store, const char *name, struct err *err)
{
	static const struct db_sql sql = {
		"upload_wanted", "SELECT 1 FROM upload WHERE id = :id AND photo IS NULL"};
	struct uuid id;
	int64_t one;

	if (strlen(name) < UUID_TEXT_LEN || uuid_parse(name, UUID_TEXT_LEN, &id))
		return 0;
	return db_get_int(store->db, &sql, &one, err, DB_UUID(":id", &id));
}

/* True unless somebody is writing to it, or it went by itself. */
static bool is_idle(int dir, const char *name)
{
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

int upload_sweep(struct store *store, uint64_t *removed, struct err *err)
{
	_cleanup_free_ char *path = store_path(store, UPLOADS);
	DIR *dir = path ? opendir(path) : NULL;
	struct dirent *entry;
	int wanted = 0;

	*removed = 0;
	if (!path)
		return err_no_memory(err);
	if (!dir)
		return errno == ENOENT ? 0 : err_errno(err, "cannot look into %s", path);
	while (wanted >= 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		/* The lock first: an upload's row is written while its maker still holds it. */
		if (!is_idle(dirfd(dir), entry->d_name))
			continue;
		wanted = is_wanted(store, entry->d_name, err);
		if (wanted == 0 && unlinkat(dirfd(dir), entry->d_name, 0) == 0)
			++*removed;
	}
	closedir(dir);
	return wanted < 0 ? -1 : 0;
}

int upload_start(struct store *store, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	_cleanup_vec_ struct vec gone = VEC_INIT(struct uuid, EXPIRE_MAX);
	uint64_t removed;

	if (store_begin(store, "uploads", &tx, err) ||
		upload_expire(store, EXPIRE_MAX, &gone, err) || store_commit(&tx, err))
		return -1;
	return upload_sweep(store, &removed, err);
}
