/* tus_active.c - the requests that are sending now; see tus_active.h.
 *
 * It closes no file and gives no lock away: the end of the connection does.  Invariant: a call in the list is alive,
 * since it leaves before it ends.
 */
#include "http/tus_active.h"
#include "http/server.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct tus_active *first;

static int64_t now_us(const struct http_call *call)
{
	return clock_mono_us(call->server->options.clock);
}

void tus_active_enter(struct tus_active *a, struct http_call *call, const struct uuid *id)
{
	a->id = *id;
	a->heard_us = now_us(call);
	pthread_mutex_lock(&lock);
	a->call = call;
	a->before = NULL;
	a->next = first;
	if (first)
		first->before = a;
	first = a;
	pthread_mutex_unlock(&lock);
}

void tus_active_heard(struct tus_active *a)
{
	if (a->call)
		a->heard_us = now_us(a->call);
}

void tus_active_leave(struct tus_active *a)
{
	pthread_mutex_lock(&lock);
	if (a->call) {
		if (a->next)
			a->next->before = a->before;
		if (a->before)
			a->before->next = a->next;
		else
			first = a->next;
		a->call = NULL;
	}
	pthread_mutex_unlock(&lock);
}

void tus_active_hurry(struct http_call *call, const struct uuid *id)
{
	int64_t silent = now_us(call) - (int64_t)TUS_SILENT_MS * 1000;

	pthread_mutex_lock(&lock);
	for (struct tus_active *a = first; a; a = a->next)
		if (uuid_equal(&a->id, id) && a->heard_us < silent && a->call->cut)
			a->call->cut(a->call);
	pthread_mutex_unlock(&lock);
}
