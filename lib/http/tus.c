/* tus.c - resumable uploads by tus 1.0: made below an album, sent, asked for, given up.
 *
 * An upload belongs to who made it; for others it does not exist.  When its last byte is there it becomes a photo in
 * the very request: decoded on a worker, then one transaction adds the photo and ends the upload.  Should that be
 * cut short (a killed server, a full disk), whoever asks for the upload next tries again.
 * Invariant: an offset is answered only once its bytes are on disk.
 */
#include "http/tus.h"
#include "http/quota.h"
#include "event/role.h"

#include <stdlib.h>
#include <string.h>

#define TUS_BODY_MAX   (((size_t)1 << 53) - 1) /* what JSON can say; the settings say less */
#define EXPIRE_AT_ONCE 16                      /* expired uploads taken away by each new one */

/* --- what the requests share ------------------------------------------------------------ */

int tus_refuse(struct http_call *call, int status, const struct err *why)
{
	http_answer_problem(call, status, why);
	return -1;
}

int tus_check_version(struct http_call *call, struct err *err)
{
	const char *version = http_header(&call->request, "Tus-Resumable");

	if (version && strcmp(version, TUS_VERSION) == 0)
		return 0;
	http_add_header(&call->response, "Tus-Version", TUS_VERSION);
	err_set(err, ERR_UNSUPPORTED, "the header Tus-Resumable must say " TUS_VERSION);
	return tus_refuse(call, 412, err);
}

int tus_check_album(struct http_call *call, int64_t album, struct err *err)
{
	static const struct db_sql sql = {"tus_role",
		"SELECT p.role FROM view_participant AS p JOIN view_album AS v ON v.album = p.album"
		" WHERE p.album = :album AND p.id = :user AND p.removed IS NULL AND v.deleted = 0"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	enum role role = ROLE_NONE;
	int found;

	if (db_query(call->store->db, &sql, &rows, err, DB_INT(":album", album),
		    DB_UUID(":user", &call->caller.user)))
		return -1;
	found = db_next(&rows, err);
	if (found < 0 || (found == 1 && role_parse(db_text(&rows, 0), &role, err)))
		return -1;
	return role_has(role, RIGHT_ADD) ? 0 :
					   err_set(err, ERR_NOT_FOUND, "there is no such upload");
}

static void add_progress(struct http_call *call, const struct tus_work *w, int64_t offset)
{
	char expires[TUS_DATE_LEN], photo[SHA256_HEX_LEN + 1];

	http_add_header(&call->response, "Upload-Offset", "%lld", (long long)offset);
	tus_format_date(w->upload.expires, expires);
	http_add_header(&call->response, "Upload-Expires", "%s", expires);
	if (!w->upload.done)
		return;
	sha256_format(&w->upload.photo, photo);
	http_add_header(&call->response, "Pinhole-Photo", "%s", photo);
}

/* --- a whole file becomes a photo ------------------------------------------------------- */

static char *file_path(struct http_call *call, const struct uuid *id)
{
	char name[sizeof("uploads/") + UUID_TEXT_LEN] = "uploads/";

	uuid_format(id, name + strlen(name));
	return store_path(call->store, name);
}

/* Gives the file away, and the call waits for what becomes of it. */
static int submit_arrival(struct http_call *call, struct tus_work *w, struct err *err)
{
	_cleanup_str_ struct str name = STR_INIT(UPLOAD_METADATA_MAX);
	_cleanup_free_ char *path = file_path(call, &w->upload.id);
	int found = tus_get_metadata(w->upload.metadata, "filename", &name, err);

	if (!found)
		found = tus_get_metadata(w->upload.metadata, "name", &name, err);
	if (found < 0 || !path)
		return found < 0 ? -1 : err_no_memory(err);
	if (w->file.fd < 0)
		return err_set(err, ERR_UNSUPPORTED, "not a photo or video: empty");
	return arrival_submit(call, path, name.data, name.len, &w->arrival, err) ? -1 : HTTP_PARK;
}

struct gone { /* files to remove once the rows are */
	struct vec ids;
};

static void unlink_gone(struct store *store, void *data)
{
	const struct gone *gone = data;

	vec_foreach (&gone->ids, const struct uuid, id)
		upload_unlink(store, id);
}

static void free_gone(void *data)
{
	struct gone *gone = data;

	vec_release(&gone->ids);
	free(gone);
}

/* What is added to it is removed after the commit. */
static struct gone *remove_after(struct http_call *call, struct err *err)
{
	struct gone *gone = mem_calloc(1, sizeof(*gone));

	if (!gone) {
		err_no_memory(err);
		return NULL;
	}
	gone->ids = (struct vec)VEC_INIT(struct uuid, EXPIRE_AT_ONCE + 1);
	call->response.after = (struct http_after){unlink_gone, free_gone, gone};
	return gone;
}

static int remove_one_after(struct http_call *call, const struct uuid *id, struct err *err)
{
	struct gone *gone = remove_after(call, err);
	struct uuid *slot = gone ? vec_push_or(&gone->ids, err) : NULL;

	if (!slot)
		return -1;
	*slot = *id;
	return 0;
}

/* --- what is refused -------------------------------------------------------------------- */

/* An answer of refusal undoes what the writer did for it, so this is a transaction of its own. */
static void remove_refused(struct store *reader, void *data)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	struct gone *gone = data;
	struct store *store = NULL;
	struct err why = ERR_INIT;
	int failed =
		store_open(reader->dir, STORE_WRITE, reader->clock, reader->log, &store, &why) ||
		store_begin(store, "uploads", &tx, &why);

	vec_foreach (&gone->ids, const struct uuid, id)
		failed = failed || upload_remove(store, id, &why);
	if (failed || store_commit(&tx, &why))
		log_print(reader->log, LOG_WARNING, "a refused upload stays: %s", why.message);
	store_rollback(&tx);
	store_close(store);
	unlink_gone(reader, data);
}

