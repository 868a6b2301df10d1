/* reaction.c - likes; see reaction.h.
 *
 * Invariant: an event is written only where it changes who likes what.
 */
#include "store/reaction.h"

int like_is_set(struct store *store, int64_t album, const struct entity *about, struct err *err)
{
	static const struct db_sql sql = {"like_is_set",
		"SELECT 1 FROM view_reaction WHERE album = :album AND about = :about"
		" AND author = :author AND name = 'like'"};
	int64_t one;

	return db_get_int(store->db, &sql, &one, err, DB_INT(":album", album),
		DB_ENTITY(":about", about), DB_UUID(":author", &store->actor));
}

int like_count(struct store *store, int64_t album, const struct entity *about, int64_t *out,
	struct err *err)
{
	static const struct db_sql sql = {"like_count",
		"SELECT count(*) FROM view_reaction WHERE album = :album AND about = :about"
		" AND name = 'like'"};

	return db_get_int(store->db, &sql, out, err, DB_INT(":album", album),
		       DB_ENTITY(":about", about)) < 0 ?
		-1 :
		0;
}

int like_set(
	struct store *store, int64_t album, const struct entity *about, bool like, struct err *err)
{
	int is_set = like_is_set(store, album, about, err);
	json_t *body;
	struct receipt receipt;
	struct draft draft;

	if (is_set < 0)
		return -1;
	if (is_set == like)
		return 0;
	body = json_object();
	wire_set_text(&body, "name", "like");
	store_draft(store, album, like ? "reaction.add" : "reaction.remove", &draft);
	draft.about = *about;
	return store_submit(store, &draft, body, &receipt, err) ? -1 : 1;
}
