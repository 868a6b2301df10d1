/* opt.c - parsing a command line by its tables; see opt.h.
 *
 * It does not know commands.  Invariant: an option that is refused has changed nothing, and
 * words keep their order.
 */
#include "opt/opt.h"
#include "base/time.h"

#include <stdio.h>
#include <string.h>

void opt_walk_start(struct opt_walk *walk, const struct opt_set *sets)
{
	*walk = (struct opt_walk){.set = sets, .next = sets->opts};
}

const struct opt *opt_walk_next(struct opt_walk *walk)
{
	for (;;) {
		const struct opt *o = walk->next;

		if (!o) {
			if (!walk->set->opts)
				return NULL;
			walk->set++;
			walk->next = walk->set->opts;
		} else if (o->type == OPT_TYPE_GROUP) {
			walk->outer = o + 1;
			walk->base = o->offset;
			walk->next = o->group;
		} else if (o->type != OPT_TYPE_END) {
			walk->next = o + 1;
			return o;
		} else {
			walk->next = walk->outer;
			walk->outer = NULL;
			walk->base = 0;
		}
	}
}

void *opt_walk_target(const struct opt_walk *walk, const struct opt *o)
{
	return walk->set->args ? (char *)walk->set->args + walk->base + o->offset : NULL;
}

bool opt_takes_value(const struct opt *o)
{
	return o->type != OPT_TYPE_BOOL;
}

static bool needs_value(const struct opt *o)
{
	return opt_takes_value(o) && !(o->type == OPT_TYPE_CHOICE && o->implied >= 0);
}

/* True for NAME, and for no-NAME where that is allowed: then *negated is set. */
static bool has_name(const struct opt *o, const char *name, size_t len, bool *negated)
{
	*negated = false;
	if (strlen(o->name) == len && !memcmp(o->name, name, len))
		return true;
	if (!o->negatable || len < 4 || memcmp(name, "no-", 3) != 0)
		return false;
	*negated = strlen(o->name) == len - 3 && !memcmp(o->name, name + 3, len - 3);
	return *negated;
}

const struct opt *opt_find(const struct opt_set *sets, const char *name, size_t len)
{
	struct opt_walk walk;
	const struct opt *o;
	bool negated;

	opt_walk_start(&walk, sets);
	while ((o = opt_walk_next(&walk)) != NULL)
		if (has_name(o, name, len, &negated))
			break;
	return o;
}

const struct opt *opt_find_letter(const struct opt_set *sets, char letter)
{
	struct opt_walk walk;
	const struct opt *o;

	opt_walk_start(&walk, sets);
	while ((o = opt_walk_next(&walk)) != NULL)
		if (letter && o->letter == letter)
			break;
	return o;
}

/* --- values -------------------------------------------------------------------------------- */

static int store_choice(const struct opt *o, const char *value, int *target, struct err *err)
{
	_cleanup_str_ struct str list = STR_INIT(256);

	for (int i = 0; o->choices[i]; i++) {
		if (!strcmp(o->choices[i], value)) {
			*target = i;
			return 0;
		}
		str_addf(&list, "%s%s", i ? ", " : "", o->choices[i]);
	}
	return err_set(err, ERR_USAGE, "\"%s\" is not one of %s", value, list.data);
}

static int store_time(const char *value, struct opt_time *target, struct err *err)
{
	struct opt_time t = {.given = true};

	if (time_parse_wall(value, &t.wall_ms, &t.offset, &t.span_ms, err))
		return -1;
	*target = t;
	return 0;
}

static int store_list(const char *value, struct vec *target, struct err *err)
{
	const char **item;

	if (!target->item_size)
		*target = (struct vec)VEC_INIT(const char *, OPT_LIST_MAX);
	item = vec_push_or(target, err);
	if (!item)
		return -1;
	*item = value;
	return 0;
}

static int store_typed(const struct opt *o, const char *value, void *target, struct err *err)
{
	switch (o->type) {
	case OPT_TYPE_STR:
		*(const char **)target = value;
		return 0;
	case OPT_TYPE_INT:
		return text_to_i64(value, o->min, o->max, target, err);
	case OPT_TYPE_SIZE:
		return text_to_size(value, target, err);
	case OPT_TYPE_LIST:
		return store_list(value, target, err);
	case OPT_TYPE_CHOICE:
		return store_choice(o, value, target, err);
	default:
		return store_time(value, target, err);
	}
}

/* One option as it stood on the command line. */
struct found {
	const struct opt *opt;
	void *target;
	bool negated;
	const char *value; /* NULL: none was given */
	char shown[80];    /* "--name" or "-n", for messages */
};

