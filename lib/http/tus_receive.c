/* tus_receive.c - the bytes of tus uploads, as they arrive on a loop thread; see tus.h.
 *
 * It decodes nothing and writes no rows.  Invariant: at most limit bytes are in the file, and a chunk whose
 * checksum was announced counts only once that was right.
 */
#include "http/tus.h"
#include "http/quota.h"
#include "crypt/sha1.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define CONTENT_TYPE "application/offset+octet-stream"

/* --- work ------------------------------------------------------------------------------- */

static void free_work(void *data)
{
	struct tus_work *w = data;

	tus_active_leave(&w->active);
	upload_file_close(&w->file);
	if (w->making && !w->made)
		upload_unlink(w->server->store, &w->upload.id);
	sha1_stream_free(w->sha1);
	sha256_stream_free(w->sha256);
	arrival_free(w->arrival);
	free(w);
}

struct tus_work *tus_work_of(struct http_call *call, struct err *err)
{
	struct tus_work *w = call->work;

	if (w)
		return w;
	w = mem_calloc(1, sizeof(*w));
	if (!w) {
		err_no_memory(err);
		return NULL;
	}
	w->server = call->server;
	w->file = (struct upload_file)UPLOAD_FILE_INIT;
	w->length = UPLOAD_LENGTH_NONE;
	call->work = w;
	call->work_free = free_work;
	return w;
}

/* --- headers ---------------------------------------------------------------------------- */

static bool has_body(const struct http_call *call)
{
	const char *length = http_header(&call->request, "Content-Length");

	return http_header(&call->request, "Transfer-Encoding") ||
		(length && strcmp(length, "0") != 0);
}

static int check_type(struct http_call *call, struct err *err)
{
	const char *type = http_header(&call->request, "Content-Type");
	size_t len = type ? strcspn(type, "; ") : 0;

	if (len != strlen(CONTENT_TYPE) || strncasecmp(type, CONTENT_TYPE, len) != 0)
		return err_set(err, ERR_UNSUPPORTED, "the Content-Type must be " CONTENT_TYPE);
	return 0;
}

static int begin_checksum(struct http_call *call, struct tus_work *w, struct err *err)
{
	const char *text = http_header(&call->request, "Upload-Checksum");

	if (!text)
		return 0;
	if (tus_parse_checksum(text, &w->checksum, err))
		return -1;
	if (w->checksum.algorithm == TUS_SHA1)
		w->sha1 = sha1_stream_new(err);
	else
		w->sha256 = sha256_stream_new(err);
	return w->sha1 || w->sha256 ? 0 : -1;
}

/* Upload-Length, or Upload-Defer-Length: 1 where `may_defer`.  *out is UPLOAD_LENGTH_NONE then. */
static int read_length(struct http_call *call, int64_t *out, struct err *err)
{
	const char *length = http_header(&call->request, "Upload-Length");
	const char *defer = http_header(&call->request, "Upload-Defer-Length");

	if (!length == !defer)
		return err_set(err, ERR_INVALID,
			"an upload needs Upload-Length, or Upload-Defer-Length: 1");
	*out = UPLOAD_LENGTH_NONE;
	if (length)
		return tus_parse_number("Upload-Length", length, out, err);
	return strcmp(defer, "1") == 0 ?
		0 :
		err_set(err, ERR_INVALID, "Upload-Defer-Length can only be 1");
}

static int read_metadata(struct http_call *call, struct upload *upload, struct err *err)
{
	const char *text = http_header(&call->request, "Upload-Metadata");
	_cleanup_str_ struct str caption = STR_INIT(UPLOAD_METADATA_MAX);

	if (!text)
		return 0;
	if (tus_check_metadata(text, UPLOAD_METADATA_MAX, err))
		return -1;
	if (tus_get_metadata(text, "caption", &caption, err) < 0)
		return -1;
	if (!text_is_utf8(caption.data, caption.len) || memchr(caption.data, '\0', caption.len))
		return err_set(err, ERR_INVALID, "the caption is not UTF-8");
	memcpy(upload->metadata, text, strlen(text) + 1);
	return 0;
}

