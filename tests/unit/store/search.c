/* search.c - what is found, what must not be, and that nothing is missed. */
#include "store_fixture.h"
#include "store/facts.h"
#include "store/message.h"
#include "store/photo.h"
#include "store/search.h"

static struct fixture f;
static struct album_ref album;

static struct receipt say(int64_t in, const char *text, const struct sha256 *photo)
{
	struct message_draft draft = {.album = in,
		.text = text,
		.len = strlen(text),
		.photo = photo,
		.said = MESSAGE_NOW};
	struct receipt receipt = {.key = 0};

	if (message_send(f.store, &draft, &receipt, &err))
		ok(false, "say: %s", err.message);
	return receipt;
}

static void caption(int64_t in, const struct sha256 *photo, const char *text)
{
	struct entity about = entity_from_hash(photo);

	if (fixture_submit(&f, in, "photo.caption", &about, json_pack("{s:s}", "text", text), NULL))
		ok(false, "caption: %s", err.message);
}

static void tag(const struct sha256 *photo, const char *key, const char *text)
{
	struct entity about = entity_from_hash(photo);

	if (fixture_submit(
		    &f, album.key, "photo.tag", &about, json_pack("{s:[s]}", key, text), NULL))
		ok(false, "tag: %s", err.message);
}

static void change(const struct sha256 *photo, const char *kind)
{
	struct entity about = entity_from_hash(photo);

	if (fixture_submit(&f, album.key, kind, &about, json_object(), NULL))
		ok(false, "%s: %s", kind, err.message);
}

static void feed(int64_t most)
{
	int64_t left = 1;

	if (event_words_feed(f.store->events, most, &left, &err))
		ok(false, "feed: %s", err.message);
}

static void feed_all(void)
{
	for (int64_t left = 1; left > 0;)
		if (event_words_feed(f.store->events, 100000, &left, &err))
			return;
}

/* What a query finds, as "m12 p3fa2 a u " in the order of the hits: messages by seq, photos by their
 * first digits, albums, people. */
static const char *find(const char *text)
{
	static char out[8192];
	_cleanup_search_hits_ struct vec hits = SEARCH_HITS_INIT;
	_cleanup_query_ struct query query = QUERY_INIT;
	size_t len = 0;

	out[0] = '\0';
	if (query_parse(text, &query, &err) || search_run(f.store, &query, 1000, &hits, &err)) {
		snprintf(out, sizeof(out), "failed: %s", err_kind_name(err.kind));
		return out;
	}
	vec_foreach (&hits, struct search_hit, hit) {
		char hex[SHA256_HEX_LEN + 1];

		sha256_format(&hit->photo, hex);
		if (len > sizeof(out) - 64)
			break;
		if (hit->kind == SEARCH_MESSAGE)
			len += (size_t)snprintf(out + len, 64, "m%lld ", (long long)hit->seq);
		else if (hit->kind == SEARCH_PHOTO)
			len += (size_t)snprintf(out + len, 64, "p%.4s ", hex);
		else
			len += (size_t)snprintf(
				out + len, 64, "%c ", hit->kind == SEARCH_ALBUM ? 'a' : 'u');
	}
	return out;
}

static const char *m_of(const struct receipt *receipt)
{
	static char out[64];

	snprintf(out, sizeof(out), "m%lld ", (long long)receipt->seq);
	return out;
}

static const char *p_of(const struct sha256 *photo)
{
	static char out[64];
	char hex[SHA256_HEX_LEN + 1];

	sha256_format(photo, hex);
	snprintf(out, sizeof(out), "p%.4s ", hex);
	return out;
}

/* --- messages --------------------------------------------------------------------------- */

