/* opt.c - tests of option tables: every type, GNU forms, refusals that change nothing. */
#include "opt/opt.h"
#include "base/time.h"
#include "tap.h"

struct filter_args {
	struct opt_time since;
	const char *by;
};

struct args {
	bool all, color;
	const char *title;
	int64_t limit;
	uint64_t size;
	struct vec tags;
	int link, format;
	struct filter_args filter;
};

struct shared_args {
	bool quiet;
};

static const char *const links[] = {"none", "auto", "hard", NULL};
static const char *const formats[] = {"jpeg", "webp", NULL};

static const struct opt filter_opts[] = {
	OPT_TIME(0, "since", struct filter_args, since, "TIME", "not before"),
	OPT_STR(0, "by", struct filter_args, by, "PERSON", "only theirs"),
	OPT_END,
};

static const struct opt opts[] = {
	OPT_BOOL('a', "all", struct args, all, "everything"),
	OPT_GROUP(filter_opts, struct args, filter, struct filter_args),
	OPT_BOOL_NO(0, "color", struct args, color, "with colours"),
	OPT_STR('t', "title", struct args, title, "TEXT", "a title that people see"),
	OPT_INT('l', "limit", struct args, limit, -5, 100, "N", "at most so many"),
	OPT_SIZE(0, "size", struct args, size, "SIZE", "bytes"),
	OPT_LIST('g', "tag", struct args, tags, "TAG", "a tag; may be repeated"),
	OPT_CHOICE_MAYBE(0, "link", struct args, link, links, 1, "KIND", "link the files"),
	OPT_CHOICE('f', "format", struct args, format, formats, "FORMAT", "what to write"),
	OPT_END,
};

static const struct opt shared_opts[] = {
	OPT_BOOL('q', "quiet", struct shared_args, quiet, "say less"),
	OPT_END,
};

static struct args a;
static struct shared_args s;
static const struct opt_set sets[] = {{opts, &a}, {shared_opts, &s}, OPT_SET_END};
static struct err err;
static char *words[16];
static int count;

/* Parses up to 15 words into `a` and `s`, made anew. */
static int parse(enum opt_where where, char *const *given)
{
	opt_release(sets);
	a = (struct args){.color = true};
	s = (struct shared_args){.quiet = false};
	err_clear(&err);
	for (count = 0; given[count]; count++)
		words[count] = given[count];
	return opt_parse(sets, where, &count, words, &err);
}

#define parse_all(...)    parse(OPT_ANYWHERE, (char *[]){__VA_ARGS__, NULL})
#define parse_before(...) parse(OPT_BEFORE_WORDS, (char *[]){__VA_ARGS__, NULL})

static void test_forms(void)
{
	ok_call(parse_all("--title=x y", "one", "-l", "7", "two"), &err, "long, short, words");
	is_str(a.title, "x y", "--name=value");
	is_int(a.limit, 7, "-x value");
	is_int(count, 2, "words are left over");
	ok(!strcmp(words[0], "one") && !strcmp(words[1], "two"), "in their order");
	ok_call(parse_all("--title", "--all"), &err, "a value may look like an option");
	is_str(a.title, "--all", "--name value");
	ok(!a.all, "and is none");
	ok_call(parse_all("-aqtx"), &err, "grouped letters, the last with its value");
	ok(a.all && s.quiet, "both are set, also from another table");
	is_str(a.title, "x", "-xvalue");
	ok_call(parse_all("--title="), &err, "an empty value");
	is_str(a.title, "", "is a value");
	ok_call(parse_all("-", "--", "--all", "-q"), &err, "-- ends the options");
	ok(count == 3 && !a.all && !s.quiet, "what follows are words, and - is one");
	ok_call(parse_all("--no-color"), &err, "--no-NAME");
	ok(!a.color, "sets false");
	ok_call(parse_all("--limit=1", "--limit=2"), &err, "repeated");
	is_int(a.limit, 2, "the last one counts");
	ok_call(parse_all("-l", "-5"), &err, "a negative number as a value");
	is_int(a.limit, -5, "is taken");
}

