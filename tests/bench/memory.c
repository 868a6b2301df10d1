/* memory.c - how much memory a command and all its children hold at once, at the most.
 *
 *	memory COMMAND ARG...
 *
 * Looks at /proc 50 times a second, adds up the PSS (memory that is shared counts once, split among
 * those who share it) of the command and everything below it, and prints in MB (10^6 bytes): the peak
 * sum of PSS, the peak sum of RSS, how many looks there were.  Where PSS may not be read (another
 * user's process), RSS stands for it.
 */
#include "bench.h"

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define TREE_MAX  256
#define PERIOD_US 20000

extern char **environ;

struct tree {
	pid_t pids[TREE_MAX];
	size_t count;
};

/* A small file of /proc as text; false if the process is gone or does not let us. */
static bool read_proc(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, size - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

static pid_t parent_of(pid_t pid)
{
	char text[1024], *after;
	int parent = 0;

	if (!read_proc(pid, "stat", text, sizeof(text)))
		return 0;
	after = strrchr(text, ')'); /* the name before it may hold anything */
	if (!after || sscanf(after + 1, " %*c %d", &parent) != 1)
		return 0;
	return parent;
}

static bool tree_has(const struct tree *tree, pid_t pid)
{
	for (size_t i = 0; i < tree->count; i++)
		if (tree->pids[i] == pid)
			return true;
	return false;
}

/* Everything below the root.  Children mostly have higher numbers than their parents; a tree of
 * more than one level that wrapped around is found by the second pass. */
static void find_tree(pid_t root, struct tree *tree)
{
	tree->count = 1;
	tree->pids[0] = root;
	for (int pass = 0; pass < 2; pass++) {
		DIR *dir = opendir("/proc");
		struct dirent *entry;

		while (dir && (entry = readdir(dir)) != NULL) {
			pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

			if (pid > 0 && tree->count < TREE_MAX && !tree_has(tree, pid) &&
				tree_has(tree, parent_of(pid)))
				tree->pids[tree->count++] = pid;
		}
		if (dir)
			closedir(dir);
	}
}

/* Kilobytes behind "Name:" in smaps_rollup or status, -1 if there is none. */
static long field_kb(pid_t pid, const char *file, const char *name)
{
	char text[4096], *at;

	if (!read_proc(pid, file, text, sizeof(text)))
		return -1;
	at = strstr(text, name);
	return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

struct peak {
	long pss, rss, looks;
};

static void look(pid_t root, struct peak *peak)
{
	struct tree tree;
	long pss = 0, rss = 0;

	find_tree(root, &tree);
	for (size_t i = 0; i < tree.count; i++) {
		long held = field_kb(tree.pids[i], "status", "VmRSS:");
		long own = field_kb(tree.pids[i], "smaps_rollup", "\nPss:");

		held = held > 0 ? held : 0;
		rss += held;
		pss += own >= 0 ? own : held;
	}
	peak->looks++;
	peak->pss = pss > peak->pss ? pss : peak->pss;
	peak->rss = rss > peak->rss ? rss : peak->rss;
}

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t quiet;
	struct peak peak = {0, 0, 0};
	pid_t child;
	int status;

	if (argc < 2)
		return 2;
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&child, argv[1], &quiet, NULL, argv + 1, environ)) {
		fprintf(stderr, "bench: cannot start %s\n", argv[1]);
		return 1;
	}
	while (waitpid(child, &status, WNOHANG) == 0) {
		look(child, &peak);
		usleep(PERIOD_US);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "bench: %s failed\n", argv[1]);
		return 1;
	}
	printf("%.1f %.1f %ld\n", (double)peak.pss * 1024 / 1e6, (double)peak.rss * 1024 / 1e6,
		peak.looks);
	return 0;
}
