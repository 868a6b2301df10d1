/* media.h - asks pinhole-media what a file is and to render it; nothing is decoded here.
 *
 * A pool owns N pinhole-media processes.  The caller submits requests and collects results; a worker
 * that dies (crash, bomb, time limit) costs its one request, which comes back with status FAILED
 * and a reason, and is replaced.
 *
 *	struct media_pool *pool;
 *	media_pool_open(&options, &pool, err);
 *	media_submit(pool, &request, err);		blocks while all workers are busy
 *	while (media_collect(pool, false, &result, err) == 1)
 *		...;					result owned: media_result_release
 *
 * One thread uses a pool.
 */
#ifndef PINHOLE_MEDIA_MEDIA_H
#define PINHOLE_MEDIA_MEDIA_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum media_kind { MEDIA_NONE = 0, MEDIA_IMAGE, MEDIA_VIDEO, MEDIA_RAW };

#define MEDIA_VARIANT_MAX 4
#define MEDIA_SNIFF_LEN   64 /* bytes that media_sniff wants (fewer are fine) */

/* What the first bytes say.  Pure, no decoding: safe in any process.  `mime` is NULL and kind NONE
 * for what pinhole does not take; `why` then says what it seems to be ("SVG", "HTML", "empty"). */
struct media_type {
	enum media_kind kind;
	const char *mime;      /* static: "image/jpeg" */
	const char *extension; /* static: ".jpg" */
	const char *why;
};
struct media_type media_sniff(const void *bytes, size_t len);

enum media_format { MEDIA_JPEG = 0, MEDIA_WEBP, MEDIA_PNG };
enum media_fit { MEDIA_FIT_CONTAIN = 0, MEDIA_FIT_COVER };

struct media_variant_spec {
	const char *name;       /* "thumb", "preview" */
	uint32_t width, height; /* the box, px */
	enum media_fit
		fit; /* cover: fills and centre-crops to the box; contain: inside it, never enlarged */
	enum media_format format;
	int quality; /* 1-100 */
	int out_fd;  /* open for writing; borrowed until the result is collected */
};

struct media_request {
	uint64_t token;   /* given back in the result */
	int fd;           /* the object, open for reading; borrowed until collected */
	int sidecar_fd;   /* an XMP sidecar, -1 none */
	const char *name; /* original file name (RAW flavours, video), may be NULL */
	int rotate;       /* extra clockwise quarter turns 0-3 that the user asked for */
	bool facts;       /* read metadata */
	size_t variant_count;
	struct media_variant_spec variants[MEDIA_VARIANT_MAX];
};

enum media_status {
	MEDIA_OK,      /* facts, and all variants that were asked for */
	MEDIA_DAMAGED, /* rendered as far as the bytes go (truncated); `reason` says so */
	MEDIA_FAILED,  /* recognised but not rendered; `reason` says why */
};

struct media_variant_result {
	bool made;
	uint32_t width, height;
	uint64_t bytes;
};

/* `facts` is a JSON object as text (wire parses it); see man pinhole-facts(5).  Keys, each absent
 * when unknown, all values already validated ("raw" holds what was not believed):
 *
 *   mime, kind ("image"|"raw"|"video"), width, height (px, upright: after orientation),
 *   stored_width, stored_height, orientation (1-8, EXIF or container), frames, duration_ms,
 *   taken_local ("YYYY-MM-DDTHH:MM:SS[.mmm]"), taken_ms (the same as wall-clock ms), taken_source
 *   ("exif:DateTimeOriginal", "xmp:…", "quicktime:creationdate" …), offset (minutes), offset_source
 *   ("exif:OffsetTimeOriginal", "gps", "quicktime", "utc" …),
 *   lat_e7, lon_e7, alt_mm, make, model, lens, serial, owner, software, exposure_us, f_number_x100,
 *   iso, focal_mm_x10, title, description, keywords (array), rating (-1..5), thumbhash (base64),
 *   content_id (Apple pairing), motion (true: a video is appended), raw (object of strings),
 *   icc (profile description)
 */
struct media_result {
	uint64_t token;
	enum media_status status;
	char reason[256];
	char *facts; /* owned; NULL when not asked for or nothing could be read */
	struct media_variant_result variants[MEDIA_VARIANT_MAX];
};
void media_result_release(struct media_result *result);

struct media_options {
	const char *program;  /* path of pinhole-media; NULL: next to us, build/, then libexecdir */
	unsigned workers;     /* 1..64 */
	uint64_t max_pixels;  /* refused before decoding, default 250,000,000 */
	uint64_t max_memory;  /* bytes of address space a worker may take beyond its start */
	unsigned max_seconds; /* per file, wall and CPU */
};

struct media_pool;
int media_pool_open(const struct media_options *options, struct media_pool **out, struct err *err);
void media_pool_close(struct media_pool *pool); /* kills what still runs */
/* Hands the request to a free worker, waiting for one if need be.  -1 when no worker can be started at
 * all, and INVALID for a request out of range. */
int media_submit(struct media_pool *pool, const struct media_request *request, struct err *err);
/* 1 with a result, 0 if none is ready (wait: if nothing is under way), -1 failed. */
int media_collect(struct media_pool *pool, bool wait, struct media_result *out, struct err *err);
/* How many requests are under way, results that wait to be collected included. */
unsigned media_pending(const struct media_pool *pool);
bool media_idle(const struct media_pool *pool); /* true if a submit would not wait */

#endif
