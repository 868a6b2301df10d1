/* idempotency.h - the same request twice is done once (draft-ietf-httpapi-idempotency-key-header-07).
 *
 *	if (idempotency_enter(call))			the same is under way: answered with 409
 *		return;
 *	...
 *	got = idempotency_handle(call, err);		on the writer, instead of the route's handler
 *	... commit ...
 *	idempotency_leave(call);			before it is answered
 *
 * A key counts for POST and PATCH of a known caller, but not for uploads.  What was answered with success
 * is kept for 24 hours, in the transaction of what was done: asked again with the same body the same answer
 * comes (and Idempotency-Replayed: true), with another it is 422.  A refusal is not kept: nothing was done.
 * Routes whose answers may hold secrets (SCOPE_ACCOUNT, SCOPE_ADMIN) take no notice of a key: no secret is
 * stored as it is.  So do those that take a streamed body: uploads know by their offset what was done.
 */
#ifndef PINHOLE_HTTP_IDEMPOTENCY_H
#define PINHOLE_HTTP_IDEMPOTENCY_H

#include "http/http.h"

#define IDEMPOTENCY_LIFE_MS  (24 * 3600 * (int64_t)1000)
#define IDEMPOTENCY_KEY_MAX  255          /* bytes, printable ASCII */
#define IDEMPOTENCY_BODY_MAX (256 * 1024) /* bytes; larger answers are not kept */

/* What is under way in a server. */
struct idempotency;
int idempotency_open(struct idempotency **out, struct err *err);
void idempotency_close(struct idempotency *idempotency); /* NULL is fine */

/* True: it is answered already, with 409 or (a malformed key) 400. */
bool idempotency_enter(struct http_call *call);
/* Once or more often; also by call_free. */
void idempotency_leave(struct http_call *call);
/* Runs the route's handler, or answers as the first time. */
int idempotency_handle(struct http_call *call, struct err *err);

#endif
