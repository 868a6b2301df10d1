/* link.c - links by which guests may look into an album.
 *
 * What a link's password is, and its token, are secrets of the home and never in a body.
 */
#include "event/kind.h"

#include <string.h>

static const char *const create_keys[] = {"expires", "max_uses", "may", "name", NULL};

static int check_create(const json_t *body, struct err *err)
{
	static const char *const words[] = {"look", "talk", "upload", "download", NULL};
	const json_t *may = json_object_get(body, "may"), *item;
	const char *name;
	int64_t number;
	size_t i;

	if (wire_get_text(body, "name", WIRE_OPTIONAL, BODY_NAME_MAX, &name, err) ||
		wire_get_int(body, "expires", WIRE_OPTIONAL, 0, INT64_MAX, &number, err) ||
		wire_get_int(body, "max_uses", WIRE_OPTIONAL, 1, INT32_MAX, &number, err))
		return -1;
	if (!json_is_array(may) || json_array_size(may) > 4)
		return err_set(err, ERR_INVALID, "may is not a list of rights");
	json_array_foreach (may, i, item) {
		size_t known = 0;

		while (words[known] &&
			(!json_is_string(item) ||
				strcmp(words[known], json_string_value(item)) != 0))
			known++;
		if (!words[known])
			return err_set(err, ERR_INVALID,
				"a link may let look, talk, upload or download, nothing else");
	}
	return 0;
}

static int authorize_revoke(const struct guard *g, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"link_live",
		"SELECT 1 FROM view_link WHERE album = :album AND id = :id AND revoked = 0"};
	int64_t one;
	int found = db_get_int(g->db, &sql, &one, err, DB_INT(":album", g->album->key),
		DB_ENTITY(":id", &e->about));

	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such link");
	return found < 0 ? -1 : 0;
}

static int apply_create(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"link_put",
		"INSERT INTO view_link(album, id, author, name, may, expires, max_uses)"
		" VALUES(:album, :id, :author, :name, :may, :expires, :max_uses) ON CONFLICT DO NOTHING"};
	int64_t expires = body_int(e->json, "expires", -1),
		uses = body_int(e->json, "max_uses", -1);
	_cleanup_free_ char *may = NULL;

	if (!e->json)
		return 0;
	may = json_dumps(json_object_get(e->json, "may"), JSON_COMPACT);
	if (!may)
		return err_no_memory(err);
	return db_run(f->db, &sql, err, DB_INT(":album", f->album), DB_ENTITY(":id", &e->about),
		DB_UUID(":author", &e->author), DB_TEXTZ(":name", body_text(e->json, "name")),
		DB_TEXTZ(":may", may),
		expires >= 0 ? DB_INT(":expires", expires) : DB_NULL(":expires"),
		uses >= 0 ? DB_INT(":max_uses", uses) : DB_NULL(":max_uses"));
}

static int apply_revoke(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"link_revoke",
		"UPDATE view_link SET revoked = 1 WHERE album = :album AND id = :id"};

	return db_run(f->db, &sql, err, DB_INT(":album", f->album), DB_ENTITY(":id", &e->about));
}

static int drop(struct fold *f, const struct entity *about, struct err *err)
{
	static const struct db_sql sql = {
		"link_drop", "DELETE FROM view_link WHERE album = :album AND id = :id"};

	return db_run(f->db, &sql, err, DB_INT(":album", f->album), DB_ENTITY(":id", about));
}

static void tell_create(const struct event *e, struct str *out)
{
	const char *name = body_text(e->json, "name");

	str_addz(out, "created a link");
	if (name) {
		str_addz(out, ": ");
		tell_text(out, name);
	}
}

static void tell_revoke(const struct event *e, struct str *out)
{
	str_addz(out, "revoked link ");
	tell_entity(out, &e->about);
}

static const struct event_kind kinds[] = {
	{
		.name = "link.create",
		.needs = RIGHT_INVITE,
		.makes = true,
		.keys = create_keys,
		.check = check_create,
		.apply = apply_create,
		.tell = tell_create,
	},
	{
		.name = "link.revoke",
		.needs = RIGHT_INVITE,
		.check = body_check_nothing,
		.authorize = authorize_revoke,
		.apply = apply_revoke,
		.tell = tell_revoke,
	},
	{.name = NULL},
};

const struct event_family link_family = {
	.name = "link", .kinds = kinds, .about_len = 16, .drop = drop};
