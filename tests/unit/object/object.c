/* object.c - writers, groups, reading, damage, walking and sweeping. */
#include "tap.h"

#include "base/path.h"
#include "object/object.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char top[] = "/tmp/pinhole-object-XXXXXX";
static struct err err;

static struct sha256 hash_of(const char *text)
{
	struct sha256 hash;

	crypt_sha256(text, strlen(text), &hash);
	return hash;
}

/* Files below objects/tmp, in all folders. */
static int count_tmp(const char *dir)
{
	char command[256], line[32] = "";
	FILE *f;

	snprintf(command, sizeof(command), "find %s/tmp -type f 2>/dev/null | wc -l", dir);
	f = popen(command, "r");
	if (!f || !fgets(line, sizeof(line), f))
		return -1;
	pclose(f);
	return atoi(line);
}

static char *in_top(const char *name)
{
	return path_join(top, name);
}

static struct object_writer *written(struct objects *o, const char *text)
{
	struct object_writer *w = NULL;
	struct sha256 hash;

	if (object_writer_open(o, &w, &err) || object_writer_add(w, text, strlen(text), &err) ||
		object_writer_finish(w, &hash, NULL, &err))
		return NULL;
	return w;
}

static void test_put_and_read(struct objects *o)
{
	_cleanup_str_ struct str out = STR_INIT(100);
	_cleanup_free_ char *path = NULL;
	struct sha256 hash, want = hash_of("hello");
	struct stat st;
	uint64_t size;
	int fd;

	ok(!object_exists(o, &want), "absent at first");
	ok(object_open(o, &want, &err) == -1 && err.kind == ERR_NOT_FOUND, "opening it: not found");
	ok_call(object_put(o, "hello", 5, &hash, &err), &err, "put");
	ok(sha256_compare(&hash, &want) == 0, "the hash is that of the bytes");
	ok_call(object_read(o, &hash, 100, &out, &err), &err, "read");
	is_str(out.data, "hello", "the bytes");
	ok_call(object_size(o, &hash, &size, &err), &err, "size");
	is_int(size, 5, "5 bytes");
	path = object_path(o, &hash, &err);
	ok(path && stat(path, &st) == 0 && (st.st_mode & 07777) == 0444, "mode 0444");
	path[strlen(path) - 62 - 1] = '\0';
	ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0700, "directory 0700");
	fd = object_open(o, &hash, &err);
	ok(fd >= 0, "open");
	close(fd);
	str_release(&out);
	ok(object_read(o, &hash, 4, &out, &err) == -1 && err.kind == ERR_TOO_LARGE,
		"a maximum is kept");
	ok_call(object_remove(o, &hash, &err), &err, "remove");
	ok_call(object_remove(o, &hash, &err), &err, "removing it again is fine");
	ok(!object_exists(o, &hash), "gone");
}

static void test_empty(struct objects *o)
{
	_cleanup_str_ struct str out = STR_INIT(1);
	struct sha256 hash;

	ok_call(object_put(o, "", 0, &hash, &err), &err, "no bytes are an object, too");
	ok(object_read(o, &hash, 0, &out, &err) == 0 && out.len == 0, "read back");
	ok_call(object_verify(o, &hash, &err), &err, "verified");
	object_remove(o, &hash, &err);
}

static void test_damage(struct objects *o)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_str_ struct str out = STR_INIT(100);
	struct sha256 hash, again;
	int fd;

	object_put(o, "precious", 8, &hash, &err);
	ok_call(object_verify(o, &hash, &err), &err, "sound");
	path = object_path(o, &hash, &err);
	chmod(path, 0644);
	fd = open(path, O_WRONLY);
	ok(pwrite(fd, "P", 1, 0) == 1, "a byte is changed behind our back");
	close(fd);
	ok(object_verify(o, &hash, &err) == -1 && err.kind == ERR_DAMAGED, "verify: damaged");
	ok(object_read(o, &hash, 100, &out, &err) == -1 && err.kind == ERR_DAMAGED,
		"read: damaged");
	ok(truncate(path, 3) == 0, "a torn file");
	ok_call(object_put(o, "precious", 8, &again, &err), &err, "the same bytes come again");
	ok_call(object_verify(o, &hash, &err), &err, "a file of another size is replaced");
	unlink(path);
	ok(symlink("/etc/passwd", path) == 0, "a link in place of the object");
	ok(object_open(o, &hash, &err) == -1, "is not followed");
	ok(object_size(o, &hash, NULL, &err) == -1 && err.kind == ERR_DAMAGED, "and is damage");
	unlink(path);
}

