/* limit.c - buckets of tokens in a table of fixed size.
 *
 * It does not know who is asking, only keys.  A bucket is one number, the time at which it will be full again
 * (the generic cell rate algorithm, ITU-T I.371 annex A): a bucket that is full is one that does not exist.
 * Invariant: an entry's lock is that of its row, and a row never holds a key twice.
 */
#include "http/limit.h"

#include "crypt/crypt.h"
#include "http/server.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>

#define ROWS  4096 /* a power of two */
#define WAYS  4    /* buckets of a row */
#define LOCKS 64   /* each guards every 64th row */

struct bucket {
	uint64_t key;    /* 0: none yet */
	int64_t full_us; /* mono time at which it is full; the past: it is */
};

struct limiter {
	uint64_t seed[3]; /* so that nobody can choose whom they share a bucket with */
	pthread_mutex_t locks[LOCKS];
	struct bucket rows[ROWS][WAYS];
};

int limiter_open(struct limiter **out, struct err *err)
{
	_cleanup_free_ struct limiter *limiter = mem_calloc(1, sizeof(*limiter));

	if (!limiter)
		return err_no_memory(err);
	if (crypt_random(limiter->seed, sizeof(limiter->seed), err))
		return -1;
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_init(&limiter->locks[i], NULL);
	*out = mem_steal(&limiter);
	return 0;
}

void limiter_close(struct limiter *limiter)
{
	if (!limiter)
		return;
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&limiter->locks[i]);
	free(limiter);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_key(
	const struct limiter *limiter, enum limit_class class, const uint8_t key[16])
{
	uint64_t words[2], hash;

	memcpy(words, key, sizeof(words));
	hash = mix(words[0] ^ limiter->seed[0], words[1] ^ limiter->seed[1]);
	hash = mix(hash ^ limiter->seed[2], (uint64_t) class * 2 + 0x9e3779b97f4a7c15);
	return hash ? hash : 1;
}

/* The key's bucket in its row, else the one nearest to full, made the key's. */
static struct bucket *row_find(struct bucket row[WAYS], uint64_t key)
{
	struct bucket *fullest = &row[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (row[i].key == key)
			return &row[i];
		if (row[i].full_us < fullest->full_us)
			fullest = &row[i];
	}
	*fullest = (struct bucket){.key = key};
	return fullest;
}

static int64_t seconds_up(int64_t us)
{
	return us > 0 ? (us + 999999) / 1000000 : 0;
}

bool limiter_take(struct limiter *limiter, enum limit_class class, const uint8_t key[16],
	const struct limit_rate *rate, int64_t now_us, struct limit_left *out)
{
	uint64_t hash = hash_key(limiter, class, key);
	size_t row = hash & (ROWS - 1);
	int64_t whole_us = rate->seconds * 1000000, token_us, owed_us, after_us;
	struct bucket *bucket;
	bool taken;

	*out = (struct limit_left){.tokens = 0};
	if (rate->count <= 0)
		return true;
	token_us = whole_us / rate->count;
	pthread_mutex_lock(&limiter->locks[row % LOCKS]);
	bucket = row_find(limiter->rows[row], hash);
	owed_us = bucket->full_us > now_us ? bucket->full_us - now_us : 0;
	if (owed_us > whole_us)
		owed_us = whole_us; /* the rate was changed */
	after_us = owed_us + token_us;
	taken = after_us <= whole_us;
	if (taken)
		bucket->full_us = now_us + after_us;
	pthread_mutex_unlock(&limiter->locks[row % LOCKS]);
	out->tokens = taken ? (whole_us - after_us) / token_us : 0;
	out->full_after = seconds_up(taken ? after_us : owed_us);
	out->retry_after = taken ? 0 : seconds_up(after_us - whole_us);
	return taken;
}

void limit_peer_key(const char *peer, uint8_t key[16])
{
	struct in6_addr six;
	struct in_addr four;

	memset(key, 0, 16);
	if (inet_pton(AF_INET, peer, &four) == 1) {
		key[0] = 4;
		memcpy(key + 12, &four, sizeof(four));
	} else if (inet_pton(AF_INET6, peer, &six) == 1 && IN6_IS_ADDR_V4MAPPED(&six)) {
		key[0] = 4;
		memcpy(key + 12, six.s6_addr + 12, 4);
	} else if (inet_pton(AF_INET6, peer, &six) == 1) {
		key[15] = 6;
		memcpy(key, six.s6_addr, 8);
	}
}

/* --- a call ------------------------------------------------------------------------------- */

static const char *const names[LIMIT_CLASS_COUNT] = {"user", "address", "login", "account"};

static struct limit_rate find_rate(const struct http_call *call, enum limit_class class)
{
	const struct settings *settings = settings_get(call->server->options.settings);
	const unsigned counts[LIMIT_CLASS_COUNT] = {
		settings->rate_user, settings->rate_public, settings->rate_login, 0};
	struct limit_rate rate = {.count = counts[class], .seconds = 60};

	settings_put(settings);
	return rate;
}

static void add_headers(struct http_call *call, enum limit_class class,
	const struct limit_rate *rate, const struct limit_left *left)
{
	http_add_header(&call->response, "RateLimit-Policy", "\"%s\";q=%lld;w=%lld", names[class],
		(long long)rate->count, (long long)rate->seconds);
	http_add_header(&call->response, "RateLimit", "\"%s\";r=%lld;t=%lld", names[class],
		(long long)left->tokens, (long long)left->full_after);
}

bool limit_call(struct http_call *call, enum limit_class class)
{
	struct limit_rate rate = find_rate(call, class);
	struct err why = ERR_INIT;
	struct limit_left left;
	uint8_t key[16];

	if (class == LIMIT_USER)
		memcpy(key, call->caller.user.bytes, sizeof(key));
	else
		limit_peer_key(call->request.peer, key);
	if (limiter_take(call->server->limiter, class, key, &rate, call->request.began_us, &left)) {
		if (left.tokens < rate.count / 2)
			add_headers(call, class, &rate, &left);
		return true;
	}
	err_set(&why, ERR_OFFLINE, "too many requests: come back in %lld s",
		(long long)left.retry_after);
	http_answer_problem(call, 429, &why);
	http_add_header(&call->response, "Retry-After", "%lld", (long long)left.retry_after);
	add_headers(call, class, &rate, &left);
	return false;
}

int limit_check(struct http_call *call)
{
	return limit_call(call, call->caller.known ? LIMIT_USER : LIMIT_PEER) ? 0 : 1;
}
