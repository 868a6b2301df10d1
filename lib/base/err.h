/* err.h - the one way in which a function says that it failed.
 *
 * A fallible function returns 0 or -1 (or a pointer or NULL) and takes a `struct err *` last.
 * It fills the struct only when it fails:
 *
 *	if (fd < 0)
 *		return err_errno(err, "cannot open %s", path);
 *
 * The message is a whole sentence without a full stop, fit to be shown to the user; it
 * never contains raw control characters (err_set replaces them).  The kind decides the exit
 * code, the HTTP status and whether a retry makes sense, so callers branch on the kind and
 * never on the text.  A hint tells the way out ("run `pinhole init` first").
 */
#ifndef PINHOLE_BASE_ERR_H
#define PINHOLE_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

enum err_kind {
	ERR_NONE = 0,
	ERR_FAILED,      /* something went wrong that has no kind of its own */
	ERR_INVALID,     /* the input is malformed: fix it, do not retry */
	ERR_USAGE,       /* the command line is wrong */
	ERR_PARTIAL,     /* some items were refused, the rest is done */
	ERR_DENIED,      /* not allowed */
	ERR_NOT_FOUND,   /* no such thing, or none that you may see */
	ERR_CONFLICT,    /* ambiguous name, same id with other bytes, taken name */
	ERR_DAMAGED,     /* stored data is not what it must be */
	ERR_OFFLINE,     /* temporary: retry later */
	ERR_NO_STORE,    /* there is no store here */
	ERR_LOCKED,      /* another process holds the lock */
	ERR_NO_SPACE,    /* disk or quota full */
	ERR_TOO_NEW,     /* made by a newer pinhole */
	ERR_TOO_LARGE,   /* over a limit */
	ERR_UNSUPPORTED, /* a format or feature that we do not handle */
	ERR_NO_MEMORY,   /* allocation failed */
	ERR_INTERRUPTED, /* SIGINT or SIGTERM */
	ERR_KIND_COUNT
};

struct err {
	enum err_kind kind;
	char message[512];
	char hint[256];
};

#define ERR_INIT                                                                                   \
	{                                                                                          \
		.kind = ERR_NONE                                                                   \
	}

/* Sets kind and message; always returns -1.  `err` may be NULL: then the cause is lost. */
int err_set(struct err *err, enum err_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set with ": strerror(errno)" appended and the kind taken from errno
 * (ENOSPC, EDQUOT -> NO_SPACE; ENOENT -> NOT_FOUND; EACCES, EPERM -> DENIED; ENOMEM ->
 * NO_MEMORY; EINTR -> INTERRUPTED; else FAILED). */
int err_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The usual answer to a failed allocation; returns -1. */
int err_no_memory(struct err *err);

/* Adds the way out to an error that is set; returns -1. */
int err_hint(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts context before the message of an error that is set; returns -1. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes `err` clean again. */
void err_clear(struct err *err);

/* The process exit code of a kind: DESIGN section 5, man pinhole(1) EXIT STATUS. */
int err_exit_code(enum err_kind kind);

/* A stable lower-case word for a kind ("not-found"), as JSON and logs print it. */
const char *err_kind_name(enum err_kind kind);

/* True where the same call may succeed later without any change. */
bool err_is_temporary(enum err_kind kind);

#endif
