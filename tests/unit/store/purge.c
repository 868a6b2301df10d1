/* purge.c - erased words: what stands in the way of taking them out of every file, and what then holds. */
#include "store_fixture.h"
#include "store/message.h"

static struct fixture f;
static struct album_ref album;

static struct message_ref say(const char *text)
{
	struct message_draft draft = {
		.album = album.key, .text = text, .len = strlen(text), .said = MESSAGE_NOW};
	struct receipt sent;

	ok_call(message_send(f.store, &draft, &sent, &err), &err, "said: %s", text);
	return (struct message_ref){.album = album, .id = sent.id, .key = sent.key};
}

static int unsend(const struct message_ref *message)
{
	struct receipt receipt;

	return message_unsend(f.store, message, 1, &receipt, &err);
}

static char *in_store(const char *name)
{
	char *path = store_path(f.store, name);

	if (!path)
		exit(1);
	return path;
}

/* Somebody pages through a long log while a message is taken back. */
static void test_reader(void)
{
	_cleanup_free_ char *path = in_store("pinhole.db");
	struct message_ref secret = say("the narwhalquux plan");
	struct db_tx reading = DB_TX_INIT;
	struct db *reader = NULL;
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	ok_call(db_open(path, DB_READ_ONLY, &reader, &err), &err, "a reader");
	ok_call(db_begin_read(reader, &reading, &err), &err, "begins");
	ok_call(db_query_text(reader, "SELECT count(*) FROM event", &rows, NULL, 0, &err), &err,
		"reads");
	is_int(db_next(&rows, &err), 1, "a first row");
	ok(unsend(&secret) < 0 && err.kind == ERR_LOCKED, "the words cannot all go yet");
	is_int(event_words_purge_owed(f.store->db, &err), 1, "which is owed");
	is_int(fixture_number(&f, "SELECT count(*) FROM view_message WHERE deleted"), 1,
		"but it is taken back");
	say("others go on talking");
	is_int(event_words_purge_owed(f.store->db, &err), 1, "while it is owed");
	db_rows_close(&rows);
	db_rollback(&reading);
	db_close(reader);
	say("the reader is gone");
	is_int(event_words_purge_owed(f.store->db, &err), 0, "nothing is owed");
	is_int(fixture_grep(&f, "narwhalquux"), 0, "no file holds the word");
}

/* A migration keeps a copy of what was before; words that are taken back later must not live on in it. */
static void test_copy(void)
{
	_cleanup_free_ char *copy = in_store("pinhole.before-migration.db");
	struct message_ref secret = say("the copiedquux plan");

	ok_call(db_backup(f.store->db, copy, &err), &err, "a copy, as a migration makes it");
	ok(fixture_grep(&f, "copiedquux") > 0, "has the words");
	ok_call(unsend(&secret), &err, "taken back");
	is_int(fixture_grep(&f, "copiedquux"), 0, "no file holds them");
}

/* Two writers erase at once: paying the first debt must not cancel the second. */
static void test_two_debts(void)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	struct message_ref secret = say("the twicequux plan");
	struct entity about = entity_from_uuid(&secret.id);

	fixture_submit(&f, album.key, "message.unsend", &about, json_object(), NULL);
	ok_call(event_begin(f.store->events, "test", &tx, &err), &err, "begin");
	ok_call(db_script(f.store->db,
			"CREATE TRIGGER later AFTER UPDATE ON album BEGIN"
			" UPDATE meta SET value = value + 1000 WHERE name = 'purge'; END;"
			"CREATE TRIGGER merged AFTER UPDATE OF value ON meta WHEN new.name = 'rev' BEGIN"
			" UPDATE meta SET value = value + 1000 WHERE name = 'purge'; END",
			&err),
		&err, "somebody else erases meanwhile");
	ok_call(event_commit(&tx, &err), &err, "commit");
	ok_call(store_purge(f.store, &err), &err, "the first pays");
	is_int(event_words_purge_owed(f.store->db, &err), 1, "the second debt is still there");
}

int main(void)
{
	fixture_open(&f);
	album = fixture_album(&f, "beach", "The Beach");
	test_reader();
	test_copy();
	test_two_debts();
	fixture_close(&f);
	return tap_done();
}
