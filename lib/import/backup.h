/* backup.h - one instant of a whole store in one file, and a store out of such a file.
 *
 * A backup is a tar archive (FILE.tar, or FILE.tar.zst compressed) that other programs can read:
 *
 *	pinhole-backup.json	format, store, time
 *	pinhole.db		the database at one instant (SQLite's online backup)
 *	config, config.secret	the store's settings, where there are any
 *	hooks/NAME		the store's hooks
 *	objects/ab/cdef...	every object that the database's log names, sorted
 *	SHA256SUMS		of all of the above, in the same order; sha256sum -c reads it
 *
 * The cache is left out: it is rendered again.  The database comes first, so its instant decides:
 * what is ingested while the backup runs is not in it, and an object that is erased meanwhile is
 * reported and left out.
 *
 * The file has mode 0600, because the database knows people's numbers and config.secret passwords.
 *
 * Restoring keeps all ids: the store's, because it is the home of its albums, and the owner's, because
 * people know them by it.  So a restored store is the same store at an earlier instant.  Others may have
 * seen events from after it, therefore every album whose home is this store gets a higher epoch: a
 * replica that is ahead then sees a fork and says so, and never merges two histories silently.  Two
 * stores restored from one backup must not both be used.
 *
 * Called by cmd/backup.c and, for `pinhole restore FILE DIR`, by cmd/restore.c:
 *
 *	struct backup_result result;
 *	backup_restore(file, dir, clock, NULL, &result, err);
 *	if (result.absent > 0)
 *		...			the backup was made without them: exit 3
 */
#ifndef PINHOLE_IMPORT_BACKUP_H
#define PINHOLE_IMPORT_BACKUP_H

#include "store/store.h"

enum backup_phase { BACKUP_COPY, BACKUP_VERIFY, BACKUP_RESTORE };

/* What the caller hears meanwhile; NULL, or any member NULL, where it does not care. */
struct backup_watch {
	void (*progress)(void *data, enum backup_phase phase, uint64_t objects, uint64_t total,
		uint64_t bytes);
	/* An object that could not be copied: `why` is a whole sentence. */
	void (*absent)(void *data, const struct sha256 *hash, const char *why);
	void *data;
};

struct backup_result {
	uint64_t objects; /* in the file */
	uint64_t bytes;   /* of these objects */
	uint64_t albums, events;
	uint64_t absent; /* objects that the instant names and that could not be read: damage */
	uint64_t erased; /* objects that were erased while the backup ran: no failure */
};

/* Writes `file`, which must not exist (CONFLICT) and ends in .tar or .tar.zst (INVALID).  The file appears under
 * its name only after it was flushed, read back, and every hash, the database and every album's
 * chain in it were found sound. */
int backup_create(struct store *store, const char *file, const struct backup_watch *watch,
	struct backup_result *out, struct err *err);

/* Makes a store in `dir`, which must be absent or empty (CONFLICT).  The directory appears only after all was
 * verified: DAMAGED if anything is not as it was written, INVALID if the file is no backup. */
int backup_restore(const char *file, const char *dir, const struct clock *clock,
	const struct backup_watch *watch, struct backup_result *out, struct err *err);

#endif
