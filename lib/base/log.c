/* log.c - the only place under lib/ that writes to standard error. */
#include "base/log.h"
#include "base/str.h"

#include <stdio.h>

void log_print(const struct log *log, enum log_level level, const char *format, ...)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};
	_cleanup_str_ struct str raw = STR_INIT(4096);
	_cleanup_str_ struct str line = STR_INIT((size_t)4 * 4096);
	va_list args;

	if (!log || level > log->level)
		return;
	va_start(args, format);
	str_addv(&raw, format, args);
	va_end(args);
	str_add_visible(&line, raw.data, raw.len);
	if (log->sink)
		log->sink(log->data, level, line.data);
	else
		fprintf(stderr, "pinhole: %s: %s\n", names[level], line.data);
}
