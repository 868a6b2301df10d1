/* media_mp4.c - a bounded walk through the boxes of ISO media files; see media_mp4.h.
 *
 * It believes no size: a box never reaches past its parent, nesting and the number of boxes are
 * limited, texts are cut.  Formats: ISO/IEC 14496-12 (mvhd, tkhd), QuickTime File Format (udta
 * texts, the keys and ilst of moov/meta), 3GPP TS 26.244 (loci).
 */
#include "media_mp4.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOXES_MAX  20000
#define DEPTH_MAX  6
#define KEYS_MAX   64
#define KEY_LEN    80
#define EPOCH_1904 2082844800LL /* seconds from 1904 to 1970 */

struct box {
	uint32_t type;
	uint64_t at, end; /* of its contents */
};

struct walk {
	const struct media_reader *reader;
	struct mp4_info *info;
	unsigned boxes;
	unsigned key_count;
	char keys[KEYS_MAX][KEY_LEN];
};

#define TYPE(a, b, c, d)                                                                           \
	((uint32_t)(unsigned char)(a) << 24 | (uint32_t)(unsigned char)(b) << 16 |                 \
		(uint32_t)(unsigned char)(c) << 8 | (unsigned char)(d))

static uint64_t be(const unsigned char *p, size_t n)
{
	uint64_t value = 0;

	while (n--)
		value = value << 8 | *p++;
	return value;
}

/* Reads exactly `len` bytes that lie within [at, end). */
static bool get(const struct walk *walk, uint64_t at, uint64_t end, void *out, size_t len)
{
	return at <= end && end - at >= len &&
		walk->reader->read(walk->reader->data, at, out, len) == len;
}

/* The box at `at`; false at the end and at nonsense. */
static bool next_box(struct walk *walk, uint64_t at, uint64_t end, struct box *out)
{
	unsigned char head[16];
	uint64_t size, header = 8;

	if (++walk->boxes > BOXES_MAX || !get(walk, at, end, head, 8))
		return false;
	size = be(head, 4);
	if (size == 1) {
		if (!get(walk, at, end, head, 16))
			return false;
		size = be(head + 8, 8);
		header = 16;
	} else if (size == 0) {
		size = end - at;
	}
	if (size < header || size > end - at)
		return false;
	*out = (struct box){(uint32_t)be(head + 4, 4), at + header, at + size};
	return true;
}

/* --- single boxes ------------------------------------------------------------------------- */

static void read_mvhd(struct walk *walk, const struct box *box)
{
	unsigned char b[32];
	size_t wide;
	uint64_t created, scale, duration;

	if (!get(walk, box->at, box->end, b, 20) ||
		(b[0] == 1 && !get(walk, box->at, box->end, b, 32)))
		return;
	wide = b[0] == 1 ? 8 : 4;
	created = be(b + 4, wide);
	scale = be(b + 4 + 2 * wide, 4);
	duration = be(b + 8 + 2 * wide, wide);
	if (created && created < 1ULL << 36)
		walk->info->created_ms = ((int64_t)created - EPOCH_1904) * 1000;
	if (scale && duration && duration < 1ULL << 48 && (wide == 8 || duration != UINT32_MAX))
		walk->info->duration_ms = (int64_t)((duration * 1000 + scale / 2) / scale);
}

/* The matrix is a b u / c d v / x y w; only whole quarter turns are understood. */
static unsigned read_turns(const unsigned char *matrix)
{
	int32_t a = (int32_t)be(matrix, 4), b = (int32_t)be(matrix + 4, 4);
	int32_t d = (int32_t)be(matrix + 16, 4);

	if (a == 0 && b > 0)
		return 1;
	if (a < 0 && d < 0)
		return 2;
	return a == 0 && b < 0 ? 3 : 0;
}

static void read_tkhd(struct walk *walk, const struct box *box)
{
	unsigned char b[96];
	size_t matrix;
	uint32_t width, height;

	if (walk->info->width || !get(walk, box->at, box->end, b, 84) ||
		(b[0] == 1 && !get(walk, box->at, box->end, b, 96)))
		return;
	matrix = b[0] == 1 ? 52 : 40;
	width = (uint32_t)be(b + matrix + 36, 2);
	height = (uint32_t)be(b + matrix + 40, 2);
	if (!width || !height)
		return;
	walk->info->width = width;
	walk->info->height = height;
	walk->info->turns = read_turns(b + matrix);
}

