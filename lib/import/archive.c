/* archive.c - zip, tar and 7z as a stream of entries, through libarchive.
 *
 * Nothing is unpacked to disk, and only the formats and filters named here are ever tried on a stranger's bytes.
 * Invariants: an entry is good only when its last byte was read and its checksum held; what an
 * archive claims and what it yields both count against the limits, before the bytes are taken.
 */
#include "import/internal.h"
#include "import/libarchive.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK       (64 * 1024)
#define RATIO_SLACK ((uint64_t)1024 * 1024) /* tiny archives of text may expand more */
#define RETRIES     100
#define LINKS_MAX   (64 * 1024)

struct archive_reader {
	struct source *s;
	struct archive *archive;
	int fd;
	locale_t locale; /* UTF-8, whatever the process has: libarchive converts names by it */
	unsigned char *block;
	size_t path_len; /* of s->path: names the archive */
	uint64_t group;
	uint64_t size;  /* bytes of the archive itself */
	uint64_t limit; /* bytes that it may yield in all */
	uint64_t total; /* claimed or read so far */
	uint64_t entries;
	struct archive_entry *entry; /* the current one, NULL when it cannot be read (any more) */
	bool ended;                  /* its last byte was read */
	uint64_t entry_claim;
	uint64_t entry_bytes;
	struct str links; /* names of its symbolic links, each with its NUL */
	struct err death; /* why nothing more can be read; kind ERR_NONE while all is well */
	bool death_told;
};

/* --- libarchive reads by these ------------------------------------------------------------ */