static void test_messages(void)
{
	struct receipt tide = say(album.key, "the Tide at the lighthouse", NULL), edit, gone;
	struct receipt old = say(album.key, "a crab with one claw", NULL);
	struct receipt unsent = say(album.key, "barnacles everywhere", NULL);
	struct message_ref ref = {.album = album, .id = old.id, .key = old.key};

	for (int indexed = 0; indexed < 2; indexed++) {
		is_str(find("lighthouse"), m_of(&tide), "a word (%d)", indexed);
		is_str(find("TIDE"), m_of(&tide), "in any case");
		is_str(find("tide lighthouse"), m_of(&tide), "two words");
		is_str(find("tide crab"), "", "of two messages");
		is_str(find("\"at the lighthouse\""), m_of(&tide), "a phrase");
		is_str(find("\"the at lighthouse\""), "", "in another order");
		is_str(find("light*"), m_of(&tide), "a beginning");
		is_str(find("light"), "", "that is no word");
		is_str(find("lighthouse -tide"), "", "a word that must not be there");
		feed_all();
	}
	message_edit(f.store, &ref, "a lobster", 9, &edit, &err);
	is_str(find("crab"), "", "the old text is not found");
	is_str(find("lobster"), m_of(&old), "the new one is, before it is indexed");
	feed_all();
	is_str(find("lobster"), m_of(&old), "and then");
	is_str(find("crab"), "", "the old text is still not found");
	ref.id = unsent.id;
	ref.key = unsent.key;
	message_unsend(f.store, &ref, 1, &gone, &err);
	is_str(find("barnacles"), "", "what was taken back is not found");
	say(album.key, "Caf\xc3\xa9 cr\xc3\xa8me", NULL);
	is_str(find("cafe"), find("caf\xc3\xa9"), "accents do not matter");
	is_str(find("caf\xc3\xa9 NOT*"), "", "nor do FTS5's own words");
	is_str(find("\"caf\xc3\xa9"), "failed: invalid", "an open quote");
}

static void test_order(void)
{
	struct receipt first = say(album.key, "narwhal", NULL),
		       second = say(album.key, "narwhal", NULL);
	struct receipt third = say(album.key,
		"narwhal stands in a very long text of many other words about quite other animals",
		NULL);
	char want[128];

	snprintf(want, sizeof(want), "m%lld m%lld m%lld ", (long long)second.seq,
		(long long)first.seq, (long long)third.seq);
	is_str(find("narwhal"), want, "better ones first, of equal ones the newer");
}

/* --- photos ----------------------------------------------------------------------------- */

static void put_facts(
	const struct sha256 *hash, const char *name, const char *make, int32_t lat, int32_t lon)
{
	_cleanup_json_ json_t *media = json_pack("{s:s}", "make", make);
	_cleanup_json_ json_t *plain = facts_make(media, name, strlen(name), &err);
	_cleanup_json_ json_t *facts = plain ? facts_move(plain, true, lat, lon, &err) : NULL;
	_cleanup_event_tx_ struct event_tx *tx = NULL;

	if (!facts || event_begin(f.store->events, "facts", &tx, &err) ||
		facts_index(f.store, hash, facts, &err) || event_commit(&tx, &err))
		ok(false, "facts: %s", err.message);
}

static struct sha256 photo_at(const char *name, int32_t lat, int32_t lon)
{
	struct sha256 facts;
	char hex[SHA256_HEX_LEN + 1];

	crypt_sha256_two("facts", 5, name, strlen(name), &facts);
	put_facts(&facts, name, "Pentax", lat, lon);
	sha256_format(&facts, hex);
	return fixture_photo(&f, album.key, name, json_pack("{s:s}", "facts", hex));
}

static void test_photos(void)
{
	struct sha256 photo = photo_at("DSC_4711.jpg", 0, 0);
	struct sha256 titled = fixture_photo(&f, album.key, "titled",
		json_pack("{s:s,s:s,s:[s]}", "title", "Hogmanay", "description", "ceilidh dancing",
			"keywords", "scotland"));
	const char *want;

	caption(album.key, &photo, "first wallaby");
	for (int indexed = 0; indexed < 2; indexed++) {
		want = p_of(&photo);
		is_str(find("wallaby"), want, "by its caption (%d)", indexed);
		is_str(find("pentax wallaby"), want, "by camera and caption together");
		is_str(find("dsc_4711.jpg"), want, "by its file's name");
		is_str(find("dsc*"), want, "by the beginning of it");
		is_str(find("wallaby -pentax"), "", "not with what must not be there");
		want = p_of(&titled);
		is_str(find("hogmanay"), want, "by its title");
		is_str(find("scotland"), want, "by a keyword");
		is_str(find("scotland hogmanay"), want, "by both");
		feed_all();
	}
	caption(album.key, &photo, "second wombat");
	is_str(find("wallaby"), "", "the old caption is not found");
	is_str(find("wombat"), p_of(&photo), "the new one is");
	tag(&photo, "add", "marsupial");
	is_str(find("marsupial"), p_of(&photo), "by a tag");
	is_str(find("marsupial pentax wombat"), p_of(&photo), "by everything together");
	tag(&photo, "remove", "marsupial");
	feed_all();
	is_str(find("marsupial"), "", "not by a tag that was taken away");
	change(&photo, "photo.remove");
	is_str(find("wombat"), "", "a removed photo is not found");
	change(&photo, "photo.restore");
	is_str(find("wombat"), p_of(&photo), "a restored one is");
	caption(album.key, &photo, "");
	is_str(find("wombat"), "", "nor by a caption that was taken away");
}

