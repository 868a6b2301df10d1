/* pinhole-media.c - the decoder's process: locks itself up, then serves requests until nobody asks.
 *
 *	pinhole-media --worker image|video MEMORY	serves protocol.h on descriptor 3
 *	pinhole-media --probe FILE [SIDECAR]		prints the facts of one file
 *	pinhole-media --render FILE OUT W H contain|cover	renders one variant by OUT's extension
 *	pinhole-media --check-sandbox image|video	says whether the lock holds
 *
 * The last three are doors for tests and debugging; they go through the same sandbox.  A file that
 * was asked for is read only after the lock is shut.
 */
#include "base/mem.h"
#include "base/str.h"
#include "media/protocol.h"
#include "media_picture.h"
#include "media_sandbox.h"
#include "media_work.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define TIRED_KIB (320L * 1024) /* a worker that has grown to this is replaced */

static int complain(const struct err *err)
{
	fprintf(stderr, "pinhole-media: %s\n", err->message);
	return 1;
}

/* Libraries start before the filter is shut: they open modules, tables and configuration. */
static int lock_up(enum media_sandbox kind, uint64_t memory, struct err *err)
{
	/* Large blocks go back to the system at once, so that a worker stays small. */
	mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
	mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
	mallopt(M_ARENA_MAX, 2);
	setenv("TZ", "UTC", 1);
	if (picture_library_init(err) || media_sandbox_limit(memory, err))
		return -1;
	return media_sandbox_enter(kind, err);
}

static int serve_one(const struct media_wire_job *job, struct err *err)
{
	_cleanup_free_ char *facts = NULL;
	struct media_wire_reply reply;
	struct rusage usage;

	if (media_sandbox_allow_seconds(job->request.max_seconds, err))
		return -1;
	media_work(job, &reply, &facts);
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		reply.tired = usage.ru_maxrss > TIRED_KIB;
	return media_wire_send_reply(MEDIA_WIRE_FD, &reply, facts, err);
}

static int serve(struct err *err)
{
	for (;;) {
		_cleanup_(media_wire_job_release) struct media_wire_job job = {
			.fd = -1, .sidecar_fd = -1, .out_fds = {-1, -1, -1, -1}};
		int rc = media_wire_receive_job(MEDIA_WIRE_FD, &job, err);

		if (rc <= 0)
			return rc;
		if (serve_one(&job, err))
			return -1;
	}
}

static int parse_kind(const char *text, enum media_sandbox *kind)
{
	*kind = strcmp(text, "video") == 0 ? MEDIA_SANDBOX_VIDEO : MEDIA_SANDBOX_IMAGE;
	return *kind == MEDIA_SANDBOX_VIDEO || strcmp(text, "image") == 0 ? 0 : -1;
}

static int run_worker(const char *kind_text, const char *memory_text)
{
	struct err err = ERR_INIT;
	enum media_sandbox kind;

	if (parse_kind(kind_text, &kind))
		return 2;
	if (lock_up(kind, strtoull(memory_text, NULL, 10), &err) || serve(&err))
		return complain(&err);
	return 0;
}

/* --- doors for tests ---------------------------------------------------------------------- */

static void init_job(struct media_wire_job *job)
{
	*job = (struct media_wire_job){.fd = -1, .sidecar_fd = -1, .out_fds = {-1, -1, -1, -1}};
	job->request = (struct media_wire_request){.magic = MEDIA_WIRE_MAGIC,
		.flags = MEDIA_WIRE_FACTS,
		.max_pixels = MEDIA_DEFAULT_PIXELS,
		.max_seconds = MEDIA_DEFAULT_SECONDS};
}

static enum media_sandbox kind_of(int fd)
{
	char head[MEDIA_SNIFF_LEN];
	ssize_t got = pread(fd, head, sizeof(head), 0);

	return got > 0 && media_sniff(head, (size_t)got).kind == MEDIA_VIDEO ? MEDIA_SANDBOX_VIDEO :
									       MEDIA_SANDBOX_IMAGE;
}

