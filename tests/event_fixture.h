/* event_fixture.h - logs for tests of the event room: a database each, a clock that ticks.
 *
 * A side is a store's log with one album; two sides with the same album play home and replica.
 */
#ifndef PINHOLE_EVENT_FIXTURE_H
#define PINHOLE_EVENT_FIXTURE_H

#include "tap.h"
#include "db/schema.h"
#include "event/event.h"
#include "event/kind.h"
#include "event/role.h"

#include <unistd.h>

static struct err err;
static int64_t now = 1700000000000;

__attribute__((unused)) static int64_t test_now(const struct clock *clock)
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

__attribute__((unused)) static int set_rev(struct db *db)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;

	return db_begin(db, "test", &tx, &err) ||
			db_script(db, "INSERT INTO meta VALUES('rev', 0)", &err) ||
			db_commit(&tx, &err) ?
		-1 :
		0;
}

__attribute__((unused)) static void side_open(struct side *s, const char *name)
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

__attribute__((unused)) static void side_close(struct side *s)
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

__attribute__((unused)) static int submit(struct side *s, const char *kind,
	const struct entity *about, const struct uuid *author, json_t *body, struct receipt *out)
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

__attribute__((unused)) static int add_album(
	struct side *s, const struct uuid *id, const struct uuid *home)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;

	if (event_begin(s->log, "album", &tx, &err) ||
		event_album_add(tx, id, "album", home, NULL, &s->album, &err))
		return -1;
	return event_commit(&tx, &err);
}

__attribute__((unused)) static void found_album(struct side *s, const struct uuid *id)
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

__attribute__((unused)) static int64_t total(struct side *s, const char *column)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	_cleanup_str_ struct str sql = STR_INIT(256);

	str_addf(&sql, "SELECT coalesce(sum(%s), 0) FROM view_total", column);
	if (db_query_text(s->db, sql.data, &rows, NULL, 0, &err) || db_next(&rows, &err) != 1)
		return -1;
	return db_int(&rows, 0);
}

__attribute__((unused)) static int64_t number(struct side *s, const char *sql)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query_text(s->db, sql, &rows, NULL, 0, &err) || db_next(&rows, &err) != 1)
		return -1;
	return db_int(&rows, 0);
}

__attribute__((unused)) static void same_after_rebuild(struct side *s, const char *what)
{
	struct sha256 before, after;
	int64_t replayed, checked;

	ok_call(event_view_digest(s->db, s->album, &before, &err), &err, "digest before");
	ok_call(event_rebuild(s->log, true, NULL, NULL, &replayed, &err), &err, "rebuild");
	ok_call(event_view_digest(s->db, s->album, &after, &err), &err, "digest after");
	ok(sha256_compare(&before, &after) == 0, "view = rebuild: %s", what);
	ok_call(event_verify(s->db, s->album, &checked, &err), &err, "the chain holds: %s", what);
}

__attribute__((unused)) static struct entity photo_id(int n)
{
	struct sha256 hash;

	crypt_sha256(&n, sizeof(n), &hash);
	return entity_from_hash(&hash);
}

__attribute__((unused)) static json_t *photo_body(int bytes)
{
	return json_pack("{s:s,s:s,s:i,s:i,s:i,s:{s:I},s:[s]}", "kind", "image", "mime",
		"image/jpeg", "bytes", bytes, "width", 40, "height", 30, "taken", "local",
		(json_int_t)1600000000000, "keywords", "sea");
}

/* Copies confirmed events from one log to another, as sync will. */
__attribute__((unused)) static int carry(struct side *from, struct side *to)
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

__attribute__((unused)) static int same_views(struct side *a, struct side *b)
{
	struct sha256 x, y;

	return event_view_digest(a->db, a->album, &x, &err) == 0 &&
		event_view_digest(b->db, b->album, &y, &err) == 0 && sha256_compare(&x, &y) == 0;
}

__attribute__((unused)) static int settle(
	struct side *s, const struct uuid *id, int64_t seq, int64_t at)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;

	if (event_begin(s->log, "settle", &tx, &err))
		return -1;
	if (seq ? event_confirm(tx, s->album, id, seq, at, &err) :
		  event_reject(tx, s->album, id, ERR_DENIED, "no longer a member", &err))
		return -1;
	return event_commit(&tx, &err);
}

#endif
