/* guard.h - what the server refuses to start on, because it could not serve it safely.
 *
 *	guard_check_place(dir, err);			the store is on a local file system
 *	guard_take_store(dir, clock, &lock, err);	and no other server serves it
 *	...
 *	lock_file_close(lock);
 */
#ifndef PINHOLE_HTTP_GUARD_H
#define PINHOLE_HTTP_GUARD_H

#include "proc/proc.h"

/* UNSUPPORTED on a network file system: SQLite's locks and shared memory do not hold there. */
int guard_check_place(const char *dir, struct err *err);
/* LOCKED names the other server.  Commands go on beside a server; only servers exclude each other. */
int guard_take_store(
	const char *dir, const struct clock *clock, struct lock_file **out, struct err *err);

/* The name of the network file system with this magic number of statfs(2), or NULL for a local one.  `type` is
 * its name in /proc/self/mountinfo, "" if unknown: it tells local FUSE file systems from others. */
const char *guard_remote_name(unsigned long magic, const char *type);
/* Finds the type of the file system on `device` ("8:1") in the text of a mountinfo; false if it is not there. */
bool guard_find_type(const char *mountinfo, const char *device, char *out, size_t size);

#endif
