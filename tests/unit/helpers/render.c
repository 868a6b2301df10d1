/* render.c - variants of pictures made here: upright, of the right size and colour, whatever the
 * format, and never from the metadata of the source.
 *
 * The picture is four coloured quarters: red green / blue white.  Encoded with an EXIF orientation,
 * its stored pixels are turned the other way, so that every result must look the same.
 */
#include "media/media.h"
#include "media/protocol.h"
#include "media_exif.h"
#include "tap.h"

#include "base/mem.h"
#include "wire/json.h"

#include <fcntl.h>
#include <math.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vips/vips.h>

static struct media_pool *pool;

/* --- pictures ------------------------------------------------------------------------------ */

static const unsigned char quarters[4][3] = {
	{230, 20, 20}, {20, 200, 20}, {20, 20, 230}, {250, 250, 250}};

/* width x height of the four quarters, sRGB. */
static VipsImage *make_quarters(int width, int height)
{
	unsigned char *pixels = malloc((size_t)width * (size_t)height * 3);
	VipsImage *view, *image;

	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			memcpy(pixels + ((size_t)y * (size_t)width + (size_t)x) * 3,
				quarters[(y >= height / 2) * 2 + (x >= width / 2)], 3);
	view = vips_image_new_from_memory(
		pixels, (size_t)width * (size_t)height * 3, width, height, 3, VIPS_FORMAT_UCHAR);
	vips_copy(view, &image, "interpretation", VIPS_INTERPRETATION_sRGB, NULL);
	g_object_unref(view);
	view = vips_image_copy_memory(image);
	g_object_unref(image);
	image = vips_image_new_from_memory_copy(vips_image_get_data(view),
		(size_t)width * (size_t)height * 3, width, height, 3, VIPS_FORMAT_UCHAR);
	g_object_unref(view);
	free(pixels);
	vips_copy(image, &view, "interpretation", VIPS_INTERPRETATION_sRGB, NULL);
	g_object_unref(image);
	return view;
}

static VipsImage *then(VipsImage *image, VipsImage *next, int rc)
{
	if (rc)
		printf("# %s\n", vips_error_buffer());
	g_object_unref(image);
	return next;
}

/* The pixels as a camera stores them whose EXIF says `orientation`. */
static VipsImage *turn_back(VipsImage *image, int orientation)
{
	static const VipsAngle back[] = {0, VIPS_ANGLE_D0, VIPS_ANGLE_D0, VIPS_ANGLE_D180,
		VIPS_ANGLE_D180, VIPS_ANGLE_D270, VIPS_ANGLE_D270, VIPS_ANGLE_D90, VIPS_ANGLE_D90};
	bool mirrored =
		orientation == 2 || orientation == 4 || orientation == 5 || orientation == 7;
	VipsImage *next = NULL;
	int rc;

	if (mirrored) {
		rc = vips_flip(image, &next, VIPS_DIRECTION_HORIZONTAL, NULL);
		image = then(image, next, rc);
	}
	next = NULL;
	rc = vips_rot(image, &next, back[orientation], NULL);
	return then(image, next, rc);
}

/* The smallest EXIF block with an orientation. */
static void set_exif(VipsImage *image, int orientation)
{
	unsigned char block[] =
		"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";

	block[25] = (unsigned char)orientation;
	vips_image_set_blob_copy(image, VIPS_META_EXIF_NAME, block, sizeof(block) - 1);
	vips_image_set_int(image, VIPS_META_ORIENTATION, orientation);
}

static int encode(VipsImage *image, const char *suffix)
{
	void *bytes = NULL;
	size_t len = 0;
	int fd = memfd_create("source", MFD_CLOEXEC);

	if (vips_image_write_to_buffer(image, suffix, &bytes, &len, NULL) ||
		write(fd, bytes, len) != (ssize_t)len)
		printf("# cannot make a %s: %s\n", suffix, vips_error_buffer());
	g_free(bytes);
	return fd;
}

/* --- asking --------------------------------------------------------------------------------- */

struct shot {
	struct media_result result;
	json_t *facts;
	int fds[MEDIA_VARIANT_MAX];
};

