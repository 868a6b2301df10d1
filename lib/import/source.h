/* source.h - what the user named, as one stream of files: paths, folders, lists, archives.
 *
 *	struct source_options options = SOURCE_OPTIONS_INIT;
 *	struct source *s;
 *	source_open(&options, &s, err);
 *	source_add_path(s, argv[i], err);		as often as needed; source_add_list for "-"
 *	while ((r = source_next(s, &item, err)) == 1)
 *		if (item.kind == SOURCE_FILE || item.kind == SOURCE_SIDECAR)
 *			while ((n = source_read(s, bytes, sizeof(bytes), &why)) > 0)
 *				...;		n 0: all bytes were there and sound; -1: this file failed
 *	if (r < 0)
 *		...				no memory, or the list could not be read; never one bad file
 *	source_close(s);
 *
 * Nothing is written.  Links, devices, fifos and sockets are never opened.  A plain file is opened when its
 * bytes are first asked for, so a caller that knows its size, time and inode already pays for
 * one fstatat only.  Names are bytes: show them with str_add_visible.
 *
 * The order is fixed: in a folder sidecars first, then files by name (bytes), then archives, then the folders
 * below.  Names on disk are kept byte by byte; names that an archive marks as UTF-8 come composed (NFC), as libarchive
 * gives them.  Archives yield their entries in their own order; an archive inside an archive is refused.
 * One thread uses a source.
 */
#ifndef PINHOLE_IMPORT_SOURCE_H
#define PINHOLE_IMPORT_SOURCE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SOURCE_DEPTH_MAX 100  /* folders within folders; each holds a descriptor */
#define SOURCE_PATH_MAX  8192 /* bytes of a shown path */

struct source_options {
	const char *const
		*exclude; /* globs matched against base name and path below the argument */
	size_t exclude_count;
	int64_t since_ns;           /* files last changed before are skipped; INT64_MIN: none */
	bool list_nul;              /* lists are NUL-separated even where they do not look so */
	uint64_t max_file_bytes;    /* one file or entry */
	uint64_t max_archive_ratio; /* bytes read from an archive, per byte of its size */
	uint64_t max_archive_bytes; /* bytes read from one archive */
	uint64_t max_archive_entries;
};
#define SOURCE_OPTIONS_INIT                                                                        \
	{                                                                                          \
		.since_ns = INT64_MIN, .max_file_bytes = (uint64_t)4 << 30,                        \
		.max_archive_ratio = 100, .max_archive_bytes = (uint64_t)1 << 40,                  \
		.max_archive_entries = 200000                                                      \
	}

enum source_kind {
	SOURCE_FILE,    /* perhaps a photo: its bytes will tell */
	SOURCE_SIDECAR, /* .xmp or .aae, belongs to a photo of the same group */
	SOURCE_ARCHIVE, /* its entries come next, unless source_skip_archive */
	SOURCE_REFUSED, /* `why` says why, in one line */
};

struct source_item {
	enum source_kind kind;
	const char
		*path; /* as the user would write it; ARCHIVE:ENTRY.  Until the next source_next */
	const char *name;  /* its base name */
	size_t folder_len; /* so many bytes of path name its folder, with its '/' */
	struct err why;    /* SOURCE_REFUSED only */
	bool in_archive;
	uint64_t group;         /* changes with each folder and each archive, never comes back */
	bool sized;             /* size is known; in an archive it is a claim */
	uint64_t size;          /* bytes */
	int64_t mtime_ns;       /* since the epoch; 0 unknown */
	uint64_t inode, device; /* of a plain file or archive; 0 for entries */
};

struct source;
int source_open(const struct source_options *options, struct source **out, struct err *err);
void source_close(struct source *s);                                      /* NULL is fine */
int source_add_path(struct source *s, const char *path, struct err *err); /* copies */
/* Paths separated by NUL if there is one in the first 64 KiB, else by newline.  fd stays the caller's. */
int source_add_list(struct source *s, int fd, struct err *err);

/* 1 an item, 0 the end, -1 failed. */
int source_next(struct source *s, struct source_item *item, struct err *err);
/* The next bytes of the item, in order: how many, 0 at the end that was checked (an entry's checksum, a
 * limit), -1 with the reason why this file is not to be had (UNSUPPORTED, TOO_LARGE, DAMAGED, DENIED…).
 * After -1 the next item can still be asked for. */
ssize_t source_read(struct source *s, void *out, size_t len, struct err *err);
/* The descriptor of a plain file, at its start; the source closes it at the next source_next.  -1 with err,
 * UNSUPPORTED for an archive's entry.  For reflink, hard link and pread. */
int source_fd(struct source *s, struct err *err);
/* True if a plain file is still what it was when the item was given (size, time, inode). */
bool source_is_unchanged(struct source *s);
/* After SOURCE_ARCHIVE: its entries are not wanted. */
void source_skip_archive(struct source *s);
/* What was passed over without a word: AppleDouble, Thumbs.db and the like, excluded, too old. */
uint64_t source_skipped(const struct source *s);

#endif
