/* media_ebml.h - length and size of WebM and Matroska files, read element by element. */
#ifndef PINHOLE_HELPERS_MEDIA_EBML_H
#define PINHOLE_HELPERS_MEDIA_EBML_H

#include "media_mp4.h"

struct ebml_info {
	bool webm;              /* the document type says so; else Matroska */
	int64_t duration_ms;    /* -1 unknown */
	uint32_t width, height; /* of the first video track; 0 unknown */
	int64_t created_ms;     /* UTC, ms since the epoch; INT64_MIN unknown */
};

/* Never fails: what cannot be read is unknown. */
void ebml_read_info(const struct media_reader *reader, struct ebml_info *out);

#endif
