/* album.c - albums as a person handles them; see album.h. */
#include "store/album.h"
#include "store/sight.h"

#include <stdlib.h>
#include <string.h>

void album_release(struct album *album)
{
	free(album->title);
	free(album->description);
	memset(album, 0, sizeof(*album));
}

/* --- making ----------------------------------------------------------------------------- */

static int submit_in(struct event_tx *tx, const struct store *store, int64_t album,
	const char *kind, const struct entity *about, json_t *body, struct err *err)
{
	_cleanup_json_ json_t *owned = body;
	struct receipt receipt;
	struct draft draft;

	if (!owned)
		return err_no_memory(err);
	store_draft(store, album, kind, &draft);
	draft.about = *about;
	draft.body = owned;
	return event_submit(tx, &draft, &receipt, err);
}

static int found_album(struct store *store, const char *name, const char *title,
	const char *description, struct album_ref *out, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	struct uuid id = uuid_make(clock_now_ms(store->clock));
	struct entity album = entity_from_uuid(&id), owner = entity_from_uuid(&store->actor);
	int64_t key;

	if (store_begin(store, "album create", &tx, err) ||
		event_album_add(tx.tx, &id, "album", NULL, name, &key, err) ||
		submit_in(tx.tx, store, key, "album.create", &album,
			json_pack("{s:s}", "title", title), err) ||
		submit_in(tx.tx, store, key, "member.add", &owner,
			json_pack("{s:s, s:s, s:s}", "kind", "user", "name", store->actor_name,
				"role", "owner"),
			err))
		return -1;
	if (description &&
		submit_in(tx.tx, store, key, "album.describe", &album,
			json_pack("{s:s}", "text", description), err))
		return -1;
	*out = (struct album_ref){.key = key, .id = id};
	return store_commit(&tx, err);
}

static int check_text(const char *what, const char *text, struct err *err)
{
	if (!text || text_is_utf8(text, strlen(text)))
		return 0;
	return err_set(err, ERR_INVALID, "the %s is not UTF-8", what);
}

/* A title is one line that shows something. */
static int check_title(const char *title, struct err *err)
{
	bool seen = false;

	if (check_text("title", title, err))
		return -1;
	for (const char *c = title; c && *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return err_set(err, ERR_INVALID, "the title holds control characters");
		seen = seen || *c != ' ';
	}
	return !title || seen ? 0 : err_set(err, ERR_INVALID, "the title is blank");
}

int album_create(struct store *store, const char *name, const char *title, const char *description,
	struct album_ref *out, struct err *err)
{
	static const struct db_sql taken = {"name_taken", "SELECT 1 FROM album WHERE slug = :slug"};
	char slug[ALBUM_NAME_MAX];
	int64_t one;
	int found;

	if (!name && !title)
		return err_set(err, ERR_INVALID, "the album needs a name");
	if (check_title(title, err) || check_text("description", description, err))
		return -1;
	if (!name) {
		if (album_slug(store, title, slug, err))
			return -1;
		name = slug;
	}
	if (album_name_check(name, err))
		return -1;
	found = db_get_int(store->db, &taken, &one, err, DB_TEXTZ(":slug", name));
	if (found == 1) {
		err_set(err, ERR_CONFLICT, "there is an album called '%s' already", name);
		return err_hint(err, "`pinhole album show %s` shows it", name);
	}
	return found < 0 ? -1 :
			   found_album(store, name, title ? title : name, description, out, err);
}

/* --- reading ---------------------------------------------------------------------------- */

/* A cover that was removed or erased is none; one that was joined shows as what it was joined into. */
#define SHOWN_COVER                                                                                \
	"(SELECT shown.id FROM view_photo AS chosen JOIN view_photo AS shown"                      \
	" ON shown.id = coalesce(chosen.alias, chosen.id) AND shown.album = chosen.album"          \
	" WHERE chosen.id = v.cover AND chosen.album = v.album AND chosen.state = 0"               \
	" AND shown.state = 0)"

#define ALBUM_SELECT                                                                                       \
	"SELECT album.key, album.id, album.slug, v.title, v.description, " SHOWN_COVER                     \
	", v.archived,"                                                                                    \
	" v.deleted, t.photos, t.messages, t.bytes,"                                                       \
	" (SELECT count(*) FROM view_participant AS p WHERE p.album = album.key AND p.removed IS NULL"     \
	" AND p.kind <> 'speaker'), v.created, album.at, album.head, album.epoch, album.drafts,"           \
	" album.chain, (SELECT p.role FROM view_participant AS p WHERE p.album = album.key"                \
	" AND p.id = :actor AND p.removed IS NULL) FROM album JOIN view_album AS v ON v.album = album.key" \
	" LEFT JOIN view_total AS t ON t.album = album.key "

