/* stop.c - SIGINT and SIGTERM as a flag; see proc.h.
 *
 * It ends nothing by itself.  Invariant: the handler only writes one flag.
 */
#include "proc/proc.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t stop_signal;

static void note(int number)
{
	stop_signal = number;
}

void proc_stop_watch(void)
{
	/* Without SA_RESTART: a blocking lock or read returns.  RESETHAND: the second signal kills. */
	struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND};

	stop_signal = 0;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool proc_stop_wanted(void)
{
	return stop_signal != 0;
}

int proc_stop_check(struct err *err)
{
	return stop_signal ? err_set(err, ERR_INTERRUPTED, "interrupted") : 0;
}
