/* role.h - roles x rights: one table, asked by authorize and printed by `pinhole help roles`. */
#ifndef PINHOLE_EVENT_ROLE_H
#define PINHOLE_EVENT_ROLE_H

#include "base/err.h"

#include <stdbool.h>

enum right {
	RIGHT_UNSET = 0, /* a kind or route without a right is refused at start-up */
	RIGHT_LOOK,      /* see photos and talk */
	RIGHT_POSITIONS, /* fetch facts objects: where a photo was taken, serial numbers, names */
	RIGHT_REACT,     /* like */
	RIGHT_TALK,      /* send messages, take back one's own */
	RIGHT_ADD,       /* add photos, caption and tag them */
	RIGHT_INVITE,    /* add participants, create links */
	RIGHT_MODERATE,  /* take back what others added or said */
	RIGHT_MANAGE,    /* title, description, cover, archive */
	RIGHT_OWN,       /* delete the album, hand it over, move its home */
	RIGHT_BELONG,    /* be in the album at all: rename oneself, leave */
	RIGHT_CLAIM,     /* bind a participant to a user: the home alone */
	RIGHT_COUNT
};

enum role { ROLE_NONE = 0, ROLE_VIEWER, ROLE_MEMBER, ROLE_ADMIN, ROLE_OWNER, ROLE_COUNT };

const char *role_name(enum role role);
int role_parse(const char *name, enum role *out, struct err *err);
const char *right_name(enum right right); /* "see photos and talk" */
bool role_has(enum role role, enum right right);

#endif
