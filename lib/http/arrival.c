/* arrival.c - one file of a request on its way into an album; see arrival.h.
 *
 * The rules are import/intake's.  Invariant: from before the bytes have their name until the rows are committed,
 * the arrival's own `objects` keeps every sweep away from them.
 */
#include "http/arrival.h"
#include "http/decoder.h"
#include "http/server.h"

#include <stdlib.h>
#include <string.h>

struct arrival {
	struct objects *objects;
	struct intake file;
	struct intake_options options;
};

void arrival_free(struct arrival *a)
{
	if (!a)
		return;
	intake_release(&a->file);
	objects_close(a->objects);
	free(a);
}

static void free_arrival(struct arrival **a)
{
	arrival_free(*a);
}

static void fill_options(const struct config *config, struct intake_options *out)
{
	enum media_format format =
		config_choice(config, "variant.format") == 1 ? MEDIA_WEBP : MEDIA_JPEG;
	uint32_t thumb = (uint32_t)config_int(config, "thumb.size");
	uint32_t preview = (uint32_t)config_int(config, "preview.size");

	out->variant_count = 2;
	out->variants[0] = (struct media_variant_spec){.name = "thumb",
		.width = thumb,
		.height = thumb,
		.fit = MEDIA_FIT_COVER,
		.format = format,
		.quality = (int)config_int(config, "thumb.quality"),
		.out_fd = -1};
	out->variants[1] = (struct media_variant_spec){.name = "preview",
		.width = preview,
		.height = preview,
		.fit = MEDIA_FIT_CONTAIN,
		.format = format,
		.quality = (int)config_int(config, "preview.quality"),
		.out_fd = -1};
}

static int decode(struct arrival *a, struct http_call *call, struct err *err)
{
	struct media_request request;

	intake_ask(&a->file, call->store, &a->options, &request);
	if (decoder_run(call->server->decoder, &request, &a->file.result, err))
		return -1;
	a->file.has_result = true;
	return 0;
}

int arrival_make(struct http_call *call, const char *path, const char *name, size_t len,
	struct arrival **out, struct err *err)
{
	_cleanup_(free_arrival) struct arrival *a = mem_calloc(1, sizeof(*a));
	_cleanup_free_ char *dir = store_path(call->store, "objects");
	const struct settings *settings;

	if (!a || !dir)
		return err_no_memory(err);
	a->file = (struct intake)INTAKE_INIT;
	settings = settings_get(call->server->options.settings);
	fill_options(settings->config, &a->options);
	settings_put(settings);
	if (objects_open(dir, &a->objects, err) ||
		intake_read(&a->file, a->objects, path, name, len, err) || decode(a, call, err) ||
		intake_store(&a->file, call->store, a->objects, &a->options, err))
		return -1;
	/* Files of one person's phone pair as those of one folder do. */
	memcpy(&a->file.pair.folder, call->caller.user.bytes, sizeof(a->file.pair.folder));
	*out = mem_steal(&a);
	return 0;
}

int arrival_commit(const struct arrival *a, struct http_call *call, int64_t album,
	const char *caption, struct intake_outcome *out, struct err *err)
{
	return intake_commit(&a->file, call->store, call->tx, album, caption, out, err);
}
