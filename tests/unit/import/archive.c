/* archive.c - zip, tar and 7z: what is taken, what is refused and why, and that limits hold. */
#include "tap.h"

#include "base/path.h"
#include "import/pack.h"
#include "import/source.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[] = "/tmp/pinhole-archive-XXXXXX";
static struct err err;

/* What came of a source. */
struct tally {
	int archives, files, good, bad, refused, sidecars;
	uint64_t bytes;
	struct str names;   /* of good entries, each in front of a ';' */
	struct str reasons; /* of what was refused or bad */
};

static struct tally tally_of(const struct source_options *options, const char *path)
{
	struct tally t = {.names = STR_INIT(1 << 20), .reasons = STR_INIT(1 << 20)};
	static char bytes[65536];
	struct source *s = NULL;
	struct source_item item;
	int r;

	source_open(options, &s, &err);
	source_add_path(s, path, &err);
	while ((r = source_next(s, &item, &err)) == 1) {
		struct err why = ERR_INIT;
		ssize_t n;

		t.archives += item.kind == SOURCE_ARCHIVE;
		t.sidecars += item.kind == SOURCE_SIDECAR;
		if (item.kind == SOURCE_REFUSED) {
			t.refused++;
			str_addf(&t.reasons, "%s;", item.why.message);
		}
		if (item.kind != SOURCE_FILE && item.kind != SOURCE_SIDECAR)
			continue;
		t.files++;
		while ((n = source_read(s, bytes, sizeof(bytes), &why)) > 0)
			t.bytes += (uint64_t)n;
		if (n == 0) {
			t.good++;
			str_addf(&t.names, "%s;",
				item.in_archive ? item.path + strlen(path) + 1 : item.name);
		} else {
			t.bad++;
			str_addf(&t.reasons, "%s;", why.message);
		}
	}
	is_int(r, 0, "%s: read to its end", path_base(path));
	source_close(s);
	return t;
}

static void tally_release(struct tally *t)
{
	str_release(&t->names);
	str_release(&t->reasons);
}

/* --- the shared archives ------------------------------------------------------------------ */

static const struct {
	const char *file;
	int good, bad, refused;
	const char *name;   /* one that must be among the good */
	const char *reason; /* one that must be given */
} shared[] = {
	{"ok.zip", 4, 0, 0, "Trip/Day 2/IMG_0003.jpg;", NULL},
	{"ok.tar", 4, 0, 0, "Trip/Day 2/IMG_0003.jpg;", NULL},
	{"ok.tar.gz", 4, 0, 0, "Trip/IMG_0001.jpg;", NULL},
	{"ok.tar.xz", 4, 0, 0, "Trip/IMG_0001.jpg;", NULL},
	{"ok_streamed_data_descriptors.zip", 4, 0, 0, "Trip/IMG_0001.jpg;", NULL},
	{"macos_finder.zip", 1, 0, 0, "Photos/IMG_0001.jpg;", NULL},
	{"slip.zip", 1, 0, 2, "good.jpg;", "leads out of the archive"},
	{"absolute.zip", 1, 0, 1, "good.jpg;", "absolute"},
	{"backslash.zip", 1, 0, 1, "dir/IMG_0009.jpg;", "leads out"},
	{"symlink_then_write.zip", 1, 0, 3, "good.jpg;", "below a symbolic link"},
	{"links_devices.tar", 2, 0, 6, "setuid.jpg;", "a fifo"},
	{"dotdot_absolute.tar", 1, 0, 2, "ok.jpg;", "leads out"},
	{"duplicate_names.zip", 4, 0, 0, "IMG_0001.jpg;IMG_0001.jpg;img_0001.JPG;IMG_0001.jpg;",
		NULL},
	{"long_names.zip", 3, 0, 0, NULL, NULL},
	{"odd_names.tar", 6, 0, 0, "caf\xe9.jpg;", NULL},
	{"cp437_name.zip", 1, 0, 0, "Z\xc3\xbcrich\xc3\xa4.jpg", NULL},
	{"encrypted.zip", 0, 0, 2, NULL, "encrypted"},
	{"truncated.zip", 2, 1, 1, "Trip/IMG_0002.jpg;", "cut off or damaged"},
	{"bad_crc.zip", 3, 1, 0, "Trip/IMG_0002.jpg;", "CRC"},
	{"bomb_512MiB_zeros.zip", 0, 0, 1, NULL, "100 times its size"},
	{"nested_bomb_80GiB.zip", 0, 0, 8, NULL, "an archive inside an archive"},
	{"overlap_bomb_10GiB.zip", 0, 0, 1, NULL, "100 times its size"},
};

