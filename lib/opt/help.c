/* help.c - option tables as text for people: what -h prints.
 *
 * It does not print; it adds to a str.  Invariant: what is shown comes from the tables alone.
 */
#include "opt/opt.h"

#include <string.h>

#define HELP_COLUMN 26 /* where the help texts begin */
#define HELP_MIN    20 /* they are never folded narrower than this */

void opt_describe(const struct opt *o, struct str *out)
{
	if (o->letter)
		str_addf(out, "-%c, ", o->letter);
	str_addf(out, "--%s%s", o->negatable ? "[no-]" : "", o->name);
	if (!opt_takes_value(o))
		return;
	if (o->type == OPT_TYPE_CHOICE && o->implied >= 0)
		str_addf(out, "[=%s]", o->arg);
	else
		str_addf(out, " %s", o->arg);
}

void opt_fold(const char *text, size_t indent, size_t width, struct str *out)
{
	size_t room = width > indent + HELP_MIN ? width - indent : HELP_MIN;
	size_t column = 0;

	while (*text) {
		size_t len = strcspn(text, " ");
		size_t columns = text_columns(text, len);

		if (column && column + 1 + columns > room) {
			str_addf(out, "\n%*s", (int)indent, "");
			column = 0;
		} else if (column) {
			str_addc(out, ' ');
			column++;
		}
		str_add(out, text, len);
		column += columns;
		text += len;
		text += strspn(text, " ");
	}
}

static void help_one(const struct opt *o, size_t width, struct str *out)
{
	_cleanup_str_ struct str left = STR_INIT(256);

	/* Names without a letter stand under the names of those that have one. */
	str_addz(&left, o->letter ? "  " : "      ");
	opt_describe(o, &left);
	str_addz(out, left.data);
	if (left.len + 2 > HELP_COLUMN)
		str_addf(out, "\n%*s", HELP_COLUMN, "");
	else
		str_addf(out, "%*s", (int)(HELP_COLUMN - left.len), "");
	opt_fold(o->help, HELP_COLUMN, width, out);
	if (o->type == OPT_TYPE_CHOICE) {
		str_addf(out, "\n%*s(", HELP_COLUMN, "");
		for (int i = 0; o->choices[i]; i++)
			str_addf(out, "%s%s", i ? ", " : "", o->choices[i]);
		str_addc(out, ')');
	}
	str_addc(out, '\n');
}

void opt_help(const struct opt_set *sets, size_t width, struct str *out)
{
	struct opt_walk walk;
	const struct opt *o;

	opt_walk_start(&walk, sets);
	while ((o = opt_walk_next(&walk)) != NULL)
		help_one(o, width, out);
}
