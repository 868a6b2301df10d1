/* image_cache.c - counts and thins out the pictures that were rendered on demand; see image_cache.h.
 *
 * It neither renders nor finds pictures.  Invariant: only files with names of ours are ever removed, the
 * least recently used first.
 */
#include "http/image_cache.h"
#include "base/path.h"
#include "base/vec.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX   50000000
#define NAME_MOST   (REST_DIGITS + 30)
#define DIR_DIGITS  2
#define REST_DIGITS (SHA256_HEX_LEN - DIR_DIGITS)

struct place {
	char *dir;
	uint64_t bytes;
	bool counted;
};

struct image_cache {
	pthread_mutex_t lock;
	struct place *places;
	size_t count;
};

/* One file of ours. */
struct found {
	int64_t used; /* ms */
	uint64_t bytes;
	char name[SHA256_HEX_LEN + 32]; /* "ab/cdef...-1280k960q80.jpg" */
};

bool image_cache_is_ours(const char *name)
{
	return strspn(name, "0123456789abcdef") == REST_DIGITS && name[REST_DIGITS] == '-' &&
		name[REST_DIGITS + 1] >= '1' && name[REST_DIGITS + 1] <= '9' &&
		strlen(name) <= NAME_MOST;
}

/* --- opening ------------------------------------------------------------------------------ */

void image_cache_close(struct image_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; cache->places && i < cache->count; i++)
		free(cache->places[i].dir);
	free(cache->places);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

static void close_pointer(struct image_cache **cache)
{
	image_cache_close(*cache);
}

int image_cache_open(const struct store *store, struct image_cache **out, struct err *err)
{
	_cleanup_(close_pointer) struct image_cache *cache = mem_calloc(1, sizeof(*cache));
	size_t roots = store->cache_root_count;

	if (!cache)
		return err_no_memory(err);
	pthread_mutex_init(&cache->lock, NULL);
	cache->count = roots ? roots : 1;
	cache->places = mem_calloc(cache->count, sizeof(*cache->places));
	for (size_t i = 0; cache->places && i < cache->count; i++) {
		cache->places[i].dir =
			roots ? mem_strdup(store->cache_roots[i]) : store_path(store, "cache");
		if (!cache->places[i].dir)
			return err_no_memory(err);
	}
	if (!cache->places)
		return err_no_memory(err);
	*out = mem_steal(&cache);
	return 0;
}

/* --- counting ----------------------------------------------------------------------------- */

/* Adds the files of ours in one of the 256 directories; `list` NULL: only counts. */
static void look_into(struct place *place, unsigned number, struct vec *list)
{
	char path[4096];
	struct dirent *entry;
	DIR *dir;

	if (snprintf(path, sizeof(path), "%s/%02x", place->dir, number) >= (int)sizeof(path))
		return;
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		struct found *found;
		struct stat st;

		if (!image_cache_is_ours(entry->d_name) ||
			fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
			!S_ISREG(st.st_mode))
			continue;
		place->bytes += (uint64_t)st.st_size;
		found = list ? vec_push(list) : NULL;
		if (!found)
			continue;
		found->used = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
		found->bytes = (uint64_t)st.st_size;
		snprintf(found->name, sizeof(found->name), "%02x/%.91s", number, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

static void count(struct place *place, struct vec *list)
{
	place->bytes = 0;
	for (unsigned i = 0; i < 256; i++)
		look_into(place, i, list);
	place->counted = true;
}

static int compare_use(const void *a, const void *b)
{
	const struct found *left = a, *right = b;

	return left->used < right->used ? -1 : left->used > right->used;
}

/* To nine tenths of the quota, so that not every new picture starts a search. */
static void thin_out(struct place *place, uint64_t quota, int64_t now_ms)
{
	_cleanup_vec_ struct vec list = VEC_INIT(struct found, FILES_MAX);
	_cleanup_close_ int dir = open(place->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	count(place, &list);
	vec_sort(&list, compare_use);
	vec_foreach (&list, const struct found, found) {
		if (place->bytes <= quota / 10 * 9 || found->used > now_ms - IMAGE_CACHE_FRESH_MS)
			break;
		if (dir >= 0 && unlinkat(dir, found->name, 0) == 0)
			place->bytes -= found->bytes;
	}
}

void image_cache_added(struct image_cache *cache, const struct sha256 *object, uint64_t bytes,
	uint64_t quota, int64_t now_ms)
{
	struct place *place = &cache->places[object->bytes[0] % cache->count];

	pthread_mutex_lock(&cache->lock);
	if (place->counted)
		place->bytes += bytes;
	else
		count(place, NULL);
	if (quota && place->bytes > quota)
		thin_out(place, quota, now_ms);
	pthread_mutex_unlock(&cache->lock);
}

uint64_t image_cache_bytes(struct image_cache *cache)
{
	uint64_t bytes = 0;

	pthread_mutex_lock(&cache->lock);
	for (size_t i = 0; i < cache->count; i++)
		bytes += cache->places[i].bytes;
	pthread_mutex_unlock(&cache->lock);
	return bytes;
}

void image_cache_touch(int fd, int64_t now_ms)
{
	const struct timespec now = {
		.tv_sec = (time_t)(now_ms / 1000), .tv_nsec = (long)(now_ms % 1000) * 1000000};
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, now};

	/* One that cannot be marked only goes earlier. */
	(void)futimens(fd, times);
}
