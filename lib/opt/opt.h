/* opt.h - option tables: one table parses, prints -h, answers completion, writes the manual.
 *
 * A table is `static const` and holds offsets into a struct of arguments, so it can be read
 * without running the command:
 *
 *	struct send_args {
 *		const char *text;
 *		bool dry;
 *	};
 *
 *	static const struct opt send_opts[] = {
 *		OPT_STR('m', "message", struct send_args, text, "TEXT", "what to say"),
 *		OPT_BOOL('n', "dry-run", struct send_args, dry, "only say what would be done"),
 *		OPT_END,
 *	};
 *
 *	struct opt_set sets[] = {{send_opts, &args}, OPT_SET_END};
 *	if (opt_parse(sets, OPT_ANYWHERE, &argc, argv, err))
 *		return -1;
 *	...			argv[0 .. argc-1] are now the positional words
 *	opt_release(sets);	frees what OPT_LIST collected
 *
 * The macros check the member's type at compile time.  Strings are borrowed from argv.  The
 * struct is zeroed or filled with defaults by the caller; an option that is not given leaves its
 * member alone.  A letter of 0 means none.  The argument's placeholder ("ALBUM", "FILE") also
 * says how its value is completed.
 *
 * Accepted: --name=value, --name value, -xvalue, -x value, grouped letters (-qv), "--" ends the
 * options, "-" is a word.  Names are never abbreviated.  The last of a repeated option wins.
 */
#ifndef PINHOLE_OPT_OPT_H
#define PINHOLE_OPT_OPT_H

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opt_type {
	OPT_TYPE_END = 0,
	OPT_TYPE_BOOL,   /* bool */
	OPT_TYPE_STR,    /* const char * */
	OPT_TYPE_INT,    /* int64_t within [min, max] */
	OPT_TYPE_SIZE,   /* uint64_t bytes: "64k", "10M" */
	OPT_TYPE_LIST,   /* struct vec of const char *, in the order given */
	OPT_TYPE_CHOICE, /* int: index into choices */
	OPT_TYPE_TIME,   /* struct opt_time */
	OPT_TYPE_GROUP,  /* another table, whose args struct is the member */
};

/* A time as people write it: a day, a month, a minute.  `given` is false until it was set. */
struct opt_time {
	bool given;
	int64_t wall_ms; /* the first moment of the unit, see base/time.h */
	int64_t span_ms; /* how long the unit is: the moment after it is wall_ms + span_ms */
	int32_t offset;  /* minutes, or TIME_OFFSET_NONE when no zone was written */
};

#define OPT_LIST_MAX 100000 /* values of one repeated option */

struct opt {
	enum opt_type type;
	char letter;                /* 0: none */
	bool negatable;             /* BOOL: --no-NAME sets false */
	const char *name;           /* without dashes */
	const char *arg;            /* placeholder of the value, NULL for BOOL */
	const char *help;           /* one line, lower case, no full stop */
	size_t offset;              /* of the member in the args struct */
	int64_t min, max;           /* INT */
	const char *const *choices; /* CHOICE: NULL-terminated */
	int implied;                /* CHOICE: what --name alone means, -1: needs a value */
	const struct opt *group;    /* GROUP */
};

/* The offset of a member; does not compile unless the member has the type. */
#define OPT_OFFSET(args, member, member_type)                                                      \
	(offsetof(args, member) +                                                                  \
		0 *                                                                                \
			sizeof(char[__builtin_types_compatible_p(                                  \
					    __typeof__(((args *)0)->member), member_type) ?        \
					1 :                                                        \
					-1]))

#define OPT_BOOL(l, n, args, member, h)                                                            \
	{                                                                                          \
		.type = OPT_TYPE_BOOL, .letter = (l), .name = (n), .help = (h),                    \
		.offset = OPT_OFFSET(args, member, bool)                                           \
	}
/* Also understands --no-NAME. */
#define OPT_BOOL_NO(l, n, args, member, h)                                                         \
	{                                                                                          \
		.type = OPT_TYPE_BOOL, .letter = (l), .name = (n), .help = (h), .negatable = true, \
		.offset = OPT_OFFSET(args, member, bool)                                           \
	}
#define OPT_STR(l, n, args, member, a, h)                                                          \
	{                                                                                          \
		.type = OPT_TYPE_STR, .letter = (l), .name = (n), .arg = (a), .help = (h),         \
		.offset = OPT_OFFSET(args, member, const char *)                                   \
	}
