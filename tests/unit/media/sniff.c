/* sniff.c - what first bytes are taken for, and above all what they are not. */
#include "media/media.h"
#include "tap.h"

struct row {
	const char *bytes;
	size_t len;
	enum media_kind kind;
	const char *mime; /* for NONE: the reason */
};

#define ROW(text, kind, mime)                                                                      \
	{                                                                                          \
		text, sizeof(text) - 1, kind, mime                                                 \
	}

static const struct row rows[] = {
	ROW("\xff\xd8\xff\xe0\0\x10JFIF", MEDIA_IMAGE, "image/jpeg"),
	ROW("\xff\xd8\xff", MEDIA_IMAGE, "image/jpeg"),
	ROW("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", MEDIA_IMAGE, "image/png"),
	ROW("GIF89a\1\0\1\0", MEDIA_IMAGE, "image/gif"),
	ROW("GIF87a\1\0\1\0", MEDIA_IMAGE, "image/gif"),
	ROW("RIFF\x10\0\0\0WEBPVP8 ", MEDIA_IMAGE, "image/webp"),
	ROW("II*\0\x08\0\0\0\x0b\0", MEDIA_IMAGE, "image/tiff"),
	ROW("MM\0*\0\0\0\x08", MEDIA_IMAGE, "image/tiff"),
	ROW("II*\0\x10\0\0\0CR\x02\0", MEDIA_RAW, "image/x-canon-cr2"),
	ROW("\0\0\0\x18"
	    "ftypheic\0\0\0\0mif1heic",
		MEDIA_IMAGE, "image/heic"),
	ROW("\0\0\0\x18"
	    "ftypmif1\0\0\0\0mif1heic",
		MEDIA_IMAGE, "image/heif"),
	ROW("\0\0\0\x18"
	    "ftypmif1\0\0\0\0mif1avif",
		MEDIA_IMAGE, "image/avif"),
	ROW("\0\0\0\x20"
	    "ftypavif\0\0\0\0mif1avif",
		MEDIA_IMAGE, "image/avif"),
	ROW("\0\0\0\x14"
	    "ftypqt  \0\0\0\0qt  ",
		MEDIA_VIDEO, "video/quicktime"),
	ROW("\0\0\0\x20"
	    "ftypisom\0\0\2\0isomiso2avc1mp41",
		MEDIA_VIDEO, "video/mp4"),
	ROW("\0\0\0\x18"
	    "ftypmp42\0\0\0\0isom",
		MEDIA_VIDEO, "video/mp4"),
	ROW("\0\0\0\x18"
	    "ftyp3gp4\0\0\0\0"
	    "3gp4",
		MEDIA_VIDEO, "video/3gpp"),
	ROW("\0\0\0\x18"
	    "ftypXYZW\0\0\0\0mp42",
		MEDIA_VIDEO, "video/mp4"),
	ROW("\x1a\x45\xdf\xa3\x9f\x42\x86\x81", MEDIA_VIDEO, "video/webm"),
	ROW("\0\0\0\x08wide\0\0\1\0mdat", MEDIA_VIDEO, "video/quicktime"),
	ROW("\0\0\1\0moov\0\0\0\x6cmvhd", MEDIA_VIDEO, "video/quicktime"),
	ROW("", MEDIA_NONE, "empty"),
	ROW("\xff\xd8", MEDIA_NONE, "not a picture or video that pinhole knows"),
	ROW("<svg xmlns='http://www.w3.org/2000/svg'>", MEDIA_NONE, "SVG"),
	ROW("\xef\xbb\xbf \n<SVG>", MEDIA_NONE, "SVG"),
	ROW("<?xml version='1.0'?><svg>", MEDIA_NONE, "XML or SVG"),
	ROW("<!DOCTYPE html><script>", MEDIA_NONE, "HTML"),
	ROW("<html>GIF89a", MEDIA_NONE, "HTML"),
	ROW("<img src=x>", MEDIA_NONE, "markup"),
	ROW("%PDF-1.7\n\xff\xd8\xff", MEDIA_NONE, "PDF"),
	ROW("PK\x03\x04\x14\0", MEDIA_NONE, "a zip archive"),
	ROW("#!/bin/sh\n", MEDIA_NONE, "a script"),
	ROW("\0\0\0\x18"
	    "ftypM4A \0\0\0\0M4A ",
		MEDIA_NONE, "audio"),
	ROW("\0\0\0\x18"
	    "ftypZZZZ\0\0\0\0YYYY",
		MEDIA_NONE, "an ISO media file of an unknown kind"),
	ROW("RIFF\x10\0\0\0WAVEfmt ", MEDIA_NONE, "RIFF data that is not WebP"),
	ROW("just text", MEDIA_NONE, "not a picture or video that pinhole knows"),
};

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct media_type type = media_sniff(rows[i].bytes, rows[i].len);
		const char *said = type.kind == MEDIA_NONE ? type.why : type.mime;

		is_int(type.kind, rows[i].kind, "row %zu: kind", i);
		is_str(said, rows[i].mime, "row %zu: what it is", i);
		ok((type.kind == MEDIA_NONE) == (type.mime == NULL), "row %zu: MIME only for media",
			i);
		ok((type.kind == MEDIA_NONE) == (type.extension == NULL),
			"row %zu: extension only for media", i);
	}
	return tap_done();
}
