/* pinhole.c - main: finds the command, opens the store as it needs, maps the error to an exit code.
 *
 * It knows no command.  Invariant: nothing is opened, read or allocated before the command is
 * known, so that `pinhole version` starts fast; and exactly one place prints errors.
 */
#include "frame.h"
#include "print.h"
#include "store/store.h"
#include "settings.h"
#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_DEFAULT 80
#define WIDTH_MAX     1000

/* --- signals ------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupts;

static void on_interrupt(int number)
{
	(void)number;
	if (interrupts++)
		_exit(err_exit_code(ERR_INTERRUPTED));
}

void cmd_catch_interrupts(void)
{
	struct sigaction action = {.sa_handler = on_interrupt};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool cmd_interrupted(void)
{
	return interrupts > 0;
}

int cmd_check_interrupted(struct err *err)
{
	return cmd_interrupted() ? err_set(err, ERR_INTERRUPTED, "interrupted") : 0;
}

/* --- the context --------------------------------------------------------------------------- */

static size_t terminal_width(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) || size.ws_col == 0 || size.ws_col > WIDTH_MAX)
		return WIDTH_DEFAULT;
	return size.ws_col;
}

/* Someone may start us with closed standard files; then the database must not become our stdout.
 * Read-only, so that a result nobody can get is still an error. */
static void open_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static void look_at_terminal(struct cmd_ctx *ctx)
{
	ctx->out_tty = isatty(STDOUT_FILENO);
	ctx->err_tty = isatty(STDERR_FILENO);
	ctx->width = WIDTH_DEFAULT;
	if (ctx->out_tty || ctx->err_tty)
		ctx->width = terminal_width(ctx->out_tty ? STDOUT_FILENO : STDERR_FILENO);
}

static void apply_frame_args(struct cmd_ctx *ctx, const struct frame_args *f)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool colors = !f->no_color && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;

	ctx->json = f->json;
	ctx->dry_run = f->dry_run;
	ctx->nul = f->nul;
	ctx->yes = f->yes;
	ctx->quiet = f->quiet;
	ctx->verbose = f->verbose;
	ctx->no_input = f->no_input;
	ctx->color_out = colors && ctx->out_tty;
	ctx->color_err = colors && ctx->err_tty;
	ctx->log.level = f->verbose ? LOG_INFO : LOG_WARNING;
}

char *frame_store_dir(const char *option, struct err *err)
{
	const char *dir = option ? option : getenv("PINHOLE_STORE");
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	_cleanup_str_ struct str path = STR_INIT(4096);

	if (option && !*option) {
		err_set(err, ERR_USAGE, "option --store: the name is empty");
		return NULL;
	}
	if (dir && *dir)
		str_addz(&path, dir);
	else if (data && data[0] == '/')
		str_addf(&path, "%s/pinhole", data);
	else if (home && *home)
		str_addf(&path, "%s/.local/share/pinhole", home);
	else {
		err_set(err, ERR_NO_STORE, "cannot tell where the store is: HOME is not set");
		err_hint(err, "give --store DIR or set PINHOLE_STORE");
		return NULL;
	}
	return str_take(&path, err);
}

/* --- running a command --------------------------------------------------------------------- */

static int check_words(const struct cmd_ctx *ctx, int argc, struct err *err)
{
	const struct command *command = ctx->command;
	_cleanup_str_ struct str name = STR_INIT(256);
	size_t least, most;

	frame_count_words(command->words, &least, &most);
	if ((size_t)argc >= least && (size_t)argc <= most)
		return 0;
	frame_name(ctx->parent, command, &name);
	if (!*command->words)
		return err_set(err, ERR_USAGE, "%s takes options only", name.data);
	return err_set(err, ERR_USAGE, "%s expects %s", name.data, command->words);
}

static int open_store(struct cmd_ctx *ctx, const struct command *command, struct err *err)
{
	enum store_mode mode =
		command->needs == CMD_STORE_WRITE && !ctx->dry_run ? STORE_WRITE : STORE_READ;

	if (command->needs == CMD_NO_STORE || command->needs == CMD_STORE_DIR)
		return 0;
	return settings_open_store(ctx, mode, &ctx->store, err);
}

