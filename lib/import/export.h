/* export.h - an album as files that need no pinhole: originals, XMP sidecars, album.json, SHA256SUMS.
 *
 * In a folder, a .zip or a .tar.zst:
 *
 *	album.json			everything, pinhole-album-json(5)
 *	2024-05-01_12-34-56_IMG_1.jpg	originals in date order; all parts of a photo share the stem
 *	2024-05-01_12-34-56_IMG_1.jpg.xmp
 *	SHA256SUMS
 *
 * Photos that were removed or erased are not among the files: who removed a photo does not want it handed
 * on.  The export is of one instant of the album, and appears under its name only when it is whole.
 */
#ifndef PINHOLE_IMPORT_EXPORT_H
#define PINHOLE_IMPORT_EXPORT_H

#include "base/vec.h"
#include "store/resolve.h"
#include "store/store.h"

struct export_options {
	bool hard_link; /* a folder's originals become hard links (0444) to the store's */
};

struct export_watch { /* NULL, or any function NULL, where the caller does not care */
	void (*progress)(void *data, uint64_t files, uint64_t total_files, uint64_t bytes,
		uint64_t total_bytes);
	/* An original that the store does not have: `file` would have been its name. */
	void (*absent)(void *data, const char *file, const struct sha256 *hash);
	void *data;
};

struct export_result {
	uint64_t photos, files, bytes; /* files: originals of all parts; bytes: of these */
	uint64_t messages, events;
	uint64_t absent; /* originals that the store lacks */
};

/* CONFLICT if `path` is there already (an empty folder may be); NO_SPACE and all other failures leave
 * nothing under `path`. */
int export_album(struct store *store, const struct album_ref *album, const char *path,
	const struct export_options *options, const struct export_watch *watch,
	struct export_result *out, struct err *err);

/* One original that an export holds. */
struct export_file {
	struct sha256 photo, part;
	char *name; /* owned */
	uint64_t bytes;
	int64_t mtime_ms; /* when it was taken, else added */
	bool absent;      /* the store lacks it */
	bool sidecar;     /* it is one itself: it gets none */
};
#define EXPORT_FILES_MAX 100000000
#define EXPORT_LIST_INIT VEC_INIT(struct export_file, EXPORT_FILES_MAX)

/* All originals of the album under the names that an export gives them, in date order, into an empty list
 * (struct export_file; export_list_release it). */
int export_list(
	struct store *store, const struct album_ref *album, struct vec *out, struct err *err);
void export_list_release(struct vec *list);
#define _cleanup_export_list_ _cleanup_(export_list_release)

#endif