/* What the whole file may grow to: its length, else what fits. */
static int set_limit(struct http_call *call, struct tus_work *w, struct err *err)
{
	const char *text = http_header(&call->request, "Content-Length");
	int64_t left = INT64_MAX, more = 0;

	w->limit = w->length != UPLOAD_LENGTH_NONE ? w->length : w->upload.length;
	if (w->limit == UPLOAD_LENGTH_NONE) {
		if (quota_left(call, &left, err))
			return -1;
		w->limit = quota_file_max(call);
		/* What it holds is no longer left. */
		if (left < w->limit - w->start)
			w->limit = w->start + left;
	}
	if (text && (text_to_i64(text, 0, INT64_MAX, &more, NULL) || more > w->limit - w->start))
		return err_set(err, ERR_TOO_LARGE, "only %lld more bytes belong to this upload",
			(long long)(w->limit - w->start));
	return 0;
}

/* --- POST ------------------------------------------------------------------------------- */

static int begin_creating(struct http_call *call, struct err *err)
{
	struct tus_work *w = tus_work_of(call, err);
	const struct settings *settings;
	struct upload_load load;

	if (!w || tus_check_version(call, err) || read_length(call, &w->upload.length, err) ||
		read_metadata(call, &w->upload, err))
		return -1;
	if (has_body(call) && (check_type(call, err) || begin_checksum(call, w, err)))
		return -1;
	if (upload_load(call->store, &call->caller.user, &load, err))
		return -1;
	if (load.count >= UPLOADS_OPEN_MAX) {
		err_set(err, ERR_OFFLINE, "%d uploads are under way already: finish some first",
			UPLOADS_OPEN_MAX);
		return tus_refuse(call, 429, err);
	}
	settings = settings_get(call->server->options.settings);
	w->making = true;
	w->upload.created = clock_now_ms(call->store->clock);
	w->upload.expires = w->upload.created + (int64_t)settings->upload_seconds * 1000;
	w->upload.id = uuid_make(w->upload.created);
	w->upload.user = call->caller.user;
	w->upload.album = call->album.key;
	settings_put(settings);
	if (!has_body(call))
		return 0; /* whether it may be so long is asked where the row is made */
	if (w->upload.length != UPLOAD_LENGTH_NONE && quota_check(call, w->upload.length, 0, err))
		return -1;
	return set_limit(call, w, err);
}

/* --- PATCH ------------------------------------------------------------------------------ */

/* The length of an upload that began without one. */
static int read_late_length(struct http_call *call, struct tus_work *w, struct err *err)
{
	const char *text = http_header(&call->request, "Upload-Length");
	int64_t length = 0;

	if (!text)
		return 0;
	if (tus_parse_number("Upload-Length", text, &length, err))
		return -1;
	if (w->upload.length == length)
		return 0;
	if (w->upload.length != UPLOAD_LENGTH_NONE)
		return err_set(err, ERR_INVALID, "this upload has another length");
	w->length = length;
	return quota_check(call, length, upload_held(call->store, &w->upload.id), err);
}

static int find_upload(struct http_call *call, struct tus_work *w, struct err *err)
{
	struct uuid id;

	if (http_param_uuid(call, "upload", &id, NULL))
		return err_set(err, ERR_NOT_FOUND, "there is no such upload");
	return upload_get(call->store, &id, &call->caller.user, &w->upload, err) ||
			tus_check_album(call, w->upload.album, err) ?
		-1 :
		0;
}

/* From here on nobody else appends.  A done upload has no file any more. */
static int open_file(struct http_call *call, struct tus_work *w, struct err *err)
{
	if (w->upload.done) {
		w->start = w->upload.length;
		return 0;
	}
	if (upload_file_open(call->store, &w->upload.id, &w->file, err)) {
		if (err->kind != ERR_LOCKED)
			return -1;
		tus_active_hurry(call, &w->upload.id);
		return tus_refuse(call, 423, err);
	}
	tus_active_enter(&w->active, call, &w->upload.id);
	w->start = w->file.offset;
	return 0;
}

static int read_offset(struct http_call *call, int64_t *out, struct err *err)
{
	const char *text = http_header(&call->request, "Upload-Offset");

	return text ? tus_parse_number("Upload-Offset", text, out, err) :
		      err_set(err, ERR_INVALID, "a PATCH needs Upload-Offset");
}

/* The file is ours, and is where the client believes it to be. */
static int check_place(struct http_call *call, struct tus_work *w, int64_t offset, struct err *err)
{
	if (offset != w->start)
		return err_set(err, ERR_CONFLICT, "this upload is at %lld", (long long)w->start);
	if (w->length != UPLOAD_LENGTH_NONE && w->length < w->start)
		return err_set(err, ERR_INVALID, "this upload has more bytes already");
	return set_limit(call, w, err);
}

