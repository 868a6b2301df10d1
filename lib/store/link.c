/* link.c - links by which guests may look into an album; see link.h. */
#include "store/link.h"

#include <string.h>

const char *const link_may_names[] = {"look", "talk", "upload", "download", NULL};

int link_create(struct store *store, int64_t album, const struct link_draft *link, struct uuid *out,
	struct err *err)
{
	json_t *body = json_object(), *may = json_array();
	struct receipt receipt;
	struct draft draft;

	wire_set_text(&body, "name", link->name);
	if (link->expires >= 0)
		wire_set_int(&body, "expires", link->expires);
	if (link->max_uses >= 0)
		wire_set_int(&body, "max_uses", link->max_uses);
	for (size_t i = 0; link_may_names[i]; i++)
		if (link->may & 1u << i)
			json_array_append_new(may, json_string(link_may_names[i]));
	wire_set_json(&body, "may", may);
	store_draft(store, album, "link.create", &draft);
	if (store_submit(store, &draft, body, &receipt, err))
		return -1;
	*out = receipt.id;
	return 0;
}

int link_revoke(struct store *store, int64_t album, const struct uuid *id, struct err *err)
{
	struct receipt receipt;
	struct draft draft;

	store_draft(store, album, "link.revoke", &draft);
	draft.about = entity_from_uuid(id);
	return store_submit(store, &draft, json_object(), &receipt, err);
}

/* --- reading ---------------------------------------------------------------------------- */

#define LINK_SELECT                                                                                \
	"SELECT id, author, name, coalesce(expires, -1), coalesce(max_uses, -1), revoked,"         \
	" (may LIKE '%\"look\"%') + 2 * (may LIKE '%\"talk\"%') + 4 * (may LIKE '%\"upload\"%')"   \
	" + 8 * (may LIKE '%\"download\"%') FROM view_link"

typedef int (*link_told)(void *data, const struct link *link, struct err *err);

static int tell_links(struct db_rows *rows, link_told each, void *data, struct err *err)
{
	int more;

	while ((more = db_next(rows, err)) == 1) {
		struct link link = {.name = db_text(rows, 2),
			.expires = db_int(rows, 3),
			.max_uses = db_int(rows, 4),
			.revoked = db_int(rows, 5) != 0,
			.may = (unsigned)db_int(rows, 6)};

		if (db_uuid(rows, 0, &link.id, err) || db_uuid(rows, 1, &link.author, err) ||
			each(data, &link, err))
			return -1;
	}
	return more;
}

int link_each(struct store *store, const struct link_query *query, link_told each, void *data,
	struct err *err)
{
	static const struct db_sql sql = {"link_list",
		LINK_SELECT " WHERE album = :album AND id > :after AND (revoked = 0 OR :revoked)"
			    " ORDER BY id LIMIT :limit"};
	static const struct uuid first;
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":album", query->album),
		    DB_UUID(":after", query->after ? query->after : &first),
		    DB_INT(":revoked", query->revoked), DB_INT(":limit", query->limit)))
		return -1;
	return tell_links(&rows, each, data, err);
}

struct told_once {
	link_told each;
	void *data;
	bool told;
};

static int tell_once(void *data, const struct link *link, struct err *err)
{
	struct told_once *once = data;

	once->told = true;
	return once->each(once->data, link, err);
}

int link_show(struct store *store, int64_t album, const struct uuid *id, link_told each, void *data,
	struct err *err)
{
	static const struct db_sql sql = {
		"link_show", LINK_SELECT " WHERE album = :album AND id = :id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct told_once once = {.each = each, .data = data};

	if (db_query(store->db, &sql, &rows, err, DB_INT(":album", album), DB_UUID(":id", id)) ||
		tell_links(&rows, tell_once, &once, err))
		return -1;
	return once.told ? 0 : err_set(err, ERR_NOT_FOUND, "there is no such link");
}
