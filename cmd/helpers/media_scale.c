/* media_scale.c - separable Lanczos resampling, written so that compilers vectorize it.
 *
 * It knows no colours: bytes are weighed as they are.  Every output pixel is a weighted mean whose
 * weights add up to one, so a plain area keeps its exact value.
 *
 * Each output row is first summed from the input rows that it covers (long runs of bytes, one
 * weight each), then its pixels from the neighbours in that row.  libvips does the second step for
 * one byte at a time; this takes the three of a pixel at once.
 */
#include "media_scale.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

#define LOBES 3
#define BLOCK 32 /* bytes of a row summed at a time: fits in registers */

/* For each output position, where its inputs begin and what each weighs. */
struct weights {
	unsigned taps;   /* per output */
	unsigned *first; /* owned */
	float *weights;  /* owned, taps per output */
};

static void weights_release(struct weights *w)
{
	mem_free_pointer(&w->first);
	mem_free_pointer(&w->weights);
}

static double lanczos(double x)
{
	x = fabs(x);
	if (x < 1e-9)
		return 1;
	if (x >= LOBES)
		return 0;
	return LOBES * sin(M_PI * x) * sin(M_PI * x / LOBES) / (M_PI * M_PI * x * x);
}

/* The weights of one output; inputs outside the picture fall to its edge. */
static void fill_one(struct weights *w, unsigned index, double center, double scale, unsigned from)
{
	float *weights = w->weights + (size_t)index * w->taps;
	double sum = 0;
	long start = lrint(ceil(center - w->taps / 2.0)), last = (long)from - 1;
	long first = start < 0 ? 0 : start;

	if (first > (long)from - (long)w->taps)
		first = (long)from - (long)w->taps;
	memset(weights, 0, w->taps * sizeof(*weights));
	for (long i = start; i < start + (long)w->taps; i++)
		sum += lanczos(((double)i - center) / scale);
	for (long i = start; i < start + (long)w->taps; i++) {
		long at = i < 0 ? 0 : i > last ? last : i;

		weights[at - first] += (float)(lanczos(((double)i - center) / scale) / sum);
	}
	w->first[index] = (unsigned)first;
}

static int weights_init(struct weights *w, unsigned from, unsigned to)
{
	double ratio = (double)from / to, scale = ratio > 1 ? ratio : 1;

	w->taps = 2 * (unsigned)ceil(LOBES * scale);
	if (w->taps > from)
		w->taps = from;
	w->first = mem_calloc(to, sizeof(*w->first));
	w->weights = mem_calloc((size_t)to * w->taps, sizeof(*w->weights));
	if (!w->first || !w->weights)
		return -1;
	for (unsigned i = 0; i < to; i++)
		fill_one(w, i, (i + 0.5) * ratio - 0.5, scale, from);
	return 0;
}

/* --- the two steps: bodies that are compiled once for any machine and once for AVX2 ------------ */

#define BODY static inline __attribute__((always_inline)) void

/* out[i] = sum over k of weights[k] * in[k * stride + i] */
BODY sum_rows(const uint8_t *in, size_t stride, const float *weights, unsigned taps, float *out,
	size_t len)
{
	size_t at = 0;

	for (; at + BLOCK <= len; at += BLOCK) {
		float sums[BLOCK] = {0};

		for (unsigned k = 0; k < taps; k++)
			for (size_t i = 0; i < BLOCK; i++)
				sums[i] += weights[k] * (float)in[k * stride + at + i];
		memcpy(out + at, sums, sizeof(sums));
	}
	for (; at < len; at++) {
		float sum = 0;

		for (unsigned k = 0; k < taps; k++)
			sum += weights[k] * (float)in[k * stride + at];
		out[at] = sum;
	}
}

typedef float four __attribute__((vector_size(16)));

static inline uint8_t to_byte(float value)
{
	return (uint8_t)(value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5F);
}

/* Pixels of three bands; a load takes one float more than the pixel has, so `row` is padded. */
BODY sum_pixels(const float *row, const struct weights *w, uint8_t *out, unsigned count)
{
	for (unsigned x = 0; x < count; x++, out += 3) {
		const float *in = row + (size_t)w->first[x] * 3;
		const float *weights = w->weights + (size_t)x * w->taps;
		four sum = {0}, pixel;

		for (unsigned k = 0; k < w->taps; k++) {
			memcpy(&pixel, in + (size_t)k * 3, sizeof(pixel));
			sum += pixel * weights[k];
		}
		out[0] = to_byte(sum[0]);
		out[1] = to_byte(sum[1]);
		out[2] = to_byte(sum[2]);
	}
}

static void sum_rows_plain(const uint8_t *in, size_t stride, const float *weights, unsigned taps,
	float *out, size_t len)
{
	sum_rows(in, stride, weights, taps, out, len);
}

static void sum_pixels_plain(
	const float *row, const struct weights *w, uint8_t *out, unsigned count)
{
	sum_pixels(row, w, out, count);
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void sum_rows_avx2(const uint8_t *in, size_t stride,
	const float *weights, unsigned taps, float *out, size_t len)
{
	sum_rows(in, stride, weights, taps, out, len);
}

__attribute__((target("avx2,fma"))) static void sum_pixels_avx2(
	const float *row, const struct weights *w, uint8_t *out, unsigned count)
{
	sum_pixels(row, w, out, count);
}

static int has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#else
#define sum_rows_avx2   sum_rows_plain
#define sum_pixels_avx2 sum_pixels_plain
static int has_avx2(void)
{
	return 0;
}
#endif

static void sum_gray(const float *row, const struct weights *w, uint8_t *out, unsigned count)
{
	for (unsigned x = 0; x < count; x++) {
		const float *weights = w->weights + (size_t)x * w->taps;
		float sum = 0;

		for (unsigned k = 0; k < w->taps; k++)
			sum += weights[k] * row[w->first[x] + k];
		out[x] = to_byte(sum);
	}
}

int media_scale(const uint8_t *in, struct scale_size from, unsigned bands, uint8_t *out,
	struct scale_size to)
{
	_cleanup_(weights_release) struct weights across = {0};
	_cleanup_(weights_release) struct weights down = {0};
	size_t stride = (size_t)from.width * bands;
	_cleanup_free_ float *row = mem_calloc(stride + 4, sizeof(*row));
	int fast = has_avx2();

	if (!row || weights_init(&across, from.width, to.width) ||
		weights_init(&down, from.height, to.height))
		return -1;
	for (unsigned y = 0; y < to.height; y++, out += (size_t)to.width * bands) {
		const uint8_t *rows = in + (size_t)down.first[y] * stride;
		const float *weights = down.weights + (size_t)y * down.taps;

		(fast ? sum_rows_avx2 : sum_rows_plain)(
			rows, stride, weights, down.taps, row, stride);
		if (bands == 1)
			sum_gray(row, &across, out, to.width);
		else
			(fast ? sum_pixels_avx2 : sum_pixels_plain)(row, &across, out, to.width);
	}
	return 0;
}
