/* follow.h - what is new in the albums that one person sees: the tail of many logs at once.
 *
 *	struct follow follow = FOLLOW_INIT(rev);	what came after this rev of the store
 *
 *	while ((more = follow_step(store, &follow, 200, each, data, err)) == 1)
 *		...					up to 200 events were told
 *	now everything up to follow.rev was told
 *	follow_release(&follow);
 *
 * Events of one album come in the order of its log, those of several in any.  From where a rev is given again
 * an event may come twice (its id says so), never not at all; erased ones come without a body.  Who is removed
 * from an album is told of it, and of nothing after.
 */
#ifndef PINHOLE_STORE_FOLLOW_H
#define PINHOLE_STORE_FOLLOW_H

#include "base/vec.h"
#include "store/store.h"

#define FOLLOW_ALBUMS_MAX 100000

struct follow_album {      /* how far one album was told */
	int64_t key, next; /* next: a seq */
};

struct follow {
	int64_t rev;
	struct vec albums; /* struct follow_album that have changed since */
};
#define FOLLOW_INIT(from)                                                                          \
	{                                                                                          \
		.rev = (from), .albums = VEC_INIT(struct follow_album, FOLLOW_ALBUMS_MAX)          \
	}
void follow_release(struct follow *follow);

typedef int (*follow_told)(
	void *data, const struct uuid *album, const struct event *event, struct err *err);
/* Of store->actor.  1: there is more; 0: all was told, follow->rev says up to where; -1 failed. */
int follow_step(struct store *store, struct follow *follow, size_t limit, follow_told each,
	void *data, struct err *err);

/* The store's rev now. */
int follow_now(struct store *store, int64_t *rev, struct err *err);

#endif
