/* summary.c - the store at a glance.
 *
 * Every number comes from a total or from a small partial index: nothing here walks photos or
 * events.
 */
#include "store/summary.h"

#include <string.h>

int store_summarize(struct store *store, struct summary *out, struct err *err)
{
	static const struct db_sql sql = {"summary",
		"SELECT count(*), sum(t.photos), sum(t.messages), sum(t.bytes),"
		" (SELECT count(*) FROM rejection), (SELECT count(*) FROM view_unknown),"
		" (SELECT count(DISTINCT object) FROM variant WHERE state <> 'ready'),"
		" (SELECT coalesce(sum(head - indexed), 0) FROM album WHERE kind = 'album'),"
		" (SELECT count(*) FROM contact)"
		" FROM view_album AS v JOIN album ON album.key = v.album AND album.kind = 'album'"
		" LEFT JOIN view_total AS t ON t.album = v.album WHERE v.deleted = 0"};
	static const struct db_sql pending = {"summary_pending",
		"SELECT coalesce(sum((SELECT count(*) FROM event WHERE key >= (a.key << 40) + (1 << 38)"
		" AND key < (a.key << 40) + (1 << 39))), 0) FROM album AS a WHERE a.drafts > 0"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query0(store->db, &sql, &rows, err) || db_next(&rows, err) != 1)
		return -1;
	memset(out, 0, sizeof(*out));
	out->albums = db_int(&rows, 0);
	out->photos = db_int(&rows, 1);
	out->messages = db_int(&rows, 2);
	out->bytes = db_int(&rows, 3);
	out->rejected = db_int(&rows, 4);
	out->unknown = db_int(&rows, 5);
	out->not_rendered = db_int(&rows, 6);
	out->unindexed = db_int(&rows, 7);
	out->contacts = db_int(&rows, 8);
	return db_get_int_values(store->db, &pending, NULL, 0, &out->pending, err) < 0 ? -1 : 0;
}

int store_each_trouble(struct store *store, int64_t limit,
	int (*each)(void *data, const char *line, struct err *err), void *data, struct err *err)
{
	static const struct db_sql sql = {"troubles",
		"SELECT line FROM (SELECT 0 AS class, event.key AS place, coalesce(album.slug, 'album') ||"
		" ': your ' || event.kind || ' was refused: ' || rejection.reason AS line FROM rejection"
		" JOIN event ON event.key = rejection.event JOIN album ON album.key = event.album"
		" UNION ALL SELECT 1, coalesce((SELECT max(v.key) FROM view_part AS p JOIN view_photo AS v"
		" ON v.album = p.album AND v.id = p.photo WHERE p.id = variant.object), 0),"
		" 'photo ' || lower(substr(hex(object), 1, 12)) || coalesce(' (' || (SELECT f.name"
		" FROM view_part AS p JOIN fact AS f ON f.hash = p.facts WHERE p.id = variant.object"
		" LIMIT 1) || ')', '') || CASE max(state) WHEN 'damaged' THEN ' is incomplete: '"
		" ELSE ' was not rendered: ' END || coalesce(max(reason), 'no reason')"
		" FROM variant WHERE state <> 'ready' GROUP BY object)"
		" ORDER BY class, place DESC LIMIT :limit"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":limit", limit)))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		if (each(data, db_text(&rows, 0), err))
			return -1;
	return more;
}
