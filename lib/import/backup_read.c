/* backup_read.c - reads a backup and believes nothing in it before it is proved; see backup.h.
 *
 * Names in the archive are matched against the few forms that a backup has and never used otherwise.
 * Invariant: what backup_restore gives its name was read whole, hashed and checked.
 */
#include "import/backup_internal.h"
#include "import/libarchive.h"
#include "import/workplace.h"
#include "base/path.h"
#include "proc/proc.h"
#include "wire/json.h"
#include "store/user.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_EVERY 4096                /* objects that share one flush */
#define DB_SIZE_MAX ((uint64_t)1 << 40) /* bytes; what is larger than any disk is a lie */

struct reader {
	const char *dir;
	const struct backup_watch *watch;
	enum backup_phase phase;
	struct backup_result *result;
	struct archive *archive;
	struct objects *objects; /* NULL: only hashed */
	struct object_group *group;
	unsigned grouped;
	struct sha256_stream *sums; /* over the lines that SHA256SUMS must have */
	struct sha256_stream *bytes;
	char last[SHA256_HEX_LEN + 1]; /* the object before: they are sorted, none comes twice */
	bool about, db, finished;
};

static int no_backup(struct err *err)
{
	return err_set(err, ERR_INVALID, "this is not a backup that pinhole wrote");
}

static int damaged(struct err *err)
{
	return err_set(err, ERR_DAMAGED, "the backup is damaged: it ends before its end");
}

static void add_sum(struct reader *r, const struct sha256 *hash, const char *name)
{
	_cleanup_str_ struct str line = STR_INIT(BACKUP_NAME_MAX + 128);

	backup_sum_line(hash, name, &line);
	sha256_stream_add(r->sums, line.data, line.len);
}

/* --- bytes of an entry ------------------------------------------------------------------ */

/* Where the bytes of an entry go besides the hash. */
struct sink {
	int fd;                       /* -1: none */
	struct object_writer *writer; /* NULL: none */
	struct str *text;             /* NULL: none */
};

static int feed(const struct sink *to, const void *bytes, size_t len, struct err *err)
{
	if (to->fd >= 0 && path_write_all(to->fd, bytes, len, err))
		return -1;
	if (to->writer && object_writer_add(to->writer, bytes, len, err))
		return -1;
	if (to->text)
		str_add(to->text, bytes, len);
	return 0;
}

/* libarchive hands out blocks of its own; sparse entries do not occur in a backup. */
static int drain(struct reader *r, const struct sink *to, uint64_t max, struct sha256 *hash,
	uint64_t *size, struct err *err)
{
	const void *block;
	la_int64_t at;
	size_t len;
	int code;

	*size = 0;
	while ((code = archive_read_data_block(r->archive, &block, &len, &at)) == ARCHIVE_OK) {
		if (at != (la_int64_t)*size || len > max - *size)
			return no_backup(err);
		if (proc_stop_check(err) || feed(to, block, len, err))
			return -1;
		sha256_stream_add(r->bytes, block, len);
		*size += len;
	}
	if (code != ARCHIVE_EOF)
		return damaged(err);
	sha256_stream_end(r->bytes, hash);
	return 0;
}

/* --- entries ---------------------------------------------------------------------------- */

static int read_about(struct reader *r, struct err *err)
{
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_LINE);
	_cleanup_json_ json_t *about = NULL;
	struct sink to = {.fd = -1, .text = &text};
	struct err why = ERR_INIT;
	struct sha256 hash;
	const char *format;
	int64_t version;
	uint64_t size;

	if (drain(r, &to, STR_MAX_LINE, &hash, &size, err))
		return -1;
	about = wire_parse(text.data, text.len, STR_MAX_LINE, &why);
	if (!about || wire_get_text(about, "format", WIRE_REQUIRED, 64, &format, &why) ||
		strcmp(format, BACKUP_FORMAT) != 0 ||
		wire_get_int(about, "version", WIRE_REQUIRED, 1, INT32_MAX, &version, &why))
		return no_backup(err);
	if (version > BACKUP_VERSION)
		return err_set(err, ERR_TOO_NEW,
			"this backup has format %lld, this pinhole reads up to %d",
			(long long)version, BACKUP_VERSION);
	add_sum(r, &hash, BACKUP_ABOUT);
	r->about = true;
	return 0;
}

