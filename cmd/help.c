/* help.c - pinhole help: the list of commands, a command's manual page, or a topic.
 *
 * The page is the one beside this program: build/man in the source tree, share/man where it is
 * installed.  Invariant: help is always given; without man(1) or a page it is the text of -h.
 */
#include "frame.h"
#include "print.h"
#include "table.h"
#include "base/path.h"
#include "event/role.h"

#include <string.h>
#include <unistd.h>

/* Where pages are, seen from the program's directory: the source tree, another build directory,
 * an installation (below it one directory for each section). */
static const char *const page_dirs[] = {"build/man/", "man/", "../share/man/man"};

static char *find_page(const char *name, const char *section)
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

		str_addf(&path, "%.*s%s", (int)dir_len, self, page_dirs[i]);
		if (!text_ends(page_dirs[i], "/"))
			str_addf(&path, "%s/", section);
		str_addf(&path, "pinhole%s%s.%s", *name ? "-" : "", name, section);
		if (!path.failed && access(path.data, R_OK) == 0)
			return str_take(&path, NULL);
	}
	return NULL;
}

/* Becomes man(1); returns only when that is not possible. */
static void show_page(struct cmd_ctx *ctx, const char *name, const char *section)
{
	_cleanup_free_ char *page = find_page(name, section);

	fflush(ctx->out);
	if (page)
		execlp("man", "man", "-l", page, (char *)NULL);
}

/* The table that authorize asks. */
static void print_roles(struct cmd_ctx *ctx)
{
	int width = 0;

	for (enum right right = RIGHT_UNSET + 1; right < RIGHT_COUNT; right++)
		width = (int)strlen(right_name(right)) > width ? (int)strlen(right_name(right)) :
								 width;
	fprintf(ctx->out, "%-*s", width, "");
	for (enum role role = ROLE_VIEWER; role < ROLE_COUNT; role++)
		fprintf(ctx->out, "  %6s", role_name(role));
	for (enum right right = RIGHT_UNSET + 1; right < RIGHT_COUNT; right++) {
		fprintf(ctx->out, "\n%-*s", width, right_name(right));
		for (enum role role = ROLE_VIEWER; role < ROLE_COUNT; role++)
			fprintf(ctx->out, "  %6s", role_has(role, right) ? "yes" : "-");
	}
	fputc('\n', ctx->out);
}

static const struct topic *find_topic(const char *name)
{
	for (const struct topic *t = topics; t->name; t++)
		if (!strcmp(t->name, name))
			return t;
	return NULL;
}

static int show_topic(struct cmd_ctx *ctx, const struct topic *topic, struct err *err)
{
	if (!topic->page) {
		print_roles(ctx);
		return 0;
	}
	show_page(ctx, topic->page, topic->section);
	return err_set(err, ERR_UNSUPPORTED, "the page pinhole-%s(%s) cannot be shown without man",
		topic->page, topic->section);
}

static int run_help(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err)
{
	const struct command *command;
	const struct topic *topic;
	const char *meant;

	(void)args;
	if (argc == 0)
		return frame_help(ctx, NULL, NULL, err);
	command = table_find(argv[0]);
	topic = command ? NULL : find_topic(argv[0]);
	if (topic)
		return show_topic(ctx, topic, err);
	if (!command && strcmp(argv[0], "pinhole") != 0) {
		err_set(err, ERR_NOT_FOUND, "no command \"%s\"", argv[0]);
		meant = table_suggest(NULL, argv[0]);
		return meant ? err_hint(err, "did you mean %s?", meant) : -1;
	}
	show_page(ctx, command ? command->name : "", "1");
	if (pager_start(ctx, err))
		return -1;
	return frame_help(ctx, NULL, command, err);
}

const struct command command_help = {
	.name = "help",
	.summary = "show the commands, or the manual of one or of a topic",
	.group = CMD_GROUP_START,
	.needs = CMD_NO_STORE,
	.words = "[COMMAND|TOPIC]",
	.run = run_help,
};
