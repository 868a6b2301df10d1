/* model.c - what the model promises where somebody bends it: founding, roles, shells, joins, received
 * events of the wrong shape, a person's own log. */
#include "event_fixture.h"

static struct entity some_entity(int64_t ms)
{
	struct uuid id = uuid_make(ms);

	return entity_from_uuid(&id);
}

static json_t *hex_body(const char *key, const struct entity *about)
{
	_cleanup_str_ struct str hex = STR_INIT(64);

	str_add_hex(&hex, about->bytes, about->len);
	return json_pack("{s:s}", key, hex.data);
}

static json_t *uuid_body(const char *key, const struct uuid *id)
{
	char text[UUID_TEXT_LEN + 1];

	uuid_format(id, text);
	return json_pack("{s:s,s:s}", key, text, "text", "hello");
}

static json_t *person(const char *kind, const char *role)
{
	return json_pack("{s:s,s:s,s:s}", "kind", kind, "name", "Bob", "role", role);
}

static int role(struct side *s, const struct entity *who, const struct uuid *by, const char *role)
{
	return submit(s, "member.role", who, by, json_pack("{s:s}", "role", role), NULL);
}

/* --- founding --------------------------------------------------------------------------- */

static void test_founding(void)
{
	struct side s;
	struct uuid id = uuid_make(3), thief = uuid_make(4);
	struct entity album = entity_from_uuid(&id), wrong = some_entity(5),
		      owner = entity_from_uuid(&thief);

	side_open(&s, "founding");
	ok_call(add_album(&s, &id, NULL), &err, "row");
	ok(submit(&s, "album.create", &wrong, &s.user, json_pack("{s:s}", "title", "x"), NULL) < 0,
		"a creation is about the album itself");
	ok_call(submit(&s, "album.create", &album, &s.user, json_pack("{s:s}", "title", "x"), NULL),
		&err, "created");
	ok(submit(&s, "member.add", &owner, &thief, person("user", "owner"), NULL) < 0 &&
			err.kind == ERR_DENIED,
		"only who created the album becomes its owner");
	side_close(&s);
}

/* --- roles ------------------------------------------------------------------------------ */

static void test_owners(void)
{
	struct side s;
	struct uuid id = uuid_make(3), bob = uuid_make(4);
	struct entity ada, other = entity_from_uuid(&bob), voice = some_entity(6);

	side_open(&s, "owners");
	found_album(&s, &id);
	ada = entity_from_uuid(&s.user);
	ok_call(submit(&s, "member.add", &other, &s.user, person("user", "member"), NULL), &err,
		"Bob");
	ok(submit(&s, "member.leave", &ada, &s.user, json_object(), NULL) < 0,
		"the only owner cannot leave");
	ok(role(&s, &ada, &s.user, "member") < 0, "nor step down");
	ok_call(submit(&s, "member.add", &voice, &s.user, person("speaker", "none"), NULL), &err,
		"a voice");
	ok(role(&s, &voice, &s.user, "owner") < 0, "a voice cannot own an album");
	ok_call(role(&s, &other, &s.user, "owner"), &err, "the album is handed over");
	ok_call(role(&s, &ada, &s.user, "member"), &err, "then the first owner steps down");
	ok_call(submit(&s, "member.leave", &ada, &s.user, json_object(), NULL), &err, "and leaves");
	ok(role(&s, &ada, &bob, "admin") < 0, "who left has no role to change");
	ok_call(submit(&s, "member.add", &ada, &bob, person("user", "viewer"), NULL), &err,
		"and may be added again");
	is_int(number(&s, "SELECT joined FROM view_participant WHERE role = 'viewer'"), 2,
		"as of the first time");
	same_after_rebuild(&s, "owners");
	side_close(&s);
}

