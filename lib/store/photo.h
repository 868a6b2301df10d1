/* photo.h - photos of an album: their bodies, reading, listing, changing, taking away.
 *
 * Adding is done by whoever has the bytes (import):
 *
 *	struct photo_file file = {.hash = hash, .bytes = size, .mime = "image/jpeg", .kind = "image",
 *		.media = facts_of_pinhole_media, .facts = &facts_hash};
 *	_cleanup_json_ json_t *body = NULL;
 *	struct draft draft;
 *
 *	photo_add_draft(store, album, &file, &draft, &body, err);
 *	event_submit(tx, &draft, &receipt, err);
 *
 * Reading:
 *
 *	_cleanup_photo_ struct photo photo = PHOTO_INIT;
 *
 *	resolve_photo(store, text, NULL, RESOLVE_SHOWN, &ref, err);
 *	photo_get(store, &ref, &photo, err);
 *
 * A photo's id is the hash of the part that was added first.  Sizes are pixels, times ms; wall times as
 * in base/time.h.
 */
#ifndef PINHOLE_STORE_PHOTO_H
#define PINHOLE_STORE_PHOTO_H

#include "base/time.h"
#include "base/vec.h"
#include "store/facts.h"
#include "store/resolve.h"
#include "store/store.h"

/* --- adding ------------------------------------------------------------------------------- */

struct photo_file { /* one file that becomes a photo or a part of one; all borrowed */
	struct sha256 hash;
	uint64_t bytes;
	const char *mime;           /* of the bytes: media_sniff's, needed */
	const char *kind;           /* "image", "raw" or "video" */
	const json_t *media;        /* pinhole-media's facts; NULL: nothing could be read */
	const struct sha256 *facts; /* the facts object; NULL: none */
};

/* Fills a draft of photo.add by the owner; texts are clipped to what a body may hold.  The draft
 * borrows *body, which the caller owns. */
int photo_add_draft(const struct store *store, int64_t album, const struct photo_file *file,
	struct draft *draft, json_t **body, struct err *err);
/* The same for photo.part; role: edited, live, raw, jpeg, sidecar. */
int photo_part_draft(const struct store *store, int64_t album, const struct sha256 *photo,
	const char *role, const struct photo_file *file, struct draft *draft, json_t **body,
	struct err *err);

/* --- reading ------------------------------------------------------------------------------ */

enum photo_state { PHOTO_SHOWN = 0, PHOTO_REMOVED = 1, PHOTO_ERASED = 2 };

struct photo_part {
	struct sha256 id;
	char role[16]; /* original, edited, live, raw, jpeg, sidecar */
	char mime[65];
	int64_t bytes, width, height; /* width and height 0: unknown; upright */
	bool has_facts;
	struct sha256 facts;
	char *name; /* the file's own, NULL unknown; the photo owns it */
};

struct photo {
	struct album_ref album;
	struct sha256 id;
	enum photo_state state;
	int64_t key;     /* of the photo.add event */
	int64_t removed; /* when, 0: is not */
	char kind[9], mime[65];
	int64_t bytes;
	int64_t width, height; /* as shown: upright, the person's rotation applied; 0: unknown */
	int64_t orientation;   /* 1-8 as the file says, 0: unknown */
	int rotate;            /* quarter turns clockwise that a person asked for, 0-3 */
	bool has_taken;
	int64_t wall;                             /* taken, local wall time */
	int32_t offset;                           /* minutes, or TIME_OFFSET_NONE */
	char taken_source[65], offset_source[65]; /* "exif:DateTimeOriginal", "user"; "" unknown */
	int64_t sort;                             /* place in the timeline */
	struct uuid author;
	int64_t added;
	bool has_facts;
	struct sha256 facts; /* the object that holds now */
	char *name;          /* the file's own, NULL unknown */
	bool has_place;
	int32_t lat_e7, lon_e7;
	char *caption;    /* NULL: none */
	json_t *body;     /* of photo.add (make, model, lens, title ...); NULL once erased */
	struct vec tags;  /* char *, sorted */
	struct vec parts; /* struct photo_part; the original first */
	int64_t likes, comments;
};
#define PHOTO_INIT                                                                                 \
	{                                                                                          \
		.tags = VEC_INIT(char *, 100000), .parts = VEC_INIT(struct photo_part, 10000)      \
	}
void photo_init(struct photo *photo);
void photo_release(struct photo *photo);
#define _cleanup_photo_ _cleanup_(photo_release)

/* Loads a photo in whatever state.  `photo` must be initialised; NOT_FOUND. */
int photo_get(
	struct store *store, const struct photo_ref *ref, struct photo *photo, struct err *err);

