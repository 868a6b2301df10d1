/* contacts.c - from cards of a file to contacts of the store; see contacts.h.
 *
 * It decides which cards describe a person at all; who that person is, the store decides.
 * Invariant: every card ends as exactly one result of the importer.
 */
#include "import/contacts.h"

#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct offering {
	struct contact_importer *importer;
	bool (*interrupted)(void);
};

static bool has_type(const char *types, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = types; (p = strstr(p, word)) != NULL; p += len)
		if ((p == types || p[-1] == ',') && (p[len] == ',' || p[len] == '\0'))
			return true;
	return false;
}

void contacts_label(const struct vcard_entry *tel, char out[64])
{
	static const struct {
		const char *type, *word;
	} words[] = {{"home", "home"}, {"work", "work"}, {"main", "main"}, {"other", "other"},
		{"cell", "mobile"}, {"iphone", "mobile"}, {"mobile", "mobile"}, {"fax", "fax"},
		{"pager", "pager"}, {"car", "car"}};
	size_t len = 0;

	out[0] = '\0';
	if (tel->label[0]) {
		len = text_clip_utf8(tel->label, strlen(tel->label), 63);
		memcpy(out, tel->label, len);
		out[len] = '\0';
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!has_type(tel->types, words[i].type) || strstr(out, words[i].word))
			continue;
		len += (size_t)snprintf(out + len, 64 - len, "%s%s", len ? " " : "", words[i].word);
	}
}

/* What the card calls its person; free it. */
static char *card_name(const struct vcard *card, struct err *err)
{
	char *name;

	if (card->fn[strspn(card->fn, " \t\n")]) {
		name = mem_strdup(card->fn);
		if (!name)
			err_no_memory(err);
		return name;
	}
	return vcard_name_from_n(card->n, err);
}

static int offer(
	struct offering *offering, const struct vcard *card, const char *name, struct err *err)
{
	struct contact_number numbers[VCARD_ENTRIES_MAX];
	const char *emails[VCARD_ENTRIES_MAX];
	char labels[VCARD_ENTRIES_MAX][64];
	struct contact_card offered = {.name = name,
		.org = card->org,
		.note = card->note,
		.uid = card->uid,
		.numbers = numbers,
		.number_count = card->tels.count,
		.emails = emails,
		.email_count = card->emails.count};

	for (size_t i = 0; i < card->tels.count; i++) {
		const struct vcard_entry *tel = vec_at(&card->tels, i);

		contacts_label(tel, labels[i]);
		numbers[i] = (struct contact_number){.raw = tel->value, .label = labels[i]};
	}
	for (size_t i = 0; i < card->emails.count; i++)
		emails[i] = ((struct vcard_entry *)vec_at(&card->emails, i))->value;
	return contact_import_card(offering->importer, &offered, card->line, err);
}

static int each_card(void *data, const struct vcard *card, struct err *err)
{
	struct offering *offering = data;
	_cleanup_free_ char *name = card_name(card, err);

	if (!name)
		return -1;
	if (offering->interrupted && offering->interrupted())
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	if (card->unterminated)
		return contact_import_refuse(offering->importer, name, card->line,
			"it is cut off: END:VCARD is missing", err);
	if (strcmp(card->kind, "group") == 0)
		return contact_import_refuse(
			offering->importer, name, card->line, "it is a group, not a person", err);
	return offer(offering, card, name, err);
}

int contacts_import_file(struct contact_importer *importer, const char *path,
	bool (*interrupted)(void), struct err *err)
{
	struct offering offering = {.importer = importer, .interrupted = interrupted};

	return vcard_read_file(path, each_card, &offering, err);
}
