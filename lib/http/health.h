/* health.h - /healthz: the process answers; /readyz: it can read the store and takes requests. */
#ifndef PINHOLE_HTTP_HEALTH_H
#define PINHOLE_HTTP_HEALTH_H

#include "http/http.h"

extern const struct http_route health_routes[];

#endif