static void test_joined(void)
{
	struct sha256 raw = fixture_photo(&f, album.key, "raw", NULL);
	struct sha256 jpeg =
		fixture_photo(&f, album.key, "jpeg", json_pack("{s:s}", "title", "osprey"));
	struct entity about = entity_from_hash(&jpeg);
	char hex[SHA256_HEX_LEN + 1];

	sha256_format(&raw, hex);
	tag(&jpeg, "add", "raptor");
	fixture_submit(&f, album.key, "photo.join", &about, json_pack("{s:s}", "into", hex), NULL);
	is_str(find("raptor"), p_of(&raw), "a joined photo is found as what it was joined into");
	caption(album.key, &raw, "estuary");
	is_str(find("raptor estuary"), p_of(&raw), "with what is said of both");
}

/* --- albums and people ------------------------------------------------------------------ */

static void test_names(void)
{
	struct album_ref other = fixture_album(&f, "fjord", "Geirangerfjord trip");
	struct uuid ines = uuid_make(1);
	struct entity person = entity_from_uuid(&ines), about = entity_from_uuid(&other.id);

	fixture_submit(&f, other.key, "member.add", &person,
		json_pack("{s:s,s:s,s:s}", "kind", "speaker", "name", "In\xc3\xa9s Quiroga", "role",
			"none"),
		NULL);
	for (int indexed = 0; indexed < 2; indexed++) {
		is_str(find("geirangerfjord"), "a ", "an album by its title (%d)", indexed);
		is_str(find("quiroga"), "u ", "a person by their name");
		is_str(find("ines quiroga"), "u ", "or by all of it");
		is_str(find("quiroga in:beach"), "", "in the albums where they are");
		is_str(find("geirangerfjord by:ada"), "", "not where authors are asked for");
		feed_all();
	}
	fixture_submit(
		&f, other.key, "album.rename", &about, json_pack("{s:s}", "title", "Norway"), NULL);
	is_str(find("geirangerfjord"), "", "an old title is not found");
	is_str(find("norway"), "a ", "the new one is");
	say(other.key, "a kittiwake", NULL);
	is_str(find("kittiwake in:fjord"), "m5 ", "in:");
	is_str(find("kittiwake -in:fjord"), "", "-in:");
	is_str(find("kittiwake in:nowhere"), "failed: not-found", "in: an album that is not there");
	fixture_submit(&f, other.key, "album.delete", &about, json_object(), NULL);
	is_str(find("kittiwake"), "", "nothing is found in a deleted album");
	is_str(find("norway"), "", "nor the album itself");
	feed_all();
	is_str(find("kittiwake"), "", "nor once it is indexed");
}

/* --- operators -------------------------------------------------------------------------- */

