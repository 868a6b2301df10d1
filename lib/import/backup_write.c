/* backup_write.c - puts one instant of a store into a tar archive; reading it back is backup_read.c.
 *
 * All work is done in a workplace beside the file.  Invariant: the file's own name is only ever made by
 * linking an archive that was flushed, read back and proved.
 */
#include "import/backup_internal.h"
#include "import/libarchive.h"
#include "import/workplace.h"
#include "base/path.h"
#include "base/vec.h"
#include "proc/proc.h"
#include "wire/json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct writer {
	struct store *store;
	const struct backup_watch *watch;
	struct backup_result *result;
	struct archive *archive;
	int fd;          /* of the archive, -1 once closed */
	struct str sums; /* the lines of one entry at a time go to sums_file */
	FILE *sums_file; /* SHA256SUMS as it grows */
	int64_t now;     /* ms, the time that all entries bear */
	uint64_t total;  /* objects to come */
	struct workplace *place;
	unsigned char *buffer;
};

/* --- shared ----------------------------------------------------------------------------- */

void backup_sum_line(const struct sha256 *hash, const char *name, struct str *out)
{
	str_add_hex(out, hash->bytes, SHA256_LEN);
	str_addf(out, "  %s\n", name);
}

int backup_archive_failed(struct archive *a, const char *what, struct err *err)
{
	const char *said = archive_error_string(a);

	errno = archive_errno(a);
	if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		return err_errno(err, "cannot %s", what);
	return err_set(err, ERR_FAILED, "cannot %s: %s", what, said ? said : "no reason given");
}

/* --- entries ---------------------------------------------------------------------------- */

static int begin_entry(
	struct writer *w, const char *name, uint64_t size, mode_t mode, struct err *err)
{
	struct archive_entry *entry = archive_entry_new();
	int code;

	if (!entry)
		return err_no_memory(err);
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, mode);
	archive_entry_set_size(entry, (la_int64_t)size);
	archive_entry_set_mtime(entry, (time_t)(w->now / 1000), 0);
	code = archive_write_header(w->archive, entry);
	archive_entry_free(entry);
	return code == ARCHIVE_OK ? 0 : backup_archive_failed(w->archive, "write the backup", err);
}

static int add_bytes(struct writer *w, const void *bytes, size_t len, struct err *err)
{
	if (archive_write_data(w->archive, bytes, len) == (la_ssize_t)len)
		return 0;
	return backup_archive_failed(w->archive, "write the backup", err);
}

/* The entry is done: its line goes into SHA256SUMS. */
static int end_entry(struct writer *w, const char *name, const struct sha256 *hash, struct err *err)
{
	if (archive_write_finish_entry(w->archive) != ARCHIVE_OK)
		return backup_archive_failed(w->archive, "write the backup", err);
	str_clear(&w->sums);
	backup_sum_line(hash, name, &w->sums);
	if (str_check(&w->sums, err))
		return -1;
	if (fwrite(w->sums.data, 1, w->sums.len, w->sums_file) != w->sums.len)
		return err_errno(err, "cannot write the list of sums");
	return 0;
}

/* Exactly `size` bytes from fd, hashed on the way. */
static int copy_bytes(struct writer *w, int fd, uint64_t size, const char *name,
	struct sha256 *hash, struct err *err)
{
	_cleanup_sha256_stream_ struct sha256_stream *stream = sha256_stream_new(err);

	if (!stream)
		return -1;
	while (size > 0) {
		size_t want = size < BACKUP_BUFFER ? (size_t)size : BACKUP_BUFFER;
		ssize_t n = read(fd, w->buffer, want);

		if (n < 0)
			return err_errno(err, "cannot read %s", name);
		if (n == 0)
			return err_set(
				err, ERR_FAILED, "%s became shorter while it was read", name);
		if (proc_stop_check(err) || add_bytes(w, w->buffer, (size_t)n, err))
			return -1;
		sha256_stream_add(stream, w->buffer, (size_t)n);
		size -= (uint64_t)n;
	}
	sha256_stream_end(stream, hash);
	return 0;
}

/* A whole file under `name`; an absent one is left out. */
static int add_file(struct writer *w, const char *path, const char *name, struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct sha256 hash;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(err, "cannot open %s", path);
	if (fstat(fd, &st))
		return err_errno(err, "cannot examine %s", path);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (begin_entry(w, name, (uint64_t)st.st_size, st.st_mode & 0777, err) ||
		copy_bytes(w, fd, (uint64_t)st.st_size, path, &hash, err))
		return -1;
	return end_entry(w, name, &hash, err);
}

