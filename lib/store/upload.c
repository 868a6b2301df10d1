/* upload.c - the rows of uploads; see upload.h.
 *
 * It touches no files (upload_file.c does).  Invariant: every question about an upload names the user who asks.
 */
#include "store/upload.h"

#include <string.h>

static int take_hash(const struct db_rows *rows, int column, struct sha256 *out, struct err *err)
{
	size_t len = 0;
	const void *bytes = db_blob(rows, column, &len);

	if (!bytes || len != SHA256_LEN)
		return err_set(err, ERR_DAMAGED, "an upload names something else than a photo");
	memcpy(out->bytes, bytes, SHA256_LEN);
	return 0;
}

static int fill(const struct db_rows *rows, struct upload *out, struct err *err)
{
	const char *metadata = db_text(rows, 2);

	out->album = db_int(rows, 0);
	out->length = db_is_null(rows, 1) ? UPLOAD_LENGTH_NONE : db_int(rows, 1);
	if (!metadata || strlen(metadata) > UPLOAD_METADATA_MAX)
		return err_set(err, ERR_DAMAGED, "an upload's metadata are not what was stored");
	memcpy(out->metadata, metadata, strlen(metadata) + 1);
	out->created = db_int(rows, 3);
	out->expires = db_int(rows, 4);
	out->done = !db_is_null(rows, 5);
	return out->done ? take_hash(rows, 5, &out->photo, err) : 0;
}

int upload_get(struct store *store, const struct uuid *id, const struct uuid *user,
	struct upload *out, struct err *err)
{
	static const struct db_sql sql = {"upload_get",
		"SELECT album, length, metadata, created, expires, photo FROM upload"
		" WHERE id = :id AND user = :user AND expires > :now"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_UUID(":id", id), DB_UUID(":user", user),
		    DB_INT(":now", clock_now_ms(store->clock))))
		return -1;
	found = db_next(&rows, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such upload");
	*out = (struct upload){.id = *id, .user = *user};
	return found < 0 ? -1 : fill(&rows, out, err);
}

int upload_load(
	struct store *store, const struct uuid *user, struct upload_load *out, struct err *err)
{
	static const struct db_sql sql = {"upload_load",
		"SELECT count(*), coalesce(sum(length), 0) FROM upload"
		" WHERE user = :user AND photo IS NULL AND expires > :now"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query(store->db, &sql, &rows, err, DB_UUID(":user", user),
		    DB_INT(":now", clock_now_ms(store->clock))) ||
		db_next(&rows, err) != 1)
		return -1;
	*out = (struct upload_load){.count = db_int(&rows, 0), .bytes = db_int(&rows, 1)};
	return 0;
}

int upload_add(struct store *store, const struct upload *u, struct err *err)
{
	static const struct db_sql sql = {"upload_add",
		"INSERT INTO upload(id, user, album, length, metadata, created, expires)"
		" VALUES(:id, :user, :album, :length, :metadata, :created, :expires)"};

	return db_run(store->db, &sql, err, DB_UUID(":id", &u->id), DB_UUID(":user", &u->user),
		DB_INT(":album", u->album),
		u->length == UPLOAD_LENGTH_NONE ? DB_NULL(":length") : DB_INT(":length", u->length),
		DB_TEXTZ(":metadata", u->metadata), DB_INT(":created", u->created),
		DB_INT(":expires", u->expires));
}

/* The row must be there still: a DELETE may have been quicker. */
static int need_change(struct store *store, struct err *err)
{
	return db_changes(store->db) == 1 ? 0 :
					    err_set(err, ERR_NOT_FOUND, "there is no such upload");
}

int upload_set_length(struct store *store, const struct uuid *id, int64_t length, struct err *err)
{
	static const struct db_sql get = {
		"upload_length", "SELECT coalesce(length, -1) FROM upload WHERE id = :id"};
	static const struct db_sql set = {
		"upload_set_length", "UPDATE upload SET length = :length WHERE id = :id"};
	int64_t before = UPLOAD_LENGTH_NONE;

	if (db_get_int(store->db, &get, &before, err, DB_UUID(":id", id)) < 0)
		return -1;
	if (before != UPLOAD_LENGTH_NONE && before != length)
		return err_set(err, ERR_CONFLICT, "this upload has another length");
	return db_run(store->db, &set, err, DB_INT(":length", length), DB_UUID(":id", id)) ||
			need_change(store, err) ?
		-1 :
		0;
}

int upload_finish(
	struct store *store, const struct uuid *id, const struct sha256 *photo, struct err *err)
{
	static const struct db_sql sql = {
		"upload_finish", "UPDATE upload SET photo = :photo WHERE id = :id"};

	return db_run(store->db, &sql, err, DB_BLOB(":photo", photo->bytes, SHA256_LEN),
		       DB_UUID(":id", id)) ||
			need_change(store, err) ?
		-1 :
		0;
}

int upload_remove(struct store *store, const struct uuid *id, struct err *err)
{
	static const struct db_sql sql = {"upload_remove", "DELETE FROM upload WHERE id = :id"};

	return db_run(store->db, &sql, err, DB_UUID(":id", id));
}

int upload_expire(struct store *store, size_t max, struct vec *out, struct err *err)
{
	static const struct db_sql sql = {"upload_expire",
		"DELETE FROM upload WHERE id IN (SELECT id FROM upload WHERE expires <= :now LIMIT :max)"
		" RETURNING id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":now", clock_now_ms(store->clock)),
		    DB_INT(":max", max)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct uuid *id = vec_push_or(out, err);

		if (!id || db_uuid(&rows, 0, id, err))
			return -1;
	}
	return more;
}
