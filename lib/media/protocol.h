/* protocol.h - what pinhole and pinhole-media say to each other over a SOCK_SEQPACKET pair.
 *
 * One packet asks: a struct media_wire_request with the descriptors attached (SCM_RIGHTS) in the
 * order object, sidecar (if MEDIA_WIRE_SIDECAR), one output per variant.  One packet answers: a
 * struct media_wire_reply followed by `facts_len` bytes of JSON.  Both sides are built together,
 * so structs travel as they are; `magic` changes whenever they do.
 *
 * Neither side trusts the other: the worker may have been taken over by the file that it reads,
 * so the pool believes nothing that media_wire_check_reply has not bounded.
 */
#ifndef PINHOLE_MEDIA_PROTOCOL_H
#define PINHOLE_MEDIA_PROTOCOL_H

#include "base/err.h"
#include "media/media.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEDIA_WIRE_MAGIC   0x504d0001u
#define MEDIA_WIRE_FD      3 /* where a worker finds its end of the pair */
#define MEDIA_NAME_MAX     255
#define MEDIA_FACTS_MAX    ((size_t)96 * 1024) /* bytes of JSON; a packet must hold it */
#define MEDIA_WIRE_FDS_MAX (2 + MEDIA_VARIANT_MAX)

#define MEDIA_DEFAULT_PIXELS  250000000u
#define MEDIA_DEFAULT_MEMORY  ((uint64_t)1024 * 1024 * 1024)
#define MEDIA_DEFAULT_SECONDS 60u
#define MEDIA_DIMENSION_MAX   1000000u /* px; no side of a picture is believed to be longer */
#define MEDIA_VARIANT_SIDE    16384u   /* px; the largest box of a variant */
#define MEDIA_VARIANT_BYTES   ((uint64_t)256 * 1024 * 1024)

enum media_wire_flags { MEDIA_WIRE_FACTS = 1, MEDIA_WIRE_SIDECAR = 2 };

struct media_wire_variant {
	uint32_t width, height, fit, format, quality;
};

struct media_wire_request {
	uint32_t magic, flags, rotate, variant_count;
	uint64_t max_pixels;
	uint32_t max_seconds, reserved;
	struct media_wire_variant variants[MEDIA_VARIANT_MAX];
	char name[MEDIA_NAME_MAX + 1]; /* NUL-terminated, "" when unknown */
};

struct media_wire_made {
	uint32_t made, width, height, reserved;
	uint64_t bytes;
};

struct media_wire_reply {
	uint32_t magic, status, facts_len;
	uint32_t tired; /* the worker would rather be replaced */
	char reason[256];
	struct media_wire_made variants[MEDIA_VARIANT_MAX];
};

/* A request with its descriptors as the worker gets it; fds that are absent are -1. */
struct media_wire_job {
	struct media_wire_request request;
	int fd, sidecar_fd, out_fds[MEDIA_VARIANT_MAX];
};
void media_wire_job_release(struct media_wire_job *job); /* closes the descriptors */

/* Sends what `request` asks for; INVALID if it is out of range, OFFLINE if nobody listens. */
int media_wire_send_request(int socket, const struct media_request *request,
	const struct media_options *options, struct err *err);
/* 1 with a job (owned: media_wire_job_release), 0 when the other side has gone, -1 failed. */
int media_wire_receive_job(int socket, struct media_wire_job *out, struct err *err);

/* Sends a reply with facts_len bytes of facts. */
int media_wire_send_reply(
	int socket, const struct media_wire_reply *reply, const char *facts, struct err *err);

/* Checks a packet from a worker against what was asked and fills `out` (owned).  DAMAGED when the
 * worker said what it cannot have meant. */
int media_wire_check_reply(const void *packet, size_t len, const struct media_request *request,
	struct media_result *out, struct err *err);

#endif
