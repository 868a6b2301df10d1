/* workplace.h - a hidden folder beside a result, in which the result grows, and which never stays behind for long.
 *
 *	struct workplace *place;
 *	workplace_open("/backup/tonight.tar", ".pinhole-backup-", &place, err);
 *	...			files in workplace_path(place)
 *	rename(...)		the result gets its name
 *	workplace_close(place);	removes the folder with all that is left in it
 *
 * A workplace that a killed process left is removed by the next one that is opened beside it with the same
 * prefix: who lives holds a flock on their folder.
 */
#ifndef PINHOLE_IMPORT_WORKPLACE_H
#define PINHOLE_IMPORT_WORKPLACE_H

#include "base/err.h"

struct workplace;
/* In the folder that `result` lies in, which must exist; mode 0700. */
int workplace_open(const char *result, const char *prefix, struct workplace **out, struct err *err);
void workplace_close(struct workplace *place); /* NULL is fine */
const char *workplace_path(const struct workplace *place);
/* The folder that the result lies in: fsync it after the rename. */
const char *workplace_beside(const struct workplace *place);

#endif
