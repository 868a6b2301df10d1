/* message.c - sending, editing, taking back, bulk, pages, positions. */
#include "store_fixture.h"
#include "store/message.h"

static struct fixture f;
static struct album_ref album;

static int say(const char *text, int64_t said, const struct sha256 *photo,
	const struct uuid *reply_to, struct receipt *out)
{
	struct message_draft draft = {.album = album.key,
		.text = text,
		.len = strlen(text),
		.photo = photo,
		.reply_to = reply_to,
		.said = said};
	struct receipt receipt;

	return message_send(f.store, &draft, out ? out : &receipt, &err);
}

static struct message_ref ref_of(const struct receipt *receipt)
{
	return (struct message_ref){.album = album, .id = receipt->id, .key = receipt->key};
}

static void test_texts(void)
{
	static const char overlong[] = "\xc0\xaf";
	_cleanup_free_ char *long_text = mem_calloc(1, MESSAGE_TEXT_MAX + 2);

	ok(message_check_text("", 0, &err) && err.kind == ERR_INVALID, "an empty text");
	ok(message_check_text(" \n\t ", 4, &err) && err.kind == ERR_INVALID, "a blank text");
	ok(message_check_text("a\0b", 3, &err) && err.kind == ERR_INVALID, "a NUL byte");
	ok(message_check_text(overlong, 2, &err) && err.kind == ERR_INVALID, "not UTF-8");
	memset(long_text, 'a', MESSAGE_TEXT_MAX + 1);
	ok(message_check_text(long_text, MESSAGE_TEXT_MAX + 1, &err) && err.kind == ERR_INVALID,
		"too long");
	ok_call(message_check_text(long_text, MESSAGE_TEXT_MAX, &err), &err, "just not too long");
	ok_call(message_check_text("\xf0\x9f\x91\x8d", 4, &err), &err, "an emoji");
}

static void test_send(void)
{
	struct sha256 photo = fixture_photo(&f, album.key, "one", NULL), other = {{9}};
	struct uuid nobody = uuid_make(5);
	_cleanup_message_ struct message message = {.key = 0};
	struct receipt first, second;
	int64_t events;

	ok_call(say("hello", MESSAGE_NOW, NULL, NULL, &first), &err, "a message");
	ok_call(say("nice\nlight", 1500000000000, &photo, &first.id, &second), &err,
		"about a photo, as a reply, of old");
	is_int(message_get(f.store, album.key, &second.id, &message, &err), 1, "it can be read");
	is_str(message.text, "nice\nlight", "its text");
	is_str(message.author_name, "Ada", "its author's name");
	is_int(message.when, 1500000000000, "its time is when it was said");
	ok(message.time > 1600000000000, "the author's clock is kept beside it");
	ok(message.has_photo && sha256_compare(&message.photo, &photo) == 0, "its photo");
	ok(message.has_reply && uuid_equal(&message.reply_to, &first.id), "what it answers");
	is_int(message.seq, second.seq, "its seq");
	is_int(message.likes, 0, "no likes");
	events = fixture_number(&f, "SELECT count(*) FROM event");
	ok(say("x", MESSAGE_NOW, &other, NULL, NULL) && err.kind == ERR_NOT_FOUND, "no such photo");
	ok(say("x", MESSAGE_NOW, NULL, &nobody, NULL) && err.kind == ERR_NOT_FOUND,
		"no such message to answer");
	ok(say("x", -5, NULL, NULL, NULL) && err.kind == ERR_INVALID, "said before 1970");
	is_int(fixture_number(&f, "SELECT count(*) FROM event"), events, "refusals leave nothing");
	is_int(message_get(f.store, album.key, &nobody, &message, &err), 0, "an unknown message");
}

