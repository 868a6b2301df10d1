/* kind.h - what one kind of event is: a row of its family's table.
 *
 * One C file per family (album, member, photo, message, reaction, link, self) exports a struct
 * event_family.  To add a kind: a row there, its body's check, its apply, its tell, and a higher
 * view version in views.sql, so that stores which kept such events as unknown fold them then.
 *
 * apply reads only the event and the views, and changes only rows of the event's own entity (and
 * the album's totals through fold_total): that is what lets an entity be folded again alone.
 */
#ifndef PINHOLE_EVENT_KIND_H
#define PINHOLE_EVENT_KIND_H

#include "event/event.h"
#include "event/role.h"

/* What apply and drop work on. */
struct fold {
	struct db *db;
	int64_t album;
	int64_t photos, messages, bytes; /* changes to the album's totals, added up */
};

/* Who does it, as the album knows them. */
struct actor {
	struct uuid id;
	enum role role;
	bool known; /* is or was a participant */
};

struct guard { /* what authorize may look at: the views at the home, before the event */
	struct db *db;
	const struct album_facts *album;
	struct actor actor;
	int64_t at; /* the home's clock: when the event takes place if it may */
};

struct event_kind {
	const char *name;
	enum right needs; /* zero is refused at start-up */
	bool makes;       /* about is the event's own id */
	bool erases;      /* takes the bodies of the entity's other events with it */
	bool members;     /* changes who may do what */
	/* The keys that a submitted body may have, ended by NULL; NULL: none.  What comes from
	 * another home may have more: a newer version's fields are kept and ignored. */
	const char *const *keys;
	int (*check)(const json_t *body, struct err *err); /* types, sizes, needed fields */
	/* Rules beyond the role; NULL: none.  Runs after the role was asked. */
	int (*authorize)(const struct guard *g, const struct event *e, struct err *err);
	int (*apply)(struct fold *f, const struct event *e, struct err *err);
	/* Appends "said: hello"; body may be erased (json NULL). */
	void (*tell)(const struct event *e, struct str *out);
};

struct event_family {
	const char *name;
	const struct event_kind *kinds; /* ended by a NULL name */
	uint8_t about_len;              /* of its entities' ids; 0: UUIDs and hashes */
	bool about_album;               /* its only entity is the album itself */
	/* Deletes the entity's rows and takes them off the totals. */
	int (*drop)(struct fold *f, const struct entity *about, struct err *err);
};

extern const struct event_family album_family, member_family, photo_family, message_family,
	reaction_family, link_family, self_family;
extern const struct event_family *const event_families[]; /* ended by NULL */

const struct event_kind *event_kind_find(const char *name); /* NULL: unknown */
/* The kind of a stored or received event: NULL for a kind of the future, and for a body of the future,
 * which the kind's check refuses.  What erases does so whatever its body says.  Body NULL: erased. */
const struct event_kind *event_kind_of(const char *name, const json_t *body);
/* INVALID unless the event is about something that its kind can be about. */
int event_check_about(const struct event *e, const struct uuid *album, struct err *err);
/* FAILED if any kind lacks a right, check, apply or tell, or two share a name. */
int event_kinds_check(struct err *err);

/* --- for the families ------------------------------------------------------------------- */

#define BODY_TEXT_MAX  (16 * 1024) /* a message or a caption, bytes */
#define BODY_TITLE_MAX 512
#define BODY_NAME_MAX  256

/* For bodies without fields. */
int body_check_nothing(const json_t *body, struct err *err);
/* Text fields as borrowed strings, NULL if absent; only after a successful check. */
const char *body_text(const json_t *body, const char *key);
int64_t body_int(const json_t *body, const char *key, int64_t otherwise);
bool body_hash(const json_t *body, const char *key, struct sha256 *out);
bool body_uuid(const json_t *body, const char *key, struct uuid *out);

/* Appends text clipped to one line and made visible. */
void tell_text(struct str *out, const char *text);
/* Appends the short form of an entity: 8 hex digits. */
void tell_entity(struct str *out, const struct entity *e);

/* NOT_FOUND unless the album shows this photo: neither removed nor erased. */
int need_shown_photo(const struct guard *g, const uint8_t hash[SHA256_LEN], struct err *err);

/* DENIED with a sentence that names the right. */
int deny(struct err *err, const struct guard *g, enum right right);

#endif
