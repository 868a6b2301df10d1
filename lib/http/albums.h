/* albums.h - the albums that the caller sees: /v1/albums. */
#ifndef PINHOLE_HTTP_ALBUMS_H
#define PINHOLE_HTTP_ALBUMS_H

#include "http/http.h"

extern const struct http_route albums_routes[];

#endif
