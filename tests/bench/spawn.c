/* spawn.c - what it costs to start a program, beside another, turn by turn.
 *
 *	spawn RUNS ROUNDS PROGRAM ARG... -- PROGRAM ARG...
 *
 * Starts the two commands one after the other, RUNS times a round, with their output thrown away, and prints
 * a line for each round: milliseconds a run of the first, of the second (from before posix_spawn
 * until waitpid returns).  A command that fails ends it.
 */
#include "bench.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static posix_spawn_file_actions_t quiet;

static double run_once(char **command)
{
	double start = bench_seconds();
	pid_t child;
	int status;

	if (posix_spawnp(&child, command[0], &quiet, NULL, command, environ) ||
		waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "bench: %s failed\n", command[0]);
		exit(1);
	}
	return bench_seconds() - start;
}

int main(int argc, char **argv)
{
	int64_t runs, rounds;
	char **first = argv + 3, **second = first;

	if (argc < 6)
		return 2;
	while (*second && strcmp(*second, "--") != 0)
		second++;
	if (!*second || !second[1])
		return 2;
	*second++ = NULL;
	runs = bench_number(argv[1]);
	rounds = bench_number(argv[2]);
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	for (int64_t round = -1; round < rounds; round++) { /* one more before, to warm up */
		double a = 0, b = 0;

		for (int64_t i = 0; i < runs; i++) {
			a += run_once(first);
			b += run_once(second);
		}
		if (round >= 0)
			printf("%.4f %.4f\n", a / (double)runs * 1e3, b / (double)runs * 1e3);
	}
	return 0;
}
