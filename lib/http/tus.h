/* tus.h - what the files of the tus resource share; nobody else includes it.
 *
 * Bytes arrive on a loop thread (tus_receive.c), the request is judged and answered on a worker and the writer
 * (tus.c).  Between them goes struct tus_work, which is call->work.
 */
#ifndef PINHOLE_HTTP_TUS_H
#define PINHOLE_HTTP_TUS_H

#include "http/arrival.h"
#include "http/server.h"
#include "http/tus_active.h"
#include "http/tus_header.h"
#include "store/upload.h"

struct tus_work {
	struct server *server;
	struct upload upload;    /* its row, as it is or is to be */
	bool making;             /* a POST: the row is to be made … */
	bool made;               /* … and was */
	struct upload_file file; /* open, and locked, while bytes may come */
	struct tus_active active;
	int64_t start;  /* offset at the beginning of this request */
	int64_t limit;  /* what the file may grow to */
	int64_t length; /* told by this request for the first time, or UPLOAD_LENGTH_NONE */
	struct tus_checksum checksum;
	struct sha1_stream *sha1;
	struct sha256_stream *sha256;
	bool sniffed;
	/* The bytes are not wanted any more; the rest of the body passes by unread, and this is the answer. */
	bool refused;
	struct err why;
	struct arrival *arrival; /* the whole file, on its way to be a photo */
};

/* Takes the call's work, or makes it. */
struct tus_work *tus_work_of(struct http_call *call, struct err *err);

/* Answers with that status; returns -1. */
int tus_refuse(struct http_call *call, int status, const struct err *why);
/* 412 for any other version than ours. */
int tus_check_version(struct http_call *call, struct err *err);
/* NOT_FOUND unless the caller may still add to the album. */
int tus_check_album(struct http_call *call, int64_t album, struct err *err);
extern const struct http_upload tus_creating, tus_patching;

/* After all bytes came: 0, or -1 answered (460, or why the bytes were refused). */
int tus_end_bytes(struct http_call *call, struct tus_work *work, struct err *err);

#endif
