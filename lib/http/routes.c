/* routes.c - the list of all resources' routes. */
#include "http/http.h"

extern const struct http_route openapi_routes[];

const struct http_route *const http_tables[] = {
	openapi_routes,
	NULL,
};
