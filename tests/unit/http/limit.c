/* Buckets: what they hold, how they fill, whose they are. */
#include "base/mem.h"
#include "http/limit.h"
#include "tap.h"

#define SECOND ((int64_t)1000000)

static struct err err;
static struct limiter *limiter;
static struct limit_left left;

static bool take(enum limit_class class, uint32_t who, int64_t count, int64_t now)
{
	struct limit_rate rate = {.count = count, .seconds = 60};
	uint8_t key[16] = {0};

	memcpy(key, &who, sizeof(who));
	return limiter_take(limiter, class, key, &rate, now, &left);
}

static void check_bucket(void)
{
	int64_t now = 1000 * SECOND;
	int taken = 0;

	while (taken < 20 && take(LIMIT_USER, 1, 6, now))
		taken++;
	is_int(taken, 6, "a full bucket holds its count");
	is_int(left.tokens, 0, "then nothing is left");
	is_int(left.retry_after, 10, "one comes back in a sixth of the time");
	is_int(left.full_after, 60, "all in the whole");
	ok(take(LIMIT_USER, 2, 6, now), "another user has their own");
	is_int(left.tokens, 5, "of which one is gone");
	ok(take(LIMIT_PEER, 1, 6, now), "an address with the same bytes is no user");
	ok(!take(LIMIT_USER, 1, 6, now + 10 * SECOND - 1), "too early by a microsecond");
	ok(take(LIMIT_USER, 1, 6, now + 10 * SECOND), "in time");
	ok(!take(LIMIT_USER, 1, 6, now + 10 * SECOND), "once");
	ok(take(LIMIT_USER, 1, 6, now + 1000 * SECOND), "much later");
	is_int(left.tokens, 5, "it is full and no more than full");
	ok(take(LIMIT_USER, 3, 0, now) && take(LIMIT_USER, 3, 0, now), "no limit");
	take(LIMIT_USER, 4, 1, now);
	ok(!take(LIMIT_USER, 4, 1, now), "a bucket of one");
	ok(take(LIMIT_USER, 4, 60, now + 2 * SECOND), "that becomes larger lets through soon");
}

/* Who is held stays held, whatever number of others comes. */
static void check_flood(void)
{
	int64_t now = 5000 * SECOND;
	int held = 0;

	for (uint32_t who = 0; who < 1000; who++)
		while (take(LIMIT_PEER, who, 10, now))
			continue;
	for (uint32_t who = 1000; who < 101000; who++)
		take(LIMIT_PEER, who, 10, now);
	for (uint32_t who = 0; who < 1000; who++)
		held += !take(LIMIT_PEER, who, 10, now);
	ok(held > 990, "a flood of addresses frees hardly any (%d of 1000 are held)", held);
}

static bool same_key(const char *a, const char *b)
{
	uint8_t key_a[16], key_b[16];

	limit_peer_key(a, key_a);
	limit_peer_key(b, key_b);
	return !memcmp(key_a, key_b, sizeof(key_a));
}

static void check_addresses(void)
{
	ok(same_key("192.0.2.1", "::ffff:192.0.2.1"), "an IPv4 address in either form");
	ok(!same_key("192.0.2.1", "192.0.2.2"), "two IPv4 addresses");
	ok(same_key("2001:db8:0:1::1", "2001:db8:0:1:ffff::2"), "one network of IPv6");
	ok(!same_key("2001:db8:0:1::1", "2001:db8:0:2::1"), "two");
	ok(same_key("", "unix"), "no address");
	ok(!same_key("", "0.0.0.0") && !same_key("", "::"), "which is none of the others");
}

int main(void)
{
	if (limiter_open(&limiter, &err))
		return 1;
	check_bucket();
	check_flood();
	check_addresses();
	limiter_close(limiter);
	return tap_done();
}
