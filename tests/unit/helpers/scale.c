/* scale.c - the resampler keeps plain areas, edges and gradients what they are. */
#include "media_scale.h"
#include "tap.h"

#include "base/mem.h"

#include <math.h>

static int worst_of(const uint8_t *pixels, size_t count, int want)
{
	int worst = 0;

	for (size_t i = 0; i < count; i++)
		worst = abs(pixels[i] - want) > worst ? abs(pixels[i] - want) : worst;
	return worst;
}

static void test_plain(struct scale_size from, struct scale_size to, unsigned bands, int value)
{
	size_t in_len = (size_t)from.width * from.height * bands;
	size_t out_len = (size_t)to.width * to.height * bands;
	uint8_t *in = malloc(in_len), *out = malloc(out_len);

	memset(in, value, in_len);
	is_int(media_scale(in, from, bands, out, to), 0, "%ux%u to %ux%u, %u bands", from.width,
		from.height, to.width, to.height, bands);
	is_int(worst_of(out, out_len, value), 0, "plain %d stays", value);
	free(in);
	free(out);
}

/* A diagonal ramp keeps its values where they were. */
static void test_ramp(unsigned bands)
{
	const struct scale_size from = {400, 300}, to = {160, 120};
	uint8_t *in = malloc((size_t)from.width * from.height * bands);
	uint8_t *out = malloc((size_t)to.width * to.height * bands);
	double worst = 0;

	for (unsigned y = 0; y < from.height; y++)
		for (unsigned x = 0; x < from.width; x++)
			for (unsigned c = 0; c < bands; c++)
				in[(y * from.width + x) * bands + c] =
					(uint8_t)((x + y) / 3 + c * 5);
	is_int(media_scale(in, from, bands, out, to), 0, "a ramp of %u bands", bands);
	for (unsigned y = 5; y < to.height - 5; y++)
		for (unsigned x = 5; x < to.width - 5; x++)
			for (unsigned c = 0; c < bands; c++) {
				double want = ((x + 0.5) * 2.5 + (y + 0.5) * 2.5 - 1) / 3 + c * 5;

				worst = fmax(
					worst, fabs(out[(y * to.width + x) * bands + c] - want));
			}
	ok(worst < 1.5, "stays one, without a shift (off by %.2f)", worst);
	free(in);
	free(out);
}

static void test_edge(void)
{
	const struct scale_size from = {100, 4}, to = {50, 2};
	uint8_t in[100 * 4 * 3], out[50 * 2 * 3];

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = i / 3 % 100 < 50 ? 0 : 255;
	is_int(media_scale(in, from, 3, out, to), 0, "an edge");
	is_int(out[10 * 3], 0, "dark on the left, nothing below zero wraps");
	is_int(out[40 * 3], 255, "bright on the right, nothing above 255 wraps");
	ok(out[24 * 3] < 60 && out[25 * 3] > 195, "and the edge in the middle is sharp");
}

int main(void)
{
	static const struct scale_size sizes[] = {{1, 1}, {2, 3}, {7, 5}, {33, 17}, {320, 200}};

	for (size_t i = 0; i < 5; i++)
		for (size_t j = 0; j < 5; j++) {
			test_plain(sizes[i], sizes[j], 3, 255);
			test_plain(sizes[i], sizes[j], 1, 17);
		}
	test_ramp(1);
	test_ramp(3);
	test_edge();
	return tap_done();
}