static la_ssize_t on_read(struct archive *a, void *data, const void **bytes)
{
	struct archive_reader *r = data;
	ssize_t n;

	do {
		n = read(r->fd, r->block, BLOCK);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		archive_set_error(a, errno, "%s", strerror(errno));
	*bytes = r->block;
	return n;
}

static la_int64_t on_seek(struct archive *a, void *data, la_int64_t offset, int whence)
{
	struct archive_reader *r = data;
	off_t at = lseek(r->fd, (off_t)offset, whence);

	if (at < 0) {
		archive_set_error(a, errno, "%s", strerror(errno));
		return ARCHIVE_FATAL;
	}
	return at;
}

/* Never past the end: then reading says that the file is cut off. */
static la_int64_t on_skip(struct archive *a, void *data, la_int64_t request)
{
	struct archive_reader *r = data;
	off_t at = lseek(r->fd, 0, SEEK_CUR);
	off_t left = (off_t)r->size - at;

	(void)a;
	if (at < 0 || left <= 0 || request <= 0)
		return 0;
	if (request > left)
		request = left;
	return lseek(r->fd, (off_t)request, SEEK_CUR) < 0 ? 0 : request;
}

/* A filter that is not built in would be run as a program (ARCHIVE_WARN): not with us. */
static int allow_formats(struct archive *a, struct err *err)
{
	if (archive_read_support_format_zip(a) != ARCHIVE_OK ||
		archive_read_support_format_tar(a) != ARCHIVE_OK ||
		archive_read_support_format_7zip(a) != ARCHIVE_OK ||
		archive_read_support_filter_gzip(a) != ARCHIVE_OK ||
		archive_read_support_filter_xz(a) != ARCHIVE_OK ||
		archive_read_support_filter_zstd(a) != ARCHIVE_OK ||
		archive_read_support_filter_bzip2(a) != ARCHIVE_OK)
		return err_set(err, ERR_UNSUPPORTED,
			"this libarchive lacks one of zip, tar, 7z, gzip, xz, zstd, bzip2");
	return 0;
}

/* --- opening ------------------------------------------------------------------------------ */

__attribute__((format(printf, 3, 4))) static int die(
	struct archive_reader *r, enum err_kind kind, const char *format, ...)
{
	char message[sizeof(r->death.message)];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	r->entry = NULL;
	return err_set(&r->death, kind, "%s", message);
}

static const char *why_of(struct archive *a)
{
	const char *text = archive_error_string(a);

	return text ? text : "no reason given";
}

static uint64_t limit_of(const struct source_options *options, uint64_t size)
{
	uint64_t limit;

	if (__builtin_mul_overflow(size, options->max_archive_ratio, &limit) ||
		__builtin_add_overflow(limit, RATIO_SLACK, &limit))
		limit = UINT64_MAX;
	return limit < options->max_archive_bytes ? limit : options->max_archive_bytes;
}

static int start(struct archive_reader *r, struct err *err)
{
	struct stat st;

	if (libarchive_load(err))
		return -1;
	r->archive = archive_read_new();
	r->block = mem_calloc(1, BLOCK);
	if (!r->archive || !r->block)
		return err_no_memory(err);
	if (fstat(r->fd, &st) || lseek(r->fd, 0, SEEK_SET))
		return err_errno(err, "cannot read an archive");
	r->size = (uint64_t)st.st_size;
	r->limit = limit_of(&r->s->options, r->size);
	posix_fadvise(r->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (allow_formats(r->archive, err))
		return -1;
	archive_read_set_callback_data(r->archive, r);
	archive_read_set_read_callback(r->archive, on_read);
	archive_read_set_seek_callback(r->archive, on_seek);
	archive_read_set_skip_callback(r->archive, on_skip);
	if (archive_read_open1(r->archive) != ARCHIVE_OK)
		die(r, ERR_DAMAGED, "cannot be read as an archive: %s", why_of(r->archive));
	return 0;
}

int archive_reader_open(
	struct source *s, int fd, uint64_t group, struct archive_reader **out, struct err *err)
{
	struct archive_reader *r = mem_calloc(1, sizeof(*r));

	if (!r) {
		mem_close_fd(&fd);
		return err_no_memory(err);
	}
	r->s = s;
	r->fd = fd;
	r->group = group;
	r->path_len = s->path.len;
	str_init(&r->links, LINKS_MAX);
	r->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (start(r, err)) {
		archive_reader_close(r);
		return -1;
	}
	*out = r;
	return 0;
}

void archive_reader_close(struct archive_reader *r)
{
	if (!r)
		return;
	if (r->archive)
		archive_read_free(r->archive);
	if (r->locale)
		freelocale(r->locale);
	mem_close_fd(&r->fd);
	str_release(&r->links);
	free(r->block);
	free(r);
}

/* --- limits ------------------------------------------------------------------------------- */

static int count_bytes(struct archive_reader *r, uint64_t more)
{
	if (more <= r->limit && r->total <= r->limit - more) {
		r->total += more;
		return 0;
	}
	if (r->limit == r->s->options.max_archive_bytes)
		return die(r, ERR_TOO_LARGE, "expands to more than %llu bytes: not read further",
			(unsigned long long)r->limit);
	return die(r, ERR_TOO_LARGE, "expands to more than %llu times its size: not read further",
		(unsigned long long)r->s->options.max_archive_ratio);
}

/* --- entries ------------------------------------------------------------------------------ */

static const char *kind_of_entry(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry))
		return "a hard link";
	switch (archive_entry_filetype(entry)) {
	case AE_IFLNK:
		return "a symbolic link";
	case AE_IFIFO:
		return "a fifo";
	case AE_IFSOCK:
		return "a socket";
	case AE_IFCHR:
	case AE_IFBLK:
		return "a device";
	default:
		return "not a regular file";
	}
}

static const char *raw_name(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);

	return name ? name : archive_entry_pathname_utf8(entry);
}

