/* media_tiff.c - reads TIFF tags: by libexif from the file's beginning, else by libtiff.
 *
 * It decodes no pixels.  libexif wants everything in one block, so it gets a copy of the first part;
 * files that keep their directories further back (editors do) are read with libtiff, which follows
 * offsets anywhere but forgets the difference between 0/0 and 0.
 */
#include "media_tiff.h"

#include "base/mem.h"
#include "media_exif.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

#define HEAD_MAX ((size_t)1024 * 1024)

struct memory_file {
	const unsigned char *bytes;
	size_t len, at;
};

/* --- libtiff on memory -------------------------------------------------------------------- */

static tmsize_t read_some(thandle_t handle, void *out, tmsize_t want)
{
	struct memory_file *file = handle;
	size_t rest = file->at < file->len ? file->len - file->at : 0;
	size_t n = want < 0 ? 0 : (size_t)want < rest ? (size_t)want : rest;

	if (n)
		memcpy(out, file->bytes + file->at, n);
	file->at += n;
	return (tmsize_t)n;
}

static tmsize_t write_nothing(thandle_t handle, void *bytes, tmsize_t n)
{
	(void)handle, (void)bytes, (void)n;
	return -1;
}

static toff_t seek_to(thandle_t handle, toff_t offset, int whence)
{
	struct memory_file *file = handle;
	size_t base = whence == SEEK_CUR ? file->at : whence == SEEK_END ? file->len : 0;

	file->at = base + (size_t)offset;
	return file->at;
}

static int close_nothing(thandle_t handle)
{
	(void)handle;
	return 0;
}

static toff_t tell_size(thandle_t handle)
{
	return ((struct memory_file *)handle)->len;
}

static void close_tiff(TIFF **tiff)
{
	if (*tiff)
		TIFFClose(*tiff);
}

/* --- tags --------------------------------------------------------------------------------- */

static void take_text(struct facts *facts, TIFF *tiff, uint32_t tag, enum facts_text what)
{
	const char *text = NULL;

	if (TIFFGetField(tiff, tag, &text) && text)
		facts_set_text(facts, what, FACTS_EXIF, text, strlen(text));
}

static void take_date(struct facts *facts, TIFF *tiff, enum facts_when when, uint32_t tag,
	uint32_t subsec_tag, uint32_t offset_tag)
{
	const char *text = NULL, *subsec = NULL, *offset = NULL;

	if (!TIFFGetField(tiff, tag, &text) || !text)
		return;
	if (!subsec_tag || !TIFFGetField(tiff, subsec_tag, &subsec))
		subsec = NULL;
	if (!offset_tag || !TIFFGetField(tiff, offset_tag, &offset))
		offset = NULL;
	facts_set_date(facts, when, text, strlen(text), subsec, offset);
}

static void take_gps_ifd(struct facts *facts, TIFF *tiff)
{
	struct exif_gps gps = {0};
	const double *lat = NULL, *lon = NULL;
	const char *ref = NULL;

	gps.has_lat = TIFFGetField(tiff, GPSTAG_LATITUDE, &lat) && lat;
	gps.has_lon = TIFFGetField(tiff, GPSTAG_LONGITUDE, &lon) && lon;
	if (!gps.has_lat || !gps.has_lon)
		return;
	for (size_t i = 0; i < 3; i++) {
		if (!(fabs(lat[i]) < 1e9) || !(fabs(lon[i]) < 1e9))
			return;
		gps.lat[i] = (struct exif_fraction){llrint(lat[i] * 1e8), 100000000};
		gps.lon[i] = (struct exif_fraction){llrint(lon[i] * 1e8), 100000000};
	}
	if (TIFFGetField(tiff, GPSTAG_LATITUDEREF, &ref) && ref)
		gps.lat_ref = ref[0];
	if (TIFFGetField(tiff, GPSTAG_LONGITUDEREF, &ref) && ref)
		gps.lon_ref = ref[0];
	exif_take_gps(facts, &gps);
}