static void test_voices(void)
{
	struct side s;
	struct uuid id = uuid_make(3), bob = uuid_make(4), voice = uuid_make(5);
	struct entity other = entity_from_uuid(&bob), it = entity_from_uuid(&voice);

	side_open(&s, "voices");
	found_album(&s, &id);
	ok_call(submit(&s, "member.add", &other, &s.user, person("user", "admin"), NULL), &err,
		"Bob");
	ok_call(submit(&s, "member.add", &it, &s.user, person("speaker", "none"), NULL), &err,
		"Ada imports a voice");
	ok(submit(&s, "member.add", &it, &bob, person("user", "member"), NULL) < 0 &&
			err.kind == ERR_CONFLICT,
		"a voice cannot be added again as somebody else");
	ok_call(submit(&s, "message.send", NULL, &s.user, uuid_body("speaker", &voice), NULL), &err,
		"she lends it words");
	ok(submit(&s, "message.send", NULL, &bob, uuid_body("speaker", &voice), NULL) < 0 &&
			err.kind == ERR_DENIED,
		"nobody else puts words into its mouth");
	side_close(&s);
}

/* --- shells ----------------------------------------------------------------------------- */

static void test_shells(void)
{
	struct side s;
	struct uuid id = uuid_make(3), voice = uuid_make(5);
	struct entity it = entity_from_uuid(&voice), photo = photo_id(1), about;
	struct receipt said;
	json_t *body;

	side_open(&s, "shells");
	found_album(&s, &id);
	ok_call(submit(&s, "photo.add", &photo, &s.user, photo_body(9), NULL), &err, "photo");
	ok_call(submit(&s, "member.add", &it, &s.user, person("speaker", "none"), NULL), &err,
		"voice");
	body = hex_body("photo", &photo);
	json_object_set_new(body, "text", json_string("nice"));
	ok_call(submit(&s, "message.send", NULL, &s.user, body, &said), &err, "a comment");
	about = entity_from_uuid(&said.id);
	body = uuid_body("speaker", &voice);
	json_object_del(body, "text");
	ok(submit(&s, "message.unsend", &about, &s.user, body, NULL) < 0 && err.kind == ERR_INVALID,
		"a shell cannot name another author");
	ok(submit(&s, "message.unsend", &about, &s.user, json_object(), NULL) < 0,
		"nor lose its photo");
	ok_call(submit(&s, "message.unsend", &about, &s.user, hex_body("photo", &photo), NULL),
		&err, "the true shell");
	is_int(number(&s, "SELECT count(*) FROM view_message WHERE photo IS NOT NULL"), 1,
		"stays with the photo");
	same_after_rebuild(&s, "shells");
	side_close(&s);
}

/* --- photos ----------------------------------------------------------------------------- */

static void test_joins(void)
{
	struct side s;
	struct uuid id = uuid_make(3);
	struct entity a = photo_id(1), b = photo_id(2), c = photo_id(3);

	side_open(&s, "joins");
	found_album(&s, &id);
	for (int i = 1; i <= 3; i++) {
		struct entity p = photo_id(i);

		ok_call(submit(&s, "photo.add", &p, &s.user, photo_body(9), NULL), &err, "add %d",
			i);
	}
	ok_call(submit(&s, "photo.remove", &c, &s.user, json_object(), NULL), &err, "remove");
	ok(submit(&s, "photo.join", &a, &s.user, hex_body("into", &c), NULL) < 0 &&
			err.kind == ERR_CONFLICT,
		"a photo cannot be hidden by joining it into a removed one");
	ok_call(submit(&s, "photo.restore", &c, &s.user, json_object(), NULL), &err, "restore");
	ok_call(submit(&s, "photo.join", &a, &s.user, hex_body("into", &b), NULL), &err, "a to b");
	ok(submit(&s, "photo.join", &b, &s.user, hex_body("into", &c), NULL) < 0,
		"aliases are one step deep: b has a");
	ok(submit(&s, "photo.join", &b, &s.user, hex_body("into", &a), NULL) < 0, "no cycle");
	is_int(total(&s, "photos"), 2, "two photos are shown");
	same_after_rebuild(&s, "joins");
	side_close(&s);
}

