/* path.h - paths, whole files and directories.  All paths are bytes; no encoding is assumed. */
#ifndef PINHOLE_BASE_PATH_H
#define PINHOLE_BASE_PATH_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <sys/types.h>

/* Joins with one '/' between; an absolute `name` does NOT replace `dir`.  Free the result; NULL
 * on no memory. */
char *path_join(const char *dir, const char *name);
/* The part after the last '/' (never NULL; "" for a path that ends in '/'). */
const char *path_base(const char *path);
/* From the last '.' of the base name, "" when none or when it leads the name. */
const char *path_extension(const char *path);
bool path_exists(const char *path);

/* mkdir -p; existing directories are fine. */
int path_make_dirs(const char *path, mode_t mode, struct err *err);
/* fsyncs a directory so that names made in it survive a power cut. */
int path_sync_dir(const char *path, struct err *err);

/* Reads a whole regular file (or pipe) of at most `max` bytes into `out` (initialised here; the
 * caller releases it also on failure).  TOO_LARGE past max. */
int path_read_file(const char *path, size_t max, struct str *out, struct err *err);
int path_read_fd(int fd, const char *name, size_t max, struct str *out, struct err *err);
/* Writes next to it, fsyncs, renames over `path`, fsyncs the directory: all or nothing. */
int path_write_file(const char *path, const void *bytes, size_t len, mode_t mode, struct err *err);
/* Writes all bytes to fd, over short writes and EINTR. */
int path_write_all(int fd, const void *bytes, size_t len, struct err *err);

#endif
