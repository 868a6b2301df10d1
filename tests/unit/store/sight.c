/* sight.c - what people see of a store, and that nothing else shows: each answer to a person is the same
 * before and after others did much in albums that the person is not in.
 */
#include "store_fixture.h"
#include "store/album.h"
#include "store/door.h"
#include "store/facts.h"
#include "store/follow.h"
#include "store/link.h"
#include "store/mark.h"
#include "store/message.h"
#include "store/participant.h"
#include "store/reaction.h"
#include "store/search.h"
#include "store/sight.h"

static struct fixture f;
static struct uuid bob, cleo, dan; /* a member of the beach, a viewer of it, a stranger */

static void act_as(const struct uuid *who)
{
	f.store->actor = who ? *who : f.store->owner;
}

static struct receipt say(const struct album_ref *in, const char *text)
{
	struct message_draft draft = {
		.album = in->key, .text = text, .len = strlen(text), .said = MESSAGE_NOW};
	struct receipt receipt = {.key = 0};

	if (message_send(f.store, &draft, &receipt, &err))
		ok(false, "say: %s", err.message);
	return receipt;
}

static void join(
	const struct album_ref *in, const struct uuid *who, const char *name, enum role role)
{
	struct uuid id;

	if (participant_add(f.store, in->key, who, name, role, &id, &err))
		ok(false, "join: %s", err.message);
}

/* A photo with a position and a file name, which are in a facts object of its own. */
static struct sha256 photo_with_facts(const struct album_ref *in, const char *name)
{
	_cleanup_json_ json_t *plain = facts_make(NULL, name, strlen(name), &err);
	_cleanup_json_ json_t *facts = facts_move(plain, true, 485000000, -44000000, &err);
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	struct sha256 hash;
	char hex[SHA256_HEX_LEN + 1];

	crypt_sha256_two("facts", 5, name, strlen(name), &hash);
	sha256_format(&hash, hex);
	if (event_begin(f.store->events, "facts", &tx, &err) ||
		facts_index(f.store, &hash, facts, &err) || event_commit(&tx, &err))
		ok(false, "facts: %s", err.message);
	return fixture_photo(&f, in->key, name, json_pack("{s:s}", "facts", hex));
}

/* --- one person's answers ----------------------------------------------------------------- */

static int add_album(void *data, const struct album *album, struct err *e)
{
	(void)e;
	str_addf(data, "album %s %s %lld %lld; ", album->title, role_name(album->role),
		(long long)album->head, (long long)album->photos);
	return 0;
}

static int add_mark(void *data, const struct mark *mark, struct err *e)
{
	(void)e;
	str_addf(data, "mark %lld of %lld; ", (long long)mark->seq, (long long)mark->head);
	return 0;
}

static void add_search(struct str *out, const struct uuid *who, const char *text)
{
	_cleanup_search_hits_ struct vec hits = SEARCH_HITS_INIT;
	_cleanup_query_ struct query query = QUERY_INIT;
	struct err why = ERR_INIT;

	str_addf(out, "\n%s: ", text);
	if (query_parse(text, &query, &why) ||
		search_run_as(f.store, who, &query, 100, &hits, &why)) {
		str_addf(out, "%s: %s", err_kind_name(why.kind), why.message);
		return;
	}
	vec_foreach (&hits, struct search_hit, hit)
		str_addf(out, "%d %lld %s %s; ", (int)hit->kind, (long long)hit->when,
			hit->author_name, hit->snippet);
}

static void answers(const struct uuid *who, struct str *out)
{
	static const char *const queries[] = {"crab", "cr*", "-crab", "in:cave", "in:Beach crab",
		"by:ada", "by:eve", "by:bob crab", "has:gps", "-has:gps", "has:photo", "has:like",
		"near:48.5,-4.4", "IMG*", "tagged", "Beach", "cave", "Eve", "after:2000", "the"};

	act_as(who);
	str_clear(out);
	if (album_each_seen(f.store, true, add_album, out, &err) ||
		mark_each(f.store, add_mark, out, &err))
		ok(false, "answers: %s", err.message);
	for (size_t i = 0; i < ARRAY_LEN(queries); i++)
		add_search(out, who, queries[i]);
	act_as(NULL);
}

