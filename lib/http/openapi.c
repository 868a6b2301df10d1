/* openapi.c - GET /openapi.json: what this server can do, for programs that make clients.
 *
 * The document is written by hand in openapi.yaml; nothing is generated from the routes.  Invariant:
 * tests/unit/http/openapi.c holds both equal, so neither can be changed alone.
 */
#include "http/openapi.h"
#include "http/http.h"

static int show_contract(struct http_call *call, struct err *err)
{
	str_add(&call->response.body, openapi_json, openapi_json_len);
	http_add_header(&call->response, "Cache-Control", "public, max-age=300");
	return http_answer_text(call, 200, "application/json", err);
}

const struct http_route openapi_routes[] = {
	{"showContract", HTTP_GET, "/openapi.json", ACCESS_PUBLIC, RIGHT_UNSET, SCOPE_NONE,
		.lane = LANE_INLINE, .handle = show_contract},
	{.name = NULL},
};
