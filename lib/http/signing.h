/* signing.h - the keys that sign tokens, as the threads of a server share them.
 *
 *	_cleanup_key_hold_ struct key_hold hold = KEY_HOLD_INIT;
 *
 *	if (key_hold_take(server->signing, &hold, err))
 *		return -1;
 *	token_sign(hold.keys, &claims, &text, err);
 *
 * Keys that were rotated are loaded at the next take; who holds the old ones keeps them until they give them back.
 */
#ifndef PINHOLE_HTTP_SIGNING_H
#define PINHOLE_HTTP_SIGNING_H

#include "auth/token.h"

struct signing;
/* Loads the keys of the store in `dir`, or makes them: errors as token_keys_open. */
int signing_open(const char *dir, struct signing **out, struct err *err);
void signing_close(struct signing *signing); /* NULL is fine; nobody holds keys any more */

struct key_set;
struct key_hold {
	const struct token_keys *keys;
	struct signing *signing;
	struct key_set *set;
};
#define KEY_HOLD_INIT                                                                              \
	{                                                                                          \
		.keys = NULL                                                                       \
	}
int key_hold_take(struct signing *signing, struct key_hold *out, struct err *err);
void key_hold_give(struct key_hold *hold);
#define _cleanup_key_hold_ _cleanup_(key_hold_give)

#endif
