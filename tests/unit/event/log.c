/* log.c - the event room: submit, authorize, pending, confirm, reject, receive, erase, rebuild. */
#include "tap.h"
#include "base/path.h"
#include "db/schema.h"
#include "event/event.h"
#include "event/kind.h"
#include "event/role.h"

#include <unistd.h>

static struct err err;
static int64_t now = 1700000000000;

static int64_t test_now(const struct clock *clock)
{
	(void)clock;
	return now++;
}

static const struct clock test_clock = {.now_ms = test_now, .mono_us = test_now};

struct side {
	char path[64];
	struct db *db;
	struct event_log *log;
	struct uuid store, user;
	int64_t album;
};

static int set_rev(struct db *db)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;

	return db_begin(db, "test", &tx, &err) ||
			db_script(db, "INSERT INTO meta VALUES('rev', 0)", &err) ||
			db_commit(&tx, &err) ?
		-1 :
		0;
}

static void side_open(struct side *s, const char *name)
{
	char dir[] = "/tmp/pinhole-event-XXXXXX";

	memset(s, 0, sizeof(*s));
	if (!mkdtemp(dir))
		exit(1);
	snprintf(s->path, sizeof(s->path), "%s/%s.db", dir, name);
	s->store = uuid_make(1);
	s->user = uuid_make(2);
	ok_call(db_open(s->path, DB_CREATE, &s->db, &err), &err, "open %s", name);
	ok_call(schema_migrate(s->db, NULL, &err), &err, "schema");
	ok_call(schema_reset_views(s->db, &err), &err, "views");
	ok_call(set_rev(s->db), &err, "rev");
	ok_call(event_log_open(s->db, &test_clock, &s->store, &s->log, &err), &err, "log");
}

static void side_close(struct side *s)
{
	char *slash;

	event_log_close(s->log);
	db_close(s->db);
	slash = strrchr(s->path, '/');
	*slash = '\0';
	{
		_cleanup_str_ struct str command = STR_INIT(256);
		str_addf(&command, "rm -rf '%s'", s->path);
		if (system(command.data))
			exit(1);
	}
}

static int submit(struct side *s, const char *kind, const struct entity *about,
	const struct uuid *author, json_t *body, struct receipt *out)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	_cleanup_json_ json_t *owned = body;
	struct draft d = {.album = s->album,
		.kind = kind,
		.author = *author,
		.device = s->store,
		.body = owned};
	struct receipt receipt;

	if (about)
		d.about = *about;
	if (event_begin(s->log, "test", &tx, &err) ||
		event_submit(tx, &d, out ? out : &receipt, &err))
		return -1;
	return event_commit(&tx, &err);
}

static int add_album(struct side *s, const struct uuid *id, const struct uuid *home)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;

	if (event_begin(s->log, "album", &tx, &err) ||
		event_album_add(tx, id, "album", home, NULL, &s->album, &err))
		return -1;
	return event_commit(&tx, &err);
}

static void found_album(struct side *s, const struct uuid *id)
{
	struct entity album = entity_from_uuid(id), owner = entity_from_uuid(&s->user);

	ok_call(add_album(s, id, NULL), &err, "album row");
	ok_call(submit(s, "album.create", &album, &s->user, json_pack("{s:s}", "title", "Beach"),
			NULL),
		&err, "create");
	ok_call(submit(s, "member.add", &owner, &s->user,
			json_pack("{s:s,s:s,s:s}", "kind", "user", "name", "Ada", "role", "owner"),
			NULL),
		&err, "owner");
}

static int64_t total(struct side *s, const char *column)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	_cleanup_str_ struct str sql = STR_INIT(256);

	str_addf(&sql, "SELECT coalesce(sum(%s), 0) FROM view_total", column);
	if (db_query_text(s->db, sql.data, &rows, NULL, 0, &err) || db_next(&rows, &err) != 1)
		return -1;
	return db_int(&rows, 0);
}

static int64_t number(struct side *s, const char *sql)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query_text(s->db, sql, &rows, NULL, 0, &err) || db_next(&rows, &err) != 1)
		return -1;
	return db_int(&rows, 0);
}

static void same_after_rebuild(struct side *s, const char *what)
{
	struct sha256 before, after;
	int64_t replayed, checked;

	ok_call(event_view_digest(s->db, s->album, &before, &err), &err, "digest before");
	ok_call(event_rebuild(s->log, true, NULL, NULL, &replayed, &err), &err, "rebuild");
	ok_call(event_view_digest(s->db, s->album, &after, &err), &err, "digest after");
	ok(sha256_compare(&before, &after) == 0, "view = rebuild: %s", what);
	ok_call(event_verify(s->db, s->album, &checked, &err), &err, "the chain holds: %s", what);
}