/* What is no photo will never be one: the upload ends with the answer. */
static void end_refused(struct http_call *call, struct tus_work *w)
{
	struct err lost = ERR_INIT;

	upload_file_truncate(&w->file, 0, &lost);
	if (!w->making && remove_one_after(call, &w->upload.id, &lost) == 0)
		call->response.after.run = remove_refused;
}

static int end_bytes(struct http_call *call, struct tus_work *w, struct err *err)
{
	if (tus_end_bytes(call, w, err) == 0)
		return 0;
	if (w->refused && err->kind == ERR_UNSUPPORTED)
		end_refused(call, w);
	return -1;
}

static int take_arrival(struct http_call *call, struct tus_work *w, struct err *err)
{
	if (arrival_result(w->arrival, err) == 0)
		return HTTP_WRITE;
	if (err->kind == ERR_UNSUPPORTED)
		end_refused(call, w);
	return -1;
}

static int commit_photo(
	struct http_call *call, struct tus_work *w, struct gone *gone, struct err *err)
{
	_cleanup_str_ struct str caption = STR_INIT(UPLOAD_METADATA_MAX);
	struct uuid *slot = vec_push_or(&gone->ids, err);
	struct intake_outcome out;

	if (!slot)
		return -1;
	*slot = w->upload.id;
	if (tus_get_metadata(w->upload.metadata, "caption", &caption, err) < 0 ||
		arrival_commit(w->arrival, call, w->upload.album, caption.data, &out, err) ||
		upload_finish(call->store, &w->upload.id, &out.photo, err))
		return -1;
	w->upload.done = true;
	w->upload.photo = out.photo;
	return 0;
}

/* --- POST ------------------------------------------------------------------------------- */

static int write_created(struct http_call *call, struct tus_work *w, struct err *err)
{
	struct gone *gone = remove_after(call, err);
	char id[UUID_TEXT_LEN + 1];

	w->made = w->upload.done = false;
	if (!gone || upload_expire(call->store, EXPIRE_AT_ONCE, &gone->ids, err))
		return -1;
	/* Once more, where nobody else counts at the same time. */
	if (w->upload.length != UPLOAD_LENGTH_NONE && quota_check(call, w->upload.length, 0, err))
		return -1;
	if (upload_add(call->store, &w->upload, err) ||
		(w->arrival && commit_photo(call, w, gone, err)))
		return -1;
	w->made = true;
	uuid_format(&w->upload.id, id);
	http_add_header(&call->response, "Location", "/v1/uploads/%s", id);
	add_progress(call, w, w->file.offset);
	return http_answer_empty(call, 201, err);
}

