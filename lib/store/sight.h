/* sight.h - what one person may see of a store: the one filter, for whatever lists or searches.
 *
 * A person sees the albums in which they take part now with a role that may look.  At the command
 * line nobody asks: who can read the files sees all of them.
 */
#ifndef PINHOLE_STORE_SIGHT_H
#define PINHOLE_STORE_SIGHT_H

#include "base/vec.h"
#include "event/role.h"
#include "store/store.h"

/* SQL: the keys of the albums that :viewer sees.  Speakers have the role none. */
#define SIGHT_ALBUMS                                                                               \
	"(SELECT seen.album FROM view_participant AS seen WHERE seen.id = :viewer"                 \
	" AND seen.removed IS NULL AND seen.role <> 'none')"

/* The same of the albums of which :viewer may have originals and facts (RIGHT_POSITIONS): what is in
 * these they may also show elsewhere. */
#define SIGHT_OPEN_ALBUMS                                                                          \
	"(SELECT seen.album FROM view_participant AS seen WHERE seen.id = :viewer"                 \
	" AND seen.removed IS NULL AND seen.role IN ('member', 'admin', 'owner'))"

/* 1 and what `viewer` is in the album, 0 if they do not see it (or it is deleted), -1 failed. */
int sight_role(struct store *store, int64_t album, const struct uuid *viewer, enum role *out,
	struct err *err);

/* The keys of the albums that they see, in rising order: fills a vec of int64_t, emptied before. */
int sight_albums(struct store *store, const struct uuid *viewer, struct vec *out, struct err *err);

#endif
