/* frame.c - the frame's option tables and the text of -h.
 *
 * Nothing runs here.  Invariant: -h shows the same tables that the parser reads.
 */
#include "frame.h"
#include "print.h"
#include "table.h"

#include <string.h>

/* Every command takes these, before or after its name; pinhole(1) explains them once. */
static const struct opt everywhere_opts[] = {
	OPT_STR(0, "store", struct frame_args, store, "DIR",
		"the store (default: $PINHOLE_STORE, else $XDG_DATA_HOME/pinhole)"),
	OPT_BOOL('q', "quiet", struct frame_args, quiet, "print results and errors only"),
	OPT_BOOL('v', "verbose", struct frame_args, verbose, "say more on standard error"),
	OPT_BOOL(0, "no-input", struct frame_args, no_input, "never ask; fail instead"),
	OPT_BOOL(0, "no-color", struct frame_args, no_color, "no colours"),
	OPT_BOOL('h', "help", struct frame_args, help, "show this help"),
	OPT_END,
};

static const struct opt version_opts[] = {
	OPT_BOOL(0, "version", struct frame_args, version, "print the version"),
	OPT_END,
};

static const struct opt json_opts[] = {
	OPT_BOOL(0, "json", struct frame_args, json, "print JSON, one object per line"),
	OPT_END,
};

static const struct opt dry_run_opts[] = {
	OPT_BOOL('n', "dry-run", struct frame_args, dry_run,
		"change nothing, say what would be done"),
	OPT_END,
};

static const struct opt nul_opts[] = {
	OPT_BOOL('z', "null", struct frame_args, nul, "paths end with a NUL byte"),
	OPT_END,
};

static const struct opt yes_opts[] = {
	OPT_BOOL('y', "yes", struct frame_args, yes, "do not ask"),
	OPT_END,
};

void frame_sets(const struct command *command, void *args, struct frame_args *frame,
	bool everywhere, struct opt_set sets[FRAME_SETS])
{
	unsigned shared = command ? command->shared : 0;
	size_t count = 0;

	if (command && command->opts)
		sets[count++] = (struct opt_set){command->opts, args};
	if (shared & CMD_DRY_RUN)
		sets[count++] = (struct opt_set){dry_run_opts, frame};
	if (shared & CMD_YES)
		sets[count++] = (struct opt_set){yes_opts, frame};
	if (shared & CMD_NUL)
		sets[count++] = (struct opt_set){nul_opts, frame};
	if (shared & CMD_JSON)
		sets[count++] = (struct opt_set){json_opts, frame};
	if (everywhere)
		sets[count++] = (struct opt_set){everywhere_opts, frame};
	if (!command)
		sets[count++] = (struct opt_set){version_opts, frame};
	sets[count] = (struct opt_set)OPT_SET_END;
}

void frame_name(const struct command *parent, const struct command *command, struct str *out)
{
	str_addz(out, "pinhole");
	if (parent)
		str_addf(out, " %s", parent->name);
	if (command)
		str_addf(out, " %s", command->name);
}

void frame_count_words(const char *words, size_t *least, size_t *most)
{
	*least = *most = 0;
	while (*words) {
		size_t len = strcspn(words, " ");
		bool optional = words[0] == '[';
		bool repeats = memmem(words, len, "...", 3) != NULL;

		if (!optional)
			++*least;
		if (repeats)
			*most = SIZE_MAX;
		else if (*most != SIZE_MAX)
			++*most;
		words += len;
		words += strspn(words, " ");
	}
}

static bool has_options(const struct command *command)
{
	return command->opts || command->shared;
}

static void usage_line(const struct command *parent, const struct command *command, struct str *out)
{
	str_addz(out, "usage: ");
	frame_name(parent, command, out);
	if (command->subcommands)
		str_addz(out, " COMMAND ...");
	else
		str_addf(out, "%s%s%s", has_options(command) ? " [OPTION]..." : "",
			command->words[0] ? " " : "", command->words);
	str_addc(out, '\n');
}

static void list_one(const struct command *command, size_t width, struct str *out)
{
	str_addf(out, "  %-14s", command->name);
	opt_fold(command->summary, 16, width, out);
	str_addc(out, '\n');
}

static void help_command(
	const struct command *parent, const struct command *command, size_t width, struct str *out)
{
	struct opt_set sets[FRAME_SETS];

	usage_line(parent, command, out);
	str_addf(out, "\n%s\n", command->summary);
	if (command->subcommands) {
		str_addz(out, "\nCommands:\n");
		for (const struct command *c = command->subcommands; c->name; c++)
			list_one(c, width, out);
	}
	if (has_options(command)) {
		str_addz(out, "\nOptions:\n");
		frame_sets(command, NULL, NULL, false, sets);
		opt_help(sets, width, out);
	}
	str_addf(out, "\nThe manual: pinhole help %s\n", parent ? parent->name : command->name);
}

static void list_group(enum cmd_group group, size_t width, struct str *out)
{
	bool titled = false;

	for (const struct command *c = table_next(NULL); c; c = table_next(c)) {
		if (c->group != group)
			continue;
		if (!titled)
			str_addf(out, "\n%s:\n", table_group_title(group));
		titled = true;
		list_one(c, width, out);
	}
}

static void help_all(size_t width, struct str *out)
{
	struct opt_set sets[FRAME_SETS];

	str_addz(out,
		"usage: pinhole [OPTION]... COMMAND ...\n\n"
		"Shares photo albums with the people in your contacts.\n");
	for (enum cmd_group group = CMD_GROUP_START; group < CMD_GROUP_COUNT; group++)
		list_group(group, width, out);
	str_addz(out, "\nOptions of every command:\n");
	frame_sets(NULL, NULL, NULL, true, sets);
	opt_help(sets, width, out);
	str_addz(out,
		"\nMore: pinhole COMMAND -h, pinhole help COMMAND, pinhole help settings, pinhole help api\n");
}

int frame_help(struct cmd_ctx *ctx, const struct command *parent, const struct command *command,
	struct err *err)
{
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_LINE);

	if (command)
		help_command(parent, command, ctx->width, &text);
	else
		help_all(ctx->width, &text);
	if (str_check(&text, err))
		return -1;
	fputs(text.data, ctx->out);
	return 0;
}