static void test_home(void)
{
	struct side s;
	struct uuid id = uuid_make(3), stranger = uuid_make(4);
	struct receipt hello, other;
	struct entity about;
	struct draft again = {.kind = "message.send"};
	_cleanup_json_ json_t *text = json_pack("{s:s}", "text", "hello wonderful world");

	side_open(&s, "home");
	ok(submit(&s, "message.send", NULL, &s.user, json_pack("{s:s}", "text", "x"), NULL) < 0 &&
			err.kind == ERR_NOT_FOUND,
		"no album, no message");
	found_album(&s, &id);
	ok_call(submit(&s, "message.send", NULL, &s.user, json_incref(text), &hello), &err,
		"hello");
	is_int(hello.seq, 3, "the third event");
	ok(submit(&s, "message.send", NULL, &stranger, json_incref(text), NULL) < 0 &&
			err.kind == ERR_DENIED,
		"a stranger is refused");
	ok(submit(&s, "message.send", NULL, &s.user, json_pack("{s:f}", "text", 1.5), NULL) < 0 &&
			err.kind == ERR_INVALID,
		"a wrong body is refused");
	ok(submit(&s, "message.send", NULL, &s.user, json_pack("{s:s,s:i}", "text", "x", "z", 1),
		   NULL) < 0 &&
			err.kind == ERR_INVALID,
		"an unknown key is refused");
	is_int(number(&s, "SELECT head FROM album"), 3, "refused events leave no gap");

	/* the same id again */
	{
		_cleanup_event_tx_ struct event_tx *tx = NULL;
		_cleanup_json_ json_t *changed = json_pack("{s:s}", "text", "other");

		again.album = s.album;
		again.author = s.user;
		again.device = s.store;
		again.body = text;
		again.id = uuid_make(5);
		again.time = 77;
		ok_call(event_begin(s.log, "again", &tx, &err), &err, "begin");
		ok_call(event_submit(tx, &again, &hello, &err), &err, "once");
		ok_call(event_submit(tx, &again, &other, &err), &err, "twice");
		ok(other.duplicate && other.seq == hello.seq,
			"the same id answers the first receipt");
		again.body = changed;
		ok(event_submit(tx, &again, &other, &err) < 0 && err.kind == ERR_CONFLICT,
			"the same id with other bytes is a conflict");
		ok_call(event_commit(&tx, &err), &err, "commit");
	}
	is_int(total(&s, "messages"), 2, "two messages");

	about = entity_from_uuid(&hello.id);
	ok_call(submit(&s, "message.edit", &about, &s.user, json_pack("{s:s}", "text", "xylophone"),
			NULL),
		&err, "edit");
	ok_call(submit(&s, "reaction.add", &about, &s.user, json_pack("{s:s}", "name", "like"),
			NULL),
		&err, "like");
	same_after_rebuild(&s, "home");
	ok_call(submit(&s, "message.unsend", &about, &s.user, json_pack("{}"), NULL), &err,
		"unsend");
	is_int(total(&s, "messages"), 1, "one message left");
	is_int(number(&s, "SELECT count(*) FROM event WHERE body LIKE '%xylophone%'"), 0,
		"the words are gone from the log");
	same_after_rebuild(&s, "after unsend");
	ok(submit(&s, "message.edit", &about, &s.user, json_pack("{s:s}", "text", "y"), NULL) < 0 &&
			err.kind == ERR_CONFLICT,
		"what was taken back cannot be edited");
	side_close(&s);
}

static struct entity photo_id(int n)
{
	struct sha256 hash;

	crypt_sha256(&n, sizeof(n), &hash);
	return entity_from_hash(&hash);
}

static json_t *photo_body(int bytes)
{
	return json_pack("{s:s,s:s,s:i,s:i,s:i,s:{s:I},s:[s]}", "kind", "image", "mime",
		"image/jpeg", "bytes", bytes, "width", 40, "height", 30, "taken", "local",
		(json_int_t)1600000000000, "keywords", "sea");
}

