/* access_log.h - one JSON line for every request, with nothing in it that opens a door.
 *
 *	access_log_open("-", clock, &log, err);		"" logs nothing, "-" is standard output
 *	access_log_write(log, call, bytes, us);		any thread; never fails, never waits for long
 *	access_log_flush(log);				once a second, and at the end
 *	access_log_reopen(log, path, err);		after a reload: logrotate(8) renamed the file
 *	access_log_close(log);
 *
 * Lines are gathered for up to a second (access_log_flush), so a crash may cost the last ones.  A full disk loses lines,
 * not requests; how many is logged once there is room.
 */
#ifndef PINHOLE_HTTP_ACCESS_LOG_H
#define PINHOLE_HTTP_ACCESS_LOG_H

#include "http/http.h"

struct access_log;

int access_log_open(
	const char *path, const struct clock *clock, struct access_log **out, struct err *err);
void access_log_close(struct access_log *log); /* flushes; NULL is fine */
/* The call is answered.  `bytes`: of the body that was sent; `us`: from its first byte to its last. */
void access_log_write(
	struct access_log *log, const struct http_call *call, uint64_t bytes, int64_t us);
void access_log_flush(struct access_log *log);
/* Flushes, then goes on in `path`; -1: it cannot be opened, and the old file stays. */
int access_log_reopen(struct access_log *log, const char *path, struct err *err);
/* The line itself, without its newline. */
void access_log_format(
	const struct http_call *call, int64_t now_ms, uint64_t bytes, int64_t us, struct str *out);

#endif
