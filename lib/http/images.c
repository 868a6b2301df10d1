/* images.c - photos as pictures of a size: image.jpg?w=640, image.webp?w=320&fit=cover.
 *
 * Pictures hold the ICC profile and nothing else of what the file says, so whoever may look may have them.  One that is
 * there is answered on the loop thread, usually without a statement; one that is not waits parked for
 * render.c.  Invariant: a picture is answered only as of the photo that the album shows now.
 */
#include "http/image_cache.h"
#include "http/image_memo.h"
#include "http/photos.h"
#include "http/render.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct wanted { /* one request */
	struct image_key key;
	bool with_signature;
	struct picture picture;
};

/* --- answering ---------------------------------------------------------------------------- */

static int answer(
	struct http_call *call, int fd, const char *type, const char *tag, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st)) {
		err_errno(err, "cannot examine the picture");
		close(fd);
		return -1;
	}
	metrics_add(call->server->options.metrics, METRIC_CACHE_HITS, 1);
	return http_answer_kept(call, fd, (uint64_t)st.st_size, type, tag, err);
}

/* 1 answered from the memo, 0 not there, -1. */
static int answer_known(struct http_call *call, const struct image_key *key, struct err *err)
{
	int64_t now = clock_now_ms(call->server->options.clock);
	char tag[IMAGE_TAG_LEN];
	const char *type;
	bool touch;
	int fd, found;

	found = image_memo_find(call->server->images, call->store, key,
		server_changes(call->server), now, &fd, tag, &type, &touch, err);
	if (found != 1)
		return found;
	if (touch)
		image_cache_touch(fd, now);
	return answer(call, fd, type, tag, err) ? -1 : 1;
}

/* --- which file --------------------------------------------------------------------------- */

/* What ingest has rendered already serves where it is just what is asked for. */
static const char *ready_made(const struct sized *sized, const struct config *config)
{
	static const struct {
		const char *name, *size, *quality;
		enum media_fit fit;
	} made[] = {
		{"thumb", "thumb.size", "thumb.quality", MEDIA_FIT_COVER},
		{"preview", "preview.size", "preview.quality", MEDIA_FIT_CONTAIN},
	};
	enum media_format format =
		config_choice(config, "variant.format") == 1 ? MEDIA_WEBP : MEDIA_JPEG;

	if (sized->width != sized->height || sized->format != format)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		if (made[i].fit == sized->fit && config_int(config, made[i].size) == sized->width &&
			(sized->usual || config_int(config, made[i].quality) == sized->quality))
			return made[i].name;
	return NULL;
}

/* The variant that answers: its name and where its file is, or will be.  UNSUPPORTED where ingest found that the photo
 * cannot be rendered. */
static int find_variant(
	struct http_call *call, const struct wanted *wanted, struct variant *out, struct err *err)
{
	const struct settings *settings = settings_get(call->server->options.settings);
	const char *name = ready_made(&wanted->picture.sized, settings->config);
	const struct picture *picture = &wanted->picture;
	struct variant made;

	settings_put(settings);
	if (variant_get(call->store, &picture->object, name ? name : "thumb", picture->rotate,
		    &made, err) < 0)
		return -1;
	if (made.state == VARIANT_FAILED)
		return err_set(
			err, ERR_UNSUPPORTED, "the photo cannot be rendered: %s", made.reason);
	if (name && made.state != VARIANT_NONE)
		*out = made;
	else
		render_variant(picture, out);
	return 0;
}

static void format_tag(
	const struct picture *picture, const struct variant *variant, char out[IMAGE_TAG_LEN])
{
	char hex[SHA256_HEX_LEN + 1];

	sha256_format(&picture->object, hex);
	snprintf(out, IMAGE_TAG_LEN, "%s-%s.r%d.%s", hex, variant->name, variant->rotate & 3,
		sized_extension(picture->sized.format));
}

