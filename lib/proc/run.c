/* run.c - runs a helper program with limits and collects what it says; see proc.h.
 *
 * It does not search PATH and passes no environment of ours on.  Invariant: when proc_run returns, the program
 * has ended and been reaped, and all descriptors made for it are closed.
 */
#include "proc/proc.h"

#include "base/mem.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK      16384
#define LAST_READS 16 /* pages of a pipe: more cannot be left in it */

static const char *const clean_env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", NULL};

/* Our ends and its ends of what connects us; -1 where not used. */
struct plumbing {
	int input;     /* its stdin */
	int output[2]; /* read by us, written by it */
	int errors[2];
	int started[2]; /* carries errno when exec fails; closed by exec */
};

static void plumbing_close(struct plumbing *p)
{
	mem_close_fd(&p->input);
	for (int i = 0; i < 2; i++) {
		mem_close_fd(&p->output[i]);
		mem_close_fd(&p->errors[i]);
		mem_close_fd(&p->started[i]);
	}
}

/* A file in memory holds the input, so that nobody ever waits for a reader. */
static int open_input(const struct proc_command *c, struct err *err)
{
	_cleanup_close_ int fd = -1;

	if (!c->input) {
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return fd < 0 ? err_errno(err, "cannot open /dev/null") : mem_steal_fd(&fd);
	}
	fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot make the input of a program");
	if (path_write_all(fd, c->input, c->input_len, err))
		return -1;
	if (lseek(fd, 0, SEEK_SET))
		return err_errno(err, "cannot make the input of a program");
	return mem_steal_fd(&fd);
}

static int plumbing_open(const struct proc_command *c, struct plumbing *p, struct err *err)
{
	if (pipe2(p->started, O_CLOEXEC))
		return err_errno(err, "cannot make a pipe");
	if (c->terminal)
		return 0;
	p->input = open_input(c, err);
	if (p->input < 0)
		return -1;
	if (pipe2(p->output, O_CLOEXEC) || pipe2(p->errors, O_CLOEXEC))
		return err_errno(err, "cannot make a pipe");
	return 0;
}

/* --- in the child: only async-signal-safe calls ------------------------------------------- */

static int limit(__rlimit_resource_t what, uint64_t most)
{
	struct rlimit r = {.rlim_cur = most, .rlim_max = most};

	return most ? setrlimit(what, &r) : 0;
}

/* dup2 leaves a descriptor alone, with its CLOEXEC, when it has the right number already. */
static int move_fd(int from, int to)
{
	if (from == to)
		return fcntl(from, F_SETFD, 0);
	return dup2(from, to) < 0 ? -1 : 0;
}

static int child_prepare(const struct proc_command *c, const struct plumbing *p)
{
	const struct rlimit no_core = {0, 0};
	sigset_t none;

	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (sigprocmask(SIG_SETMASK, &none, NULL))
		return -1;
	if (!c->terminal &&
		(setpgid(0, 0) || move_fd(p->input, 0) || move_fd(p->output[1], 1) ||
			move_fd(p->errors[1], 2)))
		return -1;
	if (c->dir && chdir(c->dir))
		return -1;
	/* Ours are CLOEXEC already; what we inherited may not be. */
	syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
	if (setrlimit(RLIMIT_CORE, &no_core) || limit(RLIMIT_AS, c->memory_max) ||
		limit(RLIMIT_FSIZE, c->file_max) || limit(RLIMIT_CPU, c->cpu_seconds_max) ||
		limit(RLIMIT_NOFILE, c->descriptors_max))
		return -1;
	return 0;
}

__attribute__((noreturn)) static void child_run(
	const struct proc_command *c, const struct plumbing *p)
{
	int number = 0;

	if (child_prepare(c, p) == 0)
		execve(c->argv[0], (char *const *)c->argv,
			(char *const *)(c->env ? c->env : clean_env));
	number = errno;
	if (write(p->started[1], &number, sizeof(number)) < 0)
		_exit(126);
	_exit(127);
}

/* --- in the parent ------------------------------------------------------------------------ */

/* Waits for exec: 0, or -1 with the reason why it failed (then the child is reaped). */
static int await_start(const struct proc_command *c, struct plumbing *p, pid_t pid, struct err *err)
{
	int number = 0;
	ssize_t n;

	mem_close_fd(&p->started[1]);
	mem_close_fd(&p->output[1]);
	mem_close_fd(&p->errors[1]);
	mem_close_fd(&p->input);
	do {
		n = read(p->started[0], &number, sizeof(number));
	} while (n < 0 && errno == EINTR);
	mem_close_fd(&p->started[0]);
	if (n <= 0)
		return 0;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	errno = number;
	return err_errno(err, "cannot run %s", c->argv[0]);
}

