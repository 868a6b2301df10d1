/* vec.h - a growing array with a maximum.
 *
 *	struct vec items = VEC_INIT(struct item, 1000);
 *
 *	struct item *item = vec_push(&items);	zeroed; NULL when full or out of memory
 *	vec_foreach (&items, struct item, it)
 *		use(it);
 *	vec_release(&items);			frees the array, not what items own
 *
 * Pointers into a vec are valid until the next push.
 */
#ifndef PINHOLE_BASE_VEC_H
#define PINHOLE_BASE_VEC_H

#include "base/err.h"
#include "base/mem.h"

#include <stddef.h>

struct vec {
	void *items;
	size_t count;
	size_t cap;
	size_t max;       /* most items allowed */
	size_t item_size; /* bytes */
};

#define VEC_INIT(type, maximum)                                                                    \
	{                                                                                          \
		.max = (maximum), .item_size = sizeof(type)                                        \
	}

void *vec_push(struct vec *v);
void vec_pop(struct vec *v); /* v must not be empty */
void vec_clear(struct vec *v);
void vec_release(struct vec *v);
/* vec_push that reports: NULL with TOO_LARGE or NO_MEMORY in err. */
void *vec_push_or(struct vec *v, struct err *err);
void vec_sort(struct vec *v, int (*compare)(const void *, const void *));

static inline void *vec_at(const struct vec *v, size_t index)
{
	return (char *)v->items + index * v->item_size;
}

#define vec_foreach(v, type, it)                                                                   \
	for (type *it = (v)->items; it && it < (type *)(v)->items + (v)->count; it++)

#define _cleanup_vec_ _cleanup_(vec_release)

#endif
