/* zip.c - an album's originals as one archive, made while it is sent.
 *
 * The files are called as `pinhole export` calls them; album.json and sidecars are not in it.  Only for roles with
 * RIGHT_POSITIONS, as single originals are.  Invariant: an archive that ends is whole; where a file cannot be read
 * to its end the connection breaks off.
 */
#include "http/photos.h"
#include "http/zip_write.h"
#include "import/export.h"
#include "store/album.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT_ONCE     2 /* each may hold a worker for the time of reading one file */
#define PIECE       ((size_t)256 * 1024)
#define NAME_MOST   2048
#define RECORD_MOST 1024 /* bytes of one record; names are far shorter */

struct made {
	uint64_t offset;
	uint32_t crc;
};

struct archive {
	struct vec files; /* struct export_file that are here */
	struct vec made;  /* struct made, one for each file that was begun */
	size_t listed;    /* files in the directory so far */
	int fd;           /* of the file that is being sent, -1 none */
	uint64_t left;    /* its bytes that are still to come */
	uint64_t offset;  /* of what comes next */
	uint64_t directory;
};

static atomic_uint at_once;

static void close_archive(void *data)
{
	struct archive *a = data;

	if (!a)
		return;
	mem_close_fd(&a->fd);
	export_list_release(&a->files);
	vec_release(&a->made);
	free(a);
	atomic_fetch_sub(&at_once, 1);
}

static void close_pointer(struct archive **archive)
{
	close_archive(*archive);
}

/* --- pieces ------------------------------------------------------------------------------- */

static struct zip_entry entry_of(const struct archive *a, size_t i)
{
	const struct export_file *file = vec_at(&a->files, i);
	const struct made *made = vec_at(&a->made, i);

	return (struct zip_entry){.name = file->name,
		.bytes = file->bytes,
		.offset = made->offset,
		.crc = made->crc,
		.time_ms = file->mtime_ms};
}

/* Up to `most` bytes behind each other; fewer are an error. */
static int read_piece(int fd, char *buffer, size_t most, struct err *err)
{
	size_t have = 0;

	while (have < most) {
		ssize_t got = read(fd, buffer + have, most - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "cannot read an original");
		if (got == 0)
			return err_set(err, ERR_DAMAGED, "an original is shorter than it was");
		have += (size_t)got;
	}
	return 0;
}

static int check_file(int fd, uint64_t bytes, uint32_t *crc, struct err *err)
{
	_cleanup_free_ char *buffer = mem_calloc(1, PIECE);
	uint32_t sum = 0;

	if (!buffer)
		return err_no_memory(err);
	while (bytes) {
		size_t len = bytes < PIECE ? (size_t)bytes : PIECE;

		if (read_piece(fd, buffer, len, err))
			return -1;
		sum = zip_crc(sum, buffer, len);
		bytes -= len;
	}
	if (lseek(fd, 0, SEEK_SET) != 0)
		return err_errno(err, "cannot read an original");
	*crc = sum;
	return 0;
}

/* The file is read twice: its checksum stands before its bytes. */
static int begin_file(struct archive *a, struct objects *objects, struct str *out, struct err *err)
{
	const struct export_file *file = vec_at(&a->files, a->made.count);
	struct made *made = vec_push_or(&a->made, err);
	struct zip_entry entry;

	if (!made)
		return -1;
	made->offset = a->offset;
	a->fd = object_open(objects, &file->part, err);
	if (a->fd < 0 || check_file(a->fd, file->bytes, &made->crc, err))
		return -1;
	a->left = file->bytes;
	entry = entry_of(a, a->made.count - 1);
	zip_add_header(out, &entry);
	return 0;
}

static int send_bytes(struct archive *a, struct str *out, struct err *err)
{
	size_t len = a->left < PIECE ? (size_t)a->left : PIECE;
	char *room = str_reserve(out, len);

	if (!room)
		return err_no_memory(err);
	if (read_piece(a->fd, room, len, err))
		return -1;
	out->len += len;
	out->data[out->len] = '\0';
	a->left -= len;
	if (!a->left)
		mem_close_fd(&a->fd);
	return 0;
}

static void add_directory(struct archive *a, struct str *out)
{
	if (a->listed == 0)
		a->directory = a->offset;
	while (a->listed < a->files.count && out->len + RECORD_MOST < PIECE) {
		struct zip_entry entry = entry_of(a, a->listed++);

		zip_add_directory(out, &entry);
	}
}

static int next_piece(struct http_call *call, struct str *out, struct err *err)
{
	struct archive *a = call->response.stream.data;
	bool last = false;

	if (a->fd < 0 && a->made.count < a->files.count &&
		begin_file(a, call->store->objects, out, err))
		return -1;
	if (a->fd >= 0) {
		if (send_bytes(a, out, err))
			return -1;
	} else {
		add_directory(a, out);
		last = a->listed == a->files.count;
	}
	a->offset += out->len;
	if (last)
		zip_add_end(out, a->files.count, a->directory, a->offset - a->directory);
	if (str_check(out, err))
		return -1;
	return last ? 0 : 1;
}

/* --- the request -------------------------------------------------------------------------- */

/* Only what the store has, and is not empty: a file of no bytes is no photo. */
static void drop_absent(struct vec *files)
{
	size_t kept = 0;

	for (size_t i = 0; i < files->count; i++) {
		struct export_file *file = vec_at(files, i);

		if (file->absent || !file->bytes)
			mem_free_pointer(&file->name);
		else
			*(struct export_file *)vec_at(files, kept++) = *file;
	}
	files->count = kept;
}

static int open_archive(struct http_call *call, struct archive **out, struct err *err)
{
	_cleanup_(close_pointer) struct archive *a = NULL;

	if (atomic_fetch_add(&at_once, 1) >= AT_ONCE) {
		atomic_fetch_sub(&at_once, 1);
		return err_set(err, ERR_OFFLINE, "%d albums are being sent already", AT_ONCE);
	}
	a = mem_calloc(1, sizeof(*a));
	if (!a) {
		atomic_fetch_sub(&at_once, 1);
		return err_no_memory(err);
	}
	a->fd = -1;
	a->files = (struct vec)EXPORT_LIST_INIT;
	a->made = (struct vec)VEC_INIT(struct made, EXPORT_FILES_MAX);
	if (export_list(call->store, &call->album, &a->files, err))
		return -1;
	drop_absent(&a->files);
	*out = mem_steal(&a);
	return 0;
}

/* By the album's title: its NAME is this store's own. */
static int add_name(struct http_call *call, struct str *out, struct err *err)
{
	_cleanup_album_ struct album album = {.title = NULL};

	if (album_get(call->store, &call->album, &album, err))
		return -1;
	str_addf(out, "%s.zip", album.title);
	return str_check(out, err);
}

static int archive(struct http_call *call, struct err *err)
{
	_cleanup_str_ struct str name = STR_INIT(NAME_MOST);
	struct archive *a = NULL;

	if (add_name(call, &name, err) || open_archive(call, &a, err))
		return -1;
	call->response.stream =
		(struct http_stream){.next = next_piece, .close = close_archive, .data = a};
	http_add_header(&call->response, "Cache-Control", "private, no-store");
	http_add_disposition(call, "attachment", name.data);
	return http_answer_text(call, 200, "application/zip", err);
}

const struct http_route zip_routes[] = {
	{"getAlbumZip", HTTP_GET, "/v1/albums/{album}.zip", ACCESS_ALBUM, RIGHT_POSITIONS,
		SCOPE_READ, .lane = LANE_POOL, .handle = archive},
	{.name = NULL},
};
