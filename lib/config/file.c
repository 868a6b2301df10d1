/* file.c - reading and changing one ini file; see file.h for the format.
 *
 * It knows no keys, types or origins.  Invariant: lines that are not changed are written back
 * byte for byte.
 */
#include "config/file.h"
#include "base/path.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 512

/* Where the reader stands. */
struct reader {
	const char *path;
	size_t number; /* of the line, from 1 */
	const char *section;
	struct err *err;
};

static int complain(const struct reader *r, const char *what)
{
	return err_set(r->err, ERR_INVALID, "%s:%zu: %s", r->path, r->number, what);
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '-';
}

/* Reads a name in lower case and moves *at behind it; false when there is none. */
static bool read_name(const char **at, struct str *out)
{
	const char *start = *at;

	for (; is_name_char(**at); ++*at)
		str_addc(out, (char)tolower((unsigned char)**at));
	return *at != start && !out->failed;
}

static void skip_blanks(const char **at)
{
	*at += strspn(*at, " \t\r");
}

static bool is_end(const char *at)
{
	return !*at || *at == '#' || *at == ';';
}

/* The character that an escape means, or 0. */
static char unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '"':
	case '\\':
		return c;
	default:
		return '\0';
	}
}

/* [name] or [name "sub"] */
static int parse_heading(
	const struct reader *r, const char *at, struct config_line *line, struct err *err)
{
	_cleanup_str_ struct str name = STR_INIT(NAME_MAX_LEN);

	at++;
	if (!read_name(&at, &name))
		return complain(r, "a section needs a name of letters, digits and -");
	skip_blanks(&at);
	if (*at == '"') {
		str_addc(&name, '.');
		for (at++; *at && *at != '"'; at++) {
			if (*at == '\\' && at[1])
				at++;
			str_addc(&name, *at);
		}
		if (*at++ != '"')
			return complain(r, "a quote is not closed");
	}
	if (*at++ != ']')
		return complain(r, "a section's name ends with ]");
	skip_blanks(&at);
	if (!is_end(at))
		return complain(r, "nothing may stand behind a section's ]");
	line->heading = true;
	line->section = str_take(&name, err);
	return line->section ? 0 : -1;
}

/* Unquotes a value; the spaces that end it are dropped, those inside stay. */
static int parse_value(const struct reader *r, const char *at, struct str *out)
{
	size_t keep = 0;
	bool quoted = false;

	for (; *at && (quoted || !is_end(at)); at++) {
		if (*at == '"') {
			quoted = !quoted;
			keep = out->len;
			continue;
		}
		if (*at == '\\') {
			char c = unescape(at[1]);

			if (!c)
				return complain(r, "after \\ comes one of n, t, \" and \\");
			str_addc(out, c);
			at++;
			keep = out->len;
			continue;
		}
		str_addc(out, *at);
		if (quoted || !isspace((unsigned char)*at))
			keep = out->len;
	}
	if (quoted)
		return complain(r, "a quote is not closed");
	str_truncate(out, keep);
	return 0;
}

static int parse_entry(
	const struct reader *r, const char *at, struct config_line *line, struct err *err)
{
	_cleanup_str_ struct str name = STR_INIT(NAME_MAX_LEN);
	_cleanup_str_ struct str value = STR_INIT(CONFIG_FILE_MAX);

	if (!r->section)
		return complain(r, "a setting stands before the first [section]");
	str_addf(&name, "%s.", r->section);
	if (!read_name(&at, &name))
		return complain(r, "expected a [section], a comment or KEY = VALUE");
	skip_blanks(&at);
	if (*at++ != '=')
		return complain(r, "expected = after the key");
	skip_blanks(&at);
	if (parse_value(r, at, &value))
		return -1;
	line->section = mem_strdup(r->section);
	line->key = str_take(&name, err);
	line->value = str_take(&value, err);
	if (!line->section || !line->key || !line->value)
		return err_no_memory(err);
	return 0;
}

static int parse_line(const struct reader *r, struct config_line *line, struct err *err)
{
	const char *at = line->raw;

	skip_blanks(&at);
	if (*at == '[')
		return parse_heading(r, at, line, err);
	if (!is_end(at))
		return parse_entry(r, at, line, err);
	if (!r->section)
		return 0;
	line->section = mem_strdup(r->section);
	return line->section ? 0 : err_no_memory(err);
}

int config_file_parse(
	struct config_file *file, const char *path, const char *text, size_t len, struct err *err)
{
	struct reader r = {.path = path, .number = 1, .err = err};

	if (memchr(text, '\0', len))
		return err_set(err, ERR_INVALID, "%s is not a text file", path);
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	for (; len; r.number++) {
		const char *end = memchr(text, '\n', len);
		size_t line_len = end ? (size_t)(end - text) : len;
		struct config_line *line = vec_push_or(&file->lines, err);

		if (!line)
			return -1;
		line->raw = mem_strndup(text, line_len);
		if (!line->raw)
			return err_no_memory(err);
		if (parse_line(&r, line, err))
			return -1;
		r.section = line->section;
		line_len += end ? 1 : 0;
		text += line_len;
		len -= line_len;
	}
	return 0;
}