static void test_operators(void)
{
	struct sha256 photo = fixture_photo(&f, album.key, "operators",
		json_pack("{s:s,s:{s:I}}", "title", "zucchini", "taken", "local",
			(json_int_t)1577880000000));
	struct receipt plain = say(album.key, "zucchini soup", NULL);
	struct receipt about = say(album.key, "zucchini pie", &photo);
	struct message_draft imported = {
		.album = album.key, .text = "zucchini 1999", .len = 13, .said = 930000000000};
	struct receipt old;
	struct entity it = entity_from_uuid(&plain.id);
	char want[128];

	message_send(f.store, &imported, &old, &err);
	is_str(find("zucchini after:2020 before:2021"), p_of(&photo), "a photo by its year");
	is_str(find("zucchini before:2000"), m_of(&old), "old talk by its year");
	is_str(find("zucchini after:2020-01-01T12:00 before:2020-01-01T12:01"), p_of(&photo),
		"a photo by its minute");
	is_str(find("zucchini has:photo -pie after:2021"), "", "messages about a photo");
	is_str(find("zucchini has:photo after:2021"), m_of(&about), "has:photo");
	is_str(find("zucchini has:comment"), p_of(&photo), "has:comment");
	is_str(find("zucchini has:like"), "", "has:like, before");
	fixture_submit(
		&f, album.key, "reaction.add", &it, json_pack("{s:s}", "name", "like"), NULL);
	is_str(find("zucchini has:like"), m_of(&plain), "and after a like");
	is_str(find("zucchini has:caption"), "", "has:caption");
	is_str(find("zucchini has:gps"), "", "has:gps");
	is_str(find("zucchini -has:photo after:2021"), m_of(&plain), "-has:");
	is_str(find("zucchini by:nobody"), "failed: not-found", "by: somebody unknown");
	snprintf(want, sizeof(want), "m%lld m%lld ", (long long)about.seq, (long long)plain.seq);
	is_str(find("zucchini by:ada after:2021"), want, "by:");
	is_str(find("zucchini -by:ada"), "", "-by:");
	is_str(find("by:ada has:photo before:2021"), find("zucchini has:photo before:2021"),
		"operators without words");
	is_str(find("by:ada before:2000"), m_of(&old), "list the newest that fit");
	is_str(find("by:ada before:2000 -1999"), "", "without those with a word");
}

static void test_near(void)
{
	struct sha256 paris = photo_at("paris", 488584000, 22945000);
	struct sha256 fiji = photo_at("fiji", -178000000, 1799990000);
	struct sha256 taveuni = photo_at("taveuni", -178000000, -1799990000);
	struct sha256 pole = photo_at("pole", 899999900, 900000000);
	char want[64];

	is_str(find("near:48.8606,2.2945"), p_of(&paris), "near:");
	is_str(find("near:48.88,2.2945,1"), "", "not so near");
	is_str(find("near:48.88,2.2945,3"), p_of(&paris), "near enough");
	is_str(find("paris near:48.8606,2.2945"), p_of(&paris), "with a word");
	is_str(find("fiji near:48.8606,2.2945"), "", "that is elsewhere");
	is_str(find("near:48.8606,2.2945 has:gps"), p_of(&paris), "has:gps");
	snprintf(want, sizeof(want), "%s", p_of(&taveuni));
	is_str(find("taveuni near:-17.8,179.999,1"), want, "over the antimeridian, from the west");
	is_str(find("fiji near:-17.8,-179.999,1"), p_of(&fiji), "and from the east");
	is_str(find("near:90,0,1"), p_of(&pole), "at the pole any longitude is near");
	{
		struct receipt there = say(album.key, "what a tower", &paris);
		char both[64];

		say(album.key, "what a tower elsewhere", NULL);
		snprintf(both, sizeof(both), "m%lld ", (long long)there.seq);
		is_str(find("tower near:48.8606,2.2945"), both,
			"what was said about a photo there");
	}
}

/* --- pending, and everything by chance -------------------------------------------------- */

static void test_pending(void)
{
	struct uuid id = uuid_make(77), home = uuid_make(78);
	struct entity about = entity_from_uuid(&id), owner = entity_from_uuid(&f.store->owner);
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	int64_t key = 0;

	ok_call(event_begin(f.store->events, "test", &tx, &err) ||
			event_album_add(tx, &id, "album", &home, "far", &key, &err) ||
			event_commit(&tx, &err),
		&err, "an album whose home is elsewhere");
	fixture_submit(
		&f, key, "album.create", &about, json_pack("{s:s}", "title", "Faraway"), NULL);
	fixture_submit(&f, key, "member.add", &owner,
		json_pack("{s:s,s:s,s:s}", "kind", "user", "name", "Ada", "role", "owner"), NULL);
	say(key, "albatross", NULL);
	is_str(find("albatross"), "m0 ", "a message that waits for the album's home is found");
	is_str(find("faraway"), "a ", "so is the album");
	feed_all();
	is_str(find("albatross"), "m0 ", "the index does not hold it");
}

/* Random talk and captions against a plain look at every text. */
#define WORDS  9
#define THINGS 60

struct thing {
	struct receipt receipt;
	struct sha256 photo;
	bool is_photo, hidden;
	unsigned text, tags; /* words as bits */
};

static const char *const words[WORDS] = {
	"alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india"};

