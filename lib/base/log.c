/* log.c - the only place under lib/ that writes to standard error. */
#include "base/log.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

void log_print(const struct log *log, enum log_level level, const char *format, ...)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};
	char raw[4096]; /* what is longer is cut */
	_cleanup_str_ struct str line = STR_INIT(4 * sizeof(raw));
	va_list args;

	if (!log || level > log->level)
		return;
	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	str_add_visible(&line, raw, strlen(raw));
	if (log->sink)
		log->sink(log->data, level, line.data);
	else
		fprintf(stderr, "pinhole: %s: %s\n", names[level], line.data);
}
