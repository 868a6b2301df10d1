/* pack_internal.h - what pack.c and the two ways to write share; nobody else includes it.
 *
 * Invariant: until pack.c renames it, everything is under `staging`.
 */
#ifndef PINHOLE_IMPORT_PACK_INTERNAL_H
#define PINHOLE_IMPORT_PACK_INTERNAL_H

#include "import/pack.h"

#include "base/str.h"

struct pack_file {
	const char *name;
	uint64_t size;
	int64_t mtime_ms;
	bool text; /* worth compressing */
};

/* One way to write.  begin, data..., end for each file; then finish (bytes are on disk) or drop (nothing is left
 * at `staging`). */
struct pack_ops {
	int (*open)(struct pack *p, struct err *err);
	/* Takes the file without reading it: 1 done, 0 not possible, -1 failed.  NULL: never possible. */
	int (*link)(struct pack *p, const struct pack_file *file, int fd, struct err *err);
	int (*begin)(struct pack *p, const struct pack_file *file, struct err *err);
	int (*data)(struct pack *p, const void *bytes, size_t len, struct err *err);
	int (*end)(struct pack *p, struct err *err);
	int (*finish)(struct pack *p, struct err *err);
	void (*drop)(struct pack *p);
};

extern const struct pack_ops pack_folder_ops, pack_archive_ops;

struct archive;

struct pack {
	const struct pack_ops *ops;
	enum pack_kind kind;
	bool hard_link;
	char *path;    /* the final name */
	char *staging; /* the name until then */
	int fd;        /* of staging: the folder or the archive file */
	int file_fd;   /* folder: the file being written */
	int64_t file_mtime_ms;
	struct archive *archive;
	struct str sums; /* SHA256SUMS so far */
};

#endif
