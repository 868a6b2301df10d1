/* Names of paths, whole files, directories. */
#include "base/path.h"
#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/pinhole-path-XXXXXX";

static void is_joined(const char *a, const char *b, const char *want)
{
	_cleanup_free_ char *joined = path_join(a, b);

	is_str(joined, want, "'%s' and '%s'", a, b);
}

static void test_names(void)
{
	is_joined("a", "b", "a/b");
	is_joined("a/", "b", "a/b");
	is_joined("a", "/etc/passwd", "a/etc/passwd");
	is_joined("/", "b", "/b");
	is_joined("", "b", "b");
	is_str(path_base("/a/b.jpg"), "b.jpg", "base");
	is_str(path_base("b"), "b", "base of a bare name");
	is_str(path_base("a/"), "", "base of a directory");
	is_str(path_extension("a.b/c.tar.gz"), ".gz", "extension");
	is_str(path_extension("a.b/c"), "", "not of the directory");
	is_str(path_extension(".bashrc"), "", "a leading dot is none");
}

static void test_directories(void)
{
	_cleanup_free_ char *deep = path_join(dir, "x/y/z"), *file = path_join(dir, "file");
	_cleanup_free_ char *below = path_join(dir, "file/below");
	struct err err = ERR_INIT;
	struct stat st;

	ok_call(path_make_dirs(deep, 0700, &err), &err, "directories are made");
	ok(stat(deep, &st) == 0 && S_ISDIR(st.st_mode), "all of them");
	ok_call(path_make_dirs(deep, 0700, &err), &err, "making them again is fine");
	ok_call(path_sync_dir(deep, &err), &err, "flushed");
	ok_call(path_write_file(file, "x", 1, 0600, &err), &err, "a file");
	ok(path_make_dirs(file, 0700, &err) == -1, "is no directory");
	ok(path_make_dirs(below, 0700, &err) == -1, "and has none below it");
	ok(path_sync_dir(below, &err) == -1 && err.kind == ERR_NOT_FOUND, "nothing there to flush");
}

static void test_files(void)
{
	_cleanup_free_ char *file = path_join(dir, "whole"), *none = path_join(dir, "no/whole");
	struct err err = ERR_INIT;
	struct stat st;

	ok_call(path_write_file(file, "first", 5, 0600, &err), &err, "written");
	ok_call(path_write_file(file, "sec\0nd", 6, 0640, &err), &err, "written over");
	for (size_t max = 5; max <= 7; max++) {
		_cleanup_str_ struct str text = STR_INIT(0);
		int rc = path_read_file(file, max, &text, &err);

		if (max < 6)
			ok(rc == -1 && err.kind == ERR_TOO_LARGE, "larger than %zu", max);
		else
			ok(rc == 0 && text.len == 6 && memcmp(text.data, "sec\0nd", 7) == 0,
				"read, %zu", max);
	}
	ok(stat(file, &st) == 0 && (st.st_mode & 0777) == 0640, "the mode is the new one");
	ok(path_write_file(none, "x", 1, 0600, &err) == -1 && err.kind == ERR_NOT_FOUND,
		"no directory");
	ok(path_exists(file) && !path_exists(none), "exists");
}

static void test_large(void)
{
	_cleanup_free_ char *file = path_join(dir, "large"), *bytes = malloc(200000);
	_cleanup_str_ struct str text = STR_INIT(0);
	struct err err = ERR_INIT;

	for (int i = 0; i < 200000; i++)
		bytes[i] = (char)(i * 7 + i / 256);
	ok_call(path_write_file(file, bytes, 200000, 0600, &err), &err, "200,000 bytes written");
	ok_call(path_read_file(file, 1000000, &text, &err), &err, "and read");
	ok(text.len == 200000 && memcmp(text.data, bytes, 200000) == 0, "the same");
}

static void test_odd_reads(void)
{
	_cleanup_free_ char *link = path_join(dir, "dangling"), *empty = path_join(dir, "empty");
	_cleanup_str_ struct str text = STR_INIT(0), none = STR_INIT(0);
	struct err err = ERR_INIT;
	int fds[2];

	ok(symlink("nowhere", link) == 0 && path_exists(link), "a dangling link exists");
	ok(path_read_file(link, 10, &text, &err) == -1 && err.kind == ERR_NOT_FOUND,
		"but cannot be read");
	ok(path_read_file(dir, 10, &none, &err) == -1, "nor can a directory");
	str_release(&text);
	ok(pipe(fds) == 0 && write(fds[1], "abc", 3) == 3, "a pipe");
	close(fds[1]);
	ok(path_read_fd(fds[0], "pipe", 3, &text, &err) == 0 && text.len == 3,
		"is read to its end");
	close(fds[0]);
	str_release(&text);
	ok(path_write_file(empty, "", 0, 0600, &err) == 0 &&
			path_read_file(empty, 0, &text, &err) == 0 && text.len == 0,
		"an empty file within a limit of nothing");
}

int main(void)
{
	char command[100];

	if (!mkdtemp(dir))
		return 1;
	test_names();
	test_directories();
	test_files();
	test_large();
	test_odd_reads();
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) ? 1 : tap_done();
}
