/* uuid.c - see uuid.h. */
#include "base/uuid.h"
#include "base/str.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* getrandom cannot fail for short reads once the pool is up; before that it blocks. */
static void fill_random(void *bytes, size_t len)
{
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		abort();
}

struct uuid uuid_make(int64_t unix_ms)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static uint64_t last_ms;
	static unsigned counter;
	static uint8_t pool[512];
	static size_t pool_left;
	struct uuid id;
	uint64_t ms = unix_ms < 0 ? 0 : (uint64_t)unix_ms;

	pthread_mutex_lock(&lock);
	if (ms > last_ms) {
		last_ms = ms;
		counter = 0;
	} else if (++counter > 0xfff) {
		last_ms++;
		counter = 0;
	}
	if (pool_left < 8) {
		fill_random(pool, sizeof(pool));
		pool_left = sizeof(pool);
	}
	for (int i = 0; i < 6; i++)
		id.bytes[i] = (uint8_t)(last_ms >> (40 - 8 * i));
	id.bytes[6] = (uint8_t)(0x70 | counter >> 8);
	id.bytes[7] = (uint8_t)counter;
	pool_left -= 8;
	memcpy(id.bytes + 8, pool + pool_left, 8);
	pthread_mutex_unlock(&lock);
	id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
	return id;
}

int uuid_parse(const char *text, size_t len, struct uuid *out)
{
	static const int groups[] = {4, 2, 2, 2, 6};
	struct uuid id;
	size_t at = 0;
	const char *p = text;

	if (len != UUID_TEXT_LEN)
		return -1;
	for (size_t g = 0; g < 5; g++) {
		size_t n = (size_t)groups[g];

		if (g && *p++ != '-')
			return -1;
		if (hex_decode(p, 2 * n, id.bytes + at, n))
			return -1;
		at += n;
		p += 2 * n;
	}
	*out = id;
	return 0;
}

void uuid_format(const struct uuid *id, char out[UUID_TEXT_LEN + 1])
{
	char hex[33];

	hex_encode(id->bytes, 16, hex);
	memcpy(out, hex, 8);
	out[8] = '-';
	memcpy(out + 9, hex + 8, 4);
	out[13] = '-';
	memcpy(out + 14, hex + 12, 4);
	out[18] = '-';
	memcpy(out + 19, hex + 16, 4);
	out[23] = '-';
	memcpy(out + 24, hex + 20, 13);
}

void uuid_format_short(const struct uuid *id, char out[UUID_SHORT_LEN + 1])
{
	hex_encode(id->bytes + 12, 4, out);
}

int uuid_time_ms(const struct uuid *id, int64_t *unix_ms)
{
	const uint8_t *b = id->bytes;
	uint64_t t;

	switch (b[6] >> 4) {
	case 7:
		t = 0;
		for (int i = 0; i < 6; i++)
			t = t << 8 | b[i];
		*unix_ms = (int64_t)t;
		return 0;
	case 1: /* 100 ns since 1582-10-15, RFC 9562 5.1 */
		t = (uint64_t)(b[6] & 0x0f) << 56 | (uint64_t)b[7] << 48 | (uint64_t)b[4] << 40 |
			(uint64_t)b[5] << 32 | (uint64_t)b[0] << 24 | (uint64_t)b[1] << 16 |
			(uint64_t)b[2] << 8 | b[3];
		*unix_ms = (int64_t)(t / 10000) - 12219292800000;
		return 0;
	default:
		return -1;
	}
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool uuid_is_nil(const struct uuid *id)
{
	static const struct uuid nil;

	return uuid_equal(id, &nil);
}
