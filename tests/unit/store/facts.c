/* facts.c - facts objects: names, salts, places, the index and its full text. */
#include "stage.h"

static json_t *media(void)
{
	return json_pack("{s:i, s:i, s:i, s:s, s:s, s:s, s:[s,s], s:{s:s}}", "lat_e7", 488584000,
		"lon_e7", 22945000, "alt_mm", 330000, "make", "Pinholer", "serial", "SN-77",
		"title", "A tower", "keywords", "iron", "lattice", "raw", "GPSSpeed", "0/0");
}

static int64_t words(const char *word)
{
	return stage_count("SELECT count(*) FROM fts_fact WHERE words MATCH :word", word);
}

static void test_names(void)
{
	_cleanup_json_ json_t *plain = facts_make(NULL, "Été\n.jpg", 10, &err);
	_cleanup_json_ json_t *raw = facts_make(NULL, "IMG\xff.jpg", 8, &err);
	_cleanup_json_ json_t *none = facts_make(NULL, NULL, 0, &err);

	is_str(facts_name(plain), "Été\n.jpg", "a name is kept as it is");
	ok(!json_object_get(plain, "name_hex"), "without hex");
	is_str(facts_name(raw), "IMG\\xff.jpg", "bytes that are not UTF-8 are shown");
	is_str(json_string_value(json_object_get(raw, "name_hex")), "494d47ff2e6a7067",
		"and kept in hex");
	ok(none && !facts_name(none), "no name is no name");
}

static void test_salt(void)
{
	_cleanup_json_ json_t *m = media(), *a = facts_make(m, "x", 1, &err),
			      *b = facts_make(m, "x", 1, &err);
	struct sha256 first, second;

	is_int(strlen(json_string_value(json_object_get(a, "salt"))), 2 * FACTS_SALT_LEN, "a salt");
	ok(!json_equal(a, b), "another one each time");
	ok_call(facts_put(store, a, &first, &err), &err, "store one");
	ok_call(facts_put(store, b, &second, &err), &err, "store the other");
	ok(sha256_compare(&first, &second) != 0, "the same facts have different hashes");
	ok(!json_object_get(m, "salt") && !json_object_get(m, "name"), "the source is untouched");
}

static void test_move(void)
{
	_cleanup_json_ json_t *m = media(), *a = facts_make(m, "x", 1, &err),
			      *b = facts_move(a, true, -10, 20, &err),
			      *c = facts_move(b, false, 0, 0, &err);
	int32_t lat = 1, lon = 1;

	ok(facts_place(a, &lat, &lon) && lat == 488584000 && lon == 22945000, "a place");
	ok(facts_place(b, &lat, &lon) && lat == -10 && lon == 20, "moved");
	ok(!json_object_get(b, "alt_mm"), "the height of the old place is gone");
	is_str(json_string_value(json_object_get(b, "serial")), "SN-77", "all else stays");
	ok(!facts_place(c, &lat, &lon), "taken away");
	json_object_set_new(c, "lat_e7", json_integer(900000001));
	json_object_set_new(c, "lon_e7", json_integer(0));
	ok(!facts_place(c, &lat, &lon), "a latitude beyond the pole is none");
}

static void test_index(void)
{
	_cleanup_json_ json_t *m = media(), *facts = facts_make(m, "IMG_4120.JPG", 12, &err),
			      *back = NULL;
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	struct sha256 hash;

	ok_call(facts_put(store, facts, &hash, &err), &err, "put");
	ok_call(facts_get(store, &hash, &back, &err), &err, "get");
	ok(json_equal(facts, back), "the same");
	ok_call(event_begin(store->events, "test", &tx, &err), &err, "begin");
	ok_call(facts_index(store, &hash, facts, &err), &err, "index");
	ok_call(facts_index(store, &hash, facts, &err), &err, "again");
	ok_call(event_commit(&tx, &err), &err, "commit");
	is_int(words("4120"), 1, "found by its name");
	is_int(words("pinholer"), 1, "by the camera");
	is_int(words("lattice"), 1, "by a keyword");
	is_int(words("\"SN-77\""), 0, "a serial number is not searched");
	is_int(stage_count("SELECT count(*) FROM fact WHERE lat = 488584000 AND name = :word",
		       "IMG_4120.JPG"),
		1, "its place has a row");
	ok_call(event_begin(store->events, "test", &tx, &err), &err, "begin");
	ok_call(facts_forget(store, &hash, &err), &err, "forget");
	ok_call(facts_forget(store, &hash, &err), &err, "again");
	ok_call(event_commit(&tx, &err), &err, "commit");
	is_int(words("4120") + words("lattice"), 0, "the words are gone");
	is_int(stage_count("SELECT count(*) FROM fact WHERE name = :word", "IMG_4120.JPG"), 0,
		"and the row");
}

static void test_refused(void)
{
	_cleanup_json_ json_t *m = media(), *out = NULL;
	struct sha256 hash;

	json_object_set_new(m, "speed", json_real(1.5));
	ok(!facts_make(m, "x", 1, &err) && err.kind == ERR_INVALID,
		"floats have no canonical form");
	memset(&hash, 7, sizeof(hash));
	ok(facts_get(store, &hash, &out, &err) == -1 && err.kind == ERR_NOT_FOUND, "unknown facts");
	ok_call(object_put(store->objects, "[1]", 3, &hash, &err), &err, "another object");
	ok(facts_get(store, &hash, &out, &err) == -1 && err.kind == ERR_DAMAGED,
		"is no facts object");
}

int main(void)
{
	stage_open();
	test_names();
	test_salt();
	test_move();
	test_index();
	test_refused();
	stage_close();
	return tap_done();
}
