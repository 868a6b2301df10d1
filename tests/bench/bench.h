/* bench.h - what the measuring programs share: the clock, how they give up, a store with an album.
 *
 * They print numbers and judge nothing: tests/bench/run makes medians and verdicts of them.
 */
#ifndef PINHOLE_BENCH_H
#define PINHOLE_BENCH_H

#include "base/path.h"
#include "store/album.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((noreturn, unused)) static void bench_die(const struct err *err)
{
	fprintf(stderr, "bench: %s\n", err->message);
	exit(1);
}

#define bench_try(call)                                                                            \
	do {                                                                                       \
		if (call)                                                                          \
			bench_die(&err);                                                           \
	} while (0)

__attribute__((unused)) static double bench_seconds(void)
{
	return (double)clock_mono_us(&clock_system) / 1e6;
}

/* A number from the command line: 1 to 100 million. */
__attribute__((unused)) static int64_t bench_number(const char *text)
{
	struct err err = ERR_INIT;
	int64_t number;

	bench_try(text_to_i64(text, 1, 100000000, &number, &err));
	return number;
}

/* The store in `dir`, made if absent, open for writing. */
__attribute__((unused)) static struct store *bench_store(const char *dir)
{
	const struct store_identity who = {.name = "Bench"};
	_cleanup_free_ char *file = path_join(dir, "pinhole.db");
	struct err err = ERR_INIT;
	struct store *store;

	if (file && !path_exists(file))
		bench_try(store_init(dir, &who, &clock_system, &err));
	bench_try(store_open(dir, STORE_WRITE, &clock_system, NULL, &store, &err));
	return store;
}

/* The album of this name, made if absent. */
__attribute__((unused)) static struct album_ref bench_album(struct store *store, const char *name)
{
	struct err err = ERR_INIT;
	struct album_ref album;

	if (resolve_album(store, name, &album, NULL))
		bench_try(album_create(store, name, NULL, NULL, &album, &err));
	return album;
}

#endif
