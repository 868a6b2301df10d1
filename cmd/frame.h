/* frame.h - what the parts of the frame share; commands need cmd.h and print.h only.
 *
 * The frame's own option tables, the text of -h, and the hidden doors `--complete` and `--man`.
 */
#ifndef PINHOLE_CMD_FRAME_H
#define PINHOLE_CMD_FRAME_H

#include "cmd.h"

/* What the options before or after the verb set. */
struct frame_args {
	const char *store;
	bool no_input, no_color, quiet, verbose, help, version;
	bool json, dry_run, nul, yes;
};

#define FRAME_SETS 7 /* a command's own table, four shared ones, the everywhere one, the end */

/* The option tables of a command (NULL: those before the verb), its own first; args and frame may
 * be NULL where the tables are only read.  `everywhere` adds those that every command takes
 * (-q, -v, -h, --store ...) and -h does not list. */
void frame_sets(const struct command *command, void *args, struct frame_args *frame,
	bool everywhere, struct opt_set sets[FRAME_SETS]);

/* "pinhole album create"; `parent` may be NULL, and `command` too. */
void frame_name(const struct command *parent, const struct command *command, struct str *out);
/* What -h prints. */
int frame_help(struct cmd_ctx *ctx, const struct command *parent, const struct command *command,
	struct err *err);
/* The fewest and the most words (SIZE_MAX: any number) that a synopsis allows. */
void frame_count_words(const char *words, size_t *least, size_t *most);

/* --store > $PINHOLE_STORE > $XDG_DATA_HOME/pinhole > ~/.local/share/pinhole; free it.  NULL, with
 * NO_STORE or USAGE, where none of them tells. */
char *frame_store_dir(const char *option, struct err *err);

/* pinhole --complete WORD...: what may stand in place of the last word. */
int frame_complete(struct cmd_ctx *ctx, int argc, char **argv, struct err *err);
/* pinhole --man PAGE: weaves the prose on stdin with the tables into a manual page. */
int frame_manual(struct cmd_ctx *ctx, const char *page, struct err *err);
/* pinhole --commands: every command and subcommand with its options, for scripts/man-check. */
int frame_list_commands(struct cmd_ctx *ctx, struct err *err);

#endif
