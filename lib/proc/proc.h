/* proc.h - locks between processes, helper programs on a leash, and the wish to stop.
 *
 *	struct lock_file *lock;
 *	lock_file_open(path, &lock, err);			makes the file; it is never removed
 *	lock_file_take(lock, 0, "ingest", clock, err);		LOCKED names the holder
 *	...
 *	lock_file_give(lock);					or process death, in any way
 *	lock_file_close(lock);
 *
 * A lock is a flock on an open file: the kernel releases it.  It is not inherited across exec.
 */
#ifndef PINHOLE_PROC_PROC_H
#define PINHOLE_PROC_PROC_H

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* --- lock files --------------------------------------------------------------------------- */

#define LOCK_FOREVER (-1)

struct lock_file;
int lock_file_open(const char *path, struct lock_file **out, struct err *err);
void lock_file_close(struct lock_file *l); /* gives the lock back; NULL is fine */
/* Takes the lock: wait_ms 0 tries once, > 0 tries that long, LOCK_FOREVER queues in the kernel.
 * `what` (NULL: nothing is written, for locks that are taken often) goes with pid, host and time into the
 * file, for people who look and for the message of LOCKED.  INTERRUPTED by a signal. */
int lock_file_take(struct lock_file *l, int64_t wait_ms, const char *what,
	const struct clock *clock, struct err *err);
void lock_file_give(struct lock_file *l);

/* --- helper programs ---------------------------------------------------------------------- */

struct proc_command {
	const char *const *argv; /* argv[0] is a path, not looked up in PATH; NULL at the end */
	const char *const *env;  /* "NAME=value"; NULL: PATH of the system and LANG=C.UTF-8 only */
	const char *dir;         /* working directory, NULL: ours */
	const void *input;       /* its standard input; NULL: /dev/null */
	size_t input_len;
	/* On our terminal: descriptors 0-2 are ours, input and output limits mean nothing, and SIGINT and
	 * SIGQUIT are its business while it runs (editors, pagers). */
	bool terminal;
	size_t output_max; /* bytes kept of each of stdout and stderr; the rest is read and dropped */
	int64_t time_limit_ms;    /* then its process group is killed; 0: none */
	uint64_t memory_max;      /* address space, bytes; 0: ours */
	uint64_t file_max;        /* largest file it may write, bytes; 0: ours */
	uint32_t cpu_seconds_max; /* 0: ours */
	uint32_t descriptors_max; /* 0: ours */
};

struct proc_result {
	int exit_code;   /* -1 when a signal ended it */
	int signal;      /* 0 when it ended by itself */
	bool timed_out;  /* we ended it at time_limit_ms */
	bool output_cut; /* more than output_max was written */
	struct str output;
	struct str errors; /* its stderr: hostile text, show it with str_add_visible */
};

/* Runs it to its end; a child that it left behind is not waited for.  Fails only if it cannot be started
 * (NOT_FOUND, DENIED) or watched: what the program did is in the result (proc_result_release). */
int proc_run(const struct proc_command *command, const struct clock *clock, struct proc_result *out,
	struct err *err);
void proc_result_release(struct proc_result *result);

/* The path of a program of ours that is no command ("pinhole-media"): next to the running one, in build/ below
 * it, or in libexecdir.  Free it; NULL with FAILED. */
char *proc_find_helper(const char *name, struct err *err);

/* --- the wish to stop --------------------------------------------------------------------- */

/* From now on SIGINT and SIGTERM only raise a flag (and interrupt a blocking call); a second one of the same
 * kind ends the process as usual.  For long commands: finish the item, commit, leave. */
void proc_stop_watch(void);
bool proc_stop_wanted(void);
/* -1 with INTERRUPTED when it was. */
int proc_stop_check(struct err *err);

#endif
