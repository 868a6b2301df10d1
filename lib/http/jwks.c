/* jwks.c - the public keys by which other services check our tokens (RFC 7517).
 *
 * It shows no other key.
 */
#include "http/server.h"
#include "http/signing.h"

static int show(struct http_call *call, struct err *err)
{
	_cleanup_key_hold_ struct key_hold hold = KEY_HOLD_INIT;

	if (key_hold_take(call->server->signing, &hold, err) ||
		token_jwks(hold.keys, &call->response.body, err))
		return -1;
	/* The key before the newest one stays in the set, so that an old copy does no harm for a while. */
	http_add_header(&call->response, "Cache-Control", "public, max-age=300");
	return http_answer_text(call, 200, "application/jwk-set+json", err);
}

const struct http_route jwks_routes[] = {
	{"showKeys", HTTP_GET, "/.well-known/jwks.json", ACCESS_PUBLIC, .lane = LANE_INLINE,
		.handle = show},
	{.name = NULL},
};