static void test_group(struct objects *o, const char *dir, int count)
{
	struct object_group *g = NULL;
	char text[48];
	int there = 0;

	ok_call(object_group_open(o, &g, &err), &err, "a group");
	for (int i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "object %d of %d", i, count);
		if (object_group_add(g, written(o, text), &err))
			break;
	}
	is_int(count_tmp(dir), count, "%d temporary files", count);
	for (int i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "object %d of %d", i, count);
		there += object_exists(o, &(struct sha256[]){hash_of(text)}[0]);
	}
	is_int(there, 0, "no name before the flush");
	ok_call(object_group_flush(g, &err), &err, "flush");
	is_int(count_tmp(dir), 0, "no temporary file is left");
	for (int i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "object %d of %d", i, count);
		there += object_verify(o, &(struct sha256[]){hash_of(text)}[0], &err) == 0;
	}
	is_int(there, count, "all are there and sound");
	ok_call(object_group_flush(g, &err), &err, "an empty flush");
	object_group_add(g, written(o, "never flushed"), &err);
	object_group_close(g);
	ok(!object_exists(o, &(struct sha256[]){hash_of("never flushed")}[0]),
		"closing drops what was not flushed");
	is_int(count_tmp(dir), 0, "also its file");
}

static void test_dedupe(struct objects *o, const char *dir)
{
	struct object_group *g = NULL;
	struct sha256 hash = hash_of("twice");
	_cleanup_free_ char *path = NULL;
	struct stat before, after;

	object_put(o, "twice", 5, &hash, &err);
	path = object_path(o, &hash, &err);
	stat(path, &before);
	object_group_open(o, &g, &err);
	object_group_add(g, written(o, "twice"), &err);
	object_group_add(g, written(o, "twice"), &err);
	object_group_add(g, written(o, "new and twice"), &err);
	object_group_add(g, written(o, "new and twice"), &err);
	ok_call(object_group_flush(g, &err), &err, "flush of what is there already");
	stat(path, &after);
	ok(before.st_ino == after.st_ino, "the first one is kept");
	is_int(count_tmp(dir), 0, "the copies are dropped");
	object_group_close(g);
}

static void test_copy(struct objects *o)
{
	_cleanup_free_ char *source = in_top("source");
	_cleanup_free_ char *bytes = mem_calloc(1, 1000000);
	struct object_writer *w = NULL;
	struct object_group *g = NULL;
	struct sha256 hash, want;
	uint64_t size = 0;
	char back[4];
	int fd, mine;

	for (int i = 0; i < 1000000; i++)
		bytes[i] = (char)(i * 7);
	crypt_sha256(bytes, 1000000, &want);
	path_write_file(source, bytes, 1000000, 0600, &err);
	fd = open(source, O_RDONLY);
	object_writer_open(o, &w, &err);
	ok(object_writer_copy_fd(w, fd, 999999, &err) == -1 && err.kind == ERR_TOO_LARGE,
		"larger than the limit");
	object_writer_abort(w);
	object_writer_open(o, &w, &err);
	ok_call(object_writer_copy_fd(w, fd, 1000000, &err), &err, "copy of a file");
	ok_call(object_writer_finish(w, &hash, &size, &err), &err, "finish");
	ok(sha256_compare(&hash, &want) == 0 && size == 1000000, "hash and size");
	mine = object_writer_reopen(w, &err);
	ok(mine >= 0 && read(mine, back, 4) == 4 && back[1] == 7, "readable before it has a name");
	ok(object_writer_add(w, "x", 1, &err) == -1, "nothing can be added after the end");
	object_group_open(o, &g, &err);
	object_group_add(g, w, &err);
	object_group_flush(g, &err);
	ok(pread(mine, back, 4, 0) == 4 && back[1] == 7, "the descriptor stays good");
	close(mine);
	close(fd);
	object_group_close(g);
	ok_call(object_verify(o, &hash, &err), &err, "stored");
}

