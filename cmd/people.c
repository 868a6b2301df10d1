/* people.c - what the commands about accounts share; see people.h.
 *
 * Invariant: a password comes by file, command or terminal, never by an argument, and leaves only as a hash.
 */
#include "people.h"
#include "auth/password.h"
#include "base/path.h"
#include "base/time.h"
#include "proc/proc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define COMMAND_LIMIT_MS ((int64_t)120 * 1000) /* a person may have to unlock a key store */
#define TEXT_MAX         ((size_t)PASSWORD_MAX + 16)

int people_find(struct cmd_ctx *ctx, const char *who, struct user *out, struct err *err)
{
	struct user owner;

	if (!ctx->dry_run && user_ensure_owner(ctx->store, &owner, err))
		return -1;
	if (who)
		return user_find(ctx->store, who, out, err);
	if (!ctx->dry_run) {
		*out = owner;
		return 0;
	}
	switch (user_get(ctx->store, &ctx->store->owner, out, err)) {
	case 1:
		return 0;
	case 0:
		return err_set(err, ERR_NOT_FOUND, "the owner has no account yet");
	default:
		return -1;
	}
}

/* --- passwords ------------------------------------------------------------------------------ */

static void wipe(struct str *text)
{
	mem_wipe(text->data, text->len);
	str_release(text);
}

#define _cleanup_secret_ _cleanup_(wipe)

/* The first line without its end. */
static void cut_line(struct str *text)
{
	str_truncate(text, strcspn(text->data, "\r\n"));
}

static int read_file(const char *file, struct str *out, struct err *err)
{
	int failed = strcmp(file, "-") == 0 ?
		path_read_fd(STDIN_FILENO, "standard input", TEXT_MAX, out, err) :
		path_read_file(file, TEXT_MAX, out, err);

	if (failed)
		return -1;
	if (memchr(out->data, '\0', out->len))
		return err_set(err, ERR_INVALID, "%s holds a NUL byte", file);
	cut_line(out);
	return 0;
}

static int read_command(struct cmd_ctx *ctx, const char *command, struct str *out, struct err *err)
{
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};
	struct proc_command run = {.argv = argv,
		.env = (const char *const *)environ,
		.output_max = TEXT_MAX,
		.time_limit_ms = COMMAND_LIMIT_MS};
	struct proc_result result;
	bool good;

	if (proc_run(&run, ctx->clock, &result, err))
		return -1;
	good = result.exit_code == 0 && !result.output_cut &&
		!memchr(result.output.data, '\0', result.output.len);
	if (good)
		str_add(out, result.output.data, result.output.len);
	mem_wipe(result.output.data, result.output.len);
	proc_result_release(&result);
	if (!good)
		return err_set(err, ERR_FAILED, "PINHOLE_PASSWORD_COMMAND gave no password");
	cut_line(out);
	return str_check(out, err);
}

/* Waits until a line was typed.  The signals that break off come only while it waits, so that none is missed; a
 * terminal is readable when its line is whole. */
static int wait_for_line(struct err *err)
{
	struct pollfd typed = {.fd = STDIN_FILENO, .events = POLLIN};
	sigset_t held, before;
	int ready = 0;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigprocmask(SIG_BLOCK, &held, &before);
	while (!cmd_interrupted() && ready <= 0) {
		ready = ppoll(&typed, 1, NULL, &before);
		if (ready < 0 && errno != EINTR)
			break; /* reading says why */
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return cmd_check_interrupted(err);
}

static int read_line(struct str *out, struct err *err)
{
	char line[TEXT_MAX];
	bool got;

	if (wait_for_line(err))
		return -1;
	got = fgets(line, sizeof(line), stdin) != NULL;
	if (got)
		str_addz(out, line);
	mem_wipe(line, sizeof(line));
	cut_line(out);
	return got ? str_check(out, err) : err_set(err, ERR_FAILED, "no password was typed");
}

/* One line from the terminal, not shown. */
static int ask_hidden(struct cmd_ctx *ctx, const char *question, struct str *out, struct err *err)
{
	struct termios shown, hidden;
	int failed;

	if (tcgetattr(STDIN_FILENO, &shown))
		return err_errno(err, "cannot hide what is typed");
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	cmd_catch_interrupts(); /* else ^C would leave a terminal that shows nothing */
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden))
		return err_errno(err, "cannot hide what is typed");
	fprintf(ctx->err, "%s: ", question);
	fflush(ctx->err);
	failed = read_line(out, err);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	fprintf(ctx->err, "\n");
	return failed;
}

static int ask_twice(struct cmd_ctx *ctx, struct str *out, struct err *err)
{
	_cleanup_secret_ struct str again = STR_INIT(TEXT_MAX);

	if (ask_hidden(ctx, "Password (empty: none)", out, err))
		return -1;
	if (out->len == 0)
		return 0;
	if (ask_hidden(ctx, "Once more", &again, err))
		return -1;
	if (strcmp(out->data, again.data) != 0)
		return err_set(err, ERR_INVALID, "the two passwords differ");
	return 0;
}

/* From where it is to come: 1 it was given, 0 there is nobody to ask, or they gave none, -1. */
static int read_text(
	struct cmd_ctx *ctx, const char *file, bool ask, struct str *out, struct err *err)
{
	const char *command = getenv("PINHOLE_PASSWORD_COMMAND");

	if (file)
		return read_file(file, out, err) ? -1 : 1;
	if (command && *command)
		return read_command(ctx, command, out, err) ? -1 : 1;
	if (!ask || ctx->no_input || !isatty(STDIN_FILENO))
		return 0;
	return ask_twice(ctx, out, err) ? -1 : out->len > 0;
}

int people_read_password(
	struct cmd_ctx *ctx, const char *file, bool ask, char *hash, size_t size, struct err *err)
{
	_cleanup_secret_ struct str text = STR_INIT(TEXT_MAX);
	char made[PASSWORD_HASH_MAX];
	int given = read_text(ctx, file, ask, &text, err);

	if (given != 1)
		return given;
	if (password_check(text.data, text.len, err) ||
		password_hash(text.data, text.len, made, err))
		return -1;
	memcpy(hash, made, size < sizeof(made) ? size : sizeof(made));
	return 1;
}

/* --- times ---------------------------------------------------------------------------------- */

static int64_t unit_ms(char unit)
{
	switch (unit) {
	case 'm':
		return 60000;
	case 'h':
		return 3600000;
	case 'd':
		return 86400000;
	case 'w':
		return 7 * (int64_t)86400000;
	default:
		return 0;
	}
}

int people_parse_end(struct cmd_ctx *ctx, const char *text, int64_t *out, struct err *err)
{
	size_t digits = strspn(text, "0123456789");
	_cleanup_free_ char *number = mem_strndup(text, digits);
	int64_t count, wall, span;
	int32_t offset;

	if (!number)
		return err_no_memory(err);
	if (digits && unit_ms(text[digits]) && !text[digits + 1]) {
		if (text_to_i64(number, 1, 100000, &count, err))
			return err_prefix(err, "%s", text);
		*out = clock_now_ms(ctx->clock) + count * unit_ms(text[digits]);
		return 0;
	}
	if (time_parse_wall(text, &wall, &offset, &span, err)) {
		err_set(err, ERR_INVALID, "\"%s\" is no end in time", text);
		return err_hint(err, "write 12h, 30d, 4w or a day like 2026-12-31");
	}
	if (offset == TIME_OFFSET_NONE)
		offset = time_local_offset(clock_now_ms(ctx->clock));
	*out = wall + span - (int64_t)offset * 60000;
	return 0;
}
