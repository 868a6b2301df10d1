/* cmd.h - what a subcommand is, and what the frame gives it.
 *
 * A command is a constant: its name, what it needs, its options, and a function.  The frame
 * (pinhole.c) parses the options, checks the number of words against the synopsis, opens the
 * store as the command needs, runs it, prints the error and turns its kind into the exit code.
 * A command neither exits nor prints errors itself.
 *
 *	struct like_args {
 *		const char *album;
 *	};
 *
 *	static const struct opt like_opts[] = {
 *		OPT_STR('a', "album", struct like_args, album, "ALBUM", "the photo's album"),
 *		OPT_END,
 *	};
 *
 *	static int run_like(struct cmd_ctx *ctx, int argc, char **argv, const void *args,
 *		struct err *err)
 *	{
 *		const struct like_args *a = args;
 *		...
 *	}
 *
 *	const struct command command_like = {
 *		.name = "like",
 *		.summary = "like photos",
 *		.group = CMD_GROUP_TALK,
 *		.needs = CMD_STORE_WRITE,
 *		.shared = CMD_JSON | CMD_DRY_RUN,
 *		.words = "PHOTO...",
 *		.args_size = sizeof(struct like_args),
 *		.opts = like_opts,
 *		.run = run_like,
 *	};
 *
 * How to add one, with its manual page and test: see the top of table.c.
 */
#ifndef PINHOLE_CMD_H
#define PINHOLE_CMD_H

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "config/config.h"
#include "opt/opt.h"

#include <stdbool.h>
#include <stdio.h>

struct store;
struct progress;

/* What the frame does before run.  Zero is refused: a command must say what it needs. */
enum cmd_needs {
	CMD_NEEDS_UNSET = 0,
	CMD_NO_STORE,    /* nothing; ctx->store_dir may be NULL */
	CMD_STORE_DIR,   /* ctx->store_dir is known; no store is opened (init, config) */
	CMD_STORE_READ,  /* ctx->store is open; nothing is changed */
	CMD_STORE_WRITE, /* ctx->store is open for writing (reading, when --dry-run is given) */
};

/* Options that many commands share; each sets the ctx member of its name. */
enum cmd_shared {
	CMD_JSON = 1,    /* --json: stdout is JSON only, one object per line */
	CMD_DRY_RUN = 2, /* -n, --dry-run: change nothing, say what would be done */
	CMD_NUL = 4,     /* -z, --null: paths end with a NUL byte */
	CMD_YES = 8,     /* -y, --yes: do not ask (print_confirm) */
};

/* Where `pinhole help` lists the command. */
enum cmd_group {
	CMD_GROUP_NONE = 0, /* not listed (subcommands) */
	CMD_GROUP_START,    /* start and look around */
	CMD_GROUP_PHOTOS,   /* albums and photos */
	CMD_GROUP_TALK,     /* talk */
	CMD_GROUP_MOVE,     /* people, export, backup */
	CMD_GROUP_HOUSE,    /* the store itself */
	CMD_GROUP_COUNT
};

struct cmd_ctx {
	FILE *out;                              /* the result; JSON only when json is set */
	FILE *err;                              /* notes, progress, questions */
	struct store *store;                    /* open as the command needs, else NULL */
	const char *store_dir;                  /* where the store is or would be */
	const struct command *command, *parent; /* parent: whose subcommand it is, or NULL */
	const struct clock *clock;
	struct log log;            /* for library calls: warnings; -v adds info */
	struct config *config;     /* NULL until cmd_config loads it */
	struct progress *progress; /* the bar that is being shown, NULL: none */
	long pager;                /* process that ctx->out goes through, 0: none */
	bool json, dry_run, nul, yes;
	bool quiet, verbose, no_input;
	bool out_tty, err_tty;     /* a person looks at it */
	bool color_out, color_err; /* colours are wanted there */
	size_t width;              /* columns of the terminal (80 when there is none) */
};

struct command {
	const char *name;
	const char *summary; /* one line, lower case, no full stop */
	enum cmd_group group;
	enum cmd_needs needs;
	unsigned shared; /* enum cmd_shared, or-ed */
	/* The words after the options.  NAME one, [NAME] at most one, NAME... one or more, [NAME...] any
	 * number; "A|B" where either fits; "" none.  Names also say how the words are completed: ALBUM,
	 * FILE, DIR, PATH, KEY, VERB, others not at all. */
	const char *words;
	size_t args_size;          /* of the args struct; 0: none */
	const void *args_defaults; /* copied into it; NULL: zeroed */
	const struct opt *opts;    /* NULL: none of its own */
	/* Either subcommands (ends with CMD_END; they have no group) or run. */
	const struct command *subcommands;
	/* argv[0 .. argc-1] are the words, their number checked.  Returns 0, or -1 with err. */
	int (*run)(struct cmd_ctx *ctx, int argc, char **argv, const void *args, struct err *err);
};

#define CMD_END                                                                                    \
	{                                                                                          \
		.name = NULL                                                                       \
	}

/* The configuration of this run, all origins; loaded at the first call.  NULL on failure. */
const struct config *cmd_config(struct cmd_ctx *ctx, struct err *err);

/* From this call on, SIGINT and SIGTERM only set a flag and long work polls it; a second signal
 * ends the process at once.  Before this call they end the process as usual. */
void cmd_catch_interrupts(void);
bool cmd_interrupted(void);
/* 0, or -1 with INTERRUPTED (exit 130): `if (cmd_check_interrupted(err)) return -1;` */
int cmd_check_interrupted(struct err *err);

#endif
