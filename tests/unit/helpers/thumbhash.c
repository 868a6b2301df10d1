/* thumbhash.c - our hashes are those of the format's reference encoder (its JavaScript, run over the
 * same pixels by hand; only its results are here). */
#include "media_thumbhash.h"
#include "tap.h"

#include "base/str.h"

typedef unsigned char pixel_of(unsigned x, unsigned y, unsigned band);

static unsigned char ramps(unsigned x, unsigned y, unsigned c)
{
	const unsigned v[] = {x * 8, y * 8, x * y, 255};

	return (unsigned char)v[c];
}

static unsigned char waves(unsigned x, unsigned y, unsigned c)
{
	const unsigned v[] = {x * x, y * 3, x * y, 255};

	return (unsigned char)v[c];
}

static unsigned char tall(unsigned x, unsigned y, unsigned c)
{
	const unsigned v[] = {x * 8, y * 4, 128, 255};

	return (unsigned char)v[c];
}

static unsigned char see_through(unsigned x, unsigned y, unsigned c)
{
	const unsigned v[] = {200, x * 6, y * 8, x * 13 + y * 7};

	return (unsigned char)v[c];
}

static unsigned char quarters(unsigned x, unsigned y, unsigned c)
{
	const unsigned v[] = {x < 50 ? 255 : 0, y < 5 ? 255 : 0, 0, 255};

	return (unsigned char)v[c];
}

static const struct {
	unsigned width, height;
	pixel_of *pixel;
	const char *hash;
} rows[] = {
	{32, 32, ramps, "9d080e1f1a60767770888886886788777887171ffb708f08"},
	{100, 75, waves, "9cf7092d966665577077777777677777788069f687"},
	{30, 60, tall, "9ef7093418700787788787787878707007f788"},
	{40, 30, see_through, "64a986348c1770a88098887838f7878f7797b7737480847708"},
	{100, 10, quarters, "d50b0e51a88f85898f7888878f7ff70788"},
};

/* Half steps of 4 bits may round either way between float and double: each nibble may differ by 1. */
static int nibble_distance(const char *a, const char *b)
{
	int worst = strlen(a) == strlen(b) ? 0 : 99;

	for (size_t i = 0; worst < 99 && a[i]; i++) {
		char x[2] = {a[i]}, y[2] = {b[i]};
		int d = abs((int)strtol(x, NULL, 16) - (int)strtol(y, NULL, 16));

		worst = d > worst ? d : worst;
	}
	return worst;
}

int main(void)
{
	static uint8_t rgba[THUMBHASH_SIDE_MAX * THUMBHASH_SIDE_MAX * 4];
	uint8_t hash[THUMBHASH_BYTES_MAX];
	char hex[2 * THUMBHASH_BYTES_MAX + 1];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t at = 0, n;

		for (unsigned y = 0; y < rows[i].height; y++)
			for (unsigned x = 0; x < rows[i].width; x++)
				for (unsigned c = 0; c < 4; c++)
					rgba[at++] = rows[i].pixel(x, y, c);
		n = thumbhash_encode(rgba, rows[i].width, rows[i].height, hash);
		hex_encode(hash, n, hex);
		if (!ok(nibble_distance(hex, rows[i].hash) <= 1, "%ux%u", rows[i].width,
			    rows[i].height))
			printf("#   got:  %s\n#   want: %s\n", hex, rows[i].hash);
	}
	memset(rgba, 0, sizeof(rgba));
	is_int(thumbhash_encode(rgba, 8, 8, hash), 25, "all transparent is no division by zero");
	is_int(thumbhash_encode(rgba, 101, 8, hash), 0, "too wide is refused");
	is_int(thumbhash_encode(rgba, 0, 8, hash), 0, "so is nothing");
	return tap_done();
}
