/* pack.c - the part of packing that is the same for folders and archives; see pack.h.
 *
 * It writes nothing itself but through its ops.  Invariant: the final name appears by one rename, after all
 * bytes were flushed.
 */
#include "import/pack_internal.h"

#include "base/path.h"
#include "import/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER   (256 * 1024)
#define SUMS     "SHA256SUMS"
#define SUMS_MAX ((size_t)512 * 1024 * 1024)

enum pack_kind pack_kind_of(const char *path)
{
	if (text_ends_nocase(path, ".zip"))
		return PACK_ZIP;
	if (text_ends_nocase(path, ".tar.zst") || text_ends_nocase(path, ".tzst"))
		return PACK_TAR_ZST;
	return PACK_FOLDER;
}

static void pack_free(struct pack *p)
{
	free(p->path);
	free(p->staging);
	str_release(&p->sums);
	free(p);
}

/* The final name without slashes at its end, and one beside it that nobody else has. */
static int name_staging(struct pack *p, const char *path, struct err *err)
{
	_cleanup_str_ struct str staging = STR_INIT(SOURCE_PATH_MAX);
	size_t len = strlen(path);
	uint32_t number;

	while (len > 1 && path[len - 1] == '/')
		len--;
	if (crypt_random(&number, sizeof(number), err))
		return -1;
	p->path = mem_strndup(path, len);
	str_add(&staging, path, len);
	str_addf(&staging, ".part-%08x", number);
	p->staging = str_take(&staging, err);
	if (!p->path || !p->staging)
		return err_no_memory(err);
	return 0;
}

static bool is_empty_folder(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool empty = dir != NULL;

	while (empty && (entry = readdir(dir)))
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	if (dir)
		closedir(dir);
	return empty;
}

static int check_free(const struct pack *p, struct err *err)
{
	if (!path_exists(p->path) || (p->kind == PACK_FOLDER && is_empty_folder(p->path)))
		return 0;
	return err_set(err, ERR_CONFLICT, "%s is there already", p->path);
}

int pack_open(
	const char *path, enum pack_kind kind, bool hard_link, struct pack **out, struct err *err)
{
	struct pack *p = mem_calloc(1, sizeof(*p));

	if (!p)
		return err_no_memory(err);
	p->ops = kind == PACK_FOLDER ? &pack_folder_ops : &pack_archive_ops;
	p->kind = kind;
	p->hard_link = hard_link;
	p->fd = p->file_fd = -1;
	str_init(&p->sums, SUMS_MAX);
	if (name_staging(p, path, err) || check_free(p, err) || p->ops->open(p, err)) {
		pack_free(p);
		return -1;
	}
	*out = p;
	return 0;
}

/* As sha256sum writes it: a backslash before the line says that backslashes and newlines are escaped. */
static void add_sum(struct str *sums, const struct sha256 *hash, const char *name)
{
	char hex[SHA256_HEX_LEN + 1];

	sha256_format(hash, hex);
	if (strpbrk(name, "\\\n"))
		str_addc(sums, '\\');
	str_addz(sums, hex);
	str_addz(sums, "  ");
	for (; *name; name++) {
		if (*name == '\\')
			str_addz(sums, "\\\\");
		else if (*name == '\n')
			str_addz(sums, "\\n");
		else
			str_addc(sums, *name);
	}
	str_addc(sums, '\n');
}

static int check_name(const char *name, struct err *err)
{
	if (*name && !name_escapes(name) && text_is_utf8(name, strlen(name)))
		return 0;
	return err_set(err, ERR_INVALID, "'%s' is not a name for a file in an export", name);
}

/* Passes `size` bytes of fd on, hashed. */
static int copy(struct pack *p, int fd, uint64_t size, struct sha256 *hash, struct err *err)
{
	_cleanup_sha256_stream_ struct sha256_stream *stream = sha256_stream_new(err);
	_cleanup_free_ unsigned char *buffer = mem_calloc(1, BUFFER);

	if (!stream)
		return -1;
	if (!buffer)
		return err_no_memory(err);
	for (uint64_t at = 0; at < size;) {
		size_t want = size - at < BUFFER ? (size_t)(size - at) : BUFFER;
		ssize_t n = pread(fd, buffer, want, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot read");
		if (n == 0)
			return err_set(err, ERR_DAMAGED, "shorter than it was");
		sha256_stream_add(stream, buffer, (size_t)n);
		if (p->ops->data(p, buffer, (size_t)n, err))
			return -1;
		at += (uint64_t)n;
	}
	sha256_stream_end(stream, hash);
	return 0;
}

int pack_add_file(struct pack *p, const char *name, int fd, uint64_t size, int64_t mtime_ms,
	const struct sha256 *known, struct err *err)
{
	struct pack_file file = {.name = name, .size = size, .mtime_ms = mtime_ms};
	struct sha256 hash;
	int linked = 0;

	if (check_name(name, err))
		return -1;
	if (known && p->ops->link)
		linked = p->ops->link(p, &file, fd, err);
	if (linked < 0)
		return -1;
	if (linked) {
		add_sum(&p->sums, known, name);
		return str_check(&p->sums, err);
	}
	if (p->ops->begin(p, &file, err) || copy(p, fd, size, &hash, err) || p->ops->end(p, err))
		return err_prefix(err, "%s", name);
	if (known && sha256_compare(known, &hash))
		return err_set(err, ERR_DAMAGED, "%s: its bytes are not what they were", name);
	add_sum(&p->sums, &hash, name);
	return str_check(&p->sums, err);
}

static int add_text(struct pack *p, const char *name, const void *bytes, size_t len,
	int64_t mtime_ms, struct err *err)
{
	struct pack_file file = {.name = name, .size = len, .mtime_ms = mtime_ms, .text = true};

	if (p->ops->begin(p, &file, err) || p->ops->data(p, bytes, len, err) || p->ops->end(p, err))
		return err_prefix(err, "%s", name);
	return 0;
}

int pack_add_bytes(struct pack *p, const char *name, const void *bytes, size_t len,
	int64_t mtime_ms, struct err *err)
{
	struct sha256 hash;

	if (check_name(name, err) || add_text(p, name, bytes, len, mtime_ms, err))
		return -1;
	crypt_sha256(bytes, len, &hash);
	add_sum(&p->sums, &hash, name);
	return str_check(&p->sums, err);
}

static int publish(struct pack *p, struct err *err)
{
	_cleanup_free_ char *dir = mem_strndup(p->path, (size_t)(path_base(p->path) - p->path));

	if (!dir)
		return err_no_memory(err);
	/* Takes an empty folder only. */
	if (p->kind == PACK_FOLDER)
		rmdir(p->path);
	if (renameat2(AT_FDCWD, p->staging, AT_FDCWD, p->path, RENAME_NOREPLACE)) {
		if (errno == EEXIST)
			return err_set(err, ERR_CONFLICT, "%s is there already", p->path);
		/* Not every file system knows how not to replace. */
		if (errno != EINVAL || path_exists(p->path) || rename(p->staging, p->path))
			return err_errno(err, "cannot rename to %s", p->path);
	}
	return path_sync_dir(*dir ? dir : ".", err);
}

int pack_close(struct pack *p, struct err *err)
{
	/* The sums carry no date of their own: the same album gives the same bytes. */
	if (add_text(p, SUMS, p->sums.data, p->sums.len, 0, err) || p->ops->finish(p, err) ||
		publish(p, err)) {
		pack_abort(p);
		return -1;
	}
	pack_free(p);
	return 0;
}

void pack_abort(struct pack *p)
{
	if (!p)
		return;
	p->ops->drop(p);
	pack_free(p);
}
