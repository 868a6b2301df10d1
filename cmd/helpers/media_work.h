/* media_work.h - does one request: looks, reads facts, renders. */
#ifndef PINHOLE_HELPERS_MEDIA_WORK_H
#define PINHOLE_HELPERS_MEDIA_WORK_H

#include "media/protocol.h"

/* Fills the reply; *facts is owned text or NULL.  Never fails as such: what went wrong with the
 * file is in the reply's status and reason. */
void media_work(const struct media_wire_job *job, struct media_wire_reply *reply, char **facts);

#endif