static int add_about(struct writer *w, struct err *err)
{
	_cleanup_json_ json_t *about = json_object();
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_LINE);
	struct sha256 hash;

	wire_set_text(&about, "format", BACKUP_FORMAT);
	wire_set_int(&about, "version", BACKUP_VERSION);
	wire_set_uuid(&about, "store", &w->store->id);
	wire_set_int(&about, "time", w->now);
	if (!about)
		return err_no_memory(err);
	if (wire_print(about, &text, err))
		return -1;
	str_addc(&text, '\n');
	if (str_check(&text, err) || begin_entry(w, BACKUP_ABOUT, text.len, 0600, err) ||
		add_bytes(w, text.data, text.len, err))
		return -1;
	crypt_sha256(text.data, text.len, &hash);
	return end_entry(w, BACKUP_ABOUT, &hash, err);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_hook(struct writer *w, const char *dir, const char *base, struct err *err)
{
	_cleanup_free_ char *path = path_join(dir, base), *name = path_join("hooks", base);

	if (!path || !name)
		return err_no_memory(err);
	return add_file(w, path, name, err);
}

static int add_hooks(struct writer *w, struct err *err)
{
	_cleanup_free_ char *dir = store_path(w->store, "hooks");
	struct vec names = VEC_INIT(char *, 10000);
	struct dirent *entry;
	DIR *handle = dir ? opendir(dir) : NULL;
	int failed = 0;

	if (!dir)
		return err_no_memory(err);
	if (!handle)
		return errno == ENOENT ? 0 : err_errno(err, "cannot look into %s", dir);
	while (!failed && (entry = readdir(handle))) {
		char **slot = entry->d_name[0] == '.' ? NULL : vec_push_or(&names, err);

		if (slot)
			*slot = mem_strdup(entry->d_name);
		failed = entry->d_name[0] != '.' && (!slot || !*slot);
	}
	closedir(handle);
	if (!failed)
		vec_sort(&names, compare_names);
	vec_foreach (&names, char *, name) {
		failed = failed || add_hook(w, dir, *name, err);
		free(*name);
	}
	vec_release(&names);
	return failed ? -1 : 0;
}

/* --- objects ---------------------------------------------------------------------------- */

/* What the log of that instant names; a superseded facts object is named by its event. */
#define NAMED_OBJECTS                                                                                \
	"(SELECT lower(hex(about)) AS hash FROM event WHERE kind = 'photo.add' AND body IS NOT NULL" \
	" UNION SELECT body ->> '$.part' FROM event WHERE kind = 'photo.part'"                       \
	" UNION SELECT body ->> '$.facts' FROM event WHERE kind IN"                                  \
	" ('photo.add', 'photo.part', 'photo.set'))"

static const struct db_sql sql_named = {
	"backup_named", "SELECT hash FROM " NAMED_OBJECTS " WHERE hash IS NOT NULL ORDER BY hash"};
static const struct db_sql sql_named_count = {
	"backup_named_count", "SELECT count(*) FROM " NAMED_OBJECTS " WHERE hash IS NOT NULL"};

/* Whether the store as it is now still shows the object anywhere. */
static int still_named(struct writer *w, const struct sha256 *hash, bool *named, struct err *err)
{
	static const struct db_sql sql = {"backup_still_named",
		"SELECT 1 FROM view_part WHERE id = :hash OR facts = :hash"
		" UNION ALL SELECT 1 FROM view_photo WHERE facts = :hash LIMIT 1"};
	int64_t one;
	int found = db_get_int(
		w->store->db, &sql, &one, err, DB_BLOB(":hash", hash->bytes, SHA256_LEN));

	*named = found == 1;
	return found < 0 ? -1 : 0;
}

/* The object cannot be had: erased since the instant, or damage. */
static int note_absent(
	struct writer *w, const struct sha256 *hash, const struct err *why, struct err *err)
{
	bool named = true;

	if (why->kind == ERR_NOT_FOUND && still_named(w, hash, &named, err))
		return -1;
	if (!named) {
		w->result->erased++;
		return 0;
	}
	w->result->absent++;
	if (w->watch && w->watch->absent)
		w->watch->absent(w->watch->data, hash, why->message);
	return 0;
}

