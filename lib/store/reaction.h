/* reaction.h - likes of photos and messages.
 *
 * A person likes a thing once; liking it again changes nothing.
 */
#ifndef PINHOLE_STORE_REACTION_H
#define PINHOLE_STORE_REACTION_H

#include "store/store.h"

/* Does the store's owner like it?  1 yes, 0 no, -1 failed. */
int like_is_set(struct store *store, int64_t album, const struct entity *about, struct err *err);
/* How many people like it. */
int like_count(struct store *store, int64_t album, const struct entity *about, int64_t *out,
	struct err *err);
/* Likes it, or no longer does: 1 changed, 0 it was so already, -1 failed (NOT_FOUND when the
 * thing was removed or taken back). */
int like_set(
	struct store *store, int64_t album, const struct entity *about, bool like, struct err *err);

#endif
