/* arrival.h - bytes that came over the network become a photo: the slow part, on a worker.
 *
 *	struct arrival *arrival;
 *	arrival_make(call, path, name, len, &arrival, err);	POOL lane: read, hashed, decoded, on disk
 *	...
 *	arrival_commit(arrival, call, album, caption, &out, err);	WRITE lane; may be run again
 *	arrival_free(arrival);
 *
 * What the store holds already makes no difference, in time or answer, unless the album itself has the photo.
 */
#ifndef PINHOLE_HTTP_ARRIVAL_H
#define PINHOLE_HTTP_ARRIVAL_H

#include "http/http.h"
#include "import/intake.h"

struct arrival;

/* `name`: the file's own (len bytes, NULL unknown).  UNSUPPORTED for what is not media. */
int arrival_make(struct http_call *call, const char *path, const char *name, size_t len,
	struct arrival **out, struct err *err);
void arrival_free(struct arrival *arrival); /* NULL is fine */
int arrival_commit(const struct arrival *arrival, struct http_call *call, int64_t album,
	const char *caption, struct intake_outcome *out, struct err *err);

#endif
