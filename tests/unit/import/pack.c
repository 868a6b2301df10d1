/* pack.c - folders, zip and tar.zst are written whole or not at all, with right sums. */
#include "tap.h"

#include "base/path.h"
#include "import/pack.h"
#include "import/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[] = "/tmp/pinhole-pack-XXXXXX";
static struct err err;

#define MTIME 1714564800000 /* 2024-05-01T12:00:00Z */

static const char photo_name[] = "Zürich \xe2\x98\x80/2024 b\\ack.jpg";

__attribute__((format(printf, 1, 2))) static int run(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command);
}

static int left_over(void)
{
	return run("test -z \"$(ls %s | grep part-)\"", top);
}

static void fill_random(const char *path, size_t len)
{
	_cleanup_free_ char *bytes = mem_calloc(1, len);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(i * i / 7);
	path_write_file(path, bytes, len, 0444, &err);
}

static struct pack *make(const char *path, bool hard_link, int fd, const struct sha256 *known)
{
	struct pack *p = NULL;

	ok_call(pack_open(path, pack_kind_of(path), hard_link, &p, &err), &err, "open %s",
		path_base(path));
	ok_call(pack_add_bytes(p, "album.json", "{}\n", 3, MTIME, &err), &err, "a text");
	ok_call(pack_add_file(p, "dir/new\nline.jpg", fd, 300000, MTIME, known, &err), &err,
		"a file");
	return p;
}

/* Reads a pack back through the importer's eyes. */
static void test_read_back(const char *path, const struct sha256 *want)
{
	struct source_options options = SOURCE_OPTIONS_INIT;
	struct source *s = NULL;
	struct source_item item;
	_cleanup_free_ char *bytes = mem_calloc(1, 400000);
	int files = 0, good = 0;
	int64_t mtime = 0;

	source_open(&options, &s, &err);
	source_add_path(s, path, &err);
	while (source_next(s, &item, &err) == 1) {
		size_t len = 0;
		ssize_t n;
		struct sha256 hash;

		if (item.kind == SOURCE_ARCHIVE)
			continue;
		files++;
		while ((n = source_read(s, bytes + len, 400000 - len, &err)) > 0)
			len += (size_t)n;
		crypt_sha256(bytes, len, &hash);
		if (strstr(item.path, "line.jpg")) {
			good += n == 0 && sha256_compare(&hash, want) == 0;
			mtime = item.mtime_ns / 1000000;
		}
		if (strstr(item.path, "album.json"))
			good += len == 3 && memcmp(bytes, "{}\n", 3) == 0;
		if (strstr(item.path, photo_name))
			good += len == 1 && bytes[0] == 'x';
	}
	source_close(s);
	is_int(files, 4, "three files and their sums");
	is_int(good, 3, "with their bytes and names");
	is_int(mtime, MTIME, "and their time");
}

static void test_kind(const char *name, int fd, const struct sha256 *hash)
{
	_cleanup_free_ char *path = path_join(top, name);
	struct pack *p = make(path, false, fd, hash);

	ok_call(pack_add_bytes(p, photo_name, "x", 1, MTIME, &err), &err, "a name in Unicode");
	ok(!path_exists(path), "no name before the end");
	ok_call(pack_close(p, &err), &err, "close");
	is_int(left_over(), 0, "nothing is left beside it");
	test_read_back(path, hash);
	ok(pack_open(path, pack_kind_of(path), false, &p, &err) == -1 && err.kind == ERR_CONFLICT,
		"it is not overwritten");
}

static void test_sums(const char *unpack, const char *name)
{
	_cleanup_free_ char *path = path_join(top, name);

	if (run("rm -rf %s/out && mkdir %s/out && cd %s/out && %s %s%s 2>/dev/null", top, top, top,
		    unpack, path, strstr(name, ".zip") ? " ." : "")) {
		tap_skip("a program to unpack with is absent");
		return;
	}
	is_int(run("cd %s/out && sha256sum --status --strict -c SHA256SUMS", top), 0,
		"sha256sum -c agrees in what another program unpacked from %s", name);
	is_int(run("cd %s/out && test $(find . -type f -printf x) = xxxx", top), 0, "4 files");
}

static void test_folder_links(int fd, const struct sha256 *hash)
{
	_cleanup_free_ char *path = path_join(top, "hard"), *file = NULL;
	struct pack *p = make(path, true, fd, hash);
	struct stat a, b;

	ok_call(pack_close(p, &err), &err, "close");
	file = path_join(path, "dir/new\nline.jpg");
	ok(stat(file, &a) == 0 && fstat(fd, &b) == 0 && a.st_ino == b.st_ino, "hard linked");
	is_int(run("cd %s && sha256sum --status --strict -c SHA256SUMS", path), 0, "sums");
}