/* Takes what is there to be read; closes the descriptor at its end. */
static void drain(int *fd, struct str *into, bool *cut)
{
	char chunk[CHUNK];
	ssize_t n = read(*fd, chunk, sizeof(chunk));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		mem_close_fd(fd);
		return;
	}
	if ((size_t)n > into->max - into->len) {
		n = (ssize_t)(into->max - into->len);
		*cut = true;
	}
	str_add(into, chunk, (size_t)n);
}

struct watch {
	pid_t pid;
	int pid_fd; /* readable when it has ended */
	bool group; /* it leads its own process group */
	int64_t end_us;
	const struct clock *clock;
};

static int time_left_ms(const struct watch *w)
{
	int64_t left;

	if (!w->end_us)
		return -1;
	left = (w->end_us - clock_mono_us(w->clock) + 999) / 1000;
	return left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

/* Reads until the program has ended or its time is over. */
static int watch_run(
	const struct watch *w, struct plumbing *p, struct proc_result *r, struct err *err)
{
	bool ended = false;
	int after = 0;

	while (!ended) {
		struct pollfd fds[] = {{.fd = p->output[0], .events = POLLIN},
			{.fd = p->errors[0], .events = POLLIN},
			{.fd = w->pid_fd, .events = POLLIN}};
		int left = time_left_ms(w), n = poll(fds, ARRAY_LEN(fds), left);

		if (n < 0 && errno != EINTR)
			return err_errno(err, "cannot watch a program");
		if (n == 0 && left == 0) {
			r->timed_out = true;
			kill(w->group ? -w->pid : w->pid, SIGKILL);
			return 0;
		}
		if (n <= 0)
			continue;
		if (fds[0].revents)
			drain(&p->output[0], &r->output, &r->output_cut);
		if (fds[1].revents)
			drain(&p->errors[0], &r->errors, &r->output_cut);
		/* Its last words are still in the pipes; what a child that it left behind goes on saying is
		 * not waited for. */
		ended = fds[2].revents &&
			(!((fds[0].revents | fds[1].revents) & POLLIN) || ++after > LAST_READS);
	}
	return 0;
}

static int reap(pid_t pid, struct proc_result *r, struct err *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, "cannot wait for a program");
	r->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	r->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	return 0;
}

static int run_started(const struct proc_command *c, const struct clock *clock, struct plumbing *p,
	pid_t pid, struct proc_result *r, struct err *err)
{
	_cleanup_close_ int pid_fd = -1;
	struct watch watch = {.pid = pid, .group = !c->terminal, .clock = clock};
	int failed;

	if (await_start(c, p, pid, err))
		return -1;
	if (c->time_limit_ms)
		watch.end_us = clock_mono_us(clock) + c->time_limit_ms * 1000;
	pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	watch.pid_fd = pid_fd;
	failed = pid_fd < 0 ? err_errno(err, "cannot watch a program") :
			      watch_run(&watch, p, r, err);
	if (failed)
		kill(c->terminal ? pid : -pid, SIGKILL);
	return reap(pid, r, failed ? NULL : err) || failed ? -1 : 0;
}

/* While an editor runs, ^C is for the editor. */
static void terminal_signals(bool ours, struct sigaction saved[2])
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGINT, ours ? &saved[0] : &ignore, ours ? NULL : &saved[0]);
	sigaction(SIGQUIT, ours ? &saved[1] : &ignore, ours ? NULL : &saved[1]);
}

int proc_run(const struct proc_command *command, const struct clock *clock, struct proc_result *out,
	struct err *err)
{
	_cleanup_(plumbing_close) struct plumbing p = {-1, {-1, -1}, {-1, -1}, {-1, -1}};
	_cleanup_(proc_result_release) struct proc_result r = {.exit_code = -1};
	struct sigaction saved[2];
	pid_t pid;
	int failed;

	str_init(&r.output, command->output_max);
	str_init(&r.errors, command->output_max);
	if (plumbing_open(command, &p, err))
		return -1;
	if (command->terminal)
		terminal_signals(false, saved);
	pid = fork();
	if (pid == 0)
		child_run(command, &p);
	failed = pid < 0 ? err_errno(err, "cannot start %s", command->argv[0]) :
			   run_started(command, clock, &p, pid, &r, err);
	if (command->terminal)
		terminal_signals(true, saved);
	if (failed || str_check(&r.output, err) || str_check(&r.errors, err))
		return -1;
	*out = r;
	str_init(&r.output, 0);
	str_init(&r.errors, 0);
	return 0;
}

void proc_result_release(struct proc_result *result)
{
	str_release(&result->output);
	str_release(&result->errors);
}
