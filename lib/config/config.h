/* config.h - settings: one table of keys, git-style files, and where each value came from.
 *
 * The table (config_keys) feeds validation, `config list` and pinhole-config(5).  Values come from
 * origins; the highest one that sets a key wins as a whole, also for lists.  This room reads no
 * environment: the caller hands it the pairs.
 *
 *	struct config *config = config_new(&config_table, err);
 *
 *	config_load_file(config, CONFIG_SYSTEM, "/etc/pinhole/config", err);	absent is fine
 *	config_load_env(config, (const char *const *)environ, err);
 *	jobs = config_int(config, "ingest.jobs");
 *	config_free(config);
 *
 * Every value was checked when it was loaded, so the getters cannot fail: asking for a key that is
 * not in the table, or by the wrong type, is a mistake of the program and answers the empty value.
 */
#ifndef PINHOLE_CONFIG_CONFIG_H
#define PINHOLE_CONFIG_CONFIG_H

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_type {
	CONFIG_TEXT,
	CONFIG_INT,      /* within [min, max] */
	CONFIG_SIZE,     /* bytes: "4G"; within [min, max] where max is not 0 */
	CONFIG_BOOL,     /* true yes on 1, false no off 0 */
	CONFIG_DURATION, /* seconds: "90", "90s", "5m", "2h", "7d" */
	CONFIG_CHOICE,
	CONFIG_LIST, /* several texts; in files one line each, in the environment "a:b" */
};

struct config_key {
	const char *name; /* "section.name", lower case, digits and '-' */
	enum config_type type;
	const char *value;          /* default as text; "" = none (a list: no entry) */
	int64_t min, max;           /* INT, SIZE, DURATION */
	const char *const *choices; /* CHOICE: NULL-terminated */
	bool secret;                /* lives in the file config.secret, is never listed */
	const char *help;           /* one line, lower case, no full stop */
};

struct config_table {
	const struct config_key *keys;
	size_t count;
};

/* The keys of pinhole. */
extern const struct config_table config_table;

/* NULL when there is no such key. */
const struct config_key *config_find_key(const struct config_table *table, const char *name);
/* As config_find_key, but fails with NOT_FOUND and "did you mean". */
const struct config_key *config_need_key(
	const struct config_table *table, const char *name, struct err *err);
const char *config_type_name(enum config_type type);
/* 0 if the text is a value of the key; else INVALID with the reason, naming the key. */
int config_check_value(const struct config_key *key, const char *text, struct err *err);
/* "PINHOLE_INGEST_MAX_FILE_SIZE" */
void config_env_name(const struct config_key *key, struct str *out);

enum config_origin {
	CONFIG_DEFAULT = 0,
	CONFIG_SYSTEM, /* /etc/pinhole/config */
	CONFIG_USER,   /* $XDG_CONFIG_HOME/pinhole/config */
	CONFIG_STORE,  /* STORE/config */
	CONFIG_ENV,    /* PINHOLE_SECTION_KEY */
	CONFIG_FLAG,   /* an option of the command */
	CONFIG_ORIGIN_COUNT
};
const char *config_origin_name(enum config_origin origin);

struct config;

/* `table` must outlive the config. */
struct config *config_new(const struct config_table *table, struct err *err);
void config_free(struct config *config); /* NULL is fine */
void config_free_pointer(struct config **config);
#define _cleanup_config_ _cleanup_(config_free_pointer)

/* Reads `path`, and `path` + ".secret" beside it, as values of that origin.  Absent files are
 * fine.  INVALID names file and line; DENIED when others may read the secret file.  Keys that
 * the table lacks are kept aside (a newer pinhole may know them): config_unknown. */
int config_load_file(
	struct config *config, enum config_origin origin, const char *path, struct err *err);
/* Takes the PINHOLE_* pairs that name a key from a NULL-terminated array of "NAME=value". */
int config_load_env(struct config *config, const char *const *environment, struct err *err);
/* One value of a key, e.g. from an option.  Lists grow by it. */
int config_put(struct config *config, enum config_origin origin, const char *name, const char *text,
	struct err *err);

const char *config_text(const struct config *config, const char *name); /* "" when none */
int64_t config_int(const struct config *config, const char *name);      /* INT, DURATION */
uint64_t config_size(const struct config *config, const char *name);
bool config_bool(const struct config *config, const char *name);
int config_choice(const struct config *config, const char *name); /* index into choices */
/* The entries of a list: borrowed, *count of them. */
const char *const *config_list(const struct config *config, const char *name, size_t *count);

/* Where the value in force came from; *where (may be NULL) gets the file's path or variable's
 * name, NULL for a default or a flag. */
enum config_origin config_origin(const struct config *config, const char *name, const char **where);
/* Unknown keys that files held, "key (file:line)", in the order read. */
const char *const *config_unknown(const struct config *config, size_t *count);

/* --- changing files ------------------------------------------------------------------------ */

/* Sets a key in the file at `path` (the secret ones in path + ".secret", mode 0600) to one value,
 * or a list to `count` values; all else in the file stays as it was, comments included.  Written
 * all or nothing. */
int config_file_set(const struct config_table *table, const char *path, const char *name,
	const char *const *values, size_t count, struct err *err);
/* Takes a key out of the file; NOT_FOUND if it was not there. */
int config_file_unset(
	const struct config_table *table, const char *path, const char *name, struct err *err);

#endif
