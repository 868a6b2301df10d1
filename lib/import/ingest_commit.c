/* ingest_commit.c - a batch of decoded files becomes photos: bytes first, then rows.
 *
 * Invariant: when the transaction commits, every object and variant that it names is in place and
 * flushed (variants may be lost: they can be made again).
 */
#include "import/ingest_inner.h"
#include "base/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- bytes ------------------------------------------------------------------------------ */

/* The facts object joins the batch's group, so that one flush serves all. */
static int stage_facts(struct ingest *in, struct job *job, struct err *err)
{
	_cleanup_str_ struct str bytes = STR_INIT(FACTS_MAX);
	struct object_writer *writer = NULL;
	struct err why = ERR_INIT;
	uint64_t size;

	if (job->has_result && job->result.facts)
		job->facts =
			wire_parse(job->result.facts, strlen(job->result.facts), FACTS_MAX, &why);
	intake_refine_type(&job->type, job->facts);
	pair_from_facts(job->facts, intake_kind_name(job->type.kind), &job->pair);
	job->facts_object = facts_make(job->facts, job->name, strlen(job->name), err);
	if (!job->facts_object || facts_write(job->facts_object, &bytes, err) ||
		object_writer_open(in->store->objects, &writer, err))
		return -1;
	if (object_writer_add(writer, bytes.data, bytes.len, err) ||
		object_writer_finish(writer, &job->facts_hash, &size, err)) {
		object_writer_abort(writer);
		return -1;
	}
	return object_group_add(in->group, writer, err);
}

/* The object in its place is missing or damaged, and here are its bytes. */
static int mend(struct ingest *in, struct job *job, struct err *err)
{
	if (object_remove(in->store->objects, &job->hash, err) ||
		object_group_add(in->group, mem_steal(&job->writer), err))
		return -1;
	err_set(&job->why, ERR_DAMAGED, "the store had lost its bytes: they are back");
	return 0;
}

static int stage(struct ingest *in, struct job *job, struct err *err)
{
	if (job->known)
		return job->mend ? mend(in, job, err) : 0;
	if (object_group_add(in->group, mem_steal(&job->writer), err))
		return -1;
	return stage_facts(in, job, err);
}

static void fill_variant(
	const struct ingest *in, const struct job *job, size_t i, struct variant *out)
{
	intake_fill_variant(&in->options->variants[i], &job->result.variants[i], &job->result, out);
}

/* A variant that cannot be put in its place is one that was not made. */
static void place_variants(struct ingest *in, struct job *job)
{
	if (in->options->no_render || !job->has_result)
		return;
	for (size_t i = 0; i < in->options->variant_count; i++) {
		struct variant variant;
		struct err why = ERR_INIT;

		fill_variant(in, job, i, &variant);
		if (variant.state != VARIANT_FAILED &&
			variant_file_place(in->store, &job->hash, &variant, &job->files[i], &why)) {
			job->result.variants[i].made = false;
			snprintf(job->result.reason, sizeof(job->result.reason), "%.*s",
				(int)sizeof(job->result.reason) - 1, why.message);
		}
		variant_file_close(&job->files[i]);
	}
}

/* --- rows ------------------------------------------------------------------------------- */

static int record_variants(struct ingest *in, const struct job *job, struct err *err)
{
	if (in->options->no_render || !job->has_result)
		return 0;
	for (size_t i = 0; i < in->options->variant_count; i++) {
		struct variant variant;

		fill_variant(in, job, i, &variant);
		if (variant_record(in->store, &job->hash, &variant, err))
			return -1;
	}
	return 0;
}

static int remember_source(struct ingest *in, const struct job *job, struct err *err)
{
	static const struct db_sql sql = {"source_put",
		"INSERT INTO source(path, album, device, inode, size, mtime, hash)"
		" VALUES(:path, :album, :device, :inode, :size, :mtime, :hash)"
		" ON CONFLICT(path, album) DO UPDATE SET device = excluded.device,"
		" inode = excluded.inode, size = excluded.size, mtime = excluded.mtime,"
		" hash = excluded.hash"};

	const struct origin *o = &job->origin;

	if (!o->path || in->options->move)
		return 0;
	return db_run(in->store->db, &sql, err, DB_BLOB(":path", o->path, strlen(o->path)),
		DB_INT(":album", in->options->album.key), DB_INT(":device", o->device),
		DB_INT(":inode", o->inode), DB_INT(":size", o->size), DB_INT(":mtime", o->mtime_ns),
		DB_BLOB(":hash", job->hash.bytes, SHA256_LEN));
}