/* A file of the store; `name` is one of ours.  Read anyway where it is not wanted. */
static int read_file(struct reader *r, const char *name, mode_t mode, bool wanted, struct err *err)
{
	_cleanup_free_ char *path = path_join(r->dir, name);
	_cleanup_close_ int fd = -1;
	struct sha256 hash;
	uint64_t size;

	if (!path)
		return err_no_memory(err);
	if (wanted) {
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0700);
		if (fd < 0)
			return errno == EEXIST ? no_backup(err) :
						 err_errno(err, "cannot write %s", path);
	}
	if (drain(r, &(struct sink){.fd = fd}, DB_SIZE_MAX, &hash, &size, err))
		return -1;
	if (fd >= 0 && fsync(fd))
		return err_errno(err, "cannot flush %s", path);
	add_sum(r, &hash, name);
	return 0;
}

static int flush_group(struct reader *r, struct err *err)
{
	r->grouped = 0;
	return r->group ? object_group_flush(r->group, err) : 0;
}

static int keep_object(struct reader *r, struct object_writer *w, struct err *err)
{
	if (!w)
		return 0;
	if (object_group_add(r->group, w, err))
		return -1;
	return ++r->grouped >= FLUSH_EVERY ? flush_group(r, err) : 0;
}

static int drain_object(struct reader *r, struct object_writer *w, const struct sha256 *want,
	uint64_t *size, struct err *err)
{
	char hex[SHA256_HEX_LEN + 1];
	struct sha256 hash, written;

	if (drain(r, &(struct sink){.fd = -1, .writer = w}, INT64_MAX, &hash, size, err))
		return -1;
	sha256_format(want, hex);
	if (sha256_compare(&hash, want))
		return err_set(
			err, ERR_DAMAGED, "the backup is damaged: object %s is not itself", hex);
	return w ? object_writer_finish(w, &written, NULL, err) : 0;
}

/* "objects/ab/cdef..." to its 64 digits; false if the name is another. */
static bool parse_object_name(const char *name, char hex[SHA256_HEX_LEN + 1], struct sha256 *hash)
{
	const char *digits = name + strlen("objects/");

	if (strlen(digits) != SHA256_HEX_LEN + 1 || digits[2] != '/')
		return false;
	snprintf(hex, SHA256_HEX_LEN + 1, "%.2s%s", digits, digits + 3);
	return sha256_parse(hex, SHA256_HEX_LEN, hash) == 0;
}

/* The name says what the bytes must be. */
static int read_object(struct reader *r, const char *name, struct err *err)
{
	char hex[SHA256_HEX_LEN + 1];
	struct object_writer *w = NULL;
	struct sha256 want;
	uint64_t size;

	if (!parse_object_name(name, hex, &want) || strcmp(hex, r->last) <= 0)
		return no_backup(err);
	memcpy(r->last, hex, sizeof(hex));
	if (r->objects && object_writer_open(r->objects, &w, err))
		return -1;
	if (drain_object(r, w, &want, &size, err)) {
		object_writer_abort(w);
		return -1;
	}
	if (keep_object(r, w, err))
		return -1;
	add_sum(r, &want, name);
	r->result->objects++;
	r->result->bytes += size;
	if (r->watch && r->watch->progress)
		r->watch->progress(
			r->watch->data, r->phase, r->result->objects, 0, r->result->bytes);
	return 0;
}

static int read_sums(struct reader *r, struct err *err)
{
	struct sha256 want, hash;
	uint64_t size;

	if (drain(r, &(struct sink){.fd = -1}, INT64_MAX, &hash, &size, err))
		return -1;
	sha256_stream_end(r->sums, &want);
	if (sha256_compare(&want, &hash))
		return err_set(err, ERR_DAMAGED,
			"the backup is damaged: its files are not those of its " BACKUP_SUMS);
	r->finished = true;
	return 0;
}

static bool is_hook(const char *name)
{
	const char *base = name + strlen("hooks/");

	return strncmp(name, "hooks/", strlen("hooks/")) == 0 && *base && *base != '.' &&
		!strchr(base, '/') && strlen(base) < 256;
}

/* One of the files that a store has; `name` is where it goes. */
static int read_named(struct reader *r, const char *name, mode_t mode, struct err *err)
{
	bool all = r->objects != NULL;

	if (strcmp(name, BACKUP_DB) == 0) {
		r->db = true;
		return read_file(r, name, 0600, true, err);
	}
	if (strcmp(name, "config") == 0 || strcmp(name, "config.secret") == 0)
		return read_file(r, name, 0600, all, err);
	return is_hook(name) ? read_file(r, name, 0600 | (mode & 0100), all, err) : no_backup(err);
}