/* Much happens in another album, with the same words, names and places. */
static void fill_cave(const struct album_ref *cave)
{
	struct uuid eve = uuid_make(fixture_time++);
	struct sha256 photo = photo_with_facts(cave, "IMG_0666.jpg");
	struct entity about = entity_from_hash(&photo);

	join(cave, &eve, "Eve Crab", ROLE_MEMBER);
	for (int i = 0; i < 50; i++)
		say(cave, "the crab of the cave, the crab, the Beach");
	fixture_submit(
		&f, cave->key, "photo.tag", &about, json_pack("{s:[s]}", "add", "tagged"), NULL);
	fixture_submit(
		&f, cave->key, "photo.caption", &about, json_pack("{s:s}", "text", "crab"), NULL);
	if (reaction_set(f.store, cave->key, &about, "like", true, &err) != 1)
		ok(false, "like: %s", err.message);
}

static void test_differential(const struct album_ref *beach)
{
	const struct uuid *people[] = {&bob, &cleo, &dan};
	struct str before[3], after;
	struct album_ref cave;
	int64_t left = 1;

	str_init(&after, 1 << 20);
	for (int i = 0; i < 3; i++) {
		str_init(&before[i], 1 << 20);
		answers(people[i], &before[i]);
	}
	ok(strstr(before[0].data, "album Beach member"), "a member sees their album");
	ok(strstr(before[1].data, "album Beach viewer"), "a viewer too");
	ok(!strstr(before[2].data, "Beach member") && !strstr(before[2].data, "claw"),
		"a stranger sees nothing");
	cave = fixture_album(&f, "cave", "cave");
	fill_cave(&cave);
	for (int indexed = 0; indexed < 2; indexed++) {
		for (int i = 0; i < 3; i++) {
			answers(people[i], &after);
			is_str(after.data, before[i].data, "person %d learns nothing of it (%d)", i,
				indexed);
		}
		while (left > 0 && event_words_feed(f.store->events, 100000, &left, &err) == 0)
			;
	}
	for (int i = 0; i < 3; i++)
		str_release(&before[i]);
	str_release(&after);
	(void)beach;
}

static void test_positions(void)
{
	_cleanup_str_ struct str seen = STR_INIT(1 << 20);

	add_search(&seen, &bob, "IMG*");
	add_search(&seen, &bob, "has:gps");
	add_search(&seen, &bob, "near:48.5,-4.4");
	ok(strstr(seen.data, "IMG*: 1 ") && strstr(seen.data, "has:gps: 1 ") &&
			strstr(seen.data, "-4.4: 1 "),
		"a member finds a photo by file name and place");
	str_clear(&seen);
	add_search(&seen, &cleo, "IMG*");
	add_search(&seen, &cleo, "has:gps");
	add_search(&seen, &cleo, "near:48.5,-4.4");
	is_str(seen.data, "\nIMG*: \nhas:gps: \nnear:48.5,-4.4: ", "a viewer does not");
	str_clear(&seen);
	add_search(&seen, &cleo, "has:photo");
	ok(strstr(seen.data, "has:photo: 1 ") && !strstr(seen.data, "IMG"),
		"but sees it without its name");
}

/* --- following ---------------------------------------------------------------------------- */

static int add_event(void *data, const struct uuid *album, const struct event *e, struct err *why)
{
	(void)album;
	(void)why;
	str_addf(data, "%s%s ", e->kind, e->body ? "" : "(erased)");
	return 0;
}