static int store_found(const struct found *f, struct err *err)
{
	struct err why = ERR_INIT;

	if (f->opt->type == OPT_TYPE_BOOL) {
		*(bool *)f->target = !f->negated;
		return 0;
	}
	if (!f->value) {
		*(int *)f->target = f->opt->implied;
		return 0;
	}
	if (store_typed(f->opt, f->value, f->target, &why))
		return err_set(err, ERR_USAGE, "option %s: %s", f->shown, why.message);
	return 0;
}

/* --- the command line ---------------------------------------------------------------------- */

struct parser {
	const struct opt_set *sets;
	int argc;
	char **argv;
	int at; /* the word being read */
};

static int unknown_long(const struct opt_set *sets, const char *name, size_t len, struct err *err)
{
	_cleanup_free_ char *given = mem_strndup(name, len);
	const char *nearest = NULL;
	size_t best = SIZE_MAX;
	struct opt_walk walk;
	const struct opt *o;

	if (!given)
		return err_no_memory(err);
	err_set(err, ERR_USAGE, "unknown option --%s", given);
	opt_walk_start(&walk, sets);
	while ((o = opt_walk_next(&walk)) != NULL) {
		size_t distance = text_distance(given, o->name);

		/* An abbreviation is likely meant, though never taken. */
		if (len >= 2 && text_starts(o->name, given))
			distance = 1;
		if (distance < best) {
			best = distance;
			nearest = o->name;
		}
	}
	if (nearest && best <= 1 + len / 4)
		err_hint(err, "did you mean --%s?", nearest);
	return -1;
}

/* Takes the following word as the value where the option needs one and has none yet. */
static int take_value(struct parser *p, struct found *f, struct err *err)
{
	if (f->value || !needs_value(f->opt))
		return 0;
	if (p->at + 1 >= p->argc)
		return err_set(
			err, ERR_USAGE, "option %s needs a value: %s", f->shown, f->opt->arg);
	f->value = p->argv[++p->at];
	return 0;
}

static int parse_long(struct parser *p, struct err *err)
{
	const char *name = p->argv[p->at] + 2;
	size_t len = strcspn(name, "=");
	struct found f = {.value = name[len] ? name + len + 1 : NULL};
	struct opt_walk walk;

	opt_walk_start(&walk, p->sets);
	while ((f.opt = opt_walk_next(&walk)) != NULL)
		if (has_name(f.opt, name, len, &f.negated))
			break;
	if (!f.opt)
		return unknown_long(p->sets, name, len, err);
	f.target = opt_walk_target(&walk, f.opt);
	snprintf(f.shown, sizeof(f.shown), "--%s", f.opt->name);
	if (f.value && !opt_takes_value(f.opt))
		return err_set(err, ERR_USAGE, "option %s takes no value", f.shown);
	if (take_value(p, &f, err))
		return -1;
	return store_found(&f, err);
}

static int parse_letters(struct parser *p, struct err *err)
{
	for (const char *at = p->argv[p->at] + 1; *at; at++) {
		struct found f = {.negated = false};
		struct opt_walk walk;

		opt_walk_start(&walk, p->sets);
		while ((f.opt = opt_walk_next(&walk)) != NULL)
			if (f.opt->letter == *at)
				break;
		if (!f.opt)
			return err_set(err, ERR_USAGE, "unknown option -%c", *at);
		f.target = opt_walk_target(&walk, f.opt);
		snprintf(f.shown, sizeof(f.shown), "-%c", *at);
		if (needs_value(f.opt) && at[1])
			f.value = at + 1;
		if (take_value(p, &f, err) || store_found(&f, err))
			return -1;
		if (needs_value(f.opt))
			break;
	}
	return 0;
}

int opt_parse(
	const struct opt_set *sets, enum opt_where where, int *argc, char **argv, struct err *err)
{
	struct parser p = {.sets = sets, .argc = *argc, .argv = argv};
	int words = 0;

	for (; p.at < p.argc; p.at++) {
		char *word = argv[p.at];
		int failed = 0;

		if (!strcmp(word, "--")) {
			p.at++;
			break;
		}
		if (word[0] != '-' || !word[1]) {
			if (where == OPT_BEFORE_WORDS)
				break;
			argv[words++] = word;
		} else if (word[1] == '-')
			failed = parse_long(&p, err);
		else
			failed = parse_letters(&p, err);
		if (failed)
			return -1;
	}
	while (p.at < p.argc)
		argv[words++] = argv[p.at++];
	*argc = words;
	return 0;
}

void opt_release(const struct opt_set *sets)
{
	struct opt_walk walk;
	const struct opt *o;

	opt_walk_start(&walk, sets);
	while ((o = opt_walk_next(&walk)) != NULL)
		if (o->type == OPT_TYPE_LIST && walk.set->args)
			vec_release(opt_walk_target(&walk, o));
}
