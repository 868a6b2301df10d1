/* ingest_inner.h - what the files of ingest share; nobody else includes it. */
#ifndef PINHOLE_IMPORT_INGEST_INNER_H
#define PINHOLE_IMPORT_INGEST_INNER_H

#include "base/vec.h"
#include "import/ingest.h"
#include "import/intake.h"
#include "import/pair.h"
#include "store/photo.h"
#include "store/variant.h"

#define SIDECAR_MAX  ((size_t)1 << 20)   /* bytes of an XMP or AAE file */
#define SIDECARS_MAX ((size_t)512 << 20) /* bytes of all that wait in one group */

struct origin {     /* a plain file as it was when it was read */
	char *path; /* absolute; NULL: an archive's entry */
	uint64_t size, inode, device;
	int64_t mtime_ns;
};

struct sidecar { /* shared by its group and the jobs that it belongs to */
	unsigned refs;
	char *name, *path;
	char *stem; /* the name without its extension: of the photo, with or without its own */
	struct str bytes;
	struct sha256 hash;
	struct origin origin;
	bool claimed;         /* by a photo, or known to the album already */
	bool told;            /* its fate was reported */
	struct sidecar *next; /* of the group */
	struct sidecar *twin; /* an earlier one of the group with the same stem */
};
#define JOB_SIDECARS_MAX 1000

enum job_state {
	JOB_READ,     /* its hash is being made, or it waits for the decoder */
	JOB_DECODING, /* is with it */
	JOB_DONE,     /* waits for its batch */
};

/* One file on its way. */
struct job {
	struct job *next;
	uint64_t token;
	enum job_state state;
	char *path, *name; /* shown, base name */
	uint64_t group;
	struct origin origin;
	struct sha256 hash;
	uint64_t size;
	struct media_type type;
	struct object_writer *writer; /* until the flush takes it */
	int fd;                       /* its bytes, for the decoder */
	int sidecar_fd;               /* XMP for the decoder */
	struct vec sidecars;          /* struct sidecar *, a reference each */
	bool again;                   /* a sidecar came late: facts must be read once more */
	bool known;                   /* the album has it, or an earlier job brings it */
	bool mend;                    /* known, but its object is not what it must be */
	bool keep_source;             /* --move leaves it where it is */
	struct err cannot_render;     /* why no variant could be asked for */
	struct variant_file files[MEDIA_VARIANT_MAX];
	struct media_result result;
	bool has_result;
	json_t *facts;            /* parsed */
	struct sha256 facts_hash; /* of the facts object */
	json_t *facts_object;
	struct pair_file pair;
	struct sha256 photo; /* where it went */
	const char *role;
	enum ingest_status status;
	struct err why;
};

struct ingest {
	struct store *store;
	const struct ingest_options *options;
	struct ingest_totals *totals;
	struct source *source;
	struct media_pool *pool;    /* NULL in a dry run */
	struct object_group *group; /* NULL in a dry run */
	struct job *first, *last;   /* in the order of the source */
	size_t queued;
	struct job *unjudged, *last_unjudged; /* their hashes are being made; in that order, too */
	size_t unjudged_count;
	uint64_t tokens;          /* given out so far */
	struct sidecar *sidecars; /* of the group being read */
	void *stems;              /* the same by stem: a tsearch tree, twins chained */
	size_t sidecar_bytes;
	uint64_t sidecar_group;
	uint64_t items, bytes, total_items, total_bytes; /* progress */
	bool stopped;                                    /* asked to stop */
	bool committing;                                 /* stays true when a commit fails */
	bool rescuing;                                   /* the disk is full: render nothing more */
	void *dry; /* hashes that a dry run has met: a tsearch tree of struct sha256 */
	char *cwd;
};

/* ingest.c */
int ingest_report(struct ingest *in, const struct job *job, struct err *err);
void job_free(struct job *job);

/* ingest_read.c: takes one item of the source; a job is queued once its hash is known, unless that
 * settles its fate. */
int ingest_take(struct ingest *in, const struct source_item *item, struct err *err);
/* Judges jobs in their order while their hashes are known; waits until at most `left` remain. */
int ingest_judge(struct ingest *in, size_t left, struct err *err);
/* 1 if the album has these bytes: `photo` is then the photo they belong to, and `why` says so if that was
 * removed. */
int ingest_find(struct ingest *in, const struct sha256 *hash, struct sha256 *photo, struct err *why,
	struct err *err);
/* Fills `origin` of a plain file; an archive's entry gets no path. */
int origin_set(const struct ingest *in, const struct source_item *item, struct origin *origin,
	struct err *err);
/* Removes the file, if it is still the one that was read, and not the store's own object of that hash. */
void origin_unlink(struct ingest *in, const struct origin *origin, const struct sha256 *hash);
/* Reports a file that never became a job. */
int ingest_refuse(struct ingest *in, const char *path, enum ingest_status status,
	const struct err *why, struct err *err);

/* ingest_sidecar.c */
int sidecar_take(struct ingest *in, const struct source_item *item, struct err *err);
/* Gives the job the sidecars that bear its name. */
int sidecar_claim(struct ingest *in, struct job *job, struct err *err);
/* Stores the job's sidecars as parts of its photo and reports them. */
int sidecar_attach(struct ingest *in, struct job *job, struct err *err);
/* Forgets the group's sidecars. */
void sidecar_drop_group(struct ingest *in);
void sidecar_drop_all(struct vec *sidecars); /* a job's */
/* The end of a group: sidecars that nobody claimed are reported. */
int sidecar_end_group(struct ingest *in, struct err *err);

/* ingest_commit.c: flushes and commits the jobs at the head of the queue that are done. */
int ingest_commit(struct ingest *in, size_t count, struct err *err);

#endif
