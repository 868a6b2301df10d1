/* pool.c - the processes that decode: starts them, hands them work, outlives them.
 *
 * It decodes nothing and writes no file.  However a worker ends, the request that it had comes back
 * as exactly one result.
 *
 * Images and videos are done by differently locked-up workers (a video worker may start ffmpeg), so
 * a slot whose worker is of the other sort starts a new one.
 */
#include "media/media.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/vec.h"
#include "media/protocol.h"
#include "proc/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS_MAX      64
#define FILES_PER_WORKER 2000
#define PACKET_MAX       (sizeof(struct media_wire_reply) + MEDIA_FACTS_MAX)
#define WORST_DEATHS     3 /* starts in a row that die before their first answer: give up */

struct worker {
	pid_t pid; /* 0: none */
	int fd;
	bool video;
	bool busy;
	unsigned files;
	int64_t deadline_us;
	struct media_request request;
};

struct media_pool {
	struct media_options options;
	char *program;
	struct worker *workers;
	struct vec ready; /* struct media_result, in order of completion */
	char *packet;     /* PACKET_MAX bytes */
};

void media_result_release(struct media_result *result)
{
	mem_free_pointer(&result->facts);
}

/* --- processes ---------------------------------------------------------------------------- */

static int spawn_worker(
	const struct media_pool *pool, int socket, bool video, pid_t *pid, struct err *err)
{
	char memory[32];
	const char *const args[] = {
		pool->program, "--worker", video ? "video" : "image", memory, NULL};
	static const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
		"LC_ALL=C.UTF-8", "MALLOC_ARENA_MAX=2", "VIPS_BLOCK_UNTRUSTED=1",
		"VIPS_CONCURRENCY=1", "TZ=UTC", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int rc;

	snprintf(memory, sizeof(memory), "%llu", (unsigned long long)pool->options.max_memory);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, socket, MEDIA_WIRE_FD);
	posix_spawn_file_actions_addclosefrom_np(&actions, MEDIA_WIRE_FD + 1);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes,
		POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(pid, pool->program, &actions, &attributes, (char *const *)(uintptr_t)args,
		(char *const *)(uintptr_t)environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	errno = rc;
	return rc ? err_errno(err, "cannot start %s", pool->program) : 0;
}

static int start_worker(
	const struct media_pool *pool, struct worker *worker, bool video, struct err *err)
{
	_cleanup_close_ int ours = -1;
	_cleanup_close_ int theirs = -1;
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return err_errno(err, "cannot make a socket pair");
	ours = pair[0];
	theirs = pair[1];
	if (theirs == MEDIA_WIRE_FD) {
		/* dup2 onto itself would keep close-on-exec. */
		int moved = fcntl(theirs, F_DUPFD_CLOEXEC, MEDIA_WIRE_FD + 1);

		if (moved < 0)
			return err_errno(err, "cannot make a socket pair");
		close(theirs);
		theirs = moved;
	}
	if (spawn_worker(pool, theirs, video, &pid, err))
		return -1;
	*worker = (struct worker){.pid = pid, .fd = mem_steal_fd(&ours), .video = video};
	return 0;
}

/* Ends a worker, and whatever it started, for good; returns its wait status, -1 if unknown.  One that
 * is dying already keeps its own status; one that only closed its socket does not live on. */
static int end_worker(struct worker *worker)
{
	int status = -1;

	if (!worker->pid)
		return -1;
	kill(-worker->pid, SIGKILL);
	mem_close_fd(&worker->fd);
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
		;
	*worker = (struct worker){.fd = -1};
	return status;
}

/* --- opening and closing ------------------------------------------------------------------ */

void media_pool_close(struct media_pool *pool)
{
	if (!pool)
		return;
	for (unsigned i = 0; pool->workers && i < pool->options.workers; i++)
		end_worker(&pool->workers[i]);
	vec_foreach (&pool->ready, struct media_result, result)
		media_result_release(result);
	vec_release(&pool->ready);
	mem_free_pointer(&pool->workers);
	mem_free_pointer(&pool->packet);
	mem_free_pointer(&pool->program);
	mem_free_pointer(&pool);
}

static void close_pool(struct media_pool **pool)
{
	media_pool_close(*pool);
}

