/* pair.h - which files are one photo: picture and its motion, RAW and JPEG, original and edited copy.
 *
 * Two files of one album belong together when they share Apple's content identifier, or the stem of
 * their names while they were taken within two minutes (or lay in one folder, where one of them does
 * not know when it was taken).  The order in which they come does not matter.
 */
#ifndef PINHOLE_IMPORT_PAIR_H
#define PINHOLE_IMPORT_PAIR_H

#include "store/store.h"

#define PAIR_STEM_MAX    256 /* bytes, with the NUL */
#define PAIR_CONTENT_MAX 80

struct pair_file {
	char stem[PAIR_STEM_MAX]; /* "" never pairs */
	bool edited;              /* the name says: an edited copy */
	char kind[8];             /* image, raw, video */
	bool has_wall;
	int64_t wall;   /* local wall time, ms */
	int32_t offset; /* minutes or TIME_OFFSET_NONE */
	char content[PAIR_CONTENT_MAX];
	int64_t folder;
};

/* Fills stem and edited from a file's name: "IMG_E0042.JPG" -> "img_0042", edited. */
void pair_from_name(const char *name, struct pair_file *out);
/* Fills the rest from pinhole-media's facts (NULL: nothing known) and the sniffed kind. */
void pair_from_facts(const json_t *facts, const char *kind, struct pair_file *out);

/* The role that `file` has beside `other`, or NULL if they are two photos.  Pure. */
const char *pair_role(const struct pair_file *file, const struct pair_file *other);

/* Looks for the shown photo of the album that the file belongs to, among those that `by` added (NULL:
 * anybody): 1 (photo and role set), 0, -1. */
int pair_find(struct store *store, int64_t album, const struct pair_file *file,
	const struct uuid *by, struct sha256 *photo, const char **role, struct err *err);
/* Remembers a file for those that come later; in an open transaction. */
int pair_remember(struct store *store, int64_t album, const struct pair_file *file,
	const struct sha256 *part, const struct sha256 *photo, struct err *err);

#endif
