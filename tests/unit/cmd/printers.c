/* printers.c - tests of the printers: hostile text, tables, numbers, bars; with a clock of our own.
 *
 * Commands are not in the library, so their sources are included here.
 */
#include "print.c"
#include "print_table.c"
#include "progress.c"
#include "tap.h"

#include <stdlib.h>

static int64_t now_us = 1000000;
static char *out_text, *err_text;
static size_t out_len, err_len;
static struct err err;

static int64_t fake_ms(const struct clock *clock)
{
	(void)clock;
	return 1700000000000;
}

static int64_t fake_us(const struct clock *clock)
{
	(void)clock;
	return now_us;
}

static const struct clock fake_clock = {fake_ms, fake_us, NULL};

static void start(struct cmd_ctx *ctx, bool tty)
{
	free(out_text);
	free(err_text);
	*ctx = (struct cmd_ctx){.clock = &fake_clock,
		.out = open_memstream(&out_text, &out_len),
		.err = open_memstream(&err_text, &err_len),
		.out_tty = tty,
		.err_tty = tty,
		.width = 40};
}

static void stop(struct cmd_ctx *ctx)
{
	fclose(ctx->out);
	fclose(ctx->err);
}

static void test_text(void)
{
	static const char message[] = "two\nlines\n\nand \033[1m";
	struct cmd_ctx ctx;

	start(&ctx, false);
	print_line(&ctx, "%s", "a\033[31mb\nc\xff");
	print_part(&ctx, PRINT_RED, "%s", "plain");
	print_end(&ctx);
	print_text(&ctx, 2, message, strlen(message));
	print_path(&ctx, "x\ny");
	ctx.nul = true;
	print_path(&ctx, "raw\ny");
	stop(&ctx);
	is_str(out_text,
		"a\\x1b[31mb\\nc\\xff\nplain\n  two\n  lines\n\n  and \\x1b[1m\nx\\ny\nraw\ny",
		"controls are made visible, message lines stay lines, -z is raw");
	is_int(out_text[out_len - 1], 0, "and ended by NUL");

	start(&ctx, true);
	ctx.color_out = ctx.color_err = true;
	print_part(&ctx, PRINT_RED, "%s", "x\033y");
	print_note(&ctx, "note %d", 1);
	print_warning(&ctx, "care");
	print_detail(&ctx, "unseen");
	ctx.quiet = ctx.verbose = true;
	print_note(&ctx, "unseen");
	print_detail(&ctx, "seen");
	stop(&ctx);
	is_str(out_text, "\033[31mx\\x1by\033[0m", "colours go around visible text");
	is_str(err_text, "note 1\n\033[33mwarning: care\033[0m\n\033[2mseen\033[0m\n",
		"-q stops notes but not warnings, -v brings details");
}

static void test_json(void)
{
	struct cmd_ctx ctx;
	json_t *line = json_object();

	start(&ctx, false);
	wire_set_text(&line, "name", "a\"b\n\033");
	ok_call(print_json_line(&ctx, line, &err), &err, "an object");
	line = json_object();
	wire_set_text(&line, "name", "\xff");
	ok(print_json_line(&ctx, line, &err) && err.kind == ERR_NO_MEMORY,
		"what could not be made");
	stop(&ctx);
	is_str(out_text, "{\"name\":\"a\\\"b\\n\\u001B\"}\n",
		"one line, and nothing of the second");
}

static void test_table(void)
{
	struct print_table table;
	struct cmd_ctx ctx;

	start(&ctx, false);
	print_table_start(&table, &ctx);
	print_table_column(&table, "NAME", PRINT_LEFT);
	print_table_column(&table, "N", PRINT_RIGHT);
	print_table_column(&table, "TEXT", PRINT_LEFT);
	print_cell(&table, "%s", "größer");
	print_cell(&table, "%d", 7);
	print_cell(&table, "%s", "a\tb");
	print_cell(&table, "x");
	print_cell(&table, "%d", 12345);
	print_cell(&table, "%s", "");
	ok_call(print_table_end(&table, &err), &err, "a table");
	stop(&ctx);
	is_str(out_text,
		"NAME        N  TEXT\n"
		"größer      7  a\\tb\n"
		"x       12345  \n",
		"columns line up");

	start(&ctx, true);
	print_table_start(&table, &ctx);
	print_table_column(&table, "ID", PRINT_LEFT);
	print_table_column(&table, "TEXT", PRINT_SHRINK);
	print_table_column(&table, "BY", PRINT_LEFT);
	print_cell(&table, "12345678");
	print_cell(&table, "%s", "a very long caption that goes on and on");
	print_cell(&table, "Ada");
	ok_call(print_table_end(&table, &err), &err, "a narrow terminal");
	stop(&ctx);
	is_str(out_text,
		"ID        TEXT                       BY\n"
		"12345678  a very long caption that…  Ada\n",
		"cuts what may be cut, to its width");

	start(&ctx, false);
	print_table_start(&table, &ctx);
	print_table_column(&table, "N", PRINT_RIGHT);
	for (int i = 0; i < 2500; i++)
		print_cell(&table, "%d", i);
	ok_call(print_table_end(&table, &err), &err, "many rows");
	stop(&ctx);
	ok(strstr(out_text, "\n2499\n") && strchr(out_text, 'N') == strrchr(out_text, 'N'),
		"all, and one heading");

	start(&ctx, false);
	print_table_start(&table, &ctx);
	print_table_column(&table, "N", PRINT_RIGHT);
	ok_call(print_table_end(&table, &err), &err, "no rows");
	stop(&ctx);
	is_str(out_text, "", "print nothing");
}