/* Does the job behind the lock and prints facts on stdout, trouble on stderr. */
static int run_job(struct media_wire_job *job)
{
	_cleanup_free_ char *facts = NULL;
	struct media_wire_reply reply;
	struct err err = ERR_INIT;

	if (lock_up(kind_of(job->fd), MEDIA_DEFAULT_MEMORY, &err) ||
		media_sandbox_allow_seconds(job->request.max_seconds, &err))
		return complain(&err);
	media_work(job, &reply, &facts);
	if (facts)
		printf("%s\n", facts);
	if (reply.status != MEDIA_OK)
		fprintf(stderr, "%s: %s\n", reply.status == MEDIA_DAMAGED ? "damaged" : "failed",
			reply.reason);
	for (size_t i = 0; i < job->request.variant_count; i++)
		fprintf(stderr, "%ux%u %llu bytes\n", reply.variants[i].width,
			reply.variants[i].height, (unsigned long long)reply.variants[i].bytes);
	return reply.status == MEDIA_FAILED ? 1 : 0;
}

static int probe(const char *path, const char *sidecar)
{
	_cleanup_(media_wire_job_release) struct media_wire_job job;

	init_job(&job);
	job.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (sidecar) {
		job.sidecar_fd = open(sidecar, O_RDONLY | O_CLOEXEC);
		job.request.flags |= MEDIA_WIRE_SIDECAR;
	}
	if (job.fd < 0 || (sidecar && job.sidecar_fd < 0)) {
		perror("pinhole-media: cannot open");
		return 1;
	}
	return run_job(&job);
}

static int render(char **args)
{
	_cleanup_(media_wire_job_release) struct media_wire_job job;
	struct media_wire_variant *spec = &job.request.variants[0];

	init_job(&job);
	job.fd = open(args[0], O_RDONLY | O_CLOEXEC);
	job.out_fds[0] = open(args[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (job.fd < 0 || job.out_fds[0] < 0) {
		perror("pinhole-media: cannot open");
		return 1;
	}
	job.request.variant_count = 1;
	*spec = (struct media_wire_variant){.width = (uint32_t)strtoul(args[2], NULL, 10),
		.height = (uint32_t)strtoul(args[3], NULL, 10),
		.fit = strcmp(args[4], "cover") == 0 ? MEDIA_FIT_COVER : MEDIA_FIT_CONTAIN,
		.format = text_ends(args[1], ".webp") ? MEDIA_WEBP :
			text_ends(args[1], ".png")    ? MEDIA_PNG :
							MEDIA_JPEG,
		.quality = 80};
	if (spec->width < 1 || spec->height < 1 || spec->width > MEDIA_VARIANT_SIDE ||
		spec->height > MEDIA_VARIANT_SIDE)
		return 2;
	return run_job(&job);
}

static int check_sandbox(const char *kind_text)
{
	struct err err = ERR_INIT;
	enum media_sandbox kind;
	const char *hole;

	if (parse_kind(kind_text, &kind))
		return 2;
	if (lock_up(kind, MEDIA_DEFAULT_MEMORY, &err))
		return complain(&err);
	hole = media_sandbox_find_hole(kind);
	printf("%s\n", hole ? hole : "tight");
	return hole ? 1 : 0;
}

static int run(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "--worker") == 0)
		return run_worker(argv[2], argv[3]);
	if ((argc == 3 || argc == 4) && strcmp(argv[1], "--probe") == 0)
		return probe(argv[2], argc == 4 ? argv[3] : NULL);
	if (argc == 7 && strcmp(argv[1], "--render") == 0)
		return render(argv + 2);
	if (argc == 3 && strcmp(argv[1], "--check-sandbox") == 0)
		return check_sandbox(argv[2]);
	fprintf(stderr, "pinhole-media decodes pictures for pinhole; it is not run by hand\n");
	return 2;
}

/* Exit handlers of libraries would try what the lock forbids, so none is run. */
int main(int argc, char **argv)
{
	int code = run(argc, argv);

	fflush(stdout);
	_exit(code);
}