static void test_restore_late(void)
{
	struct side s;
	struct uuid id = uuid_make(3);
	struct entity a = photo_id(1);
	int64_t before;

	side_open(&s, "late");
	found_album(&s, &id);
	ok_call(submit(&s, "photo.add", &a, &s.user, photo_body(9), NULL), &err, "add");
	before = now;
	ok_call(submit(&s, "photo.remove", &a, &s.user, json_object(), NULL), &err, "remove");
	now += (int64_t)31 * 86400000;
	{
		_cleanup_event_tx_ struct event_tx *tx = NULL;
		struct draft d = {.album = s.album,
			.kind = "photo.restore",
			.about = a,
			.author = s.user,
			.device = s.store,
			.time = before};
		struct receipt r;

		ok_call(event_begin(s.log, "late", &tx, &err), &err, "begin");
		ok(event_submit(tx, &d, &r, &err) < 0 && err.kind == ERR_CONFLICT,
			"thirty days are counted by the home's clock, not the author's");
	}
	side_close(&s);
}

/* --- a person's own log ----------------------------------------------------------------- */

static void test_self(void)
{
	struct side s;
	struct uuid id = uuid_make(3);
	struct entity album = entity_from_uuid(&id), me, other = some_entity(7);
	bool made;

	side_open(&s, "self");
	me = entity_from_uuid(&s.user);
	{
		_cleanup_event_tx_ struct event_tx *tx = NULL;

		made = event_begin(s.log, "self", &tx, &err) == 0 &&
			event_album_add(tx, &id, "self", NULL, NULL, &s.album, &err) == 0 &&
			event_commit(&tx, &err) == 0;
	}
	ok_call(!made ||
			submit(&s, "album.create", &album, &s.user,
				json_pack("{s:s}", "title", "self"), NULL) ||
			submit(&s, "member.add", &me, &s.user, person("user", "owner"), NULL),
		&err, "a person's own log");
	ok(submit(&s, "message.send", NULL, &s.user, json_pack("{s:s}", "text", "x"), NULL) < 0,
		"nobody talks there");
	ok(submit(&s, "member.add", &other, &s.user, person("user", "member"), NULL) < 0,
		"nobody joins there");
	ok_call(submit(&s, "self.read", &other, &s.user, json_pack("{s:i}", "seq", 5), NULL), &err,
		"a read mark");
	ok_call(submit(&s, "self.setting", &other, &s.user,
			json_pack("{s:s,s:s}", "name", "read", "value", "x"), NULL),
		&err, "a setting of the same name");
	ok_call(submit(&s, "self.read", &other, &s.user, json_pack("{s:i}", "seq", 9), NULL), &err,
		"a later mark");
	ok_call(submit(&s, "self.read", &other, &s.user, json_pack("{s:i}", "seq", 7), NULL), &err,
		"an earlier one");
	is_int(number(&s, "SELECT seq FROM view_self WHERE name = 'read'"), 9,
		"the highest mark counts, whatever settings are called");
	same_after_rebuild(&s, "self");
	side_close(&s);
}

/* --- received --------------------------------------------------------------------------- */

static int receive(struct side *s, const struct event *e)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;

	if (event_begin(s->log, "receive", &tx, &err) || event_receive(tx, e, &err))
		return -1;
	return event_commit(&tx, &err);
}

