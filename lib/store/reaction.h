/* reaction.h - likes and other reactions to photos and messages.
 *
 * A person reacts to a thing once by each name; doing it again changes nothing.  "Who" is always
 * store->actor.
 */
#ifndef PINHOLE_STORE_REACTION_H
#define PINHOLE_STORE_REACTION_H

#include "store/store.h"

#define REACTION_NAME_MAX 32 /* bytes of UTF-8 */

/* Do they like it?  1 yes, 0 no, -1 failed. */
int like_is_set(struct store *store, int64_t album, const struct entity *about, struct err *err);
/* How many people like it. */
int like_count(struct store *store, int64_t album, const struct entity *about, int64_t *out,
	struct err *err);
/* Likes it, or no longer does: 1 changed, 0 it was so already, -1 failed (NOT_FOUND when the
 * thing was removed or taken back). */
int like_set(
	struct store *store, int64_t album, const struct entity *about, bool like, struct err *err);

/* The same by any name: a word or an emoji without spaces and controls; INVALID. */
int reaction_set(struct store *store, int64_t album, const struct entity *about, const char *name,
	bool on, struct err *err);

struct reaction {
	struct uuid author;
	const char *author_name; /* "" if the album does not know them; borrowed, as is name */
	const char *name;
	int64_t when; /* ms */
};

struct reaction_query {
	int64_t album;
	const struct entity *about;
	/* Only what comes after this person's reaction of this name; NULL: from the first. */
	const struct uuid *after;
	const char *after_name;
	size_t limit;
};
/* In the order of people's ids and names; a failing `each` stops. */
int reaction_each(struct store *store, const struct reaction_query *query,
	int (*each)(void *data, const struct reaction *reaction, struct err *err), void *data,
	struct err *err);

#endif
