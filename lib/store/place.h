/* place.h - boxes of latitude and longitude around a circle on the Earth.  Pure.
 *
 * A box answers "certainly not": whatever lies within the circle lies in the box, also across the
 * antimeridian and around the poles.  The exact question is photo_distance's.
 */
#ifndef PINHOLE_STORE_PLACE_H
#define PINHOLE_STORE_PLACE_H

#include <stdint.h>

/* Degrees x 10^7, ends included.  A circle over the antimeridian has two ranges of longitude;
 * where there is only one, west2 > east2. */
struct place_box {
	int32_t south, north;
	int32_t west, east;
	int32_t west2, east2;
};

void place_box_around(int32_t lat_e7, int32_t lon_e7, int64_t metres, struct place_box *out);

#endif
