/* import_restore.c - the events of an export into the log again, as they were.
 *
 * Nothing is authorized: the album's home did that when it numbered them.  Invariant: the log that is committed has, at
 * the export's head, exactly the chain that the export tells.
 */
#include "import/import_internal.h"
#include "proc/proc.h"

#include <string.h>

#define REMOVED_MAX 10000000

struct restore {
	struct import *im;
	struct event_tx *tx;
	struct db *db;
	int64_t album;
	struct album_facts before; /* the album's row, zeroed if it was not here */
	bool here;
	int64_t seen; /* confirmed events so far */
	bool pending; /* these have begun */
	struct str body;
};

/* --- the album's row -------------------------------------------------------------------- */

static int add_row(struct restore *r, struct err *err)
{
	char slug[ALBUM_NAME_MAX];
	const char *name = r->im->options->name;

	if (!name && album_slug(r->im->store, r->im->head.title, slug, err))
		return -1;
	return event_album_add(
		r->tx, &r->im->head.id, "album", NULL, name ? name : slug, &r->album, err);
}

static int find_row(struct restore *r, struct err *err)
{
	int found = event_album_find(r->db, &r->im->head.id, &r->before, err);

	if (found < 0)
		return -1;
	r->here = found == 1;
	if (!r->here)
		return add_row(r, err);
	r->album = r->before.key;
	if (strcmp(r->before.kind, "album") != 0 || !uuid_equal(&r->before.home, &r->im->store->id))
		return err_set(err, ERR_CONFLICT,
			"this album is here already, and another store is its home");
	return 0;
}

/* --- events ----------------------------------------------------------------------------- */

/* What the events of a family are about: its fold relies on it. */
static bool about_fits(const char *kind, size_t len)
{
	static const char *const by_uuid[] = {"album.", "member.", "message.", "link."};

	for (size_t i = 0; i < ARRAY_LEN(by_uuid); i++)
		if (text_starts(kind, by_uuid[i]))
			return len == 16;
	return text_starts(kind, "photo.") ? len == SHA256_LEN : len == 16 || len == SHA256_LEN;
}

static int read_about(const json_t *json, struct event *e, struct err *err)
{
	const char *hex;
	size_t len;

	if (wire_get_text(json, "about", WIRE_REQUIRED, 2 * SHA256_LEN, &hex, err))
		return -1;
	len = strlen(hex) / 2;
	if (!about_fits(e->kind, len) || hex_decode(hex, strlen(hex), e->about.bytes, len))
		return err_set(err, ERR_INVALID, "about is no id that fits %s", e->kind);
	e->about.len = (uint8_t)len;
	return 0;
}

/* The canonical form of the body goes into r->body. */
static int read_body(struct restore *r, const json_t *json, struct event *e, struct err *err)
{
	const json_t *body = json_object_get(json, "body");

	if (!body)
		return wire_get_hex(
			json, "body_hash", WIRE_REQUIRED, e->body_hash.bytes, SHA256_LEN, err);
	str_clear(&r->body);
	if (wire_get_hex(json, "salt", WIRE_REQUIRED, e->salt, EVENT_SALT_LEN, err) ||
		wire_canonical(body, &r->body, err))
		return -1;
	e->json = body;
	e->body = r->body.data;
	e->body_len = r->body.len;
	return 0;
}

static int read_event(struct restore *r, const json_t *json, struct event *e, struct err *err)
{
	const char *kind;

	memset(e, 0, sizeof(*e));
	e->album = r->album;
	if (wire_get_text(json, "kind", WIRE_REQUIRED, EVENT_KIND_MAX - 1, &kind, err))
		return -1;
	memcpy(e->kind, kind, strlen(kind) + 1);
	if (text_starts(kind, "self."))
		return err_set(err, ERR_INVALID, "%s belongs into a person's own log", kind);
	return wire_get_uuid(json, "id", WIRE_REQUIRED, &e->id, err) || read_about(json, e, err) ||
			wire_get_uuid(json, "author", WIRE_REQUIRED, &e->author, err) ||
			wire_get_uuid(json, "device", WIRE_REQUIRED, &e->device, err) ||
			wire_get_int(
				json, "time", WIRE_REQUIRED, INT64_MIN, INT64_MAX, &e->time, err) ||
			read_body(r, json, e, err) ?
		-1 :
		0;
}

