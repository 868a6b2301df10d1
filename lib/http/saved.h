/* saved.h - runs a request that lies in a file through the whole server, with no socket.
 *
 * The text is what a client would send: a request line, headers, an empty line, the body (all that is left, whatever
 * Content-Length says).  Several requests in one text are parted by lines of "###"; their answers follow each other
 * in order, each with its status line, headers and body.
 */
#ifndef PINHOLE_HTTP_SAVED_H
#define PINHOLE_HTTP_SAVED_H

#include "http/server.h"

/* Appends the answers.  INVALID for a text that is no request; what a server answers with an error is an
 * answer. */
int saved_run(
	struct server *server, const char *text, size_t len, struct str *out, struct err *err);

#endif