static void read_text(
	struct walk *walk, uint64_t at, uint64_t end, size_t len, char out[MP4_TEXT_MAX])
{
	char text[MP4_TEXT_MAX];

	if (len >= MP4_TEXT_MAX)
		len = MP4_TEXT_MAX - 1;
	if (out[0] || !get(walk, at, end, text, len))
		return;
	memcpy(out, text, len);
	out[len] = '\0';
}

/* A text of udta: length and language, 2 bytes each. */
static void read_udta_text(struct walk *walk, const struct box *box, char out[MP4_TEXT_MAX])
{
	unsigned char head[4];

	if (get(walk, box->at, box->end, head, 4))
		read_text(walk, box->at + 4, box->end, (size_t)be(head, 2), out);
}

/* 3GPP's place (TS 26.244): language, a name that ends in NUL, a role, then longitude, latitude and
 * height as 16.16; written down as ISO 6709 like the others. */
static void read_loci(struct walk *walk, const struct box *box)
{
	unsigned char b[80];
	uint64_t len = box->end - box->at;
	const unsigned char *end, *p;

	if (walk->info->location[0] || len < 20)
		return;
	len = len < sizeof(b) ? len : sizeof(b);
	if (!get(walk, box->at, box->end, b, (size_t)len))
		return;
	end = b + len;
	p = memchr(b + 6, 0, (size_t)len - 6);
	if (!p || end - p < 14)
		return;
	snprintf(walk->info->location, MP4_TEXT_MAX, "%+010.6f%+011.6f%+.3f/",
		(int32_t)be(p + 6, 4) / 65536.0, (int32_t)be(p + 2, 4) / 65536.0,
		(int32_t)be(p + 10, 4) / 65536.0);
}

/* --- Apple's keys and values -------------------------------------------------------------- */

static void read_keys(struct walk *walk, const struct box *box)
{
	unsigned char head[8];
	uint64_t at = box->at + 8;
	uint64_t count;

	if (!get(walk, box->at, box->end, head, 8))
		return;
	count = be(head + 4, 4);
	for (walk->key_count = 0; walk->key_count < count && walk->key_count < KEYS_MAX;) {
		char *key = walk->keys[walk->key_count];
		uint64_t size;

		if (!get(walk, at, box->end, head, 8) || (size = be(head, 4)) < 8 ||
			size > box->end - at)
			return;
		memset(key, 0, KEY_LEN);
		if (size - 8 < KEY_LEN)
			get(walk, at + 8, box->end, key, (size_t)size - 8);
		walk->key_count++;
		at += size;
	}
}

