/* serve.c - pinhole serve: answer phones and other stores over HTTP. */
#include "server.h"

#include <stdio.h>

struct serve_args {
	const char *listen;
	bool public_only, openapi;
	int64_t ready_fd;
};

static const struct serve_args serve_defaults = {.ready_fd = -1};

static const struct opt serve_opts[] = {
	OPT_STR('l', "listen", struct serve_args, listen, "ADDR:PORT",
		"numeric address and port to listen on, instead of serve.listen"),
	OPT_BOOL(0, "public-only", struct serve_args, public_only,
		"answer only what needs no account; all else does not exist"),
	OPT_INT(0, "daemon-ready", struct serve_args, ready_fd, 3, 1000000, "FD",
		"write the URL to this descriptor when requests are answered, then close it"),
	OPT_BOOL(0, "openapi", struct serve_args, openapi,
		"print the description of the API and serve nothing"),
	OPT_END,
};

static int run_serve(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct serve_args *a = args;
	const char *words[SERVER_WORDS_MAX] = {"serve"};
	char descriptor[24];
	size_t count = 1;

	(void)argc;
	(void)argv;
	if (a->listen) {
		words[count++] = "--listen";
		words[count++] = a->listen;
	}
	if (a->public_only)
		words[count++] = "--public-only";
	if (a->openapi)
		words[count++] = "--openapi";
	if (a->ready_fd >= 0) {
		snprintf(descriptor, sizeof(descriptor), "%lld", (long long)a->ready_fd);
		words[count++] = "--daemon-ready";
		words[count++] = descriptor;
	}
	return server_become(ctx, words, err);
}

const struct command command_serve = {
	.name = "serve",
	.summary = "serve the store to phones and other stores",
	.group = CMD_GROUP_MOVE,
	.needs = CMD_STORE_DIR,
	.words = "",
	.args_size = sizeof(struct serve_args),
	.args_defaults = &serve_defaults,
	.opts = serve_opts,
	.run = run_serve,
};
