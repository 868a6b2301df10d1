/* http_request.c - pinhole http-request: answer saved requests as the server would, with no socket. */
#include "server.h"

static int run_http_request(
	struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	/* "--": a file may be called like an option. */
	const char *words[] = {"http-request", "--", argv[0], NULL};

	(void)argc;
	(void)args;
	return server_become(ctx, words, err);
}

const struct command command_http_request = {
	.name = "http-request",
	.summary = "answer saved HTTP requests with no server",
	.group = CMD_GROUP_HOUSE,
	.needs = CMD_STORE_DIR,
	.words = "FILE",
	.run = run_http_request,
};