/* Puts ARCHIVE:ENTRY into s->path.  A zip name that is not UTF-8 is in the DOS code page. */
static int add_name(struct archive_reader *r, struct source_item *item)
{
	const char *name = raw_name(r->entry);
	struct str *path = &r->s->path;
	size_t len = name ? strlen(name) : 0;
	bool dos = name && !text_is_utf8(name, len) &&
		(archive_format(r->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;

	if (len == 0)
		return err_set(&item->why, ERR_INVALID, "an entry without a name");
	if ((dos ? 3 * len : len) + 1 > SOURCE_PATH_MAX - r->path_len)
		return err_set(&item->why, ERR_TOO_LARGE,
			"an entry whose name is longer than %d bytes", SOURCE_PATH_MAX);
	str_addc(path, ':');
	if (dos)
		name_add_cp437(path, name);
	else
		str_addz(path, name);
	return str_check(path, &item->why);
}

/* True if a folder of this name was a symbolic link earlier in the archive: whoever unpacks it would write
 * somewhere else. */
static bool is_below_link(const struct archive_reader *r, const char *name)
{
	for (size_t at = 0; at < r->links.len;) {
		const char *link = r->links.data + at;
		size_t len = strlen(link);

		if (strncmp(name, link, len) == 0 && name[len] == '/')
			return true;
		at += len + 1;
	}
	return false;
}

/* An archive of more links than fit is all lies: its later ones are refused as links all the same. */
static void remember_link(struct archive_reader *r, const char *name)
{
	if (archive_entry_filetype(r->entry) == AE_IFLNK && r->links.len + strlen(name) < LINKS_MAX)
		str_add(&r->links, name, strlen(name) + 1);
}

/* What the name and the header alone forbid. */
static int refuse_by_header(struct archive_reader *r, const char *name, struct source_item *item)
{
	if (name_escapes(name))
		return err_set(&item->why, ERR_UNSUPPORTED,
			"a name that is absolute or leads out of the archive");
	remember_link(r, name);
	if (is_below_link(r, name))
		return err_set(&item->why, ERR_UNSUPPORTED, "below a symbolic link");
	if (archive_entry_hardlink(r->entry) || archive_entry_filetype(r->entry) != AE_IFREG)
		return err_set(&item->why, ERR_UNSUPPORTED, "%s", kind_of_entry(r->entry));
	if (archive_entry_is_encrypted(r->entry))
		return err_set(&item->why, ERR_UNSUPPORTED, "encrypted");
	if (name_is_archive(name))
		return err_set(&item->why, ERR_UNSUPPORTED, "an archive inside an archive");
	if (item->sized && item->size > r->s->options.max_file_bytes)
		return err_set(&item->why, ERR_TOO_LARGE, "larger than %llu bytes",
			(unsigned long long)r->s->options.max_file_bytes);
	return 0;
}

static int64_t mtime_of(struct archive_entry *entry)
{
	int64_t ns;

	if (!archive_entry_mtime_is_set(entry) ||
		__builtin_mul_overflow((int64_t)archive_entry_mtime(entry), 1000000000, &ns) ||
		__builtin_add_overflow(ns, archive_entry_mtime_nsec(entry), &ns))
		return 0;
	return ns;
}

static ssize_t unreadable(struct archive_reader *r, ssize_t state, struct err *err)
{
	const char *why = why_of(r->archive);

	if (state == ARCHIVE_FATAL)
		die(r, ERR_DAMAGED, "cut off or damaged, what follows is lost: %s", why);
	r->entry = NULL;
	return err_set(err, ERR_DAMAGED, "unreadable in the archive: %s", why);
}

/* Bytes of the current entry, counted against what the archive may yield. */
static ssize_t take_bytes(struct archive_reader *r, void *out, size_t len, struct err *err)
{
	la_ssize_t n = ARCHIVE_RETRY;
	uint64_t before = r->entry_bytes > r->entry_claim ? r->entry_bytes : r->entry_claim;

	if (r->ended)
		return 0;
	for (int i = 0; n == ARCHIVE_RETRY && i < RETRIES; i++)
		n = archive_read_data(r->archive, out, len);
	if (n < 0)
		return unreadable(r, n, err);
	r->ended = n == 0;
	r->entry_bytes += (uint64_t)n;
	if (r->entry_bytes > before && count_bytes(r, r->entry_bytes - before)) {
		if (err)
			*err = r->death;
		return -1;
	}
	return n;
}

/* Passes over the rest of an entry of unknown length, within the limits: libarchive alone would go on for as
 * long as a bomb lasts.  (Lengths that are known were counted before.) */
static void drain(struct archive_reader *r)
{
	char bytes[16384];

	while (r->entry && !archive_entry_size_is_set(r->entry) &&
		take_bytes(r, bytes, sizeof(bytes), NULL) > 0)
		;
	r->entry = NULL;
}

static int give_refused(struct archive_reader *r, struct source_item *item)
{
	bool named = r->s->path.len > r->path_len;

	/* Drained first: an entry of unknown length is not left to libarchive. */
	drain(r);
	return source_give_refused(r->s, item, named ? r->path_len + 1 : 0);
}

/* The entry whose header was just read: 1 item, 0 passed over. */
static int give_entry(struct archive_reader *r, struct source_item *item)
{
	struct source *s = r->s;
	const char *name;

	str_truncate(&s->path, r->path_len);
	item->in_archive = true;
	item->group = r->group;
	item->sized = archive_entry_size_is_set(r->entry) && archive_entry_size(r->entry) >= 0;
	item->size = item->sized ? (uint64_t)archive_entry_size(r->entry) : 0;
	item->mtime_ns = mtime_of(r->entry);
	r->entry_claim = item->size;
	r->entry_bytes = 0;
	r->ended = false;
	if (archive_entry_filetype(r->entry) == AE_IFDIR)
		return 0;
	if (add_name(r, item))
		return give_refused(r, item);
	name = s->path.data + r->path_len + 1;
	if (name_in_junk(name)) {
		s->skipped++;
		return 0;
	}
	if (source_is_excluded(s, name, path_base(name)))
		return 0;
	if (item->mtime_ns && item->mtime_ns < s->options.since_ns) {
		s->skipped++;
		return 0;
	}
	if (refuse_by_header(r, name, item))
		return give_refused(r, item);
	source_name_item(s, item, r->path_len + 1);
	item->kind = name_is_sidecar(item->name) ? SOURCE_SIDECAR : SOURCE_FILE;
	return 1;
}

/* 1 a header was read, 0 the end or the death of the archive. */
static int read_header(struct archive_reader *r)
{
	struct archive_entry *entry = NULL;
	int state = ARCHIVE_RETRY;

	for (int i = 0; state == ARCHIVE_RETRY && i < RETRIES; i++)
		state = archive_read_next_header(r->archive, &entry);
	if (state == ARCHIVE_EOF)
		return 0;
	if (state != ARCHIVE_OK && state != ARCHIVE_WARN) {
		if (archive_read_has_encrypted_entries(r->archive) > 0)
			die(r, ERR_UNSUPPORTED, "encrypted");
		else if (r->entries == 0)
			die(r, ERR_DAMAGED, "cannot be read as an archive: %s", why_of(r->archive));
		else
			die(r, ERR_DAMAGED, "cut off or damaged, what follows is lost: %s",
				why_of(r->archive));
		return 0;
	}
	r->entry = entry;
	if (++r->entries > r->s->options.max_archive_entries) {
		die(r, ERR_TOO_LARGE, "more than %llu entries: not read further",
			(unsigned long long)r->s->options.max_archive_entries);
		return 0;
	}
	if (archive_entry_size_is_set(entry) && archive_entry_size(entry) > 0 &&
		count_bytes(r, (uint64_t)archive_entry_size(entry)))
		return 0;
	return 1;
}

static int next(struct archive_reader *r, struct source_item *item)
{
	drain(r);
	while (r->death.kind == ERR_NONE && read_header(r) == 1) {
		if (give_entry(r, item))
			return 1;
		drain(r);
	}
	if (r->death.kind == ERR_NONE || r->death_told)
		return 0;
	r->death_told = true;
	str_truncate(&r->s->path, r->path_len);
	item->why = r->death;
	item->in_archive = true;
	item->group = r->group;
	return give_refused(r, item);
}

int archive_reader_next(struct archive_reader *r, struct source_item *item)
{
	locale_t before = r->locale ? uselocale(r->locale) : (locale_t)0;
	int found = next(r, item);

	if (before)
		uselocale(before);
	return found;
}

ssize_t archive_reader_read(struct archive_reader *r, void *out, size_t len, struct err *err)
{
	ssize_t n;

	if (!r->entry)
		return err_set(err, ERR_FAILED, "no entry to read");
	n = take_bytes(r, out, len, err);
	if (n >= 0 && r->entry_bytes > r->s->options.max_file_bytes)
		return err_set(err, ERR_TOO_LARGE, "larger than %llu bytes",
			(unsigned long long)r->s->options.max_file_bytes);
	return n;
}
