/* participant.h - the people of an album: listed, added, given a role or a name, taken out.
 *
 * Every change is an event by store->actor, who needs the right for it.  Kinds of errors: DENIED,
 * NOT_FOUND (no such participant), CONFLICT (takes part already), INVALID (names, roles).
 */
#ifndef PINHOLE_STORE_PARTICIPANT_H
#define PINHOLE_STORE_PARTICIPANT_H

#include "event/role.h"
#include "store/store.h"

#define PARTICIPANT_NAME_MAX 256 /* bytes */

struct participant {
	struct uuid id;
	char kind[8]; /* user, guest, waiting, speaker */
	char *name;   /* owned */
	enum role role;
	bool has_claim, has_inviter;
	struct uuid claimed_by; /* the user that proved to be this participant */
	struct uuid inviter;
	int64_t joined;  /* seq, 0 while pending */
	int64_t removed; /* seq at which access ended, 0: takes part */
};

void participant_release(struct participant *participant);
#define _cleanup_participant_ _cleanup_(participant_release)

/* NOT_FOUND if they never were one. */
int participant_get(struct store *store, int64_t album, const struct uuid *id,
	struct participant *out, struct err *err);

struct participant_query {
	int64_t album;
	const struct uuid *after; /* only ids after this one; NULL: from the first */
	bool former;              /* also those whose access ended */
	size_t limit;
};
/* In the order of their ids; a failing `each` stops. */
int participant_each(struct store *store, const struct participant_query *query,
	int (*each)(void *data, const struct participant *participant, struct err *err), void *data,
	struct err *err);

/* One line of UTF-8 that shows something, at most PARTICIPANT_NAME_MAX bytes; INVALID. */
int participant_check_name(const char *name, struct err *err);

/* Adds a user by id, or (user NULL) somebody who is waiting until they prove who they are: *out is
 * their id in the album. */
int participant_add(struct store *store, int64_t album, const struct uuid *user, const char *name,
	enum role role, struct uuid *out, struct err *err);
int participant_set_role(
	struct store *store, int64_t album, const struct uuid *id, enum role role, struct err *err);
int participant_rename(struct store *store, int64_t album, const struct uuid *id, const char *name,
	struct err *err);
/* Ends their access; oneself: leaves. */
int participant_remove(struct store *store, int64_t album, const struct uuid *id, struct err *err);

#endif
