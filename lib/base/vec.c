/* vec.c - a growing array; see vec.h. */
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

void *vec_push(struct vec *v)
{
	char *item;

	if (v->count >= v->max)
		return NULL;
	if (v->count == v->cap) {
		size_t cap = v->cap ? v->cap * 2 : 8;
		void *items;

		if (cap > v->max)
			cap = v->max;
		items = mem_realloc(v->items, cap, v->item_size);
		if (!items)
			return NULL;
		v->items = items;
		v->cap = cap;
	}
	item = vec_at(v, v->count++);
	memset(item, 0, v->item_size);
	return item;
}

void *vec_push_or(struct vec *v, struct err *err)
{
	void *item = vec_push(v);

	if (!item && v->count >= v->max)
		err_set(err, ERR_TOO_LARGE, "more than %zu items", v->max);
	else if (!item)
		err_no_memory(err);
	return item;
}

void vec_pop(struct vec *v)
{
	v->count--;
}

void vec_clear(struct vec *v)
{
	v->count = 0;
}

void vec_release(struct vec *v)
{
	free(v->items);
	v->items = NULL;
	v->count = v->cap = 0;
}

void vec_sort(struct vec *v, int (*compare)(const void *, const void *))
{
	if (v->count > 1)
		qsort(v->items, v->count, v->item_size, compare);
}
