/* clock.c - the machine's clock behind a struct. */
#include "base/clock.h"

#include <time.h>

static int64_t system_now_ms(const struct clock *clock)
{
	struct timespec t;

	(void)clock;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t system_mono_us(const struct clock *clock)
{
	struct timespec t;

	(void)clock;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

const struct clock clock_system = {.now_ms = system_now_ms, .mono_us = system_mono_us};
