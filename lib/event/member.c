/* member.c - participants: users, guests, people who were invited, voices of imported talk.
 *
 * Ids are never rewritten: a claim binds one participant to a user and both stay.  Numbers and
 * addresses of invited people are secrets of the home and never in a body.
 */
#include "event/kind.h"

#include <string.h>

static const char *const participant_kinds[] = {"user", "guest", "waiting", "speaker", NULL};

static const char *const add_keys[] = {"kind", "name", "role", NULL};
static const char *const name_keys[] = {"name", NULL};
static const char *const role_keys[] = {"role", NULL};
static const char *const user_keys[] = {"user", NULL};

static int check_kind_word(const char *kind, struct err *err)
{
	for (size_t i = 0; participant_kinds[i]; i++)
		if (strcmp(kind, participant_kinds[i]) == 0)
			return 0;
	return err_set(err, ERR_INVALID, "'%s' is not a kind of participant", kind);
}

static int check_name(const json_t *body, struct err *err)
{
	const char *name;

	if (wire_get_text(body, "name", WIRE_REQUIRED, BODY_NAME_MAX, &name, err))
		return -1;
	return *name ? 0 : err_set(err, ERR_INVALID, "the name is empty");
}

static int check_role(const json_t *body, struct err *err)
{
	const char *role;
	enum role parsed;

	return wire_get_text(body, "role", WIRE_REQUIRED, 16, &role, err) ||
			role_parse(role, &parsed, err) ?
		-1 :
		0;
}

static int check_add(const json_t *body, struct err *err)
{
	const char *kind;

	return wire_get_text(body, "kind", WIRE_REQUIRED, 16, &kind, err) ||
			check_kind_word(kind, err) || check_name(body, err) ||
			check_role(body, err) ?
		-1 :
		0;
}

static int check_claim(const json_t *body, struct err *err)
{
	struct uuid user;

	return wire_get_uuid(body, "user", WIRE_REQUIRED, &user, err);
}

/* --- who may ---------------------------------------------------------------------------- */

struct present {
	enum role role;
	bool user;
};

/* 1 and who they are if they take part now; 0 if never or no longer. */
static int find_present(
	const struct guard *g, const struct entity *about, struct present *out, struct err *err)
{
	static const struct db_sql sql = {"participant_present",
		"SELECT role, kind = 'user' FROM view_participant"
		" WHERE album = :album AND id = :id AND removed IS NULL"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(g->db, &sql, &rows, err, DB_INT(":album", g->album->key),
		    DB_ENTITY(":id", about)))
		return -1;
	found = db_next(&rows, err);
	if (found != 1)
		return found;
	out->user = db_int(&rows, 1) != 0;
	return role_parse(db_text(&rows, 0), &out->role, err) ? -1 : 1;
}

static int need_present(
	const struct guard *g, const struct entity *about, struct present *out, struct err *err)
{
	int found = find_present(g, about, out, err);

	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such participant");
	return found < 0 ? -1 : 0;
}

/* An owner may go once the album was handed over: somebody else is owner too. */
static int need_other_owner(const struct guard *g, const char *before_what, struct err *err)
{
	static const struct db_sql sql = {"other_owner",
		"SELECT 1 FROM view_participant WHERE album = :album AND role = 'owner'"
		" AND removed IS NULL AND id <> :id LIMIT 1"};
	int64_t one;
	int found = db_get_int(g->db, &sql, &one, err, DB_INT(":album", g->album->key),
		DB_UUID(":id", &g->actor.id));

	if (found == 0)
		return err_set(err, ERR_DENIED, "hand the album over before you %s", before_what);
	return found < 0 ? -1 : 0;
}

/* Nobody gives or takes a role above their own, and only the owner makes or unmakes admins. */
static int may_give(const struct guard *g, enum role role, struct err *err)
{
	if (role == ROLE_OWNER || role == ROLE_ADMIN)
		return role_has(g->actor.role, RIGHT_OWN) ? 0 : deny(err, g, RIGHT_OWN);
	return 0;
}

