/* photo_draft.c - the bodies of photo.add and photo.part out of what pinhole-media found.
 *
 * What not every member may see stays in the facts object.  Invariant: whatever the decoder said, the
 * body passes the event's check: numbers out of range are left out, texts are clipped.
 */
#include "store/photo.h"

#include "event/kind.h"

#include <string.h>

#define DESCRIPTION_MAX BODY_TEXT_MAX
#define WORD_MAX        64 /* bytes of mime and sources */
#define KEYWORD_MAX     128
#define KEYWORDS_MAX    64

/* A copy without control characters (they would grow sixfold in JSON), at most `max` bytes; NULL
 * when nothing is left. */
static char *clip_text(const char *text, size_t max)
{
	size_t len = text_clip_utf8(text, strlen(text), max);
	char *copy = len ? mem_strndup(text, len) : NULL;

	for (char *p = copy; p && *p; p++)
		if ((unsigned char)*p < ' ' && *p != '\n' && *p != '\t')
			*p = ' ';
	return copy;
}

static void copy_text(
	json_t **body, const char *key, const json_t *from, const char *from_key, size_t max)
{
	const char *text = json_string_value(json_object_get(from, from_key));
	_cleanup_free_ char *clipped = text ? clip_text(text, max) : NULL;

	wire_set_text(body, key, clipped);
}

struct number {
	const char *key, *media;
	int64_t min, max;
};

static const struct number sizes[] = {
	{"width", "width", 1, INT32_MAX},
	{"height", "height", 1, INT32_MAX},
	{"duration", "duration_ms", 0, INT64_MAX},
	{NULL, NULL, 0, 0},
};

static const struct number details[] = {
	{"orientation", "orientation", 1, 8},
	{"exposure", "exposure_us", 1, INT64_MAX},
	{"f_number", "f_number_x100", 1, INT32_MAX},
	{"iso", "iso", 1, INT32_MAX},
	{"focal", "focal_mm_x10", 1, INT32_MAX},
	{"frames", "frames", 1, INT32_MAX},
	{"rating", "rating", -1, 5},
	{NULL, NULL, 0, 0},
};

static void copy_numbers(json_t **body, const json_t *media, const struct number *numbers)
{
	for (const struct number *n = numbers; n->key; n++) {
		int64_t value = 0;

		if (json_object_get(media, n->media) &&
			!wire_get_int(media, n->media, WIRE_REQUIRED, n->min, n->max, &value, NULL))
			wire_set_int(body, n->key, value);
	}
}

static void copy_taken(json_t **body, const json_t *media)
{
	int64_t wall, offset = TIME_OFFSET_NONE;
	json_t *taken;

	if (wire_get_int(media, "taken_ms", WIRE_REQUIRED, -62135596800000, 253402300799999, &wall,
		    NULL))
		return;
	taken = json_object();
	wire_set_int(&taken, "local", wall);
	copy_text(&taken, "source", media, "taken_source", WORD_MAX);
	if (!wire_get_int(media, "offset", WIRE_OPTIONAL, -TIME_OFFSET_MAX, TIME_OFFSET_MAX,
		    &offset, NULL) &&
		offset != TIME_OFFSET_NONE) {
		wire_set_int(&taken, "offset", offset);
		copy_text(&taken, "offset_source", media, "offset_source", WORD_MAX);
	}
	wire_set_json(body, "taken", taken);
}

static void copy_keywords(json_t **body, const json_t *media)
{
	json_t *list, *keyword;
	size_t i;

	if (!json_array_size(json_object_get(media, "keywords")))
		return;
	list = json_array();
	json_array_foreach (json_object_get(media, "keywords"), i, keyword) {
		const char *text = json_string_value(keyword);
		_cleanup_free_ char *clipped = text ? clip_text(text, KEYWORD_MAX) : NULL;

		if (clipped && json_array_size(list) < KEYWORDS_MAX)
			json_array_append_new(list, json_string(clipped));
	}
	if (json_array_size(list))
		wire_set_json(body, "keywords", list);
	else
		wire_json_free(&list);
}

static json_t *file_body(const struct photo_file *file)
{
	json_t *body = json_object();

	wire_set_text(&body, "mime", file->mime);
	wire_set_int(&body, "bytes", (int64_t)file->bytes);
	if (file->facts)
		wire_set_hex(&body, "facts", file->facts->bytes, SHA256_LEN);
	copy_numbers(&body, file->media, sizes);
	return body;
}

static int fill_draft(const struct store *store, int64_t album, const char *kind,
	const struct sha256 *photo, struct draft *draft, json_t **body, json_t *made,
	struct err *err)
{
	if (!made)
		return err_no_memory(err);
	store_draft(store, album, kind, draft);
	draft->about = entity_from_hash(photo);
	draft->body = *body = made;
	return 0;
}

int photo_add_draft(const struct store *store, int64_t album, const struct photo_file *file,
	struct draft *draft, json_t **body, struct err *err)
{
	static const char *const texts[] = {"make", "model", "lens", "title", "thumbhash"};
	const json_t *media = file->media;
	json_t *b = file_body(file);

	wire_set_text(&b, "kind", file->kind);
	copy_numbers(&b, media, details);
	copy_taken(&b, media);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		copy_text(&b, texts[i], media, texts[i], BODY_TITLE_MAX);
	copy_text(&b, "description", media, "description", DESCRIPTION_MAX);
	copy_keywords(&b, media);
	if (json_is_true(json_object_get(media, "motion")))
		wire_set_bool(&b, "motion", true);
	return fill_draft(store, album, "photo.add", &file->hash, draft, body, b, err);
}

int photo_part_draft(const struct store *store, int64_t album, const struct sha256 *photo,
	const char *role, const struct photo_file *file, struct draft *draft, json_t **body,
	struct err *err)
{
	json_t *b = file_body(file);

	wire_set_text(&b, "role", role);
	wire_set_hex(&b, "part", file->hash.bytes, SHA256_LEN);
	return fill_draft(store, album, "photo.part", photo, draft, body, b, err);
}