static int copy_object(struct writer *w, const struct sha256 *hash, int fd, struct err *err)
{
	char hex[SHA256_HEX_LEN + 1], name[SHA256_HEX_LEN + 16];
	struct sha256 copied;
	struct stat st;

	sha256_format(hash, hex);
	snprintf(name, sizeof(name), "objects/%.2s/%s", hex, hex + 2);
	if (fstat(fd, &st))
		return err_errno(err, "cannot examine object %s", hex);
	if (begin_entry(w, name, (uint64_t)st.st_size, 0444, err) ||
		copy_bytes(w, fd, (uint64_t)st.st_size, name, &copied, err) ||
		end_entry(w, name, &copied, err))
		return -1;
	w->result->objects++;
	w->result->bytes += (uint64_t)st.st_size;
	return 0;
}

/* Verified before its header is written: what is in a backup is sound. */
static int add_object(struct writer *w, const struct sha256 *hash, struct err *err)
{
	_cleanup_close_ int fd = -1;
	struct err why = ERR_INIT;

	if (object_verify(w->store->objects, hash, &why))
		return note_absent(w, hash, &why, err);
	fd = object_open(w->store->objects, hash, &why);
	return fd < 0 ? note_absent(w, hash, &why, err) : copy_object(w, hash, fd, err);
}

static int add_objects(struct writer *w, struct db *db, struct err *err)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct sha256 hash;
	int64_t total = 0;
	int more;

	if (db_get_int_values(db, &sql_named_count, NULL, 0, &total, err) < 0 ||
		db_query0(db, &sql_named, &rows, err))
		return -1;
	w->total = (uint64_t)total;
	while ((more = db_next(&rows, err)) == 1) {
		const char *hex = db_text(&rows, 0);

		if (proc_stop_check(err))
			return -1;
		if (sha256_parse(hex, strlen(hex), &hash))
			continue; /* an event of a newer version that names something else */
		if (add_object(w, &hash, err))
			return -1;
		if (w->watch && w->watch->progress)
			w->watch->progress(w->watch->data, BACKUP_COPY, w->result->objects,
				w->total, w->result->bytes);
	}
	return more;
}

/* --- the whole -------------------------------------------------------------------------- */

static int add_sums(struct writer *w, struct err *err)
{
	struct sha256 hash;
	struct stat st;

	if (fflush(w->sums_file) || fstat(fileno(w->sums_file), &st) ||
		lseek(fileno(w->sums_file), 0, SEEK_SET) < 0)
		return err_errno(err, "cannot write the list of sums");
	if (begin_entry(w, BACKUP_SUMS, (uint64_t)st.st_size, 0600, err) ||
		copy_bytes(w, fileno(w->sums_file), (uint64_t)st.st_size, BACKUP_SUMS, &hash, err))
		return -1;
	if (archive_write_finish_entry(w->archive) != ARCHIVE_OK)
		return backup_archive_failed(w->archive, "write the backup", err);
	return 0;
}

static int add_settings(struct writer *w, struct err *err)
{
	static const char *const names[] = {"config", "config.secret"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		_cleanup_free_ char *path = store_path(w->store, names[i]);

		if (!path)
			return err_no_memory(err);
		if (add_file(w, path, names[i], err))
			return -1;
	}
	return add_hooks(w, err);
}

static int add_all(struct writer *w, struct err *err)
{
	_cleanup_free_ char *copy = path_join(workplace_path(w->place), BACKUP_DB);
	struct db *db = NULL;
	int failed;

	if (!copy)
		return err_no_memory(err);
	if (db_backup(w->store->db, copy, err) || add_about(w, err) ||
		add_file(w, copy, BACKUP_DB, err) || add_settings(w, err) ||
		db_open(copy, DB_READ_ONLY, &db, err))
		return -1;
	failed = add_objects(w, db, err);
	db_close(db);
	return failed || add_sums(w, err) ? -1 : 0;
}

