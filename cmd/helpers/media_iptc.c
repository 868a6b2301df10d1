/* media_iptc.c - reads title, caption, keywords, author and date through libiptcdata.
 *
 * It takes nothing from the other records.  Text that is not UTF-8 is taken as Latin-1.
 */
#include "media_iptc.h"

#include "base/mem.h"

#include <libiptcdata/iptc-data.h>
#include <libiptcdata/iptc-jpeg.h>
#include <stdio.h>
#include <string.h>

#define BLOCK_MAX ((size_t)1024 * 1024)

static void free_data(IptcData **data)
{
	if (*data)
		iptc_data_unref(*data);
}

static void copy_text(const IptcDataSet *set, char *out, size_t size)
{
	snprintf(out, size, "%.*s", (int)set->size, (const char *)set->data);
}

static void take_set(struct facts *facts, const IptcDataSet *set, char day[16], char clock[16])
{
	const char *text = (const char *)set->data;

	switch (set->tag) {
	case IPTC_TAG_OBJECT_NAME:
		facts_set_text(facts, FACTS_TITLE, FACTS_IPTC, text, set->size);
		break;
	case IPTC_TAG_CAPTION:
		facts_set_text(facts, FACTS_DESCRIPTION, FACTS_IPTC, text, set->size);
		break;
	case IPTC_TAG_BYLINE:
		facts_set_text(facts, FACTS_OWNER, FACTS_IPTC, text, set->size);
		break;
	case IPTC_TAG_KEYWORDS:
		facts_add_keyword(facts, text, set->size);
		break;
	case IPTC_TAG_DATE_CREATED:
		copy_text(set, day, 16);
		break;
	case IPTC_TAG_TIME_CREATED:
		copy_text(set, clock, 16);
		break;
	default:
		break;
	}
}

void iptc_take_block(struct facts *facts, const void *block, size_t len)
{
	const unsigned char *bytes = block;
	_cleanup_(free_data) IptcData *data = NULL;
	char day[16] = "", clock[16] = "", when[40];
	unsigned iim_len = 0;

	if (len < 5 || len > BLOCK_MAX)
		return;
	if (memcmp(bytes, "Photoshop", 9) == 0) {
		int offset = iptc_jpeg_ps3_find_iptc(bytes, (unsigned)len, &iim_len);

		if (offset <= 0 || (size_t)offset >= len || iim_len > len - (size_t)offset)
			return;
		bytes += offset;
		len = iim_len;
	}
	data = iptc_data_new_from_data(bytes, (unsigned)len);
	if (!data)
		return;
	for (unsigned i = 0; i < data->count; i++)
		if (data->datasets[i]->record == IPTC_RECORD_APP_2 && data->datasets[i]->data)
			take_set(facts, data->datasets[i], day, clock);
	snprintf(when, sizeof(when), "%s%s%s", day, clock[0] ? "T" : "", clock);
	if (day[0])
		facts_set_date(facts, FACTS_IPTC_CREATED, when, strlen(when), NULL, NULL);
}
