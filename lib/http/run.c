/* run.c - the main thread of a server; see run.h.
 *
 * It answers no requests: the loops, the pool and the writer do.  Invariant: once the service manager was told READY, it is told
 * of every change of that state.
 */
#include "http/run.h"
#include "base/path.h"
#include "http/daemon.h"
#include "http/daemon_tls.h"
#include "http/guard.h"
#include "http/notify.h"
#include "http/saved.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define TICK_MS   1000
#define SETTLE_MS 100   /* after the last sign of a change: editors and git write in steps */
#define LOOK_MS   10000 /* files are looked at so often even if the kernel says nothing */

struct run {
	const struct run_options *options;
	const struct clock *clock;
	const struct log *log;
	struct lock_file *lock;
	struct settings_box *settings;
	struct metrics *metrics;
	struct access_log *access_log;
	struct server *server;
	struct daemon *daemon;
	struct notify *notify;
	int signals;
	char url[128];
	int64_t settle_us, look_us, watchdog_us; /* mono: when each is due; settle 0: not */
	bool stop;
};

static void stop_all(struct run *run)
{
	daemon_close(run->daemon, 0);
	server_close(run->server);
	access_log_close(run->access_log);
	metrics_close(run->metrics);
	settings_close(run->settings);
	daemon_tls_release();
	notify_close(run->notify);
	lock_file_close(run->lock);
	mem_close_fd(&run->signals);
}

/* --- starting ------------------------------------------------------------------------------ */

static int catch_signals(struct run *run, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return err_errno(err, "cannot block signals");
	run->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return run->signals < 0 ? err_errno(err, "cannot watch for signals") : 0;
}

static void warn_of_settings(struct run *run, const struct settings *settings)
{
	size_t count;
	const char *const *unknown = config_unknown(settings->config, &count);

	for (size_t i = 0; i < count; i++)
		log_print(run->log, LOG_WARNING, "no setting is called %s", unknown[i]);
	if (!settings->loopback && !*settings->tls_cert)
		log_print(run->log, LOG_WARNING,
			"%s is not encrypted: whoever is on the way can read passwords and photos; "
			"set serve.tls-cert and serve.tls-key, or put a proxy with TLS before it",
			run->url);
}

static void note_url(struct run *run, const struct settings *settings)
{
	snprintf(run->url, sizeof(run->url), "http%s://%s", *settings->tls_cert ? "s" : "",
		daemon_address(run->daemon));
}

/* What the server is given: it reads settings, raises counters, writes the log. */
static int open_server(struct run *run, struct err *err)
{
	const struct run_options *options = run->options;
	struct server_options server = {
		.dir = options->dir,
		.clock = run->clock,
		.log = run->log,
		.settings = run->settings,
		.metrics = run->metrics,
		.access_log = run->access_log,
		.public_only = options->public_only,
	};

	return server_open(&server, &run->server, err);
}

/* A certificate that cannot be used refuses the settings that name it. */
static int accept_settings(void *data, const struct settings *settings, struct err *err)
{
	(void)data;
	return *settings->tls_cert ? daemon_tls_load(settings->tls_cert, settings->tls_key, err) :
				     0;
}

static int open_settings(struct run *run, struct err *err)
{
	struct settings_source source = run->options->config;

	source.accept = accept_settings;
	return settings_open(&source, &run->settings, err);
}

static int open_log(struct run *run, struct err *err)
{
	const struct settings *settings = settings_get(run->settings);
	int failed = access_log_open(settings->access_log, run->clock, &run->access_log, err);

	settings_put(settings);
	return failed;
}

static int start(struct run *run, struct err *err)
{
	const struct run_options *options = run->options;
	const struct settings *settings;

	if (store_check_owner(options->dir, err) || guard_check_place(options->dir, err) ||
		catch_signals(run, err) || notify_open(options->notify_socket, &run->notify, err) ||
		guard_take_store(options->dir, run->clock, &run->lock, err) ||
		open_settings(run, err) || metrics_open(&run->metrics, err) || open_log(run, err) ||
		open_server(run, err) || daemon_open(run->server, &run->daemon, err))
		return -1;
	settings = settings_get(run->settings);
	note_url(run, settings);
	warn_of_settings(run, settings);
	metrics_set(run->metrics, METRIC_SETTINGS, (int64_t)settings->number);
	metrics_set(run->metrics, METRIC_STARTED, clock_now_ms(run->clock));
	settings_put(settings);
	/* What opening needed (a migration, views made anew) is not kept for as long as we live. */
	malloc_trim(0);
	return 0;
}

