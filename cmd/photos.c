/* photos.c - what the commands about photos share; see photos.h. */
#include "photos.h"
#include "base/time.h"
#include "store/album.h"

#include <string.h>

int photos_name(struct cmd_ctx *ctx, const struct album_ref *album, const struct sha256 *id,
	char out[PHOTOS_NAME_MAX], struct err *err)
{
	char hex[SHA256_HEX_LEN + 1], name[ALBUM_NAME_MAX];

	if (album_name(ctx->store, album->key, name, err))
		return -1;
	sha256_format(id, hex);
	snprintf(out, PHOTOS_NAME_MAX, "%s:%.*s", name, PHOTOS_DIGITS, hex);
	return 0;
}

int photos_resolve(struct cmd_ctx *ctx, int argc, char **argv, const char *album,
	enum resolve_find find, struct vec *out, struct err *err)
{
	struct album_ref within;

	if (album && resolve_album(ctx->store, album, &within, err))
		return -1;
	for (int i = 0; i < argc; i++) {
		struct photo_ref *ref = vec_push_or(out, err);

		if (!ref ||
			resolve_photo(ctx->store, argv[i], album ? &within : NULL, find, ref, err))
			return -1;
	}
	return 0;
}

int photos_print_change(struct cmd_ctx *ctx, const char *status, const char *sentence,
	const struct photo_ref *ref, struct err *err)
{
	char name[PHOTOS_NAME_MAX];
	json_t *line;

	if (!ctx->json) {
		if (photos_name(ctx, &ref->album, &ref->id, name, err))
			return -1;
		print_line(ctx, "%s %s", sentence, name);
		return 0;
	}
	line = json_object();
	wire_set_text(&line, "status", status);
	wire_set_hex(&line, "photo", ref->id.bytes, SHA256_LEN);
	wire_set_uuid(&line, "album", &ref->album.id);
	return print_json_line(ctx, line, err);
}

/* --- JSON ------------------------------------------------------------------------------- */

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

static json_t *place_json(const struct photo *photo)
{
	json_t *gps;

	if (!photo->has_place)
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

static json_t *part_json(const struct photo_part *part)
{
	json_t *line = json_object();

	wire_set_hex(&line, "part", part->id.bytes, SHA256_LEN);
	wire_set_text(&line, "role", part->role);
	wire_set_json(&line, "name", text_or_null(part->name));
	wire_set_text(&line, "mime", part->mime);
	wire_set_int(&line, "bytes", part->bytes);
	wire_set_json(&line, "width", size_or_null(part->width));
	wire_set_json(&line, "height", size_or_null(part->height));
	return line;
}

static json_t *parts_json(const struct photo *photo)
{
	json_t *parts = json_array();

	vec_foreach (&photo->parts, const struct photo_part, part)
		if (json_array_append_new(parts, part_json(part)))
			wire_json_free(&parts);
	return parts;
}

static const char *state_name(enum photo_state state)
{
	static const char *const names[] = {
		[PHOTO_SHOWN] = "shown", [PHOTO_REMOVED] = "removed", [PHOTO_ERASED] = "erased"};

	return names[state];
}

static void set_people(
	json_t **line, const struct photo *photo, const char *author, const char *album)
{
	wire_set_text(line, "album_name", album);
	wire_set_text(line, "state", state_name(photo->state));
	wire_set_text(line, "kind", photo->kind);
	wire_set_int(line, "rotate", photo->rotate * 90);
	wire_set_text(line, "author", author);
	wire_set_uuid(line, "author_id", &photo->author);
	wire_set_int(line, "added", photo->added);
	wire_set_int(line, "likes", photo->likes);
	wire_set_int(line, "comments", photo->comments);
}

json_t *photos_json(struct cmd_ctx *ctx, const struct photo *photo, struct err *err)
{
	_cleanup_str_ struct str author = STR_INIT(STR_MAX_LINE);
	char album[ALBUM_NAME_MAX];
	json_t *line;

	if (participant_name(ctx->store, photo->album.key, &photo->author, &author, err) ||
		album_name(ctx->store, photo->album.key, album, err))
		return NULL;
	line = json_object();
	wire_set_hex(&line, "photo", photo->id.bytes, SHA256_LEN);
	wire_set_uuid(&line, "album", &photo->album.id);
	wire_set_json(&line, "name", text_or_null(photo->name));
	wire_set_text(&line, "mime", photo->mime);
	wire_set_int(&line, "bytes", photo->bytes);
	wire_set_json(&line, "width", size_or_null(photo->width));
	wire_set_json(&line, "height", size_or_null(photo->height));
	wire_set_json(&line, "orientation", size_or_null(photo->orientation));
	wire_set_json(&line, "taken", taken_json(photo));
	wire_set_json(&line, "gps", place_json(photo));
	wire_set_json(&line, "make", text_or_null(photo_text(photo, "make")));
	wire_set_json(&line, "model", text_or_null(photo_text(photo, "model")));
	wire_set_json(&line, "caption", text_or_null(photo->caption));
	wire_set_json(&line, "tags", tags_json(photo));
	wire_set_json(&line, "parts", parts_json(photo));
	set_people(&line, photo, author.data, album);
	if (!line)
		err_no_memory(err);
	return line;
}

/* --- times and rendering ---------------------------------------------------------------- */

void photos_format_taken(const struct photo *photo, char out[PHOTOS_TIME_MAX])
{
	char wall[TIME_TEXT_LEN], offset[8] = "";

	time_format_wall(photo->wall, wall);
	wall[strcspn(wall, ".")] = '\0';
	wall[strcspn(wall, "T")] = ' ';
	if (photo->offset != TIME_OFFSET_NONE)
		time_format_offset(photo->offset, offset);
	snprintf(out, PHOTOS_TIME_MAX, "%s%s%s", wall, *offset ? " " : "", offset);
}

int photos_render_options(struct cmd_ctx *ctx, struct render_options *out, struct err *err)
{
	const struct config *config = cmd_config(ctx, err);
	enum media_format format;

	if (!config)
		return -1;
	format = config_choice(config, "variant.format") == 1 ? MEDIA_WEBP : MEDIA_JPEG;
	*out = (struct render_options){
		.media = {.workers = 1,
			.max_pixels = (uint64_t)config_int(config, "media.max-pixels"),
			.max_memory = config_size(config, "media.max-memory"),
			.max_seconds = (unsigned)config_int(config, "media.max-seconds")},
		.variant_count = 2,
		.variants = {{.name = "thumb",
				     .width = (uint32_t)config_int(config, "thumb.size"),
				     .height = (uint32_t)config_int(config, "thumb.size"),
				     .fit = MEDIA_FIT_COVER,
				     .format = format,
				     .quality = (int)config_int(config, "thumb.quality"),
				     .out_fd = -1},
			{.name = "preview",
				.width = (uint32_t)config_int(config, "preview.size"),
				.height = (uint32_t)config_int(config, "preview.size"),
				.fit = MEDIA_FIT_CONTAIN,
				.format = format,
				.quality = (int)config_int(config, "preview.quality"),
				.out_fd = -1}},
	};
	return 0;
}
