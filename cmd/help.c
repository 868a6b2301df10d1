/* help.c - pinhole help: the list of commands, or a command's manual page.
 *
 * The page is the one beside this program: build/man in the source tree, share/man where it is
 * installed.  Invariant: help is always given; without man(1) or a page it is the text of -h.
 */
#include "frame.h"
#include "print.h"
#include "table.h"
#include "base/path.h"

#include <string.h>
#include <unistd.h>

/* Where pages are, seen from the program's directory: the source tree, another build directory,
 * an installation. */
static const char *const page_dirs[] = {"build/man", "man", "../share/man/man1"};

static char *find_page(const char *name)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t dir_len;

	if (len <= 0)
		return NULL;
	self[len] = '\0';
	dir_len = (size_t)(path_base(self) - self);
	for (size_t i = 0; i < ARRAY_LEN(page_dirs); i++) {
		_cleanup_str_ struct str path = STR_INIT(STR_MAX_LINE);

		str_addf(&path, "%.*s%s/pinhole%s%s.1", (int)dir_len, self, page_dirs[i],
			*name ? "-" : "", name);
		if (!path.failed && access(path.data, R_OK) == 0)
			return str_take(&path, NULL);
	}
	return NULL;
}

/* Becomes man(1); returns only when that is not possible. */
static void show_page(struct cmd_ctx *ctx, const char *name)
{
	_cleanup_free_ char *page = find_page(name);

	fflush(ctx->out);
	if (page)
		execlp("man", "man", "-l", page, (char *)NULL);
}

static int run_help(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct command *command;
	const char *meant;

	(void)args;
	if (argc == 0)
		return frame_help(ctx, NULL, NULL, err);
	command = table_find(argv[0]);
	if (!command && strcmp(argv[0], "pinhole") != 0) {
		err_set(err, ERR_NOT_FOUND, "no command \"%s\"", argv[0]);
		meant = table_suggest(NULL, argv[0]);
		return meant ? err_hint(err, "did you mean %s?", meant) : -1;
	}
	show_page(ctx, command ? command->name : "");
	if (pager_start(ctx, err))
		return -1;
	return frame_help(ctx, NULL, command, err);
}

const struct command command_help = {
	.name = "help",
	.summary = "show the commands, or the manual of one",
	.group = CMD_GROUP_START,
	.needs = CMD_NO_STORE,
	.words = "[COMMAND]",
	.run = run_help,
};
