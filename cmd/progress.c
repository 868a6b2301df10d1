/* progress.c - one bar on a terminal: how far, how fast, how long still; see print.h.
 *
 * It measures nothing but time.  Invariant: a bar never leaves a trace; what is printed while it
 * is up goes on lines of its own.
 */
#include "print.h"

#define DRAW_EVERY_US 100000 /* ten times a second at most */
#define SETTLE_US     500000 /* no bar for what is done at once, no forecast before this */

void progress_start(struct progress *bar, struct cmd_ctx *ctx, const char *what,
	uint64_t total_items, uint64_t total_bytes)
{
	*bar = (struct progress){
		.what = what, .total_items = total_items, .total_bytes = total_bytes};
	if (!ctx->err_tty || ctx->quiet || ctx->json)
		return;
	bar->ctx = ctx;
	bar->started_us = clock_mono_us(ctx->clock);
	ctx->progress = bar;
}

void progress_set_total(struct progress *bar, uint64_t total_items, uint64_t total_bytes)
{
	bar->total_items = total_items;
	bar->total_bytes = total_bytes;
}

/* Bytes tell better than items how much work is left, where both are known. */
static double share_done(const struct progress *bar)
{
	double share = 0;

	if (bar->total_bytes)
		share = (double)bar->bytes / (double)bar->total_bytes;
	else if (bar->total_items)
		share = (double)bar->items / (double)bar->total_items;
	return share > 1 ? 1 : share;
}

static void add_forecast(const struct progress *bar, int64_t spent_us, struct str *line)
{
	double seconds = (double)spent_us / 1e6, share = share_done(bar);
	char text[PRINT_SHORT_LEN];

	if (spent_us < SETTLE_US)
		return;
	str_addf(line, "  %.1f/s", (double)bar->items / seconds);
	if (bar->bytes) {
		print_format_size((uint64_t)((double)bar->bytes / seconds), text);
		str_addf(line, "  %s/s", text);
	}
	if (share > 0 && share < 1) {
		print_format_duration((int64_t)(seconds * 1000 * (1 - share) / share), text);
		str_addf(line, "  %s left", text);
	}
}

static void draw(struct progress *bar, int64_t now_us)
{
	_cleanup_str_ struct str line = STR_INIT(1024);
	char size[PRINT_SHORT_LEN];

	str_addf(&line, "%s  %llu", bar->what, (unsigned long long)bar->items);
	if (bar->total_items)
		str_addf(&line, "/%llu", (unsigned long long)bar->total_items);
	if (share_done(bar) > 0)
		str_addf(&line, "  %3.0f%%", share_done(bar) * 100);
	if (bar->bytes) {
		print_format_size(bar->bytes, size);
		str_addf(&line, "  %s", size);
	}
	add_forecast(bar, now_us - bar->started_us, &line);
	/* A line that wraps could not be wiped. */
	if (line.len >= bar->ctx->width)
		str_truncate(&line, text_clip_utf8(line.data, line.len, bar->ctx->width - 1));
	fprintf(bar->ctx->err, "\r%s\033[K", line.data);
	fflush(bar->ctx->err);
	bar->drawn_us = now_us;
}

void progress_update(struct progress *bar, uint64_t items, uint64_t bytes)
{
	int64_t now_us;

	bar->items = items;
	bar->bytes = bytes;
	if (!bar->ctx)
		return;
	now_us = clock_mono_us(bar->ctx->clock);
	if (now_us - bar->started_us >= SETTLE_US && now_us - bar->drawn_us >= DRAW_EVERY_US)
		draw(bar, now_us);
}

void progress_hide(struct progress *bar)
{
	if (!bar->ctx || !bar->drawn_us)
		return;
	fputs("\r\033[K", bar->ctx->err);
	bar->drawn_us = 0;
}

void progress_end(struct progress *bar)
{
	if (!bar->ctx)
		return;
	progress_hide(bar);
	bar->ctx->progress = NULL;
	bar->ctx = NULL;
}
