/* log.c - the event room: submit, authorize, pending, confirm, reject, receive, erase, rebuild. */
#include "event_fixture.h"

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
	is_int(event_key(3, EVENT_PLACE_END), event_key(4, 0),
		"an album ends where the next begins");
	test_home();
	test_photos();
	test_replica();
	test_roles();
	return tap_done();
}
