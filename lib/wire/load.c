/* load.c - jansson's reader, made safe against failed allocations; see load.h.
 *
 * Limits are the caller's.  jansson 2.14 ignores a failed allocation while it collects a token and goes on
 * without that byte, so a text could be read as another one.  Invariant: a value is given out only if
 * not one allocation failed while it was read.
 */
#include "wire/load.h"

#include <stdbool.h>

static json_malloc_t allocate;
static json_free_t release;
static __thread bool allocation_failed;

static void *allocate_and_note(size_t size)
{
	void *memory = allocate(size);

	if (!memory)
		allocation_failed = true;
	return memory;
}

/* Before main, since jansson's functions are global and threads may be reading them later. */
__attribute__((constructor)) static void install(void)
{
	json_get_alloc_funcs(&allocate, &release);
	json_set_alloc_funcs(allocate_and_note, release);
}

json_t *load_json(const char *text, size_t len, size_t flags, struct err *err)
{
	json_error_t why;
	json_t *json;

	allocation_failed = false;
	json = json_loadb(text, len, flags, &why);
	if (allocation_failed) {
		json_decref(json);
		err_no_memory(err);
		return NULL;
	}
	if (!json)
		err_set(err, ERR_INVALID, "not JSON: %s (line %d, column %d)", why.text, why.line,
			why.column);
	return json;
}