int media_pool_open(const struct media_options *options, struct media_pool **out, struct err *err)
{
	_cleanup_(close_pool) struct media_pool *pool = mem_calloc(1, sizeof(*pool));

	if (!pool)
		return err_no_memory(err);
	pool->ready = (struct vec)VEC_INIT(struct media_result, WORKERS_MAX * 4);
	pool->options = *options;
	pool->options.program = NULL;
	if (options->workers < 1 || options->workers > WORKERS_MAX) {
		pool->options.workers = 0;
		return err_set(err, ERR_INVALID, "the number of decoders must be within 1 and %d",
			WORKERS_MAX);
	}
	if (!pool->options.max_memory)
		pool->options.max_memory = MEDIA_DEFAULT_MEMORY;
	if (!pool->options.max_seconds)
		pool->options.max_seconds = MEDIA_DEFAULT_SECONDS;
	pool->program = options->program ? mem_strdup(options->program) :
					   proc_find_helper("pinhole-media", err);
	if (!pool->program)
		return options->program ? err_no_memory(err) : -1;
	pool->packet = mem_calloc(1, PACKET_MAX);
	pool->workers = mem_calloc(options->workers, sizeof(*pool->workers));
	if (!pool->packet || !pool->workers)
		return err_no_memory(err);
	for (unsigned i = 0; i < options->workers; i++)
		pool->workers[i].fd = -1;
	*out = mem_steal(&pool);
	return 0;
}

/* --- results ------------------------------------------------------------------------------ */

static int push_result(struct media_pool *pool, const struct media_result *result, struct err *err)
{
	struct media_result *slot = vec_push_or(&pool->ready, err);

	if (!slot)
		return -1;
	*slot = *result;
	return 0;
}

static int push_failure(
	struct media_pool *pool, const struct worker *worker, const char *reason, struct err *err)
{
	struct media_result result = {.token = worker->request.token, .status = MEDIA_FAILED};

	snprintf(result.reason, sizeof(result.reason), "%s", reason);
	return push_result(pool, &result, err);
}

/* Why a worker ended, in words. */
static void describe_death(int status, char out[128])
{
	int signal_number = status >= 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	switch (signal_number) {
	case 0:
		snprintf(out, 128, "the decoder gave up (exit code %d)",
			status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1);
		break;
	case SIGXCPU:
		snprintf(out, 128, "decoding took too long");
		break;
	case SIGXFSZ:
		snprintf(out, 128, "the decoder wrote too much");
		break;
	case SIGSYS:
		snprintf(out, 128, "the decoder tried what it may not do");
		break;
	case SIGTRAP:
	case SIGABRT:
		snprintf(out, 128, "the decoder ran out of memory or stopped on an error");
		break;
	default:
		snprintf(out, 128, "the decoder crashed (signal %d)", signal_number);
	}
}

/* The worker has died, or must: its request fails and its slot is free again. */
static int bury_worker(
	struct media_pool *pool, struct worker *worker, const char *reason, struct err *err)
{
	struct worker dead = *worker;
	char why[128];
	int status = end_worker(worker);

	if (!reason)
		describe_death(status, why);
	return push_failure(pool, &dead, reason ? reason : why, err);
}

