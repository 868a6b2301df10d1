/* album.c - the album itself: made, named, described, archived, deleted, moved.
 *
 * A deleted album keeps its log, so that it can still be told; nothing more may be added to it.
 */
#include "event/kind.h"

#include <string.h>

static const char *const title_keys[] = {"title", NULL};
static const char *const text_keys[] = {"text", NULL};
static const char *const photo_keys[] = {"photo", NULL};
static const char *const archived_keys[] = {"archived", NULL};
static const char *const home_keys[] = {"home", NULL};

static int check_title(const json_t *body, struct err *err)
{
	const char *title;

	if (wire_get_text(body, "title", WIRE_REQUIRED, BODY_TITLE_MAX, &title, err))
		return -1;
	return *title ? 0 : err_set(err, ERR_INVALID, "the title is empty");
}

static int check_text(const json_t *body, struct err *err)
{
	const char *text;

	return wire_get_text(body, "text", WIRE_REQUIRED, BODY_TEXT_MAX, &text, err);
}

static int check_cover(const json_t *body, struct err *err)
{
	struct sha256 photo;

	return wire_get_hex(body, "photo", WIRE_REQUIRED, photo.bytes, SHA256_LEN, err);
}

static int check_archived(const json_t *body, struct err *err)
{
	bool archived;

	return wire_get_bool(body, "archived", WIRE_REQUIRED, &archived, err);
}

static int check_home(const json_t *body, struct err *err)
{
	struct uuid home;

	return wire_get_uuid(body, "home", WIRE_REQUIRED, &home, err);
}

/* Reached only when the album has begun: the first creation is a founding event. */
static int authorize_create(const struct guard *g, const struct event *e, struct err *err)
{
	(void)g;
	(void)e;
	return err_set(err, ERR_CONFLICT, "the album exists already");
}

static int authorize_cover(const struct guard *g, const struct event *e, struct err *err)
{
	struct sha256 photo = {{0}};

	body_hash(e->json, "photo", &photo);
	return need_shown_photo(g, photo.bytes, err);
}

/* --- fold ------------------------------------------------------------------------------- */

static int apply_create(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"album_put",
		"INSERT INTO view_album(album, title, created, creator)"
		" VALUES(:album, :title, :created, :creator) ON CONFLICT DO NOTHING"};
	const char *title = body_text(e->json, "title");

	return db_run(f->db, &sql, err, DB_INT(":album", f->album),
		DB_TEXTZ(":title", title ? title : ""), DB_INT(":created", event_when(e)),
		DB_UUID(":creator", &e->author));
}

static int apply_rename(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {
		"album_rename", "UPDATE view_album SET title = :title WHERE album = :album"};

	if (!e->json)
		return 0;
	return db_run(f->db, &sql, err, DB_TEXTZ(":title", body_text(e->json, "title")),
		DB_INT(":album", f->album));
}

static int apply_describe(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"album_describe",
		"UPDATE view_album SET description = nullif(:text, '') WHERE album = :album"};

	if (!e->json)
		return 0;
	return db_run(f->db, &sql, err, DB_TEXTZ(":text", body_text(e->json, "text")),
		DB_INT(":album", f->album));
}

static int apply_cover(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {
		"album_cover", "UPDATE view_album SET cover = :photo WHERE album = :album"};
	struct sha256 photo;

	if (!body_hash(e->json, "photo", &photo))
		return 0;
	return db_run(f->db, &sql, err, DB_BLOB(":photo", photo.bytes, SHA256_LEN),
		DB_INT(":album", f->album));
}

static int apply_archive(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {
		"album_archive", "UPDATE view_album SET archived = :archived WHERE album = :album"};

	if (!e->json)
		return 0;
	return db_run(f->db, &sql, err,
		DB_INT(":archived", json_is_true(json_object_get(e->json, "archived"))),
		DB_INT(":album", f->album));
}

static int apply_delete(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {
		"album_delete", "UPDATE view_album SET deleted = 1 WHERE album = :album"};

	(void)e;
	return db_run(f->db, &sql, err, DB_INT(":album", f->album));
}

/* The home is a column of the album's row, set by whoever moves it; the event is the record. */
static int apply_home(struct fold *f, const struct event *e, struct err *err)
{
	(void)f;
	(void)e;
	(void)err;
	return 0;
}

static int drop(struct fold *f, const struct entity *about, struct err *err)
{
	static const struct db_sql sql = {"album_drop",
		"DELETE FROM view_album WHERE album = (SELECT key FROM album WHERE id = :about AND"
		" key = :album)"};

	return db_run(f->db, &sql, err, DB_ENTITY(":about", about), DB_INT(":album", f->album));
}

/* --- tell ------------------------------------------------------------------------------- */

static void tell_create(const struct event *e, struct str *out)
{
	str_addz(out, "created the album ");
	tell_text(out, body_text(e->json, "title"));
}

static void tell_rename(const struct event *e, struct str *out)
{
	str_addz(out, "renamed the album to ");
	tell_text(out, body_text(e->json, "title"));
}

static void tell_describe(const struct event *e, struct str *out)
{
	str_addz(out, "described the album: ");
	tell_text(out, body_text(e->json, "text"));
}

static void tell_cover(const struct event *e, struct str *out)
{
	struct sha256 photo;

	str_addz(out, "chose the cover ");
	if (body_hash(e->json, "photo", &photo))
		str_add_hex(out, photo.bytes, 4);
}

static void tell_archive(const struct event *e, struct str *out)
{
	bool archived = json_is_true(json_object_get(e->json, "archived"));

	str_addz(out, archived ? "archived the album" : "took the album out of the archive");
}

static void tell_delete(const struct event *e, struct str *out)
{
	(void)e;
	str_addz(out, "deleted the album");
}

static void tell_home(const struct event *e, struct str *out)
{
	str_addz(out, "moved the album's home to store ");
	tell_text(out, body_text(e->json, "home"));
}

static const struct event_kind kinds[] = {
	{
		.name = "album.create",
		.needs = RIGHT_OWN,
		.members = true,
		.keys = title_keys,
		.check = check_title,
		.authorize = authorize_create,
		.apply = apply_create,
		.tell = tell_create,
	},
	{
		.name = "album.rename",
		.needs = RIGHT_MANAGE,
		.keys = title_keys,
		.check = check_title,
		.apply = apply_rename,
		.tell = tell_rename,
	},
	{
		.name = "album.describe",
		.needs = RIGHT_MANAGE,
		.keys = text_keys,
		.check = check_text,
		.apply = apply_describe,
		.tell = tell_describe,
	},
	{
		.name = "album.cover",
		.needs = RIGHT_MANAGE,
		.keys = photo_keys,
		.check = check_cover,
		.authorize = authorize_cover,
		.apply = apply_cover,
		.tell = tell_cover,
	},
	{
		.name = "album.archive",
		.needs = RIGHT_MANAGE,
		.keys = archived_keys,
		.check = check_archived,
		.apply = apply_archive,
		.tell = tell_archive,
	},
	{
		.name = "album.delete",
		.needs = RIGHT_OWN,
		.members = true,
		.check = body_check_nothing,
		.apply = apply_delete,
		.tell = tell_delete,
	},
	{
		.name = "album.home",
		.needs = RIGHT_OWN,
		.keys = home_keys,
		.check = check_home,
		.apply = apply_home,
		.tell = tell_home,
	},
	{.name = NULL},
};

const struct event_family album_family = {
	.name = "album", .kinds = kinds, .about_album = true, .drop = drop};
