/* variant.c - the cache: places, rows that are believed only with their files, forgetting. */
#include "stage.h"
#include "store/variant.h"

static struct sha256 object;

static struct variant spec(const char *name, int rotate, enum variant_state state)
{
	struct variant v = {.rotate = rotate, .state = state, .mime = "image/jpeg"};

	strcpy(v.name, name);
	v.width = 320;
	v.height = 240;
	return v;
}

static void record(const struct variant *v)
{
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;

	if (db_begin(store->db, "test", &tx, &err) || variant_record(store, &object, v, &err) ||
		db_commit(&tx, &err))
		stage_fail("record");
}

static void make(const char *name, int rotate, const char *bytes)
{
	_cleanup_variant_file_ struct variant_file file = VARIANT_FILE_INIT;
	struct variant v = spec(name, rotate, VARIANT_READY);

	v.bytes = (int64_t)strlen(bytes);
	ok_call(variant_file_open(store, &object, &file, &err), &err, "open");
	ok_call(path_write_all(file.fd, bytes, strlen(bytes), &err), &err, "write");
	ok_call(variant_file_place(store, &object, &v, &file, &err), &err, "place");
	ok(!file.path, "nothing temporary is left");
	record(&v);
}

static enum variant_state state(const char *name, int rotate)
{
	struct variant v;

	if (variant_get(store, &object, name, rotate, &v, &err) < 0)
		stage_fail("get");
	return v.state;
}

static void test_paths(void)
{
	struct variant plain = spec("thumb", 0, VARIANT_READY),
		       turned = spec("preview", 3, VARIANT_READY);
	_cleanup_free_ char *a = variant_path(store, &object, &plain), *b = NULL;

	strcpy(turned.mime, "image/webp");
	b = variant_path(store, &object, &turned);
	ok(text_starts(a, stage.dir), "in the store");
	is_str(a + strlen(stage.dir),
		"/cache/ab/abababababababababababababababababababababababab"
		"ababababababab-thumb.jpg",
		"a thumbnail");
	is_str(path_base(b),
		"ababababababababababababababababababababababababababababababab"
		"-preview.r3.webp",
		"a turned preview");
}

static void test_rows(void)
{
	struct variant plain = spec("thumb", 0, VARIANT_READY),
		       failed = spec("preview", 0, VARIANT_FAILED), v;
	_cleanup_free_ char *path = variant_path(store, &object, &plain);
	_cleanup_vec_ struct vec list = VEC_INIT(struct variant, 100);

	is_int(variant_get(store, &object, "thumb", 0, &v, &err), 0, "no row yet");
	ok(v.state == VARIANT_NONE && !strcmp(v.name, "thumb"), "is nothing rendered");
	make("thumb", 0, "picture");
	is_int(variant_get(store, &object, "thumb", 0, &v, &err), 1, "a row");
	ok(v.state == VARIANT_READY && v.width == 320 && v.bytes == 7, "a picture");
	is_int(state("thumb", 1), VARIANT_NONE, "another rotation is another picture");
	strcpy(failed.reason, "a bomb");
	record(&failed);
	is_int(state("preview", 0), VARIANT_FAILED, "failures need no file");
	ok_call(variant_list(store, &object, 0, &list, &err), &err, "list");
	is_int(list.count, 2, "both");
	is_str(((struct variant *)vec_at(&list, 0))->reason, "a bomb", "with the reason");
	ok(truncate(path, 3) == 0, "cut the file");
	is_int(state("thumb", 0), VARIANT_NONE, "a file of another size is not believed");
	ok(unlink(path) == 0, "empty the cache");
	variant_get(store, &object, "thumb", 0, &v, &err);
	ok(v.state == VARIANT_NONE && v.reason[0], "a file that is gone is not, and it says so");
	make("thumb", 0, "rendered again");
	is_int(state("thumb", 0), VARIANT_READY, "until it is made again");
}

static void test_forget(void)
{
	struct variant turned = spec("thumb", 2, VARIANT_READY);
	_cleanup_free_ char *path = variant_path(store, &object, &turned);
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;

	make("thumb", 2, "turned");
	ok(path_exists(path), "a turned one");
	ok_call(db_begin(store->db, "test", &tx, &err), &err, "begin");
	ok_call(variant_forget(store, &object, &err), &err, "forget");
	ok_call(db_commit(&tx, &err), &err, "commit");
	ok_call(variant_unlink(store, &object, &err), &err, "unlink");
	is_int(stage_find("ababab"), 0, "no file of it is left");
	is_int(state("preview", 0), VARIANT_NONE, "no row either");
	ok_call(variant_unlink(store, &object, &err), &err, "unlink nothing");
}

/* Other directories: new files go to the one that the hash picks, old ones are found where they are. */
static void test_roots(void)
{
	_cleanup_free_ char *absolute = store_path(store, "elsewhere");
	const char *const two[] = {"first", absolute}, *const none[] = {NULL};
	struct variant thumb = spec("thumb", 0, VARIANT_READY);
	_cleanup_free_ char *old = NULL, *new = NULL;
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;
	uint64_t removed;

	make("thumb", 0, "in the cache");
	ok_call(variant_use_roots(store, two, 2, &err), &err, "two other places");
	is_int(state("thumb", 0), VARIANT_READY, "what was made is found");
	old = variant_path(store, &object, &thumb);
	ok(strstr(old, "/cache/ab/"), "where it was");
	make("thumb", 1, "elsewhere");
	thumb.rotate = 1;
	new = variant_path(store, &object, &thumb);
	ok(text_starts(new, absolute) && path_exists(new), "a new one goes where its hash picks");
	ok_call(variant_sweep_tmp(store, &removed, &err), &err, "sweep all of them");
	ok_call(db_begin(store->db, "test", &tx, &err), &err, "begin");
	ok_call(variant_forget(store, &object, &err), &err, "forget");
	ok_call(db_commit(&tx, &err), &err, "commit");
	ok_call(variant_unlink(store, &object, &err), &err, "unlink");
	is_int(stage_find("ababab"), 0, "no file is left in any of them");
	ok_call(variant_use_roots(store, none, 0, &err), &err, "back to cache/");
}

static void test_tmp(void)
{
	_cleanup_variant_file_ struct variant_file file = VARIANT_FILE_INIT;
	_cleanup_free_ char *dead = store_path(store, "cache/tmp/999999999-1");
	uint64_t removed = 7;

	ok_call(variant_file_open(store, &object, &file, &err), &err, "open");
	ok_call(path_write_file(dead, "x", 1, 0600, &err), &err, "left by the dead");
	ok_call(variant_sweep_tmp(store, &removed, &err), &err, "sweep");
	is_int(removed, 1, "one went");
	ok(path_exists(file.path), "ours stays");
}

int main(void)
{
	memset(object.bytes, 0xab, SHA256_LEN);
	stage_open();
	test_paths();
	test_rows();
	test_forget();
	test_roots();
	test_tmp();
	stage_close();
	return tap_done();
}