static char *spell(unsigned bits, char out[128])
{
	out[0] = '\0';
	for (int i = 0; i < WORDS; i++)
		if (bits >> i & 1)
			snprintf(out + strlen(out), 128 - strlen(out), "%s ", words[i]);
	return out;
}

static unsigned some_words(void)
{
	return 1U << (random() % WORDS) | 1U << (random() % WORDS);
}

static void make_thing(struct thing *t, int number)
{
	char text[128], name[32];

	*t = (struct thing){.text = some_words(), .is_photo = random() % 2};
	if (!t->is_photo) {
		t->receipt = say(album.key, spell(t->text, text), NULL);
		return;
	}
	snprintf(name, sizeof(name), "thing%d", number);
	t->photo = fixture_photo(&f, album.key, name, NULL);
	caption(album.key, &t->photo, spell(t->text, text));
}

static void change_message(struct thing *t)
{
	struct message_ref ref = {.album = album, .id = t->receipt.id, .key = t->receipt.key};
	unsigned bits = some_words();
	struct receipt receipt;
	char text[128];

	if (t->hidden || bits == t->text)
		return;
	spell(bits, text);
	if (random() % 4 == 0) {
		t->hidden = true;
		message_unsend(f.store, &ref, 1, &receipt, &err);
	} else if (message_edit(f.store, &ref, text, strlen(text), &receipt, &err) == 0)
		t->text = bits;
}

static void change_photo(struct thing *t)
{
	unsigned bit = 1U << (random() % WORDS), bits = some_words();
	char text[128];

	switch (random() % 4) {
	case 0:
		change(&t->photo, t->hidden ? "photo.restore" : "photo.remove");
		t->hidden = !t->hidden;
		break;
	case 1:
		if (t->hidden)
			break;
		spell(bit, text);
		text[strlen(text) - 1] = '\0';
		tag(&t->photo, t->tags & bit ? "remove" : "add", text);
		t->tags ^= bit;
		break;
	default:
		if (t->hidden)
			break;
		caption(album.key, &t->photo, spell(bits, text));
		t->text = bits;
	}
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorts the pieces of "m1 p2 " so that sets can be compared. */
static void sort_pieces(char *text)
{
	char *pieces[4 * THINGS], *save = NULL, copy[8192];
	size_t count = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save))
		pieces[count++] = p;
	qsort(pieces, count, sizeof(*pieces), compare_text);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		strcat(text, pieces[i]);
		strcat(text, " ");
	}
}

static void compare(const struct thing *things, int count, int round)
{
	unsigned want = some_words(), none = random() % 3 ? 0 : 1U << (random() % WORDS);
	char query[512], text[128], expected[8192] = "", got[8192];

	none &= ~want;
	snprintf(query, sizeof(query), "in:chance %s%s%s", spell(want, text), none ? "-" : "",
		none ? words[__builtin_ctz(none)] : "");
	for (int i = 0; i < count; i++) {
		const struct thing *t = &things[i];
		unsigned all = t->text | t->tags;

		if (!t->hidden && (all & want) == want && !(all & none))
			strcat(expected, t->is_photo ? p_of(&t->photo) : m_of(&t->receipt));
	}
	snprintf(got, sizeof(got), "%s", find(query));
	sort_pieces(got);
	sort_pieces(expected);
	is_str(got, expected, "round %d: %s", round, query);
}

static void test_chance(void)
{
	static struct thing things[THINGS];
	struct album_ref held = album;
	int count = 0;

	srandom(4);
	album = fixture_album(&f, "chance", "Chance");
	for (int round = 0; round < 150; round++) {
		if (count < THINGS && random() % 2) {
			make_thing(&things[count], count);
			count++;
		}
		for (int i = 0; i < 3 && count; i++) {
			struct thing *t = &things[random() % count];

			if (t->is_photo)
				change_photo(t);
			else
				change_message(t);
		}
		if (random() % 6 == 0)
			feed(random() % 40);
		compare(things, count, round);
	}
	album = held;
}

int main(void)
{
	fixture_open(&f);
	album = fixture_album(&f, "beach", "The Beach");
	test_messages();
	test_order();
	test_photos();
	test_joined();
	test_names();
	test_operators();
	test_near();
	test_pending();
	test_chance();
	fixture_close(&f);
	return tap_done();
}