static int take_confirmed(struct restore *r, const json_t *json, struct event *e, struct err *err)
{
	if (r->pending)
		return err_set(err, ERR_INVALID, "a confirmed event follows a pending one");
	if (wire_get_int(json, "seq", WIRE_REQUIRED, 1, EVENT_PLACE_PENDING - 1, &e->seq, err) ||
		wire_get_int(json, "at", WIRE_REQUIRED, 1, INT64_MAX, &e->at, err))
		return -1;
	if (e->seq != r->seen + 1)
		return err_set(err, ERR_INVALID, "seq is %lld, %lld would be next",
			(long long)e->seq, (long long)r->seen + 1);
	r->seen++;
	if (e->seq > r->before.head)
		r->im->result.events++;
	return event_receive(r->tx, e, err);
}

/* The store is the home now: what waited for the old one is asked here. */
static int take_pending(struct restore *r, const struct event *e, struct err *err)
{
	struct draft draft = {.album = r->album,
		.id = e->id,
		.kind = e->kind,
		.author = e->author,
		.device = e->device,
		.time = e->time,
		.body = e->json};
	struct receipt receipt;
	struct err why = ERR_INIT;

	r->pending = true;
	if (!entity_is_uuid(&e->about, &e->id))
		draft.about = e->about;
	if (!e->json || event_submit(r->tx, &draft, &receipt, &why) == 0)
		return 0;
	if (why.kind != ERR_DENIED && why.kind != ERR_CONFLICT && why.kind != ERR_NOT_FOUND &&
		why.kind != ERR_INVALID) {
		if (err)
			*err = why;
		return -1;
	}
	r->im->result.refused++;
	return 0;
}

/* --- the home --------------------------------------------------------------------------- */