static int create_upload(struct http_call *call, struct err *err)
{
	struct tus_work *w = call->work;

	if (call->tx)
		return write_created(call, w, err);
	if (w->arrival)
		return take_arrival(call, w, err);
	if (end_bytes(call, w, err))
		return -1;
	return w->upload.length == w->file.offset ? submit_arrival(call, w, err) : HTTP_WRITE;
}

/* --- PATCH ------------------------------------------------------------------------------ */

/* The row may have changed or gone since the request began. */
static int write_patched(struct http_call *call, struct tus_work *w, struct err *err)
{
	struct gone *gone = remove_after(call, err);
	int64_t offset = w->file.offset;

	if (!gone || upload_get(call->store, &w->upload.id, &call->caller.user, &w->upload, err))
		return -1;
	if (!w->upload.done && w->length != UPLOAD_LENGTH_NONE) {
		int64_t held = w->upload.length == UPLOAD_LENGTH_NONE ?
			upload_held(call->store, &w->upload.id) :
			0;

		if (quota_check(call, w->length, held, err) ||
			upload_set_length(call->store, &w->upload.id, w->length, err))
			return -1;
		w->upload.length = w->length;
	}
	if (!w->upload.done && w->arrival && commit_photo(call, w, gone, err))
		return -1;
	add_progress(call, w, offset);
	return http_answer_empty(call, 204, err);
}

static int patch_upload(struct http_call *call, struct err *err)
{
	struct tus_work *w = call->work;
	int64_t length = w->length != UPLOAD_LENGTH_NONE ? w->length : w->upload.length;

	if (call->tx)
		return write_patched(call, w, err);
	if (w->arrival)
		return take_arrival(call, w, err);
	if (end_bytes(call, w, err))
		return -1;
	if (!w->upload.done && w->file.offset == length)
		return submit_arrival(call, w, err);
	if (w->length != UPLOAD_LENGTH_NONE)
		return HTTP_WRITE;
	add_progress(call, w, w->upload.done ? w->upload.length : w->file.offset);
	return http_answer_empty(call, 204, err);
}

/* --- GET and HEAD ----------------------------------------------------------------------- */

static int answer_state(
	struct http_call *call, const struct tus_work *w, int64_t offset, struct err *err)
{
	json_t *body = json_object();

	http_add_header(&call->response, "Cache-Control", "no-store");
	add_progress(call, w, offset);
	if (w->upload.length != UPLOAD_LENGTH_NONE)
		http_add_header(
			&call->response, "Upload-Length", "%lld", (long long)w->upload.length);
	else
		http_add_header(&call->response, "Upload-Defer-Length", "1");
	if (*w->upload.metadata)
		http_add_header(&call->response, "Upload-Metadata", "%s", w->upload.metadata);
	wire_set_uuid(&body, "id", &w->upload.id);
	wire_set_int(&body, "offset", offset);
	if (w->upload.length != UPLOAD_LENGTH_NONE)
		wire_set_int(&body, "length", w->upload.length);
	wire_set_int(&body, "expires", w->upload.expires);
	if (w->upload.done)
		wire_set_hex(&body, "photo", w->upload.photo.bytes, SHA256_LEN);
	return http_answer_json(call, 200, body, err);
}

/* All bytes are there and no photo is: who was to make it did not get to it. */
static int try_again(struct http_call *call, struct tus_work *w, struct err *err)
{
	struct err why = ERR_INIT;

	if (upload_file_open(call->store, &w->upload.id, &w->file, &why)) {
		if (why.kind == ERR_LOCKED) /* another request is at it */
			return answer_state(call, w, w->upload.length, err);
		*err = why;
		return -1;
	}
	return submit_arrival(call, w, err);
}

static int write_state(struct http_call *call, struct tus_work *w, struct err *err)
{
	struct gone *gone = remove_after(call, err);

	if (!gone || upload_get(call->store, &w->upload.id, &call->caller.user, &w->upload, err))
		return -1;
	if (!w->upload.done && commit_photo(call, w, gone, err))
		return -1;
	return answer_state(call, w, w->upload.length, err);
}

