/* import.c - exported and imported again: equal, twice, restored, forked, damaged, and made up by strangers. */
#include "demo.h"

#include "import/backup.h"
#include "import/export.h"
#include "import/import.h"
#include "store/check.h"

/* What must be equal: all but ids of albums and messages, and what only the log knows. */
#define NORMAL                                                                                          \
	"jq -S '(.participants | map({(.id): .name}) | add) as $n | ([.messages[].id] |"                \
	" to_entries | map({(.value): .key}) | add) as $m | {title: .album.title,"                      \
	" text: .album.description, photos: ([.photos[] | {id, name, kind, mime, bytes, width, height," \
	" by: $n[.by], taken, gps, rotate, caption, tags, title, description, rating, facts, joined,"   \
	" body, parts: [.parts[] | {part, role, mime, bytes}], likes: [.likes // [] | .[] |"            \
	" $n[.by] + .name]}] | sort_by(.id)), messages: [.messages[] | {name, text, when, photo,"       \
	" deleted, answers: (if .reply_to then $m[.reply_to] else null end),"                           \
	" likes: [.likes // [] | .[] | $n[.by] + .name]}]}' "

static struct store *ada, *eve;
static struct demo demo;

static int import_from(struct store *store, const char *path, bool restore, struct import_result *r)
{
	struct import_options options = {.restore = restore};

	memset(r, 0, sizeof(*r));
	err_clear(&err);
	return import_album(store, demo_path(path), &options, NULL, r, &err);
}

static void export_to(struct store *store, const struct album_ref *album, const char *path)
{
	struct export_options options = {.hard_link = false};
	struct export_result r;

	if (export_album(store, album, demo_path(path), &options, NULL, &r, &err))
		printf("Bail out! %s\n", err.message), exit(1);
}

static int64_t count(struct store *store, const char *sql)
{
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	if (db_query_text(store->db, sql, &rows, NULL, 0, &err) || db_next(&rows, &err) != 1)
		return -1;
	return db_int(&rows, 0);
}

static int count_one(void *data, const struct sha256 *hash, uint64_t size, struct err *e)
{
	(void)hash;
	(void)size;
	(void)e;
	++*(int *)data;
	return 0;
}

static int count_objects(struct store *store)
{
	int n = 0;

	object_walk(store->objects, 0, 255, count_one, &n, &err);
	return n;
}

static void complain(void *data, const char *line)
{
	(void)data;
	printf("#   %s\n", line);
}

static bool is_sound(struct store *store)
{
	struct check_options options = {.objects = true, .read_only = true, .complain = complain};
	struct check_report report;

	return store_check(store, &options, &report, &err) == 0 && report.complaints == 0;
}

static void test_equal(void)
{
	struct import_result r;
	char before[65536];
	int objects;

	snprintf(before, sizeof(before), "%s", demo_shell(NORMAL "out/album.json"));
	ok(strlen(before) > 1000, "the normal form of the original");
	ok_call(import_from(eve, "out", false, &r), &err, "another store imports it");
	is_int(r.photos, 4, "all photos");
	is_int(r.messages, 3, "all messages that stand");
	is_int(r.absent, 0, "nothing lacks");
	ok(!uuid_equal(&r.album.id, &demo.id), "the album has a new id");
	export_to(eve, &r.album, "again");
	is_str(demo_shell(NORMAL "again/album.json"), before, "all else is equal");
	is_str(demo_shell(
		       "jq -r '[.participants[] | .kind + \" \" + .role + \" \" + .name] | sort[]'"
		       " again/album.json"),
		"speaker none Ada\nspeaker none Ben\nuser owner Eve", "authors are speakers");
	objects = count_objects(eve);
	ok_call(import_from(eve, "a.zip", false, &r), &err, "once more, from a zip");
	export_to(eve, &r.album, "zip");
	is_str(demo_shell(NORMAL "zip/album.json"), before, "is another equal album");
	ok_call(import_from(eve, "a.tar.zst", false, &r), &err, "and from a compressed tar");
	is_int(count(eve, "SELECT count(*) FROM album WHERE kind = 'album'"), 3, "three albums");
	is_int(count_objects(eve), objects, "of the same bytes");
	is_int(count(eve, "SELECT count(*) FROM fact"), 4, "facts are searched by");
	ok_call(import_from(ada, "out", false, &r), &err, "the one who exported it imports it");
	export_to(ada, &r.album, "own");
	is_str(demo_shell(NORMAL "own/album.json"), before, "equal again");
	is_str(demo_shell(
		       "jq -r '[.participants[] | .kind + \" \" + .name] | sort[]' own/album.json"),
		"speaker Ben\nuser Ada", "and is no speaker in it");
	export_to(ada, &r.album, "third");
	ok_call(import_from(eve, "third", false, &r), &err, "an import of an import");
	export_to(eve, &r.album, "fourth");
	is_str(demo_shell(NORMAL "fourth/album.json"), before, "is still equal");
	is_int(count(eve,
		       "SELECT count(*) FROM event WHERE body LIKE '%oops%' OR body LIKE '%taken back%'"),
		0, "of what was taken back there is no word");
}