static void test_shared(void)
{
	struct source_options o = SOURCE_OPTIONS_INIT;
	const char *data = getenv("PINHOLE_TEST_DATA");

	for (size_t i = 0; i < ARRAY_LEN(shared); i++) {
		_cleanup_free_ char *dir = path_join(data ? data : "../shared/data", "archives");
		_cleanup_free_ char *path = path_join(dir, shared[i].file);
		struct tally t;

		if (!path_exists(path)) {
			tap_skip("the shared archives are not here");
			return;
		}
		t = tally_of(&o, path);
		is_int(t.archives, 1, "%s is an archive", shared[i].file);
		is_int(t.good, shared[i].good, "%s: good entries", shared[i].file);
		is_int(t.bad, shared[i].bad, "%s: unreadable entries", shared[i].file);
		is_int(t.refused, shared[i].refused, "%s: refused", shared[i].file);
		if (shared[i].name)
			ok(strstr(t.names.data, shared[i].name), "%s: a name", shared[i].file);
		if (shared[i].reason)
			ok(strstr(t.reasons.data, shared[i].reason), "%s: a reason",
				shared[i].file);
		tally_release(&t);
	}
	ok(!path_exists("/tmp/pinhole-evil.jpg") && !path_exists("/tmp/pinhole-evil2.jpg"),
		"nothing was written outside");
}

/* --- zips of our own, byte by byte -------------------------------------------------------- */

struct zip {
	struct str bytes, directory;
	unsigned count;
};

static void put16(struct str *s, unsigned v)
{
	str_addc(s, (char)v);
	str_addc(s, (char)(v >> 8));
}

static void put32(struct str *s, uint32_t v)
{
	put16(s, v & 0xffff);
	put16(s, v >> 16);
}

static uint32_t crc_of(const char *bytes, size_t len)
{
	uint32_t crc = ~0U;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* What both headers of an entry hold. */
static void put_common(struct str *s, unsigned flags, uint32_t crc, size_t len, const char *name)
{
	put16(s, 20);
	put16(s, flags);
	put16(s, 0); /* stored */
	put32(s, 0x58a16000);
	put32(s, crc);
	put32(s, (uint32_t)len);
	put32(s, (uint32_t)len);
	put16(s, (unsigned)strlen(name));
	put16(s, 0);
}

static void zip_add(struct zip *z, const char *name, unsigned flags, const char *text)
{
	uint32_t at = (uint32_t)z->bytes.len, crc = crc_of(text, strlen(text));

	str_add(&z->bytes, "PK\3\4", 4);
	put_common(&z->bytes, flags, crc, strlen(text), name);
	str_addz(&z->bytes, name);
	str_addz(&z->bytes, text);
	str_add(&z->directory, "PK\1\2", 4);
	put16(&z->directory, 0x0314); /* made on Unix */
	put_common(&z->directory, flags, crc, strlen(text), name);
	for (int i = 0; i < 3; i++)
		put16(&z->directory, 0);
	put32(&z->directory, 0100644U << 16);
	put32(&z->directory, at);
	str_addz(&z->directory, name);
	z->count++;
}

static char *zip_write(struct zip *z, const char *name)
{
	char *path = path_join(top, name);
	uint32_t at = (uint32_t)z->bytes.len, len = (uint32_t)z->directory.len;

	str_add(&z->bytes, z->directory.data, z->directory.len);
	str_add(&z->bytes, "PK\5\6\0\0\0\0", 8);
	put16(&z->bytes, z->count);
	put16(&z->bytes, z->count);
	put32(&z->bytes, len);
	put32(&z->bytes, at);
	put16(&z->bytes, 0);
	path_write_file(path, z->bytes.data, z->bytes.len, 0600, &err);
	str_release(&z->bytes);
	str_release(&z->directory);
	z->count = 0;
	return path;
}

#define ZIP_INIT                                                                                   \
	{                                                                                          \
		.bytes = STR_INIT(1 << 24), .directory = STR_INIT(1 << 24)                         \
	}

static void test_names(void)
{
	struct source_options o = SOURCE_OPTIONS_INIT;
	struct zip z = ZIP_INIT;
	_cleanup_free_ char *path = NULL;
	struct tally t;

	zip_add(&z, "cafe\xcc\x81.jpg", 0x800, "decomposed");
	zip_add(&z, "caf\xc3\xa9.jpg", 0x800, "composed");
	zip_add(&z, "unflagged-\xc3\xa9.jpg", 0, "UTF-8 without the flag");
	zip_add(&z, "dos-\x82.jpg", 0, "code page 437");
	zip_add(&z, "esc\x1b[31m.jpg", 0, "escape");
	zip_add(&z, "C:\\evil.jpg", 0, "drive");
	zip_add(&z, "a/./b//c.jpg", 0, "dots");
	zip_add(&z, "dir/..jpg", 0, "two dots in a name");
	zip_add(&z, "a/b.jpg.XMP", 0, "sidecar");
	zip_add(&z, ".hidden.jpg", 0, "hidden");
	zip_add(&z, "x/._b.jpg", 0, "AppleDouble");
	zip_add(&z, "inner.tar.gz", 0, "archive");
	path = zip_write(&z, "names.zip");
	t = tally_of(&o, path);
	is_str(t.names.data,
		"caf\xc3\xa9.jpg;caf\xc3\xa9.jpg;unflagged-\xc3\xa9.jpg;dos-\xc3\xa9.jpg;"
		"esc\x1b[31m.jpg;a/./b//c.jpg;dir/..jpg;a/b.jpg.XMP;.hidden.jpg;",
		"names flagged UTF-8 come composed, the rest as they are or from the DOS code page");
	is_str(t.reasons.data,
		"a name that is absolute or leads out of the archive;an archive inside an archive;",
		"the others are refused");
	is_int(t.sidecars, 1, "a sidecar is known as such");
	tally_release(&t);
}

static void test_limits(void)
{
	struct source_options o = SOURCE_OPTIONS_INIT;
	struct zip z = ZIP_INIT;
	_cleanup_free_ char *path = NULL;
	struct tally t;
	char name[32];

	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "%02d.jpg", i);
		zip_add(&z, name, 0, i == 7 ? "a longer one" : "short");
	}
	path = zip_write(&z, "fifty.zip");
	o.max_archive_entries = 50;
	t = tally_of(&o, path);
	is_int(t.good, 50, "as many entries as allowed");
	tally_release(&t);
	o.max_archive_entries = 49;
	t = tally_of(&o, path);
	ok(t.good == 49 && strstr(t.reasons.data, "more than 49 entries"), "one more");
	tally_release(&t);
	o.max_archive_entries = 1000;
	o.max_file_bytes = 6;
	t = tally_of(&o, path);
	ok(t.good == 49 && strstr(t.reasons.data, "larger than 6 bytes"), "one entry too large");
	tally_release(&t);
	o.max_file_bytes = 1000;
	o.max_archive_bytes = 100;
	t = tally_of(&o, path);
	ok(t.bytes <= 100 && strstr(t.reasons.data, "more than 100 bytes"), "too much in all");
	tally_release(&t);
}

