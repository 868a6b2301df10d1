/* clock.h - the only door to the time of day.
 *
 * Whoever needs time takes a `const struct clock *`; tests give their own.
 */
#ifndef PINHOLE_BASE_CLOCK_H
#define PINHOLE_BASE_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t (*now_ms)(const struct clock *clock);  /* wall clock, ms since the epoch */
	int64_t (*mono_us)(const struct clock *clock); /* monotonic, microseconds */
	void *data;
};

/* The machine's clock. */
extern const struct clock clock_system;

static inline int64_t clock_now_ms(const struct clock *clock)
{
	return clock->now_ms(clock);
}

static inline int64_t clock_mono_us(const struct clock *clock)
{
	return clock->mono_us(clock);
}

#endif
