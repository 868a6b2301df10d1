/* ingest_read.c - one file of the source: is it known, is it media, what is its hash.
 *
 * The next files are copied while the object room hashes these; whether a file is new is asked once its hash is
 * known.  Invariant: a file's bytes are read once, and only as far as needed to know that it is not
 * wanted; files are judged in the order of the source.
 */
#include "import/ingest_inner.h"
#include "base/path.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK        ((size_t)256 * 1024)
#define UNJUDGED_MAX 16 /* files that are copied and wait for their hashes */

/* A file from this size on is judged before the next one is copied: of many large duplicates only one at a time
 * takes room on the disk. */
#define JUDGED_AT_ONCE ((uint64_t)64 * 1024 * 1024)

/* --- known files ------------------------------------------------------------------------ */

static int take_hash(const struct db_rows *rows, int column, struct sha256 *out, struct err *err)
{
	size_t len;
	const void *bytes = db_blob(rows, column, &len);

	if (!bytes || len != SHA256_LEN)
		return err_set(err, ERR_DAMAGED, "the database holds a hash of a wrong length");
	memcpy(out->bytes, bytes, SHA256_LEN);
	return 1;
}

static void say_if_removed(int64_t state, const struct sha256 *photo, struct err *why)
{
	char hash[SHA256_HEX_LEN + 1];

	sha256_format(photo, hash);
	if (state == PHOTO_REMOVED)
		err_set(why, ERR_CONFLICT,
			"it was removed from the album: `pinhole restore %.12s` brings it back",
			hash);
}

int ingest_find(struct ingest *in, const struct sha256 *hash, struct sha256 *photo, struct err *why,
	struct err *err)
{
	int64_t state = PHOTO_SHOWN;
	int found = intake_find(in->store, in->options->album.key, hash, photo, &state, err);

	if (found == 1)
		say_if_removed(state, photo, why);
	return found;
}

static bool find_in_queue(struct ingest *in, const struct sha256 *hash)
{
	for (const struct job *job = in->first; job; job = job->next)
		if (sha256_compare(&job->hash, hash) == 0)
			return true;
	return false;
}

