/* thread.h - starting threads of our own. */
#ifndef PINHOLE_BASE_THREAD_H
#define PINHOLE_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Runs `run` on a new thread that receives no signals: those are for the thread that can act on them.
 * False when there can be no thread; whoever only wants to be faster then does the work itself. */
bool thread_start(pthread_t *thread, void *(*run)(void *data), void *data);

#endif
