/* schema.h - the migrations that are built in, and the steps that bring a file up to date. */
#ifndef PINHOLE_DB_SCHEMA_H
#define PINHOLE_DB_SCHEMA_H

#include "db/db.h"

struct schema_file {
	const char *name; /* "001-log.sql"; "views.sql" is last and is not a migration */
	const char *text;
};

/* In order, ended by {NULL, NULL}; made by scripts/embed-schema. */
extern const struct schema_file schema_files[];

/* The number of the newest migration that this binary knows. */
int schema_newest(void);
/* The file's schema number (PRAGMA user_version). */
int schema_current(struct db *db, int *out, struct err *err);
/* Runs the missing migrations, each in a transaction of its own.  TOO_NEW (with both numbers) if
 * the file is newer than the binary.  `backup_path`, if not NULL, gets a verified copy before
 * the first step that changes an existing store.  A new store also gets its view tables. */
int schema_migrate(struct db *db, const char *backup_path, struct err *err);
/* Drops all that is called view_... and all full-text indexes called fts_..., runs views.sql and
 * stores its version; the caller replays the log.  Takes a transaction of its own, or takes part in the
 * write transaction that is open: a caller that replays in several of them can mark the work as
 * begun in the same one. */
int schema_reset_views(struct db *db, struct err *err);
/* False if the view tables were made by another version of views.sql: reset and replay then. */
int schema_views_are_current(struct db *db, bool *out, struct err *err);

#endif
