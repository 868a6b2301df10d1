/* internal.h - what the files behind source.h share; nobody else includes it.
 *
 * Invariant: s->path holds the path of the current item, or of the folder being walked.
 */
#ifndef PINHOLE_IMPORT_INTERNAL_H
#define PINHOLE_IMPORT_INTERNAL_H

#include "import/source.h"

#include "base/str.h"
#include "base/vec.h"

#include <sys/stat.h>

struct archive_reader;

/* One folder on the way down. */
struct folder {
	int fd;
	struct str names;   /* all names, each with its NUL */
	struct vec entries; /* struct folder_entry, in order */
	size_t next;        /* the entry that comes next */
	size_t path_len;    /* s->path up to here names the folder, with its '/' */
	size_t root_len;    /* s->path up to here names the argument, with its '/' */
	uint64_t group;
};

struct source {
	struct source_options options;
	struct vec arguments; /* struct argument */
	size_t next_argument;
	struct vec folders; /* struct folder, the deepest last */
	struct archive_reader *archive;
	struct str path;
	uint64_t groups; /* how many there were */
	uint64_t skipped;
	/* The current plain file. */
	bool plain;
	int dir_fd; /* it is `name` in there; AT_FDCWD for arguments.  Borrowed from a folder */
	const char *name;
	struct stat st;
	int fd; /* -1 until its bytes are asked for */
	uint64_t at;
};

/* --- source.c */
/* Fills item from s->path and the stat, refusing what is no regular file. */
int source_give_plain(struct source *s, struct source_item *item, int dir_fd, const char *name,
	const struct stat *st, uint64_t group, bool may_be_archive, struct err *err);
/* An item that only says why not; `why` of `item` must be set.  Returns 1. */
int source_give_refused(struct source *s, struct source_item *item, size_t start);
/* Points item at s->path; the base name is looked for from `start` on. */
void source_name_item(struct source *s, struct source_item *item, size_t start);
/* True (and counted) if the options leave it out.  `relative` is the path below the argument. */
bool source_is_excluded(struct source *s, const char *relative, const char *name);

/* --- walk.c */
/* Enters the folder that s->path names; `why` is filled when it cannot be listed. */
int walk_enter(struct source *s, int dir_fd, const char *name, bool argument, struct err *why);
/* The next item of the deepest folder: 1 item, 0 look again, -1 failed. */
int walk_next(struct source *s, struct source_item *item, struct err *err);
void walk_close(struct source *s);

/* --- archive.c */
/* Takes fd.  `path_len` bytes of s->path name the archive. */
int archive_reader_open(
	struct source *s, int fd, uint64_t group, struct archive_reader **out, struct err *err);
void archive_reader_close(struct archive_reader *r);
/* 1 item, 0 the end; an archive that breaks off gives a last item that says so. */
int archive_reader_next(struct archive_reader *r, struct source_item *item);
ssize_t archive_reader_read(struct archive_reader *r, void *out, size_t len, struct err *err);

/* --- names.c: pure questions about names */
bool name_is_junk(const char *name);        /* a file that no person made */
bool name_is_junk_folder(const char *name); /* a folder of such files */
bool name_is_sidecar(const char *name);
bool name_is_archive(const char *name);
/* True if the path of an archive entry is absolute or climbs: '/' and '\' both separate. */
bool name_escapes(const char *path);
/* True if any folder of the path is a junk folder, or its base name junk. */
bool name_in_junk(const char *path);
/* Code page 437, the encoding of zip names without the UTF-8 flag. */
void name_add_cp437(struct str *out, const char *bytes);

#endif