/* The part that stands for the photo: an edited copy, else a picture, else a RAW file (its preview),
 * else a video.  Borrowed; NULL when erased. */
const struct photo_part *photo_shown_part(const struct photo *photo);

/* Text and numbers of the photo.add body; NULL / `otherwise` when absent. */
const char *photo_text(const struct photo *photo, const char *key);
int64_t photo_int(const struct photo *photo, const char *key, int64_t otherwise);

/* --- listing ------------------------------------------------------------------------------ */

enum photo_has {
	PHOTO_HAS_GPS = 1,
	PHOTO_HAS_CAPTION = 2,
	PHOTO_HAS_COMMENT = 4,
	PHOTO_HAS_LIKE = 8,
	PHOTO_HAS_TAG = 16,
	PHOTO_HAS_VIDEO = 32, /* is one, or moves */
	PHOTO_HAS_RAW = 64,
};
/* One bit for "gps", "caption", "comment", "like", "tag", "video" or "raw"; INVALID names them all. */
int photo_has_parse(const char *word, unsigned *out, struct err *err);

/* "LAT,LON,KM" in decimal degrees and kilometres. */
struct photo_near {
	bool given;
	int32_t lat_e7, lon_e7;
	int64_t metres;
};
int photo_near_parse(const char *text, struct photo_near *out, struct err *err);
/* "LAT,LON" */
int photo_place_parse(const char *text, int32_t *lat_e7, int32_t *lon_e7, struct err *err);
/* Metres between two places on a sphere of the Earth's mean radius. */
double photo_distance(int32_t lat_a, int32_t lon_a, int32_t lat_b, int32_t lon_b);

struct photo_filter { /* zeroed: all that are shown */
	bool has_since, has_until;
	int64_t since, until; /* places in the timeline: since <= sort < until */
	const struct uuid *by;
	struct photo_near near;
	unsigned has; /* enum photo_has, all of them */
	const char *tag;
	enum photo_state state; /* SHOWN by default, REMOVED */
	bool backwards;         /* newest first */
};

/* Where the next page begins; zeroed: at the start. */
struct photo_cursor {
	bool given;
	int64_t sort;
	struct sha256 id;
};

/* Loads the next at most `limit` photos in timeline order into `page` (struct photo, emptied first;
 * photo_page_release it) and moves the cursor behind them.  *more says whether to ask again. */
int photo_page(struct store *store, const struct album_ref *album,
	const struct photo_filter *filter, size_t limit, struct photo_cursor *cursor,
	struct vec *page, bool *more, struct err *err);
#define PHOTO_PAGE_INIT VEC_INIT(struct photo, 10000)
void photo_page_release(struct vec *page);
#define _cleanup_photo_page_ _cleanup_(photo_page_release)

/* --- changing ----------------------------------------------------------------------------- */

struct photo_change { /* zeroed: nothing */
	bool set_taken;
	int64_t wall;
	int32_t offset;         /* TIME_OFFSET_NONE: the offset that was known stays */
	bool set_place, placed; /* placed false: takes the position away */
	int32_t lat_e7, lon_e7;
	bool set_rotate, turn;
	/* Quarter turns clockwise, 0-3: from the file's own orientation, or with `turn` from how the
	 * photo is shown now. */
	int rotate;
	const char *const *tag, *const *untag; /* borrowed */
	size_t tag_count, untag_count;
};

/* Submits what differs from what is, in one transaction; *changed says whether anything did. With
 * `dry_run` only *changed is found out. */
int photo_change(struct store *store, const struct photo_ref *ref,
	const struct photo_change *change, bool dry_run, bool *changed, struct err *err);
/* "" takes the caption away. */
int photo_caption(
	struct store *store, const struct photo_ref *ref, const char *text, struct err *err);
/* Hides for 30 days; restore brings it back. */
int photo_remove(struct store *store, const struct photo_ref *ref, struct err *err);
int photo_restore(struct store *store, const struct photo_ref *ref, struct err *err);
#define PHOTO_REMOVED_DAYS 30

/* Erases photos from their albums at once: their events lose their bodies, full text forgets them.
 * Where no other photo names them, the bytes of all parts, the facts objects, the rendered variants
 * and what ingest remembered go too.  `out` gets one for each photo.  Where one fails, those before it are
 * erased. */
struct photo_erased {
	uint64_t bytes; /* freed */
	bool kept;      /* another photo still shows some of the bytes */
};
int photo_erase(struct store *store, const struct photo_ref *refs, size_t count,
	struct photo_erased *out, struct err *err);

#endif