static void test_edit(void)
{
	_cleanup_message_ struct message message = {.key = 0};
	struct receipt sent, receipt;
	struct message_ref ref;

	say("tpyo", MESSAGE_NOW, NULL, NULL, &sent);
	ref = ref_of(&sent);
	ok(message_edit(f.store, &ref, " ", 1, &receipt, &err) && err.kind == ERR_INVALID,
		"a blank text is refused");
	ok(message_edit(f.store, &ref, "tpyo", 4, &receipt, &err) && err.kind == ERR_CONFLICT,
		"the same text changes nothing");
	ok_call(message_edit(f.store, &ref, "typo", 4, &receipt, &err), &err, "edited");
	message_get(f.store, album.key, &sent.id, &message, &err);
	is_str(message.text, "typo", "the new text is shown");
	is_int(message.edited, receipt.at, "with when it was edited");
	is_int(message.when, sent.at, "at its old place");
	ok_call(message_unsend(f.store, &ref, 1, &receipt, &err), &err, "taken back");
	ok(message_edit(f.store, &ref, "again", 5, &receipt, &err) && err.kind == ERR_CONFLICT,
		"what was taken back cannot be edited");
	ok(message_unsend(f.store, &ref, 1, &receipt, &err) && err.kind == ERR_CONFLICT,
		"nor taken back again");
}

static void test_unsend_keeps_the_shell(void)
{
	struct sha256 photo = fixture_photo(&f, album.key, "shell", NULL);
	_cleanup_message_ struct message message = {.key = 0};
	struct receipt first, sent, receipt;
	struct sha256 before, after;
	struct message_ref ref;
	int64_t replayed;

	say("first", MESSAGE_NOW, NULL, NULL, &first);
	say("second", 1400000000000, &photo, &first.id, &sent);
	ref = ref_of(&sent);
	ok_call(message_unsend(f.store, &ref, 1, &receipt, &err), &err, "taken back");
	message_get(f.store, album.key, &sent.id, &message, &err);
	ok(message.deleted && !message.text, "the text is gone");
	ok(message.has_photo && message.has_reply, "photo and reply stay");
	is_int(message.when, 1400000000000, "its place stays");
	event_view_digest(f.store->db, album.key, &before, &err);
	ok_call(event_rebuild(f.store->events, true, NULL, NULL, &replayed, &err), &err, "rebuild");
	event_view_digest(f.store->db, album.key, &after, &err);
	ok(sha256_compare(&before, &after) == 0, "a rebuild shows the same shell");
}

/* The words must leave log, full text, WAL and free pages, however they got there. */
static void test_unsend_erases(void)
{
	struct receipt sent, edited, receipt;
	struct message_ref ref;
	int64_t left = 1;

	for (int i = 0; i < 1100; i++) {
		char text[64];

		snprintf(text, sizeof(text), "ordinary chatter number %d about xylophones", i);
		if (say(text, MESSAGE_NOW, NULL, NULL, NULL))
			ok(false, "chatter: %s", err.message);
	}
	say("the zanzibarquux plan", MESSAGE_NOW, NULL, NULL, &sent);
	ref = ref_of(&sent);
	while (left > 0 && event_words_feed(f.store->events, 5000, &left, &err) == 0)
		;
	ok_call(message_edit(f.store, &ref, "the mozambiquux plan", 20, &edited, &err), &err,
		"edited after it was indexed");
	for (left = 1; left > 0 && event_words_feed(f.store->events, 5000, &left, &err) == 0;)
		;
	ok(fixture_grep(&f, "zanzibarquux") > 0, "the first word is in the store");
	ok(fixture_grep(&f, "mozambiquux") > 0, "so is the second");
	ok_call(message_unsend(f.store, &ref, 1, &receipt, &err), &err, "taken back");
	is_int(fixture_grep(&f, "zanzibarquux"), 0, "no file holds the first word");
	is_int(fixture_grep(&f, "zanzibar"), 0, "nor its beginning");
	is_int(fixture_grep(&f, "mozambiq"), 0, "nor the second");
	is_int(fixture_number(&f,
		       "SELECT count(*) FROM fts_event WHERE fts_event MATCH 'mozambiquux OR zanzibarquux'"),
		0, "nor does the index find them");
	is_int(fixture_number(
		       &f, "SELECT count(*) FROM fts_event WHERE fts_event MATCH 'xylophones'"),
		1100, "the others are still found");
	say("the unindexedquux plan", MESSAGE_NOW, NULL, NULL, &sent);
	ref = ref_of(&sent);
	ok_call(message_unsend(f.store, &ref, 1, &receipt, &err), &err,
		"taken back before it was indexed");
	is_int(fixture_grep(&f, "unindexedqu"), 0, "no file holds it");
	say("the interruptedquux plan", MESSAGE_NOW, NULL, NULL, &sent);
	for (left = 1; left > 0 && event_words_feed(f.store->events, 5000, &left, &err) == 0;)
		;
	{
		struct entity about = entity_from_uuid(&sent.id);

		fixture_submit(&f, album.key, "message.unsend", &about, json_object(), NULL);
	}
	ok(fixture_grep(&f, "interruptedqu") > 0, "erasing that was killed half-way leaves words");
	is_int(event_words_purge_owed(f.store->db, &err), 1, "and a debt");
	ok_call(store_settle(f.store, &err), &err, "that the next writer pays");
	is_int(fixture_grep(&f, "interruptedqu"), 0, "no file holds the word");
	is_int(event_words_purge_owed(f.store->db, &err), 0, "nothing is owed");
	ok_call(event_verify(f.store->db, album.key, &left, &err), &err, "the chain is whole");
}

