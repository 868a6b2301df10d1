/* variant.c - the cache of derived images and its rows; see variant.h.
 *
 * Nothing is decoded here.  Invariant: a file reaches its place in cache/ whole, by rename; a row is
 * believed only with its file.
 */
#include "store/variant.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_TEXT_MAX 8192
#define TMP_TRIES     100

/* --- paths ------------------------------------------------------------------------------ */

static void free_roots(char ***roots)
{
	for (char **root = *roots; root && *root; root++)
		free(*root);
	free(*roots);
}

int variant_use_roots(struct store *store, const char *const *dirs, size_t count, struct err *err)
{
	_cleanup_(free_roots) char **roots = mem_calloc(count + 1, sizeof(*roots));
	char **before = store->cache_roots;

	for (size_t i = 0; roots && i < count; i++) {
		roots[i] = dirs[i][0] == '/' ? mem_strdup(dirs[i]) : store_path(store, dirs[i]);
		if (!roots[i])
			return err_no_memory(err);
	}
	if (!roots)
		return err_no_memory(err);
	store->cache_roots = mem_steal(&roots);
	store->cache_root_count = count;
	free_roots(&before);
	return 0;
}

/* Number 0 is where the object's images belong, then come the others, cache/ in the store last; false
 * behind the last. */
static bool add_root(
	const struct store *store, const struct sha256 *object, size_t number, struct str *path)
{
	size_t count = store->cache_root_count;

	if (number > count)
		return false;
	if (number < count)
		str_addz(path, store->cache_roots[(object->bytes[0] + number) % count]);
	else
		str_addf(path, "%s/cache", store->dir);
	return true;
}

static const char *extension(const char *mime)
{
	if (strcmp(mime, "image/webp") == 0)
		return "webp";
	return strcmp(mime, "image/png") == 0 ? "png" : "jpg";
}

static void add_name(const struct sha256 *object, const struct variant *variant, struct str *path)
{
	str_addf(path, "/%02x/", object->bytes[0]);
	str_add_hex(path, object->bytes + 1, SHA256_LEN - 1);
	str_addf(path, "-%s", variant->name);
	if (variant->rotate)
		str_addf(path, ".r%d", variant->rotate);
	str_addf(path, ".%s", extension(variant->mime));
}

/* The path in one of the places, NULL behind the last or on no memory. */
static char *path_at(const struct store *store, const struct sha256 *object,
	const struct variant *variant, size_t number)
{
	_cleanup_str_ struct str path = STR_INIT(PATH_TEXT_MAX);

	if (!add_root(store, object, number, &path))
		return NULL;
	add_name(object, variant, &path);
	return str_take(&path, NULL);
}

char *variant_path(
	const struct store *store, const struct sha256 *object, const struct variant *variant)
{
	char *home = path_at(store, object, variant, 0);

	for (size_t i = 1; home && !path_exists(home); i++) {
		_cleanup_free_ char *other = path_at(store, object, variant, i);

		if (!other)
			break;
		if (path_exists(other)) {
			free(home);
			home = mem_steal(&other);
		}
	}
	return home;
}

static bool is_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789");

	return len > 0 && len < sizeof(((struct variant *)NULL)->name) && name[len] == '\0';
}

/* --- rows ------------------------------------------------------------------------------- */

static const char *const state_names[] = {
	[VARIANT_NONE] = "",
	[VARIANT_READY] = "ready",
	[VARIANT_DAMAGED] = "damaged",
	[VARIANT_FAILED] = "failed",
};

static void take_text(const struct db_rows *rows, int column, char *out, size_t size)
{
	const char *text = db_text(rows, column);

	memccpy(out, text ? text : "", '\0', size - 1);
	out[size - 1] = '\0';
}

/* A row of a picture whose file is not what was rendered counts as not there. */
static int believe(
	struct store *store, const struct sha256 *object, struct variant *v, struct err *err)
{
	_cleanup_free_ char *path = NULL;
	struct stat st;

	if (v->state == VARIANT_FAILED)
		return 0;
	path = variant_path(store, object, v);
	if (!path)
		return err_no_memory(err);
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == v->bytes)
		return 0;
	v->state = VARIANT_NONE;
	memccpy(v->reason, "no longer in the cache", '\0', sizeof(v->reason));
	return 0;
}