static int show_upload(struct http_call *call, struct err *err)
{
	struct tus_work *w = tus_work_of(call, err);
	struct uuid id;
	int64_t offset = 0;

	if (!w)
		return -1;
	if (call->tx)
		return write_state(call, w, err);
	if (w->arrival)
		return take_arrival(call, w, err);
	if (call->request.method == HTTP_HEAD && tus_check_version(call, err))
		return -1;
	if (http_param_uuid(call, "upload", &id, NULL))
		return err_set(err, ERR_NOT_FOUND, "there is no such upload");
	if (upload_get(call->store, &id, &call->caller.user, &w->upload, err) ||
		tus_check_album(call, w->upload.album, err))
		return -1;
	if (w->upload.done)
		return answer_state(call, w, w->upload.length, err);
	if (upload_offset(call->store, &id, &offset, err))
		return -1;
	return offset == w->upload.length && offset ? try_again(call, w, err) :
						      answer_state(call, w, offset, err);
}

/* --- DELETE and OPTIONS ----------------------------------------------------------------- */

static int delete_upload(struct http_call *call, struct err *err)
{
	struct upload upload;
	struct uuid id;

	if (tus_check_version(call, err))
		return -1;
	if (http_param_uuid(call, "upload", &id, NULL))
		return err_set(err, ERR_NOT_FOUND, "there is no such upload");
	if (upload_get(call->store, &id, &call->caller.user, &upload, err) ||
		remove_one_after(call, &id, err) || upload_remove(call->store, &id, err))
		return -1;
	return http_answer_empty(call, 204, err);
}

static int show_options(struct http_call *call, struct err *err)
{
	const struct settings *settings = settings_get(call->server->options.settings);
	struct http_response *r = &call->response;

	http_add_header(r, "Tus-Version", TUS_VERSION);
	http_add_header(r, "Tus-Extension", TUS_EXTENSIONS);
	http_add_header(r, "Tus-Max-Size", "%llu", (unsigned long long)settings->upload_max);
	http_add_header(r, "Tus-Checksum-Algorithm", TUS_ALGORITHMS);
	settings_put(settings);
	return http_answer_empty(call, 204, err);
}

static const struct http_field tus_always[] = {{"Tus-Resumable", TUS_VERSION}, {NULL, NULL}};

const struct http_route upload_routes[] = {
	{"uploadOptions", HTTP_OPTIONS, "/v1/uploads", ACCESS_PUBLIC, .handle = show_options,
		.always = tus_always},
	{"uploadOptionsOfAlbum", HTTP_OPTIONS, "/v1/albums/{album}/uploads", ACCESS_PUBLIC,
		.handle = show_options, .always = tus_always},
	{"uploadOptionsOfUpload", HTTP_OPTIONS, "/v1/uploads/{upload}", ACCESS_PUBLIC,
		.handle = show_options, .always = tus_always},
	{"createUpload", HTTP_POST, "/v1/albums/{album}/uploads", ACCESS_ALBUM, RIGHT_ADD,
		SCOPE_UPLOAD, .lane = LANE_POOL, .body_max = TUS_BODY_MAX, .upload = &tus_creating,
		.handle = create_upload, .always = tus_always},
	{"showUpload", HTTP_GET, "/v1/uploads/{upload}", ACCESS_USER, .scope = SCOPE_UPLOAD,
		.lane = LANE_POOL, .handle = show_upload, .always = tus_always},
	{"patchUpload", HTTP_PATCH, "/v1/uploads/{upload}", ACCESS_USER, .scope = SCOPE_UPLOAD,
		.lane = LANE_POOL, .body_max = TUS_BODY_MAX, .upload = &tus_patching,
		.handle = patch_upload, .always = tus_always},
	{"deleteUpload", HTTP_DELETE, "/v1/uploads/{upload}", ACCESS_USER, .scope = SCOPE_UPLOAD,
		.lane = LANE_WRITE, .handle = delete_upload, .always = tus_always},
	{.name = NULL},
};