/* 1 answered with the variant's file, 0 it is not there, -1. */
static int answer_variant(struct http_call *call, const struct wanted *wanted,
	const struct image_stamp *stamp, const struct variant *variant, struct err *err)
{
	_cleanup_(image_file_release) struct image_file file = {
		.path = variant_path(call->store, &wanted->picture.object, variant),
		.type = sized_mime(wanted->picture.sized.format)};
	int fd = file.path ? open(file.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;

	if (!file.path)
		return err_no_memory(err);
	if (fd < 0)
		return 0;
	format_tag(&wanted->picture, variant, file.tag);
	if (answer(call, fd, file.type, file.tag, err))
		return -1;
	if (!wanted->with_signature)
		image_memo_put(call->server->images, &wanted->key, stamp, &file);
	return 1;
}

/* --- finding the photo -------------------------------------------------------------------- */

static int find_picture(struct http_call *call, struct wanted *wanted, struct err *err)
{
	_cleanup_photo_ struct photo photo = PHOTO_INIT;
	const struct photo_part *part;
	struct photo_ref ref;

	if (http_find_photo(call, RESOLVE_SHOWN, &ref, err) ||
		photo_get(call->store, &ref, &photo, err))
		return -1;
	part = photo_shown_part(&photo);
	if (!part)
		return err_set(err, ERR_NOT_FOUND, "there is nothing of this photo");
	wanted->picture = (struct picture){
		.object = part->id, .rotate = photo.rotate, .sized = wanted->key.sized};
	if (part->name && strlen(part->name) < sizeof(wanted->picture.name))
		memcpy(wanted->picture.name, part->name, strlen(part->name) + 1);
	return 0;
}

/* What cannot be rendered is the photo's fault, and will be so next time. */
static int refuse(struct http_call *call, const struct err *why, struct err *err)
{
	if (why->kind != ERR_UNSUPPORTED) {
		*err = *why;
		return -1;
	}
	http_answer_problem(call, 422, why);
	return 0;
}

static int find_or_render(struct http_call *call, struct wanted *wanted, struct err *err)
{
	uint64_t changes = server_changes(call->server);
	struct image_stamp stamp;
	struct variant variant;
	struct err why = ERR_INIT;
	int done;

	if (image_stamp_take(call->store, changes, call->album.key, &stamp, err) ||
		find_picture(call, wanted, err))
		return -1;
	if (find_variant(call, wanted, &variant, &why))
		return refuse(call, &why, err);
	done = answer_variant(call, wanted, &stamp, &variant, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (render_failed(call->server->render, &wanted->picture, &why))
		return refuse(call, &why, err);
	if (call->work) /* waited once: nobody waits in circles */
		return err_set(err, ERR_OFFLINE, "the picture was rendered and is gone again");
	call->work = call;
	return render_submit(call->server->render, &wanted->picture, call, err) ? -1 : HTTP_PARK;
}

static int image(struct http_call *call, enum media_format format, struct err *err)
{
	struct wanted wanted = {.key.album = call->album.key};
	const struct settings *settings;
	int known;

	if (http_param_hash(call, "photo", &wanted.key.photo, err))
		return -1;
	settings = settings_get(call->server->options.settings);
	known = sized_read(call, &wanted.key.photo, format, settings, &wanted.key.sized,
		&wanted.with_signature, err);
	settings_put(settings);
	if (!known && !wanted.with_signature)
		known = answer_known(call, &wanted.key, err);
	if (known)
		return known < 0 ? -1 : 0;
	return find_or_render(call, &wanted, err);
}

static int image_jpeg(struct http_call *call, struct err *err)
{
	return image(call, MEDIA_JPEG, err);
}

static int image_webp(struct http_call *call, struct err *err)
{
	return image(call, MEDIA_WEBP, err);
}

#define PHOTO_PATH "/v1/albums/{album}/photos/{photo}"

const struct http_route images_routes[] = {
	{"getImageJpeg", HTTP_GET, PHOTO_PATH "/image.jpg", ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ,
		.lane = LANE_INLINE, .handle = image_jpeg},
	{"getImageWebp", HTTP_GET, PHOTO_PATH "/image.webp", ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ,
		.lane = LANE_INLINE, .handle = image_webp},
	{.name = NULL},
};
