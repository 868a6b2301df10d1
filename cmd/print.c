/* print.c - text, JSON and questions; see print.h.
 *
 * Tables are in print_table.c, bars in progress.c.  Invariant: whatever came from outside goes
 * through str_add_visible before it reaches a stream.
 */
#include "print.h"
#include "base/time.h"

#include <string.h>
#include <unistd.h>

int print_json_line(struct cmd_ctx *ctx, json_t *line, struct err *err)
{
	_cleanup_json_ json_t *owned = line;
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_FILE);

	if (!owned)
		return err_no_memory(err);
	if (wire_print(owned, &text, err) || str_check(&text, err))
		return -1;
	str_addc(&text, '\n');
	fwrite(text.data, 1, text.len, ctx->out);
	return 0;
}

/* Escapes what the format made; text that is too long ends in "…". */
__attribute__((format(printf, 2, 0))) static void format_visible(
	struct str *out, const char *format, va_list args)
{
	_cleanup_str_ struct str raw = STR_INIT(STR_MAX_LINE);

	str_addv(&raw, format, args);
	if (raw.failed)
		str_addz(out, "…");
	else
		str_add_visible(out, raw.data, raw.len);
}

void print_line(struct cmd_ctx *ctx, const char *format, ...)
{
	_cleanup_str_ struct str line = STR_INIT(8 * STR_MAX_LINE);
	va_list args;

	va_start(args, format);
	format_visible(&line, format, args);
	va_end(args);
	fprintf(ctx->out, "%s\n", line.data);
}

static const char *style_start(enum print_style style)
{
	static const char *const codes[] = {
		[PRINT_PLAIN] = "",
		[PRINT_BOLD] = "\033[1m",
		[PRINT_DIM] = "\033[2m",
		[PRINT_RED] = "\033[31m",
		[PRINT_GREEN] = "\033[32m",
		[PRINT_YELLOW] = "\033[33m",
		[PRINT_BLUE] = "\033[34m",
	};

	return codes[style];
}

void print_part(struct cmd_ctx *ctx, enum print_style style, const char *format, ...)
{
	_cleanup_str_ struct str text = STR_INIT(8 * STR_MAX_LINE);
	bool colored = ctx->color_out && style != PRINT_PLAIN;
	va_list args;

	va_start(args, format);
	format_visible(&text, format, args);
	va_end(args);
	fprintf(ctx->out, "%s%s%s", colored ? style_start(style) : "", text.data,
		colored ? "\033[0m" : "");
}

void print_end(struct cmd_ctx *ctx)
{
	fputc('\n', ctx->out);
}

void print_text(struct cmd_ctx *ctx, size_t indent, const char *text, size_t len)
{
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;
		_cleanup_str_ struct str visible = STR_INIT(STR_MAX_FILE);

		str_add_visible_text(&visible, text, line);
		fprintf(ctx->out, "%*s%s\n", line ? (int)indent : 0, "", visible.data);
		line += end ? 1 : 0;
		text += line;
		len -= line;
	}
}

void print_path(struct cmd_ctx *ctx, const char *path)
{
	if (ctx->nul)
		fwrite(path, 1, strlen(path) + 1, ctx->out);
	else
		print_line(ctx, "%s", path);
}

__attribute__((format(printf, 4, 0))) static void print_aside(struct cmd_ctx *ctx,
	enum print_style style, const char *prefix, const char *format, va_list args)
{
	_cleanup_str_ struct str line = STR_INIT(8 * STR_MAX_LINE);

	format_visible(&line, format, args);
	if (ctx->progress)
		progress_hide(ctx->progress);
	fprintf(ctx->err, "%s%s%s%s\n", ctx->color_err ? style_start(style) : "", prefix, line.data,
		ctx->color_err && style != PRINT_PLAIN ? "\033[0m" : "");
}

void print_note(struct cmd_ctx *ctx, const char *format, ...)
{
	va_list args;

	if (ctx->quiet)
		return;
	va_start(args, format);
	print_aside(ctx, PRINT_PLAIN, "", format, args);
	va_end(args);
}

void print_detail(struct cmd_ctx *ctx, const char *format, ...)
{
	va_list args;

	if (!ctx->verbose)
		return;
	va_start(args, format);
	print_aside(ctx, PRINT_DIM, "", format, args);
	va_end(args);
}