static void test_restore(void)
{
	struct import_result r;
	struct album_facts then, now;
	char removed[SHA256_HEX_LEN + 1], command[500];
	int64_t checked;

	ok_call(import_from(eve, "out", true, &r), &err, "restored in another store");
	ok(uuid_equal(&r.album.id, &demo.id), "it has its id");
	ok(event_album_find(ada->db, &demo.id, &then, &err) == 1 &&
			event_album_find(eve->db, &demo.id, &now, &err) == 1,
		"it is in both");
	is_int(now.epoch, then.epoch + 1, "its epoch is higher");
	ok(uuid_equal(&now.home, &eve->id), "this store is its home");
	ok_call(event_verify(eve->db, now.key, &checked, &err), &err, "the chain holds");
	is_int(checked, then.head + 3,
		"with three events more: the move, the new owner, what was removed");
	ok(is_sound(eve), "nothing names bytes that are not there");
	export_to(eve, &r.album, "restored");
	sha256_format(&demo.removed, removed);
	snprintf(command, sizeof(command),
		"for d in out restored; do jq -c '.events[] | select(.about != \"%s\")' $d/album.json"
		" >$d.log; done; head -n $(wc -l <out.log) restored.log | cmp - out.log && echo same",
		removed);
	is_str(demo_shell(command), "same", "the events are the same byte for byte");
	snprintf(command, sizeof(command),
		"jq -c '[.events[] | select(.about == \"%s\") | .kind, has(\"body\")]' restored/album.json",
		removed);
	is_str(demo_shell(command),
		"[\"photo.add\",false,\"photo.remove\",false,\"photo.erase\",true]",
		"but those of a removed photo");
	ok_call(import_from(eve, "out", true, &r), &err, "restored again");
	ok(r.known && r.events == 0, "is known");
	ok(event_album_find(eve->db, &demo.id, &then, &err) == 1 && then.epoch == now.epoch &&
			then.head == now.head,
		"and changes nothing");
	ok_call(import_from(ada, "out", true, &r), &err, "restored where it came from");
	ok(r.known, "is known, too");
	ok_call(import_from(ada, "restored", true, &r), &err,
		"a log that went on elsewhere comes home");
	is_int(r.events, 3, "with what happened there");
}

/* The same store at an earlier instant learns what it did later. */
static void test_behind(void)
{
	struct album_ref ref = {.key = demo.album, .id = demo.id};
	struct store *older = NULL;
	struct import_result r;
	struct backup_result b;
	struct album_facts then, now;

	event_album_find(ada->db, &demo.id, &then, &err);
	ok_call(backup_create(ada, demo_path("b.tar"), NULL, &b, &err), &err, "a backup");
	demo_submit(ada, demo.album, "message.send", (struct entity){0}, "{\"text\":\"later\"}");
	export_to(ada, &ref, "later");
	ok_call(backup_restore(demo_path("b.tar"), demo_path("older"), &demo_clock, NULL, &b, &err),
		&err, "is restored");
	ok_call(store_open(demo_path("older"), STORE_WRITE, &demo_clock, NULL, &older, &err), &err,
		"and opened");
	ok_call(import_from(older, "later", true, &r), &err, "a later export of the same history");
	ok(!r.known && r.events == 1, "brings the one event that lacks");
	ok(event_album_find(older->db, &demo.id, &now, &err) == 1 && now.epoch == then.epoch + 2,
		"in a new life of the album");
	demo_submit(older, demo.album, "message.send", (struct entity){0}, "{\"text\":\"fork\"}");
	demo_submit(ada, demo.album, "message.send", (struct entity){0}, "{\"text\":\"other\"}");
	export_to(ada, &ref, "fork");
	ok(import_from(older, "fork", true, &r) && err.kind == ERR_CONFLICT, "a fork is refused");
	store_close(older);
}

