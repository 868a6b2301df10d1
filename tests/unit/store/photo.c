/* photo.c - photos: bodies, reading, parts, lists, changes, taking away and erasing. */
#include "stage.h"
#include "store/variant.h"

#define DAY 86400000LL

static json_t *camera(void)
{
	return json_pack(
		"{s:s, s:s, s:i, s:i, s:i, s:I, s:s, s:i, s:s, s:s, s:s, s:s, s:[s,s], s:i,"
		" s:i, s:s, s:i, s:i, s:i}",
		"mime", "image/jpeg", "kind", "image", "width", 4000, "height", 3000, "orientation",
		6, "taken_ms", (json_int_t)1714559696000, "taken_source", "exif:DateTimeOriginal",
		"offset", 120, "offset_source", "exif:OffsetTimeOriginal", "make", "Pinholer",
		"model", "P1", "title", "Harbour", "keywords", "boats", "sea", "exposure_us", 4000,
		"f_number_x100", 280, "serial", "SN-77", "lat_e7", 488584000, "lon_e7", 22945000,
		"rating", 4);
}

static void get(const struct photo_ref *ref, struct photo *photo)
{
	ok_call(photo_get(store, ref, photo, &err), &err, "get");
}

/* --- adding and reading ------------------------------------------------------------------ */

static void test_add(void)
{
	struct album_ref album = stage_album("harbour");
	struct photo_ref ref = stage_photo(&album, "one", "IMG_1.JPG", camera());
	_cleanup_photo_ struct photo p = PHOTO_INIT;

	get(&ref, &p);
	is_str(p.mime, "image/jpeg", "mime");
	is_int(p.bytes, 3, "bytes");
	ok(p.width == 4000 && p.height == 3000 && p.orientation == 6 && p.rotate == 0, "sizes");
	ok(p.has_taken && p.wall == 1714559696000 && p.offset == 120, "taken");
	is_str(p.taken_source, "exif:DateTimeOriginal", "its source");
	is_str(p.offset_source, "exif:OffsetTimeOriginal", "the offset's source");
	is_str(p.name, "IMG_1.JPG", "the file's own name");
	ok(p.has_place && p.lat_e7 == 488584000 && p.lon_e7 == 22945000, "the place");
	is_str(photo_text(&p, "make"), "Pinholer", "the camera");
	is_int(photo_int(&p, "exposure", 0), 4000, "the exposure");
	ok(p.tags.count == 2 && !strcmp(*(char **)vec_at(&p.tags, 1), "sea"), "keywords are tags");
	ok(!p.caption && !p.likes && !p.comments, "nothing was said");
	ok(uuid_equal(&p.author, &store->owner), "the author");
	ok(!json_object_get(p.body, "serial") && !json_object_get(p.body, "lat_e7"),
		"what not everybody may see is not in the body");
	is_int(p.parts.count, 1, "one part");
}

/* What a decoder that was taken over might say never stops a file from being kept. */
static void test_hostile_facts(void)
{
	struct album_ref album = stage_album("hostile");
	_cleanup_free_ char *text = mem_calloc(1, 40001);
	_cleanup_photo_ struct photo p = PHOTO_INIT;
	struct photo_ref ref;
	json_t *media = json_pack("{s:i, s:i, s:i, s:i, s:s, s:i, s:[i,s]}", "width", 0, "height",
		-5, "orientation", 9, "rating", 77, "make", "", "offset", 60, "keywords", 1,
		"a\001b");

	memset(text, '\002', 8000);
	memset(text + 8000, '"', 32000);
	json_object_set_new(media, "description", json_string(text));
	json_object_set_new(media, "title", json_string(text));
	ref = stage_photo(&album, "hostile", "x.jpg", media);
	get(&ref, &p);
	ok(!p.width && !p.height && !p.orientation, "sizes that cannot be are left out");
	ok(!p.has_taken && p.offset == TIME_OFFSET_NONE, "an offset without a time is none");
	is_int(strlen(photo_text(&p, "title")), 512, "a long title is cut");
	is_int(strspn(photo_text(&p, "title"), " "), 512, "controls became spaces");
	is_int(strlen(photo_text(&p, "description")), 16384, "so is a description");
	ok(p.tags.count == 1 && !strcmp(*(char **)vec_at(&p.tags, 0), "a b"), "a keyword is text");
	is_int(photo_int(&p, "rating", -7), -7, "no rating");
}

