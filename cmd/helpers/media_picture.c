/* media_picture.c - decoding, turning, scaling and encoding of one picture.
 *
 * It reads no metadata itself and opens no file: pixels come from memory, variants go to given
 * descriptors.  Whatever it writes is sRGB (or gray) and carries no metadata at all.
 *
 * The largest variant is made in one streaming pass from a decoder that already scales (JPEG by
 * 2, 4, 8 in its own transform, WebP by any factor); the smaller ones come from it in memory.
 */
#include "media_picture.h"

#include "base/mem.h"
#include "base/path.h"
#include "media_icc.h"
#include "media_png.h"
#include "media_scale.h"
#include "media_thumbhash.h"
#include "media_webp.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

enum scaling { SCALE_NONE, SCALE_JPEG, SCALE_WEBP, SCALE_PIXELS };

struct picture_loader {
	const char *mime, *operation;
	enum scaling scaling;
	bool upright;
};

static const struct picture_loader loaders[] = {
	{"image/jpeg", "jpegload_source", SCALE_JPEG, false},
	{"image/png", "pngload_source", SCALE_NONE, false},
	{"image/webp", "webpload_source", SCALE_WEBP, false},
	{"image/gif", "gifload_source", SCALE_NONE, false},
	{"image/tiff", "tiffload_source", SCALE_NONE, false},
	{"image/heic", "heifload_source", SCALE_NONE, true},
	{"image/heif", "heifload_source", SCALE_NONE, true},
	{"image/avif", "heifload_source", SCALE_NONE, true},
};

static const struct picture_loader pixels_loader = {"", "", SCALE_PIXELS, false};

static void unref_image(VipsImage **image)
{
	VIPS_UNREF(*image);
}

static void unref_source(VipsSource **source)
{
	VIPS_UNREF(*source);
}

#define _cleanup_image_  _cleanup_(unref_image)
#define _cleanup_source_ _cleanup_(unref_source)

/* The last line of libvips's complaint: those before it are warnings, and one that begins with a
 * space only goes on. */
static int fail(struct err *err, enum err_kind kind)
{
	char text[512], *line;

	snprintf(text, sizeof(text), "%s", vips_error_buffer());
	do {
		line = strrchr(text, '\n');
		line = line ? line + 1 : text;
		if (line > text && (!line[0] || line[0] == ' '))
			line[-1] = '\0';
	} while (line > text && (!line[0] || line[0] == ' '));
	vips_error_clear();
	if (!line[0])
		return err_set(err, kind, "the picture cannot be read");
	return err_set(err, kind, "the picture cannot be read (%.160s)", line);
}

/* --- the library -------------------------------------------------------------------------- */

/* libvips would load every module that it finds, ImageMagick and a PDF reader among them.  It is
 * told to find none, and given the one for HEIF. */
static void load_heif_module(void)
{
	char path[4096];
	Dl_info where;
	char *slash;

	if (!dladdr((void *)(uintptr_t)vips_init, &where) || !where.dli_fname)
		return;
	snprintf(path, sizeof(path), "%s", where.dli_fname);
	slash = strrchr(path, '/');
	if (!slash)
		return;
	snprintf(slash, sizeof(path) - (size_t)(slash - path), "/vips-modules-%d.%d/vips-heif.%s",
		vips_version(0), vips_version(1), G_MODULE_SUFFIX);
	/* Never closed: GObject types stay registered. */
	if (g_module_open(path, G_MODULE_BIND_LAZY) == NULL)
		vips_error_clear();
}

static void be_silent(
	const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data)
{
	(void)domain, (void)level, (void)message, (void)data;
}

int picture_library_init(struct err *err)
{
	setenv("VIPSHOME", "/nonexistent", 1);
	if (VIPS_INIT("pinhole-media"))
		return fail(err, ERR_FAILED);
	load_heif_module();
	vips_block_untrusted_set(TRUE);
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	vips_cache_set_max_mem(0);
	vips_cache_set_max_files(0);
	g_log_set_default_handler(be_silent, NULL);
	return 0;
}

/* --- opening ------------------------------------------------------------------------------ */