static void test_incomplete(void)
{
	struct import_result r;
	struct store *zoe = demo_store("zoe", "Zoe");

	demo_shell("cp -r out part && cd part && rm *-edited.jpg && rm *_a_b_c* && rm SHA256SUMS");
	ok_call(import_from(zoe, "part", false, &r), &err, "two originals lack");
	is_int(r.absent, 2, "which is told");
	is_int(r.photos, 3, "their photos are left out");
	is_int(count(zoe, "SELECT count(*) FROM view_part"), 3, "and parts");
	ok_call(import_from(zoe, "part", true, &r), &err, "restored without them");
	is_int(count(zoe, "SELECT count(*) FROM view_photo WHERE state = 0"), 3 + 4,
		"photos stay in the log");
	ok_call(import_from(zoe, "out", true, &r), &err, "restored with them");
	ok(r.known && r.absent == 0, "the bytes are there now");
	ok_call(object_verify(zoe->objects, &demo.third, &err), &err, "for all to see");
	store_close(zoe);
	zoe = demo_store("zoe2", "Zoe");
	demo_shell("cp -r out bad && for f in bad/*-edited.jpg; do echo x >$f; done");
	ok(import_from(zoe, "bad", false, &r) && err.kind == ERR_DAMAGED,
		"a file with other bytes");
	ok(strstr(err.message, "-edited.jpg"), "is named");
	demo_shell("rm -rf bad; cp -r out bad && sed -i 's/what a day/what a cat/' bad/album.json");
	ok(import_from(zoe, "bad", false, &r) && err.kind == ERR_DAMAGED, "a flipped word");
	ok(import_from(zoe, "bad", true, &r) && err.kind == ERR_DAMAGED, "when restoring, too");
	demo_shell("head -c 3000 a.zip >half.zip; head -c 2000 a.tar.zst >half.tar.zst");
	ok(import_from(zoe, "half.zip", false, &r), "half a zip: %s", err.message);
	ok(import_from(zoe, "half.tar.zst", false, &r), "half a tar: %s", err.message);
	ok(import_from(zoe, "nowhere", false, &r) && err.kind == ERR_NOT_FOUND, "no such place");
	ok(import_from(zoe, "out/album.json", false, &r) && err.kind == ERR_INVALID,
		"album.json alone");
	demo_shell("mkdir empty");
	ok(import_from(zoe, "empty", false, &r) && err.kind == ERR_INVALID, "an empty folder");
	ok(import_from(zoe, "1", false, &r), "a file that is no export: %s", err.message);
	is_int(count(zoe, "SELECT count(*) FROM album"), 1, "none of them made an album");
	store_close(zoe);
}

/* --- strangers -------------------------------------------------------------------------- */

struct lie {
	const char *name, *filter; /* jq */
	bool restore;
};

