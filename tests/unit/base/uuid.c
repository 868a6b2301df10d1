/* UUIDs: form, order, time. */
#include "base/mem.h"
#include "base/uuid.h"
#include "tap.h"

#include <pthread.h>

#define THREADS 4
#define EACH    20000

static struct uuid made[THREADS][EACH];

static void *make_many(void *out)
{
	struct uuid *ids = out;

	for (int i = 0; i < EACH; i++)
		ids[i] = uuid_make(1700000000000 + i / 5000);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid));
}

static void test_threads(void)
{
	static struct uuid all[THREADS * EACH];
	pthread_t threads[THREADS];
	int sorted = 1, unique = 1;

	for (int t = 0; t < THREADS; t++)
		if (pthread_create(&threads[t], NULL, make_many, made[t]))
			exit(1);
	for (int t = 0; t < THREADS; t++) {
		pthread_join(threads[t], NULL);
		for (int i = 1; i < EACH; i++)
			sorted = sorted && compare(&made[t][i - 1], &made[t][i]) < 0;
		memcpy(all + t * EACH, made[t], sizeof(made[t]));
	}
	ok(sorted, "each thread's sort in the order of their making, also many in a millisecond");
	qsort(all, ARRAY_LEN(all), sizeof(*all), compare);
	for (size_t i = 1; i < ARRAY_LEN(all); i++)
		unique = unique && !uuid_equal(&all[i - 1], &all[i]);
	ok(unique, "all are different");
}

static void test_make(void)
{
	struct uuid a = uuid_make(1800000000123), b = uuid_make(5), zero = {{0}};
	int64_t ms = 0;

	ok(a.bytes[6] >> 4 == 7 && a.bytes[8] >> 6 == 2, "version 7, the variant of the RFC");
	ok(uuid_time_ms(&a, &ms) == 0 && ms == 1800000000123, "it holds its time");
	ok(compare(&a, &b) < 0, "order holds when the clock steps back");
	ok(uuid_is_nil(&zero) && !uuid_is_nil(&a), "nil");
}

static void test_text(void)
{
	static const char text[] = "0190b0a0-1234-7abc-8def-0123456789ab";
	static const char *const bad[] = {"", "0190b0a0-1234-7abc-8def-0123456789a",
		"0190b0a01234-7abc-8def-0123456789abc", "0190b0a0-1234-7abc-8def-0123456789ag",
		"{190b0a0-1234-7abc-8def-0123456789a}", "0190b0a0-1234-7abc-8def_0123456789ab",
		"0190b0a0-1234-7abc-8def-0123456789abc"};
	char out[UUID_TEXT_LEN + 1], tail[UUID_SHORT_LEN + 1];
	struct uuid id = {{0}}, same;

	ok(uuid_parse(text, 36, &id) == 0, "parsed");
	uuid_format(&id, out);
	is_str(out, text, "and written");
	uuid_format_short(&id, tail);
	is_str(tail, "456789ab", "the last eight digits");
	ok(uuid_parse("0190B0A0-1234-7ABC-8DEF-0123456789AB", 36, &same) == 0 &&
			uuid_equal(&id, &same),
		"either case");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(uuid_parse(bad[i], strlen(bad[i]), &same) == -1 && uuid_equal(&id, &same),
			"malformed %zu is refused and the output kept", i);
}

/* RFC 9562 appendix A.1 and A.6: both hold 2022-02-22T19:22:22Z. */
static void test_time(void)
{
	struct uuid id;
	int64_t ms = 7;

	uuid_parse("C232AB00-9414-11EC-B3C8-9F6BDECED846", 36, &id);
	ok(uuid_time_ms(&id, &ms) == 0 && ms == 1645557742000, "the time of version 1");
	uuid_parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", 36, &id);
	ok(uuid_time_ms(&id, &ms) == 0 && ms == 1645557742000, "of version 7");
	uuid_parse("919108F7-52D1-4320-9BAC-F847DB4148A8", 36, &id);
	ok(uuid_time_ms(&id, &ms) == -1, "version 4 has none");
}

int main(void)
{
	test_make();
	test_threads();
	test_text();
	test_time();
	return tap_done();
}
