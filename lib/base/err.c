/* err.c - error kinds, their exit codes and messages.
 *
 * It does not print: commands do.  Invariant: a message never holds a control character, so
 * that no hostile file name reaches a terminal through an error.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct kind_facts {
	const char *name;
	int exit_code;
	bool temporary;
};

static const struct kind_facts kinds[ERR_KIND_COUNT] = {
	[ERR_NONE] = {"ok", 0, false},
	[ERR_FAILED] = {"failed", 1, false},
	[ERR_INVALID] = {"invalid", 1, false},
	[ERR_USAGE] = {"usage", 2, false},
	[ERR_PARTIAL] = {"partial", 3, false},
	[ERR_DENIED] = {"denied", 4, false},
	[ERR_NOT_FOUND] = {"not-found", 5, false},
	[ERR_CONFLICT] = {"conflict", 6, false},
	[ERR_DAMAGED] = {"damaged", 7, false},
	[ERR_OFFLINE] = {"offline", 8, true},
	[ERR_NO_STORE] = {"no-store", 10, false},
	[ERR_LOCKED] = {"locked", 11, true},
	[ERR_NO_SPACE] = {"no-space", 13, true},
	[ERR_TOO_NEW] = {"too-new", 14, false},
	[ERR_TOO_LARGE] = {"too-large", 1, false},
	[ERR_UNSUPPORTED] = {"unsupported", 1, false},
	[ERR_NO_MEMORY] = {"no-memory", 1, true},
	[ERR_INTERRUPTED] = {"interrupted", 130, true},
};

static void disarm(char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			*text = '?';
		/* C1 controls in UTF-8 are C2 80 to C2 9F. */
		if (c == 0xc2 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xa0)
			text[0] = text[1] = '?';
	}
}

/* Cuts an incomplete UTF-8 sequence that a full buffer left at its end. */
static void trim_utf8(char *text, size_t cap)
{
	size_t len = strlen(text), back = 0;

	if (len + 1 < cap)
		return;
	while (back < 3 && back < len && ((unsigned char)text[len - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back < len && ((unsigned char)text[len - 1 - back] & 0x80))
		text[len - 1 - back] = '\0';
}

__attribute__((format(printf, 3, 0))) static void fill(
	char *out, size_t cap, const char *format, va_list args)
{
	vsnprintf(out, cap, format, args);
	trim_utf8(out, cap);
	disarm(out);
}

int err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
	va_list args;

	if (!err)
		return -1;
	err->kind = kind;
	err->hint[0] = '\0';
	va_start(args, format);
	fill(err->message, sizeof(err->message), format, args);
	va_end(args);
	return -1;
}

static enum err_kind kind_of_errno(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
		return ERR_NO_SPACE;
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_DENIED;
	case ENOMEM:
		return ERR_NO_MEMORY;
	case EINTR:
		return ERR_INTERRUPTED;
	case EFBIG:
		return ERR_TOO_LARGE;
	default:
		return ERR_FAILED;
	}
}

int err_errno(struct err *err, const char *format, ...)
{
	int number = errno;
	va_list args;
	size_t len;

	if (!err)
		return -1;
	err->kind = kind_of_errno(number);
	err->hint[0] = '\0';
	va_start(args, format);
	fill(err->message, sizeof(err->message), format, args);
	va_end(args);
	len = strlen(err->message);
	snprintf(err->message + len, sizeof(err->message) - len, ": %s", strerror(number));
	return -1;
}

int err_no_memory(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "out of memory");
}

int err_hint(struct err *err, const char *format, ...)
{
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	fill(err->hint, sizeof(err->hint), format, args);
	va_end(args);
	return -1;
}

int err_prefix(struct err *err, const char *format, ...)
{
	char before[256], rest[sizeof(err->message)];
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	fill(before, sizeof(before), format, args);
	va_end(args);
	memcpy(rest, err->message, sizeof(rest));
	if (snprintf(err->message, sizeof(err->message), "%s: %s", before, rest) < 0)
		err->message[0] = '\0';
	trim_utf8(err->message, sizeof(err->message));
	return -1;
}

void err_clear(struct err *err)
{
	err->kind = ERR_NONE;
	err->message[0] = err->hint[0] = '\0';
}

int err_exit_code(enum err_kind kind)
{
	return (unsigned)kind < ERR_KIND_COUNT ? kinds[kind].exit_code : 1;
}

const char *err_kind_name(enum err_kind kind)
{
	return (unsigned)kind < ERR_KIND_COUNT ? kinds[kind].name : "failed";
}

bool err_is_temporary(enum err_kind kind)
{
	return (unsigned)kind < ERR_KIND_COUNT && kinds[kind].temporary;
}