static const char *follow(const struct uuid *who, struct follow *from)
{
	static struct str out = STR_INIT(1 << 20);
	int more = 1;

	act_as(who);
	str_clear(&out);
	while (more == 1)
		more = follow_step(f.store, from, 3, add_event, &out, &err);
	act_as(NULL);
	if (more < 0)
		ok(false, "follow: %s", err.message);
	return out.data;
}

static void test_follow(const struct album_ref *beach)
{
	struct follow live = FOLLOW_INIT(0), again = FOLLOW_INIT(0), stranger = FOLLOW_INIT(0);
	struct message_ref ref = {.album = *beach};
	struct receipt receipt;
	struct album_ref other;
	int64_t from;

	follow(&bob, &live);
	from = live.rev;
	is_str(follow(&bob, &live), "", "nothing is new");
	ref.id = say(beach, "first").id;
	if (event_find(f.store->db, beach->key, &ref.id, &ref.key, &err) != 1)
		ok(false, "find");
	is_str(follow(&bob, &live), "message.send ", "what is said is told");
	if (message_unsend(f.store, &ref, 1, &receipt, &err))
		ok(false, "unsend: %s", err.message);
	is_str(follow(&bob, &live), "message.unsend ", "and what is taken back");
	again.rev = from;
	is_str(follow(&bob, &again), "message.send(erased) message.unsend ",
		"who was away gets both, without the words");
	other = fixture_album(&f, "other", "Other");
	say(&other, "before he came");
	is_str(follow(&bob, &live), "", "what others do is not told");
	join(&other, &bob, "Bob", ROLE_VIEWER);
	ok(strstr(follow(&bob, &live), "member.add"), "until one is let in");
	for (int i = 0; i < 20; i++)
		say(i % 2 ? beach : &other, "twenty");
	is_int((int)strlen(follow(&bob, &live)) / (int)strlen("message.send "), 20,
		"many come in several steps, each once");
	if (participant_remove(f.store, other.key, &bob, &err))
		ok(false, "remove: %s", err.message);
	say(&other, "after he went");
	is_str(follow(&bob, &live), "member.remove ",
		"one is told of one's removal, and of nothing after");
	is_str(follow(&dan, &stranger), "", "a stranger is told nothing, from the beginning on");
	follow_release(&live);
	follow_release(&again);
	follow_release(&stranger);
}

/* Wherever a follower stops and comes back by its rev, nothing is missed. */
static void test_resume(const struct album_ref *beach)
{
	int64_t revs[40], seqs[40];
	int missed = 0;

	for (int i = 0; i < 40; i++) {
		struct message_ref ref = {.album = *beach};
		struct receipt receipt = say(beach, "resume"), gone;

		revs[i] = fixture_number(&f, "SELECT value + 0 FROM meta WHERE name = 'rev'");
		seqs[i] = receipt.seq;
		ref.id = receipt.id;
		ref.key = receipt.key;
		if (i % 3 == 1 && message_unsend(f.store, &ref, 1, &gone, &err))
			ok(false, "unsend: %s", err.message);
	}
	for (int i = 0; i < 40; i++) {
		struct follow from = FOLLOW_INIT(revs[i]);
		int64_t last =
			fixture_number(&f, "SELECT max(head) FROM album WHERE slug = 'beach'");
		size_t told = 0;

		for (const char *at = follow(&bob, &from); (at = strchr(at, ' ')); at++)
			told++;
		/* What is erased may come though it was told already. */
		missed += told < (size_t)(last - seqs[i]) || told > (size_t)(last - seqs[i]) + 1;
		follow_release(&from);
	}
	is_int(missed, 0, "from every rev on all is told");
}

/* --- the door ----------------------------------------------------------------------------- */

static const char *knock(const struct album_ref *at, json_t *event)
{
	struct receipt receipt;
	struct err why = ERR_INIT;
	int refused = door_submit(f.store, at, event, &receipt, &why);

	json_decref(event);
	return refused ? err_kind_name(why.kind) : receipt.duplicate ? "again" : "in";
}

