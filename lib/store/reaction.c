/* reaction.c - likes; see reaction.h.
 *
 * Invariant: an event is written only where it changes who likes what.
 */
#include "store/reaction.h"

#include <string.h>

static int is_set(struct store *store, int64_t album, const struct entity *about, const char *name,
	struct err *err)
{
	static const struct db_sql sql = {"reaction_is_set",
		"SELECT 1 FROM view_reaction WHERE album = :album AND about = :about"
		" AND author = :author AND name = :name"};
	int64_t one;

	return db_get_int(store->db, &sql, &one, err, DB_INT(":album", album),
		DB_ENTITY(":about", about), DB_UUID(":author", &store->actor),
		DB_TEXTZ(":name", name));
}

int like_is_set(struct store *store, int64_t album, const struct entity *about, struct err *err)
{
	return is_set(store, album, about, "like", err);
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

static int check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (!len || len > REACTION_NAME_MAX || !text_is_utf8(name, len))
		return err_set(err, ERR_INVALID, "a reaction is a word of 1 to %d bytes of UTF-8",
			REACTION_NAME_MAX);
	for (; *name; name++)
		if ((unsigned char)*name <= ' ' || *name == 0x7f)
			return err_set(err, ERR_INVALID,
				"a reaction holds no spaces or control characters");
	return 0;
}

int reaction_set(struct store *store, int64_t album, const struct entity *about, const char *name,
	bool on, struct err *err)
{
	json_t *body;
	struct receipt receipt;
	struct draft draft;
	int before;

	if (check_name(name, err))
		return -1;
	before = is_set(store, album, about, name, err);
	if (before < 0)
		return -1;
	if (before == on)
		return 0;
	body = json_object();
	wire_set_text(&body, "name", name);
	store_draft(store, album, on ? "reaction.add" : "reaction.remove", &draft);
	draft.about = *about;
	return store_submit(store, &draft, body, &receipt, err) ? -1 : 1;
}

int like_set(
	struct store *store, int64_t album, const struct entity *about, bool like, struct err *err)
{
	return reaction_set(store, album, about, "like", like, err);
}

/* --- who ------------------------------------------------------------------------------------ */

static int fill(const struct db_rows *rows, struct reaction *out, struct err *err)
{
	*out = (struct reaction){
		.author_name = db_text(rows, 1), .name = db_text(rows, 2), .when = db_int(rows, 3)};
	if (!out->author_name)
		out->author_name = "";
	return db_uuid(rows, 0, &out->author, err);
}

int reaction_each(struct store *store, const struct reaction_query *query,
	int (*each)(void *data, const struct reaction *reaction, struct err *err), void *data,
	struct err *err)
{
	static const struct db_sql sql = {"reaction_list",
		"SELECT r.author, p.name, r.name, r.\"when\" FROM view_reaction r"
		" LEFT JOIN view_participant p ON p.album = r.album AND p.id = r.author"
		" WHERE r.album = :album AND r.about = :about AND (r.author, r.name) > (:after, :name)"
		" ORDER BY r.author, r.name LIMIT :limit"};
	static const struct uuid first;
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct reaction reaction;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":album", query->album),
		    DB_ENTITY(":about", query->about),
		    DB_UUID(":after", query->after ? query->after : &first),
		    DB_TEXTZ(":name", query->after ? query->after_name : ""),
		    DB_INT(":limit", query->limit)))
		return -1;
	while ((more = db_next(&rows, err)) == 1)
		if (fill(&rows, &reaction, err) || each(data, &reaction, err))
			return -1;
	return more;
}
