/* import_bytes.c - album.json out of an export, and the originals into the store.
 *
 * A file is what its bytes are: it is taken if album.json names its hash, whatever it is called and wherever
 * it lies.  Its name only serves to tell that a file has other bytes than it should.  Invariant: when
 * import_bytes returns 0, all that is marked `here` is flushed.
 */
#include "base/path.h"
#include "import/import_internal.h"
#include "import/source.h"
#include "proc/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER         ((size_t)256 * 1024)
#define FLUSH_EVERY    8192                /* objects */
#define FLUSH_BYTES    ((uint64_t)1 << 30) /* or so many bytes, whichever comes first */
#define FILE_BYTES_MAX ((uint64_t)1 << 40)
#define ENTRIES_MAX    100000000
#define RATIO_MAX      1000 /* album.json shrinks well */
#define FACTS_MAX      ((size_t)256 * 1024)
#define SUMS           "SHA256SUMS"
#define LINE_MAX_BYTES 8192

struct intake {
	struct import *im;
	struct source *source;
	struct object_group *group;
	unsigned grouped;
	uint64_t grouped_bytes;
	unsigned char *buffer;
	struct vec sizes; /* int64_t of all that is wanted, sorted */
	uint64_t files, bytes, total_bytes;
};

static int open_source(struct import *im, struct source **out, struct err *err)
{
	struct source_options options = SOURCE_OPTIONS_INIT;
	struct source *source;

	options.max_file_bytes = FILE_BYTES_MAX;
	options.max_archive_bytes = FILE_BYTES_MAX;
	options.max_archive_ratio = RATIO_MAX;
	options.max_archive_entries = ENTRIES_MAX;
	if (source_open(&options, &source, err))
		return -1;
	if (source_add_path(source, im->path, err)) {
		source_close(source);
		return -1;
	}
	*out = source;
	return 0;
}

/* 1 with a file, 0 at the end; archives other than the export itself are left alone. */
static int next_file(
	struct import *im, struct source *source, struct source_item *item, struct err *err)
{
	int more;

	while ((more = source_next(source, item, err)) == 1) {
		if (proc_stop_check(err))
			return -1;
		if (item->kind == SOURCE_FILE || item->kind == SOURCE_SIDECAR)
			return 1;
		if (item->kind == SOURCE_ARCHIVE && strcmp(item->path, im->path) != 0)
			source_skip_archive(source);
		/* The export itself, or a whole archive, cannot be read on; one odd file is no matter. */
		if (item->kind == SOURCE_REFUSED &&
			(strcmp(item->path, im->path) == 0 || item->why.kind == ERR_DAMAGED)) {
			if (err)
				*err = item->why;
			return err_prefix(err, "%s", item->path);
		}
	}
	return more;
}

/* --- album.json ------------------------------------------------------------------------- */

static int spool_open(struct import *im, struct err *err)
{
	_cleanup_free_ char *name = store_path(im->store, "import-XXXXXX.tmp");

	if (!name)
		return err_no_memory(err);
	im->spool = mkostemps(name, 4, O_CLOEXEC);
	if (im->spool < 0)
		return err_errno(err, "cannot write into %s", im->store->dir);
	unlink(name);
	return 0;
}

static int spool_copy(struct import *im, struct source *source, struct err *err)
{
	_cleanup_sha256_stream_ struct sha256_stream *stream = sha256_stream_new(err);
	_cleanup_free_ unsigned char *buffer = mem_calloc(1, BUFFER);
	ssize_t n;

	if (!stream || !buffer)
		return err_no_memory(err);
	while ((n = source_read(source, buffer, BUFFER, err)) > 0) {
		sha256_stream_add(stream, buffer, (size_t)n);
		if (proc_stop_check(err) || path_write_all(im->spool, buffer, (size_t)n, err))
			return -1;
	}
	sha256_stream_end(stream, &im->spool_hash);
	return n < 0 ? err_prefix(err, ALBUM_JSON) : 0;
}

int import_spool(struct import *im, struct err *err)
{
	struct source *source;
	struct source_item item;
	int more, failed;

	if (spool_open(im, err) || open_source(im, &source, err))
		return -1;
	while ((more = next_file(im, source, &item, err)) == 1 &&
		strcmp(item.name, ALBUM_JSON) != 0)
		;
	failed = more == 1 ? spool_copy(im, source, err) : -1;
	if (more == 1)
		im->folder = mem_strndup(item.path, item.folder_len);
	if (more == 1 && !failed && !im->folder)
		failed = err_no_memory(err);
	source_close(source);
	if (more != 0)
		return failed;
	err_set(err, ERR_INVALID, "%s is not an exported album: it holds no " ALBUM_JSON, im->path);
	return err_hint(err, "`pinhole ingest` takes photos from anywhere");
}

