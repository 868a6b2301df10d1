/* pair.c - which files are one photo: names, kinds and times, in both orders. */
#include "tap.h"
#include "base/time.h"
#include "import/pair.h"

static void test_names(void)
{
	static const struct {
		const char *name, *stem;
		bool edited;
	} cases[] = {
		{"IMG_0042.JPG", "img_0042", false},
		{"IMG_E0042.JPG", "img_0042", true},
		{"IMG_EDITED.JPG", "img_edited", false},
		{"IMG_E.JPG", "img_e", false},
		{"trip-edited.jpg", "trip", true},
		{"Trip-Edited.JPG", "trip", true},
		{"trip-bearbeitet.jpg", "trip", true},
		{"-edited.jpg", "-edited", false},
		{"no_extension", "no_extension", false},
		{"two.dots.jpg", "two.dots", false},
		{"caf\xc3\xa9.jpg", "caf\xc3\xa9", false},
		{"caf\xe9.jpg", "", false},
		{"", "", false},
	};
	char longest[400];
	struct pair_file file;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		pair_from_name(cases[i].name, &file);
		is_str(file.stem, cases[i].stem, "stem");
		ok(file.edited == cases[i].edited, "edited or not");
	}
	memset(longest, 'x', sizeof(longest));
	strcpy(longest + 390, ".jpg");
	pair_from_name(longest, &file);
	is_str(file.stem, "", "a name that is too long pairs with nothing");
}

#define NOON ((int64_t)1700000000000)

static const struct pair_file image = {
	.stem = "a", .kind = "image", .has_wall = true, .wall = NOON, .offset = TIME_OFFSET_NONE};

static struct pair_file like_image(const char *kind)
{
	struct pair_file file = image;

	strcpy(file.kind, kind);
	return file;
}

/* The role of `file` beside `other`, and the other way round. */
static void is_role(const struct pair_file *file, const struct pair_file *other, const char *role,
	const char *back, const char *what)
{
	const char *one = pair_role(file, other), *two = pair_role(other, file);

	is_str(one ? one : "none", role, "%s", what);
	is_str(two ? two : "none", back, "%s", what);
}

static void test_kinds(void)
{
	struct pair_file video = like_image("video"), raw = like_image("raw");
	struct pair_file edited = image, other = image;

	is_role(&video, &image, "live", "jpeg", "a video and its picture");
	is_role(&raw, &image, "raw", "jpeg", "a RAW and its JPEG");
	is_role(&raw, &video, "raw", "live", "a RAW and a video");
	is_role(&video, &video, "none", "none", "two videos");
	is_role(&raw, &raw, "none", "none", "two RAW");
	is_role(&image, &other, "none", "none", "two pictures of one name");
	edited.edited = true;
	is_role(&edited, &image, "edited", "jpeg", "an edited copy");
	is_role(&edited, &edited, "none", "none", "two edited copies");
	strcpy(other.stem, "b");
	is_role(&edited, &other, "none", "none", "another name");
	other.stem[0] = '\0';
	edited.stem[0] = '\0';
	is_role(&edited, &other, "none", "none", "no names");
}

static void test_times(void)
{
	struct pair_file video = like_image("video"), raw = like_image("raw");

	raw.wall += 119000;
	is_role(&raw, &image, "raw", "jpeg", "two minutes apart");
	raw.wall += 2000;
	is_role(&raw, &image, "none", "none", "more than two minutes apart");
	raw.wall = NOON + 7200000;
	is_role(&raw, &image, "none", "none", "two hours apart");
	video.wall = NOON + 7200000 + 1000;
	is_role(&video, &image, "live", "jpeg", "a video in UTC that does not say so");
	video.folder = 7;
	is_role(&video, &image, "none", "none", "unless it lay elsewhere");
	video.folder = 0;
	video.wall = NOON + 7200000 + 400000;
	is_role(&video, &image, "none", "none", "a difference that is no zone");
	{
		struct pair_file here = image;

		video.wall = NOON + 7200000;
		video.offset = 120;
		here.offset = 0;
		is_role(&video, &here, "live", "jpeg", "the same instant in two zones");
		video.offset = 0;
		is_role(&video, &here, "none", "none", "two instants, with their zones");
	}
	raw.has_wall = false;
	is_role(&raw, &image, "raw", "jpeg", "one that knows no time, in one folder");
	raw.folder = 9;
	is_role(&raw, &image, "none", "none", "and in another");
}

static void test_content(void)
{
	struct pair_file video = like_image("video"), picture = image;

	strcpy(video.stem, "IMG_9999");
	strcpy(video.content, "0F1E");
	strcpy(picture.content, "0F1E");
	video.wall += 86400000;
	is_role(&video, &picture, "live", "jpeg", "Apple's identifier joins whatever the names");
	strcpy(picture.content, "AAAA");
	is_role(&video, &picture, "none", "none", "another identifier");
	strcpy(video.kind, "image");
	strcpy(picture.content, "0F1E");
	is_role(&video, &picture, "none", "none", "two pictures of one identifier");
}

int main(void)
{
	test_names();
	test_kinds();
	test_times();
	test_content();
	return tap_done();
}