static int take_hash(const struct db_rows *rows, int column, struct sha256 *out)
{
	size_t len;
	const void *bytes = db_blob(rows, column, &len);

	if (!bytes || len != SHA256_LEN)
		return 0;
	memcpy(out->bytes, bytes, SHA256_LEN);
	return 1;
}

static int fill_album(const struct db_rows *rows, struct album *out, struct err *err)
{
	const char *slug = db_text(rows, 2);

	memset(out, 0, sizeof(*out));
	out->ref.key = db_int(rows, 0);
	if (db_uuid(rows, 1, &out->ref.id, err))
		return -1;
	if (slug && strlen(slug) < ALBUM_NAME_MAX)
		memcpy(out->name, slug, strlen(slug) + 1);
	else
		uuid_format_short(&out->ref.id, out->name);
	out->has_cover = take_hash(rows, 5, &out->cover);
	out->archived = db_int(rows, 6) != 0;
	out->deleted = db_int(rows, 7) != 0;
	out->photos = db_int(rows, 8);
	out->messages = db_int(rows, 9);
	out->bytes = db_int(rows, 10);
	out->members = db_int(rows, 11);
	out->created = db_int(rows, 12);
	out->changed = db_int(rows, 13);
	out->head = db_int(rows, 14);
	out->epoch = db_int(rows, 15);
	take_hash(rows, 17, &out->chain);
	if (db_text(rows, 18) && role_parse(db_text(rows, 18), &out->role, err))
		return -1;
	out->title = mem_strdup(db_text(rows, 3));
	out->description = mem_strdup(db_text(rows, 4));
	if (out->title && (out->description || db_is_null(rows, 4)))
		return 0;
	album_release(out);
	return err_no_memory(err);
}

/* Without a chosen cover the first shown photo stands in. */
static int default_cover(struct store *store, struct album *album, struct err *err)
{
	static const struct db_sql sql = {"first_photo",
		"SELECT id FROM view_photo WHERE album = :album AND state = 0 AND alias IS NULL"
		" ORDER BY sort, id LIMIT 1"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (album->has_cover)
		return 0;
	if (db_query(store->db, &sql, &rows, err, DB_INT(":album", album->ref.key)))
		return -1;
	found = db_next(&rows, err);
	if (found == 1)
		album->has_cover = take_hash(&rows, 0, &album->cover);
	return found < 0 ? -1 : 0;
}

static int count_waiting(struct store *store, struct album *album, struct err *err)
{
	static const struct db_sql sql = {
		"album_waiting", "SELECT count(*) FROM event WHERE key >= :from AND key < :to"};
	int64_t key = album->ref.key;

	if (db_get_int(store->db, &sql, &album->pending, err,
		    DB_INT(":from", event_key(key, EVENT_PLACE_PENDING)),
		    DB_INT(":to", event_key(key, EVENT_PLACE_REJECTED))) < 0)
		return -1;
	return db_get_int(store->db, &sql, &album->rejected, err,
		       DB_INT(":from", event_key(key, EVENT_PLACE_REJECTED)),
		       DB_INT(":to", event_key(key, EVENT_PLACE_END))) < 0 ?
		-1 :
		0;
}

int album_get(struct store *store, const struct album_ref *ref, struct album *out, struct err *err)
{
	static const struct db_sql sql = {"album_show", ALBUM_SELECT "WHERE album.key = :key"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	_cleanup_album_ struct album album = {.title = NULL};
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_UUID(":actor", &store->actor),
		    DB_INT(":key", ref->key)))
		return -1;
	found = db_next(&rows, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such album");
	if (found < 0 || fill_album(&rows, &album, err) || default_cover(store, &album, err) ||
		count_waiting(store, &album, err))
		return -1;
	*out = album;
	album.title = album.description = NULL;
	return 0;
}

typedef int (*album_told)(void *data, const struct album *album, struct err *err);

static int tell_albums(struct db_rows *rows, album_told each, void *data, struct err *err)
{
	int more;

	while ((more = db_next(rows, err)) == 1) {
		_cleanup_album_ struct album album = {.title = NULL};

		if (fill_album(rows, &album, err) || each(data, &album, err))
			return -1;
	}
	return more;
}

#define NEWEST_FIRST " ORDER BY album.at DESC, album.key DESC"

int album_each(struct store *store, bool archived, album_told each, void *data, struct err *err)
{
	static const struct db_sql sql = {"album_list",
		ALBUM_SELECT "WHERE album.kind = 'album' AND v.deleted = 0"
			     " AND (v.archived = 0 OR :archived)" NEWEST_FIRST};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query(store->db, &sql, &rows, err, DB_UUID(":actor", &store->actor),
		    DB_INT(":archived", archived)))
		return -1;
	return tell_albums(&rows, each, data, err);
}

