/* print.h - how commands show things to people and programs.
 *
 * Every printer makes hostile text visible (no control characters reach a terminal).  Results go
 * to ctx->out; notes, bars and questions to ctx->err.  Write errors are noticed once, by the frame,
 * at the end.  With --json a command prints JSON lines to ctx->out and nothing else there.
 */
#ifndef PINHOLE_CMD_PRINT_H
#define PINHOLE_CMD_PRINT_H

#include "cmd.h"
#include "base/str.h"
#include "wire/json.h"

/* --- JSON ---------------------------------------------------------------------------------- */

/* Prints one object on one line.  Takes `line` over: it is freed also on failure.  NULL (what the
 * wire_set_* calls leave after a failure) answers NO_MEMORY. */
int print_json_line(struct cmd_ctx *ctx, json_t *line, struct err *err);

/* --- text ---------------------------------------------------------------------------------- */

enum print_style {
	PRINT_PLAIN,
	PRINT_BOLD,
	PRINT_DIM,
	PRINT_RED,
	PRINT_GREEN,
	PRINT_YELLOW,
	PRINT_BLUE,
};

/* One line of result; newlines and other controls in the text are escaped. */
void print_line(struct cmd_ctx *ctx, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A piece of a line, coloured where colours are wanted; print_end ends the line. */
void print_part(struct cmd_ctx *ctx, enum print_style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void print_end(struct cmd_ctx *ctx);
/* Text of several lines (a message): newlines stay, each line is indented by `indent` columns. */
void print_text(struct cmd_ctx *ctx, size_t indent, const char *text, size_t len);
/* A path as a result: with -z raw and ended by NUL, else visible on a line. */
void print_path(struct cmd_ctx *ctx, const char *path);
/* A note on stderr, not with -q: what was done, what to do next. */
void print_note(struct cmd_ctx *ctx, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A detail on stderr, only with -v. */
void print_detail(struct cmd_ctx *ctx, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A warning on stderr, also with -q: something needs the person's eyes. */
void print_warning(struct cmd_ctx *ctx, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* --- tables -------------------------------------------------------------------------------- */

#define PRINT_COLUMNS_MAX 12

enum print_column {
	PRINT_LEFT = 0,
	PRINT_RIGHT = 1,  /* numbers */
	PRINT_SHRINK = 2, /* cut with "…" where the terminal is too narrow */
};

/*	struct print_table table;
 *
 *	print_table_start(&table, ctx);
 *	print_table_column(&table, "NAME", PRINT_LEFT);
 *	print_table_column(&table, "PHOTOS", PRINT_RIGHT);
 *	for (...) {
 *		print_cell(&table, "%s", name);
 *		print_cell(&table, "%lld", photos);
 *	}
 *	return print_table_end(&table, err);
 *
 * Cells fill rows from the left.  Columns are as wide as their widest cell; only cells of SHRINK
 * columns are ever cut, and only on a terminal.  Rows go out by the thousand, so any number may
 * be added.  The heading is left out with -q and where there are no rows. */
struct print_table {
	struct cmd_ctx *ctx;
	size_t columns;
	struct {
		const char *title; /* borrowed */
		unsigned flags;    /* enum print_column, or-ed */
		size_t width;
	} column[PRINT_COLUMNS_MAX];
	struct vec cells; /* char *, visible text */
	bool headed, failed;
};

void print_table_start(struct print_table *table, struct cmd_ctx *ctx);
void print_table_column(struct print_table *table, const char *title, unsigned flags);
void print_cell(struct print_table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Prints what is left and releases the table: call it on every way out. */
int print_table_end(struct print_table *table, struct err *err);

/* --- numbers and times --------------------------------------------------------------------- */

#define PRINT_SHORT_LEN 48

/* "812 B", "3.4 MiB" */
void print_format_size(uint64_t bytes, char out[PRINT_SHORT_LEN]);
/* "0.8 s", "42 s", "3 min 05 s", "2 h 10 min", "3 d 4 h" */
void print_format_duration(int64_t ms, char out[PRINT_SHORT_LEN]);
/* An instant in the machine's zone: "2026-11-20 23:10". */
void print_format_time(int64_t unix_ms, char out[PRINT_SHORT_LEN]);
/* On a terminal "5 minutes ago" up to a week, then the date; elsewhere as print_format_time. */
void print_format_ago(const struct cmd_ctx *ctx, int64_t unix_ms, char out[PRINT_SHORT_LEN]);
/* "1 photo", "3 photos": `noun` gets an s unless count is 1. */
void print_format_count(uint64_t count, const char *noun, char out[PRINT_SHORT_LEN]);

/* --- progress ------------------------------------------------------------------------------ */

/* A bar on stderr: only on a terminal, not with -q or --json; redrawn at most ten times a
 * second.  One at a time; notes printed meanwhile go above it.
 *
 *	_cleanup_progress_ struct progress bar = PROGRESS_INIT;		gone on every way out
 *
 *	progress_start(&bar, ctx, "ingest", total_items, total_bytes);	0: not known
 *	progress_update(&bar, items, bytes);				so far, in total
 */
struct progress {
	struct cmd_ctx *ctx; /* NULL: not shown */
	const char *what;
	uint64_t items, bytes, total_items, total_bytes;
	int64_t started_us, drawn_us;
};

#define PROGRESS_INIT                                                                              \
	{                                                                                          \
		.ctx = NULL                                                                        \
	}
#define _cleanup_progress_ _cleanup_(progress_end)

void progress_start(struct progress *bar, struct cmd_ctx *ctx, const char *what,
	uint64_t total_items, uint64_t total_bytes);
void progress_set_total(struct progress *bar, uint64_t total_items, uint64_t total_bytes);
void progress_update(struct progress *bar, uint64_t items, uint64_t bytes);
void progress_end(struct progress *bar);
/* Wipes the bar so that something can be printed; the next update draws it again. */
void progress_hide(struct progress *bar);

/* --- people -------------------------------------------------------------------------------- */

/* Asks "QUESTION [y/N] ".  0 for yes (also with --yes), -1 with FAILED for no; USAGE with the hint
 * to give --yes when nobody can answer (--no-input, or stdin is not a terminal). */
int print_confirm(struct cmd_ctx *ctx, const char *question, struct err *err);

/* editor.c: lets the person write text, starting from `initial` (NULL: empty); lines that start
 * with '#' are dropped, and blank lines at both ends.  $VISUAL, core.editor, $EDITOR, else vi.
 * USAGE when there is no terminal. */
int editor_write(struct cmd_ctx *ctx, const char *initial, struct str *text, struct err *err);
/* editor.c: sends ctx->out through a pager until the frame ends, where stdout is a terminal.
 * core.pager (or PINHOLE_CORE_PAGER), $PAGER, else "less -FRX"; "cat" or "" for none. */
int pager_start(struct cmd_ctx *ctx, struct err *err);
/* The frame calls it at the end: waits for the pager. */
void pager_stop(struct cmd_ctx *ctx);

#endif