static void test_parts(void)
{
	struct album_ref album = stage_album("parts");
	struct photo_ref ref = stage_photo(&album, "raw bytes", "A.DNG",
		json_pack("{s:s, s:s}", "mime", "image/x-adobe-dng", "kind", "raw"));
	_cleanup_photo_ struct photo p = PHOTO_INIT;
	struct sha256 jpeg, edited;

	get(&ref, &p);
	ok(sha256_compare(&photo_shown_part(&p)->id, &ref.id) == 0, "a RAW file shows itself");
	stage_part(&ref, "film", "live", "video/quicktime");
	stage_part(&ref, "notes", "sidecar", "application/xml");
	get(&ref, &p);
	is_str(photo_shown_part(&p)->role, "original", "rather than its film");
	jpeg = stage_part(&ref, "camera jpeg", "jpeg", "image/jpeg");
	get(&ref, &p);
	ok(sha256_compare(&photo_shown_part(&p)->id, &jpeg) == 0, "a JPEG goes before it");
	edited = stage_part(&ref, "edited jpeg", "edited", "image/jpeg");
	get(&ref, &p);
	ok(sha256_compare(&photo_shown_part(&p)->id, &edited) == 0,
		"and an edited copy before that");
	is_int(p.parts.count, 5, "all are there");
	is_str(((struct photo_part *)vec_at(&p.parts, 0))->role, "original", "the original first");
}

static void test_joined(void)
{
	struct album_ref album = stage_album("joined");
	struct photo_ref still = stage_photo(&album, "still", "1.HEIC", NULL);
	struct photo_ref film = stage_photo(&album, "moving", "1.MOV",
		json_pack("{s:s, s:s}", "mime", "video/quicktime", "kind", "video"));
	_cleanup_photo_ struct photo p = PHOTO_INIT;
	json_t *into = json_object();

	wire_set_hex(&into, "into", still.id.bytes, SHA256_LEN);
	stage_say(&album, "photo.join", entity_from_hash(&film.id), into);
	get(&still, &p);
	is_int(p.parts.count, 2, "a photo that was joined counts as a part");
	ok(sha256_compare(&photo_shown_part(&p)->id, &still.id) == 0, "the still is shown");
}

/* --- lists ------------------------------------------------------------------------------- */

static json_t *taken(int64_t wall)
{
	return json_pack("{s:I}", "taken_ms", (json_int_t)wall);
}

/* The names of all photos that the filter lets through, in pages of two. */
static const char *listed(const struct album_ref *album, const struct photo_filter *filter)
{
	static struct str names = STR_INIT(4096);
	_cleanup_photo_page_ struct vec page = PHOTO_PAGE_INIT;
	struct photo_cursor cursor = {.given = false};
	bool more = true;

	str_clear(&names);
	while (more) {
		if (photo_page(store, album, filter, 2, &cursor, &page, &more, &err))
			stage_fail("page");
		if (page.count > 2)
			str_addz(&names, "too many");
		vec_foreach (&page, struct photo, photo)
			str_addf(&names, "%s%s", names.len ? " " : "", photo->name);
	}
	return names.data;
}

static void test_pages(const struct album_ref *album)
{
	struct photo_filter f = {.has = 0};

	is_str(listed(album, &f), "a b b2 c d", "all, by the time taken");
	f.backwards = true;
	is_str(listed(album, &f), "d c b2 b a", "newest first");
	f = (struct photo_filter){.has_since = true, .since = 20 * DAY};
	is_str(listed(album, &f), "b b2 c d", "since includes its moment");
	f = (struct photo_filter){.has_until = true, .until = 30 * DAY};
	is_str(listed(album, &f), "a b b2", "until does not");
	f = (struct photo_filter){.state = PHOTO_REMOVED};
	is_str(listed(album, &f), "", "nothing was removed");
}

