/* source.c - folders, lists and arguments: order, what is left out, what is never opened. */
#include "tap.h"

#include "base/path.h"
#include "import/source.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char top[] = "/tmp/pinhole-source-XXXXXX";
static struct err err;

/* All items as text: kind letter and path below `top`, and why not. */
static struct str seen = STR_INIT(100000);

static void note(const struct source_item *item)
{
	static const char letters[] = "fsar";

	if (seen.len)
		str_addc(&seen, ' ');
	str_addc(&seen, letters[item->kind]);
	str_addc(&seen, ':');
	str_addz(&seen,
		strncmp(item->path, top, strlen(top)) == 0 ? item->path + strlen(top) + 1 :
							     item->path);
	if (item->kind == SOURCE_REFUSED)
		str_addf(&seen, "(%s)", item->why.message);
}

static int drive(struct source *s)
{
	struct source_item item;
	int r;

	str_clear(&seen);
	while ((r = source_next(s, &item, &err)) == 1)
		note(&item);
	return r;
}

/* What comes of one argument below top. */
static const char *list(const struct source_options *options, const char *name)
{
	_cleanup_free_ char *path = path_join(top, name);
	struct source *s = NULL;

	source_open(options, &s, &err);
	source_add_path(s, path, &err);
	drive(s);
	source_close(s);
	return seen.data;
}

static void file(const char *name)
{
	_cleanup_free_ char *path = path_join(top, name);
	_cleanup_free_ char *dir = mem_strndup(path, (size_t)(path_base(path) - path));

	path_make_dirs(dir, 0700, &err);
	path_write_file(path, name, strlen(name), 0600, &err);
}

static void test_order(const struct source_options *o)
{
	file("order/b.jpg");
	file("order/a.jpg");
	file("order/sub/c.jpg");
	file("order/sub/deep/d.jpg");
	file("order/a.jpg.xmp");
	file("order/IMG_1.AAE");
	file("order/.hidden.jpg");
	file("order/aaa/z.jpg");
	is_str(list(o, "order"),
		"s:order/IMG_1.AAE s:order/a.jpg.xmp f:order/.hidden.jpg f:order/a.jpg f:order/b.jpg "
		"f:order/aaa/z.jpg f:order/sub/c.jpg f:order/sub/deep/d.jpg",
		"sidecars, files, folders, each by name");
	is_str(list(o, "order/b.jpg"), "f:order/b.jpg", "a single file");
	ok(strncmp(list(o, "order/"), "s:order/IMG_1.AAE s:order/a", 27) == 0,
		"a slash at the end changes nothing");
}

static void test_never_opened(const struct source_options *o)
{
	_cleanup_free_ char *dir = path_join(top, "odd");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	file("odd/good.jpg");
	ok(chdir(dir) == 0 && symlink("/etc/passwd", "link.jpg") == 0 && symlink("..", "up") == 0 &&
			symlink("nowhere", "dangling.jpg") == 0 && mkfifo("fifo.jpg", 0600) == 0,
		"links and a fifo");
	strcpy(address.sun_path, "socket.jpg");
	ok(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "a socket");
	close(fd);
	is_str(list(o, "odd"),
		"r:odd/dangling.jpg(a symbolic link) r:odd/fifo.jpg(a fifo) f:odd/good.jpg "
		"r:odd/link.jpg(a symbolic link) r:odd/socket.jpg(a socket) r:odd/up(a symbolic link)",
		"are named, not opened, not followed");
	is_str(list(o, "odd/link.jpg"), "r:odd/link.jpg(a symbolic link)", "also as an argument");
	is_str(list(o, "odd/fifo.jpg"), "r:odd/fifo.jpg(a fifo)", "a fifo as an argument");
	is_str(list(o, "nothing"), "r:nothing(no such file or folder)", "what is not there");
	ok(chdir("/") == 0, "back");
}

