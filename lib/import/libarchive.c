/* libarchive.c - finds libarchive's functions at run time; see libarchive.h.
 *
 * It opens no archive.  Invariant: `libarchive` is all NULL, or whole and never changed again.
 */
#include "import/libarchive.h"
#include "base/mem.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

/* The version whose headers we were built with: the number of its interface. */
#define LIBRARY "libarchive.so.13"

struct libarchive libarchive;

static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;
static bool loaded;

/* In the order of the struct's members, which are nothing but pointers. */
#define NAME(function) #function,
static const char *const names[] = {LIBARCHIVE_FUNCTIONS(NAME)};
_Static_assert(sizeof(libarchive) == sizeof(names), "each function has a name");

static int load(struct err *err)
{
	void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL); /* kept for good */
	struct libarchive found;

	if (!library) {
		err_set(err, ERR_UNSUPPORTED, "cannot load the library for archives: %s",
			dlerror());
		return err_hint(err, "install libarchive (Debian's libarchive13)");
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		void *function = dlsym(library, names[i]);

		if (!function)
			return err_set(err, ERR_UNSUPPORTED, "%s lacks %s", LIBRARY, names[i]);
		memcpy((char *)&found + i * sizeof(function), &function, sizeof(function));
	}
	libarchive = found;
	return 0;
}

int libarchive_load(struct err *err)
{
	int failed;

	pthread_mutex_lock(&load_lock);
	failed = loaded ? 0 : load(err);
	loaded = !failed;
	pthread_mutex_unlock(&load_lock);
	return failed;
}
