/* pool.c - the pool outlives whatever its workers do.
 *
 * The test program is its own worker: started with --worker it answers requests in the ways that
 * the file name of the request asks for, honest and dishonest.
 */
#include "media/media.h"
#include "media/protocol.h"
#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- the worker's side -------------------------------------------------------------------- */

static void answer(const struct media_wire_job *job, const char *facts)
{
	struct media_wire_reply reply = {.magic = MEDIA_WIRE_MAGIC,
		.status = MEDIA_OK,
		.facts_len = (uint32_t)strlen(facts)};
	const char *how = job->request.name;

	if (strcmp(how, "lies-size") == 0)
		reply.variants[0] = (struct media_wire_made){1, 320, 320, 0, 5000};
	if (strcmp(how, "lies-box") == 0)
		reply.variants[0] = (struct media_wire_made){1, 4000, 320, 0, 4};
	if (strcmp(how, "draws") == 0) {
		ok(write(job->out_fds[0], "jpeg", 4) == 4, "written");
		reply.variants[0] = (struct media_wire_made){1, 320, 300, 0, 4};
	}
	if (strcmp(how, "lies-length") == 0)
		reply.facts_len += 100;
	if (strcmp(how, "rude") == 0)
		snprintf(reply.reason, sizeof(reply.reason), "a\033[31mb\nc");
	if (strcmp(how, "unterminated") == 0)
		memset(reply.reason, 'x', sizeof(reply.reason));
	if (strcmp(how, "lies-length") == 0) {
		struct media_wire_reply broken = reply;

		broken.facts_len = 0;
		broken.magic ^= 1;
		media_wire_send_reply(MEDIA_WIRE_FD, &broken, "", NULL);
	} else {
		media_wire_send_reply(MEDIA_WIRE_FD, &reply, facts, NULL);
	}
}

static int be_worker(void)
{
	struct media_wire_job job;

	while (media_wire_receive_job(MEDIA_WIRE_FD, &job, NULL) == 1) {
		const char *how = job.request.name;

		if (strcmp(how, "crash") == 0)
			raise(SIGKILL);
		if (strcmp(how, "exit") == 0)
			_exit(7);
		if (strcmp(how, "hang") == 0)
			pause();
		if (strcmp(how, "deaf") == 0) {
			close(MEDIA_WIRE_FD);
			pause();
		}
		if (strcmp(how, "garbage") == 0)
			answer(&job, "{\"a\":");
		else if (strcmp(how, "array") == 0)
			answer(&job, "[1]");
		else
			answer(&job, "{\"mime\":\"image/jpeg\"}");
		media_wire_job_release(&job);
	}
	return 0;
}

/* --- the pool's side ---------------------------------------------------------------------- */

static int object_fd, out_fd;

static struct media_result ask(struct media_pool *pool, const char *how)
{
	struct err err = ERR_INIT;
	struct media_result result = {.status = MEDIA_FAILED, .reason = "no result"};
	struct media_request request = {.token = 42,
		.fd = object_fd,
		.sidecar_fd = -1,
		.name = how,
		.facts = true,
		.variant_count = 1,
		.variants = {{"thumb", 320, 320, MEDIA_FIT_COVER, MEDIA_JPEG, 80, out_fd}}};

	ok_call(ftruncate(out_fd, 0), &err, "%s: empty output", how);
	lseek(out_fd, 0, SEEK_SET);
	ok_call(media_submit(pool, &request, &err), &err, "%s: submitted", how);
	is_int(media_collect(pool, true, &result, &err), 1, "%s: one result", how);
	is_int(result.token, 42, "%s: its token", how);
	is_int(media_pending(pool), 0, "%s: nothing is left", how);
	return result;
}

static void expect(
	struct media_pool *pool, const char *how, enum media_status status, const char *reason)
{
	struct media_result result = ask(pool, how);