static void test_left_out(const struct source_options *defaults)
{
	const char *globs[] = {"*.png", "skip", "keep/no*.jpg"};
	struct source_options o = *defaults;
	struct source *s = NULL;
	_cleanup_free_ char *path = path_join(top, "out");
	_cleanup_free_ char *old = path_join(top, "out/keep/old.jpg");
	struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

	file("out/.DS_Store");
	file("out/._a.jpg");
	file("out/Thumbs.db");
	file("out/__MACOSX/a.jpg");
	file("out/@eaDir/a.jpg");
	file("out/a.jpg");
	file("out/a.png");
	file("out/skip/a.jpg");
	file("out/keep/a.jpg");
	file("out/keep/no1.jpg");
	file("out/keep/old.jpg");
	ok(utimensat(AT_FDCWD, old, times, 0) == 0, "an old file");
	is_str(list(&o, "out"),
		"f:out/a.jpg f:out/a.png f:out/keep/a.jpg f:out/keep/no1.jpg f:out/keep/old.jpg "
		"f:out/skip/a.jpg",
		"junk is passed over");
	o.exclude = globs;
	o.exclude_count = 3;
	o.since_ns = (int64_t)2000 * 1000000000;
	source_open(&o, &s, &err);
	source_add_path(s, path, &err);
	drive(s);
	is_str(seen.data, "f:out/a.jpg f:out/keep/a.jpg", "globs and --since");
	is_int(source_skipped(s), 9, "all that was passed over is counted");
	source_close(s);
	is_str(list(&o, "out/a.png"), "", "a glob holds for an argument too");
}

static void test_limits(const struct source_options *defaults)
{
	struct source_options o = *defaults;
	struct str deep = STR_INIT(8000);

	file("big/12345678");
	o.max_file_bytes = 12;
	is_str(list(&o, "big"), "f:big/12345678", "at the limit");
	o.max_file_bytes = 11;
	is_str(list(&o, "big"), "r:big/12345678(larger than 11 bytes)", "over the limit");
	str_addz(&deep, "deep");
	for (int i = 0; i < SOURCE_DEPTH_MAX + 5; i++)
		str_addz(&deep, "/d");
	str_addz(&deep, "/x.jpg");
	file(deep.data);
	list(defaults, "deep");
	ok(strstr(seen.data, "nested more than 100 deep"), "depth is limited");
	str_release(&deep);
}

static void test_list(bool nul)
{
	struct source_options o = SOURCE_OPTIONS_INIT;
	struct source *s = NULL;
	struct str text = STR_INIT(2000000);
	FILE *f = tmpfile();
	int wanted = 0;

	file("list/a.jpg");
	file("list/b c.jpg");
	file("list/new\nline.jpg");
	for (int i = 0; i < 20000; i++, wanted++)
		str_addf(&text, "%s/list/a.jpg%c", top, nul ? 0 : '\n');
	str_addf(&text, "%s/list/b c.jpg%c%c", top, nul ? 0 : '\n', nul ? 0 : '\n');
	if (nul)
		str_addf(&text, "%s/list/new\nline.jpg", top);
	else
		str_addf(&text, "%s/list/gone.jpg", top);
	ok(f && fwrite(text.data, 1, text.len, f) == text.len && fflush(f) == 0, "a list");
	rewind(f);
	source_open(&o, &s, &err);
	source_add_list(s, fileno(f), &err);
	{
		struct source_item item;
		int files = 0, refused = 0, r;

		str_clear(&seen);
		while ((r = source_next(s, &item, &err)) == 1) {
			files += item.kind == SOURCE_FILE;
			refused += item.kind == SOURCE_REFUSED;
			str_clear(&seen);
			note(&item);
		}
		is_int(r, 0, "read to its end");
		is_int(files, wanted + 1 + nul, "all files of a list with %s",
			nul ? "NUL" : "newline");
		is_int(refused, !nul, "and what is not there");
	}
	is_str(seen.data, nul ? "f:list/new\nline.jpg" : "r:list/gone.jpg(no such file or folder)",
		"the last one needs no separator");
	source_close(s);
	fclose(f);
	str_release(&text);
}