/* What a hostile home may send must be refused before it makes the log unreadable. */
static void test_received(void)
{
	struct side home, replica;
	struct uuid id = uuid_make(3);
	struct event e = {
		.seq = 3, .at = 1800000000000, .body = "{\"text\":\"x\"}", .body_len = 12};
	int64_t checked;

	side_open(&home, "home");
	side_open(&replica, "replica");
	found_album(&home, &id);
	ok_call(add_album(&replica, &id, &home.store), &err, "replica");
	ok_call(carry(&home, &replica), &err, "carried");
	e.album = replica.album;
	e.id = uuid_make(8);
	e.author = e.device = home.user;
	memcpy(e.kind, "message.send", sizeof("message.send"));
	e.about = some_entity(9);
	ok(receive(&replica, &e) < 0 && err.kind == ERR_INVALID,
		"a message that is about something else");
	e.about.len = 0;
	ok(receive(&replica, &e) < 0 && err.kind == ERR_INVALID, "about nothing");
	e.about.len = 5;
	ok(receive(&replica, &e) < 0 && err.kind == ERR_INVALID, "about five bytes");
	memcpy(e.kind, "photo.caption", sizeof("photo.caption"));
	e.about = entity_from_uuid(&home.user);
	ok(receive(&replica, &e) < 0 && err.kind == ERR_INVALID, "a photo with a UUID");
	memcpy(e.kind, "photo.shine", sizeof("photo.shine"));
	e.about.len = 200;
	ok(receive(&replica, &e) < 0 && err.kind == ERR_INVALID, "the future, about 200 bytes");
	e.about.len = 16;
	e.time = INT64_MIN;
	ok(receive(&replica, &e) < 0 && err.kind == ERR_INVALID, "before all calendars");
	e.time = 0;
	e.at = INT64_MAX;
	ok(receive(&replica, &e) < 0 && err.kind == ERR_INVALID, "after all calendars");
	e.at = 1800000000000;
	ok_call(receive(&replica, &e), &err, "the future");
	is_int(number(&replica, "SELECT count(*) FROM view_unknown"), 1, "is counted");
	ok_call(event_verify(replica.db, replica.album, &checked, &err), &err, "still sound");
	side_close(&home);
	side_close(&replica);
}

/* A home may take what it first refused: the refusal is then no longer told. */
static void test_refused_then_taken(void)
{
	struct side home, replica;
	struct uuid id = uuid_make(3);
	struct receipt mine;
	struct event e;

	side_open(&home, "home");
	side_open(&replica, "replica");
	found_album(&home, &id);
	ok_call(add_album(&replica, &id, &home.store), &err, "replica");
	ok_call(carry(&home, &replica), &err, "carried");
	ok_call(submit(&replica, "message.send", NULL, &home.user, json_pack("{s:s}", "text", "hi"),
			&mine),
		&err, "pending");
	ok_call(settle(&replica, &mine.id, 0, 0), &err, "refused");
	is_int(number(&replica, "SELECT count(*) FROM rejection"), 1, "a refusal");
	{
		_cleanup_event_reader_ struct event_reader *reader = NULL;

		ok_call(event_read(replica.db, replica.album, EVENT_PLACE_REJECTED, EVENT_PLACE_END,
				&reader, &err),
			&err, "read");
		is_int(event_next(reader, &e, &err), 1, "the refused event");
		e.seq = 3;
		e.at = 1800000000000;
		ok_call(receive(&replica, &e), &err, "the home took it after all");
	}
	is_int(number(&replica, "SELECT count(*) FROM rejection"), 0, "no refusal is left");
	is_int(total(&replica, "messages"), 1, "and it is shown");
	same_after_rebuild(&replica, "taken");
	side_close(&home);
	side_close(&replica);
}

/* An event that failed after it was numbered must not be committed with a hole behind it. */
static void test_failed_half_way(void)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	_cleanup_json_ json_t *body = json_pack("{s:s}", "text", "x");
	struct side s;
	struct uuid id = uuid_make(3);
	struct draft d = {.kind = "message.send", .body = body};
	struct receipt r;
	int64_t checked;

	side_open(&s, "half");
	found_album(&s, &id);
	d.album = s.album;
	d.author = s.user;
	d.device = s.store;
	ok_call(event_begin(s.log, "half", &tx, &err), &err, "begin");
	ok_call(db_script(s.db,
			"CREATE TRIGGER no_message BEFORE INSERT ON view_message"
			" BEGIN SELECT RAISE(ABORT, 'no'); END",
			&err),
		&err, "a view that refuses");
	ok(event_submit(tx, &d, &r, &err) < 0, "the event fails");
	ok(event_commit(&tx, &err) < 0, "so the transaction cannot be committed");
	ok_call(event_verify(s.db, s.album, &checked, &err), &err, "and the chain holds");
	is_int(checked, 2, "with two events");
	side_close(&s);
}

