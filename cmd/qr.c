/* qr.c - QR codes on a terminal, over libqrencode: two rows of modules in one line of half blocks.
 *
 * With colours it is black on white whatever the terminal's are; without, the background is taken for
 * black.  Invariant: four light modules around the code, without which cameras do not find it.
 */
#include "people.h"

#include <qrencode.h>

#define QUIET 4 /* modules */

static bool is_dark(const QRcode *code, int x, int y)
{
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return false;
	return code->data[y * code->width + x] & 1;
}

/* The character whose upper and lower half are light where the modules are. */
static const char *half_blocks(bool upper_dark, bool lower_dark)
{
	if (upper_dark)
		return lower_dark ? " " : "▄";
	return lower_dark ? "▀" : "█";
}

int qr_print(struct cmd_ctx *ctx, const char *text, struct err *err)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);

	if (!code)
		return err_set(err, ERR_FAILED, "the text does not fit into a QR code");
	for (int y = -QUIET; y < code->width + QUIET; y += 2) {
		if (ctx->color_out)
			fputs("\033[97;40m", ctx->out);
		for (int x = -QUIET; x < code->width + QUIET; x++)
			fputs(half_blocks(is_dark(code, x, y), is_dark(code, x, y + 1)), ctx->out);
		fputs(ctx->color_out ? "\033[0m\n" : "\n", ctx->out);
	}
	QRcode_free(code);
	return 0;
}