#define COPIES    5
#define LARGE_MAX ((size_t)40 * 1024 * 1024)

/* Several are hashed while the next ones are copied, of sizes around a stretch of copying; whoever is given
 * up is let go of, and they may end in any order. */
static void test_copies_at_once(struct objects *o, const char *dir)
{
	static const size_t sizes[COPIES] = {
		256 * 1024, (size_t)16 << 20, ((size_t)16 << 20) + 1, LARGE_MAX, 1000};
	_cleanup_free_ char *bytes = malloc(LARGE_MAX), *source = in_top("large");
	struct object_writer *w[COPIES];
	struct sha256 hash, want;
	uint64_t size;
	int fd;

	for (size_t i = 0; i < LARGE_MAX; i++)
		bytes[i] = (char)(i * 2654435761 >> 13);
	for (size_t i = 0; i < COPIES; i++) {
		path_write_file(source, bytes, sizes[i], 0600, &err);
		fd = open(source, O_RDONLY);
		object_writer_open(o, &w[i], &err);
		ok_call(object_writer_copy_fd(w[i], fd, UINT64_MAX, &err), &err, "%zu bytes",
			sizes[i]);
		close(fd);
	}
	object_writer_abort(w[2]);
	for (size_t i = COPIES; i-- > 0;) {
		if (i == 2)
			continue;
		crypt_sha256(bytes, sizes[i], &want);
		ok_call(object_writer_finish(w[i], &hash, &size, &err), &err, "finish");
		ok(object_writer_is_hashed(w[i]), "nothing is left to wait for");
		ok(sha256_compare(&hash, &want) == 0 && size == sizes[i], "hash of %zu bytes",
			sizes[i]);
		object_writer_abort(w[i]);
	}
	is_int(count_tmp(dir), 0, "no temporary file is left");
}

/* Its bytes come after others. */
static void test_copy_after_add(struct objects *o)
{
	_cleanup_free_ char *bytes = mem_calloc(1, 300001), *source = in_top("after");
	struct object_writer *w = NULL;
	struct sha256 hash, want;
	uint64_t size = 0;
	int fd;

	memset(bytes + 1, 'b', 300000);
	bytes[0] = 'a';
	crypt_sha256(bytes, 300001, &want);
	path_write_file(source, bytes + 1, 300000, 0600, &err);
	fd = open(source, O_RDONLY);
	object_writer_open(o, &w, &err);
	object_writer_add(w, "a", 1, &err);
	ok_call(object_writer_copy_fd(w, fd, 300000, &err), &err, "copy after other bytes");
	close(fd);
	object_writer_finish(w, &hash, &size, &err);
	ok(sha256_compare(&hash, &want) == 0 && size == 300001, "hash and size of all");
	object_writer_abort(w);
}

/* The hash is of what was stored.  Whoever cuts that off may come too late: then it is the right one, else
 * there is none. */
static void test_lost_end(struct objects *o, const char *dir)
{
	_cleanup_free_ char *bytes = mem_calloc(1, LARGE_MAX), *source = in_top("cut");
	struct object_writer *w = NULL, *busy = NULL;
	struct sha256 hash, want;
	char command[256];
	int fd, failed;

	crypt_sha256(bytes, LARGE_MAX, &want);
	path_write_file(source, bytes, LARGE_MAX, 0600, &err);
	fd = open(source, O_RDONLY);
	object_writer_open(o, &busy, &err);
	object_writer_copy_fd(busy, fd, UINT64_MAX, &err);
	object_writer_open(o, &w, &err);
	object_writer_copy_fd(w, fd, UINT64_MAX, &err);
	close(fd);
	snprintf(command, sizeof(command), "find %s/tmp -type f -exec truncate -s 0 {} +", dir);
	ok(system(command) == 0, "somebody cuts the temporary files off");
	failed = object_writer_finish(w, &hash, NULL, &err);
	ok(failed ? err.kind == ERR_FAILED : sha256_compare(&hash, &want) == 0, "%s",
		failed ? err.message : "too late");
	object_writer_abort(w);
	object_writer_abort(busy);
}