static int begin_patching(struct http_call *call, struct err *err)
{
	struct tus_work *w = tus_work_of(call, err);
	int64_t offset = -1;

	if (!w || tus_check_version(call, err) || find_upload(call, w, err) ||
		check_type(call, err) || begin_checksum(call, w, err) ||
		read_offset(call, &offset, err) || read_late_length(call, w, err))
		return -1;
	if (open_file(call, w, err) || check_place(call, w, offset, err))
		return -1;
	return w->checksum.algorithm && !w->upload.done ? upload_file_guard(&w->file, err) : 0;
}

/* --- bytes ------------------------------------------------------------------------------ */

/* Before gigabytes come that are no photo.  A chunk that may be wrong yet is judged when it is whole. */
static int sniff(struct tus_work *w)
{
	uint8_t head[MEDIA_SNIFF_LEN];
	struct media_type type;

	if (w->sniffed || w->checksum.algorithm || w->file.offset < MEDIA_SNIFF_LEN)
		return 0;
	if (pread(w->file.fd, head, sizeof(head), 0) != sizeof(head))
		return err_set(&w->why, ERR_FAILED, "cannot read the upload");
	w->sniffed = true;
	type = media_sniff(head, sizeof(head));
	if (type.kind == MEDIA_NONE)
		return err_set(&w->why, ERR_UNSUPPORTED, "not a photo or video: %s",
			type.why ? type.why : "unknown");
	return 0;
}

static int append(struct http_call *call, struct tus_work *w, const void *bytes, size_t len)
{
	if (w->file.fd < 0 && upload_file_open(call->store, &w->upload.id, &w->file, &w->why))
		return -1;
	if ((int64_t)len > w->limit - w->file.offset)
		return err_set(
			&w->why, ERR_TOO_LARGE, "more bytes came than belong to this upload");
	if (upload_file_append(&w->file, bytes, len, &w->why))
		return -1;
	if (w->sha1)
		sha1_stream_add(w->sha1, bytes, len);
	if (w->sha256)
		sha256_stream_add(w->sha256, bytes, len);
	return sniff(w);
}

/* What will not be kept is let pass, so that the client reads why: one that is cut off would only try again. */
static int take(struct http_call *call, const void *bytes, size_t len, struct err *err)
{
	struct tus_work *w = call->work;

	(void)err;
	tus_active_heard(&w->active);
	if (!w->refused && !w->upload.done)
		w->refused = append(call, w, bytes, len) != 0;
	return 0;
}

/* The call's work ends with it, whichever way. */
static void end(struct http_call *call)
{
	struct tus_work *w = call->work;

	tus_active_leave(&w->active);
	upload_file_close(&w->file);
}

const struct http_upload tus_creating = {begin_creating, take, end};
const struct http_upload tus_patching = {begin_patching, take, end};

/* --- the end of the bytes --------------------------------------------------------------- */

static bool checksum_holds(struct tus_work *w)
{
	struct sha256 digest = {{0}};

	if (w->sha1)
		sha1_stream_end(w->sha1, digest.bytes);
	else
		sha256_stream_end(w->sha256, &digest);
	return memcmp(digest.bytes, w->checksum.digest, w->checksum.len) == 0;
}

/* Too many bytes count for none.  What came before a full disk does. */
static int drop(struct tus_work *w, struct err *err)
{
	struct err lost = ERR_INIT;

	if (w->file.fd >= 0 && w->why.kind == ERR_TOO_LARGE)
		upload_file_truncate(&w->file, w->start, &lost);
	*err = w->why;
	return -1;
}

int tus_end_bytes(struct http_call *call, struct tus_work *w, struct err *err)
{
	tus_active_leave(&w->active);
	if (w->upload.done)
		return 0;
	if (w->refused)
		return drop(w, err);
	if (w->checksum.algorithm && !checksum_holds(w)) {
		err_set(err, ERR_INVALID, "the checksum is not that of the bytes that came");
		return tus_refuse(call, 460, err);
	}
	if (w->file.fd < 0)
		return 0;
	if (w->file.guarded >= 0)
		return upload_file_keep(&w->file, err);
	return upload_file_sync(&w->file, err);
}