void print_warning(struct cmd_ctx *ctx, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_aside(ctx, PRINT_YELLOW, "warning: ", format, args);
	va_end(args);
}

/* --- numbers and times --------------------------------------------------------------------- */

void print_format_size(uint64_t bytes, char out[PRINT_SHORT_LEN])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	size_t unit = 0;

	/* 1023.95 KiB would print as 1024.0 KiB. */
	while (value >= 1023.95 && unit + 1 < ARRAY_LEN(units)) {
		value /= 1024;
		unit++;
	}
	if (unit == 0)
		snprintf(out, PRINT_SHORT_LEN, "%llu B", (unsigned long long)bytes);
	else
		snprintf(out, PRINT_SHORT_LEN, "%.1f %s", value, units[unit]);
}

void print_format_duration(int64_t ms, char out[PRINT_SHORT_LEN])
{
	long long seconds = ms / 1000;

	if (ms < 10000)
		snprintf(out, PRINT_SHORT_LEN, "%.1f s", (double)ms / 1000);
	else if (seconds < 60)
		snprintf(out, PRINT_SHORT_LEN, "%lld s", seconds);
	else if (seconds < 3600)
		snprintf(out, PRINT_SHORT_LEN, "%lld min %02lld s", seconds / 60, seconds % 60);
	else if (seconds < 86400)
		snprintf(out, PRINT_SHORT_LEN, "%lld h %02lld min", seconds / 3600,
			seconds % 3600 / 60);
	else
		snprintf(out, PRINT_SHORT_LEN, "%lld d %lld h", seconds / 86400,
			seconds % 86400 / 3600);
}

void print_format_time(int64_t unix_ms, char out[PRINT_SHORT_LEN])
{
	struct civil c;

	time_to_civil(unix_ms + (int64_t)time_local_offset(unix_ms) * 60000, &c);
	snprintf(out, PRINT_SHORT_LEN, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour,
		c.minute);
}

void print_format_ago(const struct cmd_ctx *ctx, int64_t unix_ms, char out[PRINT_SHORT_LEN])
{
	long long seconds = (clock_now_ms(ctx->clock) - unix_ms) / 1000;
	char count[PRINT_SHORT_LEN];

	if (!ctx->out_tty || seconds < 0 || seconds >= 7 * 86400) {
		print_format_time(unix_ms, out);
		return;
	}
	if (seconds < 60)
		print_format_count((uint64_t)seconds, "second", count);
	else if (seconds < 3600)
		print_format_count((uint64_t)seconds / 60, "minute", count);
	else if (seconds < 86400)
		print_format_count((uint64_t)seconds / 3600, "hour", count);
	else
		print_format_count((uint64_t)seconds / 86400, "day", count);
	snprintf(out, PRINT_SHORT_LEN, "%.40s ago", count);
}

void print_format_count(uint64_t count, const char *noun, char out[PRINT_SHORT_LEN])
{
	snprintf(out, PRINT_SHORT_LEN, "%llu %.20s%s", (unsigned long long)count, noun,
		count == 1 ? "" : "s");
}

/* --- questions ----------------------------------------------------------------------------- */

int print_confirm(struct cmd_ctx *ctx, const char *question, struct err *err)
{
	_cleanup_str_ struct str visible = STR_INIT(STR_MAX_LINE);
	char answer[16];

	if (ctx->yes)
		return 0;
	if (ctx->no_input || !isatty(STDIN_FILENO)) {
		err_set(err, ERR_USAGE, "not confirmed: nobody is here to answer \"%s\"", question);
		return err_hint(err, "pass --yes to confirm");
	}
	str_add_visible(&visible, question, strlen(question));
	if (ctx->progress)
		progress_hide(ctx->progress);
	fflush(ctx->out);
	fprintf(ctx->err, "%s [y/N] ", visible.data);
	fflush(ctx->err);
	if (fgets(answer, sizeof(answer), stdin) &&
		(!strcmp(answer, "y\n") || !strcmp(answer, "Y\n") || !strcmp(answer, "yes\n")))
		return 0;
	return err_set(err, ERR_FAILED, "not confirmed, nothing was changed");
}