static const struct picture_loader *find_loader(const char *mime)
{
	for (size_t i = 0; i < ARRAY_LEN(loaders); i++)
		if (strcmp(loaders[i].mime, mime) == 0)
			return &loaders[i];
	return NULL;
}

static void copy_profile(const VipsImage *from, VipsImage *to)
{
	const void *profile;
	size_t len;

	if (vips_image_get_typeof(from, VIPS_META_ICC_NAME) &&
		!vips_image_get_blob(from, VIPS_META_ICC_NAME, &profile, &len))
		vips_image_set_blob_copy(to, VIPS_META_ICC_NAME, profile, len);
}

/* The HEIF loader's profile lives only as long as the image that it loaded, while libvips shares the
 * pointer with all that is made of it: so those get a copy of their own. */
static VipsImage *own_profile(VipsImage *loaded)
{
	VipsImage *copy = NULL;

	if (!vips_image_get_typeof(loaded, VIPS_META_ICC_NAME))
		return loaded;
	if (vips_copy(loaded, &copy, NULL) == 0)
		copy_profile(loaded, copy);
	g_object_unref(loaded);
	return copy;
}

/* Starts decoding at 1/shrink of the size (1.0: whole), where the loader can. */
static VipsImage *load(
	const struct picture *picture, double shrink, VipsFailOn fail_on, VipsAccess access)
{
	_cleanup_source_ VipsSource *source = NULL;
	VipsImage *image = NULL;
	int rc;

	if (picture->loader->scaling == SCALE_PIXELS)
		return vips_image_new_from_memory(picture->bytes, picture->len, (int)picture->width,
			(int)picture->height, 3, VIPS_FORMAT_UCHAR);
	source = vips_source_new_from_memory(picture->bytes, picture->len);
	if (!source)
		return NULL;
	if (picture->loader->scaling == SCALE_JPEG)
		rc = vips_call(picture->loader->operation, source, &image, "shrink", (int)shrink,
			"access", access, "fail_on", fail_on, NULL);
	else if (picture->loader->scaling == SCALE_WEBP)
		rc = vips_call(picture->loader->operation, source, &image, "scale", 1.0 / shrink,
			"access", access, "fail_on", fail_on, NULL);
	else
		rc = vips_call(picture->loader->operation, source, &image, "access", access,
			"fail_on", fail_on, NULL);
	return rc ? NULL : own_profile(image);
}

static int check_size(const struct picture *picture, uint64_t max_pixels, struct err *err)
{
	if (picture->width < 1 || picture->height < 1 || picture->width > MEDIA_DIMENSION_MAX ||
		picture->height > MEDIA_DIMENSION_MAX)
		return err_set(err, ERR_TOO_LARGE, "a picture of %u x %u pixels is out of range",
			picture->width, picture->height);
	if ((uint64_t)picture->width * picture->height > max_pixels)
		return err_set(err, ERR_TOO_LARGE,
			"%u x %u pixels are more than the limit of %llu million", picture->width,
			picture->height, (unsigned long long)(max_pixels / 1000000));
	return 0;
}

int picture_open(const void *bytes, size_t len, const char *mime, uint64_t max_pixels,
	struct picture *out, struct err *err)
{
	struct picture picture = {.loader = find_loader(mime), .bytes = bytes, .len = len};

	vips_error_clear(); /* loaders complain even when they succeed: that was another file's */
	if (!picture.loader)
		return err_set(err, ERR_UNSUPPORTED, "there is no decoder for %s", mime);
	if (strcmp(mime, "image/png") == 0 &&
		media_png_clean(bytes, len, &picture.cleaned, &picture.len, err))
		return -1;
	if (picture.cleaned)
		picture.bytes = picture.cleaned;
	picture.header = load(&picture, 1, VIPS_FAIL_ON_NONE, VIPS_ACCESS_SEQUENTIAL);
	if (!picture.header) {
		picture_close(&picture);
		return fail(err, ERR_DAMAGED);
	}
	picture.width = (uint32_t)vips_image_get_width(picture.header);
	picture.height = (uint32_t)vips_image_get_height(picture.header);
	picture.frames = (uint32_t)vips_image_get_n_pages(picture.header);
	picture.upright = picture.loader->upright;
	if (check_size(&picture, max_pixels, err)) {
		picture_close(&picture);
		return -1;
	}
	*out = picture;
	return 0;
}

