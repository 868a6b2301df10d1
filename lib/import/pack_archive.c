/* pack_archive.c - packing into a zip or a tar.zst through libarchive; see pack.h.
 *
 * Invariant: owners are not written, modes are 0644: what is exported says nothing of this machine's users.
 */
#include "import/pack_internal.h"
#include "import/libarchive.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

/* libarchive looks at the locale to know what the bytes of a name are: ours are UTF-8. */
struct utf8_scope {
	locale_t utf8, before;
};

static struct utf8_scope utf8_enter(void)
{
	struct utf8_scope scope = {.utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0)};

	if (scope.utf8)
		scope.before = uselocale(scope.utf8);
	return scope;
}

static void utf8_leave(struct utf8_scope *scope)
{
	if (!scope->utf8)
		return;
	uselocale(scope->before);
	freelocale(scope->utf8);
}

static int failed(struct pack *p, struct err *err)
{
	const char *why = archive_error_string(p->archive);
	int number = archive_errno(p->archive);

	/* The kind of a full disk must not be lost. */
	if (number == ENOSPC || number == EDQUOT)
		return err_set(err, ERR_NO_SPACE, "cannot write %s: %s", p->path, strerror(number));
	return err_set(err, ERR_FAILED, "cannot write %s: %s", p->path, why ? why : "unknown");
}

static int set_format(struct pack *p)
{
	_cleanup_(utf8_leave) __attribute__((unused)) struct utf8_scope scope = utf8_enter();

	if (p->kind == PACK_ZIP) {
		if (archive_write_set_format_zip(p->archive) != ARCHIVE_OK)
			return -1;
		/* Names are UTF-8 and flagged so. */
		return archive_write_set_options(p->archive, "zip:hdrcharset=UTF-8") == ARCHIVE_OK ?
			0 :
			-1;
	}
	/* ARCHIVE_WARN would mean that a program is run to compress. */
	if (archive_write_set_format_pax_restricted(p->archive) != ARCHIVE_OK ||
		archive_write_add_filter_zstd(p->archive) != ARCHIVE_OK)
		return -1;
	return 0;
}

static la_ssize_t on_write(struct archive *a, void *data, const void *bytes, size_t len)
{
	const struct pack *p = data;
	ssize_t n;

	do {
		n = write(p->fd, bytes, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		archive_set_error(a, errno, "%s", strerror(errno));
	return n;
}

static void archive_drop(struct pack *p)
{
	if (p->archive) {
		/* Closing would still pad the open entry; with no descriptor on_write ends that at once. */
		mem_close_fd(&p->fd);
		archive_write_free(p->archive);
	}
	p->archive = NULL;
	unlink(p->staging);
	mem_close_fd(&p->fd);
}

static int archive_open(struct pack *p, struct err *err)
{
	if (libarchive_load(err))
		return -1;
	p->fd = open(p->staging, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (p->fd < 0)
		return err_errno(err, "cannot make %s", p->staging);
	p->archive = archive_write_new();
	if (!p->archive) {
		archive_drop(p);
		return err_no_memory(err);
	}
	if (set_format(p) || archive_write_set_bytes_in_last_block(p->archive, 1) != ARCHIVE_OK ||
		archive_write_open(p->archive, p, NULL, on_write, NULL) != ARCHIVE_OK) {
		failed(p, err);
		archive_drop(p);
		return -1;
	}
	return 0;
}

static int archive_begin(struct pack *p, const struct pack_file *file, struct err *err)
{
	_cleanup_(utf8_leave) __attribute__((unused)) struct utf8_scope scope = utf8_enter();
	struct archive_entry *entry = archive_entry_new();
	int64_t seconds = file->mtime_ms / 1000 - (file->mtime_ms % 1000 < 0);
	int state;

	if (!entry)
		return err_no_memory(err);
	archive_entry_set_pathname(entry, file->name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)file->size);
	archive_entry_set_mtime(entry, (time_t)seconds, 0);
	if (p->kind == PACK_ZIP && file->text)
		archive_write_zip_set_compression_deflate(p->archive);
	else if (p->kind == PACK_ZIP)
		archive_write_zip_set_compression_store(p->archive);
	state = archive_write_header(p->archive, entry);
	archive_entry_free(entry);
	return state == ARCHIVE_OK ? 0 : failed(p, err);
}

static int archive_data(struct pack *p, const void *bytes, size_t len, struct err *err)
{
	const char *at = bytes;

	while (len) {
		la_ssize_t n = archive_write_data(p->archive, at, len);

		if (n <= 0)
			return failed(p, err);
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int archive_end(struct pack *p, struct err *err)
{
	return archive_write_finish_entry(p->archive) == ARCHIVE_OK ? 0 : failed(p, err);
}

static int archive_finish(struct pack *p, struct err *err)
{
	if (archive_write_close(p->archive) != ARCHIVE_OK)
		return failed(p, err);
	if (fsync(p->fd))
		return err_errno(err, "cannot flush %s", p->staging);
	archive_write_free(p->archive);
	p->archive = NULL;
	mem_close_fd(&p->fd);
	return 0;
}

const struct pack_ops pack_archive_ops = {
	.open = archive_open,
	.begin = archive_begin,
	.data = archive_data,
	.end = archive_end,
	.finish = archive_finish,
	.drop = archive_drop,
};
