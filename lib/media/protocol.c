/* protocol.c - packs, sends, receives and distrusts the packets of protocol.h.
 *
 * It starts no process and interprets no file.  Whatever leaves this file towards the program has
 * been bounded, also when the worker was taken over.
 */
#include "media/protocol.h"

#include "base/mem.h"
#include "wire/json.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

union fd_space {
	char bytes[CMSG_SPACE(sizeof(int) * MEDIA_WIRE_FDS_MAX)];
	struct cmsghdr align;
};

void media_wire_job_release(struct media_wire_job *job)
{
	mem_close_fd(&job->fd);
	mem_close_fd(&job->sidecar_fd);
	for (size_t i = 0; i < MEDIA_VARIANT_MAX; i++)
		mem_close_fd(&job->out_fds[i]);
}

static int check_variant(const struct media_variant_spec *spec, struct err *err)
{
	if (spec->width < 1 || spec->width > MEDIA_VARIANT_SIDE || spec->height < 1 ||
		spec->height > MEDIA_VARIANT_SIDE)
		return err_set(err, ERR_INVALID, "a variant of %ux%u pixels is out of range",
			spec->width, spec->height);
	if (spec->quality < 1 || spec->quality > 100)
		return err_set(
			err, ERR_INVALID, "the quality %d is not within 1 and 100", spec->quality);
	if (spec->format > MEDIA_PNG || spec->fit > MEDIA_FIT_COVER || spec->out_fd < 0)
		return err_set(err, ERR_INVALID, "a variant has no format, fit or output");
	return 0;
}

static int pack_request(const struct media_request *request, const struct media_options *options,
	struct media_wire_request *wire, struct err *err)
{
	const char *name = request->name ? request->name : "";

	if (request->variant_count > MEDIA_VARIANT_MAX || request->rotate < 0 ||
		request->rotate > 3 || request->fd < 0)
		return err_set(err, ERR_INVALID, "the request for a picture is out of range");
	*wire = (struct media_wire_request){
		.magic = MEDIA_WIRE_MAGIC,
		.flags = (request->facts ? MEDIA_WIRE_FACTS : 0u) |
			(request->sidecar_fd >= 0 ? MEDIA_WIRE_SIDECAR : 0u),
		.rotate = (uint32_t)request->rotate,
		.variant_count = (uint32_t)request->variant_count,
		.max_pixels = options->max_pixels ? options->max_pixels : MEDIA_DEFAULT_PIXELS,
		.max_seconds = options->max_seconds ? options->max_seconds : MEDIA_DEFAULT_SECONDS,
	};
	for (size_t i = 0; i < request->variant_count; i++) {
		const struct media_variant_spec *spec = &request->variants[i];

		if (check_variant(spec, err))
			return -1;
		wire->variants[i] = (struct media_wire_variant){.width = spec->width,
			.height = spec->height,
			.fit = spec->fit,
			.format = spec->format,
			.quality = (uint32_t)spec->quality};
	}
	memcpy(wire->name, name, strnlen(name, MEDIA_NAME_MAX));
	return 0;
}

int media_wire_send_request(int socket, const struct media_request *request,
	const struct media_options *options, struct err *err)
{
	struct media_wire_request wire;
	union fd_space space = {0};
	int fds[MEDIA_WIRE_FDS_MAX];
	size_t count = 0;
	struct iovec part = {.iov_base = &wire, .iov_len = sizeof(wire)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space.bytes};
	struct cmsghdr *control;
	ssize_t sent;

	if (pack_request(request, options, &wire, err))
		return -1;
	fds[count++] = request->fd;
	if (request->sidecar_fd >= 0)
		fds[count++] = request->sidecar_fd;
	for (size_t i = 0; i < request->variant_count; i++)
		fds[count++] = request->variants[i].out_fd;
	message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
	control = CMSG_FIRSTHDR(&message);
	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof(int) * count);
	memcpy(CMSG_DATA(control), fds, sizeof(int) * count);
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
		return err_set(err, ERR_OFFLINE, "the decoder has gone");
	return sent < 0 ? err_errno(err, "cannot ask the decoder") : 0;
}

/* Takes the descriptors of a message; returns how many. */
static size_t take_fds(struct msghdr *message, int fds[MEDIA_WIRE_FDS_MAX])
{
	size_t count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t here;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		here = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < here; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (count < MEDIA_WIRE_FDS_MAX)
				fds[count++] = fd;
			else
				close(fd);
		}
	}
	return count;
}

