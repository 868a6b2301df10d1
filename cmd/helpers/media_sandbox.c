/* media_sandbox.c - resource limits and the system call filter of pinhole-media.
 *
 * It drops rights and never regains one; it knows nothing about pictures.  The filter is a list of
 * what is allowed: a call that a later kernel or libc brings is refused until someone adds it here.
 *
 * Sockets, opening for writing, ptrace, mounts, keys, bpf and signals to other processes are on no
 * list.  An image worker cannot open any file at all: it has only the descriptors it was sent.
 */
#include "media_sandbox.h"

#include "base/mem.h"
#include "media/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* --- limits ------------------------------------------------------------------------------- */

static int set_limit(int what, uint64_t soft, uint64_t hard, const char *name, struct err *err)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)what, &limit))
		return err_errno(err, "cannot read the limit on %s", name);
	if (limit.rlim_max != RLIM_INFINITY && hard > limit.rlim_max)
		hard = limit.rlim_max;
	limit.rlim_max = hard;
	limit.rlim_cur = soft < hard ? soft : hard;
	if (setrlimit((__rlimit_resource_t)what, &limit))
		return err_errno(err, "cannot limit %s", name);
	return 0;
}

/* Bytes of address space that the process has now. */
static uint64_t address_space(void)
{
	unsigned long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f) {
		if (fscanf(f, "%llu", &pages) != 1)
			pages = 0;
		fclose(f);
	}
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

int media_sandbox_limit(uint64_t memory, struct err *err)
{
	uint64_t space = address_space() + memory;

	if (set_limit(RLIMIT_CORE, 0, 0, "core files", err) ||
		set_limit(RLIMIT_FSIZE, MEDIA_VARIANT_BYTES, MEDIA_VARIANT_BYTES, "file sizes",
			err) ||
		set_limit(RLIMIT_NOFILE, 64, 64, "open files", err))
		return -1;
	if (!memory || SANITIZED)
		return 0;
	return set_limit(RLIMIT_AS, space, space, "memory", err);
}

int media_sandbox_allow_seconds(uint32_t seconds, struct err *err)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		return err_errno(err, "cannot read the processor time");
	return set_limit(RLIMIT_CPU,
		(uint64_t)usage.ru_utime.tv_sec + (uint64_t)usage.ru_stime.tv_sec + seconds + 1,
		RLIM_INFINITY, "processor time", err);
}

/* --- the filter --------------------------------------------------------------------------- */

#define CALL(name) SCMP_SYS(name)

static const int for_all[] = {CALL(read), CALL(readv), CALL(pread64), CALL(write), CALL(writev),
	CALL(pwrite64), CALL(lseek), CALL(close), CALL(fstat), CALL(newfstatat), CALL(statx),
	CALL(fcntl), CALL(dup), CALL(ftruncate), CALL(mmap), CALL(munmap), CALL(mprotect),
	CALL(mremap), CALL(madvise), CALL(brk), CALL(futex), CALL(futex_waitv), CALL(sched_yield),
	CALL(sched_getaffinity), CALL(set_robust_list), CALL(rseq), CALL(gettid), CALL(getpid),
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(sigaltstack),
	CALL(clock_gettime), CALL(clock_getres), CALL(clock_nanosleep), CALL(nanosleep),
	CALL(gettimeofday), CALL(times), CALL(getrusage), CALL(getrlimit), CALL(setrlimit),
	CALL(getrandom), CALL(sysinfo), CALL(uname), CALL(poll), CALL(ppoll), CALL(recvmsg),
	CALL(sendmsg), CALL(exit), CALL(exit_group), CALL(restart_syscall), CALL(membarrier)};

static const int for_video[] = {CALL(clone), CALL(vfork), CALL(fork), CALL(execve), CALL(wait4),
	CALL(waitid), CALL(pipe), CALL(pipe2), CALL(dup2), CALL(dup3), CALL(access),
	CALL(faccessat), CALL(faccessat2), CALL(readlink), CALL(readlinkat), CALL(stat),
	CALL(lstat), CALL(getdents64), CALL(arch_prctl), CALL(set_tid_address), CALL(getuid),
	CALL(geteuid), CALL(getgid), CALL(getegid), CALL(getppid), CALL(getcwd), CALL(statfs),
	CALL(fstatfs), CALL(close_range), CALL(select), CALL(pselect6), CALL(eventfd2),
	CALL(sched_getparam), CALL(sched_getscheduler), CALL(fadvise64), CALL(flock), CALL(mincore),
	CALL(get_mempolicy), CALL(prctl), CALL(landlock_create_ruleset), CALL(landlock_add_rule),
	CALL(landlock_restrict_self)};

static int allow_list(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int rc = 0;

	for (size_t i = 0; i < count; i++)
		if (calls[i] != __NR_SCMP_ERROR)
			rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return rc;
}