/* core.color, where colours are possible at all.  A broken configuration is told by whoever needs
 * it: `config set` must still be able to mend it. */
static void apply_color_setting(struct cmd_ctx *ctx)
{
	enum { COLOR_AUTO, COLOR_NEVER };
	const struct config *config;

	if (!ctx->color_out && !ctx->color_err)
		return;
	config = cmd_config(ctx, NULL);
	if (config && config_choice(config, "core.color") == COLOR_NEVER)
		ctx->color_out = ctx->color_err = false;
}

static int run_with_store(struct cmd_ctx *ctx, const struct frame_args *f, int argc, char **argv,
	const void *args, struct err *err)
{
	const struct command *command = ctx->command;
	_cleanup_free_ char *dir = NULL;
	int result;

	if (command->needs == CMD_NEEDS_UNSET)
		return err_set(
			err, ERR_FAILED, "command %s does not say what it needs", command->name);
	dir = frame_store_dir(f->store, err);
	if (!dir && command->needs != CMD_NO_STORE)
		return -1;
	ctx->store_dir = dir;
	if (open_store(ctx, command, err))
		return -1;
	if (command->needs != CMD_NO_STORE)
		apply_color_setting(ctx);
	result = command->run(ctx, argc, argv, args, err);
	if (ctx->store)
		store_close(ctx->store);
	ctx->store = NULL;
	ctx->store_dir = NULL;
	return result;
}

static int run_command(
	struct cmd_ctx *ctx, struct frame_args *f, int argc, char **argv, struct err *err)
{
	const struct command *command = ctx->command;
	_cleanup_free_ void *args = mem_calloc(1, command->args_size + 1);
	struct opt_set sets[FRAME_SETS];
	int result;

	if (!args)
		return err_no_memory(err);
	if (command->args_defaults)
		memcpy(args, command->args_defaults, command->args_size);
	frame_sets(command, args, f, true, sets);
	result = opt_parse(sets, OPT_ANYWHERE, &argc, argv, err);
	apply_frame_args(ctx, f);
	if (!result && f->help)
		result = frame_help(ctx, ctx->parent, command, err);
	else if (!result && !check_words(ctx, argc, err))
		result = run_with_store(ctx, f, argc, argv, args, err);
	else
		result = -1;
	opt_release(sets);
	return result;
}

static int run_subcommand(struct cmd_ctx *ctx, struct frame_args *f, const struct command *parent,
	int argc, char **argv, struct err *err)
{
	struct opt_set sets[FRAME_SETS];
	const char *meant;

	frame_sets(parent, NULL, f, true, sets);
	if (opt_parse(sets, OPT_BEFORE_WORDS, &argc, argv, err))
		return -1;
	if (f->help)
		return frame_help(ctx, NULL, parent, err);
	if (argc == 0)
		return err_set(err, ERR_USAGE, "%s: which command?", parent->name);
	ctx->command = table_find_sub(parent, argv[0]);
	ctx->parent = parent;
	if (ctx->command)
		return run_command(ctx, f, argc - 1, argv + 1, err);
	err_set(err, ERR_USAGE, "%s has no command \"%s\"", parent->name, argv[0]);
	meant = table_suggest(parent, argv[0]);
	if (meant)
		return err_hint(err, "did you mean %s?", meant);
	return err_hint(err, "`pinhole %s -h` lists them", parent->name);
}

/* A program pinhole-NAME on PATH is a command too.  Returns only when there is none. */
static int run_external(const struct frame_args *f, char **argv, struct err *err)
{
	_cleanup_str_ struct str program = STR_INIT(256);
	_cleanup_free_ char *dir = frame_store_dir(f->store, err);
	const char *meant;

	str_addf(&program, "pinhole-%s", argv[0]);
	if (dir && !strchr(argv[0], '/') && !str_check(&program, NULL)) {
		char *word = argv[0];

		setenv("PINHOLE_STORE", dir, 1);
		argv[0] = program.data;
		execvp(program.data, argv);
		argv[0] = word;
	}
	err_set(err, ERR_USAGE, "no command \"%s\"", argv[0]);
	meant = table_suggest(NULL, argv[0]);
	if (meant)
		return err_hint(err, "did you mean %s?", meant);
	return err_hint(err, "`pinhole help` lists the commands");
}