	is_int(result.status, status, "%s: status", how);
	is_str(result.reason, reason, "%s: reason", how);
	ok((result.facts != NULL) == (status == MEDIA_OK), "%s: facts only when believed", how);
	media_result_release(&result);
}

static void test_many(struct media_pool *pool)
{
	static const char *const hows[] = {
		"fine", "crash", "fine", "exit", "hang", "fine", "crash"};
	struct err err = ERR_INIT;
	struct media_result result;
	unsigned seen = 0, good = 0;
	uint64_t tokens = 0;

	for (unsigned i = 0; i < 7; i++) {
		struct media_request request = {.token = i,
			.fd = object_fd,
			.sidecar_fd = -1,
			.name = hows[i],
			.facts = true};

		ok_call(media_submit(pool, &request, &err), &err, "submit %u", i);
	}
	while (media_collect(pool, true, &result, &err) == 1) {
		seen++;
		good += result.status == MEDIA_OK;
		tokens |= 1u << result.token;
		media_result_release(&result);
	}
	is_int(seen, 7, "each request comes back once");
	is_int(tokens, 0x7f, "with its own token");
	is_int(good, 3, "and only the bad ones fail");
}

int main(int argc, char **argv)
{
	char self[4096] = "";
	struct media_options options = {.program = self, .workers = 2, .max_seconds = 4};
	struct media_options none = {.program = "/nonexistent/decoder", .workers = 1};
	struct media_options zero = {.program = self, .workers = 0};
	struct media_request request = {.sidecar_fd = -1};
	struct media_pool *pool = NULL;
	struct media_result result;
	struct err err = ERR_INIT;

	if (argc > 1 && strcmp(argv[1], "--worker") == 0)
		return be_worker();
	ok(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0, "found myself");
	object_fd = memfd_create("object", MFD_CLOEXEC);
	out_fd = memfd_create("out", MFD_CLOEXEC);
	ok(write(object_fd, "\xff\xd8\xff\xe0", 4) == 4, "an object");

	ok_call(media_pool_open(&options, &pool, &err), &err, "pool opened");
	is_int(media_collect(pool, true, &result, &err), 0, "nothing to collect at first");
	ok(media_idle(pool), "idle at first");
	expect(pool, "fine", MEDIA_OK, "");
	expect(pool, "crash", MEDIA_FAILED, "the decoder crashed (signal 9)");
	expect(pool, "exit", MEDIA_FAILED, "the decoder gave up (exit code 7)");
	expect(pool, "hang", MEDIA_FAILED, "decoding took too long");
	expect(pool, "deaf", MEDIA_FAILED, "the decoder crashed (signal 9)");
	expect(pool, "lies-box", MEDIA_FAILED, "the decoder says 4000x320 for a 320x320 box");
	expect(pool, "lies-size", MEDIA_FAILED, "the decoder wrote another length than it says");
	expect(pool, "lies-length", MEDIA_FAILED, "the decoder's answer is malformed");
	expect(pool, "array", MEDIA_FAILED, "the facts are not an object");
	result = ask(pool, "garbage");
	is_int(result.status, MEDIA_FAILED, "broken JSON is not believed");
	media_result_release(&result);
	expect(pool, "rude", MEDIA_OK, "a?[31mb?c");
	result = ask(pool, "unterminated");
	is_int(strlen(result.reason), 255, "an unterminated reason is cut");
	media_result_release(&result);
	result = ask(pool, "draws");
	ok(result.variants[0].made, "a variant that is there is believed");
	is_int(result.variants[0].height, 300, "with its size");
	media_result_release(&result);
	test_many(pool);
	media_pool_close(pool);

	is_int(media_pool_open(&zero, &pool, &err), -1, "no pool without workers");
	ok_call(media_pool_open(&none, &pool, &err), &err,
		"a pool with a program that is not there");
	request.fd = object_fd;
	is_int(media_submit(pool, &request, &err), -1, "takes no work");
	media_pool_close(pool);
	return tap_done();
}