static struct shot shoot(int fd, int rotate, const struct media_variant_spec *specs, size_t count)
{
	struct shot shot = {.fds = {-1, -1, -1, -1}};
	struct media_request request = {.fd = fd,
		.sidecar_fd = -1,
		.rotate = rotate,
		.facts = true,
		.variant_count = count};
	struct err err = ERR_INIT;

	for (size_t i = 0; i < count; i++) {
		request.variants[i] = specs[i];
		request.variants[i].out_fd = shot.fds[i] = memfd_create("variant", MFD_CLOEXEC);
	}
	if (media_submit(pool, &request, &err) ||
		media_collect(pool, true, &shot.result, &err) != 1)
		printf("# %s\n", err.message);
	if (shot.result.reason[0])
		printf("# %s\n", shot.result.reason);
	if (shot.result.facts)
		shot.facts = wire_parse(
			shot.result.facts, strlen(shot.result.facts), MEDIA_FACTS_MAX, &err);
	close(fd);
	return shot;
}

static void shot_release(struct shot *shot)
{
	media_result_release(&shot->result);
	json_decref(shot->facts);
	for (size_t i = 0; i < MEDIA_VARIANT_MAX; i++)
		if (shot->fds[i] >= 0)
			close(shot->fds[i]);
}

static VipsImage *open_variant(const struct shot *shot, size_t index)
{
	VipsSource *source = vips_source_new_from_descriptor(shot->fds[index]);
	VipsImage *image, *pixels;

	lseek(shot->fds[index], 0, SEEK_SET);
	image = vips_image_new_from_source(source, "", NULL);
	pixels = image ? vips_image_copy_memory(image) : NULL;
	VIPS_UNREF(image);
	VIPS_UNREF(source);
	return pixels;
}

/* The largest difference of the four quarters' middles from what they should be. */
static double worst_quarter(VipsImage *image, const unsigned char want[4][3])
{
	double worst = 0;

	for (int q = 0; image && q < 4; q++) {
		int x = image->Xsize * (q % 2 ? 3 : 1) / 4, y = image->Ysize * (q / 2 ? 3 : 1) / 4;
		double *pixel = NULL;
		int bands = 0;

		if (vips_getpoint(image, &pixel, &bands, x, y, NULL))
			return 255;
		for (int c = 0; c < 3; c++)
			worst = fmax(worst, fabs(pixel[bands < 3 ? 0 : c] - want[q][c]));
		g_free(pixel);
	}
	return image ? worst : 255;
}

static const struct media_variant_spec preview = {
	"preview", 100, 100, MEDIA_FIT_CONTAIN, MEDIA_JPEG, 90, -1};
static const struct media_variant_spec thumb = {
	"thumb", 32, 32, MEDIA_FIT_COVER, MEDIA_JPEG, 90, -1};

/* --- tests ---------------------------------------------------------------------------------- */

static void test_orientation(const char *suffix, int orientation)
{
	const struct media_variant_spec specs[] = {preview, thumb};
	VipsImage *image = turn_back(make_quarters(300, 200), orientation);
	struct shot shot;

	set_exif(image, orientation);
	shot = shoot(encode(image, suffix), 0, specs, 2);
	g_object_unref(image);
	is_int(shot.result.status, MEDIA_OK, "%s %d: rendered", suffix, orientation);
	is_int(json_integer_value(json_object_get(shot.facts, "width")), 300, "%s %d: width",
		suffix, orientation);
	is_int(json_integer_value(json_object_get(shot.facts, "orientation")), orientation,
		"%s %d: orientation", suffix, orientation);
	is_int(shot.result.variants[0].width, 100, "%s %d: preview fills its box", suffix,
		orientation);
	is_int(shot.result.variants[0].height, 67, "%s %d: and keeps its shape", suffix,
		orientation);
	is_int(shot.result.variants[1].height, 32, "%s %d: thumb is square", suffix, orientation);
	for (size_t i = 0; i < 2; i++) {
		VipsImage *variant = open_variant(&shot, i);

		ok(worst_quarter(variant, quarters) < 30, "%s %d: variant %zu is upright", suffix,
			orientation, i);
		ok(variant && !vips_image_get_typeof(variant, VIPS_META_EXIF_NAME) &&
				!vips_image_get_typeof(variant, VIPS_META_ICC_NAME),
			"%s %d: variant %zu carries no metadata", suffix, orientation, i);
		VIPS_UNREF(variant);
	}
	shot_release(&shot);
}