static const struct lie lies[] = {
	{"another format", ".format = \"zip\"", false},
	{"a newer version", ".version = 2", false},
	{"no version number", ".version = \"x\"", false},
	{"no title", "del(.album.title)", false},
	{"a title of 10,000 letters", ".album.title = \"x\" * 10000", false},
	{"an empty title", ".album.title = \"\"", false},
	{"a hash that is none", ".photos[0].id = \"../../etc/passwd\"", false},
	{"a photo twice", ".photos += [.photos[0]]", false},
	{"a photo by nobody", ".photos[0].by = \"01a1fb64-8200-7000-9823-000000000000\"", false},
	{"a participant without a name", "del(.participants[0].name)", false},
	{"huge bytes", ".photos[0].bytes = 9223372036854775807", false},
	{"negative bytes", ".photos[0].bytes = -1", false},
	{"bytes that are not so many", ".photos[0].bytes += 1 | .photos[0].body.bytes += 1", false},
	{"a body with strange fields", ".photos[0].body.evil = 1", false},
	{"a body that is none", ".photos[0].body = []", false},
	{"no body", "del(.photos[0].body)", false},
	{"a fraction", ".photos[0].body.bytes = 1.5", false},
	{"a wrong day", ".photos[0].taken.local = \"2024-02-31T00:00:00\"", false},
	{"a wrong offset",
		".photos[0].taken = {local: \"2024-02-01T00:00:00\", offset: \"+99:99\"}", false},
	{"a rotation of 9", ".photos[0].rotate = 9", false},
	{"a tag of 1,000 letters", ".photos[0].tags = [\"x\" * 1000]", false},
	{"a tag that is a number", ".photos[0].tags = [1]", false},
	{"a caption of 100,000 letters", ".photos[0].caption = \"x\" * 100000", false},
	{"a joined hash that is none", ".photos[0].joined = \"x\"", false},
	{"a part without a role", "(.photos[] | select(.parts[0]) | .parts[0].role) = \"hat\"",
		false},
	{"a message twice", ".messages += [.messages[0]]", false},
	{"a message without text", "del(.messages[0].text)", false},
	{"an empty message", ".messages[0].text = \"\"", false},
	{"a message before time", ".messages[0].when = -5", false},
	{"a message that answers nonsense", ".messages[0].reply_to = \"x\"", false},
	{"a number in place of a message", ".messages[0] = 7", false},
	{"a like by nobody", ".photos[0].likes = [{by: \"x\"}]", false},
	{"facts with another hash", ".facts[0].facts.name = \"other\"", false},
	{"facts that are text", ".facts[0].facts = \"x\"", false},
	{"messages before photos", "{format, version, album, participants, messages, photos}",
		false},
	{"arrays first", "{photos, format, version, album}", false},
	{"another id", ".album.id = \"01a1fb64-8200-7000-9823-000000000000\"", true},
	{"an id that is none", ".album.id = \"x\"", true},
	{"epoch 0", ".album.epoch = 0", true},
	{"a huge epoch", ".album.epoch = 9223372036854775807", true},
	{"a huge head", ".album.head = 9223372036854775807", true},
	{"another head", ".album.head -= 1", true},
	{"another chain", ".album.chain = \"00\" * 32", true},
	{"a gap", "del(.events[3])", true},
	{"a swap", ".events[3:5] |= reverse", true},
	{"a forged seq", ".events[3].seq = 99", true},
	{"a huge seq", ".events[3].seq = 9223372036854775807", true},
	{"an event twice", ".events += [.events[-1]]", true},
	{"an id twice", ".events[4].id = .events[3].id", true},
	{"another time", ".events[3].at += 1", true},
	{"time that runs backwards", ".events[3].at = 1", true},
	{"another body", ".events[0].body.title = \"x\"", true},
	{"another salt", ".events[0].salt = \"00\" * 16", true},
	{"no salt", "del(.events[0].salt)", true},
	{"another author", ".events[3].author = .events[3].id", true},
	{"another kind", ".events[0].kind = \"album.rename\"", true},
	{"a long kind", ".events[0].kind = \"x\" * 100", true},
	{"about something else", ".events[3].about = \"ab\"", true},
	{"an event of a person's own log", ".events[0].kind = \"self.setting\"", true},
	{"no events", ".events = []", true},
	{"events that are text", ".events = [\"x\"]", true},
	{"a body hash in place of a body",
		".events[0] |= (del(.body) + {body_hash: (\"00\" * 32)})", true},
};

static void test_lies(void)
{
	struct import_result r;
	struct store *mallory = demo_store("mallory", "Mallory");
	int64_t events = count(mallory, "SELECT count(*) FROM event");

	demo_shell("cp -r out lie && rm lie/SHA256SUMS");
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		char command[1000];

		snprintf(command, sizeof(command),
			"jq -c '%s' out/album.json >lie/album.json && echo ok", lies[i].filter);
		is_str(demo_shell(command), "ok", "made up: %s", lies[i].name);
		ok(import_from(mallory, "lie", lies[i].restore, &r) && err.kind != ERR_NONE &&
				err.kind != ERR_FAILED,
			"refused: %s", err.message);
	}
	is_int(count(mallory, "SELECT count(*) FROM album"), 1, "none of them made an album");
	is_int(count(mallory, "SELECT count(*) FROM event"), events, "nor an event");
	store_close(mallory);
}

