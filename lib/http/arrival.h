/* arrival.h - bytes that came over the network become a photo.
 *
 *	arrival_submit(call, path, name, len, &arrival, err);	the slow part, on threads of its own:
 *	return HTTP_PARK;					read, hashed, decoded, on disk
 *	...
 *	arrival_result(arrival, err);				the handler again: how that went
 *	return HTTP_WRITE;
 *	...
 *	arrival_commit(arrival, call, album, caption, &out, err);	WRITE lane; may be run again
 *	arrival_free(arrival);					once the call is not parked any more
 *
 * The rules are import/intake's.  What the store holds already makes no difference, in time or answer, unless the
 * album itself has the photo.
 */
#ifndef PINHOLE_HTTP_ARRIVAL_H
#define PINHOLE_HTTP_ARRIVAL_H

#include "http/http.h"
#include "import/intake.h"

struct arrivals; /* the threads */

int arrivals_open(struct server *server, struct arrivals **out, struct err *err);
/* Ends the threads and resumes all that still wait; takes nothing from then on. */
void arrivals_stop(struct arrivals *arrivals);
void arrivals_close(struct arrivals *arrivals); /* NULL is fine */

struct arrival; /* one file */

/* `name`: the file's own (len bytes, NULL unknown).  OFFLINE when too many wait already. */
int arrival_submit(struct http_call *call, const char *path, const char *name, size_t len,
	struct arrival **out, struct err *err);
/* UNSUPPORTED for what is not media. */
int arrival_result(const struct arrival *arrival, struct err *err);
void arrival_free(struct arrival *arrival); /* NULL is fine */
int arrival_commit(struct arrival *arrival, struct http_call *call, int64_t album,
	const char *caption, struct intake_outcome *out, struct err *err);

#endif
