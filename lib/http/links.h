/* links.h - links by which guests look into an album: /v1/albums/{album}/links. */
#ifndef PINHOLE_HTTP_LINKS_H
#define PINHOLE_HTTP_LINKS_H

#include "http/http.h"

extern const struct http_route links_routes[];

#endif
