/* place.c - boxes around circles; see place.h. */
#include "store/place.h"

#include <math.h>

#define EARTH_RADIUS_M 6371008.8 /* the mean radius, IUGG */
#define LAT_MAX        900000000
#define LON_MAX        1800000000
#define MARGIN         10 /* 10^-6 degrees: more than what rounding can cost */

static int32_t clamp(double e7, int32_t limit)
{
	return (int32_t)fmax(-limit, fmin(limit, e7));
}

/* Half the width of the circle in radians of longitude; pi or more: all of it.  The circle's
 * easternmost points lie off its centre's latitude: sin(width) = sin(radius) / cos(lat). */
static double half_width(double lat, double radius)
{
	double sine;

	if (fabs(lat) + radius >= M_PI / 2)
		return M_PI; /* it holds a pole */
	sine = sin(radius) / cos(lat);
	return sine >= 1 ? M_PI : asin(sine);
}

void place_box_around(int32_t lat_e7, int32_t lon_e7, int64_t metres, struct place_box *out)
{
	const double to_e7 = 180 / M_PI * 1e7;
	double radius = (double)metres / EARTH_RADIUS_M;
	double height = radius * to_e7 + MARGIN;
	double width = half_width(lat_e7 / to_e7, radius) * to_e7 + MARGIN;
	double west = lon_e7 - width, east = lon_e7 + width;

	out->south = clamp(lat_e7 - height, LAT_MAX);
	out->north = clamp(lat_e7 + height, LAT_MAX);
	out->west = clamp(west, LON_MAX);
	out->east = clamp(east, LON_MAX);
	out->west2 = 1;
	out->east2 = 0;
	if (width >= LON_MAX) {
		out->west = -LON_MAX;
		out->east = LON_MAX;
	} else if (west < -LON_MAX) {
		out->west2 = clamp(west + 2.0 * LON_MAX, LON_MAX);
		out->east2 = LON_MAX;
	} else if (east > LON_MAX) {
		out->west2 = -LON_MAX;
		out->east2 = clamp(east - 2.0 * LON_MAX, LON_MAX);
	}
}
