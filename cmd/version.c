/* version.c - pinhole version: which pinhole this is.
 *
 * Opens nothing, so it shows what starting costs.
 */
#include "print.h"

static int run_version(
	struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	(void)argc;
	(void)argv;
	(void)args;
	if (ctx->json) {
		json_t *line = json_object();

		wire_set_text(&line, "version", PINHOLE_VERSION);
		return print_json_line(ctx, line, err);
	}
	print_line(ctx, "pinhole %s", PINHOLE_VERSION);
	return 0;
}

const struct command command_version = {
	.name = "version",
	.summary = "print the version",
	.group = CMD_GROUP_HOUSE,
	.needs = CMD_NO_STORE,
	.shared = CMD_JSON,
	.words = "",
	.run = run_version,
};
