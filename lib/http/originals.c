/* originals.c - the bytes of photos and of their parts, as they were added.
 *
 * Originals say where they were taken, so only roles with RIGHT_POSITIONS get them; others look at images.c's
 * pictures.  Nothing is read here but rows.  Invariant: a part is found only through a photo that is
 * shown in the caller's album, and what a browser could run is only ever saved.
 */
#include "http/photos.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
	const char *mime, *extension;
	bool inlined; /* browsers show it, and show it as nothing else */
} types[] = {
	{"image/jpeg", ".jpg", true},
	{"image/png", ".png", true},
	{"image/webp", ".webp", true},
	{"image/gif", ".gif", true},
	{"image/avif", ".avif", true},
	{"image/heic", ".heic", true},
	{"image/heif", ".heif", true},
	{"video/mp4", ".mp4", true},
	{"video/quicktime", ".mov", true},
	{"video/webm", ".webm", true},
	{"image/tiff", ".tif", false},
	{"image/x-adobe-dng", ".dng", false},
	{"image/x-canon-cr2", ".cr2", false},
	{"image/x-nikon-nef", ".nef", false},
	{"image/x-sony-arw", ".arw", false},
	{"video/3gpp", ".3gp", false},
};

/* What the bytes are sent as: a type that we know, or bytes. */
static void set_type(
	const struct photo_part *part, struct http_media *media, const char **extension)
{
	media->type = "application/octet-stream";
	media->inlined = false;
	*extension = "";
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].mime, part->mime) == 0) {
			media->type = types[i].mime;
			media->inlined = types[i].inlined;
			*extension = types[i].extension;
		}
}

static int answer_part(struct http_call *call, const struct photo_part *part, struct err *err)
{
	char hex[SHA256_HEX_LEN + 1], tag[SHA256_HEX_LEN + 16], name[SHA256_HEX_LEN + 16];
	struct http_media media = {.tag = tag};
	const char *extension;
	struct stat st;

	sha256_format(&part->id, hex);
	snprintf(tag, sizeof(tag), "%s-original", hex);
	set_type(part, &media, &extension);
	snprintf(name, sizeof(name), "%.8s%s", hex, extension);
	media.name = part->name && *part->name ? part->name : name;
	if (http_query(&call->request, "download"))
		media.inlined = false;
	media.fd = object_open(call->store->objects, &part->id, err);
	if (media.fd < 0)
		return -1;
	if (fstat(media.fd, &st)) {
		mem_close_fd(&media.fd);
		return err_errno(err, "cannot examine the file");
	}
	media.size = (uint64_t)st.st_size;
	return http_answer_media(call, &media, err);
}

/* Answers with the part of the photo that has this hash; NULL: the one that was added first. */
static int answer(struct http_call *call, const struct sha256 *hash, struct err *err)
{
	_cleanup_photo_ struct photo photo = PHOTO_INIT;
	struct photo_ref ref;

	if (http_find_photo(call, RESOLVE_SHOWN, &ref, err) ||
		photo_get(call->store, &ref, &photo, err))
		return -1;
	vec_foreach (&photo.parts, const struct photo_part, part)
		if (sha256_compare(&part->id, hash ? hash : &photo.id) == 0)
			return answer_part(call, part, err);
	return err_set(err, ERR_NOT_FOUND, "there is no such part of this photo");
}

static int original(struct http_call *call, struct err *err)
{
	return answer(call, NULL, err);
}

static int part(struct http_call *call, struct err *err)
{
	struct sha256 hash;

	return http_param_hash(call, "part", &hash, err) ? -1 : answer(call, &hash, err);
}

#define PHOTO_PATH "/v1/albums/{album}/photos/{photo}"

const struct http_route originals_routes[] = {
	{"getOriginal", HTTP_GET, PHOTO_PATH "/original", ACCESS_ALBUM, RIGHT_POSITIONS, SCOPE_READ,
		.lane = LANE_INLINE, .handle = original},
	{"getPart", HTTP_GET, PHOTO_PATH "/parts/{part}", ACCESS_ALBUM, RIGHT_POSITIONS, SCOPE_READ,
		.lane = LANE_INLINE, .handle = part},
	{.name = NULL},
};
