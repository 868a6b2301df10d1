/* pinhole-server.c - the server's main; `pinhole serve` and `pinhole http-request` become it.
 *
 * Only they call it: its options are theirs, made whole.  It holds no behaviour; lib/http does.  Invariant: what
 * the environment says is read here and nowhere below.
 */
#include "base/path.h"
#include "http/notify.h"
#include "http/openapi.h"
#include "http/run.h"
#include "opt/opt.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUEST_MAX ((size_t)64 * 1024 * 1024) /* a saved request */

struct args {
	const char *store, *system, *user, *listen;
	bool public_only, openapi, quiet, verbose;
	int64_t ready_fd;
};

static const struct opt options[] = {
	OPT_STR(0, "store", struct args, store, "DIR", "the store"),
	OPT_STR(0, "system", struct args, system, "FILE", "the machine's configuration"),
	OPT_STR(0, "user", struct args, user, "FILE", "the user's configuration"),
	OPT_STR(0, "listen", struct args, listen, "ADDR:PORT", "where to listen"),
	OPT_BOOL(0, "public-only", struct args, public_only, "serve no private route"),
	OPT_INT(0, "daemon-ready", struct args, ready_fd, 0, 1000000, "FD", "told when ready"),
	OPT_BOOL(0, "openapi", struct args, openapi, "print the API's document"),
	OPT_BOOL('q', "quiet", struct args, quiet, "print errors only"),
	OPT_BOOL('v', "verbose", struct args, verbose, "print what happens"),
	OPT_END,
};

static struct log diary(const struct args *args)
{
	return (struct log){.level = args->verbose ? LOG_INFO : LOG_WARNING};
}

/* Said on standard error: standard output is the access log's. */
static void say_ready(void *data, const char *url)
{
	const struct args *args = data;

	if (!args->quiet)
		fprintf(stderr, "serving %s at %s (Ctrl-C stops)\n", args->store, url);
}

static struct run_options make_options(
	struct args *args, const char *store_config, const struct log *log)
{
	return (struct run_options){
		.dir = args->store,
		.config =
			{
				.store_dir = args->store,
				.files = {[CONFIG_SYSTEM] = args->system,
					[CONFIG_USER] = args->user,
					[CONFIG_STORE] = store_config},
				.environment = (const char *const *)environ,
				.listen = args->listen,
			},
		.clock = &clock_system,
		.log = log,
		.public_only = args->public_only,
		.notify_socket = getenv("NOTIFY_SOCKET"),
		.watchdog_ms =
			notify_watchdog_interval(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID")),
		.ready_fd = (int)args->ready_fd,
		.ready = say_ready,
		.data = args,
	};
}

static int print_openapi(struct err *err)
{
	if (fwrite(openapi_json, 1, openapi_json_len, stdout) != openapi_json_len ||
		putchar('\n') == EOF || fflush(stdout))
		return err_errno(err, "cannot write the result");
	return 0;
}

static int serve(struct args *args, const char *store_config, struct err *err)
{
	struct log log = diary(args);
	struct run_options run = make_options(args, store_config, &log);

	if (args->openapi)
		return print_openapi(err);
	if (run.ready_fd >= 0 && fcntl(run.ready_fd, F_SETFD, FD_CLOEXEC))
		return err_set(
			err, ERR_USAGE, "option --daemon-ready: %d is not open", run.ready_fd);
	return run_server(&run, err);
}

static int answer_saved(
	struct args *args, const char *store_config, const char *file, struct err *err)
{
	_cleanup_str_ struct str text = STR_INIT(REQUEST_MAX), answers = STR_INIT(STR_MAX_FILE);
	struct log log = diary(args);
	struct run_options run = make_options(args, store_config, &log);
	int failed;

	failed = strcmp(file, "-") == 0 ?
		path_read_fd(STDIN_FILENO, "standard input", REQUEST_MAX, &text, err) :
		path_read_file(file, REQUEST_MAX, &text, err);
	if (failed)
		return -1;
	failed = run_saved(&run, text.data, text.len, &answers, err);
	if (answers.len &&
		(fwrite(answers.data, 1, answers.len, stdout) != answers.len || fflush(stdout)))
		return err_errno(err, "cannot write the result");
	return failed;
}

static int run_words(struct args *args, int argc, char **argv, struct err *err)
{
	_cleanup_free_ char *config = path_join(args->store ? args->store : ".", "config");

	if (!config)
		return err_no_memory(err);
	if (argc == 1 && strcmp(argv[0], "serve") == 0)
		return serve(args, config, err);
	if (argc == 2 && strcmp(argv[0], "http-request") == 0)
		return answer_saved(args, config, argv[1], err);
	return err_set(err, ERR_USAGE, "call `pinhole serve` or `pinhole http-request` instead");
}

int main(int argc, char **argv)
{
	struct args args = {.ready_fd = -1};
	struct opt_set sets[] = {{options, &args}, OPT_SET_END};
	struct err err = ERR_INIT;

	argc--;
	argv++;
	if (!opt_parse(sets, OPT_ANYWHERE, &argc, argv, &err) &&
		!run_words(&args, argc, argv, &err))
		return 0;
	fprintf(stderr, "pinhole: %s\n", err.message);
	if (err.hint[0])
		fprintf(stderr, "hint: %s\n", err.hint);
	return err_exit_code(err.kind ? err.kind : ERR_FAILED);
}
