/* export.c - what an export holds, how its files are called, and that nothing half remains. */
#include "demo.h"

#include "import/export.h"

#include <dirent.h>
#include <sys/resource.h>
#include <signal.h>

static struct store *store;
static struct demo demo;
static struct album_ref ref;

static int export_to(const char *name, bool hard, struct export_result *out)
{
	struct export_options options = {.hard_link = hard};

	return export_album(store, &ref, demo_path(name), &options, NULL, out, &err);
}

static void test_folder(void)
{
	struct export_result r = {0};

	ok_call(export_to("out", false, &r), &err, "an album becomes a folder");
	is_int(r.photos, 4, "four photos are shown, a joined one among them");
	is_int(r.files, 5, "with an edited part");
	is_int(r.absent, 0, "all are here");
	is_str(demo_shell("ls out"),
		"2024-05-01_12-33-20_img_1.jpg\n2024-05-01_12-33-20_img_1.jpg.xmp\n"
		"2024-05-01_12-34-56_IMG_1-2.jpg\n2024-05-01_12-34-56_IMG_1-2.jpg.xmp\n"
		"2024-05-01_12-34-56_IMG_1-edited.jpg\n2024-05-01_12-34-56_IMG_1-edited.jpg.xmp\n"
		"2024-05-01_12-34-56_IMG_1.JPG\n2024-05-01_12-34-56_IMG_1.JPG.xmp\n"
		"2024-05-01_12-35-17_a_b_c_[31m_.jpg\n2024-05-01_12-35-17_a_b_c_[31m_.jpg.xmp\n"
		"SHA256SUMS\nalbum.json",
		"names are readable, portable and in date order");
	is_str(demo_shell("cd out && sha256sum --quiet -c SHA256SUMS && echo fine"), "fine",
		"sha256sum agrees");
	is_str(demo_shell("cd out && grep -c . SHA256SUMS"), "11", "every file has a sum");
	is_str(demo_shell("grep -rl 'removed photo' out"), "", "what was removed is not handed on");
	is_str(demo_shell("cat out/*IMG_1-edited.jpg"), "edited", "bytes are those of the part");
	ok(export_to("out", false, &r) && err.kind == ERR_CONFLICT,
		"a folder that is full is refused");
}

static void test_json(void)
{
	is_str(demo_shell("jq -c '[.format,.version,.album.title,.album.description,.album.epoch]'"
			  " out/album.json"),
		"[\"pinhole-album\",1,\"B\u00e9ach & <Sand>\",\"All of it\",1]", "its head");
	is_str(demo_shell(
		       "jq -c '.photos[] | select(.title) | [.file,.caption,.tags,.rating,.taken,.gps,.name]'"
		       " out/album.json"),
		"[\"2024-05-01_12-34-56_IMG_1.JPG\",\"A tower]]> & a <sea>\",[\"holiday\",\"summer\"],4,"
		"{\"local\":\"2024-05-01T12:34:56\",\"offset\":\"+02:00\"},"
		"{\"lat_e7\":488583700,\"lon_e7\":-22944810},\"IMG_1.JPG\"]",
		"a photo as the album knows it");
	is_str(demo_shell("jq -c '.photos[] | select(.rotate) | [.rotate,.taken]' out/album.json"),
		"[1,{\"local\":\"2024-05-01T12:33:20\",\"offset\":\"-03:30\"}]", "a corrected one");
	is_str(demo_shell("jq -c '[.messages[] | [.name,.text,.deleted]]' out/album.json"),
		"[[\"Ada\",\"hello, \u00fcbung <&> \\\"quoted\\\"\",null],[\"Ben\",\"what a day\",null],"
		"[\"Ada\",null,true],[\"Ada\",\"typo\",null]]",
		"the talk, with names");
	is_str(demo_shell("jq '[.events[].seq] == [range(1; (.album.head) + 1)]' out/album.json"),
		"true", "all events are there, in order");
	is_str(demo_shell("jq -c '[.events[] | select(.kind == \"message.send\") | has(\"body\")]'"
			  " out/album.json"),
		"[true,true,false,true]", "what was taken back has no body");
	is_str(demo_shell("jq '.facts | length' out/album.json"), "4",
		"facts of the shown photos only");
}

