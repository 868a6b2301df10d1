/* file.h - inside lib/config: one ini file as lines, so that a change leaves the rest as it was.
 *
 * The format is that of git-config(1), less what nobody needs here:
 *
 *	# a comment, also with ;
 *	[section]
 *		key = value		; spaces around it do not count
 *	[section "Sub, case kept"]
 *		key = " quoted: \" \\ \n \t # no comment "
 *
 * A key's whole name is "section.key" or "section.Sub, case kept.key"; section and key are letters,
 * digits and '-', in either case, read as lower case.  No continuation lines, no key without "=",
 * nothing behind a section's "]" but a comment.
 */
#ifndef PINHOLE_CONFIG_FILE_H
#define PINHOLE_CONFIG_FILE_H

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

#define CONFIG_FILE_MAX  ((size_t)1024 * 1024)
#define CONFIG_LINES_MAX 20000

struct config_line {
	char *raw;     /* as in the file, without its newline */
	char *section; /* "section" or "section.sub": of a heading and of what stands below it */
	char *key;     /* the whole name; NULL: a heading, a comment, a blank line */
	char *value;   /* unquoted; NULL with key */
	bool heading;
};

struct config_file {
	struct vec lines;
};

#define CONFIG_FILE_INIT                                                                           \
	{                                                                                          \
		.lines = VEC_INIT(struct config_line, CONFIG_LINES_MAX)                            \
	}

/* Fills an initialised file; `path` is for messages, "PATH:LINE: ...". */
int config_file_parse(
	struct config_file *file, const char *path, const char *text, size_t len, struct err *err);
/* Reads and parses; an absent file is empty. */
int config_file_read(struct config_file *file, const char *path, struct err *err);
void config_file_release(struct config_file *file);
#define _cleanup_config_file_ _cleanup_(config_file_release)

/* Puts `count` values of the key where it stood, else at the end of its section, else into a new
 * section at the end. */
int config_file_put(struct config_file *file, const char *name, const char *const *values,
	size_t count, struct err *err);
/* Takes all values of the key out; *removed says how many. */
void config_file_drop(struct config_file *file, const char *name, size_t *removed);
int config_file_format(const struct config_file *file, struct str *out, struct err *err);

#endif
