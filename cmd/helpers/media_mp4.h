/* media_mp4.h - what an MP4, MOV or 3GP file says about itself, read box by box.
 *
 * Only a few hundred bytes are read, wherever they are; no sample is decoded.
 */
#ifndef PINHOLE_HELPERS_MEDIA_MP4_H
#define PINHOLE_HELPERS_MEDIA_MP4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads up to `len` bytes at `offset`; returns how many, 0 at the end or on an error. */
struct media_reader {
	size_t (*read)(void *data, uint64_t offset, void *out, size_t len);
	void *data;
	uint64_t size;
};

#define MP4_TEXT_MAX 256

struct mp4_info {
	bool has_movie;         /* a moov box was found */
	int64_t duration_ms;    /* -1 unknown */
	uint32_t width, height; /* of the first video track, before rotation; 0 unknown */
	unsigned turns;         /* clockwise quarter turns to show it upright, 0-3 */
	int64_t created_ms;     /* mvhd, ms since the epoch, UTC; INT64_MIN unknown */
	/* NUL-terminated, "" when absent */
	char date[MP4_TEXT_MAX];       /* com.apple.quicktime.creationdate */
	char location[MP4_TEXT_MAX];   /* ISO 6709, Apple's key before ©xyz */
	char content_id[MP4_TEXT_MAX]; /* com.apple.quicktime.content.identifier */
	char make[MP4_TEXT_MAX], model[MP4_TEXT_MAX], software[MP4_TEXT_MAX];
	char title[MP4_TEXT_MAX], description[MP4_TEXT_MAX];
};

/* Never fails: what cannot be read is unknown. */
void mp4_read_info(const struct media_reader *reader, struct mp4_info *out);

/* "+43.2951+005.3744+012.000/" (ISO 6709 annex H, also DDMM and DDMMSS) to degrees x 10^7 and mm;
 * *has_alt tells whether there was a height.  False if malformed. */
bool mp4_parse_location(
	const char *text, int64_t *lat_e7, int64_t *lon_e7, bool *has_alt, int64_t *alt_mm);

#endif
