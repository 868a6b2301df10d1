/* complete.c - pinhole --complete WORD...: what may stand in place of the last word.
 *
 * The scripts in completions/ hand over the words behind "pinhole", the last one as far as it is
 * typed, and show what comes back: one candidate per line, "candidate TAB explanation".  A line
 * ":file" or ":dir" asks the shell for its own file names.  Nothing is changed, and nothing fails
 * loudly: where no answer is known, there are no lines.
 *
 * Invariant: candidates come from the tables that also parse.
 */
#include "frame.h"
#include "print.h"
#include "table.h"
#include "store/album.h"

#include <string.h>

struct completion {
	struct cmd_ctx *ctx;
	const char *typed; /* what the candidate must begin with */
	const char *lead;  /* goes before each candidate: "--name=" */
	const char *store; /* what --store says on the line, or NULL */
};

static void offer(const struct completion *c, const char *candidate, const char *explanation)
{
	_cleanup_str_ struct str line = STR_INIT(8 * STR_MAX_LINE);

	if (!text_starts(candidate, c->typed))
		return;
	str_addz(&line, c->lead);
	str_add_visible(&line, candidate, strlen(candidate));
	if (*explanation)
		str_addc(&line, '\t');
	str_add_visible(&line, explanation, strlen(explanation));
	fprintf(c->ctx->out, "%s\n", line.data);
}

/* --- values by their placeholder ----------------------------------------------------------- */

static void offer_files(const struct completion *c)
{
	print_line(c->ctx, ":file");
}

static void offer_dirs(const struct completion *c)
{
	print_line(c->ctx, ":dir");
}

static void offer_keys(const struct completion *c)
{
	for (size_t i = 0; i < config_table.count; i++)
		offer(c, config_table.keys[i].name, config_table.keys[i].help);
}

static void offer_commands(const struct completion *c)
{
	for (const struct command *k = table_next(NULL); k; k = table_next(k))
		offer(c, k->name, k->summary);
}

static void offer_topics(const struct completion *c)
{
	for (const struct topic *t = topics; t->name; t++)
		if (!table_find(t->name))
			offer(c, t->name, t->summary);
}

static int offer_album(void *data, const struct album *album, struct err *err)
{
	(void)err;
	offer(data, album->name, strcmp(album->title, album->name) ? album->title : "");
	return 0;
}

/* The one source that needs the store; where there is none, there are no albums. */
static void offer_albums(const struct completion *c)
{
	_cleanup_free_ char *dir = frame_store_dir(c->store, NULL);
	struct completion copy = *c;
	struct store *store = NULL;

	if (dir && !store_open(dir, STORE_READ, c->ctx->clock, NULL, &store, NULL))
		album_each(store, true, offer_album, &copy, NULL);
	store_close(store);
}

static const struct {
	const char *placeholder;
	void (*offer)(const struct completion *c);
} sources[] = {
	{"ALBUM", offer_albums},
	{"ARCHIVE", offer_files},
	{"COMMAND", offer_commands},
	{"DIR", offer_dirs},
	{"FILE", offer_files},
	{"KEY", offer_keys},
	{"PATH", offer_files},
	{"TOPIC", offer_topics},
};

/* "[DIR|FILE...]" asks every source that it names. */
static void offer_placeholder(const struct completion *c, const char *text, size_t len)
{
	while (len) {
		size_t name = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

		for (size_t i = 0; i < ARRAY_LEN(sources); i++)
			if (strlen(sources[i].placeholder) == name &&
				!memcmp(sources[i].placeholder, text, name))
				sources[i].offer(c);
		name = name ? name : 1;
		name = name < len ? name : len;
		text += name;
		len -= name;
	}
}

static void offer_value(const struct completion *c, const struct opt *o)
{
	if (o->type != OPT_TYPE_CHOICE)
		offer_placeholder(c, o->arg, strlen(o->arg));
	else
		for (int i = 0; o->choices[i]; i++)
			offer(c, o->choices[i], "");
}

/* --- options and words --------------------------------------------------------------------- */

