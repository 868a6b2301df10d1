/* table.c - the one list of commands, and that of the topics of help.
 *
 * It holds no behaviour.  Invariant: everything that knows the commands (dispatch, -h, help,
 * completion, manual pages, scripts/man-check) reads it from here.
 *
 * To add a command VERB:
 *
 *   1. cmd/VERB.c defines `const struct command command_VERB` (cmd.h shows how): arguments in, text
 *      out; the rules live in lib/store.
 *   2. Add a line to the list below.
 *   3. man/pinhole-VERB.1.mdoc says in prose what the tables cannot: it begins with
 *      ".Sh DESCRIPTION"; NAME, SYNOPSIS and OPTIONS are written from the tables in front of and
 *      behind that section; further sections (EXAMPLES, JSON, ...) follow.  Read
 *      man/pinhole-config.1.mdoc as the pattern; `make man && man -l build/man/pinhole-VERB.1`.
 *   4. tests/cmd/VERB.t tests it in a store of its own; tests/cmd/config.t is the pattern.
 *
 * tests/cmd/man.t (scripts/man-check) fails if you forgot 3 or 4, if the page mentions an option
 * that the table lacks, or if it does not speak of every subcommand; tests/cmd/completion.t walks
 * all commands; scripts/lint checks the C.
 */
#include "table.h"

#include <string.h>

/* Sorted by name. */
#define EACH_COMMAND(X)                                                                            \
	X(album)                                                                                   \
	X(backup)                                                                                  \
	X(caption)                                                                                 \
	X(config)                                                                                  \
	X(contact)                                                                                 \
	X(edit)                                                                                    \
	X(erase)                                                                                   \
	X(export)                                                                                  \
	X(fsck)                                                                                    \
	X(help)                                                                                    \
	X(http_request)                                                                            \
	X(import)                                                                                  \
	X(ingest)                                                                                  \
	X(init)                                                                                    \
	X(invite)                                                                                  \
	X(like)                                                                                    \
	X(list)                                                                                    \
	X(log)                                                                                     \
	X(messages)                                                                                \
	X(remove)                                                                                  \
	X(restore)                                                                                 \
	X(search)                                                                                  \
	X(send)                                                                                    \
	X(serve)                                                                                   \
	X(set)                                                                                     \
	X(show)                                                                                    \
	X(status)                                                                                  \
	X(token)                                                                                   \
	X(unlike)                                                                                  \
	X(unsend)                                                                                  \
	X(user)                                                                                    \
	X(version)

#define DECLARE(name) extern const struct command command_##name;
EACH_COMMAND(DECLARE)

#define ENTRY(name) &command_##name,
static const struct command *const commands[] = {EACH_COMMAND(ENTRY)};

const struct topic topics[] = {
	{"album-json", "album-json", "5", "an exported album in one JSON file"},
	{"api", "api", "7", "what pinhole serve answers over HTTP"},
	{"events", "events", "7", "the events of an album's log, and who may do what"},
	{"facts", "facts", "5", "what photos and videos say about themselves"},
	{"roles", NULL, NULL, "which role in an album may do what"},
	{"settings", "config", "5", "the settings of pinhole and the files that hold them"},
	{"store", "store", "7", "the files of a store, and what a crash may do to them"},
	{NULL, NULL, NULL, NULL},
};

const struct command *table_next(const struct command *previous)
{
	bool reached = !previous;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (reached)
			return commands[i];
		if (commands[i] == previous)
			reached = true;
	}
	return NULL;
}

const struct command *table_find(const char *name)
{
	for (const struct command *c = table_next(NULL); c; c = table_next(c))
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

const struct command *table_find_sub(const struct command *command, const char *name)
{
	for (const struct command *c = command->subcommands; c && c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

const char *table_group_title(enum cmd_group group)
{
	static const char *const titles[CMD_GROUP_COUNT] = {
		[CMD_GROUP_NONE] = "",
		[CMD_GROUP_START] = "Start and look around",
		[CMD_GROUP_PHOTOS] = "Albums and photos",
		[CMD_GROUP_TALK] = "Talk",
		[CMD_GROUP_MOVE] = "People, copies, backups",
		[CMD_GROUP_HOUSE] = "The store itself",
	};

	return titles[group];
}

/* The nearest of two candidates wins; far ones are no help. */
static void consider(const char *given, const char *name, size_t *best, const char **nearest)
{
	size_t distance = text_distance(given, name);

	if (strlen(given) >= 2 && text_starts(name, given))
		distance = 1;
	if (distance < *best) {
		*best = distance;
		*nearest = name;
	}
}

const char *table_suggest(const struct command *parent, const char *given)
{
	size_t best = 2 + strlen(given) / 5;
	const char *nearest = NULL;

	if (!parent)
		for (const struct command *c = table_next(NULL); c; c = table_next(c))
			consider(given, c->name, &best, &nearest);
	else
		for (const struct command *c = parent->subcommands; c && c->name; c++)
			consider(given, c->name, &best, &nearest);
	return nearest;
}