static void take_ifd0(struct facts *facts, TIFF *tiff)
{
	uint16_t orientation = 0;

	take_text(facts, tiff, TIFFTAG_MAKE, FACTS_MAKE);
	take_text(facts, tiff, TIFFTAG_MODEL, FACTS_MODEL);
	take_text(facts, tiff, TIFFTAG_SOFTWARE, FACTS_SOFTWARE);
	take_text(facts, tiff, TIFFTAG_IMAGEDESCRIPTION, FACTS_DESCRIPTION);
	take_text(facts, tiff, TIFFTAG_ARTIST, FACTS_OWNER);
	take_date(facts, tiff, FACTS_EXIF_MODIFIED, TIFFTAG_DATETIME, 0, 0);
	if (TIFFGetField(tiff, TIFFTAG_ORIENTATION, &orientation))
		facts_set_orientation(facts, "tiff:Orientation", orientation);
}

/* The MIME type of a camera's RAW file: those keep a reduced picture first, the sensor's data in a
 * sub-directory, and say who made them; DNG says so itself. */
static const char *find_raw_mime(TIFF *tiff)
{
	const char *make = "", *found = NULL;
	const uint8_t *version = NULL;
	const toff_t *subs = NULL;
	uint16_t count = 0;
	uint32_t kind = 0;

	if (TIFFGetField(tiff, TIFFTAG_DNGVERSION, &version))
		return "image/x-adobe-dng";
	if (TIFFGetField(tiff, TIFFTAG_MAKE, &found) && found)
		make = found;
	if (!TIFFGetField(tiff, TIFFTAG_SUBIFD, &count, &subs) || !count ||
		!TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind) || !(kind & FILETYPE_REDUCEDIMAGE))
		return NULL;
	if (strncasecmp(make, "NIKON", 5) == 0)
		return "image/x-nikon-nef";
	return strncasecmp(make, "SONY", 4) == 0 ? "image/x-sony-arw" : NULL;
}

/* libtiff stores an offset of a directory as 64 bits. */
static uint64_t directory_offset(TIFF *tiff, uint32_t tag)
{
	uint64_t offset = 0;

	return TIFFGetField(tiff, tag, &offset) ? offset : 0;
}

void tiff_take_file(struct facts *facts, const void *bytes, size_t len, const char **raw_mime)
{
	struct memory_file file = {bytes, len, 0};
	_cleanup_(close_tiff) TIFF *tiff = NULL;
	uint64_t exif, gps;

	*raw_mime = NULL;
	TIFFSetErrorHandler(NULL);
	TIFFSetWarningHandler(NULL);
	exif_take_block(facts, bytes, len < HEAD_MAX ? len : HEAD_MAX);
	tiff = TIFFClientOpen("object", "rm", &file, read_some, write_nothing, seek_to,
		close_nothing, tell_size, NULL, NULL);
	if (!tiff)
		return;
	*raw_mime = find_raw_mime(tiff);
	exif = directory_offset(tiff, TIFFTAG_EXIFIFD);
	gps = directory_offset(tiff, TIFFTAG_GPSIFD);
	take_ifd0(facts, tiff);
	if (exif && TIFFReadEXIFDirectory(tiff, exif)) {
		take_date(facts, tiff, FACTS_EXIF_ORIGINAL, EXIFTAG_DATETIMEORIGINAL,
			EXIFTAG_SUBSECTIMEORIGINAL, EXIFTAG_OFFSETTIMEORIGINAL);
		take_date(facts, tiff, FACTS_EXIF_DIGITIZED, EXIFTAG_DATETIMEDIGITIZED,
			EXIFTAG_SUBSECTIMEDIGITIZED, EXIFTAG_OFFSETTIMEDIGITIZED);
		take_text(facts, tiff, EXIFTAG_LENSMODEL, FACTS_LENS);
		take_text(facts, tiff, EXIFTAG_BODYSERIALNUMBER, FACTS_SERIAL);
	}
	if (gps && TIFFReadGPSDirectory(tiff, gps))
		take_gps_ifd(facts, tiff);
}
