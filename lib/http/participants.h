/* participants.h - the people of an album: /v1/albums/{album}/participants. */
#ifndef PINHOLE_HTTP_PARTICIPANTS_H
#define PINHOLE_HTTP_PARTICIPANTS_H

#include "http/http.h"

extern const struct http_route participants_routes[];

#endif
