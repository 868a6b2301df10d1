/* routes.c - the list of all resources' routes. */
#include "http/http.h"

const struct http_route *const http_tables[] = {
	NULL,
};
