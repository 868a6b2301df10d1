/* forms.c - photos sent by a form of a page (multipart/form-data), many at once, no script needed.
 *
 * Every file part becomes a file in uploads/ while it arrives, then one after the other a photo on the threads of
 * arrival.h; one transaction adds them all.  A file that is no photo is refused by itself, the others are taken.
 * The caller is known by their token alone, never by a cookie, so no foreign page can send a form in their name.
 * Invariant: the files in uploads/ go with the call, however it ends.
 */
#include "http/arrival.h"
#include "http/multipart.h"
#include "http/quota.h"
#include "http/server.h"
#include "event/kind.h"
#include "store/upload.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define FORM_BODY_MAX  (((size_t)1 << 53) - 1) /* what JSON can say; the settings say less */
#define FORM_FILES_MAX 50

struct form_file {
	struct uuid id;           /* of its file in uploads/ */
	char *name;               /* as the browser wrote it */
	struct upload_file bytes; /* open to the end: its lock keeps sweeps away */
	int64_t size;
	bool sniffed, refused;
	struct err why; /* if refused */
	struct arrival *arrival;
	struct intake_outcome out;
};

enum field { FIELD_OTHER = 0, FIELD_FILE, FIELD_CAPTION };

struct form_work {
	struct server *server;
	struct store *store; /* while a piece is read: the loop thread's */
	struct multipart *form;
	struct vec files; /* struct form_file */
	struct str caption;
	enum field field;             /* what the part being read is */
	int64_t left, file_max, used; /* bytes that may come, at most in one file, that came */
	bool broken;                  /* no form, or too much of one: the rest passes by unread */
	struct err why;
	bool checked; /* it is a whole form */
	size_t next;  /* the file that is being made a photo */
	int64_t now;
};

static void free_work(void *data)
{
	struct form_work *w = data;

	vec_foreach (&w->files, struct form_file, file) {
		upload_file_close(&file->bytes);
		arrival_free(file->arrival);
		upload_unlink(w->server->store, &file->id);
		free(file->name);
	}
	vec_release(&w->files);
	str_release(&w->caption);
	multipart_close(w->form);
	free(w);
}

/* --- parts, as they arrive -------------------------------------------------------------- */

static int begin_file(struct form_work *w, const char *name, struct err *err)
{
	struct form_file *file;

	/* A file input that nobody used. */
	if (!*name)
		return 0;
	if (w->files.count == FORM_FILES_MAX)
		return err_set(err, ERR_TOO_LARGE, "a form may bring %d files", FORM_FILES_MAX);
	file = vec_push_or(&w->files, err);
	if (!file)
		return -1;
	file->id = uuid_make(w->now);
	file->bytes = (struct upload_file)UPLOAD_FILE_INIT;
	file->name = mem_strdup(name);
	w->field = FIELD_FILE;
	return file->name ? upload_file_open(w->store, &file->id, &file->bytes, err) :
			    err_no_memory(err);
}

static int begin_part(void *data, const struct multipart_part *part, struct err *err)
{
	struct form_work *w = data;

	w->field = FIELD_OTHER;
	if (part->is_file)
		return begin_file(w, part->filename, err);
	if (strcmp(part->name, "caption") != 0)
		return 0;
	w->field = FIELD_CAPTION;
	str_clear(&w->caption);
	return 0;
}

static int sniff(struct form_file *file, int fd)
{
	uint8_t head[MEDIA_SNIFF_LEN];
	ssize_t n = pread(fd, head, sizeof(head), 0);
	struct media_type type;

	if (n < 0)
		return err_errno(&file->why, "cannot read what was sent");
	file->sniffed = true;
	type = media_sniff(head, (size_t)n);
	if (type.kind == MEDIA_NONE)
		return err_set(&file->why, ERR_UNSUPPORTED, "not a photo or video: %s",
			type.why ? type.why : "unknown");
	return 0;
}

static int append(struct form_work *w, struct form_file *file, const void *bytes, size_t len)
{
	if ((int64_t)len > w->file_max - file->size)
		return err_set(&file->why, ERR_TOO_LARGE,
			"files of more than %lld bytes are not taken", (long long)w->file_max);
	if ((int64_t)len > w->left - w->used)
		return err_set(&file->why, ERR_TOO_LARGE, "your quota has %lld bytes left",
			(long long)w->left);
	if (upload_file_append(&file->bytes, bytes, len, &file->why))
		return -1;
	file->size += (int64_t)len;
	w->used += (int64_t)len;
	return file->sniffed || file->size < MEDIA_SNIFF_LEN ? 0 : sniff(file, file->bytes.fd);
}

