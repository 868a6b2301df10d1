/* media_ebml.c - a bounded walk through EBML elements; see media_ebml.h.
 *
 * It decodes no frame and follows no index: it stops at the first cluster.  An element never
 * reaches past its parent.  Formats: RFC 8794 (EBML), RFC 9559 (Matroska).
 */
#include "media_ebml.h"

#include <math.h>
#include <string.h>

#define ELEMENTS_MAX 5000
#define DEPTH_MAX    6
#define EPOCH_2001   978307200000LL /* ms from 1970 to 2001 */

enum id {
	ID_EBML = 0x1A45DFA3,
	ID_DOC_TYPE = 0x4282,
	ID_SEGMENT = 0x18538067,
	ID_CLUSTER = 0x1F43B675,
	ID_INFO = 0x1549A966,
	ID_SCALE = 0x2AD7B1,
	ID_DURATION = 0x4489,
	ID_DATE = 0x4461,
	ID_TRACKS = 0x1654AE6B,
	ID_TRACK = 0xAE,
	ID_VIDEO = 0xE0,
	ID_WIDTH = 0xB0,
	ID_HEIGHT = 0xBA,
};

struct walk {
	const struct media_reader *reader;
	struct ebml_info *info;
	unsigned elements;
	uint64_t scale;  /* ns per tick */
	double duration; /* ticks */
};

static uint64_t be(const unsigned char *p, size_t n)
{
	uint64_t value = 0;

	while (n--)
		value = value << 8 | *p++;
	return value;
}

/* The number of bytes of a variable-length number, by its first byte; 9 for nonsense. */
static size_t vint_len(unsigned char first)
{
	size_t n = 1;

	for (unsigned mask = 0x80; mask && !(first & mask); mask >>= 1)
		n++;
	return n;
}

struct element {
	uint32_t id;
	uint64_t at, end; /* of its contents */
};

static bool next_element(struct walk *walk, uint64_t at, uint64_t end, struct element *out)
{
	unsigned char head[12] = {0};
	size_t got, id_len, size_len;
	uint64_t size, unknown;

	if (++walk->elements > ELEMENTS_MAX || at >= end)
		return false;
	got = walk->reader->read(walk->reader->data, at, head, sizeof(head));
	id_len = vint_len(head[0]);
	size_len = id_len <= 4 ? vint_len(head[id_len]) : 9;
	if (size_len > 8 || id_len + size_len > got || id_len + size_len > end - at)
		return false;
	unknown = (1ULL << (7 * size_len)) - 1;
	size = be(head + id_len, size_len) & unknown;
	out->id = (uint32_t)be(head, id_len);
	out->at = at + id_len + size_len;
	if (size == unknown)
		size = end - out->at;
	if (size > end - out->at)
		return false;
	out->end = out->at + size;
	return true;
}

static uint64_t read_number(const struct walk *walk, const struct element *element)
{
	unsigned char b[8];
	uint64_t len = element->end - element->at;

	if (len > 8 || walk->reader->read(walk->reader->data, element->at, b, len) != len)
		return 0;
	return be(b, len);
}

static double read_float(const struct walk *walk, const struct element *element)
{
	uint64_t bits = read_number(walk, element);
	uint32_t low = (uint32_t)bits;
	double wide;
	float narrow;

	if (element->end - element->at == 4) {
		memcpy(&narrow, &low, sizeof(narrow));
		return (double)narrow;
	}
	memcpy(&wide, &bits, sizeof(wide));
	return wide;
}

static void read_doc_type(struct walk *walk, const struct element *element)
{
	char text[5] = "";
	uint64_t len = element->end - element->at;

	if (len >= 4)
		walk->reader->read(walk->reader->data, element->at, text, 4);
	walk->info->webm = strcmp(text, "webm") == 0;
}

static void walk_elements(struct walk *walk, uint64_t at, uint64_t end, unsigned depth);

/* False when there is nothing more to learn. */
static bool walk_element(struct walk *walk, const struct element *element, unsigned depth)
{
	switch (element->id) {
	case ID_EBML:
	case ID_SEGMENT:
	case ID_INFO:
	case ID_TRACKS:
	case ID_TRACK:
	case ID_VIDEO:
		walk_elements(walk, element->at, element->end, depth + 1);
		break;
	case ID_DOC_TYPE:
		read_doc_type(walk, element);
		break;
	case ID_SCALE:
		walk->scale = read_number(walk, element);
		break;
	case ID_DURATION:
		walk->duration = read_float(walk, element);
		break;
	case ID_DATE:
		walk->info->created_ms = EPOCH_2001 + (int64_t)read_number(walk, element) / 1000000;
		break;
	case ID_WIDTH:
		if (!walk->info->width)
			walk->info->width = (uint32_t)read_number(walk, element);
		break;
	case ID_HEIGHT:
		if (!walk->info->height)
			walk->info->height = (uint32_t)read_number(walk, element);
		break;
	case ID_CLUSTER:
		return false;
	default:
		break;
	}
	return true;
}

static void walk_elements(struct walk *walk, uint64_t at, uint64_t end, unsigned depth)
{
	struct element element;

	if (depth > DEPTH_MAX)
		return;
	for (; next_element(walk, at, end, &element); at = element.end)
		if (!walk_element(walk, &element, depth))
			return;
}

void ebml_read_info(const struct media_reader *reader, struct ebml_info *out)
{
	struct walk walk = {.reader = reader, .info = out, .scale = 1000000};
	double ms;

	*out = (struct ebml_info){.duration_ms = -1, .created_ms = INT64_MIN};
	walk_elements(&walk, 0, reader->size, 0);
	ms = walk.duration * (double)walk.scale / 1e6;
	if (ms > 0 && ms < 1e12)
		out->duration_ms = llrint(ms);
}
