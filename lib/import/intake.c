/* intake.c - one file becomes a photo: bytes first, then rows; see intake.h.
 *
 * Nothing is decoded here, and no file is chosen.  Invariant: when the transaction commits, the objects that it
 * names are in place and flushed (variants may be lost: they can be made again).
 */
#include "import/intake.h"
#include "base/path.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void intake_release(struct intake *file)
{
	free(file->name);
	object_writer_abort(file->writer);
	mem_close_fd(&file->fd);
	for (size_t i = 0; i < MEDIA_VARIANT_MAX; i++)
		variant_file_close(&file->files[i]);
	if (file->has_result)
		media_result_release(&file->result);
	json_decref(file->facts);
	json_decref(file->facts_object);
	*file = (struct intake)INTAKE_INIT;
}

const char *intake_kind_name(enum media_kind kind)
{
	return kind == MEDIA_VIDEO ? "video" : kind == MEDIA_RAW ? "raw" : "image";
}

/* --- reading ---------------------------------------------------------------------------- */

static int sniff(struct intake *file, int fd, struct err *err)
{
	uint8_t head[MEDIA_SNIFF_LEN];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	if (n < 0)
		return err_errno(err, "cannot read the upload");
	file->type = media_sniff(head, (size_t)n);
	if (file->type.kind == MEDIA_NONE)
		return err_set(err, ERR_UNSUPPORTED, "not a photo or video: %s",
			file->type.why ? file->type.why : "unknown");
	return 0;
}

/* The last part of a path of any system; NULL where nothing is left. */
static char *base_name(const char *name, size_t len)
{
	size_t from = len;

	while (from && name[from - 1] != '/' && name[from - 1] != '\\' && name[from - 1])
		from--;
	if (len - from > FACTS_NAME_MAX)
		len = from + FACTS_NAME_MAX;
	return len > from ? mem_strndup(name + from, len - from) : NULL;
}

/* By a second name for the same bytes; where the file system has none, by a copy. */
static int take_bytes(
	struct intake *file, struct objects *objects, const char *path, int fd, struct err *err)
{
	struct err why = ERR_INIT;

	if (object_writer_open(objects, &file->writer, err))
		return -1;
	if (object_writer_link_path(file->writer, path, fd, &why)) {
		object_writer_abort(mem_steal(&file->writer));
		if (object_writer_open(objects, &file->writer, err) ||
			object_writer_copy_fd(file->writer, fd, UINT64_MAX, err))
			return -1;
	}
	if (object_writer_finish(file->writer, &file->hash, &file->size, err))
		return -1;
	file->fd = object_writer_reopen(file->writer, err);
	return file->fd < 0 ? -1 : 0;
}

int intake_read(struct intake *file, struct objects *objects, const char *path, const char *name,
	size_t len, struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "cannot open the upload");
	if (sniff(file, fd, err))
		return -1;
	if (name && len) {
		file->name = base_name(name, len);
		if (file->name)
			pair_from_name(file->name, &file->pair);
	}
	return take_bytes(file, objects, path, fd, err);
}

/* --- rendering -------------------------------------------------------------------------- */

/* A cache that cannot be written to costs the variants, never the photo. */
void intake_ask(struct intake *file, struct store *store, const struct intake_options *options,
	struct media_request *request)
{
	struct err why = ERR_INIT;

	*request = (struct media_request){
		.fd = file->fd, .sidecar_fd = -1, .name = file->name, .facts = true};
	for (size_t i = 0; i < options->variant_count; i++) {
		request->variants[i] = options->variants[i];
		if (variant_file_open(store, &file->hash, &file->files[i], &why))
			return;
		request->variants[i].out_fd = file->files[i].fd;
		request->variant_count = i + 1;
	}
}

