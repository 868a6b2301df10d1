/* self.h - a person's own log: the album of kind `self` that is made with their account. */
#ifndef PINHOLE_STORE_SELF_H
#define PINHOLE_STORE_SELF_H

#include "event/event.h"

struct self_owner {
	struct uuid id, device;  /* who, and the device that acts */
	const char *name;        /* shown */
	const char *device_name; /* NULL: no device is noted */
};

/* Makes it in the open transaction; its home is this store.  `now` is ms. */
int self_make(struct event_tx *tx, const struct self_owner *owner, int64_t now, int64_t *album,
	struct err *err);

#endif
