/* role.c - the table of roles and rights; see role.h. */
#include "event/role.h"

#include <string.h>

static const char *const role_names[ROLE_COUNT] = {
	[ROLE_NONE] = "none",
	[ROLE_VIEWER] = "viewer",
	[ROLE_MEMBER] = "member",
	[ROLE_ADMIN] = "admin",
	[ROLE_OWNER] = "owner",
};

struct right_row {
	const char *name;
	enum role least; /* the least role that has it; ROLE_COUNT: no role has */
};

static const struct right_row rights[RIGHT_COUNT] = {
	[RIGHT_UNSET] = {"nothing", ROLE_COUNT},
	[RIGHT_LOOK] = {"see photos and talk", ROLE_VIEWER},
	[RIGHT_POSITIONS] = {"see where photos were taken", ROLE_MEMBER},
	[RIGHT_REACT] = {"like", ROLE_VIEWER},
	[RIGHT_TALK] = {"say something", ROLE_MEMBER},
	[RIGHT_ADD] = {"add, caption and tag photos", ROLE_MEMBER},
	[RIGHT_INVITE] = {"invite people and create links", ROLE_ADMIN},
	[RIGHT_MODERATE] = {"take back what others added or said", ROLE_ADMIN},
	[RIGHT_MANAGE] = {"change title, description, cover and archive", ROLE_ADMIN},
	[RIGHT_OWN] = {"delete, hand over or move the album", ROLE_OWNER},
	[RIGHT_BELONG] = {"rename oneself and leave", ROLE_VIEWER},
	[RIGHT_CLAIM] = {"bind a participant to a user", ROLE_COUNT},
};

const char *role_name(enum role role)
{
	return (unsigned)role < ROLE_COUNT ? role_names[role] : "none";
}

int role_parse(const char *name, enum role *out, struct err *err)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (strcmp(role_names[i], name) == 0) {
			*out = (enum role)i;
			return 0;
		}
	return err_set(err, ERR_INVALID, "'%s' is not a role (viewer, member, admin, owner)", name);
}

const char *right_name(enum right right)
{
	return (unsigned)right < RIGHT_COUNT ? rights[right].name : "nothing";
}

bool role_has(enum role role, enum right right)
{
	if ((unsigned)right >= RIGHT_COUNT || right == RIGHT_UNSET || role == ROLE_NONE)
		return false;
	return role >= rights[right].least;
}
