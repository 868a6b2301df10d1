/* message.c - what people say in an album or about one of its photos.
 *
 * A view row is the fold of a message's events; the text stays in the event.  message.unsend
 * carries the message's shell (photo, reply_to, said, speaker), because the body that held it is gone.
 */
#include "event/kind.h"

#include <string.h>

static const char *const send_keys[] = {"photo", "reply_to", "said", "speaker", "text", NULL};
static const char *const edit_keys[] = {"text", NULL};
static const char *const shell_keys[] = {"photo", "reply_to", "said", "speaker", NULL};

static int check_shell(const json_t *body, struct err *err)
{
	struct sha256 photo;
	struct uuid id;
	int64_t said;

	return wire_get_hex(body, "photo", WIRE_OPTIONAL, photo.bytes, SHA256_LEN, err) ||
			wire_get_uuid(body, "reply_to", WIRE_OPTIONAL, &id, err) ||
			wire_get_uuid(body, "speaker", WIRE_OPTIONAL, &id, err) ||
			wire_get_int(body, "said", WIRE_OPTIONAL, 0, EVENT_TIME_MAX, &said, err) ?
		-1 :
		0;
}

static int check_text(const json_t *body, struct err *err)
{
	const char *text;

	if (wire_get_text(body, "text", WIRE_REQUIRED, BODY_TEXT_MAX, &text, err))
		return -1;
	return *text ? 0 : err_set(err, ERR_INVALID, "the text is empty");
}

static int check_send(const json_t *body, struct err *err)
{
	return check_text(body, err) || check_shell(body, err) ? -1 : 0;
}

/* --- who may ---------------------------------------------------------------------------- */

static int message_is_here(const struct guard *g, const struct uuid *id, struct err *err)
{
	static const struct db_sql sql = {"message_here",
		"SELECT 1 FROM event JOIN view_message ON view_message.key = event.key"
		" WHERE event.id = :id AND event.album = :album"};
	int64_t one;
	int found = db_get_int(
		g->db, &sql, &one, err, DB_UUID(":id", id), DB_INT(":album", g->album->key));

	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such message in this album");
	return found < 0 ? -1 : 0;
}

/* Only who imported a voice lends it words. */
static int speaker_is_theirs(const struct guard *g, const struct uuid *id, struct err *err)
{
	static const struct db_sql sql = {"speaker_here",
		"SELECT 1 FROM view_participant WHERE album = :album AND id = :id AND kind = 'speaker'"
		" AND removed IS NULL AND inviter = :author"};
	int64_t one;
	int found = db_get_int(g->db, &sql, &one, err, DB_INT(":album", g->album->key),
		DB_UUID(":id", id), DB_UUID(":author", &g->actor.id));

	if (found == 0)
		return err_set(err, ERR_DENIED, "nobody may speak for that participant");
	return found < 0 ? -1 : 0;
}

static int authorize_send(const struct guard *g, const struct event *e, struct err *err)
{
	struct sha256 photo;
	struct uuid id;

	if (body_hash(e->json, "photo", &photo) && need_shown_photo(g, photo.bytes, err))
		return -1;
	if (body_uuid(e->json, "reply_to", &id) && message_is_here(g, &id, err))
		return -1;
	if (body_uuid(e->json, "speaker", &id) && speaker_is_theirs(g, &id, err))
		return -1;
	return 0;
}