/* --- batch ------------------------------------------------------------------------------ */

struct answers {
	size_t count, refused;
	uint64_t last;
	bool ordered;
	struct receipt receipt[4000];
	char message[16][512];
};

static int note_answer(void *data, const struct message_answer *answer, struct err *e)
{
	struct answers *a = data;

	(void)e;
	a->ordered = a->ordered && answer->line == a->last + 1;
	a->last = answer->line;
	if (answer->err.kind != ERR_NONE && a->refused < 16)
		snprintf(a->message[a->refused], 512, "%s", answer->err.message);
	a->refused += answer->err.kind != ERR_NONE;
	a->receipt[a->count++] = answer->receipt;
	return 0;
}

static void test_batch(void)
{
	static struct answers a;
	static const char *const refused[] = {"", "[]", "{", "{\"text\":\"\"}", "{\"txt\":\"a\"}",
		"{\"text\":\"a\",\"photo\":\"ffff\"}",
		"{\"text\":\"a\",\"reply_to\":\"beach@999999\"}",
		"{\"text\":\"a\",\"time\":\"yesterday\"}", "{\"text\":\"a\",\"time\":-1}",
		"{\"text\":\"a\",\"time\":1.5}",
		"{\"text\":\"a\",\"time\":\"1969-12-31T23:00:00Z\"}", "{\"text\":\"a\\u0000b\"}"};
	_cleanup_message_batch_ struct message_batch *batch = NULL;
	_cleanup_message_ struct message message = {.key = 0};
	struct message_batch_options options = {.album = album, .answer = note_answer, .data = &a};
	struct sha256 photo = fixture_photo(&f, album.key, "batch", NULL);
	char line[256], hex[SHA256_HEX_LEN + 1];
	uint64_t said, no;
	int64_t head;

	a = (struct answers){.ordered = true};
	sha256_format(&photo, hex);
	head = fixture_number(&f, "SELECT max(head) FROM album WHERE kind = 'album'");
	ok_call(message_batch_open(f.store, &options, &batch, &err), &err, "a batch");
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (message_batch_add(batch, refused[i], strlen(refused[i]), &err))
			ok(false, "line %zu stopped the batch: %s", i, err.message);
	snprintf(line, sizeof(line),
		"{\"text\":\"about it\",\"photo\":\"%.10s\",\"time\":\"2019-05-01T10:00:00+02:00\"}",
		hex);
	ok_call(message_batch_add(batch, line, strlen(line), &err), &err, "a good line");
	snprintf(line, sizeof(line),
		"{\"text\":\"yes\",\"reply_to\":\"beach@%lld\",\"time\":1556700000001}",
		(long long)head + 1);
	ok_call(message_batch_add(batch, line, strlen(line), &err), &err, "an answer to it");
	is_int(a.count, 0, "nothing is answered before it is safe");
	ok_call(message_batch_finish(batch, &said, &no, &err), &err, "the end");
	is_int(said, 2, "two were said");
	is_int(no, ARRAY_LEN(refused), "the others refused");
	ok(a.ordered && a.count == ARRAY_LEN(refused) + 2, "one answer for each, in order");
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		ok(a.message[i][0], "%s: %s", refused[i], a.message[i]);
	message_get(f.store, album.key, &a.receipt[a.count - 2].id, &message, &err);
	is_int(message.when, 1556697600000, "ISO 8601 with its zone");
	ok(message.has_photo && !sha256_compare(&message.photo, &photo),
		"a photo by its first digits");
	message_release(&message);
	message_get(f.store, album.key, &a.receipt[a.count - 1].id, &message, &err);
	ok(message.has_reply && uuid_equal(&message.reply_to, &a.receipt[a.count - 2].id),
		"a reply to a line before it");
	is_int(message.when, 1556700000001, "ms since 1970");
}

