/* print_table.c - columns that line up, for any number of rows; see print.h.
 *
 * It does not sort.  Invariant: a cell is visible text, so its width is what the terminal takes.
 */
#include "print.h"

#include <string.h>

#define ROWS_HELD  1000 /* rows go out together so that their columns line up */
#define COLUMN_GAP 2
#define SHRINK_MIN 8 /* a cut column keeps this many terminal columns */

void print_table_start(struct print_table *table, struct cmd_ctx *ctx)
{
	*table = (struct print_table){
		.ctx = ctx,
		.cells = VEC_INIT(char *, (size_t)ROWS_HELD *PRINT_COLUMNS_MAX),
	};
}

void print_table_column(struct print_table *table, const char *title, unsigned flags)
{
	if (table->columns == PRINT_COLUMNS_MAX) {
		table->failed = true;
		return;
	}
	table->column[table->columns].title = title;
	table->column[table->columns].flags = flags;
	table->column[table->columns++].width = text_columns(title, strlen(title));
}

/* The widths that rows are printed with: SHRINK columns give way when the terminal is narrow. */
static void fit_widths(const struct print_table *table, size_t width[PRINT_COLUMNS_MAX])
{
	size_t total = 0, excess;

	for (size_t i = 0; i < table->columns; i++) {
		width[i] = table->column[i].width;
		total += width[i] + (i ? COLUMN_GAP : 0);
	}
	if (!table->ctx->out_tty || total <= table->ctx->width)
		return;
	excess = total - table->ctx->width;
	for (size_t i = table->columns; i-- > 0 && excess;) {
		size_t give = width[i] > SHRINK_MIN ? width[i] - SHRINK_MIN : 0;

		if (!(table->column[i].flags & PRINT_SHRINK))
			continue;
		if (give > excess)
			give = excess;
		width[i] -= give;
		excess -= give;
	}
}

/* How many bytes of the text fit into `room` terminal columns. */
static size_t clip_columns(const char *text, size_t room)
{
	size_t len = strlen(text), at = 0;

	while (at < len) {
		uint32_t code_point;
		size_t step = text_decode_utf8(text + at, len - at, &code_point);

		step = step ? step : 1;
		if (text_columns(text, at + step) > room)
			break;
		at += step;
	}
	return at;
}

static void add_cell(struct str *line, const char *text, size_t width, unsigned flags, bool last)
{
	size_t len = strlen(text), columns = text_columns(text, len);
	bool cut = columns > width;
	size_t pad;

	if (cut) {
		len = clip_columns(text, width - 1);
		columns = text_columns(text, len) + 1;
	}
	pad = width > columns ? width - columns : 0;
	if (flags & PRINT_RIGHT)
		str_addf(line, "%*s", (int)pad, "");
	str_add(line, text, len);
	if (cut)
		str_addz(line, "…");
	if (!(flags & PRINT_RIGHT) && !last)
		str_addf(line, "%*s", (int)pad, "");
	if (!last)
		str_addf(line, "%*s", COLUMN_GAP, "");
}

static void print_row(
	struct print_table *table, char *const *cells, const size_t width[PRINT_COLUMNS_MAX])
{
	_cleanup_str_ struct str line = STR_INIT(STR_MAX_FILE);

	for (size_t i = 0; i < table->columns; i++)
		add_cell(&line, cells ? cells[i] : table->column[i].title, width[i],
			table->column[i].flags, i + 1 == table->columns);
	fprintf(table->ctx->out, "%s\n", line.data);
}

static void free_cells(struct print_table *table)
{
	vec_foreach (&table->cells, char *, cell)
		mem_free_pointer(cell);
	vec_clear(&table->cells);
}

static void flush_rows(struct print_table *table)
{
	size_t width[PRINT_COLUMNS_MAX];
	size_t rows = table->columns ? table->cells.count / table->columns : 0;

	fit_widths(table, width);
	if (rows && !table->headed && !table->ctx->quiet)
		print_row(table, NULL, width);
	table->headed = table->headed || rows;
	for (size_t row = 0; row < rows; row++)
		print_row(table, vec_at(&table->cells, row * table->columns), width);
	free_cells(table);
}

void print_cell(struct print_table *table, const char *format, ...)
{
	_cleanup_str_ struct str raw = STR_INIT(STR_MAX_LINE);
	_cleanup_str_ struct str text = STR_INIT(8 * STR_MAX_LINE);
	size_t column, columns;
	va_list args;
	char **cell;

	if (table->failed || !table->columns)
		return;
	if (table->cells.count == ROWS_HELD * table->columns)
		flush_rows(table);
	va_start(args, format);
	str_addv(&raw, format, args);
	va_end(args);
	str_add_visible(&text, raw.data, raw.len);
	cell = vec_push(&table->cells);
	if (cell)
		*cell = str_take(&text, NULL);
	if (raw.failed || !cell || !*cell) {
		table->failed = true;
		return;
	}
	column = (table->cells.count - 1) % table->columns;
	columns = text_columns(*cell, strlen(*cell));
	if (columns > table->column[column].width)
		table->column[column].width = columns;
}

int print_table_end(struct print_table *table, struct err *err)
{
	if (!table->failed)
		flush_rows(table);
	free_cells(table);
	vec_release(&table->cells);
	return table->failed ? err_set(err, ERR_TOO_LARGE, "a table is too large to print") : 0;
}