static int read_entry(struct reader *r, struct archive_entry *entry, struct err *err)
{
	const char *name = archive_entry_pathname(entry);

	if (!name || strlen(name) >= BACKUP_NAME_MAX || archive_entry_filetype(entry) != AE_IFREG ||
		archive_entry_hardlink(entry) || r->finished ||
		(!r->about && strcmp(name, BACKUP_ABOUT) != 0))
		return no_backup(err);
	if (strcmp(name, BACKUP_ABOUT) == 0)
		return r->about ? no_backup(err) : read_about(r, err);
	if (strncmp(name, "objects/", strlen("objects/")) == 0)
		return read_object(r, name, err);
	if (strcmp(name, BACKUP_SUMS) == 0)
		return read_sums(r, err);
	return read_named(r, name, archive_entry_perm(entry), err);
}

static int read_entries(struct reader *r, struct err *err)
{
	struct archive_entry *entry;
	int code;

	while ((code = archive_read_next_header(r->archive, &entry)) == ARCHIVE_OK)
		if (read_entry(r, entry, err))
			return -1;
	if (code != ARCHIVE_EOF)
		return r->about ? damaged(err) : no_backup(err);
	if (!r->about)
		return no_backup(err);
	return r->finished && r->db ? 0 : damaged(err);
}

/* --- opening ---------------------------------------------------------------------------- */

static int open_archive(struct reader *r, int fd, struct err *err)
{
	if (libarchive_load(err))
		return -1;
	r->archive = archive_read_new();
	r->sums = sha256_stream_new(err);
	r->bytes = sha256_stream_new(err);
	if (!r->archive || !r->sums || !r->bytes)
		return err_no_memory(err);
	archive_read_support_format_tar(r->archive);
	archive_read_support_filter_zstd(r->archive);
	if (archive_read_open_fd(r->archive, fd, BACKUP_BUFFER) != ARCHIVE_OK)
		return no_backup(err);
	return r->objects ? object_group_open(r->objects, &r->group, err) : 0;
}

static int read_all(struct reader *r, const char *file, struct err *err)
{
	_cleanup_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_cleanup_free_ char *db = path_join(r->dir, BACKUP_DB);
	struct stat st;

	if (!db)
		return err_no_memory(err);
	if (fd < 0 || fstat(fd, &st))
		return err_errno(err, "cannot open %s", file);
	if (!S_ISREG(st.st_mode))
		return no_backup(err);
	if (open_archive(r, fd, err) || read_entries(r, err) || flush_group(r, err))
		return -1;
	return backup_check_db(db, r->result, err);
}

int backup_read(const char *file, const char *dir, struct objects *objects, enum backup_phase phase,
	const struct backup_watch *watch, struct backup_result *out, struct err *err)
{
	struct backup_result result = {0};
	struct reader r = {
		.dir = dir, .watch = watch, .phase = phase, .objects = objects, .result = &result};
	int failed = read_all(&r, file, err);

	if (r.archive)
		archive_read_free(r.archive);
	sha256_stream_free(r.sums);
	sha256_stream_free(r.bytes);
	if (r.group)
		object_group_close(r.group);
	if (failed)
		return -1;
	*out = result;
	return 0;
}