/* The message must be there and not taken back; *author is who sent the event at *key. */
static int find_live(const struct guard *g, const struct entity *about, struct uuid *author,
	int64_t *key, struct err *err)
{
	static const struct db_sql sql = {"message_live",
		"SELECT event.author, view_message.deleted, event.key FROM event"
		" JOIN view_message ON view_message.key = event.key"
		" WHERE event.id = :id AND event.album = :album"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(g->db, &sql, &rows, err, DB_ENTITY(":id", about),
		    DB_INT(":album", g->album->key)))
		return -1;
	found = db_next(&rows, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such message in this album");
	if (found < 0 || db_uuid(&rows, 0, author, err))
		return -1;
	if (db_int(&rows, 1))
		return err_set(err, ERR_CONFLICT, "this message was taken back");
	*key = db_int(&rows, 2);
	return 0;
}

static int authorize_edit(const struct guard *g, const struct event *e, struct err *err)
{
	struct uuid author;
	int64_t key;

	if (find_live(g, &e->about, &author, &key, err))
		return -1;
	if (!uuid_equal(&author, &e->author))
		return err_set(err, ERR_DENIED, "only its author may edit a message");
	return 0;
}

static bool same_shell(const json_t *a, const json_t *b)
{
	for (size_t i = 0; shell_keys[i]; i++) {
		json_t *x = json_object_get(a, shell_keys[i]),
		       *y = json_object_get(b, shell_keys[i]);

		if (x != y && (!x || !y || !json_equal(x, y)))
			return false;
	}
	return true;
}

/* What outlives the words may not say anything else than the message did. */
static int check_true_shell(
	const struct guard *g, int64_t key, const struct event *e, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	struct event sent;

	if (event_read(
		    g->db, g->album->key, event_place(key), event_place(key) + 1, &reader, err) ||
		event_next(reader, &sent, err) < 0)
		return -1;
	if (same_shell(sent.json, e->json))
		return 0;
	return err_set(err, ERR_INVALID, "%s names another shell than its message has", e->kind);
}

static int authorize_unsend(const struct guard *g, const struct event *e, struct err *err)
{
	struct uuid author;
	int64_t key;

	if (find_live(g, &e->about, &author, &key, err))
		return -1;
	if (!uuid_equal(&author, &e->author) && !role_has(g->actor.role, RIGHT_MODERATE))
		return deny(err, g, RIGHT_MODERATE);
	return check_true_shell(g, key, e, err);
}

/* --- fold ------------------------------------------------------------------------------- */

static int put_message(
	struct fold *f, const struct event *e, const struct event *text, struct err *err)
{
	static const struct db_sql sql = {"message_put",
		"INSERT INTO view_message(key, album, \"when\", id, author, photo, reply_to, text, deleted)"
		" VALUES(:key, :album, :when, :id, :author, :photo, :reply_to, :text, :deleted)"};
	struct sha256 photo;
	struct uuid reply_to, author = e->author;
	bool has_photo = body_hash(e->json, "photo", &photo);
	bool has_reply = body_uuid(e->json, "reply_to", &reply_to);

	body_uuid(e->json, "speaker", &author);
	f->messages += text != NULL;
	return db_run(f->db, &sql, err, DB_INT(":key", e->key), DB_INT(":album", f->album),
		DB_INT(":when", body_int(e->json, "said", event_when(e))), DB_UUID(":id", &e->id),
		DB_UUID(":author", &author),
		DB_BLOB(":photo", has_photo ? photo.bytes : NULL, SHA256_LEN),
		DB_UUID(":reply_to", has_reply ? &reply_to : NULL),
		text ? DB_INT(":text", text->key) : DB_NULL(":text"),
		DB_INT(":deleted", text == NULL));
}

static int apply_send(struct fold *f, const struct event *e, struct err *err)
{
	return put_message(f, e, e->json ? e : NULL, err);
}

static int apply_edit(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"message_edit",
		"UPDATE view_message SET text = :text, edited = :when WHERE deleted = 0 AND key ="
		" (SELECT key FROM event WHERE id = :id AND album = :album)"};

	if (!e->json)
		return 0;
	return db_run(f->db, &sql, err, DB_INT(":text", e->key), DB_INT(":when", event_when(e)),
		DB_ENTITY(":id", &e->about), DB_INT(":album", f->album));
}