static void test_batch_dry(void)
{
	static struct answers a;
	_cleanup_message_batch_ struct message_batch *batch = NULL;
	struct message_batch_options options = {
		.album = album, .answer = note_answer, .data = &a, .dry_run = true};
	int64_t events = fixture_number(&f, "SELECT count(*) FROM event");
	uint64_t said, refused;

	a = (struct answers){.ordered = true};
	message_batch_open(f.store, &options, &batch, &err);
	message_batch_add(batch, "{\"text\":\"a\"}", 12, &err);
	message_batch_add(batch, "{\"text\":1}", 10, &err);
	ok_call(message_batch_finish(batch, &said, &refused, &err), &err, "a dry run");
	ok(said == 1 && refused == 1, "judges each line");
	is_int(fixture_number(&f, "SELECT count(*) FROM event"), events, "and says nothing");
}

/* --- pages ------------------------------------------------------------------------------ */

static void test_pages(void)
{
	struct album_ref other = fixture_album(&f, "paged", "Paged");
	struct message_query query = {.album = other.key, .limit = 7};
	struct message_position before;
	int64_t expected = 99, pages = 0;
	bool more = true, right = true;
	struct album_ref held = album;

	album = other;
	for (int i = 0; i < 100; i++) {
		char text[16];

		/* Said in the other direction, and several at the same time. */
		snprintf(text, sizeof(text), "%d", i);
		say(text, 1000 + 10 * (i / 3), NULL, NULL, NULL);
	}
	while (more && pages < 100) {
		_cleanup_message_page_ struct message_page page = MESSAGE_PAGE_INIT;

		if (message_page_read(f.store, &query, &page, &err))
			break;
		for (size_t i = page.messages.count; i-- > 0; expected--) {
			const struct message *m = vec_at(&page.messages, i);

			right = right && atoi(m->text) == expected;
		}
		if (page.messages.count) {
			const struct message *oldest = vec_at(&page.messages, 0);

			before = (struct message_position){.when = oldest->when, .id = oldest->id};
			query.before = &before;
		}
		more = page.more;
		pages++;
	}
	is_int(pages, 15, "a hundred messages are fifteen pages of seven");
	is_int(expected, -1, "that hold each message");
	ok(right, "once and in order");
	album = held;
}

