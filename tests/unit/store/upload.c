/* upload.c - uploads: whose they are, when they end, and which bytes count after any accident. */
#include "store/upload.h"
#include "store_fixture.h"
#include "base/path.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static struct fixture f;
static struct uuid ada, bob;

static struct upload made(const struct uuid *user, int64_t length)
{
	struct upload u = {.id = uuid_make(fixture_time++), .user = *user, .album = 7};

	u.length = length;
	u.created = fixture_time;
	u.expires = fixture_time + 1000000;
	memcpy(u.metadata, "filename YS5qcGc=", sizeof("filename YS5qcGc="));
	return u;
}

static int add(const struct upload *u)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;

	return store_begin(f.store, "test", &tx, &err) || upload_add(f.store, u, &err) ||
			store_commit(&tx, &err) ?
		-1 :
		0;
}

static int64_t offset(const struct uuid *id)
{
	int64_t at = -1;

	return upload_offset(f.store, id, &at, &err) ? -1 : at;
}

static bool is_there(const struct uuid *id, const char *suffix)
{
	char text[UUID_TEXT_LEN + 1], path[256];

	uuid_format(id, text);
	snprintf(path, sizeof(path), "%s/uploads/%s%s", f.dir, text, suffix);
	return path_exists(path);
}

static void test_rows(void)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	struct upload u = made(&ada, 100), deferred = made(&ada, UPLOAD_LENGTH_NONE), got;
	struct vec gone = VEC_INIT(struct uuid, 10);
	struct sha256 photo = {{1}};
	struct upload_load load;

	ok_call(add(&u) || add(&deferred), &err, "two uploads");
	ok_call(upload_get(f.store, &u.id, &ada, &got, &err), &err, "hers is found");
	is_int(got.length, 100, "length");
	is_str(got.metadata, "filename YS5qcGc=", "metadata as they came");
	ok(!got.done && got.album == 7 && got.expires == u.expires, "album, end, state");
	ok(upload_get(f.store, &u.id, &bob, &got, &err) && err.kind == ERR_NOT_FOUND,
		"another's is not there");
	ok_call(upload_load(f.store, &ada, &load, &err), &err, "what she has under way");
	ok(load.count == 2 && load.bytes == 100, "two, with 100 bytes announced");

	ok_call(store_begin(f.store, "test", &tx, &err), &err, "a transaction");
	ok_call(upload_set_length(f.store, &deferred.id, 50, &err), &err,
		"the length is told late");
	ok_call(upload_set_length(f.store, &deferred.id, 50, &err), &err, "and once more the same");
	ok(upload_set_length(f.store, &deferred.id, 51, &err) && err.kind == ERR_CONFLICT,
		"but not another");
	ok(upload_set_length(f.store, &bob, 5, &err) && err.kind == ERR_NOT_FOUND,
		"nor one of what is not there");
	ok_call(upload_finish(f.store, &u.id, &photo, &err), &err, "one becomes a photo");
	ok_call(store_commit(&tx, &err), &err, "committed");
	ok_call(upload_get(f.store, &u.id, &ada, &got, &err), &err, "it is there still");
	ok(got.done && sha256_compare(&got.photo, &photo) == 0, "and knows its photo");
	ok_call(upload_load(f.store, &ada, &load, &err), &err, "what she has under way");
	ok(load.count == 1 && load.bytes == 50, "is one less");

	fixture_time += 1000000;
	ok(upload_get(f.store, &u.id, &ada, &got, &err) && err.kind == ERR_NOT_FOUND,
		"once expired it is not there");
	ok_call(store_begin(f.store, "test", &tx, &err), &err, "a transaction");
	ok_call(upload_expire(f.store, 1, &gone, &err), &err, "one of the expired goes");
	is_int((int)gone.count, 1, "and no more than asked for");
	ok_call(upload_expire(f.store, 9, &gone, &err), &err, "then the rest");
	is_int((int)gone.count, 2, "both are gone");
	ok_call(store_commit(&tx, &err), &err, "committed");
	vec_release(&gone);
}