#define SEND(id, text) "id", id, "kind", "message.send", "body", "text", text

static void test_door(const struct album_ref *beach)
{
	char id[UUID_TEXT_LEN + 1], other[UUID_TEXT_LEN + 1];
	struct uuid made = uuid_make(FIXTURE_START + 5);

	uuid_format(&made, id);
	uuid_format(&cleo, other);
	act_as(&bob);
	is_str(knock(beach, json_pack("{s:s, s:s, s:{s:s}}", SEND(id, "hello"))), "in", "an event");
	is_str(knock(beach, json_pack("{s:s, s:s, s:{s:s}}", SEND(id, "hello"))), "again",
		"the same again");
	is_str(knock(beach, json_pack("{s:s, s:s, s:{s:s}}", SEND(id, "other"))), "conflict",
		"its id with other words");
	f.store->device = uuid_make(FIXTURE_START);
	is_str(knock(beach, json_pack("{s:s, s:s, s:{s:s}}", SEND(id, "hello"))), "again",
		"the same from another device");
	act_as(&cleo);
	is_str(knock(beach, json_pack("{s:s, s:s, s:{s:s}}", SEND(id, "hello"))), "conflict",
		"another's id");
	act_as(&bob);
	is_str(knock(beach,
		       json_pack("{s:s, s:s, s:{s:s}}", "author", other, "kind", "message.send",
			       "body", "text", "x")),
		"denied", "in another's name");
	is_str(knock(beach,
		       json_pack("{s:s, s:s, s:{s:s}}", "device", other, "kind", "message.send",
			       "body", "text", "x")),
		"denied", "from another's device");
	is_str(knock(beach,
		       json_pack("{s:s, s:{s:s}}", "kind", "member.claim", "body", "user", other)),
		"denied", "what only the home writes");
	is_str(knock(beach, json_pack("{s:s}", "kind", "photo.erase")), "denied",
		"what is more than its event");
	is_str(knock(beach,
		       json_pack(
			       "{s:s, s:{s:s}}", "kind", "album.rename", "body", "title", "Mine")),
		"denied", "what the role may not");
	is_str(knock(beach, json_pack("{s:s}", "kind", "no.such")), "invalid", "an unknown kind");
	is_str(knock(beach, json_pack("{s:s, s:i}", "kind", "message.send", "seq", 1)), "invalid",
		"a field that is not a client's");
	is_str(knock(beach, json_pack("{s:s, s:[]}", "kind", "message.send", "body")), "invalid",
		"a body that is no object");
	is_str(knock(beach, json_pack("[]")), "invalid", "no object at all");
	act_as(NULL);
}

static json_t *add_event_of(const char *hash, const char *mime, int bytes)
{
	return json_pack("{s:s, s:s, s:{s:s, s:s, s:i, s:i, s:i}}", "kind", "photo.add", "about",
		hash, "body", "kind", "image", "mime", mime, "bytes", bytes, "width", 40, "height",
		30);
}

