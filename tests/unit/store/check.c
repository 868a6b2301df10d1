/* check.c - what fsck may remove: only what this version can be sure that nobody names. */
#include "store_fixture.h"
#include "store/check.h"

static struct fixture f;
static struct check_report report;

static void complain(void *data, const char *line)
{
	(void)data;
	printf("# %s\n", line);
}

static int check(void)
{
	static const struct check_options options = {.complain = complain, .views = true};

	return store_check(f.store, &options, &report, &err);
}

/* As another process does it: who stores keeps fsck from removing. */
static struct sha256 put(const char *bytes)
{
	struct sha256 hash = {{0}};

	ok_call(object_put(f.store->objects, bytes, strlen(bytes), &hash, &err), &err, "bytes");
	store_close(f.store);
	f.store = NULL;
	if (store_open(f.dir, STORE_WRITE, &fixture_clock, NULL, &f.store, &err)) {
		printf("Bail out! %s\n", err.message);
		exit(1);
	}
	return hash;
}

static int receive(int64_t album, struct event *e, const char *kind, const char *body)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;

	e->album = album;
	e->seq++;
	e->at = FIXTURE_START;
	e->id = uuid_make(fixture_time++);
	strcpy(e->kind, kind);
	e->body = body;
	e->body_len = strlen(body);
	if (event_begin(f.store->events, "test", &tx, &err) || event_receive(tx, e, &err))
		return -1;
	return event_commit(&tx, &err);
}

/* Bytes that only an event of the future names. */
static void test_future(void)
{
	struct uuid id = uuid_make(fixture_time++);
	struct event e = {.about = entity_from_uuid(&id)};
	struct sha256 layer = put("layer");
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	int64_t key = 0;

	ok_call(event_begin(f.store->events, "test", &tx, &err) ||
			event_album_add(tx, &id, "album", &id, "theirs", &key, &err) ||
			event_commit(&tx, &err),
		&err, "an album of another home");
	ok_call(receive(key, &e, "album.create", "{\"title\":\"x\"}"), &err, "its creation");
	ok_call(receive(key, &e, "photo.layer", "{}"), &err, "what this version does not know");
	ok_call(check(), &err, "a sound store");
	ok(object_exists(f.store->objects, &layer), "it may name bytes: they stay");
	is_int(report.removed, 0, "nothing was removed");
	is_int(report.unclaimed, 1, "and that is told");
}

static void test_nobody(void)
{
	struct sha256 orphan = put("orphan");

	ok_call(check(), &err, "a sound store");
	ok(!object_exists(f.store->objects, &orphan), "what nobody names goes");
	is_int(report.removed, 1, "and is counted");
}

static int run(const char *sql)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;

	return db_begin(f.store->db, "test", &tx, &err) || db_script(f.store->db, sql, &err) ||
			db_commit(&tx, &err) ?
		-1 :
		0;
}

/* What commands read must be what the log says. */
static void test_views(void)
{
	static const char *const wrongs[] = {"UPDATE view_total SET messages = 7",
		"UPDATE view_album SET title = 'Reef' WHERE title = 'The Reef'",
		"DELETE FROM view_message", "UPDATE view_participant SET role = 'viewer'",
		"INSERT INTO view_tag SELECT album, x'00', 'odd' FROM view_total"};
	struct album_ref album = fixture_album(&f, "reef", "The Reef");
	int64_t replayed;

	fixture_submit(&f, album.key, "message.send", NULL, json_pack("{s:s}", "text", "x"), NULL);
	ok_call(check(), &err, "sound");
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(*wrongs); i++) {
		ok_call(run(wrongs[i]), &err, "%s", wrongs[i]);
		ok(check() < 0 && err.kind == ERR_DAMAGED, "is seen");
		ok_call(event_rebuild(f.store->events, true, NULL, NULL, &replayed, &err), &err,
			"rebuilt");
		ok_call(check(), &err, "sound again");
	}
}

int main(void)
{
	fixture_open(&f);
	test_views();
	test_nobody();
	test_future();
	fixture_close(&f);
	return tap_done();
}
