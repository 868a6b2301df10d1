/* pack.h - writes a folder, a .zip or a .tar.zst, all or nothing, with the SHA256SUMS of its files.
 *
 *	struct pack *p;
 *	pack_open(path, pack_kind_of(path), false, &p, err);
 *	pack_add_bytes(p, "album.json", text, len, when_ms, err);
 *	pack_add_file(p, "2024-05-01 beach.jpg", fd, size, when_ms, &hash, err);
 *	pack_close(p, err);		SHA256SUMS, flush, then the final name; also frees p
 *	pack_abort(p);			or: nothing remains
 *
 * Everything grows under a temporary name beside `path`.  After a failed call only pack_abort is of use.
 * Names are relative, UTF-8 and unique, with '/' between folders.  In a zip, media are stored as they are and
 * only text is deflated.
 */
#ifndef PINHOLE_IMPORT_PACK_H
#define PINHOLE_IMPORT_PACK_H

#include "base/err.h"
#include "crypt/crypt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pack_kind { PACK_FOLDER, PACK_ZIP, PACK_TAR_ZST };

/* By the ending of the name: .zip, .tar.zst and .tzst are archives, all else folders. */
enum pack_kind pack_kind_of(const char *path);

struct pack;
/* CONFLICT if `path` is there already (an empty folder may be).  `hard_link`: files of a folder become hard
 * links to what was given (UNSUPPORTED over file systems); without it they are reflinks where the
 * file system can, else copies. */
int pack_open(
	const char *path, enum pack_kind kind, bool hard_link, struct pack **out, struct err *err);
/* The whole file of fd from its start, `size` bytes.  `known` (may be NULL) is the hash that the bytes must
 * have: DAMAGED if what is read differs; what is linked is not read.  mtime_ms: since the epoch. */
int pack_add_file(struct pack *p, const char *name, int fd, uint64_t size, int64_t mtime_ms,
	const struct sha256 *known, struct err *err);
int pack_add_bytes(struct pack *p, const char *name, const void *bytes, size_t len,
	int64_t mtime_ms, struct err *err);
int pack_close(struct pack *p, struct err *err);
void pack_abort(struct pack *p); /* NULL is fine */

#endif
