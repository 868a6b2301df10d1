/* manual.c - pinhole --man PAGE: weaves prose and tables into one manual page.
 *
 * The prose comes on stdin: mdoc(7) that begins with ".Sh DESCRIPTION" (man/PAGE.mdoc; scripts/man
 * calls us for each).  Before it go the title, NAME and SYNOPSIS; behind the DESCRIPTION section
 * go OPTIONS, COMMANDS, KEYS or ROLES; at the end SEE ALSO where the prose has none.
 *
 * Invariant: names, options, defaults and words in a page come from the tables alone, so that no
 * page can tell another story than the program.
 */
#include "frame.h"
#include "table.h"
#include "base/path.h"
#include "event/role.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#define MANUAL_DATE "November 20, 2026" /* of the release, beside VERSION in the Makefile */
#define PROSE_MAX   ((size_t)1024 * 1024)

/* Text on a line of its own: no macro at its start, no escapes inside. */
static void add_text(struct str *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		str_addz(out, "\\&");
	for (; *text; text++) {
		if (*text == '\\')
			str_addz(out, "\\e");
		else
			str_addc(out, *text);
	}
}

/* Summaries and helps are lower case without a full stop; in a paragraph they are sentences. */
static void add_sentence(struct str *out, const char *text)
{
	_cleanup_str_ struct str sentence = STR_INIT(STR_MAX_LINE);

	str_addc(&sentence, (char)toupper((unsigned char)*text));
	str_addz(&sentence, *text ? text + 1 : "");
	add_text(out, sentence.data);
	str_addz(out, ".\n");
}

/* "pinhole-album.1" to its command; NULL for other pages. */
static const struct command *page_command(const char *page)
{
	_cleanup_free_ char *name = NULL;

	if (!text_starts(page, "pinhole-") || !text_ends(page, ".1"))
		return NULL;
	page += strlen("pinhole-");
	name = mem_strndup(page, strlen(page) - 2);
	return name ? table_find(name) : NULL;
}

/* --- synopsis ------------------------------------------------------------------------------ */

static void synopsis_option(const struct opt *o, struct str *out)
{
	str_addf(out, ".Op Fl -%s%s", o->negatable ? "[no-]" : "", o->name);
	if (o->type == OPT_TYPE_CHOICE && o->implied >= 0)
		str_addf(out, " Ns Oo = Ns Ar %s Oc", o->arg);
	else if (opt_takes_value(o))
		str_addf(out, " Ar %s", o->arg);
	str_addc(out, '\n');
}

/* "[DIR|FILE...]" to ".Op Ar DIR | FILE ..." */
static void synopsis_words(const char *words, struct str *out)
{
	while (*words) {
		size_t len = strcspn(words, " ");
		bool optional = *words == '[';

		str_addz(out, optional ? ".Op Ar " : ".Ar ");
		for (size_t i = 0; i < len; i++) {
			if (words[i] == '|')
				str_addz(out, " | ");
			else if (words[i] == '.' && words[i - 1] != '.')
				str_addz(out, " .");
			else if (words[i] != '[' && words[i] != ']')
				str_addc(out, words[i]);
		}
		str_addc(out, '\n');
		words += len;
		words += strspn(words, " ");
	}
}

static void synopsis_one(
	const struct command *parent, const struct command *command, struct str *out)
{
	struct opt_set sets[FRAME_SETS];
	struct opt_walk walk;
	const struct opt *o;

	str_addz(out, ".Nm pinhole\n.Cm");
	if (parent)
		str_addf(out, " %s", parent->name);
	str_addf(out, " %s\n", command->name);
	frame_sets(command, NULL, NULL, false, sets);
	opt_walk_start(&walk, sets);
	while ((o = opt_walk_next(&walk)) != NULL)
		synopsis_option(o, out);
	synopsis_words(command->words, out);
}

static void add_title(const char *page, const char *summary, struct str *out)
{
	size_t dot = strlen(page) - 2;

	str_addf(out, ".\\\" Made by pinhole --man from man/%s.mdoc and the tables.\n", page);
	str_addf(out, ".Dd %s\n.Dt ", MANUAL_DATE);
	for (size_t i = 0; i < dot; i++)
		str_addc(out, (char)toupper((unsigned char)page[i]));
	str_addf(out, " %s\n.Os\n.Sh NAME\n.Nm ", page + dot + 1);
	str_add(out, page, dot);
	str_addf(out, "\n.Nd %s\n", summary);
}

static void add_command_head(const char *page, const struct command *command, struct str *out)
{
	add_title(page, command->summary, out);
	str_addz(out, ".Sh SYNOPSIS\n");
	if (!command->subcommands)
		synopsis_one(NULL, command, out);
	else
		for (const struct command *c = command->subcommands; c->name; c++)
			synopsis_one(command, c, out);
}

