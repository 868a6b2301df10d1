/* door.h - events that come in from outside: over HTTP now, from other stores later.
 *
 * An event as a client gives it: {"id"?, "kind", "about"?, "time"?, "author"?, "device"?, "body"?}.
 *
 *	id      UUIDv7 of the client, the key of repeating; without one the event is always new
 *	about   a UUID or a photo's hash; without one the event is about what it makes, or about the album
 *	time    ms since 1970; without one the time inside the id, else now
 *	author, device   may be said, but must be the caller's own
 *
 * The caller is store->actor.  What only the home itself writes is refused, and so are photos whose bytes (or
 * facts) the caller neither brought nor can see: a hash gives access to nothing, and the refusal is the same
 * whether this store holds the bytes or not.
 */
#ifndef PINHOLE_STORE_DOOR_H
#define PINHOLE_STORE_DOOR_H

#include "store/resolve.h"
#include "store/store.h"

/* Submits one event in a transaction of its own, or in the server's.  What event_submit refuses, and INVALID for a
 * malformed event, DENIED for another author or device, NOT_FOUND for bytes that the caller cannot see. */
int door_submit(struct store *store, const struct album_ref *album, const json_t *event,
	struct receipt *out, struct err *err);

/* Does this refuse one event and leave others alone (true), or does it stop all work? */
bool door_is_refusal(enum err_kind kind);

#endif
