/* tiff.c - TIFF files built here: tags far behind the pixels, and a DNG with its preview. */
#include "media/media.h"
#include "tap.h"

#include "base/str.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vips/vips.h>

enum type { BYTE = 1, ASCII = 2, SHORT = 3, LONG = 4, RATIONAL = 5, SRATIONAL = 10 };

struct tag {
	unsigned id;
	enum type type;
	unsigned count;
	const void *values; /* native order: the files are little-endian, as the machines are */
};

static size_t size_of(enum type type)
{
	return type == RATIONAL || type == SRATIONAL ? 8 : type == LONG ? 4 : type == SHORT ? 2 : 1;
}

static void add(struct str *file, uint32_t value, size_t bytes)
{
	str_add(file, &value, bytes);
}

/* Appends a directory and its values; returns where it begins. */
static uint32_t add_directory(struct str *file, const struct tag *tags, unsigned count)
{
	size_t at = file->len, values = at + 2 + count * 12 + 4;
	struct str later = STR_INIT(STR_MAX_LINE);

	add(file, count, 2);
	for (unsigned i = 0; i < count; i++) {
		size_t len = tags[i].count * size_of(tags[i].type);

		add(file, tags[i].id, 2);
		add(file, tags[i].type, 2);
		add(file, tags[i].count, 4);
		if (len > 4) {
			add(file, (uint32_t)(values + later.len), 4);
			str_add(&later, tags[i].values, len);
		} else {
			str_add(file, tags[i].values, len);
			add(file, 0, 4 - len);
		}
	}
	add(file, 0, 4);
	str_add(file, later.data, later.len);
	str_release(&later);
	return (uint32_t)at;
}

static void set_long(struct str *file, size_t at, uint32_t value)
{
	memcpy(file->data + at, &value, 4);
}

#define U16(...)                                                                                   \
	(const uint16_t[])                                                                         \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define U32(...)                                                                                   \
	(const uint32_t[])                                                                         \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define U8(...)                                                                                    \
	(const uint8_t[])                                                                          \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}

static struct media_result probe(const struct str *file, const char **facts)
{
	struct media_options options = {.workers = 1};
	struct media_pool *pool = NULL;
	struct media_result result = {.status = MEDIA_FAILED};
	struct err err = ERR_INIT;
	int fd = memfd_create("tiff", MFD_CLOEXEC), out = memfd_create("out", MFD_CLOEXEC);
	struct media_request request = {.fd = fd,
		.sidecar_fd = -1,
		.facts = true,
		.variant_count = 1,
		.variants = {{"preview", 64, 64, MEDIA_FIT_CONTAIN, MEDIA_JPEG, 80, out}}};

	ok(write(fd, file->data, file->len) == (ssize_t)file->len, "a file");
	ok_call(media_pool_open(&options, &pool, &err), &err, "pool");
	ok_call(media_submit(pool, &request, &err), &err, "asked");
	is_int(media_collect(pool, true, &result, &err), 1, "answered");
	media_pool_close(pool);
	close(fd);
	close(out);
	*facts = result.facts ? result.facts : "";
	return result;
}

static bool has(const char *facts, const char *part)
{
	bool found = strstr(facts, part) != NULL;

	if (!found)
		printf("# %s\n", facts);
	return found;
}

static void test_far_tags(void)
{
	enum { WIDTH = 1000, HEIGHT = 500, PIXELS = WIDTH * HEIGHT * 3 };
	struct str file = STR_INIT(STR_MAX_FILE);
	struct media_result result;
	const char *facts;
	uint32_t exif, gps;
	const struct tag exif_tags[] = {{0x9000, BYTE, 4, "0230"},
		{0x9003, ASCII, 20, "2021:05:06 07:08:09"}, {0x9011, ASCII, 7, "-03:00"},
		{0x9291, ASCII, 3, "25"}};
	const struct tag gps_tags[] = {{0, BYTE, 4, "\2\3\0\0"}, {1, ASCII, 2, "S"},
		{2, RATIONAL, 3, U32(10, 1, 30, 1, 3600, 100)}, {3, ASCII, 2, "E"},
		{4, RATIONAL, 3, U32(20, 1, 0, 1, 0, 1)}};

	str_add(&file, "II*\0\0\0\0\0", 8);
	memset(str_reserve(&file, PIXELS), 77, PIXELS);
	file.len += PIXELS;
	exif = add_directory(&file, exif_tags, 4);
	gps = add_directory(&file, gps_tags, 5);
	{
		const struct tag tags[] = {{256, LONG, 1, U32(WIDTH)}, {257, LONG, 1, U32(HEIGHT)},
			{258, SHORT, 3, U16(8, 8, 8)}, {259, SHORT, 1, U16(1)},
			{262, SHORT, 1, U16(2)}, {271, ASCII, 8, "FarAway"}, {273, LONG, 1, U32(8)},
			{274, SHORT, 1, U16(8)}, {277, SHORT, 1, U16(3)},
			{278, LONG, 1, U32(HEIGHT)}, {279, LONG, 1, U32(PIXELS)},
			{34665, LONG, 1, &exif}, {34853, LONG, 1, &gps}};

		set_long(&file, 4, add_directory(&file, tags, 13));
	}
	result = probe(&file, &facts);
	is_int(result.status, MEDIA_OK, "a TIFF whose tags lie behind 1.5 MB of pixels");
	ok(has(facts, "\"mime\":\"image/tiff\",\"kind\":\"image\",\"orientation\":8"), "is a TIFF");
	ok(has(facts, "\"taken_local\":\"2021-05-06T07:08:09.250\""), "with its date");
	ok(has(facts, "\"offset\":-180,\"offset_source\":\"exif:OffsetTimeOriginal\""),
		"its offset");
	ok(has(facts, "\"lat_e7\":-105100000,\"lon_e7\":200000000"), "its place");
	ok(has(facts, "\"make\":\"FarAway\""), "and its maker");
	is_int(result.variants[0].height, 64, "upright");
	media_result_release(&result);
	str_release(&file);
}

