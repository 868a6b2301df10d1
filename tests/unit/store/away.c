/* away.c - an album whose home is another store: what is done here waits, and can come back. */
#include "stage.h"

static int answer(const struct album_ref *album, const struct uuid *id, int64_t seq)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;

	if (event_begin(store->events, "test", &tx, &err) ||
		(seq ? event_confirm(tx, album->key, id, seq, FIXTURE_START + 1000000, &err) :
		       event_reject(tx, album->key, id, ERR_DENIED, "not yours", &err)))
		return -1;
	return event_commit(&tx, &err);
}

static struct uuid newest_pending(void)
{
	static const char sql[] =
		"SELECT id FROM event WHERE at IS NULL AND (key & (1 << 39)) = 0 ORDER BY key DESC";
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct uuid id = {{0}};

	if (db_query_text(store->db, sql, &rows, NULL, 0, &err) || db_next(&rows, &err) != 1 ||
		db_uuid(&rows, 0, &id, &err))
		stage_fail("pending");
	return id;
}

static void move_away(const struct album_ref *album)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	struct uuid home = uuid_make(1);

	ok_call(event_begin(store->events, "test", &tx, &err) ||
			event_album_raise_epoch(tx, album->key, &home, &err) ||
			event_commit(&tx, &err),
		&err, "the album moves to another store");
}

int main(void)
{
	struct album_ref album;
	struct photo_erased erased;
	struct photo_ref photo;
	struct uuid pending;

	stage_open();
	album = stage_album("beach");
	photo = stage_photo(&album, "the bytes of a photo", "sea.jpg", NULL);
	move_away(&album);
	ok_call(photo_erase(store, &photo, 1, &erased, &err), &err, "erased here");
	is_int(stage_count("SELECT state FROM view_photo WHERE :word", "1"), 2, "is not shown");
	is_int(erased.bytes, 0, "but no byte has gone");
	ok(object_exists(store->objects, &photo.id), "the home may refuse");
	pending = newest_pending();
	ok_call(answer(&album, &pending, 0), &err, "it does");
	is_int(stage_count("SELECT state FROM view_photo WHERE :word", "1"), 0,
		"so the photo is back");
	ok(object_exists(store->objects, &photo.id), "with its bytes");
	is_int(stage_count("SELECT count(*) FROM fact WHERE name = :word", "sea.jpg"), 1,
		"and its facts");
	ok_call(photo_erase(store, &photo, 1, &erased, &err), &err, "erased again");
	pending = newest_pending();
	ok_call(answer(&album, &pending, 4), &err, "the home agrees");
	is_int(stage_count("SELECT count(*) FROM event WHERE kind = :word AND body IS NULL",
		       "photo.add"),
		1, "the log lost its words");
	stage_close();
	return tap_done();
}