static void test_list_too_long(const struct source_options *o)
{
	char *line = mem_calloc(1, 200000);
	struct source *s = NULL;
	FILE *f = tmpfile();

	memset(line, 'x', 199999);
	fwrite(line, 1, 199999, f);
	rewind(f);
	source_open(o, &s, &err);
	source_add_list(s, fileno(f), &err);
	ok(drive(s) == -1 && err.kind == ERR_TOO_LARGE, "a line without end is an error");
	source_close(s);
	fclose(f);
	free(line);
}

static void test_reading(const struct source_options *o)
{
	_cleanup_free_ char *path = path_join(top, "read/a.jpg"), *dir = path_join(top, "read");
	_cleanup_free_ char *kept = path_join(top, "kept");
	struct source *s = NULL;
	struct source_item item;
	char bytes[64];
	int fd;

	file("read/a.jpg");
	file("read/b.jpg");
	file("read/c.jpg");
	source_open(o, &s, &err);
	source_add_path(s, dir, &err);
	ok(source_next(s, &item, &err) == 1, "an item");
	is_str(item.name, "a.jpg", "its base name");
	ok(item.folder_len == strlen(dir) + 1 && item.sized && item.size == 10 && item.inode &&
			item.mtime_ns > 0,
		"its folder, size, inode, time");
	is_int(source_read(s, bytes, 4, &err), 4, "read");
	is_int(source_read(s, bytes + 4, sizeof(bytes) - 4, &err), 6, "on");
	ok(memcmp(bytes, "read/a.jpg", 10) == 0, "the bytes");
	is_int(source_read(s, bytes, sizeof(bytes), &err), 0, "the end");
	fd = source_fd(s, &err);
	ok(fd >= 0 && pread(fd, bytes, 4, 0) == 4, "a descriptor");
	ok(source_is_unchanged(s), "unchanged");
	path_write_file(path, "other", 5, 0600, &err);
	ok(source_is_unchanged(s), "a new file of that name is another one");
	ok(source_next(s, &item, &err) == 1 && strcmp(item.name, "b.jpg") == 0, "the next");
	fd = source_fd(s, &err);
	free(path);
	path = path_join(top, "read/b.jpg");
	ok(truncate(path, 3) == 0 && !source_is_unchanged(s), "a change is seen");
	/* The race: a name exchanged for a link between the listing and the opening. */
	ok(source_next(s, &item, &err) == 1 && strcmp(item.name, "c.jpg") == 0, "the third");
	free(path);
	path = path_join(top, "read/c.jpg");
	/* It lives on elsewhere, so that its inode is not given to the file made below. */
	ok(rename(path, kept) == 0 && symlink("/etc/passwd", path) == 0, "becomes a link");
	ok(source_read(s, bytes, sizeof(bytes), &err) == -1 && err.kind == ERR_UNSUPPORTED,
		"and is not followed: %s", err.message);
	ok(unlink(path) == 0, "unlink");
	file("read/c.jpg");
	ok(source_read(s, bytes, sizeof(bytes), &err) == -1, "nor is another file read for it");
	ok(source_next(s, &item, &err) == 0, "the end of the folder");
	source_close(s);
}

static void test_groups(const struct source_options *o)
{
	_cleanup_free_ char *dir = path_join(top, "order");
	uint64_t groups[16] = {0};
	struct source *s = NULL;
	struct source_item item;
	int n = 0;

	source_open(o, &s, &err);
	source_add_path(s, dir, &err);
	while (n < 16 && source_next(s, &item, &err) == 1)
		groups[n++] = item.group;
	source_close(s);
	ok(n == 8 && groups[0] == groups[4] && groups[4] != groups[5] && groups[5] != groups[6] &&
			groups[6] != groups[7],
		"a folder is one group");
}

int main(void)
{
	struct source_options o = SOURCE_OPTIONS_INIT;
	char command[64];

	if (!mkdtemp(top))
		return 1;
	test_order(&o);
	test_groups(&o);
	test_never_opened(&o);
	test_left_out(&o);
	test_limits(&o);
	test_list(false);
	test_list(true);
	test_list_too_long(&o);
	test_reading(&o);
	str_release(&seen);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	ok(system(command) == 0, "cleaned up");
	return tap_done();
}
