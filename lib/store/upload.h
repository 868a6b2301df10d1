/* upload.h - files that people are sending to a served store: rows, and their bytes until they are photos.
 *
 * Bytes lie in uploads/ in the store, one file for each upload, named by its id.  How far an upload is is the
 * length of its file: that survives a killed process without any row being written.  One that appends holds the
 * file's lock:
 *
 *	struct upload_file file = UPLOAD_FILE_INIT;
 *
 *	upload_file_open(store, &id, &file, err);	LOCKED while another appends
 *	upload_file_guard(&file, err);			only where the chunk has a checksum …
 *	upload_file_append(&file, bytes, len, err);	file.offset grows
 *	upload_file_keep(&file, err);			… and it was right; else the close takes it back
 *	upload_file_sync(&file, err);			before telling anybody how far it is
 *	upload_file_close(&file);
 *
 * Writers of rows work inside the transaction that is open.
 */
#ifndef PINHOLE_STORE_UPLOAD_H
#define PINHOLE_STORE_UPLOAD_H

#include "base/vec.h"
#include "store/store.h"

/* --- rows --------------------------------------------------------------------------------- */

#define UPLOAD_METADATA_MAX 4096 /* bytes */
#define UPLOADS_OPEN_MAX    1000 /* of one user, under way at once */
#define UPLOAD_LENGTH_NONE  (-1) /* the client has not said yet */

struct upload {
	struct uuid id, user;
	int64_t album;  /* key */
	int64_t length; /* bytes, or UPLOAD_LENGTH_NONE */
	char metadata[UPLOAD_METADATA_MAX + 1];
	int64_t created, expires; /* ms */
	bool done;
	struct sha256 photo; /* if done */
};

/* NOT_FOUND for one that is not there, expired, or another's: nobody learns which. */
int upload_get(struct store *store, const struct uuid *id, const struct uuid *user,
	struct upload *out, struct err *err);

struct upload_load { /* what a user has under way */
	int64_t count;
	int64_t bytes; /* of announced lengths */
};
int upload_load(
	struct store *store, const struct uuid *user, struct upload_load *out, struct err *err);

int upload_add(struct store *store, const struct upload *upload, struct err *err);
/* CONFLICT if another length was set before. */
int upload_set_length(struct store *store, const struct uuid *id, int64_t length, struct err *err);
/* It became a photo. */
int upload_finish(
	struct store *store, const struct uuid *id, const struct sha256 *photo, struct err *err);
int upload_remove(struct store *store, const struct uuid *id, struct err *err);
/* Takes at most `max` rows away that have expired; their ids (struct uuid) are added to `out`, for
 * upload_unlink after the commit. */
int upload_expire(struct store *store, size_t max, struct vec *out, struct err *err);

/* --- bytes -------------------------------------------------------------------------------- */

struct upload_file {
	int fd;
	char *path;
	int64_t offset;  /* bytes so far */
	int64_t guarded; /* where an unverified chunk began, -1: none is open */
};
#define UPLOAD_FILE_INIT                                                                           \
	{                                                                                          \
		.fd = -1, .guarded = -1                                                            \
	}

/* How many bytes are there that count, flushed to the disk; 0 when none came yet. */
int upload_offset(struct store *store, const struct uuid *id, int64_t *out, struct err *err);
/* How many bytes it takes on disk now. */
int64_t upload_held(const struct store *store, const struct uuid *id);
/* The same of all of a user's that have not said their length yet. */
int upload_held_unsaid(struct store *store, const struct uuid *user, int64_t *out, struct err *err);
/* Makes the file if there is none.  What an unverified chunk left behind is cut off. */
int upload_file_open(
	struct store *store, const struct uuid *id, struct upload_file *file, struct err *err);
int upload_file_guard(struct upload_file *file, struct err *err);
int upload_file_append(struct upload_file *file, const void *bytes, size_t len, struct err *err);
int upload_file_keep(struct upload_file *file, struct err *err);
/* Cuts off what came since then. */
int upload_file_truncate(struct upload_file *file, int64_t offset, struct err *err);
int upload_file_sync(struct upload_file *file, struct err *err);
void upload_file_close(struct upload_file *file);
#define _cleanup_upload_file_ _cleanup_(upload_file_close)

/* Removes the bytes; none is fine. */
void upload_unlink(const struct store *store, const struct uuid *id);
/* What a server does once, before it takes uploads: expired ones and what is left of them go. */
int upload_start(struct store *store, struct err *err);
/* Removes the files in uploads/ that belong to no upload under way and that nobody is appending to; counts
 * them. */
int upload_sweep(struct store *store, uint64_t *removed, struct err *err);

#endif