static void test_numbers(void)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {{0, "0 B"}, {1023, "1023 B"}, {1024, "1.0 KiB"}, {1048575, "1.0 MiB"},
		{5ull << 30, "5.0 GiB"}, {UINT64_MAX, "16.0 EiB"}};
	static const struct {
		int64_t ms;
		const char *text;
	} durations[] = {{0, "0.0 s"}, {1234, "1.2 s"}, {59999, "59 s"}, {61000, "1 min 01 s"},
		{3660000, "1 h 01 min"}, {90000000, "1 d 1 h"}};
	char text[PRINT_SHORT_LEN];
	struct cmd_ctx ctx;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		print_format_size(sizes[i].bytes, text);
		is_str(text, sizes[i].text, "a size");
	}
	for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
		print_format_duration(durations[i].ms, text);
		is_str(text, durations[i].text, "a duration");
	}
	print_format_count(1, "photo", text);
	is_str(text, "1 photo", "one");
	print_format_count(0, "photo", text);
	is_str(text, "0 photos", "none");
	start(&ctx, true);
	print_format_ago(&ctx, 1700000000000 - 125000, text);
	is_str(text, "2 minutes ago", "a short time ago");
	print_format_ago(&ctx, 1700000000000 - 8ll * 86400000, text);
	is_str(text, "2023-11-06 22:13", "a long time ago");
	ctx.out_tty = false;
	print_format_ago(&ctx, 1700000000000 - 125000, text);
	is_str(text, "2023-11-14 22:11", "not for a program");
	stop(&ctx);
}

static void test_progress(void)
{
	struct progress bar;
	struct cmd_ctx ctx;
	int drawn = 0;

	start(&ctx, false);
	progress_start(&bar, &ctx, "ingest", 10, 0);
	now_us += 5000000;
	progress_update(&bar, 5, 0);
	progress_end(&bar);
	stop(&ctx);
	is_str(err_text, "", "no bar without a terminal");

	start(&ctx, true);
	ctx.width = 120;
	progress_start(&bar, &ctx, "ingest", 100, 1000 * 1024);
	for (unsigned i = 1; i <= 50; i++) {
		now_us += 20000;
		progress_update(&bar, i, i * 10240);
	}
	print_note(&ctx, "a note");
	progress_end(&bar);
	stop(&ctx);
	for (const char *p = err_text; (p = strstr(p, "ingest")) != NULL; p++)
		drawn++;
	ok(drawn >= 3 && drawn <= 6, "drawn at most ten times in its half second (%d)", drawn);
	ok(strstr(err_text,
		   "\ringest  50/100   50%  500.0 KiB  50.0/s  500.0 KiB/s  1.0 s left\033[K"),
		"count, share, bytes, rates, time left");
	ok(strstr(err_text, "\r\033[Ka note\n"), "a note takes the bar's place");
	ok(!ctx.progress, "and it is gone");

	start(&ctx, true);
	progress_start(&bar, &ctx, "ingest", 100, 0);
	now_us += 100000;
	progress_update(&bar, 100, 0);
	progress_end(&bar);
	stop(&ctx);
	is_str(err_text, "", "no bar for what is done at once");
}

static void test_confirm(void)
{
	struct cmd_ctx ctx;

	start(&ctx, true);
	ctx.yes = true;
	ok_call(print_confirm(&ctx, "Delete?", &err), &err, "--yes");
	ctx.yes = false;
	ctx.no_input = true;
	ok(print_confirm(&ctx, "Delete?", &err) && err.kind == ERR_USAGE, "--no-input");
	is_str(err.hint, "pass --yes to confirm", "names the way out");
	stop(&ctx);
	is_str(err_text, "", "nobody is asked");
}

int main(void)
{
	setenv("TZ", "UTC", 1);
	test_text();
	test_json();
	test_table();
	test_numbers();
	test_progress();
	test_confirm();
	free(out_text);
	free(err_text);
	return tap_done();
}
