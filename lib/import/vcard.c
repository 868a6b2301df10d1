/* vcard.c - cards out of the logical lines of a vCard file; see vcard.h.
 *
 * It knows which properties tell who a person is, and steps over all others.  Invariant: every
 * text of the card that a caller sees is valid UTF-8, not NULL, and within its limit.
 */
#include "import/vcard.h"

#include "base/path.h"
#include "base/str.h"
#include "import/vcard_line.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The reading of one file. */
struct reading {
	struct vcard card;
	int depth;  /* 0 outside cards, 1 in one, more inside nested agents */
	bool agent; /* AGENT was seen: the next BEGIN is its, not a new card */
	bool any;   /* some card was seen */
	vcard_each each;
	void *data;
};

/* --- the card ----------------------------------------------------------------------------- */

static void entries_release(struct vec *entries)
{
	vec_foreach (entries, struct vcard_entry, entry) {
		free(entry->value);
		free(entry->types);
		free(entry->label);
		free(entry->group);
	}
	vec_release(entries);
}

static void card_release(struct vcard *card)
{
	free(card->version);
	free(card->fn);
	free(card->n);
	free(card->org);
	free(card->uid);
	free(card->kind);
	free(card->note);
	entries_release(&card->tels);
	entries_release(&card->emails);
	vec_foreach (&card->labels, struct vcard_label, label) {
		free(label->group);
		free(label->text);
	}
	vec_release(&card->labels);
	*card = (struct vcard){.tels = VEC_INIT(struct vcard_entry, VCARD_ENTRIES_MAX),
		.emails = VEC_INIT(struct vcard_entry, VCARD_ENTRIES_MAX),
		.labels = VEC_INIT(struct vcard_label, 2 * VCARD_ENTRIES_MAX)};
}

static void reading_release(struct reading *reading)
{
	card_release(&reading->card);
}

static int card_begin(struct vcard *card, size_t line, struct err *err)
{
	char **texts[] = {&card->version, &card->fn, &card->n, &card->org, &card->uid, &card->kind,
		&card->note};

	card_release(card);
	card->line = line;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		*texts[i] = mem_strdup("");
		if (!*texts[i])
			return err_no_memory(err);
	}
	return 0;
}

/* Replaces *text; owns nothing of `value`. */
static int set_text(char **text, const char *value, size_t len, struct err *err)
{
	char *copy = mem_strndup(value, len);

	if (!copy)
		return err_no_memory(err);
	free(*text);
	*text = copy;
	return 0;
}

/* The person's own labels come by group: item1.TEL and item1.X-ABLabel.  Apple writes its own
 * words as _$!<Mobile>!$_. */
static int give_labels(const struct vcard *card, struct vec *entries, struct err *err)
{
	vec_foreach (entries, struct vcard_entry, entry) {
		if (!entry->group[0] || entry->label[0])
			continue;
		vec_foreach (&card->labels, struct vcard_label, label) {
			const char *text = label->text;
			size_t len = strlen(text);

			if (strcmp(label->group, entry->group) != 0)
				continue;
			if (text_starts(text, "_$!<") && text_ends(text, ">!$_") && len >= 8) {
				text += 4;
				len -= 8;
			}
			if (set_text(&entry->label, text, len, err))
				return -1;
			break;
		}
	}
	return 0;
}

static int card_emit(struct reading *reading, bool unterminated, struct err *err)
{
	struct vcard *card = &reading->card;

	card->unterminated = unterminated;
	if (give_labels(card, &card->tels, err) || give_labels(card, &card->emails, err) ||
		reading->each(reading->data, card, err))
		return -1;
	card_release(card);
	return 0;
}

/* --- properties --------------------------------------------------------------------------- */

enum field_type {
	FIELD_RAW,   /* kept with its escapes: N */
	FIELD_TEXT,  /* escapes undone */
	FIELD_FIRST, /* the same, up to the first ';': ORG */
	FIELD_WORD,  /* a word, in lower case */
};

static bool is_old(const struct vcard *card)
{
	return text_starts(card->version, "2.");
}