/* I9: a hash is not a capability. */
static void test_hashes(const struct album_ref *beach, const struct sha256 *photo)
{
	struct uuid id = uuid_make(fixture_time++);
	struct album_ref own;
	struct sha256 facts;
	char hash[SHA256_HEX_LEN + 1], facts_hex[SHA256_HEX_LEN + 1];
	json_t *with_facts;
	const struct uuid *who[] = {&bob, &cleo, &dan};
	struct album_ref of[3];

	(void)id;
	sha256_format(photo, hash);
	crypt_sha256_two("facts", 5, "IMG_0042.jpg", strlen("IMG_0042.jpg"), &facts);
	sha256_format(&facts, facts_hex);
	for (int i = 0; i < 3; i++) {
		act_as(who[i]);
		if (album_create(f.store, NULL, "Mine", NULL, &own, &err))
			ok(false, "album: %s", err.message);
		of[i] = own;
	}
	act_as(&dan);
	is_str(knock(&of[2], add_event_of(hash, "image/jpeg", 1000)), "not-found",
		"a stranger who knows the hash gets nothing");
	is_str(knock(&of[2],
		       add_event_of("00000000000000000000000000000000"
				    "00000000000000000000000000000000",
			       "image/jpeg", 1000)),
		"not-found", "and is told the same where there is nothing");
	act_as(&cleo);
	is_str(knock(&of[1], add_event_of(hash, "image/jpeg", 1000)), "not-found",
		"nor who may not have the original");
	act_as(&bob);
	is_str(knock(&of[0], add_event_of(hash, "text/html", 1000)), "not-found",
		"bytes are not said to be something else");
	with_facts = add_event_of(hash, "image/jpeg", 1000);
	json_object_set_new(json_object_get(with_facts, "body"), "facts", json_string(facts_hex));
	is_str(knock(&of[0], with_facts), "in", "who has it may show it in another album");
	act_as(&cleo);
	with_facts = json_pack("{s:s, s:s, s:{s:s}}", "kind", "photo.set", "about", hash, "body",
		"facts", facts_hex);
	is_str(knock(&of[1], with_facts), "not-found", "facts neither");
	act_as(NULL);
	(void)beach;
}

/* --- marks, links, people ------------------------------------------------------------------- */

static void test_marks(const struct album_ref *beach)
{
	const char *count = "SELECT count(*) FROM event WHERE kind = 'self.read'";
	int64_t seq = 0;

	ok_call(mark_set(f.store, &beach->id, 3, &seq, &err), &err, "a mark is set");
	is_int(seq, 3, "and counts");
	is_int(fixture_number(&f, count), 1, "as an event");
	ok_call(mark_set(f.store, &beach->id, 5, &seq, &err), &err, "a higher one, soon after");
	is_int(seq, 5, "counts");
	is_int(fixture_number(&f, count), 1, "without an event");
	ok_call(mark_set(f.store, &beach->id, 4, &seq, &err), &err, "a lower one");
	is_int(seq, 5, "changes nothing");
	fixture_time += MARK_EVENT_MS;
	ok_call(mark_set(f.store, &beach->id, 1, &seq, &err), &err, "half a minute later");
	is_int(fixture_number(&f, count), 2, "what waited is an event");
	is_int(fixture_number(&f, "SELECT count(*) FROM mark_waiting"), 0, "and waits no more");
	ok_call(mark_set(f.store, &beach->id, 1000000, &seq, &err), &err, "a mark beyond the end");
	ok(seq < 1000000, "is one at the end");
	ok_call(mark_get(f.store, &beach->id, &seq, &err), &err, "it can be read");
	act_as(&dan);
	ok(mark_set(f.store, &beach->id, 1, &seq, &err) < 0 && err.kind == ERR_NOT_FOUND,
		"who has no log of their own has no marks");
	act_as(NULL);
}

static int add_link(void *data, const struct link *link, struct err *e)
{
	(void)e;
	str_addf(data, "%s %u %lld %d; ", link->name ? link->name : "-", link->may,
		(long long)link->expires, link->revoked);
	return 0;
}

static void test_links(const struct album_ref *beach)
{
	_cleanup_str_ struct str out = STR_INIT(4096);
	struct link_draft draft = {.name = "for Gran",
		.may = LINK_LOOK | LINK_DOWNLOAD,
		.expires = 99,
		.max_uses = -1};
	struct link_query query = {.album = beach->key, .limit = 10};
	struct uuid id;

	ok_call(link_create(f.store, beach->key, &draft, &id, &err), &err, "a link");
	ok_call(link_each(f.store, &query, add_link, &out, &err), &err, "is listed");
	is_str(out.data, "for Gran 9 99 0; ", "as it was made");
	ok_call(link_revoke(f.store, beach->key, &id, &err), &err, "it is revoked");
	ok(link_revoke(f.store, beach->key, &id, &err) < 0 && err.kind == ERR_NOT_FOUND, "once");
	str_clear(&out);
	ok_call(link_each(f.store, &query, add_link, &out, &err), &err, "then");
	is_str(out.data, "", "it is listed no more");
	query.revoked = true;
	ok_call(link_each(f.store, &query, add_link, &out, &err), &err, "unless asked for");
	is_str(out.data, "for Gran 9 99 1; ", "as revoked");
}

