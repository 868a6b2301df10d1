/* run.h - a server's life: starts, stays ready, takes new settings, drains, ends.
 *
 *	run_server(&options, err);	returns once the server was asked to stop (0) or could not start (-1)
 *
 * SIGTERM and SIGINT drain; a second one ends the process.  SIGHUP, or a change of a configuration file, brings new
 * settings in without dropping a connection.  Call it before any thread exists: it blocks these signals.
 */
#ifndef PINHOLE_HTTP_RUN_H
#define PINHOLE_HTTP_RUN_H

#include "http/server.h"

struct run_options {
	const char *dir;               /* the store */
	struct settings_source config; /* its store_dir is dir */
	const struct clock *clock;
	const struct log *log;
	bool public_only;          /* serve only public routes */
	const char *notify_socket; /* $NOTIFY_SOCKET */
	int64_t watchdog_ms;       /* notify_watchdog_interval */
	int ready_fd;              /* the URL goes there as one line, then it is closed; -1: none */
	/* Once, when requests are answered. */
	void (*ready)(void *data, const char *url);
	void *data;
};

int run_server(const struct run_options *options, struct err *err);
/* Runs saved requests (saved.h) through a server that listens on nothing; their answers are appended. */
int run_saved(const struct run_options *options, const char *text, size_t len, struct str *out,
	struct err *err);

#endif