static la_ssize_t write_block(struct archive *a, void *data, const void *bytes, size_t len)
{
	const struct writer *w = data;
	ssize_t n;

	do {
		n = write(w->fd, bytes, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		archive_set_error(a, errno, "%s", strerror(errno));
	return n;
}

/* GNU tar's format takes names as bytes and files of any size. */
static int open_archive(struct writer *w, const char *file, struct err *err)
{
	if (libarchive_load(err))
		return -1;
	w->archive = archive_write_new();
	if (!w->archive)
		return err_no_memory(err);
	if (archive_write_set_format_gnutar(w->archive) != ARCHIVE_OK ||
		(text_ends(file, ".zst") &&
			archive_write_add_filter_zstd(w->archive) != ARCHIVE_OK) ||
		archive_write_set_bytes_in_last_block(w->archive, 1) != ARCHIVE_OK ||
		archive_write_open(w->archive, w, NULL, write_block, NULL) != ARCHIVE_OK)
		return backup_archive_failed(w->archive, "write the backup", err);
	return 0;
}

static int fill_archive(struct writer *w, const char *file, struct err *err)
{
	if (open_archive(w, file, err) || add_all(w, err))
		return -1;
	if (archive_write_close(w->archive) != ARCHIVE_OK)
		return backup_archive_failed(w->archive, "write the backup", err);
	return fsync(w->fd) ? err_errno(err, "cannot flush %s", file) : 0;
}

static int write_archive(struct writer *w, const char *path, const char *file, struct err *err)
{
	int failed;

	w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (w->fd < 0)
		return err_errno(err, "cannot write %s", path);
	failed = fill_archive(w, file, err);
	/* Freeing what failed would still fill up the open entry; without a descriptor that ends at once. */
	mem_close_fd(&w->fd);
	if (w->archive)
		archive_write_free(w->archive);
	return failed;
}

/* Links the proved archive to its name: never over anything. */
static int give_name(struct writer *w, const char *from, const char *file, struct err *err)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, file, RENAME_NOREPLACE)) {
		if (errno == EEXIST)
			return err_set(err, ERR_CONFLICT, "%s exists already", file);
		/* Some file systems cannot promise it; nothing was there when we began. */
		if ((errno != EINVAL && errno != ENOSYS) || rename(from, file))
			return err_errno(err, "cannot write %s", file);
	}
	return path_sync_dir(workplace_beside(w->place), err);
}

static int prove(struct writer *w, const char *archive, struct err *err)
{
	struct backup_result read = {0};

	if (backup_read(
		    archive, workplace_path(w->place), NULL, BACKUP_VERIFY, w->watch, &read, err))
		return err_prefix(err, "the backup does not read back");
	if (read.objects != w->result->objects || read.bytes != w->result->bytes)
		return err_set(err, ERR_DAMAGED,
			"the backup does not read back: it holds %llu objects"
			" instead of %llu",
			(unsigned long long)read.objects, (unsigned long long)w->result->objects);
	w->result->albums = read.albums;
	w->result->events = read.events;
	return 0;
}

static int make(struct writer *w, const char *file, struct err *err)
{
	_cleanup_free_ char *archive = path_join(workplace_path(w->place), "archive");
	_cleanup_free_ char *copy = path_join(workplace_path(w->place), BACKUP_DB);
	_cleanup_free_ char *sums = path_join(workplace_path(w->place), "sums");

	if (!archive || !copy)
		return err_no_memory(err);
	w->buffer = mem_calloc(1, BACKUP_BUFFER);
	w->sums_file = sums ? fopen(sums, "w+e") : NULL;
	if (!w->buffer || !sums)
		return err_no_memory(err);
	if (!w->sums_file)
		return err_errno(err, "cannot write %s", sums);
	if (write_archive(w, archive, file, err))
		return -1;
	if (unlink(copy)) /* the one in the archive takes its place */
		return err_errno(err, "cannot remove %s", copy);
	return prove(w, archive, err) || give_name(w, archive, file, err) ? -1 : 0;
}

static int check_name(const char *file, struct err *err)
{
	if (!text_ends(file, ".tar") && !text_ends(file, ".tar.zst")) {
		err_set(err, ERR_INVALID, "%s is not a name for a backup", file);
		return err_hint(err, "end it in .tar, or in .tar.zst to compress it");
	}
	if (path_exists(file)) {
		err_set(err, ERR_CONFLICT, "%s exists already", file);
		return err_hint(err, "a backup never replaces another one: choose a new name");
	}
	return 0;
}

int backup_create(struct store *store, const char *file, const struct backup_watch *watch,
	struct backup_result *out, struct err *err)
{
	struct backup_result result = {0};
	struct writer w = {.store = store, .watch = watch, .result = &result};
	int failed;

	if (check_name(file, err) || workplace_open(file, ".pinhole-backup-", &w.place, err))
		return -1;
	w.now = clock_now_ms(store->clock);
	str_init(&w.sums, BACKUP_NAME_MAX + 128);
	failed = make(&w, file, err);
	if (w.sums_file)
		fclose(w.sums_file);
	str_release(&w.sums);
	free(w.buffer);
	workplace_close(w.place);
	if (failed)
		return -1;
	*out = result;
	return 0;
}
