/* manual.c - man/pinhole-events.7 and the tables of kinds tell the same.
 *
 * The page has ".It Ic KIND" for each kind, below it ".Em RIGHT" and ".It Cm KEY" for each key.
 */
#include "tap.h"

#include "base/path.h"
#include "event/kind.h"

#include <string.h>

#define PAGE "man/pinhole-events.7.mdoc"

struct section { /* what the page says about one kind: from its ".It Ic" to the next one */
	const char *text;
	size_t len;
};

static size_t line_len(const char *line)
{
	return strcspn(line, "\n");
}

static const char *next_line(const char *line)
{
	line += line_len(line);
	return *line ? line + 1 : NULL;
}

static bool is_end(const char *line)
{
	return text_starts(line, ".It Ic ") || text_starts(line, ".Ss") || text_starts(line, ".Sh");
}

static bool find_section(const char *page, const char *kind, struct section *out)
{
	char head[64];
	const char *line, *end;

	snprintf(head, sizeof(head), ".It Ic %s\n", kind);
	line = strstr(page, head);
	if (!line)
		return false;
	end = next_line(line);
	while (end && !is_end(end))
		end = next_line(end);
	*out = (struct section){line, end ? (size_t)(end - line) : strlen(line)};
	return true;
}

static bool has_line(const struct section *s, const char *wanted)
{
	const char *end = s->text + s->len;

	for (const char *line = s->text; line && line < end; line = next_line(line)) {
		size_t len = line_len(line);

		if (len >= strlen(wanted) && strncmp(line, wanted, strlen(wanted)) == 0 &&
			(len == strlen(wanted) || line[strlen(wanted)] == ' '))
			return true;
	}
	return false;
}

static bool is_key(const struct event_kind *kind, const char *key, size_t len)
{
	for (size_t i = 0; kind->keys && kind->keys[i]; i++)
		if (strlen(kind->keys[i]) == len && strncmp(kind->keys[i], key, len) == 0)
			return true;
	return false;
}

static void check_keys(const struct event_kind *kind, const struct section *s)
{
	const char *item = ".It Cm ", *end = s->text + s->len;

	for (size_t i = 0; kind->keys && kind->keys[i]; i++) {
		char wanted[64];

		snprintf(wanted, sizeof(wanted), "%s%s", item, kind->keys[i]);
		ok(has_line(s, wanted), "%s: the page tells of %s", kind->name, kind->keys[i]);
	}
	for (const char *line = s->text; line && line < end; line = next_line(line)) {
		const char *key = line + strlen(item);

		if (text_starts(line, item))
			ok(is_key(kind, key, line_len(key)), "%s: %.*s is a key of it", kind->name,
				(int)line_len(key), key);
	}
}

static void check_kind(const char *page, const struct event_kind *kind)
{
	struct section section;
	char right[128];

	ok(find_section(page, kind->name, &section), "the page tells of %s", kind->name);
	if (!find_section(page, kind->name, &section))
		return;
	snprintf(right, sizeof(right), ".Em %s", right_name(kind->needs));
	ok(has_line(&section, right), "%s: the page names its right", kind->name);
	check_keys(kind, &section);
}

static void check_nothing_else(const char *page)
{
	const char *item = ".It Ic ";

	for (const char *line = page; line; line = next_line(line)) {
		char name[64];

		if (!text_starts(line, item))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)line_len(line + strlen(item)),
			line + strlen(item));
		ok(event_kind_find(name) != NULL, "%s is a kind", name);
	}
}

int main(void)
{
	_cleanup_str_ struct str page = STR_INIT(STR_MAX_FILE);
	struct err err = ERR_INIT;

	if (path_read_file(PAGE, 1 << 20, &page, &err))
		tap_skip_all("not run at the top of the source tree");
	for (size_t i = 0; event_families[i]; i++)
		for (const struct event_kind *k = event_families[i]->kinds; k->name; k++)
			check_kind(page.data, k);
	check_nothing_else(page.data);
	return tap_done();
}