static void test_pages_about_a_photo(void)
{
	struct sha256 photo = fixture_photo(&f, album.key, "talked about", NULL);
	_cleanup_message_page_ struct message_page page = MESSAGE_PAGE_INIT;
	struct message_query query = {.album = album.key, .limit = 2, .photo = &photo};

	say("a", MESSAGE_NOW, &photo, NULL, NULL);
	say("elsewhere", MESSAGE_NOW, NULL, NULL, NULL);
	say("b", MESSAGE_NOW, &photo, NULL, NULL);
	say("c", MESSAGE_NOW, &photo, NULL, NULL);
	ok_call(message_page_read(f.store, &query, &page, &err), &err, "messages about a photo");
	is_int(page.messages.count, 2, "the newest two");
	is_str(((struct message *)vec_at(&page.messages, 0))->text, "b", "oldest first");
	ok(page.more, "and there are more");
}

static int count_before(const char *text, size_t *count)
{
	struct message_page page = MESSAGE_PAGE_INIT;
	struct message_position before;
	struct message_query query = {.album = album.key, .limit = 1000, .before = &before};

	if (message_position_find(f.store, &album, text, &before, &err) ||
		message_page_read(f.store, &query, &page, &err))
		return -1;
	*count = page.messages.count;
	message_page_release(&page);
	return 0;
}

static void test_positions(void)
{
	struct album_ref held = album;
	struct receipt receipt[5];
	char text[64];
	size_t count = 0;

	album = fixture_album(&f, "places", "Places");
	for (int i = 0; i < 5; i++)
		say("x", MESSAGE_NOW, NULL, NULL, &receipt[i]);
	uuid_format(&receipt[3].id, text);
	ok_call(count_before(text, &count), &err, "before a message by its id");
	is_int(count, 3, "are those before it");
	snprintf(text, sizeof(text), "places@%lld", (long long)receipt[2].seq);
	ok_call(count_before(text, &count), &err, "by ALBUM@SEQ");
	is_int(count, 2, "are those before it");
	snprintf(text, sizeof(text), "@%lld", (long long)receipt[2].seq);
	ok_call(count_before(text, &count), &err, "by @SEQ");
	is_int(count, 2, "means the album");
	ok_call(count_before("places@1", &count), &err, "any event has a place");
	is_int(count, 0, "nothing was said before the album was");
	snprintf(text, sizeof(text), "%08llx-%04llx-7000-8000-000000000001",
		(unsigned long long)receipt[4].at >> 16,
		(unsigned long long)receipt[4].at & 0xffff);
	ok_call(count_before(text, &count), &err, "an unknown UUIDv7");
	is_int(count, 4, "means its time");
	/* Version 1 of the time 1700000000000 ms + a day: 100 ns since 1582-10-15. */
	{
		uint64_t ticks = ((uint64_t)FIXTURE_START + 86400000) * 10000 + 0x01B21DD213814000;

		snprintf(text, sizeof(text), "%08x-%04x-1%03x-8000-000000000001", (unsigned)ticks,
			(unsigned)(ticks >> 32) & 0xffff, (unsigned)(ticks >> 48) & 0xfff);
	}
	ok_call(count_before(text, &count), &err, "an unknown UUIDv1");
	is_int(count, 5, "means its time");
	ok(count_before("places@999", &count) && err.kind == ERR_NOT_FOUND, "no such seq");
	ok(count_before("beach@1", &count) && err.kind == ERR_NOT_FOUND, "another album's");
	ok(count_before("00000000-0000-4000-8000-000000000000", &count) &&
			err.kind == ERR_NOT_FOUND,
		"an unknown UUID without a time");
	ok(count_before("zz", &count) && err.kind == ERR_NOT_FOUND, "not an id");
	album = held;
}

int main(void)
{
	fixture_open(&f);
	album = fixture_album(&f, "beach", "The Beach");
	test_texts();
	test_send();
	test_edit();
	test_unsend_keeps_the_shell();
	test_unsend_erases();
	test_batch();
	test_batch_dry();
	test_pages();
	test_pages_about_a_photo();
	test_positions();
	fixture_close(&f);
	return tap_done();
}
