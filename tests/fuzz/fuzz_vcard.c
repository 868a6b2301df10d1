/* fuzz_vcard.c - any bytes through the vCard reader; checks what it promises about its cards. */
#include "base/str.h"
#include "import/vcard.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_text(const char *text, size_t max)
{
	if (!text || strlen(text) > max || !text_is_utf8(text, strlen(text)) ||
		strpbrk(text, "\x1b\x07\x08\x7f"))
		abort();
}

static void check_entries(const struct vec *entries)
{
	if (entries->count > VCARD_ENTRIES_MAX)
		abort();
	vec_foreach (entries, struct vcard_entry, entry) {
		check_text(entry->value, VCARD_VALUE_MAX);
		check_text(entry->types, VCARD_VALUE_MAX);
		check_text(entry->label, VCARD_VALUE_MAX);
		if (!entry->value[0] || !entry->group)
			abort();
	}
}

static int check_card(void *data, const struct vcard *card, struct err *err)
{
	char *name = vcard_name_from_n(card->n, err);

	(void)data;
	check_text(card->fn, VCARD_TEXT_MAX);
	check_text(card->n, VCARD_TEXT_MAX);
	check_text(card->org, VCARD_TEXT_MAX);
	check_text(card->uid, VCARD_VALUE_MAX);
	check_text(card->kind, 64);
	check_text(card->note, VCARD_NOTE_MAX);
	check_entries(&card->tels);
	check_entries(&card->emails);
	if (name)
		check_text(name, 2 * VCARD_TEXT_MAX);
	free(name);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct err err = ERR_INIT;

	vcard_parse((const char *)bytes, len, check_card, NULL, &err);
	return 0;
}
