/* tap.h - the Test Anything Protocol for our C tests.
 *
 *	#include "tap.h"
 *	int main(void)
 *	{
 *		ok(1 + 1 == 2, "addition");
 *		is_str(name, "beach", "name");
 *		return tap_done();
 *	}
 *
 * A test that cannot run calls tap_skip_all(reason).
 */
#ifndef PINHOLE_TAP_H
#define PINHOLE_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 5, 6), unused)) static int tap_ok(
	int passed, const char *file, int line, const char *expression, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	if (!passed) {
		tap_failed++;
		printf("#   failed at %s:%d: %s\n", file, line, expression);
	}
	fflush(stdout);
	return passed;
}

#define ok(expression, ...) tap_ok(!!(expression), __FILE__, __LINE__, #expression, __VA_ARGS__)

#define is_str(got, want, ...)                                                                     \
	do {                                                                                       \
		const char *got_ = (got), *want_ = (want);                                         \
		int same_ = got_ && want_ ? strcmp(got_, want_) == 0 : got_ == want_;              \
		if (!tap_ok(same_, __FILE__, __LINE__, #got " equals " #want, __VA_ARGS__))        \
			printf("#   got:  %s\n#   want: %s\n", got_ ? got_ : "(null)",             \
				want_ ? want_ : "(null)");                                         \
	} while (0)

#define is_int(got, want, ...)                                                                     \
	do {                                                                                       \
		long long got_ = (long long)(got), want_ = (long long)(want);                      \
		if (!tap_ok(got_ == want_, __FILE__, __LINE__, #got " equals " #want,              \
			    __VA_ARGS__))                                                          \
			printf("#   got:  %lld\n#   want: %lld\n", got_, want_);                   \
	} while (0)

/* Succeeds when a call with an err argument returned 0; prints its message otherwise. */
#define ok_call(call, err_pointer, ...)                                                            \
	do {                                                                                       \
		int passed_ = (call) == 0;                                                         \
		if (!tap_ok(passed_, __FILE__, __LINE__, #call, __VA_ARGS__))                      \
			printf("#   %s\n", (err_pointer)->message);                                \
	} while (0)

__attribute__((unused, noreturn)) static void tap_skip_all(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	exit(0);
}

__attribute__((unused)) static void tap_skip(const char *reason)
{
	printf("ok %d # SKIP %s\n", ++tap_count, reason);
}

__attribute__((unused)) static int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed ? 1 : 0;
}

#endif
