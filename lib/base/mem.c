/* mem.c - allocation with overflow checks, cleanup helpers.
 *
 * Nothing here aborts: a failed allocation is the caller's error to report.
 */
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *mem_calloc(size_t count, size_t size)
{
	return calloc(count ? count : 1, size ? size : 1);
}

void *mem_realloc(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, bytes ? bytes : 1);
}

char *mem_strdup(const char *text)
{
	return text ? strdup(text) : NULL;
}

char *mem_strndup(const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

void *mem_dup(const void *bytes, size_t len)
{
	void *copy = malloc(len ? len : 1);

	if (copy && len)
		memcpy(copy, bytes, len);
	return copy;
}

void mem_wipe(void *bytes, size_t len)
{
	explicit_bzero(bytes, len);
}

void mem_free_pointer(void *pointer_to_pointer)
{
	void *pointer;

	memcpy(&pointer, pointer_to_pointer, sizeof(pointer));
	free(pointer);
}

void mem_close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

int mem_steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}
