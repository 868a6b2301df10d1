/* thumbhash.c - painting ThumbHashes: plain colours, gradients, and bytes that are none. */
#include "tap.h"
#include "media/thumbhash.h"

#include <string.h>

static struct err err;
static struct thumbhash_picture picture;

/* A header without colour: L mean 0..63, L scale 0..31; landscape with 3 terms along its side, so that
 * 14 L terms of 7 x 3, and 5 + 5 of P and Q follow. */
static size_t gray(uint8_t hash[THUMBHASH_LEN_MAX], unsigned mean, unsigned scale)
{
	uint32_t head = mean | 32u << 6 | 32u << 12 | scale << 18;

	memset(hash, 0x88, THUMBHASH_LEN_MAX);
	hash[0] = (uint8_t)head;
	hash[1] = (uint8_t)(head >> 8);
	hash[2] = (uint8_t)(head >> 16);
	hash[3] = 3;
	hash[4] = 0x80;
	return 5 + 12;
}

static const uint8_t *at(unsigned x, unsigned y)
{
	return picture.rgb[y * picture.width + x];
}

static void test_plain(void)
{
	uint8_t hash[THUMBHASH_LEN_MAX];
	size_t len = gray(hash, 63, 0);

	ok_call(thumbhash_paint(hash, len, 8, 4, &picture, &err), &err, "white");
	ok(picture.width == 8 && picture.height == 4, "as large as asked");
	ok(at(0, 0)[0] > 245 && at(0, 0)[1] > 245 && at(7, 3)[2] > 245, "is white all over");
	len = gray(hash, 0, 0);
	ok_call(thumbhash_paint(hash, len, 8, 4, &picture, &err), &err, "black");
	ok(at(0, 0)[0] < 10 && at(7, 3)[1] < 10, "is black");
	ok_call(thumbhash_paint(hash, len, 1, 1, &picture, &err), &err, "one pixel");
}

/* The first term after the mean is the lowest frequency from left to right. */
static void test_gradient(void)
{
	uint8_t hash[THUMBHASH_LEN_MAX];
	size_t len = gray(hash, 32, 16);

	hash[5] = 0x8f;
	ok_call(thumbhash_paint(hash, len, 16, 8, &picture, &err), &err, "a gradient");
	ok(at(0, 4)[0] > 200 && at(15, 4)[0] < 60, "light on the left, dark on the right");
	ok(at(0, 4)[0] > at(4, 4)[0] && at(4, 4)[0] > at(8, 4)[0] && at(8, 4)[0] > at(12, 4)[0],
		"falling all the way");
}

static void test_refused(void)
{
	uint8_t hash[THUMBHASH_LEN_MAX];
	size_t len = gray(hash, 40, 10);

	for (size_t cut = 0; cut < len; cut++)
		ok(thumbhash_paint(hash, cut, 4, 4, &picture, &err) == -1 &&
				err.kind == ERR_INVALID,
			"cut to %zu bytes", cut);
	hash[2] |= 0x80;
	ok(thumbhash_paint(hash, 6, 4, 4, &picture, &err) == -1, "alpha needs more terms");
	ok(thumbhash_paint(hash, 33, 4, 4, &picture, &err) == -1, "longer than any hash");
	ok(thumbhash_paint(hash, len, 0, 4, &picture, &err) == -1, "no width");
	ok(thumbhash_paint(hash, len, 4, THUMBHASH_PAINT_MAX + 1, &picture, &err) == -1,
		"too large");
}

/* Whatever the bytes are, painting stays within its own. */
static void test_any_bytes(void)
{
	uint8_t hash[THUMBHASH_LEN_MAX];
	uint32_t seed = 1;
	int painted = 0;

	for (int i = 0; i < 2000; i++) {
		for (size_t j = 0; j < sizeof(hash); j++) {
			seed = seed * 1664525 + 1013904223;
			hash[j] = (uint8_t)(seed >> 24);
		}
		painted += thumbhash_paint(hash, seed >> 8 & 31, 3, 5, &picture, &err) == 0;
	}
	ok(painted > 100 && painted < 2000, "some random bytes are hashes: %d", painted);
}

int main(void)
{
	test_plain();
	test_gradient();
	test_refused();
	test_any_bytes();
	return tap_done();
}