static void test_filters(const struct album_ref *album)
{
	static const char *const want[] = {"a d", "b", "c", "c", "a", "b2", "d"};
	struct uuid nobody = uuid_make(5);
	struct photo_filter f = {.by = &nobody};

	is_str(listed(album, &f), "", "of nobody");
	f.by = &store->owner;
	is_str(listed(album, &f), "a b b2 c d", "of the owner");
	for (unsigned i = 0; i < ARRAY_LEN(want); i++) {
		f = (struct photo_filter){.has = 1u << i};
		is_str(listed(album, &f), want[i], "has bit %u", i);
	}
	f = (struct photo_filter){.has = PHOTO_HAS_GPS | PHOTO_HAS_TAG};
	is_str(listed(album, &f), "a", "two at once");
	f = (struct photo_filter){.tag = "x'y"};
	is_str(listed(album, &f), "a", "by a tag");
	f = (struct photo_filter){.tag = "X'y"};
	is_str(listed(album, &f), "", "exactly that tag");
}

static void test_near(const struct album_ref *album)
{
	struct photo_filter f = {.has = 0};

	ok_call(photo_near_parse("48.8584,2.2945,1", &f.near, &err), &err, "parse a place");
	is_str(listed(album, &f), "a", "near the tower");
	ok_call(photo_near_parse("0,-180,200", &f.near, &err), &err, "parse another");
	is_str(listed(album, &f), "d", "across the date line");
	ok_call(photo_near_parse("0,-180,50", &f.near, &err), &err, "smaller");
	is_str(listed(album, &f), "", "too far now");
	ok_call(photo_near_parse("90,0,20015", &f.near, &err), &err, "from the pole");
	is_str(listed(album, &f), "a d", "all the way down");
	ok(photo_near_parse("91,0,1", &f.near, &err) == -1, "beyond the pole");
	ok(photo_near_parse("1,2", &f.near, &err) == -1, "no distance");
	ok(photo_near_parse("1,2,-3", &f.near, &err) == -1, "a distance below zero");
	ok(photo_near_parse("1,2,nan", &f.near, &err) == -1, "no number");
	ok(photo_near_parse("1,2,3,4", &f.near, &err) == -1, "too many numbers");
	is_int(photo_distance(0, 0, 0, 10000000) / 1000, 111, "a degree is 111 km");
}

static void test_lists(void)
{
	struct album_ref album = stage_album("lists"), other = stage_album("other");
	struct photo_ref a, b, b2, c, d;
	json_t *tagged = taken(10 * DAY),
	       *far = json_pack("{s:i, s:i, s:s, s:s}", "lat_e7", 0, "lon_e7", 1790000000, "mime",
		       "image/x-nikon-nef", "kind", "raw");

	json_object_set_new(tagged, "keywords", json_pack("[s]", "x'y"));
	json_object_set_new(tagged, "lat_e7", json_integer(488584000));
	json_object_set_new(tagged, "lon_e7", json_integer(22945000));
	c = stage_photo(&album, "c bytes", "c", taken(30 * DAY));
	a = stage_photo(&album, "a bytes", "a", tagged);
	/* Of one moment: in the order of their hashes, which this relies on. */
	b = stage_photo(&album, "bb bytes", "b", taken(20 * DAY));
	b2 = stage_photo(&album, "b bytes", "b2", taken(20 * DAY));
	d = stage_photo(&album, "d bytes", "d", far);
	stage_photo(&other, "e bytes", "e", taken(20 * DAY));
	ok(sha256_compare(&b.id, &b2.id) < 0, "the hashes are as the test needs them");
	stage_say(
		&album, "photo.caption", entity_from_hash(&b.id), json_pack("{s:s}", "text", "hm"));
	stage_say(&album, "reaction.add", entity_from_hash(&c.id),
		json_pack("{s:s}", "name", "like"));
	{
		json_t *body = json_pack("{s:s}", "text", "nice");

		wire_set_hex(&body, "photo", c.id.bytes, SHA256_LEN);
		stage_say(&album, "message.send", (struct entity){.len = 0}, body);
	}
	stage_part(&b2, "film of b2", "live", "video/mp4");
	test_pages(&album);
	test_filters(&album);
	test_near(&album);
	(void)a;
	(void)d;
}

/* --- changing ---------------------------------------------------------------------------- */

static int64_t head(const struct album_ref *album)
{
	struct album_facts facts;

	if (event_album_get(store->db, album->key, &facts, &err) != 1)
		stage_fail("album");
	return facts.head;
}