static void test_photos(void)
{
	struct side s;
	struct uuid id = uuid_make(3);
	struct entity a = photo_id(1), b = photo_id(2);
	_cleanup_str_ struct str hex = STR_INIT(64);

	side_open(&s, "photos");
	found_album(&s, &id);
	ok_call(submit(&s, "photo.add", &a, &s.user, photo_body(100), NULL), &err, "add");
	ok_call(submit(&s, "photo.add", &b, &s.user, photo_body(50), NULL), &err, "add another");
	ok(submit(&s, "photo.add", &a, &s.user, photo_body(100), NULL) < 0 &&
			err.kind == ERR_CONFLICT,
		"the same photo twice is refused");
	is_int(total(&s, "photos"), 2, "two photos");
	is_int(total(&s, "bytes"), 150, "and their bytes");
	ok_call(submit(&s, "photo.caption", &a, &s.user, json_pack("{s:s}", "text", "Low tide"),
			NULL),
		&err, "caption");
	ok_call(submit(&s, "photo.tag", &a, &s.user,
			json_pack("{s:[s],s:[s]}", "add", "dog", "remove", "sea"), NULL),
		&err, "tag");
	is_int(number(&s, "SELECT count(*) FROM view_tag"), 2, "tags");
	str_add_hex(&hex, a.bytes, 32);
	ok_call(submit(&s, "photo.join", &b, &s.user, json_pack("{s:s}", "into", hex.data), NULL),
		&err, "join");
	is_int(total(&s, "photos"), 1, "an alias does not count");
	same_after_rebuild(&s, "photos");
	ok_call(submit(&s, "photo.remove", &a, &s.user, json_pack("{}"), NULL), &err, "remove");
	is_int(total(&s, "photos"), 0, "removed");
	ok_call(submit(&s, "photo.restore", &a, &s.user, json_pack("{}"), NULL), &err, "restore");
	is_int(total(&s, "photos"), 1, "restored");
	ok_call(submit(&s, "photo.erase", &a, &s.user, json_pack("{}"), NULL), &err, "erase");
	is_int(number(&s, "SELECT count(*) FROM event WHERE body LIKE '%Low tide%'"), 0,
		"erased words");
	is_int(number(&s, "SELECT count(*) FROM view_tag"), 1,
		"only the other photo's tag is left");
	same_after_rebuild(&s, "erased");
	ok_call(submit(&s, "photo.add", &a, &s.user, photo_body(100), NULL), &err, "add it again");
	is_int(total(&s, "photos"), 1, "and it is back");
	same_after_rebuild(&s, "back");
	side_close(&s);
}

/* Copies confirmed events from one log to another, as sync will. */
static int carry(struct side *from, struct side *to)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	struct event e;
	int more;

	if (event_read(from->db, from->album, 1, EVENT_PLACE_PENDING, &reader, &err) ||
		event_begin(to->log, "carry", &tx, &err))
		return -1;
	while ((more = event_next(reader, &e, &err)) == 1) {
		e.album = to->album;
		if (event_receive(tx, &e, &err))
			return -1;
	}
	return more < 0 ? -1 : event_commit(&tx, &err);
}

static int same_views(struct side *a, struct side *b)
{
	struct sha256 x, y;

	return event_view_digest(a->db, a->album, &x, &err) == 0 &&
		event_view_digest(b->db, b->album, &y, &err) == 0 && sha256_compare(&x, &y) == 0;
}

static int settle(struct side *s, const struct uuid *id, int64_t seq, int64_t at)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;

	if (event_begin(s->log, "settle", &tx, &err))
		return -1;
	if (seq ? event_confirm(tx, s->album, id, seq, at, &err) :
		  event_reject(tx, s->album, id, ERR_DENIED, "no longer a member", &err))
		return -1;
	return event_commit(&tx, &err);
}

static void test_replica(void)
{
	struct side home, away;
	struct uuid id = uuid_make(3);
	struct receipt m, p;
	struct entity about;

	side_open(&home, "home");
	side_open(&away, "away");
	away.user = home.user;
	found_album(&home, &id);
	ok_call(submit(&home, "message.send", NULL, &home.user, json_pack("{s:s}", "text", "one"),
			&m),
		&err, "one");
	ok_call(add_album(&away, &id, &home.store), &err, "replica");
	ok_call(carry(&home, &away), &err, "carry");
	ok_call(carry(&home, &away), &err, "carrying again changes nothing");
	ok(same_views(&home, &away), "the replica holds the same view");

	/* pending: shown at once, numbered later, possibly out of order */
	about = entity_from_uuid(&m.id);
	ok_call(submit(&away, "message.edit", &about, &away.user,
			json_pack("{s:s}", "text", "mine"), &p),
		&err, "a pending edit");
	is_int(p.seq, 0, "has no seq");
	is_int(number(&away, "SELECT count(*) FROM view_message WHERE edited IS NOT NULL"), 1,
		"but shows");
	ok_call(submit(&home, "message.edit", &about, &home.user,
			json_pack("{s:s}", "text", "theirs"), NULL),
		&err, "meanwhile at home");
	ok_call(carry(&home, &away), &err, "carry");
	is_int(number(&away,
		       "SELECT count(*) FROM view_message JOIN event ON event.key = text"
		       " WHERE body LIKE '%mine%'"),
		1, "the pending edit still shows: it folds last");
	same_after_rebuild(&away, "with pending");
	ok_call(settle(&away, &p.id, 0, 0), &err, "the home refuses it");
	ok(same_views(&home, &away), "a refused event is out of the view");
	is_int(number(&away, "SELECT count(*) FROM rejection"), 1, "its reason is kept");
	same_after_rebuild(&away, "with rejected");

	ok_call(submit(&away, "message.edit", &about, &away.user,
			json_pack("{s:s}", "text", "again"), &p),
		&err, "another pending edit");
	ok(settle(&away, &p.id, 9, now) < 0 && err.kind == ERR_CONFLICT,
		"a wrong place is refused");
	ok_call(settle(&away, &p.id, 5, now), &err, "the home confirms it");
	same_after_rebuild(&away, "confirmed");

	/* a fork is seen */
	ok_call(submit(&home, "message.send", NULL, &home.user, json_pack("{s:s}", "text", "fork"),
			NULL),
		&err, "the home goes another way");
	ok(carry(&home, &away) < 0 && err.kind == ERR_CONFLICT, "another event at the same place");

	side_close(&home);
	side_close(&away);
}