static void tell_ready(struct run *run)
{
	const struct run_options *options = run->options;

	if (options->ready)
		options->ready(options->data, run->url);
	notify_ready(run->notify);
	notify_status(run->notify, run->url);
	if (options->ready_fd >= 0) {
		_cleanup_str_ struct str line = STR_INIT(sizeof(run->url) + 1);

		str_addf(&line, "%s\n", run->url);
		path_write_all(options->ready_fd, line.data, line.len, NULL);
		close(options->ready_fd);
	}
}

/* --- new settings -------------------------------------------------------------------------- */

static void reopen_log(struct run *run)
{
	const struct settings *settings = settings_get(run->settings);
	struct err why = ERR_INIT;

	if (access_log_reopen(run->access_log, settings->access_log, &why))
		log_print(run->log, LOG_ERROR, "%s; the old one stays", why.message);
	settings_put(settings);
}

static void reload(struct run *run)
{
	const struct settings *settings;
	const char *restart = NULL;
	struct err why = ERR_INIT;

	notify_reloading(run->notify, run->clock);
	if (settings_reload(run->settings, &restart, &why)) {
		metrics_add(run->metrics, METRIC_RELOADS_FAILED, 1);
		log_print(run->log, LOG_ERROR,
			"the new settings are refused, the old ones stay: %s", why.message);
	} else {
		settings = settings_get(run->settings);
		metrics_add(run->metrics, METRIC_RELOADS, 1);
		metrics_set(run->metrics, METRIC_SETTINGS, (int64_t)settings->number);
		log_print(run->log, LOG_INFO, "new settings are in force");
		warn_of_settings(run, settings);
		settings_put(settings);
	}
	if (restart)
		log_print(run->log, LOG_WARNING, "%s changes only when the server is started anew",
			restart);
	reopen_log(run);
	notify_ready(run->notify);
}

/* --- the loop ------------------------------------------------------------------------------- */

static void take_signals(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(run);
		else
			run->stop = true;
	}
}

/* What is due by the clock. */
static void take_time(struct run *run)
{
	int64_t now = clock_mono_us(run->clock);
	bool settled = run->settle_us && now >= run->settle_us;

	if (settled || now >= run->look_us) {
		run->settle_us = 0;
		run->look_us = now + LOOK_MS * 1000;
		if (settings_changed(run->settings))
			reload(run);
	}
	if (run->options->watchdog_ms && now >= run->watchdog_us) {
		run->watchdog_us = now + run->options->watchdog_ms * 1000;
		notify_watchdog(run->notify);
	}
}

static int wait_ms(const struct run *run)
{
	int64_t wait = TICK_MS;

	if (run->options->watchdog_ms && run->options->watchdog_ms < wait)
		wait = run->options->watchdog_ms;
	return (int)(run->settle_us && wait > SETTLE_MS ? SETTLE_MS : wait);
}

static void stay(struct run *run)
{
	struct pollfd fds[] = {
		{.fd = run->signals, .events = POLLIN},
		{.fd = settings_watch_fd(run->settings), .events = POLLIN},
	};

	run->look_us = clock_mono_us(run->clock) + LOOK_MS * 1000;
	while (!run->stop) {
		int ready = poll(fds, ARRAY_LEN(fds), wait_ms(run));

		if (ready > 0 && fds[0].revents)
			take_signals(run);
		if (ready > 0 && fds[1].revents) {
			/* Empties the descriptor; the answer is asked for again when all is quiet. */
			settings_changed(run->settings);
			run->settle_us = clock_mono_us(run->clock) + SETTLE_MS * 1000;
		}
		take_time(run);
	}
}

/* From here on a second signal ends us. */
static void drain(struct run *run)
{
	const struct settings *settings = settings_get(run->settings);
	sigset_t set;

	log_print(run->log, LOG_INFO, "stopping");
	notify_stopping(run->notify);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	daemon_close(run->daemon, (int64_t)settings->drain_seconds * 1000);
	run->daemon = NULL;
	settings_put(settings);
}

static struct run new_run(const struct run_options *options)
{
	return (struct run){
		.options = options,
		.clock = options->clock,
		.log = options->log,
		.signals = -1,
	};
}

int run_server(const struct run_options *options, struct err *err)
{
	struct run run = new_run(options);
	int failed = start(&run, err);

	if (!failed) {
		tell_ready(&run);
		stay(&run);
		drain(&run);
	}
	stop_all(&run);
	return failed;
}

/* --- saved requests ------------------------------------------------------------------------- */

int run_saved(const struct run_options *options, const char *text, size_t len, struct str *out,
	struct err *err)
{
	struct run run = new_run(options);
	int failed = store_check_owner(options->dir, err) ||
		settings_open(&options->config, &run.settings, err) ||
		metrics_open(&run.metrics, err) || open_server(&run, err) ||
		saved_run(run.server, text, len, out, err);

	stop_all(&run);
	return failed ? -1 : 0;
}