static void change(const struct photo_ref *ref, const struct photo_change *c, bool want, int events,
	const char *what)
{
	int64_t before = head(&ref->album);
	bool changed = !want;

	ok_call(photo_change(store, ref, c, true, &changed, &err), &err, "%s: dry run", what);
	ok(changed == want && head(&ref->album) == before, "%s: says so, changes nothing", what);
	ok_call(photo_change(store, ref, c, false, &changed, &err), &err, "%s", what);
	ok(changed == want, "%s: %schanged", what, want ? "" : "not ");
	is_int(head(&ref->album) - before, events, "%s: events", what);
}

static void test_taken(const struct photo_ref *ref)
{
	_cleanup_photo_ struct photo p = PHOTO_INIT;
	struct photo_change c = {.set_taken = true, .wall = 1000, .offset = TIME_OFFSET_NONE};

	change(ref, &c, true, 1, "a time");
	get(ref, &p);
	ok(p.wall == 1000 && p.sort == 1000 && p.offset == 120, "the known offset stays");
	is_str(p.taken_source, "user", "it comes from a person");
	is_str(p.offset_source, "exif:OffsetTimeOriginal", "the offset does not");
	change(ref, &c, false, 0, "the same time");
	c.offset = -90;
	change(ref, &c, true, 1, "an offset");
	get(ref, &p);
	ok(p.offset == -90 && !strcmp(p.offset_source, "user"), "now it does");
}

static void test_place(const struct photo_ref *ref)
{
	_cleanup_photo_ struct photo p = PHOTO_INIT;
	_cleanup_json_ json_t *facts = NULL;
	struct photo_change c = {.set_place = true, .placed = true, .lat_e7 = -1, .lon_e7 = 2};
	struct sha256 before;

	get(ref, &p);
	before = p.facts;
	change(ref, &c, true, 1, "a place");
	change(ref, &c, false, 0, "the same place");
	get(ref, &p);
	ok(p.has_place && p.lat_e7 == -1 && p.lon_e7 == 2, "it is there");
	ok(sha256_compare(&before, &p.facts) != 0, "by another facts object");
	ok_call(facts_get(store, &p.facts, &facts, &err), &err, "its facts");
	is_str(json_string_value(json_object_get(facts, "serial")), "SN-77", "hold all the rest");
	is_str(p.name, "IMG_2.JPG", "also the name");
	c.placed = false;
	change(ref, &c, true, 1, "no place");
	get(ref, &p);
	ok(!p.has_place, "it is nowhere");
}

static void test_change(void)
{
	struct album_ref album = stage_album("change");
	struct photo_ref ref = stage_photo(&album, "two", "IMG_2.JPG", camera());
	const char *add[] = {"new", "sea", "new"}, *remove[] = {"boats", "never"};
	_cleanup_photo_ struct photo p = PHOTO_INIT;
	struct photo_change c = {.set_rotate = true, .rotate = 1};

	change(&ref, &(struct photo_change){.rotate = 0}, false, 0, "nothing");
	change(&ref, &c, true, 1, "a rotation");
	get(&ref, &p);
	ok(p.rotate == 1 && p.width == 3000 && p.height == 4000, "turned");
	c = (struct photo_change){.set_rotate = true, .turn = true, .rotate = 3};
	change(&ref, &c, true, 1, "back by a turn");
	get(&ref, &p);
	ok(p.rotate == 0 && p.width == 4000, "as it was");
	test_taken(&ref);
	test_place(&ref);
	c = (struct photo_change){.tag = add, .tag_count = 3, .untag = remove, .untag_count = 2};
	change(&ref, &c, true, 1, "tags");
	get(&ref, &p);
	ok(p.tags.count == 2 && !strcmp(*(char **)vec_at(&p.tags, 0), "new") &&
			!strcmp(*(char **)vec_at(&p.tags, 1), "sea"),
		"added and removed");
	change(&ref, &c, false, 0, "the same tags");
	add[0] = "\xff";
	ok(photo_change(store, &ref, &c, false, &(bool){false}, &err) == -1 &&
			err.kind == ERR_INVALID,
		"a tag that is not UTF-8");
}

