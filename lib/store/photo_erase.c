/* photo_erase.c - erasing a photo for good: its words in the log, its bytes, and all that was made of them.
 *
 * Rows go in the transaction of the event; bytes after it, under the writers' lock, each asked once
 * more whether somebody named it meanwhile.  Invariant: no byte goes that a photo in any album names;
 * a crash on the way leaves at most files that nothing names.  Where the home is another store, everything
 * stays until it agreed: fsck then finds what nobody names.
 */
#include "store/photo.h"
#include "store/photo_row.h"
#include "store/variant.h"

#include <string.h>

#define HASHES_MAX 100000

struct erasing {
	struct store *store;
	const struct photo_ref *ref;
	struct vec photos; /* struct sha256: the photo and those joined into it */
	struct vec parts;  /* struct sha256 of their bytes */
	struct vec facts;  /* struct sha256 of all facts objects they ever had */
	bool waits;        /* for the album's home, which may refuse */
};

static void erasing_release(struct erasing *e)
{
	vec_release(&e->photos);
	vec_release(&e->parts);
	vec_release(&e->facts);
}

/* --- what there is ---------------------------------------------------------------------- */

/* Adds the hashes in the first column: blobs, or hex as bodies have them. */
static int collect(struct db_rows *rows, struct vec *out, struct err *err)
{
	int more;

	while ((more = db_next(rows, err)) == 1) {
		struct sha256 *hash;
		size_t len = 0;
		const void *bytes = db_blob(rows, 0, &len);

		if (!bytes)
			continue;
		hash = vec_push_or(out, err);
		if (!hash)
			return -1;
		if (len == SHA256_LEN)
			memcpy(hash->bytes, bytes, SHA256_LEN);
		else if (sha256_parse(bytes, len, hash))
			return err_set(
				err, ERR_DAMAGED, "a photo names something else than a hash");
	}
	return more;
}

static int collect_photos(struct erasing *e, struct err *err)
{
	static const struct db_sql photos = {"erase_photos", PHOTO_JOINED "SELECT id FROM joined"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query(e->store->db, &photos, &rows, err,
		    DB_BLOB(":photo", e->ref->id.bytes, SHA256_LEN),
		    DB_INT(":album", e->ref->album.key)))
		return -1;
	return collect(&rows, &e->photos, err);
}

static int collect_of(struct erasing *e, const struct sha256 *photo, struct err *err)
{
	static const struct db_sql parts = {
		"erase_parts", "SELECT id FROM view_part WHERE album = :album AND photo = :photo"};
	static const struct db_sql facts = {"erase_facts",
		"SELECT DISTINCT body ->> '$.facts' FROM event WHERE about = :photo AND album = :album"
		" AND body IS NOT NULL"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT, more = DB_ROWS_INIT;

	if (db_query(e->store->db, &parts, &rows, err, DB_INT(":album", e->ref->album.key),
		    DB_BLOB(":photo", photo->bytes, SHA256_LEN)) ||
		collect(&rows, &e->parts, err))
		return -1;
	if (db_query(e->store->db, &facts, &more, err, DB_BLOB(":photo", photo->bytes, SHA256_LEN),
		    DB_INT(":album", e->ref->album.key)))
		return -1;
	return collect(&more, &e->facts, err);
}

/* --- who else needs it ------------------------------------------------------------------ */

/* Forgets, in `list`, the hashes that somebody else still names. */
static int keep_named(struct vec *list,
	int (*named)(struct erasing *e, const struct sha256 *hash, struct err *err),
	struct erasing *e, struct err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct sha256 *hash = vec_at(list, i);
		int is_named = named(e, hash, err);

		if (is_named < 0)
			return -1;
		if (!is_named)
			*(struct sha256 *)vec_at(list, kept++) = *hash;
	}
	list->count = kept;
	return 0;
}

static int part_is_named(struct erasing *e, const struct sha256 *part, struct err *err)
{
	static const struct db_sql sql = {
		"part_named", "SELECT 1 FROM view_part WHERE id = :id LIMIT 1"};
	int64_t one;

	return db_get_int(e->store->db, &sql, &one, err, DB_BLOB(":id", part->bytes, SHA256_LEN));
}

/* Facts describe a file, so only photos that have one of these parts can name them too. */
static int facts_are_named(struct erasing *e, const struct sha256 *facts, struct err *err)
{
	static const struct db_sql sql = {"facts_named",
		"SELECT 1 FROM event WHERE about IN (SELECT photo FROM view_part WHERE id = :part)"
		" AND body ->> '$.facts' = :facts LIMIT 1"};
	char hex[SHA256_HEX_LEN + 1];
	int named = 0;
	int64_t one;

	sha256_format(facts, hex);
	for (size_t i = 0; !named && i < e->parts.count; i++) {
		const struct sha256 *part = vec_at(&e->parts, i);

		named = db_get_int(e->store->db, &sql, &one, err,
			DB_BLOB(":part", part->bytes, SHA256_LEN), DB_TEXTZ(":facts", hex));
	}
	return named;
}

/* --- rows ------------------------------------------------------------------------------- */