/* --- sums ------------------------------------------------------------------------------- */

/* A line of SHA256SUMS: "HASH  NAME" or "HASH *NAME". */
static int check_line(struct import *im, const char *line, struct err *err)
{
	struct sha256 hash;
	size_t len = strlen(line);

	if (len < SHA256_HEX_LEN + 3 || sha256_parse(line, SHA256_HEX_LEN, &hash) ||
		strcmp(line + SHA256_HEX_LEN + 2, ALBUM_JSON) != 0)
		return 0;
	if (sha256_compare(&hash, &im->spool_hash) == 0)
		return 0;
	return err_set(err, ERR_DAMAGED, ALBUM_JSON " is not what " SUMS " says: it was changed");
}

static int check_sums(struct intake *in, struct err *err)
{
	_cleanup_str_ struct str line = STR_INIT(LINE_MAX_BYTES);
	ssize_t n;

	while ((n = source_read(in->source, in->buffer, BUFFER, err)) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (in->buffer[i] != '\n') {
				str_addc(&line, (char)in->buffer[i]);
				continue;
			}
			if (!line.failed && check_line(in->im, line.data, err))
				return -1;
			str_clear(&line);
		}
	}
	return n < 0 ? -1 : 0;
}

/* --- originals -------------------------------------------------------------------------- */

static struct wanted *find_name(const struct import *im, const char *name)
{
	size_t low = 0, high = im->by_name.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct wanted *w = *(struct wanted **)vec_at(&im->by_name, middle);
		int order = strcmp(name, w->name);

		if (order == 0)
			return w;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static int flush(struct intake *in, struct err *err)
{
	in->grouped = 0;
	in->grouped_bytes = 0;
	return object_group_flush(in->group, err);
}

/* Takes the finished writer. */
static int keep(struct intake *in, struct object_writer *w, uint64_t size, struct err *err)
{
	if (object_group_add(in->group, w, err))
		return -1;
	in->grouped_bytes += size;
	if (++in->grouped < FLUSH_EVERY && in->grouped_bytes < FLUSH_BYTES)
		return 0;
	return flush(in, err);
}

static int fill_writer(
	struct intake *in, const struct source_item *item, struct object_writer *w, struct err *err)
{
	ssize_t n;

	if (!item->in_archive) {
		int fd = source_fd(in->source, err);

		return fd < 0 ? -1 : object_writer_copy_fd(w, fd, FILE_BYTES_MAX, err);
	}
	while ((n = source_read(in->source, in->buffer, BUFFER, err)) > 0)
		if (proc_stop_check(err) || object_writer_add(w, in->buffer, (size_t)n, err))
			return -1;
	return n < 0 ? -1 : 0;
}

static void tell_progress(struct intake *in, uint64_t bytes)
{
	const struct import_watch *watch = in->im->watch;

	in->files++;
	in->bytes += bytes;
	if (watch && watch->progress)
		watch->progress(
			watch->data, in->files, in->im->wanted.count, in->bytes, in->total_bytes);
}

/* Judges what was written: kept if it is named, else dropped.  Takes the writer. */
static int judge(
	struct intake *in, const struct source_item *item, struct object_writer *w, struct err *err)
{
	struct wanted *named = find_name(in->im, item->name), *wanted;
	struct sha256 hash;
	uint64_t size;

