/* media_video.h - facts of a video, and its poster frame where ffmpeg is installed. */
#ifndef PINHOLE_HELPERS_MEDIA_VIDEO_H
#define PINHOLE_HELPERS_MEDIA_VIDEO_H

#include "base/err.h"
#include "media_facts.h"

#include <stddef.h>
#include <stdint.h>

struct video_frame {
	void *bytes;        /* owned: the whole PPM */
	const void *pixels; /* RGB, 8 bits, within bytes; upright */
	uint32_t width, height;
};
void video_frame_release(struct video_frame *frame);

void video_take_facts(struct facts *facts, int fd);

/* One frame from near the beginning.  NOT_FOUND when ffmpeg is not installed, DAMAGED when it made
 * nothing of the file, TOO_LARGE past max_pixels. */
int video_read_frame(int fd, const char *mime, int64_t duration_ms, uint64_t max_pixels,
	struct video_frame *out, struct err *err);

#endif
