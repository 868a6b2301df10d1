/* ingest_sidecar.c - XMP and AAE files beside photos: read for the decoder, kept as parts.
 *
 * In folders sidecars come first; in archives they may come after their photo, whose facts are then
 * read once more.  A folder may hold one for each of 100,000 photos, so they are found by their
 * stems.  Invariant: every sidecar is reported once: added, duplicate or refused.
 */
#include "import/ingest_inner.h"
#include "base/path.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

static void sidecar_drop(struct sidecar *s)
{
	if (--s->refs)
		return;
	free(s->name);
	free(s->stem);
	free(s->path);
	free(s->origin.path);
	str_release(&s->bytes);
	free(s);
}

static void keep_node(void *sidecar)
{
	(void)sidecar; /* the list drops it */
}

void sidecar_drop_group(struct ingest *in)
{
	struct sidecar *next;

	tdestroy(in->stems, keep_node);
	in->stems = NULL;
	for (struct sidecar *s = in->sidecars; s; s = next) {
		next = s->next;
		sidecar_drop(s);
	}
	in->sidecars = NULL;
	in->sidecar_bytes = 0;
}

void sidecar_drop_all(struct vec *sidecars)
{
	vec_foreach (sidecars, struct sidecar *, s)
		sidecar_drop(*s);
	vec_release(sidecars);
}

static struct sidecar *sidecar_new(
	const struct ingest *in, const struct source_item *item, struct err *err)
{
	struct sidecar *s = mem_calloc(1, sizeof(*s));

	if (!s) {
		err_no_memory(err);
		return NULL;
	}
	s->refs = 1;
	str_init(&s->bytes, SIDECAR_MAX);
	s->name = mem_strdup(item->name);
	s->path = mem_strdup(item->path);
	s->stem = mem_strndup(item->name, strlen(item->name) - strlen(path_extension(item->name)));
	if (s->name && s->path && s->stem && origin_set(in, item, &s->origin, err) == 0)
		return s;
	sidecar_drop(s);
	err_no_memory(err);
	return NULL;
}

/* "x.jpg.xmp" and "x.xmp" belong to x.jpg. */
static bool is_sidecar_of(const struct sidecar *s, const char *name)
{
	size_t stem = strlen(s->stem), own = strlen(name) - strlen(path_extension(name));

	return (strlen(name) == stem || own == stem) && strncasecmp(s->stem, name, stem) == 0;
}

static int compare_stems(const void *a, const void *b)
{
	const struct sidecar *x = a, *y = b;

	return strcasecmp(x->stem, y->stem);
}

/* Puts it into the group and in place of its twin, if it has one, into the tree. */
static int add_to_group(struct ingest *in, struct sidecar *s, struct err *err)
{
	struct sidecar **found = tsearch(s, &in->stems, compare_stems);

	if (!found) {
		sidecar_drop(s);
		return err_no_memory(err);
	}
	if (*found != s) {
		s->twin = *found;
		*found = s;
	}
	s->next = in->sidecars;
	in->sidecars = s;
	in->sidecar_bytes += s->bytes.len;
	return 0;
}

static bool is_xmp(const struct sidecar *s)
{
	return text_ends_nocase(s->name, ".xmp");
}