int album_each_seen(
	struct store *store, bool archived, album_told each, void *data, struct err *err)
{
	static const struct db_sql sql = {"album_list_seen",
		ALBUM_SELECT
		"WHERE album.kind = 'album' AND v.deleted = 0"
		" AND (v.archived = 0 OR :archived) AND album.key IN " SIGHT_ALBUMS NEWEST_FIRST};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query(store->db, &sql, &rows, err, DB_UUID(":actor", &store->actor),
		    DB_INT(":archived", archived), DB_UUID(":viewer", &store->actor)))
		return -1;
	return tell_albums(&rows, each, data, err);
}

int participant_name(
	struct store *store, int64_t album, const struct uuid *id, struct str *out, struct err *err)
{
	static const struct db_sql sql = {"participant_shown",
		"SELECT name FROM view_participant WHERE album = :album AND id = :id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(store->db, &sql, &rows, err, DB_INT(":album", album), DB_UUID(":id", id)))
		return -1;
	found = db_next(&rows, err);
	if (found < 0)
		return -1;
	str_addz(out, found && db_text(&rows, 0) ? db_text(&rows, 0) : "?");
	return str_check(out, err);
}

/* --- changing --------------------------------------------------------------------------- */

static int submit_about(struct store *store, const struct album_ref *ref, const char *kind,
	json_t *body, struct err *err)
{
	struct receipt receipt;
	struct draft draft;

	store_draft(store, ref->key, kind, &draft);
	draft.about = entity_from_uuid(&ref->id);
	return store_submit(store, &draft, body, &receipt, err);
}

int album_rename(
	struct store *store, const struct album_ref *ref, const char *title, struct err *err)
{
	if (check_title(title, err))
		return -1;
	return submit_about(store, ref, "album.rename", json_pack("{s:s}", "title", title), err);
}

static int put_slug(struct event_tx *tx, struct store *store, const struct album_ref *ref,
	const char *name, struct err *err)
{
	static const struct db_sql sql = {
		"album_slug", "UPDATE album SET slug = :slug, rev = :rev WHERE key = :key"};

	return db_run(store->db, &sql, err, DB_TEXTZ(":slug", name), DB_INT(":rev", event_rev(tx)),
		DB_INT(":key", ref->key));
}

static int set_slug(
	struct store *store, const struct album_ref *ref, const char *name, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;

	if (store_begin(store, "album name", &tx, err) || put_slug(tx.tx, store, ref, name, err))
		return -1;
	return store_commit(&tx, err);
}

int album_set_name(
	struct store *store, const struct album_ref *ref, const char *name, struct err *err)
{
	if (album_name_check(name, err))
		return -1;
	if (set_slug(store, ref, name, err) == 0)
		return 0;
	if (err && err->kind == ERR_CONFLICT)
		err_set(err, ERR_CONFLICT, "there is an album called '%s' already", name);
	return -1;
}

int album_describe(
	struct store *store, const struct album_ref *ref, const char *text, struct err *err)
{
	if (check_text("description", text, err))
		return -1;
	return submit_about(store, ref, "album.describe", json_pack("{s:s}", "text", text), err);
}

int album_set_cover(struct store *store, const struct album_ref *ref, const struct sha256 *photo,
	struct err *err)
{
	json_t *body = json_object();

	wire_set_hex(&body, "photo", photo->bytes, SHA256_LEN);
	return submit_about(store, ref, "album.cover", body, err);
}

int album_archive(struct store *store, const struct album_ref *ref, bool archived, struct err *err)
{
	return submit_about(
		store, ref, "album.archive", json_pack("{s:b}", "archived", archived), err);
}

/* Its name goes in the same transaction: a deleted album must not keep it. */
int album_delete(struct store *store, const struct album_ref *ref, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	struct entity album = entity_from_uuid(&ref->id);

	if (store_begin(store, "album delete", &tx, err) ||
		submit_in(tx.tx, store, ref->key, "album.delete", &album, json_object(), err) ||
		put_slug(tx.tx, store, ref, NULL, err))
		return -1;
	return store_commit(&tx, err);
}