static int submit_erase(
	struct erasing *e, struct event_tx *tx, const struct sha256 *photo, struct err *err)
{
	static const struct db_sql erased = {"erase_state",
		"SELECT state FROM view_photo WHERE id = :id AND album = :album AND state <> 2"};
	struct receipt receipt;
	struct draft draft;
	int64_t state;
	int found = 1;

	/* One that was joined into this photo may have been erased before. */
	if (sha256_compare(photo, &e->ref->id) != 0)
		found = db_get_int(e->store->db, &erased, &state, err,
			DB_BLOB(":id", photo->bytes, SHA256_LEN),
			DB_INT(":album", e->ref->album.key));
	if (found != 1)
		return found;
	store_draft(e->store, e->ref->album.key, "photo.erase", &draft);
	draft.about = entity_from_hash(photo);
	if (event_submit(tx, &draft, &receipt, err))
		return -1;
	e->waits = e->waits || !receipt.seq;
	return 0;
}

/* What ingest remembered of the file: its path, and the stem by which other files join it. */
static int forget_source(struct erasing *e, const struct sha256 *part, struct err *err)
{
	static const struct db_sql source = {
		"source_forget", "DELETE FROM source WHERE hash = :hash AND album = :album"};
	static const struct db_sql pairing = {
		"pairing_forget", "DELETE FROM pairing WHERE part = :part AND album = :album"};

	if (db_run(e->store->db, &source, err, DB_BLOB(":hash", part->bytes, SHA256_LEN),
		    DB_INT(":album", e->ref->album.key)))
		return -1;
	return db_run(e->store->db, &pairing, err, DB_BLOB(":part", part->bytes, SHA256_LEN),
		DB_INT(":album", e->ref->album.key));
}

static int forget_rows(struct erasing *e, struct photo_erased *out, struct err *err)
{
	size_t parts = e->parts.count;

	vec_foreach (&e->parts, const struct sha256, part)
		if (forget_source(e, part, err))
			return -1;
	if (keep_named(&e->facts, facts_are_named, e, err) ||
		keep_named(&e->parts, part_is_named, e, err))
		return -1;
	out->kept = e->parts.count < parts;
	vec_foreach (&e->parts, const struct sha256, part)
		if (variant_forget(e->store, part, err))
			return -1;
	vec_foreach (&e->facts, const struct sha256, facts)
		if (facts_forget(e->store, facts, err))
			return -1;
	return 0;
}

static int erase_rows(struct erasing *e, struct photo_erased *out, struct err *err)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;

	if (event_begin(e->store->events, "erase", &tx, err) || collect_photos(e, err))
		return -1;
	vec_foreach (&e->photos, const struct sha256, photo)
		if (collect_of(e, photo, err))
			return -1;
	vec_foreach (&e->photos, const struct sha256, photo)
		if (submit_erase(e, tx, photo, err))
			return -1;
	if (e->waits) { /* nothing goes for good before the home has said yes */
		vec_clear(&e->parts);
		vec_clear(&e->facts);
	}
	return forget_rows(e, out, err) ? -1 : event_commit(&tx, err);
}

/* --- bytes ------------------------------------------------------------------------------ */

static int remove_object(
	struct erasing *e, const struct sha256 *hash, uint64_t *bytes, struct err *err)
{
	uint64_t size = 0;

	if (object_size(e->store->objects, hash, &size, NULL))
		size = 0;
	if (object_remove(e->store->objects, hash, err))
		return -1;
	*bytes += size;
	return 0;
}

static int erase_bytes(struct erasing *e, struct photo_erased *out, struct err *err)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT; /* for its lock: nobody names them meanwhile */

	if (db_begin(e->store->db, "erase", &tx, err) ||
		keep_named(&e->parts, part_is_named, e, err))
		return -1;
	vec_foreach (&e->facts, const struct sha256, facts)
		if (remove_object(e, facts, &out->bytes, err))
			return -1;
	vec_foreach (&e->parts, const struct sha256, part)
		if (remove_object(e, part, &out->bytes, err) || variant_unlink(e->store, part, err))
			return -1;
	return 0;
}

static int erase_one(
	struct store *store, const struct photo_ref *ref, struct photo_erased *out, struct err *err)
{
	_cleanup_(erasing_release) struct erasing erasing = {
		.store = store,
		.ref = ref,
		.photos = VEC_INIT(struct sha256, HASHES_MAX),
		.parts = VEC_INIT(struct sha256, HASHES_MAX),
		.facts = VEC_INIT(struct sha256, HASHES_MAX),
	};
	struct photo_erased done = {.bytes = 0};

	if (erase_rows(&erasing, &done, err) || erase_bytes(&erasing, &done, err))
		return -1;
	*out = done;
	return 0;
}

int photo_erase(struct store *store, const struct photo_ref *refs, size_t count,
	struct photo_erased *out, struct err *err)
{
	struct err purge_err = ERR_INIT;
	int failed = 0;

	for (size_t i = 0; i < count && !failed; i++)
		failed = erase_one(store, &refs[i], &out[i], err);
	/* Once for all, also where one failed: it costs what the whole full text costs. */
	if (store_purge(store, &purge_err) && !failed) {
		if (err)
			*err = purge_err;
		failed = -1;
	}
	return failed;
}
