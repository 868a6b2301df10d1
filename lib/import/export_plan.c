/* export_plan.c - which originals go out, and under which names; see export.h.
 *
 * Nothing is written here.  Invariant: the same album gives the same names, and no two names are the same to any
 * file system, sidecars included.
 */
#include "import/export_internal.h"
#include "import/portable.h"

#include <stdlib.h>
#include <string.h>

#define JOINS_MAX 16    /* photos joined into photos that were joined */
#define PARTS_MAX 10000 /* of one photo */
#define SIDECAR   ".xmp"
#define MINUTE_MS 60000

/* One part of the photo being named. */
struct part {
	struct export_file file;
	char extension[8];
	const char *suffix; /* static: "-edited" or "" */
};

struct naming {
	struct export *ex;
	struct portable_names *names;
	struct vec parts; /* struct part, of the current photo */
	int64_t mtime_ms;
};

static int add_part(
	struct naming *n, const struct db_rows *rows, const struct sha256 *photo, struct err *err)
{
	const char *role = db_text(rows, 1), *mime = db_text(rows, 2);
	struct part *part;
	size_t len;
	const void *id = db_blob(rows, 0, &len);

	if (!id || len != SHA256_LEN)
		return err_set(err, ERR_DAMAGED, "a part of a photo has no hash");
	part = vec_push_or(&n->parts, err);
	if (!part)
		return -1;
	memcpy(part->file.part.bytes, id, SHA256_LEN);
	part->file.photo = *photo;
	part->file.mtime_ms = n->mtime_ms;
	part->file.sidecar = strcmp(role, "sidecar") == 0;
	part->suffix = strcmp(role, "edited") == 0 ? "-edited" : "";
	portable_extension(db_text(rows, 3), mime, part->extension);
	return 0;
}

static int collect_own(struct naming *n, const struct sha256 *photo, struct err *err)
{
	static const struct db_sql sql = {"export_parts",
		"SELECT view_part.id, view_part.role, view_part.mime, fact.name FROM view_part"
		" LEFT JOIN fact ON fact.hash = view_part.facts"
		" WHERE view_part.album = :album AND view_part.photo = :photo"
		" ORDER BY view_part.role <> 'original', view_part.role, view_part.id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(n->ex->store->db, &sql, &rows, err, DB_INT(":album", n->ex->album.key),
		    DB_BLOB(":photo", photo->bytes, SHA256_LEN)))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		if (add_part(n, &rows, photo, err))
			return -1;
	return more;
}