int config_file_read(struct config_file *file, const char *path, struct err *err)
{
	_cleanup_str_ struct str text = STR_INIT(CONFIG_FILE_MAX);
	struct err why = ERR_INIT;

	if (path_read_file(path, CONFIG_FILE_MAX, &text, &why) == 0)
		return config_file_parse(file, path, text.data, text.len, err);
	if (why.kind == ERR_NOT_FOUND)
		return 0;
	return err_set(err, why.kind, "%s", why.message);
}

static void release_line(struct config_line *line)
{
	free(line->raw);
	free(line->section);
	free(line->key);
	free(line->value);
	*line = (struct config_line){.raw = NULL};
}

void config_file_release(struct config_file *file)
{
	vec_foreach (&file->lines, struct config_line, line)
		release_line(line);
	vec_release(&file->lines);
}

/* --- changing ------------------------------------------------------------------------------ */

static void quote_value(const char *value, struct str *out)
{
	size_t len = strlen(value);
	bool quote = !len || value[0] == ' ' || value[len - 1] == ' ' ||
		strpbrk(value, "#;\"\\\n\t") != NULL;

	if (!quote) {
		str_addz(out, value);
		return;
	}
	str_addc(out, '"');
	for (; *value; value++) {
		if (*value == '\n')
			str_addz(out, "\\n");
		else if (*value == '\t')
			str_addz(out, "\\t");
		else if (*value == '"' || *value == '\\')
			str_addf(out, "\\%c", *value);
		else
			str_addc(out, *value);
	}
	str_addc(out, '"');
}

/* Splits "section.sub.key" at its last dot; returns where the key begins. */
static const char *key_part(const char *name)
{
	return strrchr(name, '.') + 1;
}

static bool in_section(const struct config_line *line, const char *name)
{
	size_t len = (size_t)(key_part(name) - name) - 1;

	return line->section && strlen(line->section) == len && !memcmp(line->section, name, len);
}

/* Makes room for one line before `index`. */
static int insert_line(
	struct config_file *file, size_t index, const struct str *raw, struct err *err)
{
	char *copy = mem_strndup(raw->data, raw->len);
	struct config_line *lines;

	if (!copy || raw->failed || !vec_push_or(&file->lines, err)) {
		free(copy);
		return copy && !raw->failed ? -1 : err_no_memory(err);
	}
	lines = file->lines.items;
	memmove(lines + index + 1, lines + index, (file->lines.count - 1 - index) * sizeof(*lines));
	lines[index] = (struct config_line){.raw = copy};
	return 0;
}

static int insert_entry(struct config_file *file, size_t index, const char *name, const char *value,
	struct err *err)
{
	_cleanup_str_ struct str raw = STR_INIT(CONFIG_FILE_MAX);

	str_addf(&raw, "\t%s = ", key_part(name));
	quote_value(value, &raw);
	return insert_line(file, index, &raw, err);
}

static int insert_heading(struct config_file *file, const char *name, struct err *err)
{
	_cleanup_str_ struct str raw = STR_INIT(4 * NAME_MAX_LEN);
	size_t section_len = strcspn(name, "."), len = (size_t)(key_part(name) - name) - 1;

	str_addc(&raw, '[');
	str_add(&raw, name, section_len);
	if (len > section_len) {
		str_addz(&raw, " \"");
		for (const char *p = name + section_len + 1; p < name + len; p++)
			str_addf(&raw, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
		str_addc(&raw, '"');
	}
	str_addc(&raw, ']');
	return insert_line(file, file->lines.count, &raw, err);
}

/* Where new values of the key go: where its first one stands, else behind its section's last
 * entry or heading; SIZE_MAX when there is no such section. */
static size_t find_place(const struct config_file *file, const char *name)
{
	size_t place = SIZE_MAX;

	for (size_t i = 0; i < file->lines.count; i++) {
		const struct config_line *line = vec_at(&file->lines, i);

		if (line->key && !strcmp(line->key, name))
			return i;
		if (in_section(line, name) && (line->heading || line->key))
			place = i + 1;
	}
	return place;
}

void config_file_drop(struct config_file *file, const char *name, size_t *removed)
{
	struct config_line *lines = file->lines.items;
	size_t kept = 0;

	for (size_t i = 0; i < file->lines.count; i++) {
		if (lines[i].key && !strcmp(lines[i].key, name))
			release_line(&lines[i]);
		else
			lines[kept++] = lines[i];
	}
	*removed = file->lines.count - kept;
	file->lines.count = kept;
}

int config_file_put(struct config_file *file, const char *name, const char *const *values,
	size_t count, struct err *err)
{
	size_t place = find_place(file, name), removed;

	config_file_drop(file, name, &removed);
	if (place == SIZE_MAX) {
		if (insert_heading(file, name, err))
			return -1;
		place = file->lines.count;
	}
	for (size_t i = 0; i < count; i++)
		if (insert_entry(file, place + i, name, values[i], err))
			return -1;
	return 0;
}

int config_file_format(const struct config_file *file, struct str *out, struct err *err)
{
	vec_foreach (&file->lines, struct config_line, line) {
		str_addz(out, line->raw);
		str_addc(out, '\n');
	}
	return str_check(out, err);
}