int picture_open_rgb(
	const void *pixels, uint32_t width, uint32_t height, struct picture *out, struct err *err)
{
	struct picture picture = {.loader = &pixels_loader,
		.bytes = pixels,
		.len = (size_t)width * height * 3,
		.width = width,
		.height = height,
		.frames = 1,
		.upright = true};

	picture.header = load(&picture, 1, VIPS_FAIL_ON_NONE, VIPS_ACCESS_RANDOM);
	if (!picture.header)
		return fail(err, ERR_DAMAGED);
	*out = picture;
	return 0;
}

void picture_close(struct picture *picture)
{
	VIPS_UNREF(picture->header);
	mem_free_pointer(&picture->cleaned);
}

const void *picture_blob(const struct picture *picture, enum picture_blob which, size_t *len)
{
	static const char *const names[] = {[PICTURE_EXIF] = VIPS_META_EXIF_NAME,
		[PICTURE_XMP] = VIPS_META_XMP_NAME,
		[PICTURE_IPTC] = VIPS_META_IPTC_NAME,
		[PICTURE_ICC] = VIPS_META_ICC_NAME};
	const void *blob = NULL;
	char name[32];

	*len = 0;
	/* The HEIF loader numbers items of a MIME type, among which XMP is, instead. */
	for (int i = 0; which == PICTURE_XMP && i < 16; i++) {
		snprintf(name, sizeof(name), "heif-mime-%d", i);
		if (vips_image_get_typeof(picture->header, name) &&
			vips_image_get_blob(picture->header, name, &blob, len) == 0)
			return blob;
	}
	if (!vips_image_get_typeof(picture->header, names[which]) ||
		vips_image_get_blob(picture->header, names[which], &blob, len))
		return NULL;
	return blob;
}

/* --- geometry ----------------------------------------------------------------------------- */

struct size {
	uint32_t width, height;
};

/* How large the whole picture (upright, w x h) must be for this variant. */
static struct size fit_size(struct size upright, const struct media_wire_variant *spec)
{
	double x = (double)spec->width / upright.width, y = (double)spec->height / upright.height;
	double scale = spec->fit == MEDIA_FIT_COVER ? fmax(x, y) : fmin(1, fmin(x, y));
	double width = fmax(1, rint(upright.width * scale));
	double height = fmax(1, rint(upright.height * scale));

	if (spec->fit == MEDIA_FIT_CONTAIN)
		return (struct size){
			(uint32_t)fmin(width, spec->width), (uint32_t)fmin(height, spec->height)};
	return (struct size){(uint32_t)fmin(width, 1e6), (uint32_t)fmin(height, 1e6)};
}

/* The largest shrink of the decoder that still leaves at least `scale` of the size. */
static double choose_shrink(const struct picture *picture, double scale)
{
	if (picture->loader->scaling == SCALE_JPEG)
		for (int shrink = 8; shrink > 1; shrink /= 2)
			if (scale * shrink <= 1)
				return shrink;
	if (picture->loader->scaling == SCALE_WEBP && scale < 1)
		return fmax(1, 1 / scale);
	return 1;
}

/* --- steps of the pipeline: each replaces *image ------------------------------------------ */

static int swap_in(VipsImage **image, VipsImage *next)
{
	VIPS_UNREF(*image);
	*image = next;
	return 0;
}

/* Pixels at once, so that nothing refers to the decoder any more. */
static int settle(VipsImage **image)
{
	VipsImage *next = vips_image_copy_memory(*image);

	return next ? swap_in(image, next) : -1;
}

static void free_pixels(VipsImage *image, void *pixels)
{
	(void)image;
	free(pixels);
}

