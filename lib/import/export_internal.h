/* export_internal.h - what the files behind export.h share; nobody else includes it. */
#ifndef PINHOLE_IMPORT_EXPORT_INTERNAL_H
#define PINHOLE_IMPORT_EXPORT_INTERNAL_H

#include "base/vec.h"
#include "import/export.h"
#include "wire/json.h"

#include <stdio.h>

struct export
{
	struct store *store;
	struct album_ref album;
	const struct export_watch *watch;
	struct vec files;  /* struct export_file, in date order */
	struct vec lookup; /* struct export_file *, by photo and part */
	struct export_result result;
};

/* --- export_plan.c: fills files and lookup; every file gets its name before any is written. */
int export_plan(struct export *ex, struct err *err);
void export_plan_release(struct export *ex);
/* NULL: the part has no file (its photo hangs in a circle of joins). */
const struct export_file *export_find(
	const struct export *ex, const struct sha256 *photo, const struct sha256 *part);

/* --- export_photo.c: entries of `photos` in album.json. */
struct export_photos {
	struct db_rows rows;
};
#define EXPORT_PHOTOS_INIT                                                                         \
	{                                                                                          \
		.rows = DB_ROWS_INIT                                                               \
	}
void export_photos_close(struct export_photos *photos);
#define _cleanup_export_photos_ _cleanup_(export_photos_close)
/* All shown photos of the album in date order, or the one with this id. */
int export_photos_open(
	struct export *ex, const struct sha256 *only, struct export_photos *out, struct err *err);
/* 1 with an entry that the caller owns, 0 at the end, -1 failed. */
int export_photos_next(
	struct export *ex, struct export_photos *photos, json_t **out, struct err *err);
/* The likes of a photo or message as `likes` of an entry; nothing where there are none. */
int export_likes(struct export *ex, const struct entity *about, json_t **entry, struct err *err);

/* --- export_json.c */
int export_album_json(struct export *ex, FILE *out, struct err *err);

#endif
