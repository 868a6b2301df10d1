/* photo_json.c - see photo_json.h.
 *
 * Invariant: the object's keys are always the same; what is unknown, or not for this reader, is null.
 */
#include "store/photo_json.h"
#include "base/time.h"
#include "store/album.h"

#include <string.h>

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *size_or_null(int64_t size)
{
	return size ? json_integer(size) : json_null();
}

static json_t *taken_json(const struct photo *photo)
{
	json_t *taken;
	char text[TIME_TEXT_LEN], offset[8];

	if (!photo->has_taken)
		return json_null();
	taken = json_object();
	time_format_wall(photo->wall, text);
	text[strcspn(text, ".")] = '\0';
	wire_set_text(&taken, "local", text);
	if (photo->offset == TIME_OFFSET_NONE)
		wire_set_null(&taken, "offset");
	else {
		time_format_offset(photo->offset, offset);
		wire_set_text(&taken, "offset", offset);
	}
	wire_set_json(&taken, "offset_source", text_or_null(photo->offset_source));
	wire_set_json(&taken, "source", text_or_null(photo->taken_source));
	return taken;
}

static json_t *place_json(const struct photo *photo, bool positions)
{
	json_t *gps;

	if (!photo->has_place || !positions)
		return json_null();
	gps = json_object();
	wire_set_json(&gps, "lat", json_real(photo->lat_e7 / 1e7));
	wire_set_json(&gps, "lon", json_real(photo->lon_e7 / 1e7));
	return gps;
}

static json_t *tags_json(const struct photo *photo)
{
	json_t *tags = json_array();

	vec_foreach (&photo->tags, char *, tag)
		if (json_array_append_new(tags, json_string(*tag)))
			wire_json_free(&tags);
	return tags;
}

static json_t *part_json(const struct photo_part *part, bool positions)
{
	json_t *line = json_object();

	wire_set_hex(&line, "part", part->id.bytes, SHA256_LEN);
	wire_set_text(&line, "role", part->role);
	wire_set_json(&line, "name", text_or_null(positions ? part->name : NULL));
	wire_set_text(&line, "mime", part->mime);
	wire_set_int(&line, "bytes", part->bytes);
	wire_set_json(&line, "width", size_or_null(part->width));
	wire_set_json(&line, "height", size_or_null(part->height));
	return line;
}

static json_t *parts_json(const struct photo *photo, bool positions)
{
	json_t *parts = json_array();

	vec_foreach (&photo->parts, const struct photo_part, part)
		if (json_array_append_new(parts, part_json(part, positions)))
			wire_json_free(&parts);
	return parts;
}

static const char *state_name(enum photo_state state)
{
	static const char *const names[] = {
		[PHOTO_SHOWN] = "shown", [PHOTO_REMOVED] = "removed", [PHOTO_ERASED] = "erased"};

	return names[state];
}

static void set_people(json_t **line, const struct photo *photo, const char *author)
{
	wire_set_text(line, "state", state_name(photo->state));
	wire_set_text(line, "kind", photo->kind);
	wire_set_int(line, "rotate", photo->rotate * 90);
	wire_set_text(line, "author", author);
	wire_set_uuid(line, "author_id", &photo->author);
	wire_set_int(line, "added", photo->added);
	wire_set_int(line, "likes", photo->likes);
	wire_set_int(line, "comments", photo->comments);
}

json_t *photo_json(struct store *store, const struct photo *photo, bool positions, struct err *err)
{
	_cleanup_str_ struct str author = STR_INIT(STR_MAX_LINE);
	json_t *line;

	if (participant_name(store, photo->album.key, &photo->author, &author, err))
		return NULL;
	line = json_object();
	wire_set_hex(&line, "photo", photo->id.bytes, SHA256_LEN);
	wire_set_uuid(&line, "album", &photo->album.id);
	wire_set_json(&line, "name", text_or_null(positions ? photo->name : NULL));
	wire_set_text(&line, "mime", photo->mime);
	wire_set_int(&line, "bytes", photo->bytes);
	wire_set_json(&line, "width", size_or_null(photo->width));
	wire_set_json(&line, "height", size_or_null(photo->height));
	wire_set_json(&line, "orientation", size_or_null(photo->orientation));
	wire_set_json(&line, "taken", taken_json(photo));
	wire_set_json(&line, "gps", place_json(photo, positions));
	wire_set_json(&line, "make", text_or_null(photo_text(photo, "make")));
	wire_set_json(&line, "model", text_or_null(photo_text(photo, "model")));
	wire_set_json(&line, "caption", text_or_null(photo->caption));
	wire_set_json(&line, "tags", tags_json(photo));
	wire_set_json(&line, "parts", parts_json(photo, positions));
	set_people(&line, photo, author.data);
	wire_set_json(&line, "thumbhash", text_or_null(photo_text(photo, "thumbhash")));
	if (!line)
		err_no_memory(err);
	return line;
}
