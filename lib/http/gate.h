/* gate.h - lets few calls at once do what takes much memory and time: hash a password.
 *
 *	struct gate_place place;			in call->work: it outlives the handler's first return
 *
 *	int got = gate_enter(server->gate, call, &place, err);
 *	if (got)
 *		return got;				HTTP_PARK: the handler is run again, and enters then; or -1
 *	...
 *	gate_leave(server->gate, &place);
 *
 * Who finds no room waits without a thread, in the order of coming.
 */
#ifndef PINHOLE_HTTP_GATE_H
#define PINHOLE_HTTP_GATE_H

#include "http/http.h"

#define GATE_QUEUE_MAX 64 /* calls that wait */

struct gate_place { /* zeroed at first */
	bool held;
};

struct gate;
/* `at_once`: at least 1. */
int gate_open(unsigned at_once, struct gate **out, struct err *err);
void gate_close(struct gate *gate); /* NULL is fine */
/* 0: inside; HTTP_PARK: return it; -1 with OFFLINE: too many wait. */
int gate_enter(
	struct gate *gate, struct http_call *call, struct gate_place *place, struct err *err);
/* Also with a place that is not held: a call may end in other ways after one was handed to it. */
void gate_leave(struct gate *gate, struct gate_place *place);
/* Nobody waits any more: those that do are run again and refused. */
void gate_stop(struct gate *gate); /* NULL is fine */

#endif