static void test_names(const struct album_ref *beach)
{
	static const char *const bad[] = {"", "   ", "a\nb", "a\x1b[31m", "\xff", "\xed\xa0\x80"};
	struct uuid id;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(participant_add(f.store, beach->key, NULL, bad[i], ROLE_VIEWER, &id, &err) < 0 &&
				err.kind == ERR_INVALID,
			"a name that is none (%zu)", i);
	ok_call(participant_add(f.store, beach->key, NULL, "Gran", ROLE_VIEWER, &id, &err), &err,
		"somebody who is waiting");
	ok_call(participant_set_role(f.store, beach->key, &id, ROLE_MEMBER, &err), &err,
		"gets a role");
	act_as(&bob);
	ok(participant_remove(f.store, beach->key, &id, &err) < 0 && err.kind == ERR_DENIED,
		"a member removes nobody");
	ok_call(participant_rename(f.store, beach->key, &bob, "Robert", &err), &err,
		"but renames themselves");
	ok_call(participant_remove(f.store, beach->key, &bob, &err), &err, "and leaves");
	act_as(NULL);
}

/* The filters in SQL name roles: they say the same as the table of rights. */
static void test_roles(void)
{
	static const struct db_sql sees = {"sees", "SELECT count(*) FROM " SIGHT_ALBUMS},
				   opens = {"opens", "SELECT count(*) FROM " SIGHT_OPEN_ALBUMS};
	struct album_ref album = fixture_album(&f, "roles", "Roles");

	for (unsigned role = ROLE_NONE; role < ROLE_COUNT; role++) {
		struct uuid who = uuid_make(fixture_time++);
		struct entity about = entity_from_uuid(&who);
		int64_t seen = -1, open = -1;

		join(&album, &who, "Somebody", ROLE_VIEWER);
		fixture_submit(&f, album.key, "member.role", &about,
			json_pack("{s:s}", "role", role_name((enum role)role)), NULL);
		if (db_get_int(f.store->db, &sees, &seen, &err, DB_UUID(":viewer", &who)) < 0 ||
			db_get_int(f.store->db, &opens, &open, &err, DB_UUID(":viewer", &who)) < 0)
			ok(false, "roles: %s", err.message);
		is_int(seen, role_has((enum role)role, RIGHT_LOOK), "who is %s sees",
			role_name((enum role)role));
		is_int(open, role_has((enum role)role, RIGHT_POSITIONS), "or has originals");
	}
}

int main(void)
{
	struct album_ref beach;
	struct sha256 photo;

	fixture_open(&f);
	beach = fixture_album(&f, "beach", "Beach");
	bob = uuid_make(fixture_time++);
	cleo = uuid_make(fixture_time++);
	dan = uuid_make(fixture_time++);
	join(&beach, &bob, "Bob", ROLE_MEMBER);
	join(&beach, &cleo, "Cleo", ROLE_VIEWER);
	say(&beach, "a crab with one claw");
	photo = photo_with_facts(&beach, "IMG_0042.jpg");
	test_differential(&beach);
	test_positions();
	test_follow(&beach);
	test_resume(&beach);
	test_door(&beach);
	test_hashes(&beach, &photo);
	test_marks(&beach);
	test_links(&beach);
	test_names(&beach);
	test_roles();
	fixture_close(&f);
	return tap_done();
}