/* The decoder has read hostile bytes, so nothing but these words is believed. */
void intake_refine_type(struct media_type *type, const json_t *facts)
{
	static const struct media_type raws[] = {
		{.kind = MEDIA_RAW, .mime = "image/x-adobe-dng", .extension = ".dng"},
		{.kind = MEDIA_RAW, .mime = "image/x-nikon-nef", .extension = ".nef"},
		{.kind = MEDIA_RAW, .mime = "image/x-sony-arw", .extension = ".arw"}};
	const char *mime = json_string_value(json_object_get(facts, "mime"));

	if (!mime || strcmp(type->mime, "image/tiff") != 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(raws); i++)
		if (strcmp(mime, raws[i].mime) == 0)
			*type = raws[i];
}

void intake_fill_variant(const struct media_variant_spec *spec,
	const struct media_variant_result *made, const struct media_result *result,
	struct variant *out)
{
	static const char *const mimes[] = {"image/jpeg", "image/webp", "image/png"};

	memset(out, 0, sizeof(*out));
	strncpy(out->name, spec->name, sizeof(out->name) - 1);
	strncpy(out->mime, mimes[spec->format], sizeof(out->mime) - 1);
	memcpy(out->reason, result->reason, sizeof(out->reason));
	out->reason[sizeof(out->reason) - 1] = '\0';
	out->state = !made->made                ? VARIANT_FAILED :
		result->status == MEDIA_DAMAGED ? VARIANT_DAMAGED :
						  VARIANT_READY;
	out->width = made->width;
	out->height = made->height;
	out->bytes = (int64_t)made->bytes;
}

/* A variant that cannot be put in its place is one that was not made. */
static void place_variants(
	struct intake *file, struct store *store, const struct intake_options *options)
{
	if (!file->has_result)
		return;
	file->variant_count = options->variant_count;
	for (size_t i = 0; i < options->variant_count; i++) {
		struct variant *variant = &file->variants[i];
		struct err why = ERR_INIT;

		intake_fill_variant(
			&options->variants[i], &file->result.variants[i], &file->result, variant);
		if (variant->state != VARIANT_FAILED &&
			variant_file_place(store, &file->hash, variant, &file->files[i], &why)) {
			variant->state = VARIANT_FAILED;
			snprintf(variant->reason, sizeof(variant->reason), "%.*s",
				(int)sizeof(variant->reason) - 1, why.message);
		}
		variant_file_close(&file->files[i]);
	}
}

/* --- storing ---------------------------------------------------------------------------- */

static int make_facts(struct intake *file, struct err *err)
{
	const char *name = file->name;
	struct err why = ERR_INIT;

	if (file->has_result && file->result.facts)
		file->facts =
			wire_parse(file->result.facts, strlen(file->result.facts), FACTS_MAX, &why);
	intake_refine_type(&file->type, file->facts);
	pair_from_facts(file->facts, intake_kind_name(file->type.kind), &file->pair);
	file->facts_object = facts_make(file->facts, name, name ? strlen(name) : 0, err);
	return file->facts_object ? 0 : -1;
}

static int add_facts(
	struct intake *file, struct objects *objects, struct object_group *group, struct err *err)
{
	_cleanup_str_ struct str bytes = STR_INIT(FACTS_MAX);
	struct object_writer *writer = NULL;

	if (facts_write(file->facts_object, &bytes, err) ||
		object_writer_open(objects, &writer, err))
		return -1;
	if (object_writer_add(writer, bytes.data, bytes.len, err) ||
		object_writer_finish(writer, &file->facts_hash, NULL, err)) {
		object_writer_abort(writer);
		return -1;
	}
	return object_group_add(group, writer, err);
}

static void close_group(struct object_group **group)
{
	object_group_close(*group);
}

int intake_store(struct intake *file, struct store *store, struct objects *objects,
	const struct intake_options *options, struct err *err)
{
	_cleanup_(close_group) struct object_group *group = NULL;

	place_variants(file, store, options);
	mem_close_fd(&file->fd);
	if (make_facts(file, err) || object_group_open(objects, &group, err) ||
		object_group_add(group, mem_steal(&file->writer), err) ||
		add_facts(file, objects, group, err))
		return -1;
	return object_group_flush(group, err);
}

/* --- rows ------------------------------------------------------------------------------- */

