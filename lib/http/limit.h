/* limit.h - how often one user or one address may ask.
 *
 *	struct limiter *limiter;
 *	limiter_open(&limiter, err);
 *	...
 *	struct limit_rate rate = {.count = 600, .seconds = 60};
 *	if (!limiter_take(limiter, LIMIT_USER, user.bytes, &rate, now_us, &left))
 *		refuse(left.retry_after);
 *
 * Each key has a bucket of `count` tokens that fills again within `seconds`; a request takes one.  The table has
 * a fixed size: when it is full the bucket nearest to full is forgotten, so that flooding it with addresses
 * costs memory nobody has and frees nobody who is being held.  All calls are thread-safe.
 *
 * Back-off on wrong passwords and codes is not here: it is kept in the store (store/user_code.h).
 */
#ifndef PINHOLE_HTTP_LIMIT_H
#define PINHOLE_HTTP_LIMIT_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct http_call;

enum limit_class {
	LIMIT_USER = 0, /* all requests of a user */
	LIMIT_PEER,     /* an address: requests of nobody, and tokens that are not known yet */
	LIMIT_LOGIN,    /* an address: where passwords and codes are tried */
	LIMIT_TARGET,   /* an account: where they are tried on it; not for limit_call */
	LIMIT_CLASS_COUNT
};

struct limit_rate {
	int64_t count;   /* tokens of a full bucket, at most 1,000,000; 0: no limit */
	int64_t seconds; /* in which an empty one fills, 1 to 86,400 */
};

struct limit_left {
	int64_t tokens;      /* that are left */
	int64_t full_after;  /* seconds until the bucket is full, rounded up */
	int64_t retry_after; /* seconds until the next token, rounded up; 0 when it was taken */
};

struct limiter;
int limiter_open(struct limiter **out, struct err *err);
void limiter_close(struct limiter *limiter); /* NULL is fine */
/* Takes a token of the bucket of the 16-byte key; false if there is none.  A rate's count of 0: true. */
bool limiter_take(struct limiter *limiter, enum limit_class class, const uint8_t key[16],
	const struct limit_rate *rate, int64_t now_us, struct limit_left *out);
/* The key of an address as text: a whole IPv4 address, the /64 of an IPv6 one (what one customer has),
 * and one key for all that is neither. */
void limit_peer_key(const char *peer, uint8_t key[16]);

/* Takes a token for the call's caller (LIMIT_USER) or their address, by the rates of the settings.  False: it is answered
 * with 429 and Retry-After.  An answer says what is left (RateLimit, RateLimit-Policy:
 * draft-ietf-httpapi-ratelimit-headers-10) once less than half is. */
bool limit_call(struct http_call *call, enum limit_class class);

#endif