static int check_chain(struct restore *r, struct err *err)
{
	static const struct db_sql sql = {
		"restore_chain", "SELECT chain FROM event WHERE key = :key"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	const struct import_head *head = &r->im->head;
	const void *chain;
	size_t len = 0;

	if (r->seen != head->head)
		return err_set(err, ERR_DAMAGED, ALBUM_JSON " holds %lld events, its head is %lld",
			(long long)r->seen, (long long)head->head);
	if (db_query(r->db, &sql, &rows, err, DB_INT(":key", event_key(r->album, head->head))) ||
		db_next(&rows, err) < 0)
		return -1;
	chain = db_blob(&rows, 0, &len);
	if (len != SHA256_LEN || memcmp(chain, head->chain.bytes, SHA256_LEN) != 0)
		return err_set(err, ERR_DAMAGED, "the events do not fit the chain in " ALBUM_JSON);
	return 0;
}

static int submit(
	struct restore *r, const char *kind, struct entity about, json_t *body, struct err *err)
{
	_cleanup_json_ json_t *owned = body;
	struct receipt receipt;
	struct draft draft;

	if (!owned)
		return err_no_memory(err);
	store_draft(r->im->store, r->album, kind, &draft);
	draft.about = about;
	draft.body = owned;
	draft.trusted = true;
	return event_submit(r->tx, &draft, &receipt, err);
}

static int move_home(struct restore *r, struct err *err)
{
	json_t *body;

	if (uuid_equal(&r->im->head.home, &r->im->store->id))
		return 0;
	body = json_object();
	wire_set_uuid(&body, "home", &r->im->store->id);
	return submit(r, "album.home", entity_from_uuid(&r->im->head.id), body, err);
}

/* Whoever holds the album's home owns it. */
static int own(struct restore *r, struct err *err)
{
	static const struct db_sql sql = {"restore_owner",
		"SELECT 1 FROM view_participant WHERE album = :album AND id = :id AND role = 'owner'"
		" AND removed IS NULL"};
	struct store *store = r->im->store;
	int64_t one;
	int found = db_get_int(
		r->db, &sql, &one, err, DB_INT(":album", r->album), DB_UUID(":id", &store->owner));
	json_t *body;

	if (found != 0)
		return found < 0 ? -1 : 0;
	body = json_object();
	wire_set_text(&body, "kind", "user");
	wire_set_text(&body, "name", store->owner_name);
	wire_set_text(&body, "role", "owner");
	return submit(r, "member.add", entity_from_uuid(&store->owner), body, err);
}

/* Removed photos do not go out with an export, so they can never come back here: the log says so, and nothing
 * names bytes that are nowhere. */
static int erase_removed(struct restore *r, struct err *err)
{
	static const struct db_sql sql = {"restore_removed",
		"SELECT id FROM view_photo WHERE album = :album AND state = 1 ORDER BY id"};
	_cleanup_vec_ struct vec gone = VEC_INIT(struct sha256, REMOVED_MAX);
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct sha256 id, *slot;
	size_t len;
	int more;

	if (db_query(r->db, &sql, &rows, err, DB_INT(":album", r->album)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		const void *bytes = db_blob(&rows, 0, &len);

		if (len != SHA256_LEN)
			continue;
		memcpy(id.bytes, bytes, SHA256_LEN);
		if (object_exists(r->im->store->objects, &id))
			continue;
		slot = vec_push_or(&gone, err);
		if (!slot)
			return -1;
		*slot = id;
	}
	db_rows_close(&rows);
	vec_foreach (&gone, struct sha256, photo)
		if (submit(r, "photo.erase", entity_from_hash(photo), json_object(), err))
			return -1;
	return more;
}

static int check_alive(struct restore *r, struct err *err)
{
	static const struct db_sql sql = {"restore_deleted",
		"SELECT 1 FROM view_album WHERE album = :album AND deleted <> 0"};
	int64_t one;
	int found = db_get_int(r->db, &sql, &one, err, DB_INT(":album", r->album));

	if (found != 1)
		return found;
	err_set(err, ERR_CONFLICT, "this album was deleted");
	return err_hint(err, "without --restore a new album is made of it");
}

/* Above every epoch that this history had, here or where it was exported. */
static int raise_epoch(struct restore *r, struct err *err)
{
	int64_t now = r->here ? r->before.epoch : 1;
	int64_t wanted = (r->im->head.epoch > now ? r->im->head.epoch : now) + 1;

	for (; now < wanted; now++)
		if (event_album_raise_epoch(r->tx, r->album, NULL, err))
			return -1;
	return 0;
}

/* --- the whole -------------------------------------------------------------------------- */

/* The confirmed events are complete: the album is taken over. */
static int take_over(struct restore *r, struct err *err)
{
	if (check_chain(r, err) || check_alive(r, err))
		return -1;
	r->im->result.known = r->here && r->before.head >= r->im->head.head;
	if (r->im->result.known)
		return 0;
	return move_home(r, err) || own(r, err) || erase_removed(r, err) || raise_epoch(r, err) ?
		-1 :
		0;
}

static int take_item(struct restore *r, const struct album_item *item, struct err *err)
{
	bool confirmed = strcmp(item->member, "events") == 0 &&
		!json_is_true(json_object_get(item->json, "pending"));
	struct event e;

	if (strcmp(item->member, "facts") == 0)
		return import_index_facts(r->im, item, err);
	if (!json_is_object(item->json))
		return err_set(err, ERR_INVALID, "it is no object");
	if (read_event(r, item->json, &e, err))
		return -1;
	if (confirmed)
		return take_confirmed(r, item->json, &e, err);
	if (!r->pending && take_over(r, err))
		return -1;
	return take_pending(r, &e, err);
}

static int take_items(struct restore *r, struct album_reader *reader, struct err *err)
{
	struct album_item item;
	int more;

	while ((more = album_reader_next(reader, &item, err)) == 1) {
		if (proc_stop_check(err))
			return -1;
		if (item.element && item.json && take_item(r, &item, err))
			return import_where(&item, err);
	}
	if (more < 0)
		return -1;
	return r->pending ? 0 : take_over(r, err);
}

int import_restore(struct import *im, struct event_tx *tx, struct err *err)
{
	static const char *const members[] = {"facts", "events", NULL};
	struct restore r = {
		.im = im, .tx = tx, .db = im->store->db, .body = STR_INIT(WIRE_BODY_MAX)};
	struct album_reader *reader;
	int failed;

	if (find_row(&r, err) || album_reader_open(im->spool, &reader, err))
		return -1;
	album_reader_want(reader, members);
	failed = take_items(&r, reader, err);
	album_reader_close(reader);
	str_release(&r.body);
	im->result.album = (struct album_ref){.key = r.album, .id = im->head.id};
	return failed;
}