/* A header that claims little, or nothing, and a body that goes on. */
static void test_growing_entry(void)
{
	struct source_options o = SOURCE_OPTIONS_INIT;
	_cleanup_free_ char *path = path_join(top, "grow.zip");
	char command[512];
	struct tally t;

	snprintf(command, sizeof(command),
		"cd %s && head -c 300000000 /dev/zero | zip -q grow.zip - 2>/dev/null", top);
	if (system(command)) {
		tap_skip("no zip to make a streamed archive");
		return;
	}
	/* Only the local header: a zip read as a stream does not know how long its entry is. */
	ok(truncate(path, 280000) == 0, "the central directory is cut off");
	t = tally_of(&o, path);
	ok(t.good == 0 && t.bytes <= 280000 * 100 + 1024 * 1024 + 65536,
		"not more than 100 times its size is read (%llu)", (unsigned long long)t.bytes);
	ok(strstr(t.reasons.data, "100 times its size"), "and the reason is given");
	tally_release(&t);
}

static void test_other_formats(void)
{
	static const struct {
		const char *name, *command;
	} formats[] = {
		{"a.tar.bz2", "tar -cjf a.tar.bz2 in"},
		{"a.tar.zst", "tar --zstd -cf a.tar.zst in"},
		{"a.tgz", "tar -czf a.tgz in"},
		{"v7.tar", "tar --format=v7 -cf v7.tar in"},
		{"pax.tar", "tar --format=pax -cf pax.tar in"},
		{"a.7z", "bsdtar --format=7zip -cf a.7z in"},
	};
	struct source_options o = SOURCE_OPTIONS_INIT;
	char command[512];

	snprintf(command, sizeof(command),
		"cd %s && mkdir -p in/sub && echo one > in/1.jpg && echo two > in/sub/2.jpg", top);
	ok(system(command) == 0, "files");
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		_cleanup_free_ char *path = path_join(top, formats[i].name);
		struct tally t;

		snprintf(command, sizeof(command), "cd %s && %s 2>/dev/null", top,
			formats[i].command);
		if (system(command)) {
			tap_skip(formats[i].name);
			continue;
		}
		t = tally_of(&o, path);
		ok(t.archives == 1 && t.good == 2 && t.bytes == 8 && t.refused == 0, "%s",
			formats[i].name);
		tally_release(&t);
	}
}

