/* people.h - what the commands about accounts share: whom is meant, passwords, ends in time, QR codes. */
#ifndef PINHOLE_CMD_PEOPLE_H
#define PINHOLE_CMD_PEOPLE_H

#include "print.h"
#include "store/user.h"

/* The account that `who` names; NULL: that of the store's owner, which is made if there is none yet (not with
 * --dry-run). */
int people_find(struct cmd_ctx *ctx, const char *who, struct user *out, struct err *err);

/* A password: the first line of `file` ("-": standard input), else what $PINHOLE_PASSWORD_COMMAND prints, else asked for twice
 * on the terminal, if `ask`.  1 read and hashed, 0 there is none (nobody to ask, or an empty answer), -1 failed. */
int people_read_password(
	struct cmd_ctx *ctx, const char *file, bool ask, char *hash, size_t size, struct err *err);

/* "90m", "12h", "30d", "4w" from now, or the end of a day "2026-12-31", as ms; INVALID. */
int people_parse_end(struct cmd_ctx *ctx, const char *text, int64_t *out, struct err *err);

/* qr.c: prints a QR code of the text on ctx->out. */
int qr_print(struct cmd_ctx *ctx, const char *text, struct err *err);

#endif