/* 1 and the state of the message's row, 0 when it has none. */
static int row_of(
	struct fold *f, const struct entity *about, int64_t *key, bool *deleted, struct err *err)
{
	static const struct db_sql sql = {"message_row",
		"SELECT view_message.key, deleted FROM event JOIN view_message"
		" ON view_message.key = event.key WHERE event.id = :id AND event.album = :album"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	if (db_query(f->db, &sql, &rows, err, DB_ENTITY(":id", about), DB_INT(":album", f->album)))
		return -1;
	found = db_next(&rows, err);
	if (found == 1) {
		*key = db_int(&rows, 0);
		*deleted = db_int(&rows, 1) != 0;
	}
	return found;
}

static int apply_unsend(struct fold *f, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"message_unsend",
		"UPDATE view_message SET deleted = 1, text = NULL, edited = NULL,"
		" \"when\" = coalesce(:said, \"when\"), author = coalesce(:speaker, author),"
		" photo = coalesce(:photo, photo), reply_to = coalesce(:reply_to, reply_to)"
		" WHERE key = :key"};
	int64_t key, said = body_int(e->json, "said", -1);
	struct uuid speaker, reply_to;
	struct sha256 photo;
	bool deleted;
	int found = row_of(f, &e->about, &key, &deleted, err);

	if (found != 1)
		return found;
	f->messages -= !deleted;
	return db_run(f->db, &sql, err, said >= 0 ? DB_INT(":said", said) : DB_NULL(":said"),
		DB_UUID(":speaker", body_uuid(e->json, "speaker", &speaker) ? &speaker : NULL),
		DB_BLOB(":photo", body_hash(e->json, "photo", &photo) ? photo.bytes : NULL,
			SHA256_LEN),
		DB_UUID(":reply_to", body_uuid(e->json, "reply_to", &reply_to) ? &reply_to : NULL),
		DB_INT(":key", key));
}

static int drop(struct fold *f, const struct entity *about, struct err *err)
{
	static const struct db_sql sql = {
		"message_drop", "DELETE FROM view_message WHERE key = :key"};
	bool deleted;
	int64_t key;
	int found = about->len == 16 ? row_of(f, about, &key, &deleted, err) : 0;

	if (found != 1)
		return found;
	f->messages -= !deleted;
	return db_run(f->db, &sql, err, DB_INT(":key", key));
}

/* --- tell ------------------------------------------------------------------------------- */

static void tell_send(const struct event *e, struct str *out)
{
	struct sha256 photo;

	if (!e->json) {
		str_addz(out, "said something that was taken back");
		return;
	}
	if (body_hash(e->json, "photo", &photo)) {
		str_addz(out, "said about photo ");
		str_add_hex(out, photo.bytes, 4);
		str_addz(out, ": ");
	} else
		str_addz(out, "said: ");
	tell_text(out, body_text(e->json, "text"));
}

static void tell_edit(const struct event *e, struct str *out)
{
	str_addz(out, "edited message ");
	tell_entity(out, &e->about);
	if (!e->json)
		return;
	str_addz(out, ": ");
	tell_text(out, body_text(e->json, "text"));
}

static void tell_unsend(const struct event *e, struct str *out)
{
	str_addz(out, "took back message ");
	tell_entity(out, &e->about);
}

static const struct event_kind kinds[] = {
	{
		.name = "message.send",
		.needs = RIGHT_TALK,
		.makes = true,
		.keys = send_keys,
		.check = check_send,
		.authorize = authorize_send,
		.apply = apply_send,
		.tell = tell_send,
	},
	{
		.name = "message.edit",
		.needs = RIGHT_TALK,
		.keys = edit_keys,
		.check = check_text,
		.authorize = authorize_edit,
		.apply = apply_edit,
		.tell = tell_edit,
	},
	{
		.name = "message.unsend",
		.needs = RIGHT_TALK,
		.erases = true,
		.keys = shell_keys,
		.check = check_shell,
		.authorize = authorize_unsend,
		.apply = apply_unsend,
		.tell = tell_unsend,
	},
	{.name = NULL},
};

const struct event_family message_family = {
	.name = "message", .kinds = kinds, .about_len = 16, .drop = drop};