/* 1 if size, time and inode say that this very file was ingested before. */
static int find_source(struct ingest *in, struct job *job, struct err *err)
{
	static const struct db_sql sql = {"source_known",
		"SELECT coalesce(v.alias, v.id), v.state, s.hash FROM source AS s JOIN view_part AS p"
		" ON p.id = s.hash AND p.album = s.album JOIN view_photo AS v"
		" ON v.id = p.photo AND v.album = p.album AND v.state < 2"
		" WHERE s.path = :path AND s.album = :album AND s.size = :size"
		" AND s.mtime = :mtime AND s.inode = :inode AND s.device = :device"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	const struct origin *o = &job->origin;
	int found;

	if (db_query(in->store->db, &sql, &rows, err, DB_BLOB(":path", o->path, strlen(o->path)),
		    DB_INT(":album", in->options->album.key), DB_INT(":size", o->size),
		    DB_INT(":mtime", o->mtime_ns), DB_INT(":inode", o->inode),
		    DB_INT(":device", o->device)))
		return -1;
	found = db_next(&rows, err);
	if (found != 1)
		return found;
	if (take_hash(&rows, 0, &job->photo, err) < 0 || take_hash(&rows, 2, &job->hash, err) < 0)
		return -1;
	say_if_removed(db_int(&rows, 1), &job->photo, &job->why);
	return 1;
}

/* --- origins ---------------------------------------------------------------------------- */

int origin_set(const struct ingest *in, const struct source_item *item, struct origin *origin,
	struct err *err)
{
	if (item->in_archive)
		return 0;
	origin->path = *item->path == '/' ? mem_strdup(item->path) : path_join(in->cwd, item->path);
	origin->size = item->size;
	origin->inode = item->inode;
	origin->device = item->device;
	origin->mtime_ns = item->mtime_ns;
	return origin->path ? 0 : err_no_memory(err);
}

/* True if the name is the object's own, by whatever way it was reached: somebody ingests the store itself. */
static bool is_own_object(
	struct ingest *in, const char *path, const struct stat *st, const struct sha256 *hash)
{
	struct err lost = ERR_INIT;
	_cleanup_free_ char *object = object_path(in->store->objects, hash, &lost);
	_cleanup_free_ char *here = NULL, *there = NULL;
	struct stat own;

	if (!object || stat(object, &own))
		return true; /* without an object in its place no source may go */
	if (own.st_dev != st->st_dev || own.st_ino != st->st_ino)
		return false;
	here = realpath(path, NULL);
	there = realpath(object, NULL);
	return own.st_nlink == 1 || !here || !there || strcmp(here, there) == 0;
}

void origin_unlink(struct ingest *in, const struct origin *origin, const struct sha256 *hash)
{
	struct stat st;

	if (!origin->path || lstat(origin->path, &st) || !S_ISREG(st.st_mode))
		return;
	if ((uint64_t)st.st_ino == origin->inode && (uint64_t)st.st_dev == origin->device &&
		(uint64_t)st.st_size == origin->size &&
		st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec == origin->mtime_ns &&
		!is_own_object(in, origin->path, &st, hash))
		unlink(origin->path);
}

/* --- bytes ------------------------------------------------------------------------------ */

static int refuse_type(const struct media_type *type, struct err *err)
{
	const char *why = type->why ? type->why : "not a picture or video";

	return err_set(err, ERR_UNSUPPORTED, "%s%s",
		text_starts(why, "not ") ? "" : "not a photo or video: ", why);
}

/* A plain file: looked at by its descriptor, copied or linked. */
static int read_plain(struct ingest *in, const struct source_item *item, struct job *job,
	struct object_writer *w, struct err *why)
{
	uint8_t head[MEDIA_SNIFF_LEN];
	int fd = source_fd(in->source, why);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = pread(fd, head, sizeof(head), 0);
	if (n < 0)
		return err_errno(why, "cannot read it");
	job->type = media_sniff(head, (size_t)n);
	if (job->type.kind == MEDIA_NONE)
		return refuse_type(&job->type, why);
	if (in->options->link == INGEST_LINK_HARD ?
			object_writer_link_path(w, item->path, fd, why) :
			object_writer_copy_fd(w, fd, in->options->source.max_file_bytes, why))
		return -1;
	if (!source_is_unchanged(in->source))
		return err_set(why, ERR_FAILED, "it changed while it was read: ingest it again");
	return 0;
}

/* An entry of an archive comes as a stream. */
static int read_stream(struct ingest *in, struct job *job, struct object_writer *w, struct err *why)
{
	_cleanup_free_ uint8_t *chunk = malloc(CHUNK);
	size_t held = 0;
	ssize_t n = 1;

	if (!chunk)
		return err_no_memory(why);
	while (held < MEDIA_SNIFF_LEN && n > 0) {
		n = source_read(in->source, chunk + held, CHUNK - held, why);
		held += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		return -1;
	job->type = media_sniff(chunk, held);
	if (job->type.kind == MEDIA_NONE)
		return refuse_type(&job->type, why);
	if (object_writer_add(w, chunk, held, why))
		return -1;
	while (n > 0) {
		n = source_read(in->source, chunk, CHUNK, why);
		if (n < 0 || (n > 0 && object_writer_add(w, chunk, (size_t)n, why)))
			return -1;
	}
	return 0;
}

/* Copies all bytes into a temporary object; `why` is the file's own failure. */
static int read_bytes(
	struct ingest *in, const struct source_item *item, struct job *job, struct err *why)
{
	return item->in_archive ? read_stream(in, job, job->writer, why) :
				  read_plain(in, item, job, job->writer, why);
}

/* Waits for the hash. */
static int finish_bytes(struct job *job, struct err *why)
{
	if (object_writer_finish(job->writer, &job->hash, &job->size, why))
		return -1;
	job->fd = object_writer_reopen(job->writer, why);
	return job->fd < 0 ? -1 : 0;
}

/* What is the file's own fault refuses it; what is the store's ends the run. */
static bool ends_run(const struct err *why)
{
	return why->kind == ERR_NO_SPACE || why->kind == ERR_NO_MEMORY ||
		why->kind == ERR_INTERRUPTED;
}

static enum ingest_status status_of(const struct err *why)
{
	return why->kind == ERR_FAILED || why->kind == ERR_NOT_FOUND ? INGEST_FAILED :
								       INGEST_REFUSED;
}

int ingest_refuse(struct ingest *in, const char *path, enum ingest_status status,
	const struct err *why, struct err *err)
{
	struct job job = {.path = (char *)(uintptr_t)path, .status = status, .why = *why};

	return ingest_report(in, &job, err);
}

/* --- jobs ------------------------------------------------------------------------------- */

static struct job *job_new(struct ingest *in, const struct source_item *item, struct err *err)
{
	struct job *job = mem_calloc(1, sizeof(*job));

	if (!job) {
		err_no_memory(err);
		return NULL;
	}
	job->sidecars = (struct vec)VEC_INIT(struct sidecar *, JOB_SIDECARS_MAX);
	job->fd = job->sidecar_fd = -1;
	for (size_t i = 0; i < MEDIA_VARIANT_MAX; i++)
		job->files[i].fd = -1;
	job->token = ++in->tokens;
	job->group = item->group;
	job->path = mem_strdup(item->path);
	job->name = mem_strdup(item->name);
	if (job->path && job->name && origin_set(in, item, &job->origin, err) == 0)
		return job;
	job_free(job);
	err_no_memory(err);
	return NULL;
}

/* A hash of the folder's name: files of one folder pair more readily. */
static int64_t folder_of(const struct job *job)
{
	const char *path = job->origin.path ? job->origin.path : job->path;
	size_t len = strlen(path) - strlen(job->name);
	struct sha256 hash;
	int64_t folder;

	crypt_sha256(path, len <= strlen(path) ? len : 0, &hash);
	memcpy(&folder, hash.bytes, sizeof(folder));
	return folder;
}

static void enqueue(struct ingest *in, struct job *job)
{
	if (in->last)
		in->last->next = job;
	else
		in->first = job;
	in->last = job;
	in->queued++;
}

/* A fate that needs no commit.  A known photo may still get a new sidecar. */
static int settle_now(
	struct ingest *in, struct job *job, enum ingest_status status, struct err *err)
{
	bool photo = status == INGEST_ADDED || status == INGEST_DUPLICATE;
	int failed;

	job->status = status;
	failed = ingest_report(in, job, err);
	if (!failed && photo)
		failed = sidecar_claim(in, job, err) || sidecar_attach(in, job, err);
	job_free(job);
	return failed ? -1 : 0;
}

static int compare_hashes(const void *a, const void *b)
{
	return sha256_compare(a, b);
}

/* Nothing is queued in a dry run: the files it would have added are remembered by hash. */
static int judge_dry(struct ingest *in, struct job *job, bool known, struct err *err)
{
	struct sha256 *copy = known ? NULL : mem_calloc(1, sizeof(*copy));
	struct sha256 *const *found = NULL;

	if (copy) {
		*copy = job->hash;
		found = tsearch(copy, &in->dry, compare_hashes);
	}
	if (!known && !found) {
		free(copy);
		job_free(job);
		return err_no_memory(err);
	}
	if (!known && *found != copy) {
		free(copy);
		known = true;
	}
	return settle_now(in, job, known ? INGEST_DUPLICATE : INGEST_ADDED, err);
}

/* Asked to be thorough, or to give the source away: the store's own copy is looked at first. */
static void examine_object(struct ingest *in, struct job *job)
{
	struct objects *objects = in->store->objects;
	struct err why = ERR_INIT;

	if (!object_exists(objects, &job->hash))
		job->mend = true;
	else if (in->options->checksum || in->options->move)
		job->mend = object_verify(objects, &job->hash, &why) != 0;
}

/* What is known waits in the queue for its commit, too: its source is remembered or removed then. */
static int queue_known(struct ingest *in, struct job *job, bool in_album, struct err *err)
{
	job->known = true;
	job->state = JOB_DONE;
	job->status = INGEST_DUPLICATE;
	job->keep_source = *job->why.message != '\0'; /* removed photos lose their bytes one day */
	if (in_album)
		examine_object(in, job);
	mem_close_fd(&job->fd);
	if (!job->mend)
		object_writer_abort(mem_steal(&job->writer));
	if (sidecar_claim(in, job, err)) {
		job_free(job);
		return -1;
	}
	enqueue(in, job);
	return 0;
}

/* The hash is known: is this a new photo? */
static int judge(struct ingest *in, struct job *job, struct err *err)
{
	int known = ingest_find(in, &job->hash, &job->photo, &job->why, err);

	if (known < 0) {
		job_free(job);
		return -1;
	}
	if (!known) {
		job->photo = job->hash;
		job->role = "original";
	}
	if (in->options->dry_run)
		return judge_dry(in, job, known, err);
	if (known || find_in_queue(in, &job->hash))
		return queue_known(in, job, known, err);
	pair_from_name(job->name, &job->pair);
	job->pair.folder = folder_of(job);
	if (sidecar_claim(in, job, err)) {
		job_free(job);
		return -1;
	}
	enqueue(in, job);
	return 0;
}

/* A file that could not be read, copied or hashed. */
static int give_up(struct ingest *in, struct job *job, struct err *err)
{
	if (!ends_run(&job->why))
		return settle_now(in, job, status_of(&job->why), err);
	*err = job->why;
	job_free(job);
	return -1;
}

static void await_hash(struct ingest *in, struct job *job)
{
	if (in->last_unjudged)
		in->last_unjudged->next = job;
	else
		in->unjudged = job;
	in->last_unjudged = job;
	in->unjudged_count++;
}

static struct job *take_unjudged(struct ingest *in)
{
	struct job *job = in->unjudged;

	in->unjudged = job->next;
	if (!in->unjudged)
		in->last_unjudged = NULL;
	in->unjudged_count--;
	job->next = NULL;
	return job;
}

int ingest_judge(struct ingest *in, size_t left, struct err *err)
{
	while (in->unjudged_count > left ||
		(in->unjudged && object_writer_is_hashed(in->unjudged->writer))) {
		struct job *job = take_unjudged(in);

		if (finish_bytes(job, &job->why)) {
			if (give_up(in, job, err))
				return -1;
			continue;
		}
		in->bytes += job->size;
		if (judge(in, job, err))
			return -1;
	}
	return 0;
}

static int take_file(struct ingest *in, const struct source_item *item, struct err *err)
{
	struct job *job = job_new(in, item, err);
	bool at_once;
	int known = 0;

	if (!job)
		return -1;
	if (job->origin.path && !in->options->checksum && !in->options->move)
		known = find_source(in, job, err);
	if (known == 1)
		return settle_now(in, job, INGEST_DUPLICATE, err);
	if (known < 0 || object_writer_open(in->store->objects, &job->writer, err)) {
		job_free(job);
		return -1;
	}
	if (read_bytes(in, item, job, &job->why))
		return give_up(in, job, err);
	at_once = in->options->dry_run || job->origin.size >= JUDGED_AT_ONCE;
	await_hash(in, job);
	return ingest_judge(in, at_once ? 0 : UNJUDGED_MAX, err);
}

int ingest_take(struct ingest *in, const struct source_item *item, struct err *err)
{
	if (item->group != in->sidecar_group) {
		if (ingest_judge(in, 0, err) || sidecar_end_group(in, err))
			return -1;
		in->sidecar_group = item->group;
	}
	switch (item->kind) {
	case SOURCE_ARCHIVE:
		return 0;
	case SOURCE_REFUSED:
		return ingest_refuse(in, item->path, status_of(&item->why), &item->why, err);
	case SOURCE_SIDECAR:
		return sidecar_take(in, item, err);
	case SOURCE_FILE:
		break;
	}
	in->items++;
	return take_file(in, item, err);
}