/* Scales through memory with our own code.  Only ICC of the metadata is still of use. */
static int resize_in_memory(VipsImage **image, struct size size)
{
	struct scale_size from = {(unsigned)(*image)->Xsize, (unsigned)(*image)->Ysize};
	struct scale_size to = {size.width, size.height};
	unsigned bands = (unsigned)(*image)->Bands;
	size_t len = (size_t)size.width * size.height * bands;
	_cleanup_free_ uint8_t *pixels = malloc(len);
	VipsImage *next;

	if (!pixels || settle(image) ||
		media_scale(vips_image_get_data(*image), from, bands, pixels, to))
		return -1;
	next = vips_image_new_from_memory(
		pixels, len, (int)size.width, (int)size.height, (int)bands, VIPS_FORMAT_UCHAR);
	if (!next)
		return -1;
	next->Type = (*image)->Type;
	copy_profile(*image, next);
	g_signal_connect(next, "postclose", G_CALLBACK(free_pixels), mem_steal(&pixels));
	return swap_in(image, next);
}

/* Ours is faster where pixels are few enough to be held; libvips streams the rest. */
static bool fits_memory(const VipsImage *image, struct size size)
{
	uint64_t in = (uint64_t)image->Xsize * (uint64_t)image->Ysize;
	uint64_t out = (uint64_t)size.width * size.height;

	return image->BandFmt == VIPS_FORMAT_UCHAR && (image->Bands == 1 || image->Bands == 3) &&
		(in <= 4 * out || in < 4000000);
}

static int resize_to(VipsImage **image, struct size size)
{
	VipsImage *next = NULL;

	if ((*image)->Xsize == (int)size.width && (*image)->Ysize == (int)size.height)
		return 0;
	if (fits_memory(*image, size))
		return resize_in_memory(image, size);
	if (vips_resize(*image, &next, (double)size.width / (*image)->Xsize, "vscale",
		    (double)size.height / (*image)->Ysize, NULL))
		return -1;
	return swap_in(image, next);
}

static int crop_to(VipsImage **image, int left, int top, struct size size)
{
	VipsImage *next = NULL;

	if (vips_extract_area(*image, &next, left, top, (int)size.width, (int)size.height, NULL))
		return -1;
	return swap_in(image, next);
}

/* Turns by EXIF's orientation: 2, 4, 5, 7 are mirrored as well. */
static int turn(VipsImage **image, int orientation)
{
	static const VipsAngle angles[] = {[3] = VIPS_ANGLE_D180,
		[4] = VIPS_ANGLE_D180,
		[5] = VIPS_ANGLE_D90,
		[6] = VIPS_ANGLE_D90,
		[7] = VIPS_ANGLE_D270,
		[8] = VIPS_ANGLE_D270};
	bool mirrored =
		orientation == 2 || orientation == 4 || orientation == 5 || orientation == 7;
	VipsImage *next = NULL;

	if (orientation > 2) {
		if (vips_rot(*image, &next, angles[orientation], NULL))
			return -1;
		swap_in(image, next);
	}
	if (!mirrored)
		return 0;
	next = NULL;
	if (vips_flip(*image, &next, VIPS_DIRECTION_HORIZONTAL, NULL))
		return -1;
	return swap_in(image, next);
}

static int flatten(VipsImage **image)
{
	VipsImage *next = NULL;
	double white = (*image)->BandFmt == VIPS_FORMAT_USHORT ? 65535 : 255;
	VipsArrayDouble *background;
	int rc;

	if (!vips_image_hasalpha(*image))
		return 0;
	background = vips_array_double_newv(1, white);
	rc = vips_flatten(*image, &next, "background", background, "max_alpha", white, NULL);
	vips_area_unref(VIPS_AREA(background));
	return rc ? -1 : swap_in(image, next);
}

static bool has_foreign_profile(const VipsImage *image)
{
	char description[128];
	const void *profile = NULL;
	size_t len = 0;

	if (!vips_image_get_typeof(image, VIPS_META_ICC_NAME) ||
		vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &len))
		return false;
	media_icc_describe(profile, len, description, sizeof(description));
	return !media_icc_is_srgb(description);
}

