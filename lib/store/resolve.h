/* resolve.h - from what people type to what is meant.
 *
 *   album        NAME (the slug), the title, the id, or the id's last 8 digits (4 or more)
 *   photo        [ALBUM:]HASHPREFIX, 4 hex digits or more; any part's hash names the photo
 *   message      the id, its last 8 digits (4 or more), or ALBUM@SEQ
 *   participant  the shown name, the id or its last digits
 *
 * What is ambiguous is CONFLICT with the candidates in the hint (exit 6); what is not there is
 * NOT_FOUND with "did you mean" where something is near.  Deleted albums are found only by id.
 */
#ifndef PINHOLE_STORE_RESOLVE_H
#define PINHOLE_STORE_RESOLVE_H

#include "base/vec.h"
#include "store/store.h"

struct album_ref {
	int64_t key;
	struct uuid id;
};

struct photo_ref {
	struct album_ref album;
	struct sha256 id; /* the photo's id, aliases followed */
	int64_t state;    /* 0 shown, 1 removed, 2 erased */
};

struct message_ref {
	struct album_ref album;
	struct uuid id;
	int64_t key; /* of the message.send event */
};

enum resolve_find {
	RESOLVE_SHOWN = 0, /* photos that are shown, messages that stand */
	RESOLVE_ANY,       /* also removed and erased ones */
};

int resolve_album(struct store *store, const char *text, struct album_ref *out, struct err *err);
/* Only among the albums that `viewer` sees (sight.h), by title, id or its last digits: the NAMEs of a store are its
 * owner's. */
int resolve_album_seen(struct store *store, const struct uuid *viewer, const char *text,
	struct album_ref *out, struct err *err);
/* `within` limits to one album (NULL: all; then a photo in several albums is a CONFLICT that lists
 * ALBUM:PREFIX).  */
int resolve_photo(struct store *store, const char *text, const struct album_ref *within,
	enum resolve_find find, struct photo_ref *out, struct err *err);
/* All albums' rows of one photo, for showing: struct photo_ref items. */
int resolve_photo_all(struct store *store, const char *text, enum resolve_find find,
	struct vec *out, struct err *err);
int resolve_message(struct store *store, const char *text, const struct album_ref *within,
	enum resolve_find find, struct message_ref *out, struct err *err);
int resolve_participant(struct store *store, const struct album_ref *album, const char *text,
	struct uuid *out, struct err *err);

/* For `erase P|M`: which of the two the text names. */
enum resolved { RESOLVED_PHOTO, RESOLVED_MESSAGE };
int resolve_photo_or_message(struct store *store, const char *text, enum resolve_find find,
	enum resolved *which, struct photo_ref *photo, struct message_ref *message,
	struct err *err);

/* "beach" for the album as people type it: its slug, else the short id.  out: at least 64 bytes. */
#define ALBUM_NAME_MAX 64
int album_name(struct store *store, int64_t album, char out[ALBUM_NAME_MAX], struct err *err);
/* A slug out of a title: "Été à la plage" -> "ete-a-la-plage"; never empty, at most 63 bytes, free. */
int album_slug(struct store *store, const char *title, char out[ALBUM_NAME_MAX], struct err *err);
/* Checks a NAME given by a person: letters, digits, '-', '_', '.', not leading '-' or '.'. */
int album_name_check(const char *name, struct err *err);

#endif