/* Doors for the completion scripts, the manual and the tests; -h does not show them. */
static int hidden_door(struct cmd_ctx *ctx, int argc, char **argv, struct err *err)
{
	if (!strcmp(argv[0], "--complete"))
		return frame_complete(ctx, argc - 1, argv + 1, err);
	if (!strcmp(argv[0], "--commands"))
		return frame_list_commands(ctx, err);
	if (argc != 2)
		return err_set(err, ERR_USAGE, "--man needs the name of a page");
	return frame_manual(ctx, argv[1], err);
}

static bool is_hidden_door(const char *word)
{
	return !strcmp(word, "--complete") || !strcmp(word, "--commands") || !strcmp(word, "--man");
}

static int dispatch(struct cmd_ctx *ctx, int argc, char **argv, struct err *err)
{
	struct opt_set sets[FRAME_SETS];
	struct frame_args f = {.store = NULL};

	if (argc && is_hidden_door(argv[0]))
		return hidden_door(ctx, argc, argv, err);
	frame_sets(NULL, NULL, &f, true, sets);
	if (opt_parse(sets, OPT_BEFORE_WORDS, &argc, argv, err))
		return -1;
	argv[argc] = NULL;
	apply_frame_args(ctx, &f);
	if (f.help)
		return frame_help(ctx, NULL, NULL, err);
	if (argc == 0 && !f.version)
		return err_set(err, ERR_USAGE, "which command?");
	ctx->command = table_find(f.version ? "version" : argv[0]);
	if (!ctx->command)
		return run_external(&f, argv, err);
	if (ctx->command->subcommands)
		return run_subcommand(ctx, &f, ctx->command, argc - 1, argv + 1, err);
	if (f.version)
		return run_command(ctx, &f, 0, argv, err);
	return run_command(ctx, &f, argc - 1, argv + 1, err);
}

/* --- the end ------------------------------------------------------------------------------- */

/* What could not be written is a failure too: a full disk must not look like success. */
static int finish_output(struct cmd_ctx *ctx, int result, struct err *err)
{
	bool failed = ferror(ctx->out) != 0;

	errno = 0;
	if (fflush(ctx->out))
		failed = true;
	if (!failed || result)
		return result;
	if (!errno) /* an earlier write failed, and nobody looked */
		errno = EIO;
	return err_errno(err, "cannot write the result");
}

static void report(struct cmd_ctx *ctx, struct err *err)
{
	_cleanup_str_ struct str name = STR_INIT(256);

	if (err->kind == ERR_USAGE && !err->hint[0] && ctx->command) {
		frame_name(ctx->parent, ctx->command, &name);
		err_hint(err, "see `%s -h`", name.data);
	}
	fprintf(ctx->err, "pinhole: %s\n", err->message);
	if (err->hint[0])
		fprintf(ctx->err, "hint: %s\n", err->hint);
}

int main(int argc, char **argv)
{
	struct cmd_ctx ctx = {.out = stdout, .err = stderr, .clock = &clock_system};
	struct err err = ERR_INIT;
	int result;

	open_standard_files();
	/* A reader that goes away (| head) ends us quietly, whatever we inherited. */
	signal(SIGPIPE, SIG_DFL);
	look_at_terminal(&ctx);
	result = argc > 0 ? dispatch(&ctx, argc - 1, argv + 1, &err) : -1;
	result = finish_output(&ctx, result, &err);
	pager_stop(&ctx);
	config_free(ctx.config);
	if (result)
		report(&ctx, &err);
	return result ? err_exit_code(err.kind ? err.kind : ERR_FAILED) : 0;
}
