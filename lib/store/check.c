/* check.c - is the store sound?  See check.h.
 *
 * It never touches what the log names: what is damaged is reported with its place, and stays.
 * Bytes come before rows, so an object that nobody names may be one that a running ingest is about
 * to name: such are removed only while nobody stores, and never from a store with damage.
 */
#include "store/check.h"
#include "base/vec.h"
#include "store/variant.h"

#include <stdlib.h>
#include <string.h>

struct check {
	struct store *store;
	const struct check_options *options;
	struct check_report report;
	struct vec named;     /* struct sha256, sorted */
	struct vec unclaimed; /* struct sha256 that nobody names */
	uint64_t done;
	struct db_checking *database; /* SQLite's own check, beside that of the log */
};

static void complain(struct check *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void complain(struct check *c, const char *format, ...)
{
	_cleanup_str_ struct str line = STR_INIT(4096);
	va_list args;

	va_start(args, format);
	str_addv(&line, format, args);
	va_end(args);
	c->report.complaints++;
	c->options->complain(c->options->data, line.data);
}

static int go_on(struct check *c, const char *what, uint64_t done, uint64_t total, struct err *err)
{
	if (c->options->progress && c->options->progress(c->options->data, what, done, total))
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	return 0;
}

/* --- the log ---------------------------------------------------------------------------- */

static int check_views(struct check *c, int64_t album, struct err *err)
{
	if (!c->options->views || c->options->read_only)
		return 0;
	if (event_check_views(c->store->events, album, err) == 0)
		return 0;
	/* Such as a table that is not there, or a row that the replay finds in its way. */
	if (err->kind == ERR_FAILED || err->kind == ERR_CONFLICT)
		err->kind = ERR_DAMAGED;
	return -1;
}

static int check_albums(struct check *c, struct err *err)
{
	static const struct db_sql sql = {
		"check_albums", "SELECT key, slug FROM album ORDER BY key"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query0(c->store->db, &sql, &rows, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		const char *slug = db_text(&rows, 1);
		struct err problem = ERR_INIT;
		int64_t checked = 0;

		if (event_verify(c->store->db, db_int(&rows, 0), &checked, &problem) ||
			check_views(c, db_int(&rows, 0), &problem)) {
			if (problem.kind != ERR_DAMAGED) {
				*err = problem;
				return -1;
			}
			complain(c, "album %s: %s", slug ? slug : "(unnamed)", problem.message);
		}
		c->report.albums++;
		c->report.events += checked;
		if (go_on(c, "events", (uint64_t)c->report.events, 0, err))
			return -1;
	}
	return more;
}

/* --- where an object belongs ------------------------------------------------------------ */

/* "IMG_1.jpg of photo 3fa2… in beach", as far as it is known. */
static void add_place(struct check *c, const struct sha256 *hash, struct str *out)
{
	static const struct db_sql sql = {"check_place",
		"SELECT album.slug, lower(hex(p.photo)), f.name, p.id = :hash FROM view_part AS p"
		" JOIN album ON album.key = p.album LEFT JOIN fact AS f ON f.hash = p.facts"
		" WHERE p.id = :hash OR p.facts = :hash LIMIT 1"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct err lost = ERR_INIT;
	const char *album, *photo, *name;

	if (db_query(c->store->db, &sql, &rows, &lost, DB_BLOB(":hash", hash->bytes, SHA256_LEN)) ||
		db_next(&rows, &lost) != 1)
		return;
	album = db_text(&rows, 0);
	photo = db_text(&rows, 1);
	name = db_text(&rows, 2);
	str_addf(out, " (%s%s of photo %.12s in %s)", db_int(&rows, 3) ? "" : "the facts of ",
		name ? name : "a part", photo ? photo : "?", album ? album : "a deleted album");
}

static void complain_object(struct check *c, const struct sha256 *hash, const char *what)
{
	_cleanup_str_ struct str place = STR_INIT(STR_MAX_LINE);
	char hex[SHA256_HEX_LEN + 1];

	sha256_format(hash, hex);
	add_place(c, hash, &place);
	complain(c, "object %.16s…%s%s", hex, place.len ? place.data : "", what);
}

/* --- objects ---------------------------------------------------------------------------- */

static int compare_hashes(const void *a, const void *b)
{
	return sha256_compare(a, b);
}

static int add_named(struct check *c, const struct sha256 *hash, struct err *err)
{
	struct sha256 *to = vec_push_or(&c->named, err);

	if (!to)
		return -1;
	*to = *hash;
	return 0;
}

static int add_column(struct check *c, const struct db_rows *rows, int column, struct err *err)
{
	const char *hex = db_text(rows, column);
	struct sha256 hash;

	if (!hex || sha256_parse(hex, strlen(hex), &hash))
		return 0;
	return add_named(c, &hash, err);
}

/* Everything that an event with a body names, and what the views do: they may be wrong, too. */
static int gather_named(struct check *c, struct err *err)
{
	static const struct db_sql sql = {"check_named",
		"SELECT hex(about), CASE WHEN json_valid(body) THEN json_extract(body, '$.facts') END,"
		" CASE WHEN kind = 'photo.part' AND json_valid(body) THEN json_extract(body, '$.part') END"
		" FROM event WHERE kind IN ('photo.add', 'photo.part', 'photo.set') AND body IS NOT NULL"
		" UNION ALL SELECT hex(id), hex(facts), NULL FROM view_part"
		" UNION ALL SELECT hex(facts), NULL, NULL FROM view_photo WHERE state < 2"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	vec_clear(&c->named);
	if (db_query0(c->store->db, &sql, &rows, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		for (int column = 0; column < 3; column++)
			if (add_column(c, &rows, column, err))
				return -1;
	vec_sort(&c->named, compare_hashes);
	return more;
}

static bool is_named(const struct check *c, const struct sha256 *hash)
{
	return c->named.count &&
		bsearch(hash, c->named.items, c->named.count, sizeof(*hash), compare_hashes);
}

/* 0 if there are events in which a newer version may read names of objects, else 1. */
static int knows_all_events(struct check *c, struct err *err)
{
	static const struct db_sql sql = {"check_unknown", "SELECT 1 FROM view_unknown LIMIT 1"};
	int64_t one;
	int found = db_get_int_values(c->store->db, &sql, NULL, 0, &one, err);

	return found < 0 ? -1 : !found;
}

/* What nobody names is looked at once more while nobody stores: then it goes.  Nothing goes from a store
 * with damage or with events of the future, for they may be what names it. */
static int remove_unclaimed(struct check *c, struct err *err)
{
	bool sealed = false;
	int failed = 0, sure;

	if (!c->unclaimed.count || c->options->read_only || c->report.complaints)
		return 0;
	sure = knows_all_events(c, err);
	if (sure != 1)
		return sure;
	if (object_seal(c->store->objects, &sealed, err))
		return -1;
	if (!sealed)
		return 0;
	failed = gather_named(c, err);
	for (size_t i = 0; i < c->unclaimed.count && !failed; i++) {
		const struct sha256 *hash = vec_at(&c->unclaimed, i);

		if (is_named(c, hash))
			continue;
		failed = object_remove(c->store->objects, hash, err);
		c->report.removed += !failed;
	}
	object_unseal(c->store->objects);
	return failed;
}

static int check_object(void *data, const struct sha256 *hash, uint64_t size, struct err *err)
{
	struct check *c = data;
	struct err problem = ERR_INIT;

	(void)size;
	if (go_on(c, "objects", ++c->done, c->named.count, err))
		return -1;
	if (!is_named(c, hash)) {
		struct sha256 *to = vec_push_or(&c->unclaimed, err);

		if (!to)
			return -1;
		*to = *hash;
		return 0;
	}
	if (!c->options->objects)
		return 0;
	c->report.read++;
	if (object_verify(c->store->objects, hash, &problem) == 0)
		return 0;
	c->report.damaged++;
	complain_object(c, hash,
		problem.kind == ERR_DAMAGED ? ": its bytes are not those that were stored" :
					      ": it cannot be read");
	return 0;
}

static int check_missing(struct check *c, struct err *err)
{
	const struct sha256 *before = NULL;

	vec_foreach (&c->named, struct sha256, hash) {
		if (before && sha256_compare(before, hash) == 0)
			continue;
		before = hash;
		c->report.named++;
		if (object_exists(c->store->objects, hash))
			continue;
		c->report.missing++;
		complain_object(c, hash, " is missing");
	}
	return go_on(c, "objects", c->named.count, c->named.count, err);
}

static int check_objects(struct check *c, struct err *err)
{
	unsigned first = 0, last = 255;
	uint64_t swept = 0, rendered = 0;

	if (c->options->parts) {
		first = (c->options->part - 1) * 256 / c->options->parts;
		last = c->options->part * 256 / c->options->parts - 1;
	}
	if (gather_named(c, err) || check_missing(c, err) ||
		object_walk(c->store->objects, first, last, check_object, c, err))
		return -1;
	if (remove_unclaimed(c, err))
		return -1;
	c->report.unclaimed = (int64_t)c->unclaimed.count - c->report.removed;
	if (c->options->read_only)
		return 0;
	if (object_sweep_tmp(c->store->objects, &swept, err) ||
		variant_sweep_tmp(c->store, &rendered, err))
		return -1;
	c->report.temporary = (int64_t)(swept + rendered);
	return 0;
}

/* --- all -------------------------------------------------------------------------------- */

static int begin_database(struct check *c, struct err *err)
{
	return db_check_begin(c->store->db, &c->database, err);
}

static int end_database(struct check *c, struct err *err)
{
	return db_check_end(&c->database, err);
}

/* A step that the damage itself brings to its end is one more complaint, and the next one is tried. */
static int check_step(
	struct check *c, int (*step)(struct check *c, struct err *err), struct err *err)
{
	struct err problem = ERR_INIT;

	if (step(c, &problem) == 0)
		return 0;
	if (problem.kind != ERR_DAMAGED && problem.kind != ERR_FAILED) {
		*err = problem;
		return -1;
	}
	complain(c, "%s", problem.message);
	return 0;
}

int store_check(struct store *store, const struct check_options *options, struct check_report *out,
	struct err *err)
{
	struct check c = {.store = store,
		.options = options,
		.named = VEC_INIT(struct sha256, (size_t)1 << 28),
		.unclaimed = VEC_INIT(struct sha256, (size_t)1 << 28)};
	int failed;

	if (options->parts &&
		(options->parts > 256 || options->part < 1 || options->part > options->parts))
		return err_set(err, ERR_USAGE, "the part is N/T with 1 <= N <= T <= 256");
	/* What SQLite says must be known before the objects: nothing is removed from a damaged store. */
	failed = check_step(&c, begin_database, err) || check_step(&c, check_albums, err) ||
		check_step(&c, end_database, err) || check_step(&c, check_objects, err);
	db_check_abandon(&c.database);
	vec_release(&c.named);
	vec_release(&c.unclaimed);
	*out = c.report;
	if (failed)
		return -1;
	if (!c.report.complaints)
		return 0;
	err_set(err, ERR_DAMAGED, "%lld problem%s found", (long long)c.report.complaints,
		c.report.complaints == 1 ? "" : "s");
	return err_hint(err,
		"`pinhole ingest --checksum` of the same files brings objects back, a backup all; "
		"`pinhole fsck --rebuild` makes the views anew");
}
