/* schema_steps.h - schema.h with the files given by the caller.
 *
 * Internal to the db room and its tests.  A list is ended by {NULL, NULL} and in order:
 * "001-….sql", "002-….sql", … then "views.sql".
 */
#ifndef PINHOLE_DB_SCHEMA_STEPS_H
#define PINHOLE_DB_SCHEMA_STEPS_H

#include "db/schema.h"

int schema_newest_of(const struct schema_file *files);
int schema_migrate_files(
	struct db *db, const struct schema_file *files, const char *backup_path, struct err *err);
int schema_reset_views_of(struct db *db, const struct schema_file *files, struct err *err);
int schema_views_are_current_of(
	struct db *db, const struct schema_file *files, bool *out, struct err *err);

#endif