/* Turns that the user asked for come on top of the camera's. */
static void test_rotate(int orientation)
{
	static const unsigned char turned[4][4][3] = {
		{{230, 20, 20}, {20, 200, 20}, {20, 20, 230}, {250, 250, 250}},
		{{20, 20, 230}, {230, 20, 20}, {250, 250, 250}, {20, 200, 20}},
		{{250, 250, 250}, {20, 20, 230}, {20, 200, 20}, {230, 20, 20}},
		{{20, 200, 20}, {250, 250, 250}, {230, 20, 20}, {20, 20, 230}}};

	for (int rotate = 0; rotate < 4; rotate++) {
		VipsImage *image = turn_back(make_quarters(120, 80), orientation), *variant;
		struct shot shot;

		set_exif(image, orientation);
		shot = shoot(encode(image, ".jpg"), rotate, &preview, 1);
		variant = open_variant(&shot, 0);
		ok(worst_quarter(variant, turned[rotate]) < 30, "orientation %d, %d turns",
			orientation, rotate);
		is_int(shot.result.variants[0].width, rotate % 2 ? 67 : 100, "width after %d turns",
			rotate);
		VIPS_UNREF(variant);
		shot_release(&shot);
		g_object_unref(image);
	}
}

static void test_sizes(void)
{
	static const struct {
		int width, height;
		unsigned preview_width, preview_height;
	} rows[] = {{100, 100, 100, 100}, {40, 20, 40, 20}, {1, 1, 1, 1}, {3000, 10, 100, 1},
		{10, 3000, 1, 100}, {2001, 1500, 100, 75}, {101, 100, 100, 99}};
	const struct media_variant_spec specs[] = {thumb, preview};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		VipsImage *image = make_quarters(rows[i].width, rows[i].height);
		struct shot shot = shoot(encode(image, ".jpg"), 0, specs, 2);

		is_int(shot.result.status, MEDIA_OK, "%dx%d", rows[i].width, rows[i].height);
		is_int(shot.result.variants[0].width, 32, "thumb fills its box");
		is_int(shot.result.variants[0].height, 32, "in both directions");
		is_int(shot.result.variants[1].width, rows[i].preview_width, "preview width");
		is_int(shot.result.variants[1].height, rows[i].preview_height, "preview height");
		shot_release(&shot);
		g_object_unref(image);
	}
}

static VipsImage *convert(VipsImage *image, const char *kind)
{
	VipsImage *next = NULL;
	int rc = 0;

	if (strcmp(kind, "gray") == 0)
		rc = vips_colourspace(image, &next, VIPS_INTERPRETATION_B_W, NULL);
	else if (strcmp(kind, "16 bit") == 0)
		rc = vips_colourspace(image, &next, VIPS_INTERPRETATION_RGB16, NULL);
	else if (strcmp(kind, "alpha") == 0)
		rc = vips_bandjoin_const1(image, &next, 255, NULL);
	else if (strcmp(kind, "clear") == 0)
		rc = vips_bandjoin_const1(image, &next, 0, NULL);
	else if (strcmp(kind, "cmyk") == 0)
		rc = vips_icc_export(image, &next, "output_profile", "cmyk", NULL);
	else if (strcmp(kind, "p3") == 0)
		rc = vips_icc_transform(image, &next, "p3", "input_profile", "srgb", NULL);
	else
		return image;
	return then(image, next, rc);
}

/* Kinds of pixels: what a viewer would see is the same (ink cannot quite show these colours, but
 * inverted ink would be off by 200). */
static void test_kinds(void)
{
	static const struct {
		const char *kind, *suffix;
		double tolerance;
	} rows[] = {{"plain", ".jpg", 12}, {"16 bit", ".png", 12}, {"alpha", ".png", 12},
		{"alpha", ".webp", 16}, {"plain", ".gif", 12},
		{"plain", ".tif[compression=deflate]", 12}, {"plain", ".jpg[interlace]", 12},
		{"plain", ".png[interlace]", 12}, {"plain", ".png[palette]", 12},
		{"p3", ".jpg[Q=95]", 16}, {"cmyk", ".jpg[Q=95]", 110}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		VipsImage *image = convert(make_quarters(300, 200), rows[i].kind), *variant;
		struct shot shot = shoot(encode(image, rows[i].suffix), 0, &preview, 1);
		double worst;

		variant = open_variant(&shot, 0);
		worst = worst_quarter(variant, quarters);
		is_int(shot.result.status, MEDIA_OK, "%s%s: rendered", rows[i].kind,
			rows[i].suffix);
		if (!ok(worst <= rows[i].tolerance, "%s%s: colours", rows[i].kind, rows[i].suffix))
			printf("#   off by %.0f\n", worst);
		VIPS_UNREF(variant);
		shot_release(&shot);
		g_object_unref(image);
	}
}