static int fill(struct store *store, const struct sha256 *object, const struct db_rows *rows,
	struct variant *v, struct err *err)
{
	const char *state = db_text(rows, 2);

	*v = (struct variant){.rotate = (int)(db_int(rows, 1) & 3)};
	take_text(rows, 0, v->name, sizeof(v->name));
	for (size_t i = 0; i < ARRAY_LEN(state_names); i++)
		if (state && strcmp(state, state_names[i]) == 0)
			v->state = (enum variant_state)i;
	take_text(rows, 3, v->reason, sizeof(v->reason));
	take_text(rows, 4, v->mime, sizeof(v->mime));
	v->width = db_int(rows, 5);
	v->height = db_int(rows, 6);
	v->bytes = db_int(rows, 7);
	if (!is_name(v->name))
		return err_set(err, ERR_DAMAGED, "a variant's row has no name");
	return believe(store, object, v, err);
}

int variant_list(struct store *store, const struct sha256 *object, int rotate, struct vec *out,
	struct err *err)
{
	static const struct db_sql sql = {"variant_list",
		"SELECT name, rotate, state, reason, mime, width, height, bytes FROM variant"
		" WHERE object = :object AND rotate = :rotate ORDER BY name"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_BLOB(":object", object->bytes, SHA256_LEN),
		    DB_INT(":rotate", rotate)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct variant *v = vec_push_or(out, err);

		if (!v || fill(store, object, &rows, v, err))
			return -1;
	}
	return more;
}

int variant_get(struct store *store, const struct sha256 *object, const char *name, int rotate,
	struct variant *out, struct err *err)
{
	static const struct db_sql sql = {"variant_get",
		"SELECT name, rotate, state, reason, mime, width, height, bytes FROM variant"
		" WHERE object = :object AND name = :name AND rotate = :rotate"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_BLOB(":object", object->bytes, SHA256_LEN),
		    DB_TEXTZ(":name", name), DB_INT(":rotate", rotate)))
		return -1;
	found = db_next(&rows, err);
	if (found == 1)
		return fill(store, object, &rows, out, err) ? -1 : 1;
	if (found == 0) {
		*out = (struct variant){.rotate = rotate};
		memccpy(out->name, name, '\0', sizeof(out->name) - 1);
	}
	return found;
}

int variant_record(
	struct store *store, const struct sha256 *object, const struct variant *v, struct err *err)
{
	static const struct db_sql sql = {"variant_record",
		"INSERT INTO variant(object, name, rotate, state, reason, mime, width, height, bytes)"
		" VALUES(:object, :name, :rotate, :state, :reason, :mime, :width, :height, :bytes)"
		" ON CONFLICT(object, name, rotate) DO UPDATE SET state = excluded.state,"
		" reason = excluded.reason, mime = excluded.mime, width = excluded.width,"
		" height = excluded.height, bytes = excluded.bytes"};

	return db_run(store->db, &sql, err, DB_BLOB(":object", object->bytes, SHA256_LEN),
		DB_TEXTZ(":name", v->name), DB_INT(":rotate", v->rotate),
		DB_TEXTZ(":state", state_names[v->state]),
		DB_TEXTZ(":reason", v->reason[0] ? v->reason : NULL),
		DB_TEXTZ(":mime", v->mime[0] ? v->mime : NULL),
		v->width ? DB_INT(":width", v->width) : DB_NULL(":width"),
		v->height ? DB_INT(":height", v->height) : DB_NULL(":height"),
		v->bytes ? DB_INT(":bytes", v->bytes) : DB_NULL(":bytes"));
}

int variant_forget(struct store *store, const struct sha256 *object, struct err *err)
{
	static const struct db_sql sql = {
		"variant_forget", "DELETE FROM variant WHERE object = :object"};

	return db_run(store->db, &sql, err, DB_BLOB(":object", object->bytes, SHA256_LEN));
}

/* --- files ------------------------------------------------------------------------------ */

int variant_file_open(struct store *store, const struct sha256 *object, struct variant_file *file,
	struct err *err)
{
	static unsigned number;
	_cleanup_str_ struct str dir = STR_INIT(PATH_TEXT_MAX);

