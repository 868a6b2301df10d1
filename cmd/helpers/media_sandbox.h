/* media_sandbox.h - what a decoder may still do once it reads strangers' bytes.
 *
 *	media_sandbox_limit(memory, err);	before libraries start
 *	... initialise libraries ...
 *	media_sandbox_enter(MEDIA_SANDBOX_IMAGE, err);
 */
#ifndef PINHOLE_HELPERS_MEDIA_SANDBOX_H
#define PINHOLE_HELPERS_MEDIA_SANDBOX_H

#include "base/err.h"

#include <stdint.h>

enum media_sandbox {
	MEDIA_SANDBOX_IMAGE, /* reads and writes the descriptors it is given, makes threads */
	MEDIA_SANDBOX_VIDEO, /* also starts programs and opens files for reading */
};

/* Resource limits: address space (bytes beyond what is used now; 0: none), size of written
 * files, descriptors, no core.  Under a sanitizer the address space stays unlimited. */
int media_sandbox_limit(uint64_t memory, struct err *err);

/* CPU seconds from now until SIGXCPU ends the process; called before each file. */
int media_sandbox_allow_seconds(uint32_t seconds, struct err *err);

/* no_new_privs and a system call filter that every child inherits; there is no way back.  What is
 * not on the list fails with EPERM. */
int media_sandbox_enter(enum media_sandbox kind, struct err *err);

/* For a child of a video worker, between fork and exec: from now on only the system's programs and
 * libraries and the file behind `fd` can be opened, where the kernel has Landlock; elsewhere nothing
 * changes.  Async-signal-safe; -1 when the lock could not be shut. */
int media_sandbox_read_only(int fd);

/* Tries what must be impossible and returns the name of the first thing that was not, or NULL. */
const char *media_sandbox_find_hole(enum media_sandbox kind);

#endif
