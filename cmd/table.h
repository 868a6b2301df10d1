/* table.h - asking the one list of commands; see table.c for how to add one. */
#ifndef PINHOLE_CMD_TABLE_H
#define PINHOLE_CMD_TABLE_H

#include "cmd.h"

/* Walks all commands by name: NULL gives the first, the last gives NULL. */
const struct command *table_next(const struct command *previous);
const struct command *table_find(const char *name);
const struct command *table_find_sub(const struct command *command, const char *name);
const char *table_group_title(enum cmd_group group);
/* The name that was likely meant, among the commands or a command's subcommands; or NULL. */
const char *table_suggest(const struct command *parent, const char *given);

/* What `pinhole help` knows besides commands. */
struct topic {
	const char *name;
	const char *page; /* pinhole-PAGE(SECTION); NULL: help prints it itself */
	const char *section;
	const char *summary;
};
extern const struct topic topics[]; /* ended by a NULL name */

#endif