/* What a page that belongs to a topic is about; NULL for other pages. */
static const char *topic_summary(const char *page)
{
	for (const struct topic *t = topics; t->name; t++) {
		_cleanup_str_ struct str name = STR_INIT(STR_MAX_LINE);

		if (!t->page)
			continue;
		str_addf(&name, "pinhole-%s.%s", t->page, t->section);
		if (!name.failed && !strcmp(page, name.data))
			return t->summary;
	}
	return NULL;
}

static int add_head(const char *page, struct str *out, struct err *err)
{
	const struct command *command = page_command(page);

	if (command)
		add_command_head(page, command, out);
	else if (!strcmp(page, "pinhole.1")) {
		add_title(page, "share photo albums with the people in your contacts", out);
		str_addz(out, ".Sh SYNOPSIS\n.Nm\n.Op Ar option ...\n.Ar command\n.Op Ar ...\n");
	} else if (topic_summary(page))
		add_title(page, topic_summary(page), out);
	else
		return err_set(err, ERR_NOT_FOUND, "there is no command for the page %s", page);
	return 0;
}

/* --- options, commands, keys --------------------------------------------------------------- */

static void add_choices(const char *const *choices, struct str *out)
{
	str_addz(out, "One of\n");
	for (int i = 0; choices[i]; i++)
		str_addf(out, ".Cm %s%s\n", choices[i], choices[i + 1] ? " ," : " .");
}

static void add_option(const struct opt *o, struct str *out)
{
	str_addz(out, ".It ");
	if (o->letter)
		str_addf(out, "Fl %c , ", o->letter);
	str_addf(out, "Fl -%s%s", o->negatable ? "[no-]" : "", o->name);
	if (o->type == OPT_TYPE_CHOICE && o->implied >= 0)
		str_addf(out, " Ns Oo = Ns Ar %s Oc", o->arg);
	else if (opt_takes_value(o))
		str_addf(out, " Ar %s", o->arg);
	str_addc(out, '\n');
	add_sentence(out, o->help);
	if (o->type == OPT_TYPE_CHOICE)
		add_choices(o->choices, out);
}

static void add_options(const struct command *command, bool everywhere, struct str *out)
{
	struct opt_set sets[FRAME_SETS];
	struct opt_walk walk;
	const struct opt *o;

	frame_sets(command, NULL, NULL, everywhere, sets);
	opt_walk_start(&walk, sets);
	o = opt_walk_next(&walk);
	if (!o)
		return;
	str_addz(out, ".Bl -tag -width Ds\n");
	for (; o; o = opt_walk_next(&walk))
		add_option(o, out);
	str_addz(out, ".El\n");
}

static bool has_options(const struct command *command)
{
	return command->opts || command->shared;
}

static void add_command_body(const struct command *command, struct str *out)
{
	if (!command->subcommands) {
		if (has_options(command))
			str_addz(out, ".Sh OPTIONS\n");
		add_options(command, false, out);
		return;
	}
	str_addz(out, ".Sh COMMANDS\n");
	for (const struct command *c = command->subcommands; c->name; c++) {
		str_addf(out, ".Ss %s %s\n", command->name, c->name);
		add_sentence(out, c->summary);
		add_options(c, false, out);
	}
}

static void add_all_commands(struct str *out)
{
	str_addz(out, ".Sh COMMANDS\n");
	for (enum cmd_group group = CMD_GROUP_START; group < CMD_GROUP_COUNT; group++) {
		bool titled = false;

		for (const struct command *c = table_next(NULL); c; c = table_next(c)) {
			if (c->group != group)
				continue;
			if (!titled)
				str_addf(out, ".Ss %s\n.Bl -tag -width pinhole-messages\n",
					table_group_title(group));
			titled = true;
			str_addf(out, ".It Xr pinhole-%s 1\n", c->name);
			add_sentence(out, c->summary);
		}
		if (titled)
			str_addz(out, ".El\n");
	}
	str_addz(out, ".Sh OPTIONS\nEvery command takes these, before or after its name:\n");
	add_options(NULL, true, out);
}

static void add_key(const struct config_key *key, struct str *out)
{
	_cleanup_str_ struct str variable = STR_INIT(256);

	config_env_name(key, &variable);
	str_addf(out, ".It Cm %s Pq %s%s\n", key->name, config_type_name(key->type),
		key->secret ? ", secret" : "");
	add_sentence(out, key->help);
	if (key->type == CONFIG_CHOICE)
		add_choices(key->choices, out);
	if (*key->value)
		str_addf(out, "Default:\n.Cm %s .\n", key->value);
	if (key->type == CONFIG_INT && key->max)
		str_addf(out, "From %lld to %lld.\n", (long long)key->min, (long long)key->max);
	str_addf(out, "In the environment:\n.Ev %s .\n", variable.data);
}