static int check_albums(struct db *db, struct backup_result *out, struct err *err)
{
	static const struct db_sql sql = {"backup_albums", "SELECT key FROM album ORDER BY key"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int64_t events;
	int more;

	if (db_query0(db, &sql, &rows, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		if (event_verify(db, db_int(&rows, 0), &events, err))
			return -1;
		out->albums++;
		out->events += (uint64_t)events;
	}
	return more;
}

int backup_check_db(const char *path, struct backup_result *out, struct err *err)
{
	struct db *db = NULL;
	int failed;

	if (db_open(path, DB_READ_ONLY, &db, err))
		return -1;
	failed = db_check(db, true, err) || check_albums(db, out, err);
	db_close(db);
	return failed ? -1 : 0;
}

/* --- restoring -------------------------------------------------------------------------- */

/* What this life of the store cannot know: which images are rendered, how far others went on, and who was shut out
 * since. */
static int begin_new_life(struct store *store, struct err *err)
{
	static const struct db_sql mine = {
		"restore_albums", "SELECT key FROM album WHERE home = :store ORDER BY key"};
	static const struct db_sql forget = {"restore_variants", "DELETE FROM variant"};
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (event_begin(store->events, "restore", &tx, err) || db_run0(store->db, &forget, err) ||
		user_revoke_everybody(store, tx, err) ||
		db_query(store->db, &mine, &rows, err, DB_UUID(":store", &store->id)))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		if (event_album_raise_epoch(tx, db_int(&rows, 0), NULL, err))
			return -1;
	db_rows_close(&rows);
	return more < 0 || event_commit(&tx, err) ? -1 : 0;
}

/* How many objects the restored log names and the backup did not have. */
static int count_absent(
	struct store *store, const struct backup_watch *watch, uint64_t *absent, struct err *err)
{
	static const struct db_sql sql = {"restore_parts",
		"SELECT id FROM view_part UNION SELECT facts FROM view_part WHERE facts IS NOT NULL"
		" UNION SELECT facts FROM view_photo WHERE facts IS NOT NULL"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct sha256 hash;
	size_t len;
	int more;

	if (db_query0(store->db, &sql, &rows, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		const void *bytes = db_blob(&rows, 0, &len);

		if (len != SHA256_LEN)
			continue;
		memcpy(hash.bytes, bytes, SHA256_LEN);
		if (object_exists(store->objects, &hash))
			continue;
		++*absent;
		if (watch && watch->absent)
			watch->absent(watch->data, &hash, "the backup was made without it");
	}
	return more;
}

static int finish_store(const char *dir, const struct clock *clock,
	const struct backup_watch *watch, struct backup_result *out, struct err *err)
{
	struct store *store = NULL;
	int failed;

	if (store_open(dir, STORE_WRITE, clock, NULL, &store, err))
		return -1;
	failed = begin_new_life(store, err) || count_absent(store, watch, &out->absent, err);
	store_close(store);
	return failed ? -1 : 0;
}

static int fill(const char *file, const char *dir, const struct backup_watch *watch,
	struct backup_result *out, struct err *err)
{
	static const char *const names[] = {"objects", "cache", "hooks"};
	_cleanup_free_ char *objects_dir = path_join(dir, "objects");
	struct objects *objects = NULL;
	int failed;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		_cleanup_free_ char *path = path_join(dir, names[i]);

		if (!path || !objects_dir)
			return err_no_memory(err);
		if (path_make_dirs(path, 0700, err))
			return -1;
	}
	if (objects_open(objects_dir, &objects, err))
		return -1;
	failed = backup_read(file, dir, objects, BACKUP_RESTORE, watch, out, err);
	objects_close(objects);
	return failed ? -1 : 0;
}

static int check_target(const char *dir, struct err *err)
{
	struct dirent *entry;
	DIR *handle = opendir(dir);
	bool busy = false;

	if (!handle)
		return errno == ENOENT ? 0 : err_errno(err, "cannot look into %s", dir);
	while (!busy && (entry = readdir(handle)))
		busy = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(handle);
	if (!busy)
		return 0;
	err_set(err, ERR_CONFLICT, "%s is not empty", dir);
	return err_hint(err, "a backup is restored into a new directory only");
}

/* "dir" without slashes at its end. */
static char *plain_dir(const char *dir)
{
	size_t len = strlen(dir);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	return mem_strndup(dir, len);
}

static int restore_in(struct workplace *place, const char *file, const char *target,
	const struct clock *clock, const struct backup_watch *watch, struct backup_result *out,
	struct err *err)
{
	_cleanup_free_ char *dir = path_join(workplace_path(place), "store");

	if (!dir)
		return err_no_memory(err);
	if (path_make_dirs(dir, 0700, err) || fill(file, dir, watch, out, err) ||
		finish_store(dir, clock, watch, out, err))
		return -1;
	if (rename(dir, target))
		return err_errno(err, "cannot give the restored store its name %s", target);
	return path_sync_dir(workplace_beside(place), err);
}

int backup_restore(const char *file, const char *dir, const struct clock *clock,
	const struct backup_watch *watch, struct backup_result *out, struct err *err)
{
	_cleanup_free_ char *target = plain_dir(dir);
	struct backup_result result = {0};
	struct workplace *place;
	int failed;

	if (!target)
		return err_no_memory(err);
	if (check_target(target, err) || workplace_open(target, ".pinhole-restore-", &place, err))
		return -1;
	failed = restore_in(place, file, target, clock, watch, &result, err);
	workplace_close(place);
	if (failed)
		return -1;
	*out = result;
	return 0;
}
