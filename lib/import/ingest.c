/* ingest.c - the loop of ingest: take a file, have it decoded, commit in batches; see ingest.h.
 *
 * Reading the next file goes on while the workers decode.  Memory is bounded by the length of the
 * queue.  Invariant: jobs leave the queue in the order of the source, and only committed or refused.
 */
#include "import/ingest_inner.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUEUE_MAX   64                            /* files that were read and are not committed */
#define BATCH_FILES 32                            /* committed together once so many are done … */
#define BATCH_BYTES ((uint64_t)192 * 1024 * 1024) /* … or hold so many bytes */

const char *ingest_status_name(enum ingest_status status)
{
	static const char *const names[] = {"added", "duplicate", "refused", "failed"};

	return names[status];
}

void job_free(struct job *job)
{
	if (!job)
		return;
	free(job->path);
	free(job->name);
	free(job->origin.path);
	object_writer_abort(job->writer);
	mem_close_fd(&job->fd);
	mem_close_fd(&job->sidecar_fd);
	sidecar_drop_all(&job->sidecars);
	for (size_t i = 0; i < MEDIA_VARIANT_MAX; i++)
		variant_file_close(&job->files[i]);
	if (job->has_result)
		media_result_release(&job->result);
	json_decref(job->facts);
	json_decref(job->facts_object);
	free(job);
}

/* --- telling ---------------------------------------------------------------------------- */

static bool all_made(const struct ingest *in, const struct job *job)
{
	if (in->options->dry_run || in->options->no_render || !job->type.kind)
		return true;
	if (job->has_result && job->result.status != MEDIA_OK)
		return false;
	for (size_t i = 0; job->has_result && i < in->options->variant_count; i++)
		if (!job->result.variants[i].made)
			return false;
	return true;
}

int ingest_report(struct ingest *in, const struct job *job, struct err *err)
{
	struct ingest_result result = {.path = job->path,
		.status = job->status,
		.has_photo = job->status == INGEST_ADDED || job->status == INGEST_DUPLICATE,
		.photo = job->photo,
		.role = job->status == INGEST_ADDED ? job->role : NULL,
		.rendered = true};
	struct ingest_totals *t = in->totals;

	switch (job->status) {
	case INGEST_ADDED:
		t->added++;
		t->bytes += (int64_t)job->size;
		result.rendered = all_made(in, job);
		t->unrendered += !result.rendered;
		if (!result.rendered)
			result.reason = job->result.reason;
		break;
	case INGEST_DUPLICATE:
		t->duplicate++;
		break;
	case INGEST_REFUSED:
		t->refused++;
		break;
	case INGEST_FAILED:
		t->failed++;
		break;
	}
	if (*job->why.message)
		result.reason = job->why.message;
	return in->options->report ? in->options->report(in->options->data, &result, err) : 0;
}

static int tell_progress(struct ingest *in)
{
	if (in->options->progress &&
		in->options->progress(
			in->options->data, in->items, in->bytes, in->total_items, in->total_bytes))
		in->stopped = true;
	return in->stopped;
}

/* --- the queue -------------------------------------------------------------------------- */

static struct job *find_job(struct ingest *in, uint64_t token)
{
	struct job *job = in->first;

	while (job && job->token != token)
		job = job->next;
	return job;
}

/* The first answer is kept; a second one (a late sidecar) brings better facts. */
static void answer(struct job *job, struct media_result *result)
{
	if (!job->has_result) {
		job->result = *result;
		job->has_result = true;
		if (*job->cannot_render.message)
			snprintf(job->result.reason, sizeof(job->result.reason), "%.*s",
				(int)sizeof(job->result.reason) - 1, job->cannot_render.message);
		else if (!*job->result.reason)
			snprintf(job->result.reason, sizeof(job->result.reason), "not rendered");
	} else {
		free(job->result.facts);
		job->result.facts = mem_steal(&result->facts);
		media_result_release(result);
	}
	job->state = job->again ? JOB_READ : JOB_DONE;
	job->again = false;
}