static void test_types(void)
{
	ok_call(parse_all("--size=4M"), &err, "a size");
	is_int(a.size, 4 << 20, "in bytes");
	ok_call(parse_all("-gone", "--tag", "two", "--tag=three"), &err, "a list");
	is_int(a.tags.count, 3, "all values");
	is_str(*(const char **)vec_at(&a.tags, 2), "three", "in order");
	ok_call(parse_all("--link", "x"), &err, "a choice that needs no value");
	is_int(a.link, 1, "has one when alone");
	is_int(count, 1, "and takes no word");
	ok_call(parse_all("--link=hard"), &err, "or another");
	is_int(a.link, 2, "by =");
	ok_call(parse_all("-f", "webp"), &err, "a choice");
	is_int(a.format, 1, "by its place");
	ok_call(parse_all("--since", "2024-02", "--by=Ada"), &err, "options of a group");
	ok(a.filter.since.given, "a time is given");
	is_int(a.filter.since.wall_ms, 1706745600000, "from the first moment of the month");
	is_int(a.filter.since.span_ms, 29ll * 86400000, "to its end");
	is_int(a.filter.since.offset, TIME_OFFSET_NONE, "without a zone");
	is_str(a.filter.by, "Ada", "text in a group");
	ok_call(parse_all("--all", "--title=y"), &err, "options around a group");
	is_str(a.title, "y", "are still found");
}

static void refused(int result, const char *what, const char *message, const char *hint)
{
	ok(result == -1 && err.kind == ERR_USAGE, "refused: %s", what);
	is_str(err.message, message, "... with the reason");
	is_str(err.hint, hint, "... and the way out");
}

static void test_refusals(void)
{
	refused(parse_all("--titel=x"), "a misspelt name", "unknown option --titel",
		"did you mean --title?");
	refused(parse_all("--ti"), "an abbreviation", "unknown option --ti",
		"did you mean --title?");
	refused(parse_all("--zzzzzz"), "nonsense", "unknown option --zzzzzz", "");
	refused(parse_all("-az"), "an unknown letter", "unknown option -z", "");
	refused(parse_all("--all=yes"), "a value for a switch", "option --all takes no value", "");
	refused(parse_all("--title"), "a missing value", "option --title needs a value: TEXT", "");
	refused(parse_all("-al"), "a missing value of a letter", "option -l needs a value: N", "");
	refused(parse_all("--no-all"), "no- where it means nothing", "unknown option --no-all", "");
	refused(parse_all("--format=gif"), "no such choice",
		"option --format: \"gif\" is not one of jpeg, webp", "");
	ok(parse_all("--limit=101") == -1 && a.limit == 0, "a number out of range changes nothing");
	ok(parse_all("--limit=1x") == -1, "a number with a tail");
	ok(parse_all("--size=4Q") == -1, "no such unit");
	ok(parse_all("--since=2024-13") == -1 && !a.filter.since.given, "no such month");
	ok(parse_all("--color=") == -1, "an empty value for a switch");
	ok(parse_all("--=x") == -1, "no name at all");
}

static void test_before_words(void)
{
	ok_call(parse_before("-q", "verb", "--unknown", "-z"), &err, "options before the words");
	ok(s.quiet, "are taken");
	is_int(count, 3, "and all else is left");
	is_str(words[1], "--unknown", "as it was");
	ok_call(parse_before("--", "-q"), &err, "-- ends them here, too");
	ok(!s.quiet && count == 1, "and goes away");
}

static void test_help(void)
{
	struct str text = STR_INIT(STR_MAX_LINE);

	opt_help(sets, 60, &text);
	ok(strstr(text.data, "  -a, --all               everything\n"), "two columns");
	ok(strstr(text.data, "      --[no-]color        with colours\n"), "no letter");
	ok(strstr(text.data,
		   "      --link[=KIND]       link the files\n"
		   "                          (none, auto, hard)\n"),
		"choices");
	ok(strstr(text.data, "      --since TIME        not before\n"), "a group's options");
	ok(strstr(text.data, "  -q, --quiet "), "another table's");
	str_clear(&text);
	opt_fold("aaaa bbbb cccc dddd eeee", 4, 24, &text);
	is_str(text.data, "aaaa bbbb cccc dddd\n    eeee", "folded at spaces");
	str_release(&text);
}

static void test_tables(void)
{
	const struct opt_set bare[] = {{opts, NULL}, OPT_SET_END};
	const struct opt_set none[] = {OPT_SET_END};
	struct opt_walk walk;
	int options = 0;

	opt_walk_start(&walk, bare);
	while (opt_walk_next(&walk))
		options++;
	is_int(options, 10, "all options, those of the group included");
	opt_walk_start(&walk, none);
	ok(!opt_walk_next(&walk), "no tables, no options");
	ok(opt_find(bare, "by", 2) == &filter_opts[1], "by name, inside a group");
	ok(opt_find(bare, "no-color", 8) == &opts[2], "by its no- name");
	ok(!opt_find(bare, "b", 1), "not by a part of it");
	ok(opt_find_letter(bare, 'l') == &opts[4], "by letter");
	ok(!opt_find_letter(bare, '\0'), "no letter finds nothing");
}

int main(void)
{
	test_forms();
	test_types();
	test_refusals();
	test_before_words();
	test_help();
	test_tables();
	opt_release(sets);
	return tap_done();
}