	if (object_writer_finish(w, &hash, &size, err)) {
		object_writer_abort(w);
		return -1;
	}
	wanted = import_find(in->im, &hash);
	if (!wanted || wanted->here) {
		object_writer_abort(w);
		if (named && !wanted)
			named->differs = true;
		return 0;
	}
	if (wanted->bytes != (int64_t)size) {
		object_writer_abort(w);
		return err_set(err, ERR_INVALID, "%s has %llu bytes, " ALBUM_JSON " says %lld",
			item->name, (unsigned long long)size, (long long)wanted->bytes);
	}
	wanted->here = true;
	tell_progress(in, size);
	return keep(in, w, size, err);
}

static int compare_sizes(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* Whether the file may be one that is wanted: a sidecar need not be read, nor what is here already. */
static bool may_be_wanted(const struct intake *in, const struct source_item *item)
{
	const struct wanted *named = find_name(in->im, item->name);
	int64_t size = (int64_t)item->size;

	if (named)
		return !named->here;
	if (!item->sized)
		return true;
	return in->sizes.count &&
		bsearch(&size, in->sizes.items, in->sizes.count, sizeof(size), compare_sizes);
}

static int take_file(struct intake *in, const struct source_item *item, struct err *err)
{
	struct object_writer *w;

	if (strcmp(item->name, ALBUM_JSON) == 0)
		return 0;
	if (strcmp(item->name, SUMS) == 0 && item->folder_len == strlen(in->im->folder) &&
		strncmp(item->path, in->im->folder, item->folder_len) == 0)
		return check_sums(in, err);
	if (!may_be_wanted(in, item))
		return 0;
	if (object_writer_open(in->im->store->objects, &w, err))
		return -1;
	if (fill_writer(in, item, w, err)) {
		object_writer_abort(w);
		return err_prefix(err, "%s", item->name);
	}
	return judge(in, item, w, err);
}

static int take_files(struct intake *in, struct err *err)
{
	struct source_item item;
	int more;

	while ((more = next_file(in->im, in->source, &item, err)) == 1)
		if (take_file(in, &item, err))
			return -1;
	return more;
}

/* --- facts ------------------------------------------------------------------------------ */

static int put_facts(struct intake *in, const struct album_item *item, struct err *err)
{
	_cleanup_str_ struct str canonical = STR_INIT(FACTS_MAX);
	struct object_writer *w;
	const json_t *facts;
	struct sha256 hash;

	if (import_facts(item, &hash, &facts, &canonical, err))
		return import_where(item, err);
	if (object_exists(in->im->store->objects, &hash))
		return 0;
	if (object_writer_open(in->im->store->objects, &w, err))
		return -1;
	if (object_writer_add(w, canonical.data, canonical.len, err) ||
		object_writer_finish(w, &hash, NULL, err)) {
		object_writer_abort(w);
		return -1;
	}
	return keep(in, w, canonical.len, err);
}

static int put_all_facts(struct intake *in, struct err *err)
{
	static const char *const members[] = {"facts", NULL};
	struct album_reader *reader;
	struct album_item item;
	int more;

	if (album_reader_open(in->im->spool, &reader, err))
		return -1;
	album_reader_want(reader, members);
	while ((more = album_reader_next(reader, &item, err)) == 1)
		if (item.element && item.json && put_facts(in, &item, err)) {
			more = -1;
			break;
		}
	album_reader_close(reader);
	return more;
}

/* --- the whole -------------------------------------------------------------------------- */

/* What did not come: damaged in the export, or nowhere. */
static int settle(struct import *im, struct err *err)
{
	vec_foreach (&im->wanted, struct wanted, w) {
		if (w->here)
			continue;
		if (w->differs)
			return err_set(err, ERR_DAMAGED,
				"%s is damaged: it has not the bytes that " ALBUM_JSON " tells of",
				w->name);
		im->result.absent++;
		if (im->watch && im->watch->absent)
			im->watch->absent(
				im->watch->data, w->name ? w->name : "an original", &w->hash);
	}
	return 0;
}

/* What is in the store already, and how large is what is not. */
static int look_around(struct intake *in, struct err *err)
{
	vec_foreach (&in->im->wanted, struct wanted, w) {
		int64_t *size;

		w->here = object_exists(in->im->store->objects, &w->hash);
		if (w->here)
			continue;
		in->total_bytes += (uint64_t)w->bytes;
		size = vec_push_or(&in->sizes, err);
		if (!size)
			return -1;
		*size = w->bytes;
	}
	vec_sort(&in->sizes, compare_sizes);
	return 0;
}

static int take_all(struct intake *in, struct err *err)
{
	in->buffer = mem_calloc(1, BUFFER);
	if (!in->buffer)
		return err_no_memory(err);
	if (look_around(in, err))
		return -1;
	if (open_source(in->im, &in->source, err) ||
		object_group_open(in->im->store->objects, &in->group, err))
		return -1;
	return take_files(in, err) || put_all_facts(in, err) || flush(in, err) ||
			settle(in->im, err) ?
		-1 :
		0;
}

int import_bytes(struct import *im, struct err *err)
{
	struct intake in = {.im = im, .sizes = VEC_INIT(int64_t, im->wanted.max)};
	int failed = take_all(&in, err);

	if (in.group)
		object_group_close(in.group);
	source_close(in.source);
	free(in.buffer);
	vec_release(&in.sizes);
	return failed;
}