/* The option whose value is typed: "--name=val", or the word after "--name" or "-x". */
static const struct opt *find_open_option(const struct opt_set *sets, const char *word)
{
	const struct opt *o = NULL;

	if (text_starts(word, "--") && word[2])
		o = strchr(word, '=') ? NULL : opt_find(sets, word + 2, strlen(word + 2));
	else if (word[0] == '-' && word[1] && word[1] != '-')
		o = opt_find_letter(sets, word[strlen(word) - 1]);
	if (!o || !opt_takes_value(o) || (o->type == OPT_TYPE_CHOICE && o->implied >= 0))
		return NULL;
	return o;
}

static void offer_options(const struct completion *c, const struct opt_set *sets)
{
	struct opt_walk walk;
	const struct opt *o;

	opt_walk_start(&walk, sets);
	while ((o = opt_walk_next(&walk)) != NULL) {
		_cleanup_str_ struct str name = STR_INIT(256);

		str_addf(&name, "--%s", o->name);
		offer(c, name.data, o->help);
		if (!o->negatable)
			continue;
		str_clear(&name);
		str_addf(&name, "--no-%s", o->name);
		offer(c, name.data, o->help);
	}
}

static int offer_attached_value(struct completion *c, const struct opt_set *sets, struct err *err)
{
	const char *equals = strchr(c->typed, '=');
	const struct opt *o = opt_find(sets, c->typed + 2, (size_t)(equals - c->typed) - 2);
	_cleanup_free_ char *lead = mem_strndup(c->typed, (size_t)(equals - c->typed) + 1);

	if (!lead)
		return err_no_memory(err);
	c->lead = lead;
	c->typed = equals + 1;
	if (o && opt_takes_value(o))
		offer_value(c, o);
	c->lead = "";
	return 0;
}

/* The placeholder of the word at `index`; a repeated one goes on for ever. */
static void offer_word(const struct completion *c, const char *words, size_t index)
{
	for (size_t at = 0; *words; at++) {
		size_t len = strcspn(words, " ");

		if (at == index || memmem(words, len, "...", 3)) {
			offer_placeholder(c, words, len);
			return;
		}
		words += len;
		words += strspn(words, " ");
	}
}

/* What is known of the words before the one that is typed. */
struct before {
	const struct command *command; /* the innermost one named */
	const char *store;             /* the value of --store */
	const struct opt *open;        /* an option that waits for its value */
	size_t words;                  /* of the command, so far */
	bool ended;                    /* by "--" */
	bool lost;                     /* a word was no command */
};

static void read_word(struct before *b, const char *word)
{
	struct opt_set sets[FRAME_SETS];

	frame_sets(b->command, NULL, NULL, true, sets);
	if (b->open) {
		if (!strcmp(b->open->name, "store"))
			b->store = word;
		b->open = NULL;
	} else if (!b->ended && text_starts(word, "--store="))
		b->store = word + strlen("--store=");
	else if (!b->ended && !strcmp(word, "--"))
		b->ended = true;
	else if (!b->ended && word[0] == '-' && word[1])
		b->open = find_open_option(sets, word);
	else if (b->lost)
		return;
	else if (!b->command) {
		b->command = table_find(word);
		b->lost = !b->command;
	} else if (b->command->subcommands) {
		b->command = table_find_sub(b->command, word);
		b->lost = !b->command;
	} else
		b->words++;
}

int frame_complete(struct cmd_ctx *ctx, int argc, char **argv, struct err *err)
{
	struct completion c = {.ctx = ctx, .typed = argc ? argv[argc - 1] : "", .lead = ""};
	struct before b = {.command = NULL};
	struct opt_set sets[FRAME_SETS];

	for (int i = 0; i + 1 < argc; i++)
		read_word(&b, argv[i]);
	c.store = b.store;
	frame_sets(b.command, NULL, NULL, true, sets);
	if (b.open)
		offer_value(&c, b.open);
	else if (!b.ended && text_starts(c.typed, "--") && strchr(c.typed, '='))
		return offer_attached_value(&c, sets, err);
	else if (!b.ended && c.typed[0] == '-')
		offer_options(&c, sets);
	else if (b.lost)
		return 0;
	else if (!b.command)
		offer_commands(&c);
	else if (b.command->subcommands)
		for (const struct command *k = b.command->subcommands; k->name; k++)
			offer(&c, k->name, k->summary);
	else
		offer_word(&c, b.command->words, b.words);
	return 0;
}
