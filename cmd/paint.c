/* paint.c - a small picture of a photo on a terminal, from the ThumbHash in its body.
 *
 * No file is decoded for it.  One character cell shows two pixels: the upper half block's own colour and
 * the one behind it.
 */
#include "photos.h"
#include "media/thumbhash.h"

#include <stdlib.h>
#include <string.h>

#define PAINT_COLUMNS 32u
#define PAINT_ROWS    20u /* pixels; half as many lines */

static bool has_true_colour(const struct cmd_ctx *ctx)
{
	const char *colours = getenv("COLORTERM");

	return ctx->color_out && colours &&
		(strcmp(colours, "truecolor") == 0 || strcmp(colours, "24bit") == 0);
}

/* The largest box of the photo's shape, an even number of rows. */
static void fit_box(double width, double height, unsigned *columns, unsigned *rows)
{
	double scale = PAINT_COLUMNS / width;

	if (height * scale > PAINT_ROWS)
		scale = PAINT_ROWS / height;
	*columns = (unsigned)(width * scale + 0.5);
	*rows = (unsigned)(height * scale / 2 + 0.5) * 2;
	*columns = *columns ? *columns : 1;
	*rows = *rows ? *rows : 2;
}

/* The pixel of a picture that was turned `rotate` quarters clockwise after it was painted. */
static const uint8_t *pixel(const struct thumbhash_picture *p, int rotate, unsigned x, unsigned y)
{
	unsigned right = p->width - 1, bottom = p->height - 1;

	switch (rotate) {
	case 1:
		return p->rgb[(bottom - x) * p->width + y];
	case 2:
		return p->rgb[(bottom - y) * p->width + right - x];
	case 3:
		return p->rgb[x * p->width + right - y];
	default:
		return p->rgb[y * p->width + x];
	}
}

void paint_photo(struct cmd_ctx *ctx, const struct photo *photo)
{
	const char *text = photo_text(photo, "thumbhash");
	_cleanup_str_ struct str hash = STR_INIT(THUMBHASH_LEN_MAX + 2);
	struct thumbhash_picture picture;
	bool turned = photo->rotate % 2 != 0;
	unsigned columns, rows;

	if (!text || !has_true_colour(ctx) || !photo->width || !photo->height ||
		base64_decode(text, strlen(text), &hash, NULL))
		return;
	fit_box((double)photo->width, (double)photo->height, &columns, &rows);
	if (thumbhash_paint((const uint8_t *)hash.data, hash.len, turned ? rows : columns,
		    turned ? columns : rows, &picture, NULL))
		return;
	for (unsigned y = 0; y < rows; y += 2) {
		for (unsigned x = 0; x < columns; x++) {
			const uint8_t *a = pixel(&picture, photo->rotate, x, y);
			const uint8_t *b = pixel(&picture, photo->rotate, x, y + 1);

			fprintf(ctx->out, "\033[38;2;%u;%u;%u;48;2;%u;%u;%um▀", a[0], a[1], a[2],
				b[0], b[1], b[2]);
		}
		fputs("\033[0m\n", ctx->out);
	}
}
