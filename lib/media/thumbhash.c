/* thumbhash.c - the ThumbHash decoder; see thumbhash.h.
 *
 * Layout: 24 bits, lowest first: L mean 6, P mean 6, Q mean 6, L scale 5, has alpha 1; 16 bits: the
 * number of L terms along the shorter side 3, P scale 6, Q scale 6, landscape 1; with alpha a byte:
 * A mean 4, A scale 4; then the cosine terms of L, P, Q, A, 4 bits each, low half first.  L is luminance, P
 * yellow minus blue, Q red minus green.  Invariant: no byte beyond `len` is read.
 */
#include "media/thumbhash.h"

#include <math.h>
#include <stdbool.h>

#define TERMS_SIDE   7 /* the most terms along one side */
#define HEADER_LEN   5
#define COLOUR_TERMS 3
#define ALPHA_TERMS  5
#define VIVID        1.25 /* colours lose strength in 4 bits; the format's own remedy */

struct plane {
	double mean, scale;
	unsigned nx, ny;
	double terms[TERMS_SIDE][TERMS_SIDE]; /* [y][x], already scaled; 0 outside the triangle */
};

struct spectrum {
	struct plane l, p, q, a;
	bool alpha;
};

struct nibbles {
	const uint8_t *bytes;
	size_t count, at;
};

static unsigned bits(uint32_t word, unsigned from, unsigned count)
{
	return (word >> from) & ((1u << count) - 1);
}

/* -1 when the hash is too short. */
static int read_plane(struct nibbles *in, struct plane *plane)
{
	for (unsigned y = 0; y < plane->ny; y++)
		for (unsigned x = y ? 0 : 1; x * plane->ny < plane->nx * (plane->ny - y); x++) {
			unsigned nibble;

			if (in->at >= in->count)
				return -1;
			nibble = in->bytes[in->at / 2] >> (in->at % 2 * 4) & 15;
			in->at++;
			plane->terms[y][x] = (nibble / 7.5 - 1) * plane->scale;
		}
	return 0;
}

static int parse(const uint8_t *hash, size_t len, struct spectrum *s)
{
	uint32_t head, tail;
	unsigned limit, shorter;
	struct nibbles in;
	size_t start;
	bool landscape;

	if (len < HEADER_LEN || len > THUMBHASH_LEN_MAX)
		return -1;
	head = hash[0] | (uint32_t)hash[1] << 8 | (uint32_t)hash[2] << 16;
	tail = hash[3] | (uint32_t)hash[4] << 8;
	s->alpha = bits(head, 23, 1) != 0;
	landscape = bits(tail, 15, 1) != 0;
	start = HEADER_LEN + s->alpha;
	if (len < start)
		return -1;
	limit = s->alpha ? 5 : 7;
	shorter = bits(tail, 0, 3) > 3 ? bits(tail, 0, 3) : 3;
	s->l = (struct plane){.mean = bits(head, 0, 6) / 63.0,
		.scale = bits(head, 18, 5) / 31.0,
		.nx = landscape ? limit : shorter,
		.ny = landscape ? shorter : limit};
	s->p = (struct plane){.mean = bits(head, 6, 6) / 31.5 - 1,
		.scale = bits(tail, 3, 6) / 63.0 * VIVID,
		.nx = COLOUR_TERMS,
		.ny = COLOUR_TERMS};
	s->q = (struct plane){.mean = bits(head, 12, 6) / 31.5 - 1,
		.scale = bits(tail, 9, 6) / 63.0 * VIVID,
		.nx = COLOUR_TERMS,
		.ny = COLOUR_TERMS};
	if (s->alpha)
		s->a = (struct plane){.mean = (hash[5] & 15) / 15.0,
			.scale = (hash[5] >> 4) / 15.0,
			.nx = ALPHA_TERMS,
			.ny = ALPHA_TERMS};
	in = (struct nibbles){.bytes = hash + start, .count = 2 * (len - start)};
	return read_plane(&in, &s->l) || read_plane(&in, &s->p) || read_plane(&in, &s->q) ||
			(s->alpha && read_plane(&in, &s->a)) ?
		-1 :
		0;
}

static double value(const struct plane *plane, const double *cos_x, const double *cos_y)
{
	double sum = plane->mean;

	for (unsigned y = 0; y < plane->ny; y++)
		for (unsigned x = 0; x < plane->nx; x++)
			sum += 2 * plane->terms[y][x] * cos_x[x] * cos_y[y];
	return sum;
}

static uint8_t to_byte(double light)
{
	return (uint8_t)(fmin(1, fmax(0, light)) * 255 + 0.5);
}

static void fill_cosines(double *out, double place)
{
	for (unsigned k = 0; k < TERMS_SIDE; k++)
		out[k] = cos(M_PI * k * place);
}

static void paint_pixel(
	const struct spectrum *s, const double *cos_x, const double *cos_y, uint8_t rgb[3])
{
	double l = value(&s->l, cos_x, cos_y), p = value(&s->p, cos_x, cos_y);
	double q = value(&s->q, cos_x, cos_y);
	double a = s->alpha ? fmin(1, fmax(0, value(&s->a, cos_x, cos_y))) : 1;
	double blue = l - 2.0 / 3 * p, red = (3 * l - blue + q) / 2, green = red - q;

	rgb[0] = to_byte(red * a);
	rgb[1] = to_byte(green * a);
	rgb[2] = to_byte(blue * a);
}

int thumbhash_paint(const uint8_t *hash, size_t len, unsigned width, unsigned height,
	struct thumbhash_picture *out, struct err *err)
{
	struct spectrum s = {.alpha = false};
	double cos_x[TERMS_SIDE], cos_y[TERMS_SIDE];

	if (!width || !height || width > THUMBHASH_PAINT_MAX || height > THUMBHASH_PAINT_MAX)
		return err_set(err, ERR_INVALID, "a thumbnail cannot be painted at %u x %u", width,
			height);
	if (parse(hash, len, &s))
		return err_set(err, ERR_INVALID, "these bytes are no ThumbHash");
	for (unsigned y = 0; y < height; y++) {
		fill_cosines(cos_y, (y + 0.5) / height);
		for (unsigned x = 0; x < width; x++) {
			fill_cosines(cos_x, (x + 0.5) / width);
			paint_pixel(&s, cos_x, cos_y, out->rgb[y * width + x]);
		}
	}
	out->width = width;
	out->height = height;
	return 0;
}