static void test_empty_folder(int fd, const struct sha256 *hash)
{
	_cleanup_free_ char *path = path_join(top, "empty/");
	struct pack *p;

	mkdir(path, 0700);
	p = make(path, false, fd, hash);
	ok_call(pack_close(p, &err), &err, "an empty folder is taken, also with a slash");
	ok(run("test -s %s/SHA256SUMS", path) == 0, "and filled");
}

static void test_abort(const char *name, int fd)
{
	_cleanup_free_ char *path = path_join(top, name);
	struct pack *p = make(path, false, fd, NULL);
	struct sha256 other;

	crypt_sha256("other", 5, &other);
	ok(pack_add_file(p, "bad.jpg", fd, 300000, MTIME, &other, &err) == -1 &&
			err.kind == ERR_DAMAGED,
		"bytes that are not what they were: damaged");
	pack_abort(p);
	ok(!path_exists(path), "an aborted pack has no name");
	is_int(left_over(), 0, "and leaves nothing");
	p = make(path, false, fd, NULL);
	ok(pack_add_file(p, "long.jpg", fd, 300001, MTIME, NULL, &err) == -1 &&
			err.kind == ERR_DAMAGED,
		"a file shorter than said");
	pack_abort(p);
	p = make(path, false, fd, NULL);
	path_write_file(path, "", 0, 0600, &err);
	ok(pack_close(p, &err) == -1 && err.kind == ERR_CONFLICT, "a name taken meanwhile is kept");
	is_int(left_over(), 0, "nothing is left then, too");
	unlink(path);
}

static void test_names(void)
{
	static const char *const bad[] = {"", "/etc/x", "../x", "a/../x", "caf\xe9.jpg"};
	_cleanup_free_ char *path = path_join(top, "names");
	struct pack *p = NULL;

	pack_open(path, PACK_FOLDER, false, &p, &err);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(pack_add_bytes(p, bad[i], "", 0, 1, &err) == -1 && err.kind == ERR_INVALID,
			"bad name %zu is refused", i);
	ok(pack_add_bytes(p, "once", "", 0, 1, &err) == 0 &&
			pack_add_bytes(p, "once", "", 0, 1, &err) == -1,
		"a folder has no name twice");
	pack_abort(p);
}

static void test_zip_flags(void)
{
	/* Media are stored, texts deflated; all names are UTF-8. */
	if (run("python3 -c '' 2>/dev/null")) {
		tap_skip("no python3 for a second opinion on the zip");
		return;
	}
	is_int(run("python3 -c \"import zipfile; z = zipfile.ZipFile('%s/a.zip'); "
		   "i = {e.filename: e for e in z.infolist()}; "
		   "assert any(n.startswith('Z\\u00fcrich') and i[n].flag_bits & 0x800 for n in i); "
		   "assert i['dir/new\\nline.jpg'].compress_type == 0; "
		   "assert i['SHA256SUMS'].compress_type == 8; assert z.testzip() is None\"",
		       top),
		0, "stored, deflated, flagged UTF-8, sound");
}

int main(void)
{
	_cleanup_free_ char *source = NULL;
	struct sha256 hash;
	_cleanup_str_ struct str bytes = STR_INIT(400000);
	int fd;

	if (!mkdtemp(top))
		return 1;
	source = path_join(top, "source.jpg");
	fill_random(source, 300000);
	path_read_file(source, 400000, &bytes, &err);
	crypt_sha256(bytes.data, bytes.len, &hash);
	fd = open(source, O_RDONLY);
	test_kind("a.zip", fd, &hash);
	test_kind("a.tar.zst", fd, &hash);
	test_kind("a", fd, &hash);
	test_sums("python3 -m zipfile -e", "a.zip");
	test_sums("tar --zstd -xf", "a.tar.zst");
	test_sums("cp -r ../a/. . ; true", "a");
	test_zip_flags();
	test_folder_links(fd, &hash);
	test_empty_folder(fd, &hash);
	test_abort("b", fd);
	test_abort("b.zip", fd);
	test_abort("b.tar.zst", fd);
	test_names();
	close(fd);
	is_int(run("rm -rf %s", top), 0, "cleaned up");
	return tap_done();
}