/* Odd, and no reason to refuse. */
static void test_odd(void)
{
	struct import_result r;

	demo_shell("rm -rf odd; mkdir -p odd/deep; jq . out/album.json >odd/deep/album.json;"
		   " i=0; for f in out/*.[jJ]*; do i=$((i+1)); cp \"$f\" odd/deep/$i; done;"
		   " ln -s /etc/passwd odd/deep/link; mkfifo odd/deep/pipe; cp a.zip odd/deep");
	ok_call(import_from(eve, "odd", false, &r), &err,
		"another layout, other names, a folder deeper");
	is_int(r.absent, 0, "files are known by their bytes");
	demo_shell("jq -c '.photos[0].file = \"../../../etc/passwd\" | .extra = [1]'"
		   " out/album.json >lie/album.json");
	ok_call(import_from(eve, "lie", false, &r), &err, "a name that climbs");
	is_int(r.absent, 0, "is no path");
	demo_shell("jq -c '.photos[0].joined = .photos[1].id | .photos[1].joined = .photos[0].id'"
		   " out/album.json >lie/album.json");
	ok_call(import_from(eve, "lie", false, &r) == 0 ? 0 : err.kind != ERR_CONFLICT, &err,
		"a circle of joins makes no knot");
	demo_shell("jq -c 'del(.facts)' out/album.json >lie/album.json");
	ok_call(import_from(eve, "lie", false, &r), &err, "no facts at all");
	is_int(count(eve,
		       "SELECT count(*) FROM view_photo p JOIN album a ON a.key = p.album"
		       " WHERE p.facts IS NOT NULL AND a.key = (SELECT max(key) FROM album)"),
		0, "names none that are not there");
}

/* A replica: its home confirmed the beginning, and one event waits. */
static void test_pending(void)
{
	struct uuid home = uuid_make(5), id;
	struct album_ref ref;
	struct event_tx *tx;
	struct import_result r;
	struct receipt first, second;
	struct album_facts facts;
	int64_t album = 0;

	id = uuid_make(clock_now_ms(&demo_clock));
	ok(event_begin(ada->events, "test", &tx, &err) == 0 &&
			event_album_add(tx, &id, "album", &home, "far", &album, &err) == 0 &&
			event_commit(&tx, &err) == 0,
		"an album whose home is far away");
	first = demo_submit(
		ada, album, "album.create", entity_from_uuid(&id), "{\"title\":\"Far\"}");
	second = demo_submit(ada, album, "member.add", entity_from_uuid(&ada->owner),
		"{\"kind\":\"user\",\"name\":\"Ada\",\"role\":\"owner\"}");
	demo_submit(ada, album, "message.send", (struct entity){0}, "{\"text\":\"waiting\"}");
	demo_submit(ada, album, "message.edit", entity_from_uuid(&id), "{\"text\":\"of nothing\"}");
	ok(event_begin(ada->events, "test", &tx, &err) == 0 &&
			event_confirm(tx, album, &first.id, 1, 1000, &err) == 0 &&
			event_confirm(tx, album, &second.id, 2, 1000, &err) == 0 &&
			event_commit(&tx, &err) == 0,
		"its beginning is confirmed");
	ref = (struct album_ref){.key = album, .id = id};
	export_to(ada, &ref, "far");
	ok_call(import_from(eve, "far", true, &r), &err, "restored where it becomes at home");
	is_int(r.refused, 1, "what may not happen is left out");
	ok(event_album_find(eve->db, &id, &facts, &err) == 1 && facts.head == 5,
		"what may is numbered, after the move and the new owner");
	is_int(count(eve, "SELECT count(*) FROM event WHERE body LIKE '%waiting%' AND at IS NULL"),
		0, "nothing waits any more");
	ok(import_from(ada, "far", true, &r) && err.kind == ERR_CONFLICT,
		"not where it has another home");
}

static void test_deleted(void)
{
	struct import_result r;

	demo_submit(ada, demo.album, "album.delete", entity_from_uuid(&demo.id), "{}");
	ok(import_from(ada, "out", true, &r) && err.kind == ERR_CONFLICT,
		"a deleted album stays deleted");
	ok_call(import_from(ada, "out", false, &r), &err, "but comes back as a new one");
}

int main(void)
{
	struct album_ref ref;

	demo_begin();
	if (*demo_shell("command -v jq") == '\0')
		tap_skip_all("jq is not installed");
	ada = demo_store("ada", "Ada");
	eve = demo_store("eve", "Eve");
	demo_fill(ada, &demo);
	ref = (struct album_ref){.key = demo.album, .id = demo.id};
	export_to(ada, &ref, "out");
	export_to(ada, &ref, "a.zip");
	export_to(ada, &ref, "a.tar.zst");
	test_equal();
	test_restore();
	test_behind();
	test_incomplete();
	test_lies();
	test_odd();
	test_pending();
	ok(is_sound(eve), "after all that the store is sound");
	test_deleted();
	store_close(ada);
	store_close(eve);
	return demo_end();
}
