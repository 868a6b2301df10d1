/* mark.h - read marks: up to which event a person has read an album.
 *
 * They are events of the person's own log (kind `self.read`), of which the highest counts, and at most
 * one is written per album in MARK_EVENT_MS.  What comes sooner waits in a table of this store, counts
 * at once for whoever reads the marks here, and is written by a later call of mark_set.
 */
#ifndef PINHOLE_STORE_MARK_H
#define PINHOLE_STORE_MARK_H

#include "store/store.h"

#define MARK_EVENT_MS 30000

/* Marks the album as read up to `seq`, at most its head; a lower one than before changes nothing. *out: what
 * counts now.  In the same transaction it writes what has waited long enough. */
int mark_set(
	struct store *store, const struct uuid *album, int64_t seq, int64_t *out, struct err *err);
/* Up to where store->actor has read; 0 for not at all. */
int mark_get(struct store *store, const struct uuid *album, int64_t *out, struct err *err);

struct mark {
	struct uuid album;
	int64_t seq, head; /* read up to; the album's newest */
};
/* The marks of store->actor in the albums that they see; a failing `each` stops. */
int mark_each(struct store *store,
	int (*each)(void *data, const struct mark *mark, struct err *err), void *data,
	struct err *err);

#endif