	add_root(store, object, 0, &dir);
	str_addz(&dir, "/tmp");
	if (str_check(&dir, err))
		return -1;
	for (int i = 0; i < TMP_TRIES; i++) {
		_cleanup_str_ struct str path = STR_INIT(PATH_TEXT_MAX);

		str_addf(&path, "%s/%ld-%u", dir.data, (long)getpid(),
			__atomic_add_fetch(&number, 1, __ATOMIC_RELAXED));
		if (str_check(&path, err))
			return -1;
		file->fd =
			open(path.data, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (file->fd >= 0) {
			file->path = str_take(&path, err);
			return file->path ? 0 : -1;
		}
		if (errno == ENOENT && path_make_dirs(dir.data, 0700, err))
			return -1;
		if (errno != ENOENT && errno != EEXIST)
			break;
	}
	return err_errno(err, "cannot write to %s", dir.data);
}

int variant_file_place(struct store *store, const struct sha256 *object, const struct variant *v,
	struct variant_file *file, struct err *err)
{
	_cleanup_free_ char *path = path_at(store, object, v, 0);
	char *slash = path ? strrchr(path, '/') : NULL;

	if (!path || !slash)
		return err_no_memory(err);
	if (rename(file->path, path)) {
		if (errno != ENOENT)
			return err_errno(err, "cannot make %s", path);
		*slash = '\0';
		if (path_make_dirs(path, 0700, err))
			return -1;
		*slash = '/';
		if (rename(file->path, path))
			return err_errno(err, "cannot make %s", path);
	}
	mem_free_pointer(&file->path);
	file->path = NULL;
	return 0;
}

void variant_file_close(struct variant_file *file)
{
	if (file->path)
		unlink(file->path);
	free(file->path);
	file->path = NULL;
	mem_close_fd(&file->fd);
}

/* Calls `each` for the names in a directory below each root; an absent directory has none. */
static int walk(struct store *store, const char *name,
	int (*each)(int dir, const char *name, void *data, struct err *err), void *data,
	struct err *err)
{
	static const struct sha256 any;
	int failed = 0;

	for (size_t i = 0; !failed; i++) {
		_cleanup_str_ struct str path = STR_INIT(PATH_TEXT_MAX);
		struct dirent *entry;
		DIR *dir;

		if (!add_root(store, &any, i, &path))
			break;
		str_addf(&path, "/%s", name);
		if (str_check(&path, err))
			return -1;
		dir = opendir(path.data);
		if (!dir && errno != ENOENT)
			return err_errno(err, "cannot look into %s", path.data);
		while (dir && !failed && (entry = readdir(dir)))
			if (entry->d_name[0] != '.')
				failed = each(dirfd(dir), entry->d_name, data, err);
		if (dir)
			closedir(dir);
	}
	return failed;
}

static int unlink_of(int dir, const char *name, void *data, struct err *err)
{
	if (!text_starts(name, data) || unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	return err_errno(err, "cannot remove %s from the cache", name);
}

int variant_unlink(struct store *store, const struct sha256 *object, struct err *err)
{
	char prefix[SHA256_HEX_LEN + 2], dir[sizeof("ab")];

	hex_encode(object->bytes + 1, SHA256_LEN - 1, prefix);
	memcpy(prefix + SHA256_HEX_LEN - 2, "-", 2);
	snprintf(dir, sizeof(dir), "%02x", object->bytes[0]);
	return walk(store, dir, unlink_of, prefix, err);
}

static int sweep_one(int dir, const char *name, void *data, struct err *err)
{
	long pid = strtol(name, NULL, 10);
	uint64_t *removed = data;

	(void)err;
	if (pid > 0 && (kill((pid_t)pid, 0) == 0 || errno != ESRCH))
		return 0;
	if (unlinkat(dir, name, 0) == 0)
		++*removed;
	return 0;
}

int variant_sweep_tmp(struct store *store, uint64_t *removed, struct err *err)
{
	uint64_t count = 0;

	if (walk(store, "tmp", sweep_one, &count, err))
		return -1;
	*removed = count;
	return 0;
}
