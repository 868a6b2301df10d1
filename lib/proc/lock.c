/* lock.c - lock files; see proc.h.
 *
 * It never removes a lock file: a removed one could be held by one process while another locks a new file
 * of the same name.  Invariant: the text tells people who holds the lock; only the flock decides.
 */
#include "proc/proc.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define HOLDER_MAX    512
#define POLL_FIRST_MS 1
#define POLL_MOST_MS  50

struct lock_file {
	char *path;
	int fd;
	bool held;
	bool described;
};

int lock_file_open(const char *path, struct lock_file **out, struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct lock_file *l;

	if (fd < 0)
		return err_errno(err, "cannot open the lock file %s", path);
	l = mem_calloc(1, sizeof(*l));
	if (!l)
		return err_no_memory(err);
	l->path = mem_strdup(path);
	if (!l->path) {
		free(l);
		return err_no_memory(err);
	}
	l->fd = mem_steal_fd(&fd);
	*out = l;
	return 0;
}

void lock_file_close(struct lock_file *l)
{
	if (!l)
		return;
	lock_file_give(l);
	mem_close_fd(&l->fd);
	free(l->path);
	free(l);
}

static int locked_by_other(const struct lock_file *l, struct err *err)
{
	char text[HOLDER_MAX + 1];
	ssize_t n = pread(l->fd, text, HOLDER_MAX, 0);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (*text)
		return err_set(err, ERR_LOCKED, "%s is locked by %s", l->path, text);
	return err_set(err, ERR_LOCKED, "%s is locked by another process", l->path);
}

/* Best effort: a full disk must not keep anybody from the lock. */
static void describe(struct lock_file *l, const char *what, const struct clock *clock)
{
	char text[HOLDER_MAX], host[65] = "", when[TIME_TEXT_LEN];
	int n;

	gethostname(host, sizeof(host) - 1);
	time_format_utc(clock_now_ms(clock) / 1000 * 1000, when);
	n = snprintf(text, sizeof(text), "%.200s (process %ld on %s since %s)\n", what,
		(long)getpid(), host, when);
	if (n < 0 || ftruncate(l->fd, 0))
		return;
	l->described = pwrite(l->fd, text, strlen(text), 0) > 0;
}

static void sleep_ms(int64_t ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

/* 0 taken, 1 another holds it, -1 failed. */
static int try_lock(struct lock_file *l, bool wait, struct err *err)
{
	if (flock(l->fd, LOCK_EX | (wait ? 0 : LOCK_NB)) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return 1;
	return err_errno(err, "cannot lock %s", l->path);
}

int lock_file_take(struct lock_file *l, int64_t wait_ms, const char *what,
	const struct clock *clock, struct err *err)
{
	int64_t end_us = wait_ms > 0 ? clock_mono_us(clock) + wait_ms * 1000 : 0;
	int64_t pause = POLL_FIRST_MS;
	int state;

	while ((state = try_lock(l, wait_ms == LOCK_FOREVER, err)) == 1) {
		if (wait_ms == 0 || clock_mono_us(clock) >= end_us)
			return locked_by_other(l, err);
		sleep_ms(pause);
		pause = pause * 2 > POLL_MOST_MS ? POLL_MOST_MS : pause * 2;
	}
	if (state)
		return -1;
	l->held = true;
	if (what)
		describe(l, what, clock);
	return 0;
}

void lock_file_give(struct lock_file *l)
{
	if (!l->held)
		return;
	/* So that the text is not read as that of a holder who takes the lock without one. */
	if (l->described && ftruncate(l->fd, 0) == 0)
		l->described = false;
	flock(l->fd, LOCK_UN);
	l->held = false;
}