static void test_roles(void)
{
	struct side s;
	struct uuid id = uuid_make(3), member = uuid_make(6), viewer = uuid_make(7);
	struct entity e;
	struct receipt m;

	side_open(&s, "roles");
	found_album(&s, &id);
	e = entity_from_uuid(&member);
	ok_call(submit(&s, "member.add", &e, &s.user,
			json_pack("{s:s,s:s,s:s}", "kind", "user", "name", "Bob", "role", "member"),
			NULL),
		&err, "add a member");
	e = entity_from_uuid(&viewer);
	ok(submit(&s, "member.add", &e, &member,
		   json_pack("{s:s,s:s,s:s}", "kind", "user", "name", "Eve", "role", "viewer"),
		   NULL) < 0 &&
			err.kind == ERR_DENIED,
		"a member may not invite");
	ok_call(submit(&s, "member.add", &e, &s.user,
			json_pack("{s:s,s:s,s:s}", "kind", "user", "name", "Eve", "role", "viewer"),
			NULL),
		&err, "add a viewer");
	ok_call(submit(&s, "message.send", NULL, &s.user, json_pack("{s:s}", "text", "hi"), &m),
		&err, "owner talks");
	ok(submit(&s, "message.send", NULL, &viewer, json_pack("{s:s}", "text", "x"), NULL) < 0 &&
			err.kind == ERR_DENIED,
		"a viewer may not talk");
	e = entity_from_uuid(&m.id);
	ok_call(submit(&s, "reaction.add", &e, &viewer, json_pack("{s:s}", "name", "like"), NULL),
		&err, "but like");
	ok(submit(&s, "message.edit", &e, &member, json_pack("{s:s}", "text", "x"), NULL) < 0 &&
			err.kind == ERR_DENIED,
		"only the author edits");
	ok(submit(&s, "message.unsend", &e, &member, json_pack("{}"), NULL) < 0 &&
			err.kind == ERR_DENIED,
		"a member does not take back others' words");
	e = entity_from_uuid(&member);
	ok_call(submit(&s, "member.remove", &e, &s.user, json_pack("{}"), NULL), &err,
		"remove Bob");
	ok(submit(&s, "message.send", NULL, &member, json_pack("{s:s}", "text", "x"), NULL) < 0 &&
			err.kind == ERR_DENIED,
		"who was removed may not talk, at once");
	e = entity_from_uuid(&s.user);
	ok(submit(&s, "member.leave", &e, &s.user, json_pack("{}"), NULL) < 0, "the owner stays");
	e = entity_from_uuid(&id);
	ok_call(submit(&s, "album.delete", &e, &s.user, json_pack("{}"), NULL), &err, "delete");
	ok(submit(&s, "message.send", NULL, &s.user, json_pack("{s:s}", "text", "x"), NULL) < 0 &&
			err.kind == ERR_DENIED,
		"nothing more is said in a deleted album");
	same_after_rebuild(&s, "roles");
	ok(!role_has(ROLE_OWNER, RIGHT_UNSET) && !role_has(ROLE_NONE, RIGHT_LOOK), "fails closed");
	side_close(&s);
}

int main(void)
{
	ok_call(event_kinds_check(&err), &err, "every kind has a right and its functions");
	test_home();
	test_photos();
	test_replica();
	test_roles();
	return tap_done();
}
