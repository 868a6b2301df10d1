/* intake.h - the way of one file whose bytes are in the store's directory into an album; what a server does with
 * an upload (ingest does the same for many files at once).
 *
 *	struct intake file = INTAKE_INIT;
 *
 *	intake_read(&file, objects, path, name, len, err);	is it media? its hash; UNSUPPORTED
 *	intake_ask(&file, store, &options, &request);		for pinhole-media; its answer is the intake's
 *	intake_store(&file, store, objects, &options, err);	bytes on disk, images in the cache
 *	...
 *	intake_commit(&file, store, tx, album, caption, &out, err);	the rows; may be run again
 *	intake_release(&file);
 *
 * `objects` is one that the caller opened for this file and closes after the commit: it keeps a sweep from
 * taking the bytes before a row names them.  Whether the store has the bytes already, for somebody else, changes
 * neither what is done nor what is answered.
 */
#ifndef PINHOLE_IMPORT_INTAKE_H
#define PINHOLE_IMPORT_INTAKE_H

#include "import/pair.h"
#include "media/media.h"
#include "store/photo.h"
#include "store/variant.h"

struct intake_options {
	size_t variant_count;
	struct media_variant_spec variants[MEDIA_VARIANT_MAX]; /* out_fd is not used */
};

struct intake {
	char *name; /* the file's own, base name; NULL unknown */
	struct media_type type;
	struct sha256 hash;
	uint64_t size;
	struct object_writer *writer; /* until intake_store takes it */
	int fd;                       /* its bytes, for the decoder */
	struct variant_file files[MEDIA_VARIANT_MAX];
	struct variant variants[MEDIA_VARIANT_MAX];
	size_t variant_count;
	struct media_result result; /* the caller fills it from the decoder … */
	bool has_result;            /* … and says so */
	json_t *facts, *facts_object;
	struct sha256 facts_hash;
	struct pair_file pair;
};
#define INTAKE_INIT                                                                                \
	{                                                                                          \
		.fd = -1, .files = { [0 ... MEDIA_VARIANT_MAX - 1] = VARIANT_FILE_INIT }           \
	}
void intake_release(struct intake *file);
#define _cleanup_intake_ _cleanup_(intake_release)

/* `name` (len bytes, NULL unknown) may be a path of any system: its last part counts.  UNSUPPORTED, with what it
 * seems to be, for what is not media. */
int intake_read(struct intake *file, struct objects *objects, const char *path, const char *name,
	size_t len, struct err *err);
/* Borrows the intake's descriptors. */
void intake_ask(struct intake *file, struct store *store, const struct intake_options *options,
	struct media_request *request);
int intake_store(struct intake *file, struct store *store, struct objects *objects,
	const struct intake_options *options, struct err *err);

struct intake_outcome {
	bool added;          /* false: the album has it already */
	struct sha256 photo; /* the photo that it is, or became a part of */
	const char *role;    /* "original", or the part's role; NULL unless added */
};
/* As store->actor; only with a photo of theirs the file becomes one photo. */
int intake_commit(const struct intake *file, struct store *store, struct event_tx *tx,
	int64_t album, const char *caption, struct intake_outcome *out, struct err *err);

/* "image", "raw" or "video". */
const char *intake_kind_name(enum media_kind kind);
/* The first bytes of most RAW files are those of a TIFF: only the decoder tells them apart. */
void intake_refine_type(struct media_type *type, const json_t *facts);
/* What there is to record of a variant that was asked for. */
void intake_fill_variant(const struct media_variant_spec *spec,
	const struct media_variant_result *made, const struct media_result *result,
	struct variant *out);
/* 1 if the album has these bytes: the photo they belong to, and its state. */
int intake_find(struct store *store, int64_t album, const struct sha256 *hash, struct sha256 *photo,
	int64_t *state, struct err *err);

#endif
