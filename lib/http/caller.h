/* caller.h - what the server remembers of tokens that held.
 *
 * A token is looked up by its SHA-256: one that is remembered costs no signature and no read of the store
 * until it expires or server->generation moves.  Then the store is asked once whether the account still is what the
 * token says.  Tokens themselves are not kept.
 */
#ifndef PINHOLE_HTTP_CALLER_H
#define PINHOLE_HTTP_CALLER_H

#include "http/http.h"

struct callers;
int callers_open(struct callers **out, struct err *err);
void callers_close(struct callers *callers); /* NULL is fine */

#endif
