/* Arrays with a maximum, and the allocation helpers. */
#include "base/vec.h"
#include "tap.h"

static int by_value(const void *a, const void *b)
{
	int left = *(const int *)a, right = *(const int *)b;

	return (left > right) - (left < right);
}

static void test_vec(void)
{
	_cleanup_vec_ struct vec v = VEC_INIT(int, 100);
	struct err err = ERR_INIT;
	int sum = 0, *item, in_order = 1;

	vec_foreach (&v, int, it)
		sum++;
	is_int(sum, 0, "nothing to walk over at first");
	for (int i = 0; i < 100; i++) {
		item = vec_push(&v);
		in_order = in_order && item && *item == 0;
		*item = i * 37 % 100;
	}
	ok(in_order, "items come zeroed");
	ok(!vec_push(&v) && v.count == 100, "no more than the maximum");
	ok(!vec_push_or(&v, &err) && err.kind == ERR_TOO_LARGE, "and it is said");
	vec_sort(&v, by_value);
	for (size_t i = 0; i < v.count; i++)
		in_order = in_order && *(int *)vec_at(&v, i) == (int)i;
	ok(in_order, "sorted");
	vec_foreach (&v, int, it)
		sum += *it;
	is_int(sum, 4950, "walked over");
	vec_pop(&v);
	is_int(v.count, 99, "popped");
	vec_clear(&v);
	item = vec_push(&v);
	ok(item && *item == 0 && v.count == 1, "items are zeroed also after a clear");
	vec_release(&v);
	ok(v.count == 0 && !v.items, "released");
}

static void test_mem(void)
{
	_cleanup_free_ char *text = mem_strndup("beach\0x", 5);
	char *stolen = mem_steal(&text), secret[4] = "abc";
	int fd = -1;

	is_str(stolen, "beach", "copied");
	ok(!text, "stealing leaves NULL");
	free(stolen);
	ok(!mem_strdup(NULL), "NULL gives NULL");
	ok(!mem_realloc(NULL, SIZE_MAX / 2, 3), "a product that overflows is refused");
	mem_wipe(secret, sizeof(secret));
	ok(memcmp(secret, "\0\0\0\0", 4) == 0, "wiped");
	mem_close_fd(&fd);
	fd = 7;
	ok(mem_steal_fd(&fd) == 7 && fd == -1, "a descriptor is stolen");
	text = mem_dup(NULL, 0);
	ok(text, "no bytes still give memory");
}

int main(void)
{
	test_vec();
	test_mem();
	return tap_done();
}