#define OPT_INT(l, n, args, member, lo, hi, a, h)                                                  \
	{                                                                                          \
		.type = OPT_TYPE_INT, .letter = (l), .name = (n), .arg = (a), .help = (h),         \
		.min = (lo), .max = (hi), .offset = OPT_OFFSET(args, member, int64_t)              \
	}
#define OPT_SIZE(l, n, args, member, a, h)                                                         \
	{                                                                                          \
		.type = OPT_TYPE_SIZE, .letter = (l), .name = (n), .arg = (a), .help = (h),        \
		.offset = OPT_OFFSET(args, member, uint64_t)                                       \
	}
#define OPT_LIST(l, n, args, member, a, h)                                                         \
	{                                                                                          \
		.type = OPT_TYPE_LIST, .letter = (l), .name = (n), .arg = (a), .help = (h),        \
		.offset = OPT_OFFSET(args, member, struct vec)                                     \
	}
#define OPT_CHOICE(l, n, args, member, list, a, h)                                                 \
	{                                                                                          \
		.type = OPT_TYPE_CHOICE, .letter = (l), .name = (n), .arg = (a), .help = (h),      \
		.choices = (list), .implied = -1, .offset = OPT_OFFSET(args, member, int)          \
	}
/* --NAME alone means choice number `alone`; another one only as --NAME=CHOICE. */
#define OPT_CHOICE_MAYBE(l, n, args, member, list, alone, a, h)                                    \
	{                                                                                          \
		.type = OPT_TYPE_CHOICE, .letter = (l), .name = (n), .arg = (a), .help = (h),      \
		.choices = (list), .implied = (alone), .offset = OPT_OFFSET(args, member, int)     \
	}
#define OPT_TIME(l, n, args, member, a, h)                                                         \
	{                                                                                          \
		.type = OPT_TYPE_TIME, .letter = (l), .name = (n), .arg = (a), .help = (h),        \
		.offset = OPT_OFFSET(args, member, struct opt_time)                                \
	}
/* Another table (one level deep) for commands that share options, e.g. what to filter by. */
#define OPT_GROUP(table, args, member, member_type)                                                \
	{                                                                                          \
		.type = OPT_TYPE_GROUP, .group = (table),                                          \
		.offset = OPT_OFFSET(args, member, member_type)                                    \
	}
#define OPT_END                                                                                    \
	{                                                                                          \
		.type = OPT_TYPE_END                                                               \
	}

/* Tables are searched in order; the array ends with OPT_SET_END. */
struct opt_set {
	const struct opt *opts;
	void *args; /* NULL when the tables are only read (help, completion, manual) */
};
#define OPT_SET_END                                                                                \
	{                                                                                          \
		NULL, NULL                                                                         \
	}

enum opt_where {
	OPT_ANYWHERE,     /* options and words may be mixed */
	OPT_BEFORE_WORDS, /* stop at the first word: it and what follows stay as they are */
};

/* Takes the options out of argv: *argc and argv then hold only the words, in their order.
 * argv holds no program name and need not end with NULL.  USAGE on a wrong command line, with
 * "did you mean" as the hint. */
int opt_parse(
	const struct opt_set *sets, enum opt_where where, int *argc, char **argv, struct err *err);
void opt_release(const struct opt_set *sets);

/* --- reading tables ------------------------------------------------------------------------ */

struct opt_walk {
	const struct opt_set *set;
	const struct opt *next;
	const struct opt *outer; /* where to go on after a group */
	size_t base;             /* the group's place in the args struct */
};
void opt_walk_start(struct opt_walk *walk, const struct opt_set *sets);
/* The next option that is not a group, or NULL at the end. */
const struct opt *opt_walk_next(struct opt_walk *walk);
/* Where the option just returned stores its value; NULL when the set has no args. */
void *opt_walk_target(const struct opt_walk *walk, const struct opt *o);

const struct opt *opt_find(const struct opt_set *sets, const char *name, size_t len);
const struct opt *opt_find_letter(const struct opt_set *sets, char letter);
/* True if a value may or must follow. */
bool opt_takes_value(const struct opt *o);

/* "-m, --message TEXT" */
void opt_describe(const struct opt *o, struct str *out);
/* The list that -h prints, two columns folded at `width`. */
void opt_help(const struct opt_set *sets, size_t width, struct str *out);
/* Folds `text` into lines at most `width` wide; all but the first are indented by `indent`. */
void opt_fold(const char *text, size_t indent, size_t width, struct str *out);

#endif
