/* import.h - an exported album back into a store: as a new album, or as the album that it was.
 *
 * The export is a folder, .zip or .tar(.zst) that holds album.json (pinhole-album-json(5)) and the originals,
 * under whatever names: a file is known by its hash alone, and no name in it is ever used as a path.  Everything in
 * it is a stranger's claim until it was checked.
 *
 * A new album (the default) is made from participants, photos and messages: a new id, owned by this store's
 * owner, numbered and timed here.  Equal to the exported one are: title, description, cover, photos with all parts,
 * captions, tags, times, places and rotations, the talk with who said what when about which photo in answer to
 * what, and likes.  Whoever is not this store's owner becomes a speaker, by the id that they had: their messages
 * are sent by the owner with `speaker` and `said`; their photos and likes bear them as author, which this store, the
 * album's home, vouches for.  Not carried over: the steps that led there (edits, earlier captions), members and
 * links, photos that were removed.  A message that was taken back stays as an empty place.
 *
 * Restoring (`restore`) keeps the id and the events byte for byte: seq, time and salt as they were, proved
 * against the chain in album.json.  The store becomes the album's home and its owner an owner of it, and the epoch
 * rises above that of the export.  An album that is here already must be the same history, here or there
 * further on: a fork is a CONFLICT.  Photos that were removed did not go out: they are erased, unless the store has
 * their bytes.
 *
 * All or nothing: the rows come in one transaction, after a trial of the same that is rolled back and after all
 * bytes are on disk.  What fails leaves at most objects that nobody names, which fsck removes.
 */
#ifndef PINHOLE_IMPORT_IMPORT_H
#define PINHOLE_IMPORT_IMPORT_H

#include "store/resolve.h"
#include "store/store.h"

struct import_options {
	const char *name; /* what people type for the album; NULL: out of its title */
	bool restore;
	bool dry_run; /* reads album.json alone and counts; the store may be open for reading only */
};

struct import_watch { /* NULL, or any function NULL, where the caller does not care */
	void (*progress)(void *data, uint64_t files, uint64_t total_files, uint64_t bytes,
		uint64_t total_bytes);
	/* An original that album.json names and that is neither in the export nor in the store. */
	void (*absent)(void *data, const char *file, const struct sha256 *hash);
	void *data;
};

struct import_result {
	struct album_ref album;
	uint64_t photos, messages,
		events;   /* that are new in this store; photos and messages: not restored ones */
	uint64_t absent;  /* originals that are nowhere */
	uint64_t refused; /* pending events of a restored album that may not happen any more */
	bool known;       /* restored: the album was here, as far or further */
};

/* INVALID: no export, or album.json says what cannot be; DAMAGED: bytes, sums or the chain do not fit;
 * TOO_NEW; CONFLICT: the name is taken, or the restored album has forked.
 *
 * An absent original: a new album goes without that photo (messages about it stay, without it); a restored
 * one keeps its photo without bytes until another import brings them. */
int import_album(struct store *store, const char *path, const struct import_options *options,
	const struct import_watch *watch, struct import_result *out, struct err *err);

#endif