static int set_field(struct vcard *card, char **field, enum field_type type, size_t max,
	const struct vcard_line *line, struct err *err)
{
	_cleanup_str_ struct str value = STR_INIT(4 * VCARD_LINE_MAX);
	_cleanup_str_ struct str text = STR_INIT(4 * VCARD_LINE_MAX);
	size_t len;

	if (!vcard_line_value(line, &value)) {
		card->clipped = true;
		return 0;
	}
	if (type == FIELD_RAW)
		str_addz(&text, value.data);
	else
		vcard_unescape(value.data, is_old(card), type == FIELD_FIRST ? ';' : '\0', &text);
	if (str_check(&text, err))
		return -1;
	for (size_t i = 0; type == FIELD_WORD && i < text.len; i++)
		text.data[i] = (char)tolower((unsigned char)text.data[i]);
	len = text_clip_utf8(text.data, text.len, max);
	if (len < text.len)
		card->clipped = true;
	return len ? set_text(field, text.data, len, err) : 0;
}

/* Numbers and addresses are taken whole or not at all: half a number is another number. */
static int add_entry(
	struct vcard *card, struct vec *entries, const struct vcard_line *line, struct err *err)
{
	_cleanup_str_ struct str value = STR_INIT(4 * VCARD_LINE_MAX);
	_cleanup_str_ struct str text = STR_INIT(VCARD_VALUE_MAX);
	struct vcard_entry *entry;

	if (vcard_line_value(line, &value))
		vcard_unescape(value.data, is_old(card), '\0', &text);
	else
		str_clear(&value);
	if (text.failed || line->types.failed || entries->count == entries->max || line->too_long ||
		line->base64) {
		card->clipped = true;
		return 0;
	}
	if (!text.data[strspn(text.data, " \t\n")])
		return 0;
	entry = vec_push_or(entries, err);
	if (!entry)
		return -1;
	entry->value = mem_strdup(text.data);
	entry->types = mem_strdup(line->types.data);
	entry->label = mem_strdup(line->label.data);
	entry->group = mem_strdup(line->group);
	if (!entry->value || !entry->types || !entry->label || !entry->group)
		return err_no_memory(err);
	return 0;
}

static int add_label(struct vcard *card, const struct vcard_line *line, struct err *err)
{
	char *text = NULL;
	struct vcard_label *label;
	int rc;

	if (!line->group[0] || card->labels.count == card->labels.max)
		return 0;
	rc = set_field(card, &text, FIELD_TEXT, VCARD_VALUE_MAX, line, err);
	if (rc || !text)
		return rc;
	label = vec_push_or(&card->labels, err);
	if (!label) {
		free(text);
		return -1;
	}
	label->text = text;
	label->group = mem_strdup(line->group);
	return label->group ? 0 : err_no_memory(err);
}

static int read_property(struct vcard *card, const struct vcard_line *line, struct err *err)
{
	const struct {
		const char *name;
		char **field;
		enum field_type type;
		size_t max;
		bool first; /* a second one does not count */
	} fields[] = {
		{"FN", &card->fn, FIELD_TEXT, VCARD_TEXT_MAX, true},
		{"N", &card->n, FIELD_RAW, VCARD_TEXT_MAX, false},
		{"ORG", &card->org, FIELD_FIRST, VCARD_TEXT_MAX, true},
		{"VERSION", &card->version, FIELD_WORD, 8, true},
		{"UID", &card->uid, FIELD_TEXT, VCARD_VALUE_MAX, true},
		{"KIND", &card->kind, FIELD_WORD, 64, true},
		{"X-ADDRESSBOOKSERVER-KIND", &card->kind, FIELD_WORD, 64, true},
		{"NOTE", &card->note, FIELD_TEXT, VCARD_NOTE_MAX, true},
	};

	if (strcmp(line->name, "TEL") == 0)
		return add_entry(card, &card->tels, line, err);
	if (strcmp(line->name, "EMAIL") == 0)
		return add_entry(card, &card->emails, line, err);
	if (strcmp(line->name, "X-ABLABEL") == 0)
		return add_label(card, line, err);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (strcmp(line->name, fields[i].name) != 0)
			continue;
		if (fields[i].first && (*fields[i].field)[0])
			return 0;
		return set_field(card, fields[i].field, fields[i].type, fields[i].max, line, err);
	}
	return 0;
}

/* --- the file ----------------------------------------------------------------------------- */

static bool value_is(const struct vcard_line *line, const char *word)
{
	const char *p = line->value + strspn(line->value, " \t");
	size_t len = strlen(p);

	while (len && isspace((unsigned char)p[len - 1]))
		len--;
	return len == strlen(word) && strncasecmp(p, word, len) == 0;
}

/* A BEGIN inside a card opens the card of an agent if AGENT announced one; otherwise the END of
 * the card before was lost. */
