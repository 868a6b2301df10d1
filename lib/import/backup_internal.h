/* backup_internal.h - what writing and reading a backup share; see backup.h.
 *
 * Invariant: the bytes of SHA256SUMS are the lines of all entries before it, in their order.  So one
 * running hash over those lines, kept while reading, proves the whole file.
 */
#ifndef PINHOLE_IMPORT_BACKUP_INTERNAL_H
#define PINHOLE_IMPORT_BACKUP_INTERNAL_H

#include "import/backup.h"

#define BACKUP_ABOUT   "pinhole-backup.json"
#define BACKUP_DB      "pinhole.db"
#define BACKUP_SUMS    "SHA256SUMS"
#define BACKUP_FORMAT  "pinhole-backup"
#define BACKUP_VERSION 1

#define BACKUP_BUFFER   ((size_t)256 * 1024)
#define BACKUP_NAME_MAX 512 /* bytes of an entry's name */

struct archive;

/* "HASH  NAME\n", as sha256sum writes it. */
void backup_sum_line(const struct sha256 *hash, const char *name, struct str *out);
/* libarchive's complaint as ours; a full disk is NO_SPACE.  Returns -1. */
int backup_archive_failed(struct archive *a, const char *what, struct err *err);
/* Reads the whole file and proves it.  `dir` gets the database and, when `objects` is not NULL, settings and
 * hooks; objects go into `objects` (NULL: they are only hashed). */
int backup_read(const char *file, const char *dir, struct objects *objects, enum backup_phase phase,
	const struct backup_watch *watch, struct backup_result *out, struct err *err);
/* Proves a copied database: its pages, and the chain of every album. */
int backup_check_db(const char *path, struct backup_result *out, struct err *err);

#endif