/* A message and its correction wait for the home, which answers in every way it could. */
static void test_chain_of_pending(void)
{
	static const char *const answers[] = {"in order", "the correction first",
		"the message refused", "the correction refused", "both refused"};

	for (size_t i = 0; i < 5; i++) {
		struct side home, replica;
		struct uuid id = uuid_make(3);
		struct receipt said, edit, like;
		struct entity about;
		int64_t at = 1800000000000, shown = i == 2 || i == 4 ? 0 : 1;

		side_open(&home, "home");
		side_open(&replica, "replica");
		found_album(&home, &id);
		ok_call(add_album(&replica, &id, &home.store), &err, "replica");
		ok_call(carry(&home, &replica), &err, "carried");
		ok_call(submit(&replica, "message.send", NULL, &home.user,
				json_pack("{s:s}", "text", "hi"), &said),
			&err, "send");
		about = entity_from_uuid(&said.id);
		ok_call(submit(&replica, "message.edit", &about, &home.user,
				json_pack("{s:s}", "text", "hello"), &edit),
			&err, "edit");
		ok_call(submit(&replica, "reaction.add", &about, &home.user,
				json_pack("{s:s}", "name", "like"), &like),
			&err, "like");
		is_int(total(&replica, "messages"), 1, "shown at once");
		if (i == 0 || i == 3) {
			ok_call(settle(&replica, &said.id, 3, at), &err, "the message is taken");
			ok_call(settle(&replica, &edit.id, i ? 0 : 4, at), &err,
				"the edit answered");
		} else if (i == 1) {
			ok_call(settle(&replica, &edit.id, 3, at), &err, "the edit is taken");
			ok_call(settle(&replica, &said.id, 4, at), &err, "then the message");
		} else {
			ok_call(settle(&replica, &said.id, 0, 0), &err, "the message is refused");
			is_int(total(&replica, "messages"), 0, "it is not shown");
			ok_call(settle(&replica, &edit.id, i == 4 ? 0 : 3, at), &err,
				"the edit answered");
		}
		is_int(total(&replica, "messages"), shown, "%s: the total is right", answers[i]);
		is_int(number(&replica, "SELECT count(*) FROM view_message"), shown,
			"%s: what is shown, too", answers[i]);
		is_int(number(&replica, "SELECT count(*) FROM view_reaction"), 1, "the like waits");
		same_after_rebuild(&replica, answers[i]);
		is_int(total(&replica, "messages"), shown, "%s: also after a rebuild", answers[i]);
		side_close(&home);
		side_close(&replica);
	}
}

static void test_clock_runs_back(void)
{
	struct side s;
	struct uuid id = uuid_make(3);
	struct receipt before, after;

	side_open(&s, "clock");
	found_album(&s, &id);
	ok_call(submit(&s, "message.send", NULL, &s.user, json_pack("{s:s}", "text", "a"), &before),
		&err, "one");
	now -= 86400000;
	ok_call(submit(&s, "message.send", NULL, &s.user, json_pack("{s:s}", "text", "b"), &after),
		&err, "another, a day earlier by the clock");
	now += 86400000;
	is_int(after.seq, before.seq + 1, "comes after it");
	is_int(after.at, before.at, "and not before its time");
	is_int(number(&s, "SELECT count(*) FROM album WHERE at = (SELECT max(at) FROM event)"), 1,
		"the album's row says so too");
	side_close(&s);
}