static int begin(struct reading *reading, const struct vcard_line *line, struct err *err)
{
	reading->any = true;
	if (reading->depth && reading->agent) {
		reading->agent = false;
		reading->depth++;
		return 0;
	}
	if (reading->depth && card_emit(reading, true, err))
		return -1;
	reading->depth = 1;
	return card_begin(&reading->card, line->number, err);
}

static int end(struct reading *reading, struct err *err)
{
	reading->agent = false;
	if (reading->depth == 0)
		return 0;
	reading->depth--;
	return reading->depth ? 0 : card_emit(reading, false, err);
}

static int read_line(struct reading *reading, const struct vcard_line *line, struct err *err)
{
	if (strcmp(line->name, "BEGIN") == 0 && value_is(line, "VCARD"))
		return begin(reading, line, err);
	if (strcmp(line->name, "END") == 0 && value_is(line, "VCARD"))
		return end(reading, err);
	if (reading->depth == 0)
		return 0;
	if (strcmp(line->name, "AGENT") == 0) {
		/* "AGENT:" and a card on the next lines (2.1), or the card begins right here;
		 * 3.0 and 4.0 put it into the value, which we step over */
		reading->agent = value_is(line, "");
		if (value_is(line, "BEGIN:VCARD"))
			reading->depth++;
		return 0;
	}
	if (line->name[0])
		reading->agent = false;
	return reading->depth == 1 ? read_property(&reading->card, line, err) : 0;
}

static int parse_utf8(const char *bytes, size_t len, vcard_each each, void *data, struct err *err)
{
	_cleanup_(reading_release) struct reading reading = {.each = each, .data = data};
	_cleanup_(vcard_line_release) struct vcard_line line;
	struct vcard_reader reader = {.at = bytes, .end = bytes + len};

	vcard_line_init(&line);
	card_release(&reading.card);
	while (vcard_line_next(&reader, &line))
		if (read_line(&reading, &line, err))
			return -1;
	if (reading.depth)
		return card_emit(&reading, true, err);
	if (!reading.any)
		return err_set(err, ERR_INVALID, "there is no vCard in it (no BEGIN:VCARD)");
	return 0;
}

int vcard_parse(const char *bytes, size_t len, vcard_each each, void *data, struct err *err)
{
	_cleanup_str_ struct str text = STR_INIT(2 * VCARD_FILE_MAX);

	if (len > VCARD_FILE_MAX)
		return err_set(err, ERR_TOO_LARGE, "an address book of more than %zu MiB",
			VCARD_FILE_MAX >> 20);
	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		return parse_utf8(bytes + 3, len - 3, each, data, err);
	if (len >= 2 && memcmp(bytes, "\xff\xfe", 2) == 0)
		vcard_add_utf8(&text, bytes + 2, len - 2, "UTF-16LE");
	else if (len >= 2 && memcmp(bytes, "\xfe\xff", 2) == 0)
		vcard_add_utf8(&text, bytes + 2, len - 2, "UTF-16BE");
	else
		return parse_utf8(bytes, len, each, data, err);
	if (str_check(&text, err))
		return -1;
	return parse_utf8(text.data, text.len, each, data, err);
}

int vcard_read_file(const char *path, vcard_each each, void *data, struct err *err)
{
	_cleanup_str_ struct str bytes = STR_INIT(0);

	if (path_read_file(path, VCARD_FILE_MAX, &bytes, err))
		return -1;
	if (vcard_parse(bytes.data, bytes.len, each, data, err))
		return err_prefix(err, "%s", path);
	return 0;
}

/* --- names -------------------------------------------------------------------------------- */

char *vcard_name_from_n(const char *n, struct err *err)
{
	/* the order of speaking: prefixes, given, additional, family, suffixes */
	static const int order[] = {3, 1, 2, 0, 4};
	_cleanup_str_ struct str name = STR_INIT(2 * VCARD_TEXT_MAX);
	const char *parts[5] = {"", "", "", "", ""};

	for (int i = 0; i < 5; i++) {
		parts[i] = n;
		while (*n && *n != ';')
			n += n[0] == '\\' && n[1] ? 2 : 1;
		if (!*n)
			break;
		n++;
	}
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		size_t before = name.len;

		if (before)
			str_addc(&name, ' ');
		vcard_unescape(parts[order[i]], false, ';', &name);
		if (name.len == before + 1 && before)
			str_truncate(&name, before);
	}
	return str_take(&name, err);
}
