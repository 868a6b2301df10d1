/* link.h - links by which guests may look into an album: made, listed, revoked.
 *
 * What is here is in the log and may be read by every member.  A link's token and password are secrets
 * of the home and are none of this file's.
 */
#ifndef PINHOLE_STORE_LINK_H
#define PINHOLE_STORE_LINK_H

#include "store/store.h"

#define LINK_NAME_MAX 256 /* bytes */

enum link_may { LINK_LOOK = 1, LINK_TALK = 2, LINK_UPLOAD = 4, LINK_DOWNLOAD = 8 };
extern const char *const link_may_names[]; /* in the order of the bits, ended by NULL */

struct link_draft {
	const char *name; /* NULL: none */
	unsigned may;     /* enum link_may, or-ed */
	int64_t expires;  /* ms since 1970, -1: never */
	int64_t max_uses; /* -1: any number */
};
int link_create(struct store *store, int64_t album, const struct link_draft *link, struct uuid *out,
	struct err *err);
/* NOT_FOUND if there is none, or it was revoked. */
int link_revoke(struct store *store, int64_t album, const struct uuid *id, struct err *err);

struct link {
	struct uuid id, author;
	const char *name; /* borrowed; NULL: none */
	unsigned may;
	int64_t expires, max_uses; /* -1: none */
	bool revoked;
};

struct link_query {
	int64_t album;
	const struct uuid *after; /* only ids after this one; NULL: from the first */
	bool revoked;             /* also those that were revoked */
	size_t limit;
};
/* In the order of their ids, which is that of their making; a failing `each` stops. */
int link_each(struct store *store, const struct link_query *query,
	int (*each)(void *data, const struct link *link, struct err *err), void *data,
	struct err *err);
/* One link, also a revoked one; NOT_FOUND.  As link_each, so that `name` may be borrowed. */
int link_show(struct store *store, int64_t album, const struct uuid *id,
	int (*each)(void *data, const struct link *link, struct err *err), void *data,
	struct err *err);

#endif