/* The decoder reads it from memory that has no name. */
static int memory_file(const struct sidecar *s, struct err *err)
{
	int fd = memfd_create("sidecar", MFD_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "cannot make room for a sidecar");
	if (path_write_all(fd, s->bytes.data, s->bytes.len, err) || lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The first XMP goes to the decoder. */
static int give(struct job *job, struct sidecar *s, struct err *err)
{
	struct sidecar **slot;

	if (job->sidecars.count >= JOB_SIDECARS_MAX)
		return 0;
	slot = vec_push_or(&job->sidecars, err);
	if (!slot)
		return -1;
	*slot = s;
	s->refs++;
	s->claimed = true;
	if (!is_xmp(s) || job->sidecar_fd >= 0)
		return 0;
	job->sidecar_fd = memory_file(s, err);
	return job->sidecar_fd < 0 ? -1 : 0;
}

static int claim_stem(struct ingest *in, struct job *job, char *stem, struct err *err)
{
	struct sidecar key = {.stem = stem};
	struct sidecar *const *found = tfind(&key, &in->stems, compare_stems);

	for (struct sidecar *s = found ? *found : NULL; s; s = s->twin)
		if (give(job, s, err))
			return -1;
	return 0;
}

int sidecar_claim(struct ingest *in, struct job *job, struct err *err)
{
	size_t own = strlen(job->name) - strlen(path_extension(job->name));
	_cleanup_free_ char *stem = mem_strndup(job->name, own);

	if (!stem)
		return err_no_memory(err);
	if (claim_stem(in, job, job->name, err))
		return -1;
	return strlen(stem) < strlen(job->name) ? claim_stem(in, job, stem, err) : 0;
}

/* A photo of the same group that is on its way already. */
static int claim_late(
	struct ingest *in, const struct source_item *item, struct sidecar *s, struct err *err)
{
	for (struct job *job = in->first; job; job = job->next) {
		bool had_xmp = job->sidecar_fd >= 0;

		if (job->group != item->group || !is_sidecar_of(s, job->name))
			continue;
		if (give(job, s, err))
			return -1;
		if (had_xmp || job->sidecar_fd < 0 || job->known)
			continue;
		if (job->state == JOB_DECODING)
			job->again = true;
		else
			job->state = JOB_READ;
	}
	return 0;
}

static int read_small(struct ingest *in, struct str *out, struct err *err)
{
	char chunk[8192];
	ssize_t n;

	while ((n = source_read(in->source, chunk, sizeof(chunk), err)) > 0) {
		str_add(out, chunk, (size_t)n);
		if (str_check(out, err))
			return -1;
	}
	return n < 0 ? -1 : 0;
}

static int tell(struct ingest *in, struct sidecar *s, const struct job *job, struct err *err)
{
	if (s->told)
		return 0;
	s->told = true;
	return ingest_report(in, job, err);
}

/* Whether the album has it already: then it is a duplicate, and still read for its photo. */
static int judge(struct ingest *in, struct sidecar *s, struct err *err)
{
	struct job job = {.path = s->path, .status = INGEST_DUPLICATE};
	struct err lost = ERR_INIT;
	int known;

	crypt_sha256(s->bytes.data, s->bytes.len, &s->hash);
	known = ingest_find(in, &s->hash, &job.photo, &job.why, err);
	if (known != 1)
		return known;
	s->claimed = true;
	if (in->options->move && !*job.why.message &&
		object_verify(in->store->objects, &s->hash, &lost) == 0)
		origin_unlink(in, &s->origin, &s->hash);
	return tell(in, s, &job, err);
}

int sidecar_take(struct ingest *in, const struct source_item *item, struct err *err)
{
	struct sidecar *s = sidecar_new(in, item, err);
	struct err why = ERR_INIT;

	if (!s)
		return -1;
	if (read_small(in, &s->bytes, &why) == 0 && s->bytes.len == 0)
		err_set(&why, ERR_UNSUPPORTED, "empty");
	else if (in->sidecar_bytes + s->bytes.len > SIDECARS_MAX)
		err_set(&why, ERR_TOO_LARGE, "too many sidecars in one place");
	if (*why.message) {
		sidecar_drop(s);
		return ingest_refuse(in, item->path, INGEST_REFUSED, &why, err);
	}
	if (add_to_group(in, s, err))
		return -1;
	return judge(in, s, err) || claim_late(in, item, s, err) ? -1 : 0;
}

int sidecar_end_group(struct ingest *in, struct err *err)
{
	int failed = 0;

	for (struct sidecar *s = in->sidecars; s && !failed; s = s->next) {
		struct job job = {.path = s->path, .status = INGEST_REFUSED};

		if (s->claimed)
			continue;
		err_set(&job.why, ERR_INVALID, "a sidecar whose photo did not come with it");
		failed = tell(in, s, &job, err);
	}
	sidecar_drop_group(in);
	return failed;
}

/* --- parts ------------------------------------------------------------------------------ */

static int submit_part(struct ingest *in, struct event_tx *tx, const struct job *part,
	const struct sidecar *s, struct err *err)
{
	struct photo_file file = {.hash = s->hash,
		.bytes = s->bytes.len,
		.mime = is_xmp(s) ? "application/rdf+xml" : "application/x-apple-adjustment",
		.kind = "sidecar"};
	_cleanup_json_ json_t *body = NULL;
	struct receipt receipt;
	struct draft draft;

	if (photo_part_draft(in->store, in->options->album.key, &part->photo, part->role, &file,
		    &draft, &body, err))
		return -1;
	return event_submit(tx, &draft, &receipt, err);
}

/* Bytes, then rows, unless the album has it by then: another ingest may run. */
static int store_part(struct ingest *in, struct job *part, const struct sidecar *s, struct err *err)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	struct sha256 hash, photo;
	int known = ingest_find(in, &s->hash, &photo, &part->why, err);

	if (known == 0 && !in->options->dry_run) {
		if (object_put(in->store->objects, s->bytes.data, s->bytes.len, &hash, err) ||
			event_begin(in->store->events, "sidecar", &tx, err))
			return -1;
		known = ingest_find(in, &s->hash, &photo, &part->why, err);
	}
	if (known < 0)
		return -1;
	if (known) {
		part->status = INGEST_DUPLICATE;
		part->photo = photo;
		return 0;
	}
	if (in->options->dry_run)
		return 0;
	if (submit_part(in, tx, part, s, err) == 0)
		return event_commit(&tx, err);
	/* Its photo was removed: that ends this sidecar's way, not the run. */
	if (!err || err->kind != ERR_CONFLICT)
		return -1;
	part->status = INGEST_REFUSED;
	part->why = *err;
	err_clear(err);
	return 0;
}

static int attach(struct ingest *in, const struct job *job, struct sidecar *s, struct err *err)
{
	struct job part = {.path = s->path,
		.status = INGEST_ADDED,
		.role = "sidecar",
		.photo = job->photo,
		.size = s->bytes.len};

	if (store_part(in, &part, s, err))
		return -1;
	if (in->options->move && !s->told && !*part.why.message)
		origin_unlink(in, &s->origin, &s->hash);
	return tell(in, s, &part, err);
}

int sidecar_attach(struct ingest *in, struct job *job, struct err *err)
{
	vec_foreach (&job->sidecars, struct sidecar *, s)
		if (attach(in, job, *s, err))
			return err_prefix(err, "%s", (*s)->path);
	return 0;
}
