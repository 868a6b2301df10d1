/* photos.c - what the commands about photos share; see photos.h. */
#include "photos.h"
#include "base/time.h"
#include "store/photo_json.h"

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

json_t *photos_json(struct cmd_ctx *ctx, const struct photo *photo, struct err *err)
{
	char album[ALBUM_NAME_MAX];
	json_t *line;

	if (album_name(ctx->store, photo->album.key, album, err))
		return NULL;
	line = photo_json(ctx->store, photo, true, err);
	if (line)
		wire_set_text(&line, "album_name", album);
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