static void drop_bytes(struct form_work *w, struct form_file *file)
{
	struct err lost = ERR_INIT;

	upload_file_truncate(&file->bytes, 0, &lost);
	w->used -= file->size;
	file->size = 0;
	file->refused = true;
}

static int take_bytes(void *data, const void *bytes, size_t len, struct err *err)
{
	struct form_work *w = data;
	struct form_file *file = w->files.count ? vec_at(&w->files, w->files.count - 1) : NULL;

	(void)err;
	if (w->field == FIELD_CAPTION)
		str_add(&w->caption, bytes, len);
	if (w->field == FIELD_FILE && !file->refused && append(w, file, bytes, len))
		drop_bytes(w, file);
	return 0;
}

static int end_part(void *data, struct err *err)
{
	struct form_work *w = data;
	struct form_file *file;

	(void)err;
	if (w->field != FIELD_FILE)
		return 0;
	file = vec_at(&w->files, w->files.count - 1);
	if (!file->refused && !file->sniffed && sniff(file, file->bytes.fd))
		drop_bytes(w, file);
	return 0;
}

static const struct multipart_sink form_sink = {begin_part, take_bytes, end_part};

/* --- the body --------------------------------------------------------------------------- */

static int begin(struct http_call *call, struct err *err)
{
	const char *type = http_header(&call->request, "Content-Type");
	struct form_work *w = mem_calloc(1, sizeof(*w));

	if (!w)
		return err_no_memory(err);
	w->server = call->server;
	w->files = (struct vec)VEC_INIT(struct form_file, FORM_FILES_MAX);
	w->now = clock_now_ms(call->store->clock);
	str_init(&w->caption, BODY_TEXT_MAX);
	call->work = w;
	call->work_free = free_work;
	w->file_max = quota_file_max(call);
	return quota_left(call, &w->left, err) ||
			multipart_open(type, &form_sink, w, &w->form, err) ?
		-1 :
		0;
}

static int take(struct http_call *call, const void *bytes, size_t len, struct err *err)
{
	struct form_work *w = call->work;

	(void)err;
	w->store = call->store;
	if (!w->broken)
		w->broken = multipart_feed(w->form, bytes, len, &w->why) != 0;
	return 0;
}

/* The files go with the call's work. */
static void end(struct http_call *call)
{
	(void)call;
}

static const struct http_upload form_upload = {begin, take, end};

/* --- answers ---------------------------------------------------------------------------- */

/* A page that was sent the form gets a page back. */
static bool wants_page(const struct http_call *call)
{
	const char *accept = http_header(&call->request, "Accept");
	const char *html = accept ? strstr(accept, "text/html") : NULL;
	const char *json = accept ? strstr(accept, "application/json") : NULL;

	return html && (!json || html < json);
}

/* The page of this server that the form was on, else its first one. */
static const char *page_of(const struct http_call *call)
{
	const char *from = http_header(&call->request, "Referer");
	const char *host = http_header(&call->request, "Host");
	const char *at = from ? strstr(from, "://") : NULL;
	size_t len = host ? strlen(host) : 0;

	if (!at || !len || strncasecmp(at + 3, host, len) != 0 || at[3 + len] != '/' ||
		at[4 + len] == '/' || at[4 + len] == '\\' || strchr(at, '\t'))
		return "/";
	return at + 3 + len;
}

static json_t *describe(const struct form_file *file)
{
	_cleanup_str_ struct str name = STR_INIT(STR_MAX_LINE);
	json_t *item = json_object();

	str_add_visible(&name, file->name, strlen(file->name));
	wire_set_text(&item, "name", name.data);
	wire_set_text(&item, "status",
		file->refused           ? "refused" :
			file->out.added ? "added" :
					  "there");
	if (file->refused) {
		wire_set_text(&item, "code", err_kind_name(file->why.kind));
		wire_set_text(&item, "detail", file->why.message);
		return item;
	}
	wire_set_hex(&item, "photo", file->out.photo.bytes, SHA256_LEN);
	if (file->out.role)
		wire_set_text(&item, "role", file->out.role);
	return item;
}

