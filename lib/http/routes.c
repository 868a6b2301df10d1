/* routes.c - the list of all resources' routes. */
#include "http/health.h"
#include "http/http.h"
#include "http/metrics.h"

extern const struct http_route openapi_routes[];
extern const struct http_route photos_routes[], originals_routes[], images_routes[];

const struct http_route *const http_tables[] = {
	health_routes,
	metrics_routes,
	openapi_routes,
	photos_routes,
	originals_routes,
	images_routes,
	NULL,
};
