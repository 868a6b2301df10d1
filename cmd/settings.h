/* settings.h - where configuration files lie; commands that only ask use cmd_config. */
#ifndef PINHOLE_CMD_SETTINGS_H
#define PINHOLE_CMD_SETTINGS_H

#include "cmd.h"
#include "store/store.h"

/* The file of an origin (system, user, store), which need not exist; free it.  NULL with
 * NOT_FOUND when it has no place (no home, no store). */
char *settings_path(const struct cmd_ctx *ctx, enum config_origin origin, struct err *err);

/* Opens the store at ctx->store_dir with what the configuration says about it (cache.dir). */
int settings_open_store(
	struct cmd_ctx *ctx, enum store_mode mode, struct store **out, struct err *err);

#endif