/* To 8 bits of sRGB, or gray.  A profile that cannot be used is as good as none. */
static int to_srgb(VipsImage **image)
{
	VipsImage *next = NULL;
	VipsInterpretation space = (*image)->Type;

	if (has_foreign_profile(*image)) {
		if (vips_icc_transform(*image, &next, "srgb", "embedded", TRUE, "intent",
			    VIPS_INTENT_RELATIVE, "black_point_compensation", TRUE, "depth", 8,
			    NULL) == 0)
			return swap_in(image, next);
		vips_error_clear();
		next = NULL;
	}
	if ((*image)->BandFmt == VIPS_FORMAT_UCHAR &&
		(space == VIPS_INTERPRETATION_sRGB || space == VIPS_INTERPRETATION_B_W))
		return 0;
	if (space == VIPS_INTERPRETATION_GREY16 || (*image)->Bands < 3)
		space = VIPS_INTERPRETATION_B_W;
	else
		space = VIPS_INTERPRETATION_sRGB;
	if (vips_colourspace(*image, &next, space, NULL))
		return -1;
	swap_in(image, next);
	next = NULL;
	if (vips_cast_uchar(*image, &next, NULL))
		return -1;
	return swap_in(image, next);
}

/* --- variants ----------------------------------------------------------------------------- */

/* Decodes the whole picture at (about) `size`, its stored orientation, flattened, sRGB. */
static VipsImage *decode(const struct picture *picture, struct size size, VipsFailOn fail_on)
{
	double scale =
		fmax((double)size.width / picture->width, (double)size.height / picture->height);
	_cleanup_image_ VipsImage *image =
		load(picture, choose_shrink(picture, scale), fail_on, VIPS_ACCESS_SEQUENTIAL);

	if (!image || flatten(&image) || resize_to(&image, size) || to_srgb(&image) ||
		settle(&image))
		return NULL;
	return mem_steal(&image);
}

/* Cuts the box's shape out of the middle and scales it; `image` is upright and large enough. */
static VipsImage *make_variant(VipsImage *image, const struct media_wire_variant *spec)
{
	_cleanup_image_ VipsImage *variant = image;
	struct size whole = {(uint32_t)image->Xsize, (uint32_t)image->Ysize}, part = whole;

	g_object_ref(image);
	if (spec->fit == MEDIA_FIT_CONTAIN)
		return resize_to(&variant, fit_size(whole, spec)) ? NULL : mem_steal(&variant);
	if ((uint64_t)whole.width * spec->height > (uint64_t)whole.height * spec->width)
		part.width =
			(uint32_t)fmax(1, rint((double)whole.height * spec->width / spec->height));
	else
		part.height =
			(uint32_t)fmax(1, rint((double)whole.width * spec->height / spec->width));
	if (crop_to(&variant, (int)(whole.width - part.width) / 2,
		    (int)(whole.height - part.height) / 2, part) ||
		resize_to(&variant, (struct size){spec->width, spec->height}))
		return NULL;
	return mem_steal(&variant);
}

static int encode(
	VipsImage *image, const struct media_wire_variant *spec, void **bytes, size_t *len)
{
	int quality = (int)spec->quality;

	if (spec->format == MEDIA_PNG)
		return vips_pngsave_buffer(image, bytes, len, "strip", TRUE, NULL);
	if (spec->format == MEDIA_WEBP)
		return vips_webpsave_buffer(
			image, bytes, len, "Q", quality, "strip", TRUE, "effort", 2, NULL);
	return vips_jpegsave_buffer(image, bytes, len, "Q", quality, "strip", TRUE, NULL);
}

static int write_variant(VipsImage *image, const struct picture_output *output,
	struct media_wire_made *made, struct err *err)
{
	_cleanup_image_ VipsImage *variant = make_variant(image, &output->spec);
	void *bytes = NULL;
	size_t len = 0;
	int rc;

	if (!variant || encode(variant, &output->spec, &bytes, &len))
		return fail(err, ERR_FAILED);
	if (output->spec.format == MEDIA_WEBP && !(len = media_webp_strip(bytes, len))) {
		g_free(bytes);
		return err_set(err, ERR_FAILED, "the encoder made no WebP file");
	}
	rc = path_write_all(output->fd, bytes, len, err);
	g_free(bytes);
	if (rc)
		return -1;
	*made = (struct media_wire_made){.made = 1,
		.width = (uint32_t)variant->Xsize,
		.height = (uint32_t)variant->Ysize,
		.bytes = len};
	return 0;
}