/* The photo's parts, then those of the photos that were joined into it. */
static int collect(struct naming *n, const struct sha256 *photo, int depth, struct err *err)
{
	static const struct db_sql sql = {"export_joined",
		"SELECT id FROM view_photo WHERE album = :album AND alias = :photo AND state = 0"
		" ORDER BY sort, id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct sha256 joined;
	size_t len;
	int more;

	if (collect_own(n, photo, err))
		return -1;
	if (depth == JOINS_MAX)
		return 0;
	if (db_query(n->ex->store->db, &sql, &rows, err, DB_INT(":album", n->ex->album.key),
		    DB_BLOB(":photo", photo->bytes, SHA256_LEN)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		const void *id = db_blob(&rows, 0, &len);

		if (len != SHA256_LEN)
			continue;
		memcpy(joined.bytes, id, SHA256_LEN);
		if (collect(n, &joined, depth + 1, err))
			return -1;
	}
	return more;
}

/* --- names ------------------------------------------------------------------------------ */

static struct part *part_at(const struct naming *n, size_t i)
{
	return vec_at(&n->parts, i);
}

/* "STEM[-edited][-2].jpg": the number counts equal endings within the photo. */
static void part_name(const struct naming *n, size_t which, const char *stem, struct str *out)
{
	const struct part *part = part_at(n, which);
	unsigned same = 1;

	for (size_t i = 0; i < which; i++)
		same += strcmp(part_at(n, i)->suffix, part->suffix) == 0 &&
			strcasecmp(part_at(n, i)->extension, part->extension) == 0;
	str_addz(out, stem);
	str_addz(out, part->suffix);
	if (same > 1)
		str_addf(out, "-%u", same);
	str_addz(out, part->extension);
}

/* Whether all names of the photo are free with this stem. */
static bool stem_is_free(const struct naming *n, const char *stem)
{
	_cleanup_str_ struct str name = STR_INIT(2 * PORTABLE_MAX);

	for (size_t i = 0; i < n->parts.count; i++) {
		str_clear(&name);
		part_name(n, i, stem, &name);
		if (portable_names_has(n->names, name.data))
			return false;
		str_addz(&name, SIDECAR);
		if (portable_names_has(n->names, name.data))
			return false;
	}
	return true;
}

/* Gives the part its name, and keeps that of its sidecar free. */
static int keep_name(struct naming *n, size_t which, const char *stem, struct err *err)
{
	_cleanup_str_ struct str name = STR_INIT(2 * PORTABLE_MAX);
	struct part *part = part_at(n, which);
	struct export_file *file = vec_push_or(&n->ex->files, err);

	if (!file)
		return -1;
	*file = part->file;
	part_name(n, which, stem, &name);
	if (str_check(&name, err) || portable_names_take(n->names, name.data, err))
		return -1;
	file->name = mem_strdup(name.data);
	str_addz(&name, SIDECAR);
	if (!file->name || str_check(&name, err))
		return err_no_memory(err);
	return file->sidecar ? 0 : portable_names_take(n->names, name.data, err);
}

static int name_photo(struct naming *n, const struct str *stem, struct err *err)
{
	_cleanup_str_ struct str tried = STR_INIT(2 * PORTABLE_MAX);

	str_add(&tried, stem->data, stem->len);
	for (unsigned i = 2; !stem_is_free(n, tried.data); i++) {
		str_clear(&tried);
		str_addf(&tried, "%s-%u", stem->data, i);
	}
	if (str_check(&tried, err))
		return -1;
	for (size_t i = 0; i < n->parts.count; i++)
		if (keep_name(n, i, tried.data, err))
			return -1;
	return 0;
}

static int plan_photo(struct naming *n, const struct db_rows *rows, struct err *err)
{
	_cleanup_str_ struct str stem = STR_INIT(PORTABLE_MAX);
	int64_t sort = db_int(rows, 1), offset = db_int(rows, 2);
	struct sha256 id;
	size_t len;
	const void *bytes = db_blob(rows, 0, &len);

	if (len != SHA256_LEN)
		return err_set(err, ERR_DAMAGED, "a photo has no hash");
	memcpy(id.bytes, bytes, SHA256_LEN);
	portable_stem(sort, db_text(rows, 3), &id, &stem);
	if (str_check(&stem, err))
		return -1;
	n->mtime_ms = sort - offset * MINUTE_MS;
	vec_clear(&n->parts);
	return collect(n, &id, 0, err) || name_photo(n, &stem, err) ? -1 : 0;
}

/* --- the whole -------------------------------------------------------------------------- */

static int compare_files(const void *a, const void *b)
{
	const struct export_file *left = *(struct export_file *const *)a;
	const struct export_file *right = *(struct export_file *const *)b;
	int order = sha256_compare(&left->photo, &right->photo);

	return order ? order : sha256_compare(&left->part, &right->part);
}

/* Asks the store for an original. */
static int find_original(struct export *ex, struct export_file *file, struct err *err)
{
	struct err why = ERR_INIT;

	if (object_size(ex->store->objects, &file->part, &file->bytes, &why) == 0) {
		ex->result.files++;
		ex->result.bytes += file->bytes;
		return 0;
	}
	if (why.kind != ERR_NOT_FOUND)
		return err_set(err, why.kind, "%s", why.message);
	file->absent = true;
	ex->result.absent++;
	if (ex->watch && ex->watch->absent)
		ex->watch->absent(ex->watch->data, file->name, &file->part);
	return 0;
}

/* Once the list does not move any more. */
static int look_up(struct export *ex, struct err *err)
{
	vec_foreach (&ex->files, struct export_file, file) {
		struct export_file **slot = vec_push_or(&ex->lookup, err);

		if (!slot || find_original(ex, file, err))
			return -1;
		*slot = file;
	}
	vec_sort(&ex->lookup, compare_files);
	return 0;
}

static int plan_all(struct naming *n, struct err *err)
{
	static const struct db_sql sql = {"export_dates",
		"SELECT view_photo.id, view_photo.sort, view_photo.offset, fact.name FROM view_photo"
		" LEFT JOIN fact ON fact.hash = view_photo.facts"
		" WHERE view_photo.album = :album AND state = 0 AND alias IS NULL"
		" ORDER BY view_photo.sort, view_photo.id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(n->ex->store->db, &sql, &rows, err, DB_INT(":album", n->ex->album.key)))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		if (plan_photo(n, &rows, err))
			return -1;
	return more < 0 ? -1 : look_up(n->ex, err);
}

int export_plan(struct export *ex, struct err *err)
{
	struct naming n = {.ex = ex, .parts = VEC_INIT(struct part, PARTS_MAX)};
	int failed;

	if (portable_names_open(&n.names, err))
		return -1;
	failed = plan_all(&n, err);
	portable_names_close(n.names);
	vec_release(&n.parts);
	return failed;
}

void export_list_release(struct vec *list)
{
	vec_foreach (list, struct export_file, file)
		free(file->name);
	vec_release(list);
}

void export_plan_release(struct export *ex)
{
	export_list_release(&ex->files);
	vec_release(&ex->lookup);
}

int export_list(
	struct store *store, const struct album_ref *album, struct vec *out, struct err *err)
{
	struct export ex = {.store = store,
		.album = *album,
		.files = EXPORT_LIST_INIT,
		.lookup = VEC_INIT(struct export_file *, EXPORT_FILES_MAX)};
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT; /* one instant for all statements */
	int failed = db_begin_read(store->db, &tx, err) || export_plan(&ex, err);

	if (!failed) {
		*out = ex.files;
		ex.files = (struct vec)EXPORT_LIST_INIT;
	}
	export_plan_release(&ex);
	return failed ? -1 : 0;
}

const struct export_file *export_find(
	const struct export *ex, const struct sha256 *photo, const struct sha256 *part)
{
	const struct export_file key = {.photo = *photo, .part = *part}, *wanted = &key;
	struct export_file *const *found = ex->lookup.count ?
		bsearch(&wanted, ex->lookup.items, ex->lookup.count, sizeof(wanted),
			compare_files) :
		NULL;

	return found ? *found : NULL;
}