/* Takes the one answer of a worker that is readable. */
static int take_answer(struct media_pool *pool, struct worker *worker, struct err *err)
{
	struct media_result result;
	struct err why = ERR_INIT;
	bool tired;
	ssize_t got;

	do
		got = recv(worker->fd, pool->packet, PACKET_MAX, MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return 0;
	if (got <= 0)
		return bury_worker(pool, worker, NULL, err);
	if (media_wire_check_reply(pool->packet, (size_t)got, &worker->request, &result, &why))
		return bury_worker(pool, worker, why.message, err);
	tired = ((const struct media_wire_reply *)(const void *)pool->packet)->tired != 0;
	worker->busy = false;
	if (tired || ++worker->files >= FILES_PER_WORKER)
		end_worker(worker);
	if (push_result(pool, &result, err)) {
		media_result_release(&result);
		return -1;
	}
	return 0;
}

/* Looks at the busy workers once, waiting for the first that has something to say if `wait`. */
static int step(struct media_pool *pool, bool wait, struct err *err)
{
	struct pollfd fds[WORKERS_MAX];
	struct worker *owners[WORKERS_MAX];
	int64_t now = clock_mono_us(&clock_system), first = INT64_MAX, timeout = 0;
	nfds_t count = 0;

	for (unsigned i = 0; i < pool->options.workers; i++) {
		struct worker *worker = &pool->workers[i];

		if (!worker->busy)
			continue;
		fds[count] = (struct pollfd){.fd = worker->fd, .events = POLLIN};
		owners[count++] = worker;
		if (worker->deadline_us < first)
			first = worker->deadline_us;
	}
	if (!count)
		return 0;
	if (wait)
		timeout = first > now ? (first - now) / 1000 + 1 : 0;
	if (poll(fds, count, (int)timeout) < 0 && errno != EINTR)
		return err_errno(err, "cannot wait for the decoders");
	now = clock_mono_us(&clock_system);
	for (nfds_t i = 0; i < count; i++) {
		if (fds[i].revents) {
			if (take_answer(pool, owners[i], err))
				return -1;
		} else if (owners[i]->deadline_us <= now &&
			bury_worker(pool, owners[i], "decoding took too long", err)) {
			return -1;
		}
	}
	return 0;
}

/* --- work --------------------------------------------------------------------------------- */

static bool is_video(int fd)
{
	char head[MEDIA_SNIFF_LEN];
	ssize_t got = pread(fd, head, sizeof(head), 0);

	return got > 0 && media_sniff(head, (size_t)got).kind == MEDIA_VIDEO;
}

/* A worker that is free: best one of the right sort, then an empty slot, then any. */
static struct worker *find_free(const struct media_pool *pool, bool video)
{
	struct worker *best = NULL;

	for (unsigned i = 0; i < pool->options.workers; i++) {
		struct worker *worker = &pool->workers[i];

		if (worker->busy)
			continue;
		if (worker->pid && worker->video == video)
			return worker;
		if (!best || !worker->pid)
			best = worker;
	}
	return best;
}

/* A worker may have died while idle: then a new one is started, a few times. */
static int hand_over(struct media_pool *pool, struct worker *worker,
	const struct media_request *request, bool video, struct err *err)
{
	for (unsigned attempt = 0; attempt < WORST_DEATHS; attempt++) {
		struct err why = ERR_INIT;

		if (worker->pid && worker->video != video)
			end_worker(worker);
		if (!worker->pid && start_worker(pool, worker, video, err))
			return -1;
		if (media_wire_send_request(worker->fd, request, &pool->options, &why) == 0) {
			worker->busy = true;
			worker->request = *request;
			worker->deadline_us = clock_mono_us(&clock_system) +
				(int64_t)pool->options.max_seconds * 1000000;
			return 0;
		}
		if (why.kind != ERR_OFFLINE)
			return err_set(err, why.kind, "%s", why.message);
		end_worker(worker);
	}
	return err_set(err, ERR_FAILED, "%s does not stay alive", pool->program);
}

int media_submit(struct media_pool *pool, const struct media_request *request, struct err *err)
{
	bool video = is_video(request->fd);
	struct worker *worker;

	while (!(worker = find_free(pool, video)))
		if (step(pool, true, err))
			return -1;
	return hand_over(pool, worker, request, video, err);
}

unsigned media_pending(const struct media_pool *pool)
{
	unsigned count = (unsigned)pool->ready.count;

	for (unsigned i = 0; i < pool->options.workers; i++)
		count += pool->workers[i].busy;
	return count;
}

bool media_idle(const struct media_pool *pool)
{
	return find_free(pool, false) != NULL;
}

int media_collect(struct media_pool *pool, bool wait, struct media_result *out, struct err *err)
{
	struct media_result *first;

	do {
		if (!pool->ready.count && step(pool, wait, err))
			return -1;
	} while (wait && !pool->ready.count && media_pending(pool));
	if (!pool->ready.count)
		return 0;
	first = vec_at(&pool->ready, 0);
	*out = *first;
	memmove(first, first + 1, (pool->ready.count - 1) * sizeof(*first));
	pool->ready.count--;
	return 1;
}
