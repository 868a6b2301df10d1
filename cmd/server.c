/* server.c - becomes pinhole-server; see server.h.
 *
 * It is exec and no child: signals, standard files and what a service manager knows of us stay as they are.
 */
#include "server.h"
#include "proc/proc.h"
#include "settings.h"

#include <unistd.h>

#define ARGUMENTS_MAX (SERVER_WORDS_MAX + 12)

struct arguments {
	const char *list[ARGUMENTS_MAX];
	size_t count;
};

static void add(struct arguments *arguments, const char *text)
{
	if (arguments->count + 1 < ARGUMENTS_MAX)
		arguments->list[arguments->count++] = text;
}

static void add_option(struct arguments *arguments, const char *name, const char *value)
{
	if (!value)
		return;
	add(arguments, name);
	add(arguments, value);
}

int server_become(const struct cmd_ctx *ctx, const char *const *words, struct err *err)
{
	_cleanup_free_ char *program = proc_find_helper("pinhole-server", err);
	_cleanup_free_ char *system = settings_path(ctx, CONFIG_SYSTEM, NULL);
	_cleanup_free_ char *user = settings_path(ctx, CONFIG_USER, NULL);
	struct arguments arguments = {.count = 0};

	if (!program)
		return -1;
	add(&arguments, program);
	add_option(&arguments, "--store", ctx->store_dir);
	add_option(&arguments, "--system", system);
	add_option(&arguments, "--user", user);
	if (ctx->quiet)
		add(&arguments, "--quiet");
	if (ctx->verbose)
		add(&arguments, "--verbose");
	for (; *words; words++)
		add(&arguments, *words);
	execv(program, (char *const *)(uintptr_t)arguments.list);
	return err_errno(err, "cannot start %s", program);
}