static void *make_jpeg(size_t *len)
{
	VipsImage *image = NULL;
	void *bytes = NULL;

	vips_black(&image, 300, 200, "bands", 3, NULL);
	vips_jpegsave_buffer(image, &bytes, len, NULL);
	g_object_unref(image);
	return bytes;
}

static void test_dng(void)
{
	enum { WIDTH = 256, HEIGHT = 192, SENSOR = WIDTH * HEIGHT * 2 };
	struct str file = STR_INIT(STR_MAX_FILE);
	struct media_result result;
	const char *facts;
	size_t len = 0;
	void *jpeg = make_jpeg(&len);
	const uint32_t jpeg_at = 8, sensor_at = (uint32_t)(8 + len);
	uint32_t sub;
	const struct tag sub_tags[] = {{254, LONG, 1, U32(0)}, {256, LONG, 1, U32(WIDTH)},
		{257, LONG, 1, U32(HEIGHT)}, {258, SHORT, 1, U16(16)}, {259, SHORT, 1, U16(1)},
		{262, SHORT, 1, U16(32803)}, {273, LONG, 1, &sensor_at}, {277, SHORT, 1, U16(1)},
		{278, LONG, 1, U32(HEIGHT)}, {279, LONG, 1, U32(SENSOR)},
		{33421, SHORT, 2, U16(2, 2)}, {33422, BYTE, 4, U8(0, 1, 1, 2)},
		{50717, SHORT, 1, U16(65535)}};

	str_add(&file, "II*\0\0\0\0\0", 8);
	str_add(&file, jpeg, len);
	memset(str_reserve(&file, SENSOR), 90, SENSOR);
	file.len += SENSOR;
	sub = add_directory(&file, sub_tags, 13);
	{
		const struct tag tags[] = {{254, LONG, 1, U32(1)}, {256, LONG, 1, U32(300)},
			{257, LONG, 1, U32(200)}, {258, SHORT, 3, U16(8, 8, 8)},
			{259, SHORT, 1, U16(7)}, {262, SHORT, 1, U16(6)}, {271, ASCII, 7, "TestCo"},
			{272, ASCII, 4, "One"}, {273, LONG, 1, &jpeg_at}, {274, SHORT, 1, U16(6)},
			{277, SHORT, 1, U16(3)}, {278, LONG, 1, U32(200)},
			{279, LONG, 1, U32((uint32_t)len)}, {330, LONG, 1, &sub},
			{50706, BYTE, 4, U8(1, 4, 0, 0)}, {50707, BYTE, 4, U8(1, 1, 0, 0)},
			{50708, ASCII, 11, "TestCo One"},
			{50721, SRATIONAL, 9,
				U32(1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1)},
			{50728, RATIONAL, 3, U32(1, 1, 1, 1, 1, 1)}};

		set_long(&file, 4, add_directory(&file, tags, 19));
	}
	result = probe(&file, &facts);
	if (!ok(result.status == MEDIA_OK, "a DNG"))
		printf("# %s\n", result.reason);
	ok(has(facts, "\"mime\":\"image/x-adobe-dng\",\"kind\":\"raw\",\"orientation\":6"),
		"a DNG is told from a TIFF");
	ok(has(facts, "\"width\":192,\"height\":256"), "its size is the sensor's, upright");
	ok(has(facts, "\"make\":\"TestCo\",\"model\":\"One\""), "its camera is known");
	is_int(result.variants[0].height, 64, "its preview is rendered upright");
	is_int(result.variants[0].width, 43, "in the preview's shape");
	media_result_release(&result);
	g_free(jpeg);
	str_release(&file);
}

int main(int argc, char **argv)
{
	(void)argc;
	if (VIPS_INIT(argv[0]))
		return 1;
	test_far_tags();
	test_dng();
	vips_shutdown();
	return tap_done();
}