static void test_caption_and_state(void)
{
	struct album_ref album = stage_album("state");
	struct photo_ref ref = stage_photo(&album, "three", "IMG_3.JPG", NULL);
	_cleanup_photo_ struct photo p = PHOTO_INIT;
	int64_t before;

	ok_call(photo_caption(store, &ref, "Été", &err), &err, "caption");
	before = head(&album);
	ok_call(photo_caption(store, &ref, "Été", &err), &err, "the same caption");
	is_int(head(&album), before, "is no event");
	get(&ref, &p);
	is_str(p.caption, "Été", "its text");
	ok_call(photo_caption(store, &ref, "", &err), &err, "no caption");
	get(&ref, &p);
	ok(!p.caption, "is none");
	ok(photo_caption(store, &ref, "\xff", &err) == -1 && err.kind == ERR_INVALID, "not UTF-8");
	ok_call(photo_remove(store, &ref, &err), &err, "remove");
	get(&ref, &p);
	ok(p.state == PHOTO_REMOVED && p.removed, "removed");
	is_str(listed(&album, &(struct photo_filter){.has = 0}), "", "out of the list");
	is_str(listed(&album, &(struct photo_filter){.state = PHOTO_REMOVED}), "IMG_3.JPG",
		"among the removed");
	ok(photo_caption(store, &ref, "x", &err) == -1 && err.kind == ERR_CONFLICT,
		"a removed photo gets no caption");
	ok_call(photo_restore(store, &ref, &err), &err, "restore");
	ok(photo_restore(store, &ref, &err) == -1 && err.kind == ERR_CONFLICT, "only once");
	ok_call(photo_remove(store, &ref, &err), &err, "remove again");
	fixture_time += 31 * DAY;
	ok(photo_restore(store, &ref, &err) == -1 && err.kind == ERR_CONFLICT, "not after 30 days");
}

/* --- erasing ----------------------------------------------------------------------------- */

static void make_variant(const struct sha256 *object, const char *bytes)
{
	_cleanup_variant_file_ struct variant_file file = VARIANT_FILE_INIT;
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;
	struct variant v = {.name = "thumb",
		.state = VARIANT_READY,
		.mime = "image/jpeg",
		.bytes = (int64_t)strlen(bytes)};

	if (variant_file_open(store, object, &file, &err) ||
		path_write_all(file.fd, bytes, strlen(bytes), &err) ||
		variant_file_place(store, object, &v, &file, &err) ||
		db_begin(store->db, "test", &tx, &err) || variant_record(store, object, &v, &err) ||
		db_commit(&tx, &err))
		stage_fail("variant");
}

static void remember_source(const struct photo_ref *ref, const char *path)
{
	static const struct db_sql sql = {"test_source",
		"INSERT INTO source(path, album, device, inode, size, mtime, hash)"
		" VALUES(:path, :album, 1, 2, 3, 4, :hash)"};
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;

	if (db_begin(store->db, "test", &tx, &err) ||
		db_run(store->db, &sql, &err, DB_BLOB(":path", path, strlen(path)),
			DB_INT(":album", ref->album.key),
			DB_BLOB(":hash", ref->id.bytes, SHA256_LEN)) ||
		db_commit(&tx, &err))
		stage_fail("source");
}

static const char *const erased_words[] = {"zanzibar", "Quokka", "SN-xylophone", "orangutan",
	"narwhal", "471903287", "pangolin", "axolotl", "capybara-thumb"};

static json_t *secret_facts(void)
{
	return json_pack("{s:s, s:s, s:[s], s:i, s:i}", "title", "Quokka", "serial", "SN-xylophone",
		"keywords", "orangutan", "lat_e7", 471903287, "lon_e7", 81903287);
}