static char *find_place(struct mp4_info *info, const char *key)
{
	static const char prefix[] = "com.apple.quicktime.";
	const struct {
		const char *name;
		char *place;
	} places[] = {{"creationdate", info->date}, {"location.ISO6709", info->location},
		{"content.identifier", info->content_id}, {"make", info->make},
		{"model", info->model}, {"software", info->software}, {"title", info->title},
		{"description", info->description}};

	if (strncmp(key, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(key + sizeof(prefix) - 1, places[i].name) == 0)
			return places[i].place;
	return NULL;
}

/* Items are boxes whose type is the number of their key; each holds a data box with 8 bytes of
 * type and locale before the value. */
static void read_ilst(struct walk *walk, const struct box *box)
{
	struct box item, data;

	for (uint64_t at = box->at; next_box(walk, at, box->end, &item); at = item.end) {
		char *place = item.type >= 1 && item.type <= walk->key_count ?
			find_place(walk->info, walk->keys[item.type - 1]) :
			NULL;

		if (place && next_box(walk, item.at, item.end, &data) &&
			data.type == TYPE('d', 'a', 't', 'a') && data.end - data.at > 8)
			read_text(walk, data.at + 8, data.end,
				data.end - data.at - 8 < MP4_TEXT_MAX ?
					(size_t)(data.end - data.at - 8) :
					MP4_TEXT_MAX,
				place);
	}
}

/* --- the walk ----------------------------------------------------------------------------- */

static void walk_boxes(struct walk *walk, uint64_t at, uint64_t end, unsigned depth);

/* In ISO files meta begins with version and flags, in QuickTime it does not. */
static void walk_meta(struct walk *walk, const struct box *box, unsigned depth)
{
	unsigned char head[8];
	bool plain = get(walk, box->at, box->end, head, 8) && memcmp(head + 4, "hdlr", 4) == 0;

	if (box->end - box->at >= 8)
		walk_boxes(walk, box->at + (plain ? 0 : 4), box->end, depth);
}

static void walk_box(struct walk *walk, const struct box *box, unsigned depth)
{
	switch (box->type) {
	case TYPE('m', 'o', 'o', 'v'):
		walk->info->has_movie = true;
		walk_boxes(walk, box->at, box->end, depth + 1);
		break;
	case TYPE('t', 'r', 'a', 'k'):
	case TYPE('u', 'd', 't', 'a'):
		walk_boxes(walk, box->at, box->end, depth + 1);
		break;
	case TYPE('m', 'e', 't', 'a'):
		walk_meta(walk, box, depth + 1);
		break;
	case TYPE('m', 'v', 'h', 'd'):
		read_mvhd(walk, box);
		break;
	case TYPE('t', 'k', 'h', 'd'):
		read_tkhd(walk, box);
		break;
	case TYPE('k', 'e', 'y', 's'):
		read_keys(walk, box);
		break;
	case TYPE('i', 'l', 's', 't'):
		read_ilst(walk, box);
		break;
	case TYPE('l', 'o', 'c', 'i'):
		read_loci(walk, box);
		break;
	case TYPE('\xa9', 'x', 'y', 'z'):
		read_udta_text(walk, box, walk->info->location);
		break;
	default:
		break;
	}
}

static void walk_boxes(struct walk *walk, uint64_t at, uint64_t end, unsigned depth)
{
	struct box box;

	if (depth > DEPTH_MAX)
		return;
	for (; next_box(walk, at, end, &box); at = box.end)
		walk_box(walk, &box, depth);
}

void mp4_read_info(const struct media_reader *reader, struct mp4_info *out)
{
	struct walk walk = {.reader = reader, .info = out};

	*out = (struct mp4_info){.duration_ms = -1, .created_ms = INT64_MIN};
	walk_boxes(&walk, 0, reader->size, 0);
}

/* --- ISO 6709 ----------------------------------------------------------------------------- */

/* A signed number whose whole part has `digits` digits (degrees), 2 more (minutes) or 4 more. */
static bool take_angle(const char **text, size_t digits, int64_t *e7)
{
	const char *p = *text;
	double sign = *p == '-' ? -1 : 1, value, degrees;
	size_t whole;
	char *end;

	if (*p != '+' && *p != '-')
		return false;
	whole = strspn(++p, "0123456789");
	value = strtod(p, &end);
	if (!whole || whole > 7 || end < p + whole || strcspn(p, "eExX") < (size_t)(end - p))
		return false;
	degrees = value;
	if (whole == digits + 2)
		degrees = floor(value / 100) + fmod(value, 100) / 60;
	else if (whole == digits + 4)
		degrees = floor(value / 10000) + floor(fmod(value, 10000) / 100) / 60 +
			fmod(value, 100) / 3600;
	else if (whole > digits)
		return false;
	*e7 = llrint(sign * degrees * 1e7);
	*text = end;
	return true;
}

bool mp4_parse_location(
	const char *text, int64_t *lat_e7, int64_t *lon_e7, bool *has_alt, int64_t *alt_mm)
{
	int64_t lat, lon;
	double alt;
	char *end;

	if (!take_angle(&text, 2, &lat) || !take_angle(&text, 3, &lon))
		return false;
	*lat_e7 = lat;
	*lon_e7 = lon;
	*has_alt = false;
	if (*text == '+' || *text == '-') {
		alt = strtod(text, &end);
		*has_alt = end > text + 1 && fabs(alt) < 1e9;
		*alt_mm = *has_alt ? llrint(alt * 1000) : 0;
	}
	return true;
}
