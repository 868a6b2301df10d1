/* check.c - is the store sound?  See check.h.
 *
 * It never touches what the log names: what is damaged is reported with its place, and stays.
 * Bytes come before rows, so an object that nobody names may be one that a running ingest is about
 * to name: only old ones are removed.
 */
#include "store/check.h"
#include "base/path.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CLAIM_MS 3600000 /* an object this old that nobody names is left over */

struct check {
	struct store *store;
	const struct check_options *options;
	struct check_report report;
	struct vec named; /* struct sha256, sorted */
	uint64_t done;
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

		if (event_verify(c->store->db, db_int(&rows, 0), &checked, &problem)) {
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

/* Everything that an event with a body names, and the photos' own bytes while they are not erased. */
static int gather_named(struct check *c, struct err *err)
{
	static const struct db_sql sql = {"check_named",
		"SELECT id FROM view_part UNION SELECT unhexed FROM ("
		" SELECT facts AS unhexed FROM view_part WHERE facts IS NOT NULL"
		" UNION SELECT facts FROM view_photo WHERE facts IS NOT NULL)"};
	static const struct db_sql facts = {"check_facts",
		"SELECT CASE WHEN json_valid(body) THEN json_extract(body, '$.facts') END FROM event"
		" WHERE kind IN ('photo.add', 'photo.part', 'photo.set') AND body IS NOT NULL"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT, old = DB_ROWS_INIT;
	int more;

	if (db_query0(c->store->db, &sql, &rows, err) || db_query0(c->store->db, &facts, &old, err))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		size_t len;
		const void *hash = db_blob(&rows, 0, &len);
		struct sha256 *to = hash && len == SHA256_LEN ? vec_push_or(&c->named, err) : NULL;

		if (!to)
			return -1;
		memcpy(to->bytes, hash, SHA256_LEN);
	}
	while (more == 0 && (more = db_next(&old, err)) == 1) {
		const char *hex = db_text(&old, 0);
		struct sha256 hash, *to;

		more = 0;
		if (!hex || sha256_parse(hex, strlen(hex), &hash))
			continue;
		to = vec_push_or(&c->named, err);
		if (!to)
			return -1;
		*to = hash;
	}
	vec_sort(&c->named, compare_hashes);
	return more;
}

static bool is_named(const struct check *c, const struct sha256 *hash)
{
	return c->named.count &&
		bsearch(hash, c->named.items, c->named.count, sizeof(*hash), compare_hashes);
}

/* Under the writers' lock, and asked once more: an ingest may have named equal bytes meanwhile. */
static int remove_unclaimed(struct check *c, const struct sha256 *hash, struct err *err)
{
	static const struct db_sql sql = {
		"check_claimed", "SELECT 1 FROM view_part WHERE id = :id LIMIT 1"};
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;
	int64_t one;
	int claimed;

	if (db_begin(c->store->db, "fsck", &tx, err))
		return -1;
	claimed =
		db_get_int(c->store->db, &sql, &one, err, DB_BLOB(":id", hash->bytes, SHA256_LEN));
	if (claimed)
		return claimed < 0 ? -1 : 0;
	c->report.removed++;
	return object_remove(c->store->objects, hash, err);
}

static int remove_if_old(struct check *c, const struct sha256 *hash, struct err *err)
{
	_cleanup_free_ char *path = object_path(c->store->objects, hash, err);
	struct stat st;
	int64_t age;

	if (!path)
		return -1;
	if (stat(path, &st))
		return err_errno(err, "cannot look at %s", path);
	age = clock_now_ms(c->store->clock) - (int64_t)st.st_ctim.tv_sec * 1000;
	if (age < CLAIM_MS || c->options->read_only) {
		c->report.unclaimed++;
		return 0;
	}
	return remove_unclaimed(c, hash, err);
}

static int check_object(void *data, const struct sha256 *hash, uint64_t size, struct err *err)
{
	struct check *c = data;
	struct err problem = ERR_INIT;

	(void)size;
	if (go_on(c, "objects", ++c->done, c->named.count, err))
		return -1;
	if (!is_named(c, hash))
		return remove_if_old(c, hash, err);
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
	uint64_t swept = 0;

	if (c->options->parts) {
		first = (c->options->part - 1) * 256 / c->options->parts;
		last = c->options->part * 256 / c->options->parts - 1;
	}
	if (gather_named(c, err) || check_missing(c, err) ||
		object_walk(c->store->objects, first, last, check_object, c, err))
		return -1;
	if (!c->options->read_only && object_sweep_tmp(c->store->objects, &swept, err))
		return -1;
	c->report.temporary = (int64_t)swept;
	return 0;
}

/* --- all -------------------------------------------------------------------------------- */

static int check_database(struct check *c, struct err *err)
{
	return db_check(c->store->db, true, err);
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
		.named = VEC_INIT(struct sha256, (size_t)1 << 28)};
	int failed;

	if (options->parts &&
		(options->parts > 256 || options->part < 1 || options->part > options->parts))
		return err_set(err, ERR_USAGE, "the part is N/T with 1 <= N <= T <= 256");
	failed = check_step(&c, check_database, err) || check_step(&c, check_albums, err) ||
		check_step(&c, check_objects, err);
	vec_release(&c.named);
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
