/* media_thumbhash.c - the ThumbHash encoder; see media_thumbhash.h.
 *
 * It needs no picture library.  Output length depends only on the aspect ratio and on whether any
 * pixel is transparent.
 *
 * Layout: 24 bits: L mean 6, P mean 6, Q mean 6, L scale 5, has-alpha 1; 16 bits: the number of L
 * terms along the shorter side 3, P scale 6, Q scale 6, landscape 1; with alpha a byte: A mean 4,
 * A scale 4; then the terms of L, P, Q, A in 4 bits each, low half first.
 */
#include "media_thumbhash.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define PIXELS_MAX (THUMBHASH_SIDE_MAX * THUMBHASH_SIDE_MAX)
#define TERMS_SIDE 7 /* the most terms along one side */
#define TERMS_MAX  (TERMS_SIDE * TERMS_SIDE)

/* L luminance, P yellow minus blue, Q red minus green, A opacity. */
enum plane { PLANE_L, PLANE_P, PLANE_Q, PLANE_A, PLANE_COUNT };

struct spectrum {
	double mean, scale;      /* scale: the largest term */
	double terms[TERMS_MAX]; /* divided by scale, -1..1 */
	size_t count;
};

struct planes {
	unsigned width, height;
	bool alpha;
	double cos_x[TERMS_SIDE][THUMBHASH_SIDE_MAX];
	double cos_y[TERMS_SIDE][THUMBHASH_SIDE_MAX];
	float of[PLANE_COUNT][PIXELS_MAX];
};

static void fill_cosines(struct planes *planes)
{
	for (unsigned k = 0; k < TERMS_SIDE; k++) {
		for (unsigned x = 0; x < planes->width; x++)
			planes->cos_x[k][x] = cos(M_PI / planes->width * k * (x + 0.5));
		for (unsigned y = 0; y < planes->height; y++)
			planes->cos_y[k][y] = cos(M_PI / planes->height * k * (y + 0.5));
	}
}

/* Puts the picture on a ground of its own mean colour and takes it apart into planes. */
static void fill_planes(struct planes *planes, const uint8_t *rgba)
{
	size_t pixels = (size_t)planes->width * planes->height;
	double mean[3] = {0}, opacity = 0;

	for (size_t i = 0; i < pixels; i++) {
		double a = rgba[4 * i + 3] / 255.0;

		for (size_t c = 0; c < 3; c++)
			mean[c] += a * rgba[4 * i + c] / 255.0;
		opacity += a;
	}
	for (size_t c = 0; opacity > 0 && c < 3; c++)
		mean[c] /= opacity;
	planes->alpha = opacity < (double)pixels;
	for (size_t i = 0; i < pixels; i++) {
		double a = rgba[4 * i + 3] / 255.0, v[3];

		for (size_t c = 0; c < 3; c++)
			v[c] = mean[c] * (1 - a) + a * rgba[4 * i + c] / 255.0;
		planes->of[PLANE_L][i] = (float)((v[0] + v[1] + v[2]) / 3);
		planes->of[PLANE_P][i] = (float)((v[0] + v[1]) / 2 - v[2]);
		planes->of[PLANE_Q][i] = (float)(v[0] - v[1]);
		planes->of[PLANE_A][i] = (float)a;
	}
}

/* The mean over the plane times one pair of cosines. */
static double project(const struct planes *planes, enum plane plane, unsigned kx, unsigned ky)
{
	const float *row = planes->of[plane];
	double sum = 0;

	for (unsigned y = 0; y < planes->height; y++, row += planes->width) {
		double line = 0;

		for (unsigned x = 0; x < planes->width; x++)
			line += (double)row[x] * planes->cos_x[kx][x];
		sum += line * planes->cos_y[ky][y];
	}
	return sum / ((double)planes->width * planes->height);
}

/* The terms of a triangle of nx x ny frequencies, row by row. */
static void analyse(const struct planes *planes, enum plane plane, unsigned nx, unsigned ny,
	struct spectrum *out)
{
	*out = (struct spectrum){.mean = project(planes, plane, 0, 0)};
	for (unsigned ky = 0; ky < ny; ky++) {
		for (unsigned kx = ky ? 0 : 1; kx * ny < nx * (ny - ky); kx++) {
			double term = project(planes, plane, kx, ky);

			out->terms[out->count++] = term;
			out->scale = fmax(out->scale, fabs(term));
		}
	}
	for (size_t i = 0; out->scale > 0 && i < out->count; i++)
		out->terms[i] /= out->scale;
}

static uint32_t quantize(double value, double steps)
{
	return (uint32_t)fmin(steps, fmax(0, floor(value * steps + 0.5)));
}

static size_t put_terms(const struct spectrum *spectrum, uint8_t *bytes, size_t at)
{
	for (size_t i = 0; i < spectrum->count; i++, at++) {
		double half = spectrum->scale > 0 ? 0.5 + 0.5 * spectrum->terms[i] : 0;

		bytes[at / 2] |= (uint8_t)(quantize(half, 15) << (at % 2 * 4));
	}
	return at;
}

/* How many L terms a side gets: `limit` for the longer one. */
static unsigned side_terms(unsigned limit, unsigned side, unsigned longer)
{
	unsigned n = (2 * limit * side + longer) / (2 * longer);

	return n ? n : 1;
}

size_t thumbhash_encode(
	const uint8_t *rgba, unsigned width, unsigned height, uint8_t out[THUMBHASH_BYTES_MAX])
{
	static struct planes planes; /* 180 kB: too much for a stack; one thread hashes */
	struct spectrum l, p, q, a = {0};
	unsigned longer = width > height ? width : height, lx, ly, limit;
	uint32_t head, tail;
	size_t start, nibbles;

	if (!width || !height || longer > THUMBHASH_SIDE_MAX)
		return 0;
	planes.width = width;
	planes.height = height;
	fill_cosines(&planes);
	fill_planes(&planes, rgba);
	limit = planes.alpha ? 5 : 7;
	lx = side_terms(limit, width, longer);
	ly = side_terms(limit, height, longer);
	analyse(&planes, PLANE_L, lx > 3 ? lx : 3, ly > 3 ? ly : 3, &l);
	analyse(&planes, PLANE_P, 3, 3, &p);
	analyse(&planes, PLANE_Q, 3, 3, &q);
	if (planes.alpha)
		analyse(&planes, PLANE_A, 5, 5, &a);
	head = quantize(l.mean, 63) | quantize(0.5 + 0.5 * p.mean, 63) << 6 |
		quantize(0.5 + 0.5 * q.mean, 63) << 12 | quantize(l.scale, 31) << 18 |
		(uint32_t)planes.alpha << 23;
	tail = (width > height ? ly : lx) | quantize(p.scale, 63) << 3 |
		quantize(q.scale, 63) << 9 | (uint32_t)(width > height) << 15;
	memset(out, 0, THUMBHASH_BYTES_MAX);
	out[0] = (uint8_t)head;
	out[1] = (uint8_t)(head >> 8);
	out[2] = (uint8_t)(head >> 16);
	out[3] = (uint8_t)tail;
	out[4] = (uint8_t)(tail >> 8);
	if (planes.alpha)
		out[5] = (uint8_t)(quantize(a.mean, 15) | quantize(a.scale, 15) << 4);
	start = planes.alpha ? 6 : 5;
	nibbles = put_terms(&l, out + start, 0);
	nibbles = put_terms(&p, out + start, nibbles);
	nibbles = put_terms(&q, out + start, nibbles);
	nibbles = put_terms(&a, out + start, nibbles);
	return start + (nibbles + 1) / 2;
}
