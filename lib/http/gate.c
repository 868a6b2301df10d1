/* gate.c - so many places, and a queue of parked calls.
 *
 * It does not know what is done inside.  Invariant: while a call waits, all places are held: who leaves hands the place
 * on.
 */
#include "http/gate.h"

#include <pthread.h>
#include <stdlib.h>

struct waiting {
	struct http_call *call;
	struct gate_place *place;
};

struct gate {
	pthread_mutex_t lock;
	unsigned free_places;
	bool closed;
	struct waiting queue[GATE_QUEUE_MAX];
	size_t first, count;
};

int gate_open(unsigned at_once, struct gate **out, struct err *err)
{
	struct gate *gate = mem_calloc(1, sizeof(*gate));

	if (!gate)
		return err_no_memory(err);
	pthread_mutex_init(&gate->lock, NULL);
	gate->free_places = at_once;
	*out = gate;
	return 0;
}

void gate_close(struct gate *gate)
{
	if (!gate)
		return;
	pthread_mutex_destroy(&gate->lock);
	free(gate);
}

void gate_stop(struct gate *gate)
{
	struct http_call *waiting[GATE_QUEUE_MAX];
	size_t count = 0;

	if (!gate)
		return;
	pthread_mutex_lock(&gate->lock);
	gate->closed = true;
	for (; gate->count; gate->count--, gate->first = (gate->first + 1) % GATE_QUEUE_MAX)
		waiting[count++] = gate->queue[gate->first].call;
	pthread_mutex_unlock(&gate->lock);
	for (size_t i = 0; i < count; i++)
		http_resume(waiting[i]);
}

int gate_enter(struct gate *gate, struct http_call *call, struct gate_place *place, struct err *err)
{
	int got = 0;

	pthread_mutex_lock(&gate->lock);
	if (place->held) {
		got = 0; /* handed over while it waited */
	} else if (gate->free_places) {
		gate->free_places--;
		place->held = true;
	} else if (gate->count < GATE_QUEUE_MAX && !gate->closed) {
		gate->queue[(gate->first + gate->count++) % GATE_QUEUE_MAX] =
			(struct waiting){call, place};
		got = HTTP_PARK;
	} else {
		got = -1;
	}
	pthread_mutex_unlock(&gate->lock);
	return got < 0 ? err_set(err, ERR_OFFLINE, "too many people are signing in: try again") :
			 got;
}

void gate_leave(struct gate *gate, struct gate_place *place)
{
	struct http_call *next = NULL;

	pthread_mutex_lock(&gate->lock);
	if (place->held && gate->count) {
		struct waiting *waiting = &gate->queue[gate->first];

		gate->first = (gate->first + 1) % GATE_QUEUE_MAX;
		gate->count--;
		waiting->place->held = true;
		next = waiting->call;
	} else if (place->held) {
		gate->free_places++;
	}
	place->held = false;
	pthread_mutex_unlock(&gate->lock);
	if (next)
		http_resume(next);
}
