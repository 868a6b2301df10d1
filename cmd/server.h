/* server.h - becoming pinhole-server, the program of commands that need its libraries. */
#ifndef PINHOLE_CMD_SERVER_H
#define PINHOLE_CMD_SERVER_H

#include "cmd.h"

#define SERVER_WORDS_MAX 16

/* Becomes `pinhole-server WORDS`, with what it must know of this run added.  `words` ends with NULL and has
 * fewer than SERVER_WORDS_MAX.  Returns only on failure. */
int server_become(const struct cmd_ctx *ctx, const char *const *words, struct err *err);

#endif