/* Threads of this process, its own limits, and signals to itself, which abort() needs. */
static int allow_own_threads(scmp_filter_ctx filter)
{
	const unsigned long thread = CLONE_THREAD | CLONE_VM | CLONE_SIGHAND;

	/* glibc falls back to clone, whose flags a filter can see. */
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) |
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread)) |
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0)) |
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
			SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0)) |
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
			SCMP_A0(SCMP_CMP_EQ, 0, 0)) |
		seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 0);
}

/* open(2) and openat(2) that neither write nor make a file. */
static int allow_reading_files(scmp_filter_ctx filter)
{
	const scmp_datum_t forbidden = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;

	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		       SCMP_A2(SCMP_CMP_MASKED_EQ, forbidden, 0)) |
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, forbidden, 0));
}

int media_sandbox_enter(enum media_sandbox kind, struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc;

	if (!filter)
		return err_no_memory(err);
	rc = allow_list(filter, for_all, ARRAY_LEN(for_all));
	rc |= allow_own_threads(filter);
	if (kind == MEDIA_SANDBOX_VIDEO) {
		rc |= allow_list(filter, for_video, ARRAY_LEN(for_video));
		rc |= allow_reading_files(filter);
	}
	/* The filter must hold for threads that libraries have already started. */
	rc |= seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	rc |= seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 1);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc ? err_set(err, ERR_FAILED, "cannot lock the decoder up (seccomp: %s)",
			    strerror(rc < 0 ? -rc : EINVAL)) :
		    0;
}

/* --- what a program may read -------------------------------------------------------------------- */

#define READ_RIGHTS                                                                                \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE)

static int allow_beneath(int ruleset, int fd, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};

	return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0U);
}

/* Places that do not exist need no rule. */
static void allow_system(int ruleset)
{
	static const char *const places[] = {"/usr", "/lib", "/lib64", "/bin"};
	int cache = open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		int fd = open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0) {
			allow_beneath(ruleset, fd, READ_RIGHTS);
			close(fd);
		}
	}
	if (cache >= 0) {
		allow_beneath(ruleset, cache, LANDLOCK_ACCESS_FS_READ_FILE);
		close(cache);
	}
}

int media_sandbox_read_only(int fd)
{
	struct landlock_ruleset_attr attributes = {.handled_access_fs = READ_RIGHTS};
	int ruleset =
		    (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0U),
	    rc;

	if (ruleset < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -1;
	allow_system(ruleset);
	/* A file without a name (memfd) takes no rule and needs none. */
	if (fd >= 0)
		allow_beneath(ruleset, fd, LANDLOCK_ACCESS_FS_READ_FILE);
	rc = (int)syscall(SYS_landlock_restrict_self, ruleset, 0U);
	close(ruleset);
	return rc;
}

/* --- trying it ---------------------------------------------------------------------------- */

static bool can_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool can_start_programs(void)
{
	char *const args[] = {(char *)(uintptr_t) "/bin/true", NULL};
	pid_t pid = (pid_t)syscall(SYS_fork);

	if (pid == 0) {
		execv(args[0], args);
		_exit(126);
	}
	return pid > 0;
}

/* Whether a program that we start could read what it was not given. */
static bool programs_can_read(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		bool unsupported = syscall(SYS_landlock_create_ruleset, NULL, 0UL,
					   LANDLOCK_CREATE_RULESET_VERSION) < 0 &&
			(errno == ENOSYS || errno == EOPNOTSUPP);

		_exit(!unsupported &&
			(media_sandbox_read_only(-1) || can_open("/etc/passwd", O_RDONLY)));
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status != 0;
}

/* What no worker may do. */
static const char *find_common_hole(void)
{
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0)
		return "made an internet socket";
	if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
		return "made a local socket";
	if (can_open("/dev/null", O_WRONLY) || can_open("/dev/null", O_RDWR))
		return "opened a file for writing";
	if (can_open("/tmp/pinhole-media-hole", O_WRONLY | O_CREAT | O_EXCL))
		return "made a file";
	if (syscall(SYS_ptrace, 0L, 0L, 0L, 0L) >= 0)
		return "asked to be traced";
	if (kill(getppid(), 0) == 0)
		return "signalled another process";
	if (syscall(SYS_unlink, "/nonexistent/pinhole") == 0 || errno != EPERM)
		return "removed a file";
	return NULL;
}

const char *media_sandbox_find_hole(enum media_sandbox kind)
{
	const char *hole = find_common_hole();

	if (hole)
		return hole;
	if (kind == MEDIA_SANDBOX_VIDEO)
		return programs_can_read() ? "started a program that reads other files" : NULL;
	if (can_open("/etc/passwd", O_RDONLY))
		return "opened a file";
	return can_start_programs() ? "made a process" : NULL;
}