static void add_keys(struct str *out)
{
	str_addz(out, ".Sh KEYS\n.Bl -tag -width Ds\n");
	for (size_t i = 0; i < config_table.count; i++)
		add_key(&config_table.keys[i], out);
	str_addz(out, ".El\n");
}

static void add_roles(struct str *out)
{
	str_addz(out,
		".Sh ROLES AND RIGHTS\nEach right, and the roles that have it:\n"
		".Bl -tag -width Ds\n");
	for (enum right right = RIGHT_UNSET + 1; right < RIGHT_COUNT; right++) {
		const char *separator = "";

		str_addf(out, ".It %s\n", right_name(right));
		for (enum role role = ROLE_VIEWER; role < ROLE_COUNT; role++)
			if (role_has(role, right)) {
				str_addf(out, "%s%s", separator, role_name(role));
				separator = ", ";
			}
		str_addz(out, *separator ? ".\n" : "No role.\n");
	}
	str_addz(out, ".El\n");
}

static void add_body(const char *page, struct str *out)
{
	const struct command *command = page_command(page);

	if (command)
		add_command_body(command, out);
	else if (!strcmp(page, "pinhole.1"))
		add_all_commands(out);
	else if (!strcmp(page, "pinhole-config.5"))
		add_keys(out);
	else if (!strcmp(page, "pinhole-events.7"))
		add_roles(out);
}

/* --- weaving ------------------------------------------------------------------------------- */

static int weave(const char *page, const struct str *prose, struct str *out, struct err *err)
{
	const char *first = ".Sh DESCRIPTION\n", *rest;

	if (!text_starts(prose->data, first))
		return err_set(
			err, ERR_INVALID, "man/%s.mdoc does not begin with %.15s", page, first);
	if (add_head(page, out, err))
		return -1;
	rest = strstr(prose->data + strlen(first), "\n.Sh ");
	rest = rest ? rest + 1 : prose->data + prose->len;
	str_add(out, prose->data, (size_t)(rest - prose->data));
	add_body(page, out);
	str_addz(out, rest);
	if (!strstr(rest, ".Sh SEE ALSO\n") && strcmp(page, "pinhole.1") != 0)
		str_addz(out, ".Sh SEE ALSO\n.Xr pinhole 1\n");
	return str_check(out, err);
}

int frame_manual(struct cmd_ctx *ctx, const char *page, struct err *err)
{
	_cleanup_str_ struct str prose = STR_INIT(PROSE_MAX);
	_cleanup_str_ struct str text = STR_INIT(2 * PROSE_MAX);

	if (path_read_fd(STDIN_FILENO, "standard input", PROSE_MAX, &prose, err))
		return -1;
	if (weave(page, &prose, &text, err))
		return -1;
	fputs(text.data, ctx->out);
	return 0;
}

/* --- for the tests ------------------------------------------------------------------------- */

static void list_command(
	struct cmd_ctx *ctx, const struct command *parent, const struct command *command)
{
	struct opt_set sets[FRAME_SETS];
	struct opt_walk walk;
	const struct opt *o;

	fprintf(ctx->out, "%s%s%s", parent ? parent->name : "", parent ? " " : "", command->name);
	frame_sets(command, NULL, NULL, true, sets);
	opt_walk_start(&walk, sets);
	while ((o = opt_walk_next(&walk)) != NULL) {
		fprintf(ctx->out, " --%s", o->name);
		if (o->letter)
			fprintf(ctx->out, " -%c", o->letter);
		if (o->negatable)
			fprintf(ctx->out, " --no-%s", o->name);
	}
	fputc('\n', ctx->out);
}

static bool is_sound(const struct command *command)
{
	if (command->subcommands)
		return command->summary && !command->run;
	return command->summary && command->words && command->run &&
		command->needs != CMD_NEEDS_UNSET;
}

int frame_list_commands(struct cmd_ctx *ctx, struct err *err)
{
	for (const struct command *c = table_next(NULL); c; c = table_next(c)) {
		if (!is_sound(c) || c->group == CMD_GROUP_NONE)
			return err_set(
				err, ERR_FAILED, "the table entry of %s lacks something", c->name);
		list_command(ctx, NULL, c);
		for (const struct command *s = c->subcommands; s && s->name; s++) {
			if (!is_sound(s))
				return err_set(err, ERR_FAILED,
					"the table entry of %s %s lacks something", c->name,
					s->name);
			list_command(ctx, c, s);
		}
	}
	return 0;
}