static int authorize_add(const struct guard *g, const struct event *e, struct err *err)
{
	struct present present;
	enum role role;
	int found;

	if (role_parse(body_text(e->json, "role"), &role, err) || may_give(g, role, err))
		return -1;
	if (role == ROLE_OWNER)
		return err_set(err, ERR_INVALID, "an album has one owner: hand it over instead");
	found = find_present(g, &e->about, &present, err);
	if (found == 1)
		return err_set(err, ERR_CONFLICT, "this person is a participant already");
	return found;
}

static int authorize_role(const struct guard *g, const struct event *e, struct err *err)
{
	struct present before;
	enum role after;

	if (need_present(g, &e->about, &before, err) ||
		role_parse(body_text(e->json, "role"), &after, err) ||
		may_give(g, before.role, err) || may_give(g, after, err))
		return -1;
	if (after == ROLE_OWNER && !before.user)
		return err_set(err, ERR_INVALID, "only a user can own an album");
	if (before.role == ROLE_OWNER && entity_is_uuid(&e->about, &g->actor.id) &&
		after != ROLE_OWNER)
		return need_other_owner(g, "step down", err);
	return 0;
}

static int authorize_remove(const struct guard *g, const struct event *e, struct err *err)
{
	struct present present;

	if (need_present(g, &e->about, &present, err) || may_give(g, present.role, err))
		return -1;
	if (present.role == ROLE_OWNER)
		return err_set(err, ERR_DENIED, "the owner cannot be removed");
	return 0;
}

static int authorize_self(const struct guard *g, const struct event *e, struct err *err)
{
	if (entity_is_uuid(&e->about, &g->actor.id))
		return 0;
	return err_set(err, ERR_DENIED, "only they themselves may do that");
}

static int authorize_leave(const struct guard *g, const struct event *e, struct err *err)
{
	if (authorize_self(g, e, err))
		return -1;
	return g->actor.role == ROLE_OWNER ? need_other_owner(g, "leave it", err) : 0;
}

/* A name may be given by its bearer, and to a voice by who manages people. */
static int authorize_name(const struct guard *g, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"voice",
		"SELECT 1 FROM view_participant WHERE album = :album AND id = :id AND kind = 'speaker'"};
	int64_t one;
	int found;

	if (entity_is_uuid(&e->about, &g->actor.id))
		return 0;
	found = db_get_int(g->db, &sql, &one, err, DB_INT(":album", g->album->key),
		DB_ENTITY(":id", &e->about));
	if (found == 1 && role_has(g->actor.role, RIGHT_INVITE))
		return 0;
	return found < 0 ? -1 : authorize_self(g, e, err);
}

/* --- fold ------------------------------------------------------------------------------- */

static int apply_add(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"participant_put",
		"INSERT INTO view_participant(album, id, kind, name, role, inviter, joined)"
		" VALUES(:album, :id, :kind, :name, :role, :inviter, :joined)"
		" ON CONFLICT(album, id) DO UPDATE SET kind = excluded.kind, name = excluded.name,"
		" role = excluded.role, inviter = excluded.inviter, removed = NULL"};

	if (!e->json)
		return 0;
	return db_run(f->db, &sql, err, DB_INT(":album", f->album), DB_ENTITY(":id", &e->about),
		DB_TEXTZ(":kind", body_text(e->json, "kind")),
		DB_TEXTZ(":name", body_text(e->json, "name")),
		DB_TEXTZ(":role", body_text(e->json, "role")), DB_UUID(":inviter", &e->author),
		DB_INT(":joined", e->seq));
}

static int apply_rename(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"participant_name",
		"UPDATE view_participant SET name = :name WHERE album = :album AND id = :id"};

	if (!e->json)
		return 0;
	return db_run(f->db, &sql, err, DB_TEXTZ(":name", body_text(e->json, "name")),
		DB_INT(":album", f->album), DB_ENTITY(":id", &e->about));
}

static int apply_role(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"participant_set_role",
		"UPDATE view_participant SET role = :role WHERE album = :album AND id = :id"};

	if (!e->json)
		return 0;
	return db_run(f->db, &sql, err, DB_TEXTZ(":role", body_text(e->json, "role")),
		DB_INT(":album", f->album), DB_ENTITY(":id", &e->about));
}

