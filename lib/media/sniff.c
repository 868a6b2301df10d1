/* sniff.c - what the first bytes of a file say that it is; names are never asked.
 *
 * It does not look past MEDIA_SNIFF_LEN bytes and does not promise that a file decodes.  Whatever
 * a browser could take for active content (SVG, HTML) is never media here.
 *
 * Signatures: the PNG, GIF, TIFF 6 and WebP specifications; ISO/IEC 14496-12 (ftyp brands) with
 * the lists of HEIF (ISO/IEC 23008-12), AVIF, 3GPP and QuickTime; Matroska's EBML header.
 */
#include "media/media.h"

#include "base/mem.h"

#include <string.h>
#include <strings.h>

#define TYPE(k, m, e)                                                                              \
	{                                                                                          \
		.kind = (k), .mime = (m), .extension = (e)                                         \
	}
#define REFUSED(w)                                                                                 \
	{                                                                                          \
		.kind = MEDIA_NONE, .why = (w)                                                     \
	}

struct signature {
	size_t offset, len;
	const char *bytes;
	struct media_type type;
};

/* The first that fits wins.  DNG, NEF and ARW are TIFF to the eye; the worker, which reads their
 * tags, says "raw" in the facts. */
static const struct signature signatures[] = {
	{0, 3, "\xff\xd8\xff", TYPE(MEDIA_IMAGE, "image/jpeg", ".jpg")},
	{0, 8, "\x89PNG\r\n\x1a\n", TYPE(MEDIA_IMAGE, "image/png", ".png")},
	{0, 6, "GIF87a", TYPE(MEDIA_IMAGE, "image/gif", ".gif")},
	{0, 6, "GIF89a", TYPE(MEDIA_IMAGE, "image/gif", ".gif")},
	{0, 4, "II*\0", TYPE(MEDIA_IMAGE, "image/tiff", ".tif")},
	{0, 4, "MM\0*", TYPE(MEDIA_IMAGE, "image/tiff", ".tif")},
	{0, 4, "II+\0", TYPE(MEDIA_IMAGE, "image/tiff", ".tif")},
	{0, 4, "MM\0+", TYPE(MEDIA_IMAGE, "image/tiff", ".tif")},
	{0, 4, "\x1a\x45\xdf\xa3", TYPE(MEDIA_VIDEO, "video/webm", ".webm")},
	{0, 4, "%PDF", REFUSED("PDF")},
	{0, 4, "PK\x03\x04", REFUSED("a zip archive")},
	{0, 2, "\x1f\x8b", REFUSED("gzip data")},
	{0, 4,
		"\x7f"
		"ELF",
		REFUSED("a program")},
	{0, 2, "#!", REFUSED("a script")},
	{0, 2, "BM", REFUSED("BMP")},
	{0, 4, "8BPS", REFUSED("Photoshop")},
	{0, 4, "RIFF", REFUSED("RIFF data that is not WebP")},
	{0, 3, "ID3", REFUSED("audio")},
	{0, 4, "OggS", REFUSED("Ogg")},
	{0, 4, "fLaC", REFUSED("audio")},
};

struct brand {
	const char *name;
	struct media_type type;
};

static const struct brand brands[] = {
	{"heic", TYPE(MEDIA_IMAGE, "image/heic", ".heic")},
	{"heix", TYPE(MEDIA_IMAGE, "image/heic", ".heic")},
	{"heim", TYPE(MEDIA_IMAGE, "image/heic", ".heic")},
	{"heis", TYPE(MEDIA_IMAGE, "image/heic", ".heic")},
	{"hevc", TYPE(MEDIA_IMAGE, "image/heic", ".heic")},
	{"hevx", TYPE(MEDIA_IMAGE, "image/heic", ".heic")},
	{"mif1", TYPE(MEDIA_IMAGE, "image/heif", ".heif")},
	{"msf1", TYPE(MEDIA_IMAGE, "image/heif", ".heif")},
	{"avif", TYPE(MEDIA_IMAGE, "image/avif", ".avif")},
	{"avis", TYPE(MEDIA_IMAGE, "image/avif", ".avif")},
	{"crx ", REFUSED("Canon CR3")},
	{"M4A ", REFUSED("audio")},
	{"M4B ", REFUSED("audio")},
	{"qt  ", TYPE(MEDIA_VIDEO, "video/quicktime", ".mov")},
	{"3gp", TYPE(MEDIA_VIDEO, "video/3gpp", ".3gp")},
	{"3g2", TYPE(MEDIA_VIDEO, "video/3gpp2", ".3g2")},
	{"M4V", TYPE(MEDIA_VIDEO, "video/mp4", ".m4v")},
	{"mp4", TYPE(MEDIA_VIDEO, "video/mp4", ".mp4")},
	{"iso", TYPE(MEDIA_VIDEO, "video/mp4", ".mp4")},
	{"avc1", TYPE(MEDIA_VIDEO, "video/mp4", ".mp4")},
	{"MSNV", TYPE(MEDIA_VIDEO, "video/mp4", ".mp4")},
	{"dash", TYPE(MEDIA_VIDEO, "video/mp4", ".mp4")},
	{"f4v ", TYPE(MEDIA_VIDEO, "video/mp4", ".mp4")},
};

