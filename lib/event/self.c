/* self.c - a person's own log: read marks, profile, devices, settings.
 *
 * The latest event about an entity holds, but for read marks, of which the highest counts.  Rows of
 * settings are called "setting.NAME", so that no setting can pass for another kind of row.
 */
#include "event/kind.h"

#include <string.h>

static const char *const profile_keys[] = {"name", NULL};
static const char *const read_keys[] = {"seq", NULL};
static const char *const device_keys[] = {"name", NULL};
static const char *const setting_keys[] = {"name", "value", NULL};

static int check_named(const json_t *body, struct err *err)
{
	const char *name;

	if (wire_get_text(body, "name", WIRE_REQUIRED, BODY_NAME_MAX, &name, err))
		return -1;
	return *name ? 0 : err_set(err, ERR_INVALID, "the name is empty");
}

static int check_read(const json_t *body, struct err *err)
{
	int64_t seq;

	return wire_get_int(body, "seq", WIRE_REQUIRED, 0, EVENT_PLACE_PENDING, &seq, err);
}

static int check_setting(const json_t *body, struct err *err)
{
	const char *value;

	return check_named(body, err) ||
			wire_get_text(body, "value", WIRE_OPTIONAL, BODY_TEXT_MAX, &value, err) ?
		-1 :
		0;
}

static int put(
	struct fold *f, const struct event *e, const char *name, int64_t seq, struct err *err)
{
	static const struct db_sql sql = {"self_put",
		"INSERT INTO view_self(album, about, name, seq, event)"
		" VALUES(:album, :about, :name, :seq, :event)"
		" ON CONFLICT(album, about, name) DO UPDATE SET seq = excluded.seq, event = excluded.event"
		" WHERE excluded.seq IS NULL OR excluded.seq > view_self.seq"};

	return db_run(f->db, &sql, err, DB_INT(":album", f->album), DB_ENTITY(":about", &e->about),
		DB_TEXTZ(":name", name), seq >= 0 ? DB_INT(":seq", seq) : DB_NULL(":seq"),
		DB_INT(":event", e->key));
}

static int apply_profile(struct fold *f, const struct event *e, struct err *err)
{
	return put(f, e, "profile", -1, err);
}

static int apply_read(struct fold *f, const struct event *e, struct err *err)
{
	return e->json ? put(f, e, "read", body_int(e->json, "seq", 0), err) : 0;
}

static int apply_device(struct fold *f, const struct event *e, struct err *err)
{
	return put(f, e, "device", -1, err);
}

static int apply_setting(struct fold *f, const struct event *e, struct err *err)
{
	_cleanup_str_ struct str name = STR_INIT(BODY_NAME_MAX + sizeof("setting."));

	if (!e->json)
		return 0;
	str_addf(&name, "setting.%s", body_text(e->json, "name"));
	return str_check(&name, err) ? -1 : put(f, e, name.data, -1, err);
}

static int drop(struct fold *f, const struct entity *about, struct err *err)
{
	static const struct db_sql sql = {
		"self_drop", "DELETE FROM view_self WHERE album = :album AND about = :about"};

	return db_run(f->db, &sql, err, DB_INT(":album", f->album), DB_ENTITY(":about", about));
}

static void tell_profile(const struct event *e, struct str *out)
{
	str_addz(out, "is called ");
	tell_text(out, body_text(e->json, "name"));
}

static void tell_read(const struct event *e, struct str *out)
{
	str_addz(out, "read album ");
	tell_entity(out, &e->about);
	str_addf(out, " up to event %lld", (long long)body_int(e->json, "seq", 0));
}

static void tell_device(const struct event *e, struct str *out)
{
	str_addz(out, "uses the device ");
	tell_text(out, body_text(e->json, "name"));
}

static void tell_setting(const struct event *e, struct str *out)
{
	str_addz(out, "set ");
	tell_text(out, body_text(e->json, "name"));
}

#define SELF_KIND(n, c)                                                                            \
	.name = "self." #n, .needs = RIGHT_OWN, .keys = n##_keys, .check = (c),                    \
	.apply = apply_##n, .tell = tell_##n

static const struct event_kind kinds[] = {
	{SELF_KIND(profile, check_named)},
	{SELF_KIND(read, check_read)},
	{SELF_KIND(device, check_named)},
	{SELF_KIND(setting, check_setting)},
	{.name = NULL},
};

const struct event_family self_family = {
	.name = "self", .kinds = kinds, .about_len = 16, .drop = drop};