static int submit_caption(
	struct ingest *in, struct event_tx *tx, const struct job *job, struct err *err)
{
	_cleanup_json_ json_t *body = NULL;
	struct receipt receipt;
	struct draft draft;

	if (!in->options->caption || strcmp(job->role, "original") != 0)
		return 0;
	body = json_pack("{s:s}", "text", in->options->caption);
	if (!body)
		return err_no_memory(err);
	store_draft(in->store, in->options->album.key, "photo.caption", &draft);
	draft.about = entity_from_hash(&job->photo);
	draft.body = body;
	return event_submit(tx, &draft, &receipt, err);
}

/* photo.add, or photo.part where a shown photo of the album awaits it. */
static int submit_photo(struct ingest *in, struct event_tx *tx, struct job *job, struct err *err)
{
	struct photo_file file = {.hash = job->hash,
		.bytes = job->size,
		.mime = job->type.mime,
		.kind = intake_kind_name(job->type.kind),
		.media = job->facts,
		.facts = &job->facts_hash};
	_cleanup_json_ json_t *body = NULL;
	int64_t album = in->options->album.key;
	struct receipt receipt;
	struct draft draft;
	int partner = pair_find(in->store, album, &job->pair, NULL, &job->photo, &job->role, err);

	if (partner < 0)
		return -1;
	if (!partner) {
		job->photo = job->hash;
		job->role = "original";
	}
	if (partner ? photo_part_draft(
			      in->store, album, &job->photo, job->role, &file, &draft, &body, err) :
		      photo_add_draft(in->store, album, &file, &draft, &body, err))
		return -1;
	return event_submit(tx, &draft, &receipt, err);
}

/* 1 if the album has the file: an earlier job of the queue brought it, or another process meanwhile. */
static int commit_known(struct ingest *in, struct job *job, struct err *err)
{
	struct err removed = ERR_INIT;
	int known = ingest_find(in, &job->hash, &job->photo, &removed, err);

	if (known < 0 || ((known || job->known) && remember_source(in, job, err)))
		return -1;
	return known || job->known;
}

static int commit_job(struct ingest *in, struct event_tx *tx, struct job *job, struct err *err)
{
	int known = commit_known(in, job, err);

	if (known) {
		job->status = INGEST_DUPLICATE;
		return known < 0 ? -1 : 0;
	}
	/* An erase or fsck may have taken equal bytes between the flush and this transaction; from here
	 * on the writers' lock keeps them. */
	if (!object_exists(in->store->objects, &job->hash) ||
		!object_exists(in->store->objects, &job->facts_hash))
		return err_set(
			err, ERR_OFFLINE, "its bytes were erased meanwhile: ingest it again");
	if (facts_index(in->store, &job->facts_hash, job->facts_object, err) ||
		submit_photo(in, tx, job, err) || submit_caption(in, tx, job, err) ||
		record_variants(in, job, err) || remember_source(in, job, err) ||
		pair_remember(in->store, in->options->album.key, &job->pair, &job->hash,
			&job->photo, err))
		return -1;
	job->status = INGEST_ADDED;
	return 0;
}

static int commit_rows(struct ingest *in, size_t count, struct err *err)
{
	struct job *job = in->first;
	size_t done = 0;

	while (done < count) {
		_cleanup_event_tx_ struct event_tx *tx = NULL;

		if (event_begin(in->store->events, "ingest", &tx, err))
			return -1;
		do {
			if (commit_job(in, tx, job, err))
				return err_prefix(err, "%s", job->path);
			job = job->next;
			done++;
		} while (done < count && !event_should_commit(tx));
		if (event_commit(&tx, err))
			return -1;
	}
	return 0;
}

/* --- afterwards ------------------------------------------------------------------------- */

static int finish_jobs(struct ingest *in, size_t count, struct err *err)
{
	int failed = 0;

	while (count-- && in->first) {
		struct job *job = in->first;

		in->first = job->next;
		if (!in->first)
			in->last = NULL;
		in->queued--;
		if (in->options->move && !job->keep_source)
			origin_unlink(in, &job->origin, &job->hash);
		failed = failed || ingest_report(in, job, err) || sidecar_attach(in, job, err);
		job_free(job);
	}
	return failed ? -1 : 0;
}

int ingest_commit(struct ingest *in, size_t count, struct err *err)
{
	size_t i = 0;

	in->committing = true;
	for (struct job *job = in->first; i < count; job = job->next, i++) {
		if (stage(in, job, err))
			return err_prefix(err, "%s", job->path);
		place_variants(in, job);
	}
	if (object_group_flush(in->group, err) || commit_rows(in, count, err))
		return -1;
	in->committing = false;
	return finish_jobs(in, count, err);
}