/* The same id is one event in each album: albums do not know of each other. */
static void test_same_id_in_two_albums(void)
{
	_cleanup_json_ json_t *body = json_pack("{s:s}", "text", "x");
	struct side s;
	struct uuid id = uuid_make(3), other = uuid_make(4), shared = uuid_make(5);
	struct draft d = {.kind = "message.send", .body = body, .id = shared};
	struct receipt first, second;
	struct entity about = entity_from_uuid(&shared);

	side_open(&s, "two");
	found_album(&s, &id);
	d.author = s.user;
	d.device = s.store;
	for (int i = 0; i < 2; i++) {
		_cleanup_event_tx_ struct event_tx *tx = NULL;

		d.album = s.album;
		ok_call(event_begin(s.log, "two", &tx, &err), &err, "begin");
		ok_call(event_submit(tx, &d, i ? &second : &first, &err), &err, "said");
		ok_call(event_commit(&tx, &err), &err, "commit");
		if (i == 0)
			found_album(&s, &other);
	}
	ok(!second.duplicate, "another album, another event");
	ok_call(submit(&s, "message.unsend", &about, &s.user, json_object(), NULL), &err,
		"taken back in one");
	is_int(number(&s, "SELECT count(*) FROM view_message WHERE deleted"), 1,
		"stays in the other");
	is_int(number(&s,
		       "SELECT count(*) FROM event WHERE kind = 'message.send' AND body IS NULL"),
		1, "with its words");
	same_after_rebuild(&s, "two albums");
	ok(submit(&s, "message.send", NULL, &s.user,
		   json_pack("{s:s,s:I}", "text", "x", "said", (json_int_t)INT64_MAX), NULL) < 0 &&
			err.kind == ERR_INVALID,
		"nobody said anything at the end of time");
	side_close(&s);
}

/* A newer home may send a body that this version's check would refuse: that is an event of the future
 * too, and no reason to stop. */
static void test_body_of_the_future(void)
{
	struct side home, replica;
	struct uuid id = uuid_make(3);
	struct event e = {.seq = 3, .at = 1800000000000, .body = "{\"parts\":[1]}", .body_len = 13};
	struct receipt said;
	struct entity about;

	side_open(&home, "home");
	side_open(&replica, "replica");
	found_album(&home, &id);
	ok_call(add_album(&replica, &id, &home.store), &err, "replica");
	ok_call(carry(&home, &replica), &err, "carried");
	e.album = replica.album;
	e.id = uuid_make(8);
	e.about = entity_from_uuid(&e.id);
	e.author = e.device = home.user;
	memcpy(e.kind, "message.send", sizeof("message.send"));
	ok_call(receive(&replica, &e), &err, "a message without text");
	is_int(number(&replica, "SELECT count(*) FROM view_unknown"), 1, "is counted as unknown");
	is_int(number(&replica, "SELECT count(*) FROM view_message"), 0, "and not shown");
	same_after_rebuild(&replica, "a body of the future");
	ok_call(submit(&replica, "message.send", NULL, &home.user, json_pack("{s:s}", "text", "hi"),
			&said),
		&err, "pending");
	ok_call(settle(&replica, &said.id, 4, 1800000000000), &err, "confirmed");
	about = entity_from_uuid(&said.id);
	e.seq = 5;
	e.id = uuid_make(9);
	e.about = about;
	e.body = "{\"reply_to\":7}";
	e.body_len = strlen(e.body);
	memcpy(e.kind, "message.unsend", sizeof("message.unsend"));
	ok_call(receive(&replica, &e), &err, "taking back in a way of the future");
	is_int(number(&replica, "SELECT count(*) FROM event WHERE body LIKE '%hi%'"), 0,
		"erases all the same");
	same_after_rebuild(&replica, "erased by the future");
	side_close(&home);
	side_close(&replica);
}