static void test_erase(void)
{
	struct album_ref album = stage_album("erase");
	struct photo_ref keep = stage_photo(&album, "kept bytes", "wombat.jpg", NULL), ref;
	struct photo_change move = {
		.set_place = true, .placed = true, .lat_e7 = 11903287, .lon_e7 = 0};
	_cleanup_photo_ struct photo p = PHOTO_INIT;
	struct photo_erased erased = {.bytes = 0};
	bool changed;
	int64_t left = 1;

	ref = stage_photo(&album, "axolotl bytes", "zanzibar.jpg", secret_facts());
	stage_part(&ref, "axolotl edited", "edited", "image/jpeg");
	ok_call(photo_change(store, &ref, &move, false, &changed, &err), &err, "move");
	ok_call(photo_caption(store, &ref, "a narwhal", &err), &err, "caption");
	ok_call(photo_caption(store, &ref, "a pangolin", &err), &err, "another");
	while (left)
		if (event_words_feed(store->events, 1000, &left, &err))
			stage_fail("feed");
	make_variant(&ref.id, "capybara-thumb");
	remember_source(&ref, "/home/ada/zanzibar.jpg");
	for (size_t i = 0; i < ARRAY_LEN(erased_words); i++)
		ok(stage_find(erased_words[i]), "%s is in the store", erased_words[i]);

	ok_call(photo_erase(store, &ref, 1, &erased, &err), &err, "erase");
	ok(erased.bytes > 27 && !erased.kept, "its bytes went");
	for (size_t i = 0; i < ARRAY_LEN(erased_words); i++)
		is_int(stage_find(erased_words[i]), 0, "%s is in no byte of it now",
			erased_words[i]);
	ok(!object_exists(store->objects, &ref.id), "no object");
	ok(object_exists(store->objects, &keep.id) && stage_find("wombat.jpg"),
		"the other one stays");
	get(&ref, &p);
	ok(p.state == PHOTO_ERASED && !p.body && !p.name && !p.parts.count && !p.tags.count,
		"a shell is left");
	ok(!photo_shown_part(&p), "that shows nothing");
	ok(photo_erase(store, &ref, 1, &erased, &err) == -1 && err.kind == ERR_NOT_FOUND,
		"not twice");
	ok_call(event_verify(store->db, album.key, &left, &err), &err, "the chain is true");
	stage_reopen();
	is_int(stage_count("SELECT count(*) FROM fts_fact WHERE words MATCH :word", "zanzibar"), 0,
		"not found by its words");
}

static void test_erase_shared(void)
{
	struct album_ref first = stage_album("first"), second = stage_album("second");
	struct photo_ref a = stage_photo(&first, "shared bytes", "giraffe.jpg", NULL);
	struct photo_ref b = stage_photo(&second, "shared bytes", "okapi.jpg", NULL);
	_cleanup_photo_ struct photo p = PHOTO_INIT;
	struct photo_erased erased = {.bytes = 0};

	ok_call(photo_erase(store, &a, 1, &erased, &err), &err, "erase it in one album");
	ok(erased.kept, "the other album keeps it");
	ok(object_exists(store->objects, &b.id), "with its bytes");
	get(&b, &p);
	is_str(p.name, "okapi.jpg", "and its own name");
	is_int(stage_find("giraffe.jpg"), 0, "the erased one's name is gone");
	ok_call(photo_erase(store, &b, 1, &erased, &err), &err, "erase it in the other");
	ok(!erased.kept && !object_exists(store->objects, &b.id), "now the bytes are gone");
}

/* The same facts object may be named by a copy of the album. */
static void test_erase_shared_facts(void)
{
	struct album_ref first = stage_album("copied"), second = stage_album("copy");
	struct photo_ref a = stage_photo(&first, "copied bytes", "tapir.jpg", NULL), b = a;
	_cleanup_photo_ struct photo p = PHOTO_INIT;
	struct photo_erased erased = {.bytes = 0};

	get(&a, &p);
	b.album = second;
	stage_say(&second, "photo.add", entity_from_hash(&a.id), json_deep_copy(p.body));
	ok_call(photo_erase(store, &a, 1, &erased, &err), &err, "erase the first");
	get(&b, &p);
	is_str(p.name, "tapir.jpg", "the copy still has its facts");
	ok(object_exists(store->objects, &p.facts), "as an object too");
}

static void test_erase_joined(void)
{
	struct album_ref album = stage_album("twins");
	struct photo_ref still = stage_photo(&album, "twin still", "2.HEIC", NULL);
	struct photo_ref film = stage_photo(&album, "twin film", "sloth.MOV", NULL);
	struct photo_erased erased = {.bytes = 0};
	json_t *into = json_object();

	wire_set_hex(&into, "into", still.id.bytes, SHA256_LEN);
	stage_say(&album, "photo.join", entity_from_hash(&film.id), into);
	ok_call(photo_erase(store, &still, 1, &erased, &err), &err, "erase a joined photo");
	ok(!object_exists(store->objects, &still.id) && !object_exists(store->objects, &film.id),
		"both files are gone");
	is_int(stage_find("sloth.MOV"), 0, "and the other's name");
}

int main(void)
{
	stage_open();
	test_add();
	test_hostile_facts();
	test_parts();
	test_joined();
	test_lists();
	test_change();
	test_caption_and_state();
	test_erase();
	test_erase_shared();
	test_erase_shared_facts();
	test_erase_joined();
	stage_close();
	return tap_done();
}