static void test_clear_is_white(void)
{
	static const unsigned char white[4][3] = {
		{255, 255, 255}, {255, 255, 255}, {255, 255, 255}, {255, 255, 255}};
	VipsImage *image = convert(make_quarters(300, 200), "clear"), *variant;
	struct shot shot = shoot(encode(image, ".png"), 0, &preview, 1);

	variant = open_variant(&shot, 0);
	ok(worst_quarter(variant, white) < 3, "what is transparent lies on white");
	VIPS_UNREF(variant);
	shot_release(&shot);
	g_object_unref(image);
}

static void test_truncated(const char *suffix)
{
	VipsImage *image = make_quarters(800, 600);
	int fd = encode(image, suffix);
	struct stat st;
	struct shot shot;
	struct err err = ERR_INIT;

	fstat(fd, &st);
	ok_call(ftruncate(fd, st.st_size * 2 / 3), &err, "cut");
	shot = shoot(fd, 0, &preview, 1);
	is_int(shot.result.status, MEDIA_DAMAGED, "%s: a truncated picture is damaged", suffix);
	ok(shot.result.variants[0].made, "%s: and rendered as far as it goes", suffix);
	ok(shot.result.reason[0], "%s: with a reason", suffix);
	shot_release(&shot);
	g_object_unref(image);
}

static void test_formats(void)
{
	static const char *const mimes[] = {"image/jpeg", "image/webp", "image/png"};

	for (size_t i = 0; i < 3; i++) {
		struct media_variant_spec spec = preview;
		VipsImage *image = make_quarters(300, 200);
		struct shot shot;
		char head[MEDIA_SNIFF_LEN];
		ssize_t got;

		spec.format = (enum media_format)i;
		shot = shoot(encode(image, ".jpg"), 0, &spec, 1);
		got = pread(shot.fds[0], head, sizeof(head), 0);
		is_str(media_sniff(head, got > 0 ? (size_t)got : 0).mime, mimes[i], "a %s",
			mimes[i]);
		shot_release(&shot);
		g_object_unref(image);
	}
}

static void test_limits(void)
{
	struct media_options small = {.workers = 1, .max_pixels = 1000};
	struct media_pool *all = pool;
	struct err err = ERR_INIT;
	VipsImage *image = make_quarters(300, 200);
	struct shot shot;

	ok_call(media_pool_open(&small, &pool, &err), &err, "a pool with a small limit");
	shot = shoot(encode(image, ".jpg"), 0, &preview, 1);
	is_int(shot.result.status, MEDIA_FAILED, "too many pixels are refused");
	ok(strstr(shot.result.reason, "more than the limit") != NULL, "and the reason says so");
	shot_release(&shot);
	media_pool_close(pool);
	pool = all;
	g_object_unref(image);
}

int main(int argc, char **argv)
{
	static const char *const suffixes[] = {".jpg", ".png", ".webp", ".tif"};
	struct media_options options = {.workers = 2};
	struct err err = ERR_INIT;

	(void)argc;
	if (VIPS_INIT(argv[0]))
		return 1;
	ok_call(media_pool_open(&options, &pool, &err), &err, "pool");
	for (size_t i = 0; i < 4; i++)
		for (int orientation = 1; orientation <= 8; orientation++)
			test_orientation(suffixes[i], orientation);
	test_rotate(1);
	test_rotate(6);
	test_rotate(5);
	test_sizes();
	test_kinds();
	test_clear_is_white();
	test_truncated(".jpg");
	test_truncated(".png[compression=0]");
	test_formats();
	test_limits();
	media_pool_close(pool);
	vips_shutdown();
	return tap_done();
}
