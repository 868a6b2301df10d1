/* log.h - diagnostics for people and machines, to a sink that the caller gives.
 *
 * Libraries never print; they log here.  Control characters in values are made visible, and
 * secrets are never passed in.
 */
#ifndef PINHOLE_BASE_LOG_H
#define PINHOLE_BASE_LOG_H

enum log_level { LOG_ERROR = 0, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct log {
	enum log_level level; /* what is above is dropped */
	/* One whole line without its newline; NULL: standard error, with the level before it. */
	void (*sink)(void *data, enum log_level level, const char *line);
	void *data;
};

void log_print(const struct log *log, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
