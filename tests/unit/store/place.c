/* place.c - boxes hold their circles, also over the antimeridian and the poles. */
#include "tap.h"
#include "store/photo.h"
#include "store/place.h"

#include <math.h>

static bool in_box(const struct place_box *b, int32_t lat, int32_t lon)
{
	return lat >= b->south && lat <= b->north &&
		((lon >= b->west && lon <= b->east) || (lon >= b->west2 && lon <= b->east2));
}

static int32_t between(int32_t limit)
{
	return (int32_t)(((double)random() / 2147483647.0 * 2 - 1) * limit);
}

/* Random circles, many of them near the edges of the map, and random points around them. */
static void test_random(void)
{
	long inside = 0, missed = 0, outside = 0;

	srandom(7);
	for (int i = 0; i < 3000; i++) {
		int32_t lat = between(900000000), lon = between(1800000000);
		double spread;
		int64_t metres = 1 + random() % (i % 3 ? 50000 : 20000000);
		struct place_box box;

		if (i % 4 == 1)
			lon = (random() % 2 ? 1 : -1) *
				(1800000000 - (int32_t)(random() % 1000000));
		if (i % 5 == 1)
			lat = (random() % 2 ? 1 : -1) * (900000000 - (int32_t)(random() % 1000000));
		place_box_around(lat, lon, metres, &box);
		spread = (double)metres / 6371008.8 * (180 / M_PI) * 1e7;
		for (int j = 0; j < 100; j++) {
			double a = fmax(
				-9e8, fmin(9e8, lat + (double)between(1000000) * 1.2e-6 * spread));
			double o = lon +
				(double)between(1000000) * 1.2e-6 * spread /
					fmax(cos(a / 1e7 * M_PI / 180), 1e-3);
			double wrapped = remainder(o, 3.6e9);
			int32_t point_lat = (int32_t)a, point_lon = (int32_t)wrapped;
			bool near =
				photo_distance(lat, lon, point_lat, point_lon) <= (double)metres;

			inside += near;
			missed += near && !in_box(&box, point_lat, point_lon);
			outside += !in_box(&box, point_lat, point_lon);
		}
	}
	is_int(missed, 0, "no point of a circle is outside its box");
	ok(inside > 10000, "circles had %ld points", inside);
	ok(outside > 10000, "boxes kept %ld points out", outside);
}

static void test_edges(void)
{
	struct place_box box;

	place_box_around(0, 1799990000, 1000, &box);
	ok(in_box(&box, 0, -1799980000), "a circle reaches over the antimeridian from the west");
	ok(!in_box(&box, 0, -1700000000), "but not far");
	place_box_around(0, -1799990000, 1000, &box);
	ok(in_box(&box, 0, 1799980000), "and from the east");
	place_box_around(899999000, 0, 100, &box);
	ok(in_box(&box, 899999000, 1800000000), "around the north pole all longitudes are near");
	ok(!in_box(&box, 899000000, 0), "all latitudes are not");
	place_box_around(-900000000, 100, 100, &box);
	ok(in_box(&box, -899995000, -900000000), "the south pole itself");
	place_box_around(480000000, 20000000, 1000, &box);
	ok(box.west2 > box.east2, "an ordinary circle has one range");
	ok(box.east - box.west < 400000, "that is narrow");
}

int main(void)
{
	test_random();
	test_edges();
	return tap_done();
}
