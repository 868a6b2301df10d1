/* render.h - renders pictures for calls that wait parked: each picture once, however many ask at once.
 *
 *	render_open(server, &render, err);
 *	...
 *	if (render_failed(render, &picture, &why))	it was tried, and why it cannot be
 *		answer that;
 *	if (render_submit(render, &picture, call, err) == 0)
 *		return HTTP_PARK;			the call is resumed when the picture is there, or failed
 *	...
 *	render_stop(render);				resumes all that still wait
	render_close(render);
 *
 * A few threads decode by decoder.h.  What a file does to its decoder costs that one picture.
 */
#ifndef PINHOLE_HTTP_RENDER_H
#define PINHOLE_HTTP_RENDER_H

#include "http/server.h"
#include "http/sized.h"
#include "store/variant.h"

struct picture { /* what is rendered from what */
	struct sha256 object;
	int rotate; /* quarter turns, 0-3 */
	struct sized sized;
	char name[256]; /* the file's own: RAW flavours go by it; "" unknown */
};

struct render;

int render_open(struct server *server, struct render **out, struct err *err);
/* Ends the threads and resumes all that still wait; takes nothing from then on. */
void render_stop(struct render *render);
void render_close(struct render *render); /* NULL is fine */

/* How the variant of the picture is called in the cache. */
void render_variant(const struct picture *picture, struct variant *out);

/* True where the picture was tried and is not to be had for now: *why says so, UNSUPPORTED for good. */
bool render_failed(struct render *render, const struct picture *picture, struct err *why);
/* OFFLINE when too much waits already. */
int render_submit(struct render *render, const struct picture *picture, struct http_call *call,
	struct err *err);

#endif