int media_wire_receive_job(int socket, struct media_wire_job *out, struct err *err)
{
	union fd_space space = {0};
	struct media_wire_job job = {.fd = -1, .sidecar_fd = -1};
	struct iovec part = {.iov_base = &job.request, .iov_len = sizeof(job.request)};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = space.bytes,
		.msg_controllen = sizeof(space.bytes)};
	int fds[MEDIA_WIRE_FDS_MAX];
	size_t count, next = 0, wanted;
	ssize_t got;

	do
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return 0;
	if (got < 0)
		return err_errno(err, "cannot read a request");
	memset(job.out_fds, 0xff, sizeof(job.out_fds));
	count = take_fds(&message, fds);
	wanted = 1 + (job.request.flags & MEDIA_WIRE_SIDECAR ? 1u : 0u) + job.request.variant_count;
	if ((size_t)got != sizeof(job.request) || job.request.magic != MEDIA_WIRE_MAGIC ||
		job.request.variant_count > MEDIA_VARIANT_MAX || count != wanted) {
		while (count)
			close(fds[--count]);
		return err_set(err, ERR_INVALID, "the request is not one of this version");
	}
	job.request.name[MEDIA_NAME_MAX] = '\0';
	job.fd = fds[next++];
	if (job.request.flags & MEDIA_WIRE_SIDECAR)
		job.sidecar_fd = fds[next++];
	for (size_t i = 0; i < job.request.variant_count; i++)
		job.out_fds[i] = fds[next++];
	*out = job;
	return 1;
}

int media_wire_send_reply(
	int socket, const struct media_wire_reply *reply, const char *facts, struct err *err)
{
	struct iovec parts[2] = {{.iov_base = (void *)(uintptr_t)reply, .iov_len = sizeof(*reply)},
		{.iov_base = (void *)(uintptr_t)facts, .iov_len = reply->facts_len}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = reply->facts_len ? 2 : 1};
	ssize_t sent;

	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? err_errno(err, "cannot answer") : 0;
}

/* One variant is believed if it fits its box and the file has as many bytes as it says. */
static int check_made(const struct media_wire_made *made, const struct media_variant_spec *spec,
	struct media_variant_result *out, struct err *err)
{
	struct stat st;

	if (!made->made)
		return 0;
	if (made->width < 1 || made->height < 1 || made->width > spec->width ||
		made->height > spec->height)
		return err_set(err, ERR_DAMAGED, "the decoder says %ux%u for a %ux%u box",
			made->width, made->height, spec->width, spec->height);
	if (fstat(spec->out_fd, &st))
		return err_errno(err, "cannot look at a rendered picture");
	if (!made->bytes || made->bytes > MEDIA_VARIANT_BYTES ||
		(S_ISREG(st.st_mode) && (uint64_t)st.st_size != made->bytes))
		return err_set(err, ERR_DAMAGED, "the decoder wrote another length than it says");
	*out = (struct media_variant_result){
		.made = true, .width = made->width, .height = made->height, .bytes = made->bytes};
	return 0;
}

/* The facts as text, if they are a JSON object within the limits; NULL with err otherwise. */
static char *check_facts(const char *text, size_t len, struct err *err)
{
	_cleanup_json_ json_t *json = wire_parse(text, len, MEDIA_FACTS_MAX, err);
	char *copy;

	if (!json)
		return NULL;
	if (!json_is_object(json)) {
		err_set(err, ERR_DAMAGED, "the facts are not an object");
		return NULL;
	}
	copy = mem_strndup(text, len);
	if (!copy)
		err_no_memory(err);
	return copy;
}

int media_wire_check_reply(const void *packet, size_t len, const struct media_request *request,
	struct media_result *out, struct err *err)
{
	struct media_wire_reply reply;
	struct media_result result = {.token = request->token};
	const char *reason = reply.reason;

	if (len < sizeof(reply))
		return err_set(err, ERR_DAMAGED, "the decoder's answer is too short");
	memcpy(&reply, packet, sizeof(reply));
	if (reply.magic != MEDIA_WIRE_MAGIC || reply.status > MEDIA_FAILED ||
		reply.facts_len > MEDIA_FACTS_MAX || len != sizeof(reply) + reply.facts_len)
		return err_set(err, ERR_DAMAGED, "the decoder's answer is malformed");
	result.status = (enum media_status)reply.status;
	for (size_t i = 0; i < request->variant_count; i++)
		if (check_made(&reply.variants[i], &request->variants[i], &result.variants[i], err))
			return -1;
	if (reply.facts_len) {
		result.facts =
			check_facts((const char *)packet + sizeof(reply), reply.facts_len, err);
		if (!result.facts)
			return -1;
	}
	for (size_t i = 0; i + 1 < sizeof(result.reason) && reason[i]; i++)
		result.reason[i] = (char)(reason[i] >= 32 && reason[i] < 127 ? reason[i] : '?');
	*out = result;
	return 0;
}