/* 201 if a photo was added, 200 if all were there, else why the first was refused. */
static int status_of(const struct form_work *w)
{
	int status = 0;

	vec_foreach (&w->files, const struct form_file, file) {
		if (!file->refused && file->out.added)
			return 201;
		if (!file->refused)
			status = 200;
		else if (!status)
			status = http_status_of(file->why.kind);
	}
	return status;
}

static int answer(struct http_call *call, const struct form_work *w, struct err *err)
{
	json_t *body = json_object(), *files = json_array();
	int status = status_of(w);

	if (status < 300 && wants_page(call)) {
		wire_json_free(&body);
		wire_json_free(&files);
		http_add_header(&call->response, "Location", "%s", page_of(call));
		return http_answer_empty(call, 303, err);
	}
	vec_foreach (&w->files, const struct form_file, file)
		json_array_append_new(files, describe(file));
	if (json_array_size(files) != w->files.count) {
		wire_json_free(&body);
		wire_json_free(&files);
		return err_no_memory(err);
	}
	wire_set_json(&body, "files", files);
	return http_answer_json(call, status, body, err);
}

/* --- handling --------------------------------------------------------------------------- */

static int check_form(struct form_work *w, struct err *err)
{
	if (w->broken) {
		*err = w->why;
		return -1;
	}
	if (multipart_finish(w->form, err))
		return -1;
	if (!w->files.count)
		return err_set(err, ERR_INVALID, "the form brings no file");
	if (w->caption.failed)
		return err_set(
			err, ERR_TOO_LARGE, "the caption is longer than %d bytes", BODY_TEXT_MAX);
	if (!text_is_utf8(w->caption.data, w->caption.len) ||
		memchr(w->caption.data, '\0', w->caption.len))
		return err_set(err, ERR_INVALID, "the caption is not UTF-8");
	return 0;
}

/* What became of the file that was given away. */
static void take_arrival(struct form_work *w, struct form_file *file)
{
	if (arrival_result(file->arrival, &file->why) == 0)
		return;
	w->used -= file->size;
	file->refused = true;
	arrival_free(file->arrival);
	file->arrival = NULL;
}

static int submit(struct http_call *call, struct form_file *file, struct err *err)
{
	char name[sizeof("uploads/") + UUID_TEXT_LEN] = "uploads/";
	_cleanup_free_ char *path = NULL;

	uuid_format(&file->id, name + strlen(name));
	path = store_path(call->store, name);
	return path ?
		arrival_submit(call, path, file->name, strlen(file->name), &file->arrival, err) :
		err_no_memory(err);
}

/* Gives the next file away: HTTP_PARK; HTTP_WRITE once all are ready. */
static int go_on(struct http_call *call, struct form_work *w, struct err *err)
{
	bool any = false;

	for (; w->next < w->files.count; w->next++) {
		struct form_file *file = vec_at(&w->files, w->next);

		if (file->arrival)
			take_arrival(w, file);
		else if (!file->refused)
			return submit(call, file, err) ? -1 : HTTP_PARK;
	}
	vec_foreach (&w->files, const struct form_file, file)
		any = any || !file->refused;
	return any ? HTTP_WRITE : answer(call, w, err);
}

static int write_photos(struct http_call *call, struct form_work *w, struct err *err)
{
	if (quota_check_all(call, w->used, err))
		return -1;
	vec_foreach (&w->files, struct form_file, file)
		if (!file->refused &&
			arrival_commit(file->arrival, call, call->album.key, w->caption.data,
				&file->out, err))
			return -1;
	return answer(call, w, err);
}

static int add_photos(struct http_call *call, struct err *err)
{
	struct form_work *w = call->work;

	if (call->tx)
		return write_photos(call, w, err);
	if (!w->checked && check_form(w, err))
		return -1;
	w->checked = true;
	return go_on(call, w, err);
}

const struct http_route form_routes[] = {
	{"addPhotos", HTTP_POST, "/v1/albums/{album}/photos", ACCESS_ALBUM, RIGHT_ADD, SCOPE_UPLOAD,
		.lane = LANE_POOL, .body_max = FORM_BODY_MAX, .upload = &form_upload,
		.handle = add_photos},
	{.name = NULL},
};