int intake_find(struct store *store, int64_t album, const struct sha256 *hash, struct sha256 *photo,
	int64_t *state, struct err *err)
{
	static const struct db_sql sql = {"intake_known",
		"SELECT coalesce(v.alias, v.id), v.state FROM view_part AS p JOIN view_photo AS v"
		" ON v.id = p.photo AND v.album = p.album AND v.state < 2"
		" WHERE p.id = :id AND p.album = :album ORDER BY v.state"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	const void *bytes;
	size_t len;
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_BLOB(":id", hash->bytes, SHA256_LEN),
		    DB_INT(":album", album)))
		return -1;
	found = db_next(&rows, err);
	if (found != 1)
		return found;
	bytes = db_blob(&rows, 0, &len);
	if (!bytes || len != SHA256_LEN)
		return err_set(err, ERR_DAMAGED, "the database holds a hash of a wrong length");
	memcpy(photo->bytes, bytes, SHA256_LEN);
	*state = db_int(&rows, 1);
	return 1;
}

static int submit_caption(struct store *store, struct event_tx *tx, int64_t album,
	const struct sha256 *photo, const char *caption, struct err *err)
{
	_cleanup_json_ json_t *body = json_pack("{s:s}", "text", caption);
	struct receipt receipt;
	struct draft draft;

	if (!body)
		return err_set(err, ERR_INVALID, "the caption is not UTF-8");
	store_draft(store, album, "photo.caption", &draft);
	draft.about = entity_from_hash(photo);
	draft.body = body;
	return event_submit(tx, &draft, &receipt, err);
}

/* photo.add, or photo.part where a shown photo of theirs in the album awaits it. */
static int submit_photo(const struct intake *file, struct store *store, struct event_tx *tx,
	int64_t album, struct intake_outcome *out, struct err *err)
{
	struct photo_file photo = {.hash = file->hash,
		.bytes = file->size,
		.mime = file->type.mime,
		.kind = intake_kind_name(file->type.kind),
		.media = file->facts,
		.facts = &file->facts_hash};
	_cleanup_json_ json_t *body = NULL;
	struct receipt receipt;
	struct draft draft;
	int partner =
		pair_find(store, album, &file->pair, &store->actor, &out->photo, &out->role, err);

	if (partner < 0)
		return -1;
	if (!partner) {
		out->photo = file->hash;
		out->role = "original";
	}
	if (partner ? photo_part_draft(
			      store, album, &out->photo, out->role, &photo, &draft, &body, err) :
		      photo_add_draft(store, album, &photo, &draft, &body, err))
		return -1;
	return event_submit(tx, &draft, &receipt, err);
}

static int record_variants(const struct intake *file, struct store *store, struct err *err)
{
	for (size_t i = 0; i < file->variant_count; i++)
		if (variant_record(store, &file->hash, &file->variants[i], err))
			return -1;
	return 0;
}

int intake_commit(const struct intake *file, struct store *store, struct event_tx *tx,
	int64_t album, const char *caption, struct intake_outcome *out, struct err *err)
{
	struct intake_outcome o = {.added = true};
	int64_t state = PHOTO_SHOWN;
	int known = intake_find(store, album, &file->hash, &o.photo, &state, err);

	if (known < 0)
		return -1;
	if (known && state == PHOTO_SHOWN) {
		*out = (struct intake_outcome){.photo = o.photo};
		return 0;
	}
	/* An erase or fsck may have taken equal bytes before ours had their name; from here on the writers'
	 * lock keeps them. */
	if (!object_exists(store->objects, &file->hash) ||
		!object_exists(store->objects, &file->facts_hash))
		return err_set(err, ERR_OFFLINE, "its bytes were erased meanwhile: send it again");
	if (facts_index(store, &file->facts_hash, file->facts_object, err) ||
		submit_photo(file, store, tx, album, &o, err) ||
		record_variants(file, store, err) ||
		pair_remember(store, album, &file->pair, &file->hash, &o.photo, err))
		return -1;
	if (caption && *caption && strcmp(o.role, "original") == 0 &&
		submit_caption(store, tx, album, &o.photo, caption, err))
		return -1;
	*out = o;
	return 0;
}
