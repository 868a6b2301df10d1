/* settings.h - where configuration files lie; commands that only ask use cmd_config. */
#ifndef PINHOLE_CMD_SETTINGS_H
#define PINHOLE_CMD_SETTINGS_H

#include "cmd.h"

/* The file of an origin (system, user, store), which need not exist; free it.  NULL with
 * NOT_FOUND when it has no place (no home, no store). */
char *settings_path(const struct cmd_ctx *ctx, enum config_origin origin, struct err *err);

#endif
