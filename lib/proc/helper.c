/* helper.c - finds our own programs that are no commands.
 *
 * It starts none.  Invariant: PATH plays no part; only places that belong to the running program are looked at.
 */
#include "proc/proc.h"
#include "base/mem.h"
#include "base/path.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_TEXT_MAX 4096

static char *beside_us(const char *place, const char *name)
{
	char self[PATH_TEXT_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	_cleanup_free_ char *dir = NULL;
	char *slash;

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	dir = path_join(self, place);
	return dir ? path_join(dir, name) : NULL;
}

char *proc_find_helper(const char *name, struct err *err)
{
	/* Beside us, below us in a fresh clone, above us from build/tests/unit/x, installed. */
	static const char *const places[] = {
		".", "build", "../../..", "../..", "../libexec/pinhole"};
	char *path;

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		path = beside_us(places[i], name);
		if (path && access(path, X_OK) == 0)
			return path;
		mem_free_pointer(&path);
	}
	path = path_join(PINHOLE_LIBEXECDIR, name);
	if (path && access(path, X_OK) == 0)
		return path;
	mem_free_pointer(&path);
	err_set(err, ERR_FAILED, "cannot find the program %s", name);
	err_hint(err, "build it with make, or install pinhole whole");
	return NULL;
}
