/* search.h - GET /v1/search: what is written about photos, albums and people, and what was said. */
#ifndef PINHOLE_HTTP_SEARCH_H
#define PINHOLE_HTTP_SEARCH_H

#include "http/http.h"

extern const struct http_route search_routes[];

#endif
