/* events.h - an album's log: /v1/albums/{album}/events. */
#ifndef PINHOLE_HTTP_EVENTS_H
#define PINHOLE_HTTP_EVENTS_H

#include "http/http.h"

extern const struct http_route events_routes[];

#endif
