/* media_exif.h - facts out of EXIF. */
#ifndef PINHOLE_HELPERS_MEDIA_EXIF_H
#define PINHOLE_HELPERS_MEDIA_EXIF_H

#include "media_facts.h"

#include <stddef.h>
#include <stdint.h>

/* A fraction of EXIF, signed or not. */
struct exif_fraction {
	int64_t numerator, denominator;
};

/* `scale` times the fraction, rounded; false for x/0 and what does not fit. */
bool exif_scale(struct exif_fraction value, int64_t scale, int64_t *out);
/* Degrees, minutes, seconds to degrees x 10^7, negative for S and W; false for x/0. */
bool exif_degrees(const struct exif_fraction parts[3], char reference, int64_t *e7);

/* What GPS tags say, gathered from whatever read them (libexif or libtiff). */
struct exif_gps {
	bool has_lat, has_lon, has_alt, has_time;
	struct exif_fraction lat[3], lon[3], alt, time[3];
	char lat_ref, lon_ref, alt_ref; /* 'N' 'S' 'E' 'W'; 0 or 1 */
	char date[16];
};
void exif_take_gps(struct facts *facts, const struct exif_gps *gps);

/* Apple's maker note holds the name that pairs a Live Photo with its video. */
void exif_take_apple_note(struct facts *facts, const unsigned char *note, size_t len);

/* Reads an EXIF block with or without its "Exif\0\0" prefix. */
void exif_take_block(struct facts *facts, const void *block, size_t len);

#endif