static void test_xmp(void)
{
	if (*demo_shell("command -v exiftool") == '\0') {
		tap_skip("exiftool is not installed");
		return;
	}
	is_str(demo_shell(
		       "exiftool -s3 -n -Title -Description -Subject -Rating -DateTimeOriginal -GPSLatitude"
		       " -GPSLongitude out/*IMG_1.JPG.xmp"),
		"Tower\nA tower]]> & a <sea>\nholiday, summer\n4\n2024:05:01 12:34:56+02:00\n48.85837\n"
		"-2.294481",
		"exiftool reads the sidecar");
	is_str(demo_shell("exiftool -s3 -Description out/*img_1.jpg.xmp"), "from the file",
		"without a caption the file's description stands");
	is_str(demo_shell("exiftool -q -s3 -Warning -Error out/*.xmp | grep -v ^==="), "",
		"it complains of none");
}

static void test_archives(void)
{
	struct export_result r = {0};

	ok_call(export_to("a.zip", false, &r), &err, "a zip");
	is_str(demo_shell("bsdtar -tf a.zip | sort | tail -2"), "SHA256SUMS\nalbum.json",
		"is read by others");
	ok_call(export_to("a.tar.zst", false, &r), &err, "a compressed tar");
	is_str(demo_shell(
		       "mkdir t && bsdtar -xf a.tar.zst -C t && cd t && sha256sum --quiet -c SHA256SUMS &&"
		       " echo fine"),
		"fine", "holds what its sums say");
	is_str(demo_shell("diff -r out t | grep -v 'album.json\\|SHA256SUMS\\|^[<>0-9-]'"), "",
		"the same files as in the folder");
	ok(export_to("a.zip", false, &r) && err.kind == ERR_CONFLICT,
		"a file is never written over");
}

static void test_links(void)
{
	struct export_result r = {0};

	ok_call(export_to("linked", true, &r), &err, "hard links");
	is_str(demo_shell("stat -c %h linked/*IMG_1-edited.jpg"), "2",
		"share the bytes with the store");
	is_str(demo_shell("stat -c %a linked/album.json"), "644",
		"album.json is a file of its own");
	is_str(demo_shell("cd linked && sha256sum --quiet -c SHA256SUMS && echo fine"), "fine",
		"sums are right");
}

/* Names beside the exports that begin with a dot. */
static const char *hidden(void)
{
	return demo_shell("ls -A | grep '^\\.'");
}

static void test_failures(void)
{
	struct rlimit limit, small;
	struct export_result r = {0};

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	small = limit;
	small.rlim_cur = 2000;
	setrlimit(RLIMIT_FSIZE, &small);
	ok(export_to("full", false, &r), "a disk that fills up is a failure");
	ok(export_to("full.zip", false, &r), "for an archive, too");
	setrlimit(RLIMIT_FSIZE, &limit);
	ok(access(demo_path("full"), F_OK) && access(demo_path("full.zip"), F_OK),
		"nothing has the final name");
	is_str(hidden(), "", "and nothing is left beside it");
	ok_call(object_remove(store->objects, &demo.third, &err), &err, "an original gets lost");
	ok_call(export_to("rest", false, &r), &err, "the rest is exported");
	is_int(r.absent, 1, "and the missing one told");
	is_str(demo_shell("jq -c '[.photos[] | select(.absent)] | length' rest/album.json"), "1",
		"in album.json, too");
}

int main(void)
{
	demo_begin();
	store = demo_store("store", "Ada");
	demo_fill(store, &demo);
	ref = (struct album_ref){.key = demo.album, .id = demo.id};
	test_folder();
	if (*demo_shell("command -v jq") == '\0')
		tap_skip("jq is not installed");
	else
		test_json();
	test_xmp();
	test_archives();
	test_links();
	test_failures();
	store_close(store);
	return demo_end();
}