static void test_not_archives(void)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
	} lies[] = {
		{"jpeg.zip", "\xff\xd8\xff\xe0 not a zip at all", 21},
		{"empty.zip", "", 0},
		{"iso.tar", "no", 2},
	};
	struct source_options o = SOURCE_OPTIONS_INIT;
	_cleanup_free_ char *garbage = path_join(top, "garbage.zip");
	struct tally t;

	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		_cleanup_free_ char *path = path_join(top, lies[i].name);

		path_write_file(path, lies[i].bytes, lies[i].len, 0600, &err);
		t = tally_of(&o, path);
		ok(t.archives == 0 && t.good == 1, "%s is a plain file by its bytes", lies[i].name);
		tally_release(&t);
	}
	path_write_file(garbage, "PK\3\4 and then nothing of use", 28, 0600, &err);
	t = tally_of(&o, garbage);
	ok(t.archives == 1 && t.good == 0 && t.refused == 1, "a damaged zip: one refusal (%s)",
		t.reasons.data);
	tally_release(&t);
}

/* Every prefix of an archive: entries before the cut are good, no crash, the loss is told. */
static void test_every_cut(const char *name)
{
	struct source_options o = SOURCE_OPTIONS_INIT;
	_cleanup_free_ char *whole = path_join(top, name), *cut = path_join(top, "cut");
	_cleanup_str_ struct str bytes = STR_INIT(1 << 20);
	int silent = 0, wrong = 0, steps = 0;

	if (path_read_file(whole, 1 << 20, &bytes, &err)) {
		tap_skip("not made");
		return;
	}
	for (size_t len = 1; len < bytes.len; len += 1 + bytes.len / 97, steps++) {
		static char buffer[4096];
		struct source *s = NULL;
		struct source_item item;
		int good = 0, told = 0;

		path_write_file(cut, bytes.data, len, 0600, &err);
		source_open(&o, &s, &err);
		source_add_path(s, cut, &err);
		while (source_next(s, &item, &err) == 1) {
			ssize_t n = 0, all = 0;

			told += item.kind == SOURCE_REFUSED;
			if (item.kind != SOURCE_FILE || !item.in_archive)
				continue;
			while ((n = source_read(s, buffer, sizeof(buffer), NULL)) > 0)
				all += n;
			good += n == 0;
			told += n < 0;
			wrong += n == 0 && all != 4;
		}
		source_close(s);
		silent += good < 2 && !told && len > 512;
	}
	ok(steps > 50 && wrong == 0, "%s cut at %d places: what is good is whole", name, steps);
	is_int(silent, 0, "%s: a loss is always told", name);
}

static void test_skip(void)
{
	struct source_options o = SOURCE_OPTIONS_INIT;
	_cleanup_free_ char *path = path_join(top, "fifty.zip");
	_cleanup_free_ char *dir = path_join(top, "in");
	struct source_item item;
	struct source *s = NULL;
	int files = 0;

	source_open(&o, &s, &err);
	source_add_path(s, path, &err);
	source_add_path(s, dir, &err);
	while (source_next(s, &item, &err) == 1) {
		files += item.kind == SOURCE_FILE;
		if (item.kind == SOURCE_ARCHIVE) {
			ok(item.inode && item.size > 1000, "an archive has a size and an inode");
			ok(source_fd(s, &err) == -1 && source_read(s, &files, 1, &err) == -1,
				"and no bytes of its own");
			source_skip_archive(s);
		}
	}
	is_int(files, 2, "a skipped archive yields nothing, the next argument does");
	source_close(s);
}

int main(void)
{
	struct rusage usage;
	char command[64];

	if (!mkdtemp(top))
		return 1;
	test_names();
	test_limits();
	test_growing_entry();
	test_other_formats();
	test_not_archives();
	test_skip();
	test_every_cut("a.tgz");
	test_every_cut("pax.tar");
	test_every_cut("a.7z");
	test_shared();
	getrusage(RUSAGE_SELF, &usage);
#ifndef __SANITIZE_ADDRESS__
	ok(usage.ru_maxrss < 64 * 1024, "all that in less than 64 MB (%ld kB)", usage.ru_maxrss);
#endif
	snprintf(command, sizeof(command), "rm -rf %s", top);
	ok(system(command) == 0, "cleaned up");
	return tap_done();
}