/* Collects one result: 1, or 0 when none is ready. */
static int collect(struct ingest *in, bool wait, struct err *err)
{
	struct media_result result;
	struct job *job;
	int got = media_collect(in->pool, wait, &result, err);

	if (got != 1)
		return got;
	job = find_job(in, result.token);
	if (job)
		answer(job, &result);
	else
		media_result_release(&result);
	return 1;
}

/* A cache that cannot be written to costs the variants, never the photo. */
static void ask_for_variants(struct ingest *in, struct job *job, struct media_request *request)
{
	for (size_t i = 0; i < in->options->variant_count; i++) {
		request->variants[i] = in->options->variants[i];
		if (variant_file_open(in->store, &job->hash, &job->files[i], &job->cannot_render))
			return;
		request->variants[i].out_fd = job->files[i].fd;
		request->variant_count = i + 1;
	}
}

static int submit(struct ingest *in, struct job *job, struct err *err)
{
	struct media_request request = {.token = job->token,
		.fd = job->fd,
		.sidecar_fd = job->sidecar_fd,
		.name = job->name,
		.facts = true};

	if (!in->options->no_render && !in->rescuing && !job->has_result)
		ask_for_variants(in, job, &request);
	if (media_submit(in->pool, &request, err))
		return -1;
	job->state = JOB_DECODING;
	return 0;
}

/* How many jobs at the head of the queue are done, and their bytes. */
static size_t done_prefix(const struct ingest *in, uint64_t *bytes)
{
	size_t count = 0;

	*bytes = 0;
	for (const struct job *job = in->first; job && job->state == JOB_DONE; job = job->next) {
		*bytes += job->size;
		count++;
	}
	return count;
}

/* Hands jobs that were read to workers that are free.  It does not wait for one: reading goes on
 * while workers start and decode, as far as the queue allows. */
static int feed(struct ingest *in, struct err *err)
{
	for (struct job *job = in->first; job && media_idle(in->pool); job = job->next)
		if (job->state == JOB_READ && submit(in, job, err))
			return -1;
	return 0;
}

/* Commits when enough is done; waits for the decoder when the queue is full. */
static int advance(struct ingest *in, bool all, struct err *err)
{
	for (;;) {
		uint64_t bytes;
		size_t done;
		int got;

		while ((got = collect(in, false, err)) == 1)
			;
		if (got < 0 || feed(in, err))
			return -1;
		done = done_prefix(in, &bytes);
		if (done &&
			(done >= BATCH_FILES || bytes >= BATCH_BYTES ||
				(all && done == in->queued))) {
			if (ingest_commit(in, done, err))
				return -1;
			continue;
		}
		if (in->queued == 0 || (!all && in->queued < QUEUE_MAX))
			return 0;
		if (collect(in, true, err) < 0)
			return -1;
	}
}

/* --- the run ---------------------------------------------------------------------------- */

/* A first walk, so that the bar knows where it ends. */
static int look_ahead(struct ingest *in, char *const *paths, size_t count, struct err *err)
{
	struct source *source = NULL;
	struct source_item item;
	int more = source_open(&in->options->source, &source, err);

	for (size_t i = 0; !more && i < count; i++)
		more = source_add_path(source, paths[i], err);
	if (!more)
		while ((more = source_next(source, &item, err)) == 1) {
			if (item.kind == SOURCE_ARCHIVE)
				source_skip_archive(source);
			if (item.kind == SOURCE_FILE || item.kind == SOURCE_ARCHIVE) {
				in->total_items += item.kind == SOURCE_FILE;
				in->total_bytes += item.size;
			}
		}
	source_close(source);
	return more < 0 ? -1 : 0;
}

static int open_parts(
	struct ingest *in, char *const *paths, size_t count, int list_fd, struct err *err)
{
	uint64_t swept;

