/* album.h - albums as a person handles them: made, listed, renamed, described, archived, deleted.
 *
 * Every change is an event; these functions say which.  Counts come from view_total and cost nothing.
 */
#ifndef PINHOLE_STORE_ALBUM_H
#define PINHOLE_STORE_ALBUM_H

#include "event/role.h"
#include "store/resolve.h"
#include "store/store.h"

struct album {
	struct album_ref ref;
	char name[ALBUM_NAME_MAX]; /* what people type */
	char *title, *description; /* owned; description may be NULL */
	struct sha256 cover;       /* the chosen one, else the first photo; zero if there is none */
	bool has_cover, archived, deleted;
	int64_t photos, messages, bytes, members;
	int64_t created, changed; /* ms: when it was made, its newest event */
	int64_t head, epoch, pending, rejected;
	struct sha256 chain;
	enum role role; /* what store->actor is in it; ROLE_NONE: takes no part */
};

void album_release(struct album *album);
#define _cleanup_album_ _cleanup_(album_release)

/* Makes an album with the owner in it.  `name` NULL: a slug of the title; `title` NULL: the name. */
int album_create(struct store *store, const char *name, const char *title, const char *description,
	struct album_ref *out, struct err *err);
int album_get(struct store *store, const struct album_ref *ref, struct album *out, struct err *err);
/* The newest change first.  Deleted albums never, archived ones only when asked. */
int album_each(struct store *store, bool archived,
	int (*each)(void *data, const struct album *album, struct err *err), void *data,
	struct err *err);
/* The same of the albums that store->actor sees. */
int album_each_seen(struct store *store, bool archived,
	int (*each)(void *data, const struct album *album, struct err *err), void *data,
	struct err *err);

int album_rename(
	struct store *store, const struct album_ref *ref, const char *title, struct err *err);
/* The NAME that people type here; not shared. */
int album_set_name(
	struct store *store, const struct album_ref *ref, const char *name, struct err *err);
int album_describe(
	struct store *store, const struct album_ref *ref, const char *text, struct err *err);
int album_set_cover(struct store *store, const struct album_ref *ref, const struct sha256 *photo,
	struct err *err);
int album_archive(struct store *store, const struct album_ref *ref, bool archived, struct err *err);
/* The album leaves all lists and its NAME is free again; its log stays and can be told. */
int album_delete(struct store *store, const struct album_ref *ref, struct err *err);

/* The shown name of a participant; "?" if unknown. */
int participant_name(struct store *store, int64_t album, const struct uuid *id, struct str *out,
	struct err *err);

#endif