/* One damaged body must not keep the whole store from being rebuilt, or from opening after an upgrade. */
static void test_damaged_body(void)
{
	struct side s;
	struct uuid id = uuid_make(3);
	struct entity photo = photo_id(1);
	struct receipt said;
	int64_t replayed, checked;

	side_open(&s, "damaged");
	found_album(&s, &id);
	ok_call(submit(&s, "photo.add", &photo, &s.user, photo_body(9), NULL), &err, "photo");
	ok_call(submit(&s, "photo.caption", &photo, &s.user, json_pack("{s:s}", "text", "Sea"),
			NULL),
		&err, "caption");
	ok_call(submit(&s, "message.send", NULL, &s.user, json_pack("{s:s}", "text", "hi"), &said),
		&err, "message");
	{
		_cleanup_tx_ struct db_tx tx = DB_TX_INIT;

		ok_call(db_begin(s.db, "test", &tx, &err) ||
				db_script(s.db,
					"UPDATE event SET body = '{\"te' WHERE kind = 'photo.caption'",
					&err) ||
				db_commit(&tx, &err),
			&err, "a sector goes bad");
	}
	ok(event_verify(s.db, s.album, &checked, &err) < 0 && err.kind == ERR_DAMAGED,
		"the chain tells");
	ok_call(event_rebuild(s.log, true, NULL, NULL, &replayed, &err), &err,
		"rebuilt without it");
	is_int(total(&s, "photos"), 1, "the photo is shown");
	is_int(total(&s, "messages"), 1, "and the message");
	is_int(number(&s, "SELECT count(*) FROM view_unknown"), 1,
		"what cannot be read is counted");
	ok_call(submit(&s, "photo.erase", &photo, &s.user, NULL, NULL), &err, "erasing works");
	is_int(number(&s, "SELECT count(*) FROM event WHERE body LIKE '%te%'"), 1,
		"and takes the damaged words, too");
	side_close(&s);
}

/* The words of a correction that the home refused go with the message they were meant for. */
static void test_refused_words(void)
{
	struct side home, replica;
	struct uuid id = uuid_make(3);
	struct receipt said, edit, gone;
	struct entity about;
	int64_t at = 1800000000000;

	side_open(&home, "home");
	side_open(&replica, "replica");
	found_album(&home, &id);
	ok_call(add_album(&replica, &id, &home.store), &err, "replica");
	ok_call(carry(&home, &replica), &err, "carried");
	ok_call(submit(&replica, "message.send", NULL, &home.user, json_pack("{s:s}", "text", "hi"),
			&said),
		&err, "send");
	ok_call(settle(&replica, &said.id, 3, at), &err, "taken");
	about = entity_from_uuid(&said.id);
	ok_call(submit(&replica, "message.edit", &about, &home.user,
			json_pack("{s:s}", "text", "refusedquux"), &edit),
		&err, "edit");
	ok_call(settle(&replica, &edit.id, 0, 0), &err, "refused");
	ok_call(submit(&replica, "message.unsend", &about, &home.user, json_object(), &gone), &err,
		"unsend");
	ok_call(settle(&replica, &gone.id, 4, at), &err, "taken");
	is_int(number(&replica, "SELECT count(*) FROM event WHERE body LIKE '%quux%'"), 0,
		"no words are left");
	is_int(number(&replica, "SELECT count(*) FROM rejection"), 1, "that it was refused is");
	same_after_rebuild(&replica, "refused words");
	side_close(&home);
	side_close(&replica);
}

int main(void)
{
	test_refused_words();
	test_damaged_body();
	test_body_of_the_future();
	test_chain_of_pending();
	test_clock_runs_back();
	test_same_id_in_two_albums();
	test_founding();
	test_owners();
	test_voices();
	test_shells();
	test_joins();
	test_restore_late();
	test_self();
	test_received();
	test_refused_then_taken();
	test_failed_half_way();
	return tap_done();
}