static void test_bytes(void)
{
	struct upload_file file = UPLOAD_FILE_INIT, other = UPLOAD_FILE_INIT;
	struct upload u = made(&ada, 10);

	is_int(offset(&u.id), 0, "nothing came yet");
	ok_call(upload_file_open(f.store, &u.id, &file, &err), &err, "the file is made");
	ok_call(upload_file_append(&file, "abcde", 5, &err), &err, "five bytes");
	is_int(offset(&u.id), 5, "count at once");
	ok(upload_file_open(f.store, &u.id, &other, &err) && err.kind == ERR_LOCKED,
		"two do not append at once");
	upload_file_close(&file);
	ok_call(upload_file_open(f.store, &u.id, &file, &err), &err, "it is free again");
	is_int(file.offset, 5, "and goes on where it was");
	upload_file_close(&file);
	upload_unlink(f.store, &u.id);
	is_int(offset(&u.id), 0, "removed");
}

static void test_checksum(void)
{
	struct upload_file file = UPLOAD_FILE_INIT;
	struct upload u = made(&ada, 10);

	ok_call(upload_file_open(f.store, &u.id, &file, &err) ||
			upload_file_append(&file, "abc", 3, &err) ||
			upload_file_guard(&file, &err) ||
			upload_file_append(&file, "defg", 4, &err),
		&err, "a chunk that has a checksum");
	is_int(file.offset, 7, "is written");
	is_int(offset(&u.id), 3, "and does not count");
	upload_file_close(&file);
	is_int(offset(&u.id), 3, "when it breaks off it is dropped");
	ok(!is_there(&u.id, ".from"), "and leaves no mark");

	ok_call(upload_file_open(f.store, &u.id, &file, &err) || upload_file_guard(&file, &err) ||
			upload_file_append(&file, "XYZ", 3, &err),
		&err, "again");
	mem_close_fd(&file.fd); /* as a killed process would */
	upload_file_close(&file);
	ok(is_there(&u.id, ".from"), "a killed server leaves the mark");
	is_int(offset(&u.id), 3, "so the bytes do not count");
	ok_call(upload_file_open(f.store, &u.id, &file, &err), &err, "the next one");
	is_int(file.offset, 3, "does not find them");
	ok_call(upload_file_guard(&file, &err) || upload_file_append(&file, "def", 3, &err) ||
			upload_file_keep(&file, &err),
		&err, "a chunk that was right");
	upload_file_close(&file);
	is_int(offset(&u.id), 6, "counts");
	ok(!is_there(&u.id, ".from"), "without a mark");
	upload_unlink(f.store, &u.id);
}

static void test_sweep(void)
{
	struct upload_file busy = UPLOAD_FILE_INIT, file = UPLOAD_FILE_INIT;
	struct upload kept = made(&ada, 10), stray = made(&ada, 10), coming = made(&ada, 10);
	uint64_t removed = 0;

	ok_call(add(&kept) || upload_file_open(f.store, &kept.id, &file, &err), &err, "one");
	upload_file_close(&file);
	ok_call(upload_file_open(f.store, &stray.id, &file, &err), &err, "one without a row");
	upload_file_close(&file);
	ok_call(upload_file_open(f.store, &coming.id, &busy, &err), &err, "one that is coming in");
	ok_call(upload_sweep(f.store, &removed, &err), &err, "sweep");
	is_int((int)removed, 1, "takes one file");
	ok(is_there(&kept.id, "") && !is_there(&stray.id, "") && is_there(&coming.id, ""),
		"the one that nobody wants");
	upload_file_close(&busy);
}

int main(void)
{
	ada = uuid_make(fixture_time++);
	bob = uuid_make(fixture_time++);
	fixture_open(&f);
	test_rows();
	test_bytes();
	test_checksum();
	test_sweep();
	fixture_close(&f);
	return tap_done();
}