static bool has(const unsigned char *bytes, size_t len, size_t offset, const char *what, size_t n)
{
	return len >= offset + n && memcmp(bytes + offset, what, n) == 0;
}

static const struct brand *find_brand(const unsigned char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(brands); i++)
		if (memcmp(name, brands[i].name, strlen(brands[i].name)) == 0)
			return &brands[i];
	return NULL;
}

/* The major brand decides; a general one ("mif1") yields to an AVIF among the compatible ones, and
 * one that is unknown to the first compatible one that is known. */
static struct media_type sniff_iso(const unsigned char *bytes, size_t len)
{
	const struct media_type unknown = REFUSED("an ISO media file of an unknown kind");
	const struct brand *major = len >= 12 ? find_brand(bytes + 8) : NULL;
	bool general = major && memcmp(major->name, "mif1", 4) == 0;

	if (major && !general)
		return major->type;
	for (size_t at = 16; at + 4 <= len; at += 4) {
		const struct brand *other = find_brand(bytes + at);

		if (other && (!general || memcmp(other->name, "avi", 3) == 0))
			return other->type;
	}
	return major ? major->type : unknown;
}

/* QuickTime files older than ftyp begin with one of these boxes. */
static bool is_old_quicktime(const unsigned char *bytes, size_t len)
{
	static const char *const boxes[] = {"moov", "mdat", "wide", "free", "skip", "pnot"};

	for (size_t i = 0; i < ARRAY_LEN(boxes); i++)
		if (has(bytes, len, 4, boxes[i], 4))
			return bytes[0] == 0 || memcmp(boxes[i], "mdat", 4) == 0;
	return false;
}

/* True if the text, past a BOM and white space, begins with `<tag` in any case. */
static const char *sniff_markup(const unsigned char *bytes, size_t len)
{
	static const struct {
		const char *start, *why;
	} marks[] = {{"<svg", "SVG"}, {"<?xml", "XML or SVG"}, {"<!doctype svg", "SVG"},
		{"<!doctype", "HTML"}, {"<html", "HTML"}, {"<head", "HTML"}, {"<script", "HTML"},
		{"<body", "HTML"}, {"<x:xmpmeta", "an XMP sidecar"}, {"<!--", "XML or HTML"}};
	size_t at = has(bytes, len, 0, "\xef\xbb\xbf", 3) ? 3 : 0;

	while (at < len && (bytes[at] == ' ' || (bytes[at] >= '\t' && bytes[at] <= '\r')))
		at++;
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		size_t n = strlen(marks[i].start);

		if (len - at >= n && strncasecmp((const char *)bytes + at, marks[i].start, n) == 0)
			return marks[i].why;
	}
	return at < len && bytes[at] == '<' ? "markup" : NULL;
}

struct media_type media_sniff(const void *data, size_t len)
{
	const unsigned char *bytes = data;
	struct media_type unknown = REFUSED("not a picture or video that pinhole knows");
	const struct media_type empty = REFUSED("empty");
	const struct media_type webp = TYPE(MEDIA_IMAGE, "image/webp", ".webp");
	const struct media_type quicktime = TYPE(MEDIA_VIDEO, "video/quicktime", ".mov");
	const struct media_type canon = TYPE(MEDIA_RAW, "image/x-canon-cr2", ".cr2");
	const char *markup;

	if (!len)
		return empty;
	if (has(bytes, len, 0, "RIFF", 4) && has(bytes, len, 8, "WEBP", 4))
		return webp;
	if (has(bytes, len, 0, "II*\0", 4) && has(bytes, len, 8, "CR\x02\x00", 4))
		return canon;
	/* The first box is short, so a text that only has the right word in it is none. */
	if (has(bytes, len, 0, "\0\0", 2) && has(bytes, len, 4, "ftyp", 4))
		return sniff_iso(bytes, len < MEDIA_SNIFF_LEN ? len : MEDIA_SNIFF_LEN);
	for (size_t i = 0; i < ARRAY_LEN(signatures); i++) {
		const struct signature *s = &signatures[i];

		if (has(bytes, len, s->offset, s->bytes, s->len))
			return s->type;
	}
	if (is_old_quicktime(bytes, len))
		return quicktime;
	markup = sniff_markup(bytes, len);
	if (markup)
		unknown.why = markup;
	return unknown;
}
