/* proc.c - lock files, helper programs, the wish to stop. */
#include "tap.h"

#include "base/path.h"
#include "proc/proc.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct err err;
static char top[] = "/tmp/pinhole-proc-XXXXXX";

static void test_lock(void)
{
	_cleanup_free_ char *path = path_join(top, "lock");
	_cleanup_str_ struct str text = STR_INIT(1000);
	struct lock_file *a = NULL, *b = NULL;
	char pid[32];

	ok_call(lock_file_open(path, &a, &err), &err, "open");
	ok_call(lock_file_open(path, &b, &err), &err, "open by another");
	ok_call(lock_file_take(a, 0, "ingest", &clock_system, &err), &err, "take");
	ok(lock_file_take(b, 0, "backup", &clock_system, &err) == -1 && err.kind == ERR_LOCKED,
		"the other is told that it is locked");
	snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
	ok(strstr(err.message, "ingest") && strstr(err.message, pid), "by whom: %s", err.message);
	ok(lock_file_take(b, 20, "backup", &clock_system, &err) == -1 && err.kind == ERR_LOCKED,
		"also after a while");
	lock_file_give(a);
	path_read_file(path, 1000, &text, &err);
	is_int(text.len, 0, "the text goes with the lock");
	ok_call(lock_file_take(b, 0, NULL, &clock_system, &err), &err,
		"given back, taken by the other");
	ok(lock_file_take(a, 0, "x", &clock_system, &err) == -1 && err.kind == ERR_LOCKED,
		"a lock without a text locks too");
	lock_file_close(b);
	ok_call(lock_file_take(a, LOCK_FOREVER, "again", &clock_system, &err), &err,
		"closing gives back");
	lock_file_close(a);
}

static void test_lock_of_the_dead(void)
{
	_cleanup_free_ char *path = path_join(top, "dead");
	struct lock_file *l = NULL;
	int fds[2], status;
	char c = 0;
	pid_t pid;

	ok(pipe(fds) == 0, "pipe");
	pid = fork();
	if (pid == 0) {
		if (lock_file_open(path, &l, &err) == 0 &&
			lock_file_take(l, 0, "dying", &clock_system, &err) == 0 &&
			write(fds[1], &c, 1) == 1)
			pause();
		_exit(1);
	}
	ok(read(fds[0], &c, 1) == 1, "a child holds the lock");
	lock_file_open(path, &l, &err);
	ok(lock_file_take(l, 0, "me", &clock_system, &err) == -1, "we cannot have it");
	kill(pid, SIGKILL);
	ok_call(lock_file_take(l, LOCK_FOREVER, "me", &clock_system, &err), &err,
		"its death gives the lock to who waits");
	waitpid(pid, &status, 0);
	lock_file_close(l);
	close(fds[0]);
	close(fds[1]);
}

static struct proc_result run(struct proc_command command, const char *script)
{
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	struct proc_result result = {.exit_code = -99};

	command.argv = argv;
	if (!command.output_max)
		command.output_max = 1000;
	ok_call(proc_run(&command, &clock_system, &result, &err), &err, "run: %s", script);
	return result;
}

static void test_run(void)
{
	struct proc_result r = run((struct proc_command){0}, "echo out; echo bad >&2; exit 3");

	is_int(r.exit_code, 3, "exit code");
	is_int(r.signal, 0, "no signal");
	is_str(r.output.data, "out\n", "stdout");
	is_str(r.errors.data, "bad\n", "stderr");
	proc_result_release(&r);

	r = run((struct proc_command){.input = "a\nb\n", .input_len = 4}, "wc -l");
	ok(strstr(r.output.data, "2"), "input is read");
	proc_result_release(&r);

	r = run((struct proc_command){0}, "cat; env | grep -v ^PWD= | sort");
	is_str(r.output.data, "LANG=C.UTF-8\nPATH=/usr/local/bin:/usr/bin:/bin\n",
		"a clean environment, an empty stdin");
	proc_result_release(&r);

	r = run((struct proc_command){.dir = top}, "pwd");
	ok(strncmp(r.output.data, top, strlen(top)) == 0, "its directory");
	proc_result_release(&r);

	r = run((struct proc_command){0}, "kill -SEGV $$");
	ok(r.signal == SIGSEGV && r.exit_code == -1, "death by a signal is seen");
	proc_result_release(&r);

	r = run((struct proc_command){0}, "sleep 3 & echo left");
	is_str(r.output.data, "left\n", "a child left behind is not waited for");
	proc_result_release(&r);
}

static void test_limits(void)
{
	struct proc_result r = run(
		(struct proc_command){.time_limit_ms = 100}, "echo before; sleep 100; echo after");

	ok(r.timed_out && r.signal == SIGKILL, "ended at its time limit");
	is_str(r.output.data, "before\n", "what it said is kept");
	proc_result_release(&r);

	r = run((struct proc_command){.output_max = 10}, "seq 100000");
	ok(r.output_cut && r.output.len == 10, "output is bounded");
	is_int(r.exit_code, 0, "and the program is not held up");
	proc_result_release(&r);

	r = run((struct proc_command){.cpu_seconds_max = 1}, "while :; do :; done");
	ok(r.signal == SIGXCPU || r.signal == SIGKILL, "CPU limit");
	proc_result_release(&r);

	r = run((struct proc_command){.file_max = 4096, .dir = top},
		"head -c 100000 /dev/zero > big");
	ok(r.signal || r.exit_code, "file size limit");
	proc_result_release(&r);
}

static void test_no_program(void)
{
	const char *argv[] = {"/nonexistent/program", NULL};
	struct proc_command command = {.argv = argv};
	struct proc_result result;

	ok(proc_run(&command, &clock_system, &result, &err) == -1 && err.kind == ERR_NOT_FOUND,
		"no such program: %s", err.message);
	argv[0] = "/etc/passwd";
	ok(proc_run(&command, &clock_system, &result, &err) == -1 && err.kind == ERR_DENIED,
		"not a program: %s", err.message);
}

/* A descriptor of ours without CLOEXEC does not reach the program. */
static void test_descriptors(void)
{
	int fd = open("/etc/passwd", O_RDONLY);
	struct proc_result r;
	char script[64];

	ok(fd >= 0 && fd < 10, "an open file");
	snprintf(script, sizeof(script), "cat <&%d 2>/dev/null && echo leaked; true", fd);
	r = run((struct proc_command){0}, script);
	is_str(r.output.data, "", "is closed for the program");
	proc_result_release(&r);
	close(fd);
}

static void test_stop(void)
{
	int status;
	pid_t pid;

	proc_stop_watch();
	ok(!proc_stop_wanted() && proc_stop_check(&err) == 0, "nobody wants us to stop");
	raise(SIGTERM);
	ok(proc_stop_wanted(), "SIGTERM raises the flag");
	ok(proc_stop_check(&err) == -1 && err.kind == ERR_INTERRUPTED, "and is INTERRUPTED");
	pid = fork();
	if (pid == 0) {
		raise(SIGTERM);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "the second one ends the process");
}

int main(void)
{
	char command[64];

	if (!mkdtemp(top) || chdir("/"))
		return 1;
	test_lock();
	test_lock_of_the_dead();
	test_run();
	test_limits();
	test_no_program();
	test_descriptors();
	test_stop();
	snprintf(command, sizeof(command), "rm -rf %s", top);
	ok(system(command) == 0, "cleaned up");
	return tap_done();
}
