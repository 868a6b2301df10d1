/* stream.h - GET /v1/events/stream: what is new in the caller's albums, as server-sent events. */
#ifndef PINHOLE_HTTP_STREAM_H
#define PINHOLE_HTTP_STREAM_H

#include "http/http.h"

extern const struct http_route stream_routes[];

#endif