	in->cwd = getcwd(NULL, 0);
	if (!in->cwd)
		return err_errno(err, "cannot tell the current directory");
	if (in->options->look_ahead && list_fd < 0 && look_ahead(in, paths, count, err))
		return -1;
	if (source_open(&in->options->source, &in->source, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (source_add_path(in->source, paths[i], err))
			return -1;
	if (list_fd >= 0 && source_add_list(in->source, list_fd, err))
		return -1;
	if (in->options->dry_run)
		return 0;
	return object_sweep_tmp(in->store->objects, &swept, err) ||
			variant_sweep_tmp(in->store, &swept, err) ||
			object_group_open(in->store->objects, &in->group, err) ||
			media_pool_open(&in->options->media, &in->pool, err) ?
		-1 :
		0;
}

/* One after the other, so that workers decode meanwhile. */
static int judge_rest(struct ingest *in, struct err *err)
{
	while (in->unjudged) {
		if (ingest_judge(in, in->unjudged_count - 1, err) ||
			(in->pool && advance(in, false, err)))
			return -1;
		tell_progress(in);
	}
	return 0;
}

static int take_all(struct ingest *in, struct err *err)
{
	struct source_item item;
	int more = 0;

	while (!in->stopped && (more = source_next(in->source, &item, err)) == 1) {
		if (ingest_take(in, &item, err) || (in->pool && advance(in, false, err)))
			return -1;
		tell_progress(in);
	}
	if (more < 0 || judge_rest(in, err) || sidecar_end_group(in, err))
		return -1;
	in->totals->skipped = (int64_t)source_skipped(in->source);
	return in->pool ? advance(in, true, err) : 0;
}

static void give_up_variants(struct job *job, const struct err *why)
{
	if (job->state == JOB_DECODING || !job->has_result)
		return;
	for (size_t i = 0; i < MEDIA_VARIANT_MAX; i++) {
		variant_file_close(&job->files[i]);
		job->result.variants[i].made = false;
	}
	snprintf(job->result.reason, sizeof(job->result.reason), "%.*s",
		(int)sizeof(job->result.reason) - 1, why->message);
}

static void free_jobs(struct job *job)
{
	struct job *next;

	for (; job; job = next) {
		next = job->next;
		job_free(job);
	}
}

/* The disk was full for the next file.  Half of those that wait are let go, and the images of the others,
 * which can be made again: that makes room for their rows and facts. */
static void save_what_fits(struct ingest *in, const struct err *err)
{
	struct job *job;
	struct err lost = ERR_INIT;

	if (!err || err->kind != ERR_NO_SPACE || in->committing || ingest_judge(in, 0, &lost) ||
		in->queued < 2)
		return;
	in->queued /= 2;
	in->rescuing = true;
	job = in->first;
	give_up_variants(job, err);
	for (size_t i = 1; i < in->queued; i++) {
		job = job->next;
		give_up_variants(job, err);
	}
	in->last = job;
	free_jobs(mem_steal(&job->next));
	advance(in, true, &lost);
}

static void close_parts(struct ingest *in)
{
	media_pool_close(in->pool);
	free_jobs(in->first);
	free_jobs(in->unjudged);
	sidecar_drop_group(in);
	tdestroy(in->dry, free);
	object_group_close(in->group);
	source_close(in->source);
	free(in->cwd);
}

int ingest_run(struct store *store, const struct ingest_options *options, char *const *paths,
	size_t path_count, int list_fd, struct ingest_totals *totals, struct err *err)
{
	struct ingest in = {.store = store, .options = options, .totals = totals};
	int64_t started = clock_mono_us(store->clock);
	int failed;

	memset(totals, 0, sizeof(*totals));
	failed = open_parts(&in, paths, path_count, list_fd, err) || take_all(&in, err);
	if (failed)
		save_what_fits(&in, err);
	else if (!options->dry_run)
		failed = store_settle(store, err);
	close_parts(&in);
	totals->ms = (clock_mono_us(store->clock) - started) / 1000;
	if (failed)
		return -1;
	return in.stopped ?
		err_set(err, ERR_INTERRUPTED,
			"interrupted: what was done is kept, run it again for the rest") :
		0;
}
