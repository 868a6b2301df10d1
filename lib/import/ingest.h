/* ingest.h - the way of files into an album.
 *
 * Each source is read once: hashed and written by this process, decoded from the stored bytes by
 * pinhole-media.  Files are committed in batches: bytes flushed, then rows; what was committed stays
 * whatever happens next, and a second run completes the rest.
 */
#ifndef PINHOLE_IMPORT_INGEST_H
#define PINHOLE_IMPORT_INGEST_H

#include "import/source.h"
#include "media/media.h"
#include "store/resolve.h"
#include "store/store.h"

enum ingest_status { INGEST_ADDED, INGEST_DUPLICATE, INGEST_REFUSED, INGEST_FAILED };
const char *ingest_status_name(enum ingest_status status); /* "added" … */

enum ingest_link {
	INGEST_COPY = 0, /* reflinks where the file system can, without saying so */
	INGEST_LINK_HARD,
};

struct ingest_result { /* of one file; texts until the call returns */
	const char *path;
	enum ingest_status status;
	bool has_photo;
	struct sha256 photo; /* the photo it is, or became a part of */
	const char *role;    /* "original", or the part's role; NULL unless added */
	const char *
		reason; /* NULL: nothing to say; also for an added file that could not be rendered */
	bool rendered;  /* false: a variant that was asked for is missing or incomplete */
};

struct ingest_totals {
	int64_t added, duplicate, refused, failed, unrendered;
	int64_t bytes; /* of added files */
	int64_t ms;
	int64_t skipped; /* passed over without a word: junk, excluded, too old */
};

struct ingest_options {
	struct album_ref album;
	struct source_options source;
	struct media_options media;
	size_t variant_count;
	struct media_variant_spec variants[MEDIA_VARIANT_MAX]; /* out_fd is not used */
	const char *caption;                                   /* of every added photo, or NULL */
	enum ingest_link link;
	bool dry_run;   /* read and judge, change nothing */
	bool move;      /* unlink the source once its bytes are committed */
	bool no_render; /* facts only */
	bool checksum;  /* read files again that size, time and inode say are known */
	/* Told of each file when its fate is settled; -1 stops. */
	int (*report)(void *data, const struct ingest_result *result, struct err *err);
	bool look_ahead; /* walk the folders first, so that progress knows the totals */
	/* Told now and then; totals are 0 until known.  Non-zero stops with INTERRUPTED after what is
	 * under way was committed. */
	int (*progress)(void *data, uint64_t items, uint64_t bytes, uint64_t total_items,
		uint64_t total_bytes);
	void *data;
};

/* Ingests paths, and the list on list_fd unless it is -1.  0 also when files were refused or failed:
 * see totals, which is filled in any case. */
int ingest_run(struct store *store, const struct ingest_options *options, char *const *paths,
	size_t path_count, int list_fd, struct ingest_totals *totals, struct err *err);

#endif
