/* tus_active.h - which requests are sending to which upload now, so that a dead one gives way.
 *
 *	tus_active_enter(&active, call, &id);	once the upload's file is locked
 *	tus_active_heard(&active);		whenever bytes come
 *	tus_active_leave(&active);		once all came, or none will; more often is fine
 *
 *	tus_active_hurry(call, &id);		somebody else found it locked
 *
 * A phone that changes its network leaves a connection behind that nobody closes.  One that was silent for a
 * while is cut when its upload is asked for anew; one that sends is not.
 */
#ifndef PINHOLE_HTTP_TUS_ACTIVE_H
#define PINHOLE_HTTP_TUS_ACTIVE_H

#include "http/http.h"

#include <stdatomic.h>

#define TUS_SILENT_MS 2000

struct tus_active {
	struct tus_active *next, *before;
	struct http_call *call; /* NULL: not entered */
	struct uuid id;
	_Atomic int64_t heard_us; /* mono: when bytes came last */
};

void tus_active_enter(struct tus_active *active, struct http_call *call, const struct uuid *id);
void tus_active_heard(struct tus_active *active);
void tus_active_leave(struct tus_active *active);
void tus_active_hurry(struct http_call *call, const struct uuid *id);

#endif