static int apply_remove(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"participant_remove",
		"UPDATE view_participant SET removed = :seq WHERE album = :album AND id = :id"};

	return db_run(f->db, &sql, err, DB_INT(":seq", e->seq), DB_INT(":album", f->album),
		DB_ENTITY(":id", &e->about));
}

static int apply_claim(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"participant_claim",
		"UPDATE view_participant SET claimed_by = :user WHERE album = :album AND id = :id"};
	struct uuid user;

	if (!body_uuid(e->json, "user", &user))
		return 0;
	return db_run(f->db, &sql, err, DB_UUID(":user", &user), DB_INT(":album", f->album),
		DB_ENTITY(":id", &e->about));
}

static int drop(struct fold *f, const struct entity *about, struct err *err)
{
	static const struct db_sql sql = {"participant_drop",
		"DELETE FROM view_participant WHERE album = :album AND id = :about"};

	return db_run(f->db, &sql, err, DB_INT(":album", f->album), DB_ENTITY(":about", about));
}

/* --- tell ------------------------------------------------------------------------------- */

static void tell_add(const struct event *e, struct str *out)
{
	const char *role = body_text(e->json, "role"), *kind = body_text(e->json, "kind");

	if (kind && strcmp(kind, "speaker") == 0)
		str_addz(out, "gave a voice to ");
	else
		str_addz(out, entity_is_uuid(&e->about, &e->author) ? "joined as " : "added ");
	tell_text(out, body_text(e->json, "name"));
	if (kind && role && strcmp(kind, "speaker") != 0)
		str_addf(out, " (%s)", role);
}

static void tell_rename(const struct event *e, struct str *out)
{
	str_addz(out, "is now called ");
	tell_text(out, body_text(e->json, "name"));
}

static void tell_role(const struct event *e, struct str *out)
{
	str_addz(out, "gave participant ");
	tell_entity(out, &e->about);
	str_addz(out, " the role ");
	tell_text(out, body_text(e->json, "role"));
}

static void tell_remove(const struct event *e, struct str *out)
{
	str_addz(out, "removed participant ");
	tell_entity(out, &e->about);
}

static void tell_leave(const struct event *e, struct str *out)
{
	(void)e;
	str_addz(out, "left the album");
}

static void tell_claim(const struct event *e, struct str *out)
{
	str_addz(out, "proved to be participant ");
	tell_entity(out, &e->about);
}

static const struct event_kind kinds[] = {
	{
		.name = "member.add",
		.needs = RIGHT_INVITE,
		.members = true,
		.keys = add_keys,
		.check = check_add,
		.authorize = authorize_add,
		.apply = apply_add,
		.tell = tell_add,
	},
	{
		.name = "member.name",
		.needs = RIGHT_BELONG,
		.keys = name_keys,
		.check = check_name,
		.authorize = authorize_name,
		.apply = apply_rename,
		.tell = tell_rename,
	},
	{
		.name = "member.role",
		.needs = RIGHT_INVITE,
		.members = true,
		.keys = role_keys,
		.check = check_role,
		.authorize = authorize_role,
		.apply = apply_role,
		.tell = tell_role,
	},
	{
		.name = "member.remove",
		.needs = RIGHT_INVITE,
		.members = true,
		.check = body_check_nothing,
		.authorize = authorize_remove,
		.apply = apply_remove,
		.tell = tell_remove,
	},
	{
		.name = "member.leave",
		.needs = RIGHT_BELONG,
		.members = true,
		.check = body_check_nothing,
		.authorize = authorize_leave,
		.apply = apply_remove,
		.tell = tell_leave,
	},
	{
		.name = "member.claim",
		.needs = RIGHT_CLAIM,
		.members = true,
		.keys = user_keys,
		.check = check_claim,
		.apply = apply_claim,
		.tell = tell_claim,
	},
	{.name = NULL},
};

const struct event_family member_family = {
	.name = "member", .kinds = kinds, .about_len = 16, .drop = drop};
