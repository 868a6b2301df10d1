/* render.c - renders missing variants through pinhole-media; see render.h.
 *
 * Invariant: a variant's file is in its place before the row that names it.
 */
#include "import/render.h"
#include "store/variant.h"

#include <string.h>

/* One object on its way; its request's variants are the specs that `wanted` numbers. */
struct job {
	const struct render_item *item;
	int fd;
	size_t count, wanted[MEDIA_VARIANT_MAX];
	struct variant_file files[MEDIA_VARIANT_MAX];
};

struct render {
	struct store *store;
	const struct render_options *options;
	struct media_pool *pool; /* NULL until something is missing */
	struct vec jobs;         /* struct job; a request's token is its place here */
	struct render_totals totals;
};

bool render_item_from_photo(const struct photo *photo, struct render_item *out)
{
	const struct photo_part *part = photo_shown_part(photo);
	struct render_item item = {.rotate = photo->rotate};

	if (!part)
		return false;
	item.object = part->id;
	if (part->name && strlen(part->name) < sizeof(item.name))
		memcpy(item.name, part->name, strlen(part->name) + 1);
	*out = item;
	return true;
}

static void job_close(struct job *job)
{
	for (size_t i = 0; i < job->count; i++)
		variant_file_close(&job->files[i]);
	mem_close_fd(&job->fd);
}

static void render_release(struct render *r)
{
	media_pool_close(r->pool);
	vec_foreach (&r->jobs, struct job, job)
		job_close(job);
	vec_release(&r->jobs);
}

/* --- one result ------------------------------------------------------------------------- */

static void describe(const struct media_variant_spec *spec, const struct media_result *result,
	size_t i, int rotate, struct variant *out)
{
	static const char *const mimes[] = {[MEDIA_JPEG] = "image/jpeg",
		[MEDIA_WEBP] = "image/webp",
		[MEDIA_PNG] = "image/png"};
	const struct media_variant_result *made = &result->variants[i];

	*out = (struct variant){.rotate = rotate,
		.state = VARIANT_FAILED,
		.width = made->width,
		.height = made->height,
		.bytes = (int64_t)made->bytes};
	if (made->made)
		out->state = result->status == MEDIA_DAMAGED ? VARIANT_DAMAGED : VARIANT_READY;
	memccpy(out->name, spec->name, '\0', sizeof(out->name) - 1);
	memccpy(out->mime, mimes[spec->format], '\0', sizeof(out->mime) - 1);
	if (out->state != VARIANT_READY)
		memccpy(out->reason, result->reason, '\0', sizeof(out->reason) - 1);
}

static int keep_result(
	struct render *r, struct job *job, const struct media_result *result, struct err *err)
{
	struct variant variants[MEDIA_VARIANT_MAX];
	_cleanup_tx_ struct db_tx tx = DB_TX_INIT;

	for (size_t i = 0; i < job->count; i++) {
		struct variant *v = &variants[i];

		describe(&r->options->variants[job->wanted[i]], result, i, job->item->rotate, v);
		if (v->state == VARIANT_FAILED)
			r->totals.failed++;
		else if (variant_file_place(r->store, &job->item->object, v, &job->files[i], err))
			return -1;
		else
			r->totals.made++;
	}
	if (db_begin(r->store->db, "render", &tx, err))
		return -1;
	for (size_t i = 0; i < job->count; i++)
		if (variant_record(r->store, &job->item->object, &variants[i], err))
			return -1;
	return db_commit(&tx, err);
}

/* 1 took a result, 0 there was none, -1. */
static int collect(struct render *r, bool wait, struct err *err)
{
	struct media_result result;
	int got = media_collect(r->pool, wait, &result, err), failed;
	struct job *job;

	if (got != 1)
		return got;
	job = vec_at(&r->jobs, (size_t)result.token);
	failed = keep_result(r, job, &result, err);
	job_close(job);
	media_result_release(&result);
	return failed ? -1 : 1;
}

/* --- one request ------------------------------------------------------------------------ */

static int find_missing(struct render *r, struct job *job, struct err *err)
{
	for (size_t i = 0; i < r->options->variant_count; i++) {
		struct variant known;

		if (variant_get(r->store, &job->item->object, r->options->variants[i].name,
			    job->item->rotate, &known, err) < 0)
			return -1;
		if (known.state == VARIANT_NONE ||
			(r->options->again && known.state != VARIANT_READY))
			job->wanted[job->count++] = i;
	}
	return 0;
}

static int submit(struct render *r, size_t token, struct err *err)
{
	struct job *job = vec_at(&r->jobs, token);
	struct media_request request = {.token = token,
		.sidecar_fd = -1,
		.name = job->item->name[0] ? job->item->name : NULL,
		.rotate = job->item->rotate,
		.variant_count = job->count};

	job->fd = object_open(r->store->objects, &job->item->object, err);
	if (job->fd < 0)
		return -1;
	request.fd = job->fd;
	for (size_t i = 0; i < job->count; i++) {
		if (variant_file_open(r->store, &job->item->object, &job->files[i], err))
			return -1;
		request.variants[i] = r->options->variants[job->wanted[i]];
		request.variants[i].out_fd = job->files[i].fd;
	}
	return media_submit(r->pool, &request, err);
}

static int render_item(struct render *r, const struct render_item *item, struct err *err)
{
	struct job *job = vec_push_or(&r->jobs, err);

	if (!job)
		return -1;
	*job = (struct job){.item = item, .fd = -1};
	for (size_t i = 0; i < MEDIA_VARIANT_MAX; i++)
		job->files[i] = (struct variant_file)VARIANT_FILE_INIT;
	if (find_missing(r, job, err))
		return -1;
	if (!job->count) {
		vec_pop(&r->jobs);
		return 0;
	}
	if (!r->pool && media_pool_open(&r->options->media, &r->pool, err))
		return -1;
	while (!media_idle(r->pool))
		if (collect(r, true, err) < 0)
			return -1;
	return submit(r, r->jobs.count - 1, err);
}

int render_missing(struct store *store, const struct render_options *options,
	const struct vec *items, struct render_totals *out, struct err *err)
{
	_cleanup_(render_release) struct render r = {
		.store = store, .options = options, .jobs = VEC_INIT(struct job, items->max)};
	int got = 1;

	vec_foreach (items, const struct render_item, item)
		if (render_item(&r, item, err))
			return -1;
	while (r.pool && got == 1)
		got = collect(&r, true, err);
	if (got < 0)
		return -1;
	*out = r.totals;
	return 0;
}
