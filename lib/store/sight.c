/* sight.c - what one person may see of a store; see sight.h. */
#include "store/sight.h"

int sight_role(struct store *store, int64_t album, const struct uuid *viewer, enum role *out,
	struct err *err)
{
	static const struct db_sql sql = {"sight_role",
		"SELECT seen.role FROM view_participant AS seen JOIN view_album AS v"
		" ON v.album = seen.album AND v.deleted = 0"
		" WHERE seen.album = :album AND seen.id = :viewer AND seen.removed IS NULL"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	enum role role;
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":album", album),
		    DB_UUID(":viewer", viewer)))
		return -1;
	found = db_next(&rows, err);
	if (found != 1)
		return found;
	if (role_parse(db_text(&rows, 0), &role, err))
		return -1;
	if (!role_has(role, RIGHT_LOOK))
		return 0;
	*out = role;
	return 1;
}

int sight_albums(struct store *store, const struct uuid *viewer, struct vec *out, struct err *err)
{
	static const struct db_sql sql = {
		"sight_albums", "SELECT album FROM " SIGHT_ALBUMS " ORDER BY album"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	vec_clear(out);
	if (db_query(store->db, &sql, &rows, err, DB_UUID(":viewer", viewer)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		int64_t *key = vec_push_or(out, err);

		if (!key)
			return -1;
		*key = db_int(&rows, 0);
	}
	return more;
}