/* Small enough to be hashed: first by whole steps, which is quick and good enough here. */
static VipsImage *shrink_for_hash(VipsImage *image)
{
	static const struct media_wire_variant box = {
		.width = 96, .height = 96, .fit = MEDIA_FIT_CONTAIN};
	int steps = (image->Xsize > image->Ysize ? image->Xsize : image->Ysize) / 192;
	_cleanup_image_ VipsImage *coarse = NULL;

	if (steps < 2)
		return make_variant(image, &box);
	if (vips_shrink(image, &coarse, steps, steps, NULL))
		return NULL;
	return make_variant(coarse, &box);
}

/* A placeholder of the whole picture; without one the picture is no worse, so errors are dropped. */
static void make_thumbhash(VipsImage *image, char out[64])
{
	_cleanup_image_ VipsImage *small = shrink_for_hash(image);
	uint8_t rgba[THUMBHASH_SIDE_MAX * THUMBHASH_SIDE_MAX * 4], hash[THUMBHASH_BYTES_MAX];
	gchar *text;
	size_t n, bands;
	const VipsPel *pel;

	out[0] = '\0';
	if (!small || settle(&small)) {
		vips_error_clear();
		return;
	}
	bands = (size_t)small->Bands;
	pel = vips_image_get_data(small);
	n = (size_t)small->Xsize * (size_t)small->Ysize;
	for (size_t i = 0; i < n; i++, pel += bands) {
		for (size_t c = 0; c < 3; c++)
			rgba[4 * i + c] = pel[bands < 3 ? 0 : c];
		rgba[4 * i + 3] = 255;
	}
	n = thumbhash_encode(rgba, (unsigned)small->Xsize, (unsigned)small->Ysize, hash);
	text = g_base64_encode(hash, n);
	snprintf(out, 64, "%s", text);
	g_free(text);
}

/* The orientation that follows from EXIF's and the user's turns. */
static int combine(int orientation, unsigned turns)
{
	/* clockwise[o] = orientation o turned by 90 degrees more */
	static const int clockwise[] = {0, 6, 7, 8, 5, 2, 3, 4, 1};

	if (orientation < 1 || orientation > 8)
		orientation = 1;
	for (unsigned i = 0; i < turns % 4; i++)
		orientation = clockwise[orientation];
	return orientation;
}

/* All outputs at one strictness; -1 with err when the picture does not bear it. */
static int render_all(const struct picture *picture, int orientation, VipsFailOn fail_on,
	const struct picture_output *outputs, size_t count, struct media_wire_made *made,
	char thumbhash[64], struct err *err)
{
	bool sideways = orientation >= 5;
	struct size upright = {sideways ? picture->height : picture->width,
		sideways ? picture->width : picture->height};
	struct size want = {1, 1};
	_cleanup_image_ VipsImage *base = NULL;

	for (size_t i = 0; i < count; i++) {
		struct size size = fit_size(upright, &outputs[i].spec);

		if (size.width > want.width)
			want = size;
	}
	if (want.width > upright.width || want.height > upright.height)
		want = upright; /* enlarging is left to the variant */
	base = decode(picture, sideways ? (struct size){want.height, want.width} : want, fail_on);
	if (!base || turn(&base, orientation) || (orientation > 1 && settle(&base)))
		return fail(err, ERR_DAMAGED);
	for (size_t i = 0; i < count; i++)
		if (write_variant(base, &outputs[i], &made[i], err))
			return -1;
	make_thumbhash(base, thumbhash);
	return 0;
}

int picture_render(const struct picture *picture, int orientation, unsigned turns,
	const struct picture_output *outputs, size_t count, struct media_wire_made *made,
	char thumbhash[64], struct err *err)
{
	int o = combine(picture->upright ? 1 : orientation, turns);
	struct err first = ERR_INIT;

	if (!count)
		return 0;
	if (render_all(picture, o, VIPS_FAIL_ON_ERROR, outputs, count, made, thumbhash, &first) ==
		0)
		return 0;
	if (first.kind != ERR_DAMAGED)
		return err_set(err, first.kind, "%s", first.message);
	vips_error_clear();
	return render_all(picture, o, VIPS_FAIL_ON_NONE, outputs, count, made, thumbhash, err) ?
		-1 :
		1;
}
