/* mem.h - owned memory: attribute cleanup and the few allocation calls.
 *
 *	_cleanup_free_ char *name = NULL;
 *
 * frees `name` on every way out of its scope.  mem_steal hands an owned pointer on and
 * leaves NULL behind, so that cleanup does nothing:
 *
 *	*out = mem_steal(&name);
 *
 * Allocations fail softly: NULL, and the caller answers err_no_memory.
 */
#ifndef PINHOLE_BASE_MEM_H
#define PINHOLE_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/* "unused": a variable that exists only for its cleanup is no mistake (clang warns of it). */
#define _cleanup_(fn) __attribute__((cleanup(fn), unused))

/* `count` zeroed items of `size` bytes, or NULL (also on overflow). */
void *mem_calloc(size_t count, size_t size);
void *mem_realloc(void *old, size_t count, size_t size);
char *mem_strdup(const char *text); /* NULL gives NULL */
char *mem_strndup(const char *text, size_t len);
void *mem_dup(const void *bytes, size_t len); /* at least one byte is allocated */

/* Overwrites a secret; the compiler may not drop it. */
void mem_wipe(void *bytes, size_t len);

void mem_free_pointer(void *pointer_to_pointer);
void mem_close_fd(int *fd); /* closes when >= 0 and sets -1; keeps errno */

#define _cleanup_free_  _cleanup_(mem_free_pointer)
#define _cleanup_close_ _cleanup_(mem_close_fd)

#define mem_steal(pp)                                                                              \
	({                                                                                         \
		__typeof__(*(pp)) stolen_ = *(pp);                                                 \
		*(pp) = NULL;                                                                      \
		stolen_;                                                                           \
	})

/* As mem_steal for a file descriptor: leaves -1 behind. */
int mem_steal_fd(int *fd);

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