static void test_link(struct objects *o)
{
	_cleanup_free_ char *source = in_top("linked"), *path = NULL;
	struct object_writer *w = NULL;
	struct object_group *g = NULL;
	struct sha256 hash;
	struct stat a, b;
	int fd;

	path_write_file(source, "by link", 7, 0600, &err);
	fd = open(source, O_RDONLY);
	object_writer_open(o, &w, &err);
	ok_call(object_writer_link_path(w, source, fd, &err), &err, "taken by hard link");
	object_writer_finish(w, &hash, NULL, &err);
	stat(source, &a);
	is_int(a.st_mode & 0777, 0600, "the user's file is as it was until the flush");
	object_group_open(o, &g, &err);
	object_group_add(g, w, &err);
	ok_call(object_group_flush(g, &err), &err, "flush");
	path = object_path(o, &hash, &err);
	ok(stat(source, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino, "one inode");
	is_int(b.st_mode & 0777, 0444, "read-only");
	ok_call(object_verify(o, &hash, &err), &err, "sound");
	object_writer_open(o, &w, &err);
	ok_call(object_writer_link_path(w, source, fd, &err), &err, "the same again");
	object_writer_finish(w, &hash, NULL, &err);
	object_group_add(g, w, &err);
	ok_call(object_group_flush(g, &err), &err, "is no trouble");
	ok(stat(source, &a) == 0 && a.st_nlink == 2, "and leaves no third name");
	object_group_close(g);
	close(fd);
	fd = open("/proc/version", O_RDONLY);
	object_writer_open(o, &w, &err);
	ok(object_writer_link_path(w, "/proc/version", fd, &err) == -1 &&
			err.kind == ERR_UNSUPPORTED,
		"not over file systems");
	object_writer_abort(w);
	close(fd);
}

struct walk {
	int count;
	struct sha256 last;
	bool sorted;
	int stop_at;
};

static int each(void *data, const struct sha256 *hash, uint64_t size, struct err *e)
{
	struct walk *walk = data;

	(void)e;
	(void)size;
	if (walk->count && sha256_compare(&walk->last, hash) >= 0)
		walk->sorted = false;
	walk->last = *hash;
	return ++walk->count == walk->stop_at ? 7 : 0;
}

static void test_walk(void)
{
	_cleanup_free_ char *dir = in_top("walked"), *stray = NULL;
	struct walk all = {.sorted = true}, low = {.sorted = true}, high = {.sorted = true};
	struct walk some = {.stop_at = 3};
	struct objects *o = NULL;
	struct sha256 hash;

	objects_open(dir, &o, &err);
	for (int i = 0; i < 300; i++)
		object_put(o, &i, sizeof(i), &hash, &err);
	stray = path_join(dir, "00");
	mkdir(stray, 0700);
	free(stray);
	stray = path_join(dir, "00/README");
	path_write_file(stray, "x", 1, 0600, &err);
	is_int(object_walk(o, 0, 255, each, &all, &err), 0, "walk over all");
	is_int(all.count, 300, "all objects and nothing else");
	ok(all.sorted, "in order");
	object_walk(o, 0, 127, each, &low, &err);
	object_walk(o, 128, 255, each, &high, &err);
	is_int(low.count + high.count, 300, "two halves make the whole");
	ok(low.last.bytes[0] < 128 && high.last.bytes[0] >= 128, "each its own range");
	is_int(object_walk(o, 0, 255, each, &some, &err), 7, "stopped by the caller");
	is_int(some.count, 3, "at once");
	objects_close(o);
}

static void test_sweep(struct objects *o, const char *dir)
{
	struct object_writer *mine = written(o, "mine");
	uint64_t removed = 99;
	int status, fds[2];
	char c;
	pid_t pid;

	/* A process that dies with a temporary file, and one that still lives. */
	pid = fork();
	if (pid == 0) {
		struct objects *other = NULL;

		objects_open(dir, &other, &err);
		written(other, "lost");
		_exit(0);
	}
	waitpid(pid, &status, 0);
	is_int(count_tmp(dir), 2, "one of ours and one of the dead");
	ok(pipe(fds) == 0, "pipe");
	pid = fork();
	if (pid == 0) {
		struct objects *other = NULL;

		objects_open(dir, &other, &err);
		written(other, "alive");
		c = 1;
		if (write(fds[1], &c, 1) == 1)
			pause();
		_exit(0);
	}
	ok(read(fds[0], &c, 1) == 1, "a live process has a third");
	ok_call(object_sweep_tmp(o, &removed, &err), &err, "sweep");
	is_int(removed, 1, "the dead one's file is removed");
	is_int(count_tmp(dir), 2, "those of the living stay");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	ok_call(object_sweep_tmp(o, &removed, &err), &err, "sweep after its death");
	is_int(removed, 1, "now it goes");
	object_writer_abort(mine);
	is_int(count_tmp(dir), 0, "none left");
	close(fds[0]);
	close(fds[1]);
}

/* RLIMIT_FSIZE stands in for a full disk: write fails midway. */
static void test_write_failure(struct objects *o, const char *dir)
{
	char bytes[4096] = "";
	struct rlimit old, small;
	struct object_writer *w = NULL;
	int failed = 0;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 10000;
	setrlimit(RLIMIT_FSIZE, &small);
	object_writer_open(o, &w, &err);
	for (int i = 0; i < 4 && !failed; i++)
		failed = object_writer_add(w, bytes, sizeof(bytes), &err);
	setrlimit(RLIMIT_FSIZE, &old);
	ok(failed && err.kind == ERR_TOO_LARGE, "a failing write is reported");
	object_writer_abort(w);
	is_int(count_tmp(dir), 0, "and leaves no half file");
}

/* A real full disk: a small tmpfs in a mount namespace of our own, where we may have one. */
static void test_full_disk(void)
{
	_cleanup_free_ char *mount = in_top("small");
	char command[1024], self[256] = "";

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		self[0] = '\0';
	mkdir(mount, 0700);
	snprintf(command, sizeof(command),
		"unshare -rm sh -c 'mount -t tmpfs -o size=64k none %s' 2>/dev/null", mount);
	if (system(command)) {
		tap_skip("no mount namespace for a full disk");
		return;
	}
	snprintf(command, sizeof(command),
		"unshare -rm sh -c 'mount -t tmpfs -o size=64k none %s && exec %s --full %s'",
		mount, self, mount);
	is_int(system(command), 0, "a full disk is NO_SPACE, and leaves nothing");
}

static int full_disk_main(const char *dir)
{
	_cleanup_free_ char *bytes = mem_calloc(1, 100000);
	_cleanup_free_ char *objects_dir = path_join(dir, "objects");
	struct objects *o = NULL;
	struct sha256 hash;
	struct err e = ERR_INIT;

	if (objects_open(objects_dir, &o, &e))
		return 1;
	if (object_put(o, bytes, 100000, &hash, &e) == 0 || e.kind != ERR_NO_SPACE)
		return 2;
	if (count_tmp(objects_dir) != 0)
		return 3;
	if (object_put(o, "small", 5, &hash, &e))
		return 4;
	objects_close(o);
	return 0;
}

int main(int argc, char **argv)
{
	_cleanup_free_ char *dir = NULL;
	struct objects *o = NULL;
	char command[64];

	if (argc == 3 && strcmp(argv[1], "--full") == 0)
		return full_disk_main(argv[2]);
	if (!mkdtemp(top))
		return 1;
	dir = in_top("a/b/objects");
	ok_call(objects_open(dir, &o, &err), &err, "open makes the directory");
	test_put_and_read(o);
	test_empty(o);
	test_damage(o);
	test_group(o, dir, 3);
	test_group(o, dir, 300);
	test_dedupe(o, dir);
	test_copy(o);
	test_copies_at_once(o, dir);
	test_copy_after_add(o);
	test_lost_end(o, dir);
	test_link(o);
	test_walk();
	test_sweep(o, dir);
	test_write_failure(o, dir);
	test_full_disk();
	objects_close(o);
	ok(count_tmp(dir) == 0, "close leaves no temporary folder");
	snprintf(command, sizeof(command), "rm -rf %s", top);
	ok(system(command) == 0, "cleaned up");
	return tap_done();
}
