/* image_cache.h - keeps the pictures that were rendered on demand within serve.cache-quota, in each cache.dir.
 *
 *	image_cache_open(store, quota, &cache, err);
 *	...						a picture is placed (variant_file_place)
 *	image_cache_added(cache, &object, bytes, quota, now);	what was not looked at for longest goes, if need be
 *	...						a picture is answered
 *	image_cache_touch(fd, now_ms);			once an hour is enough
 *
 * The time of a picture's last use is its file's mtime: nothing else needs it, and no mount option lies
 * about it.  Thumbnails and previews are ingest's and stay.  Any thread.
 */
#ifndef PINHOLE_HTTP_IMAGE_CACHE_H
#define PINHOLE_HTTP_IMAGE_CACHE_H

#include "store/store.h"

struct image_cache;

/* Takes the places of the cache from the store, which it does not keep. */
int image_cache_open(const struct store *store, struct image_cache **out, struct err *err);
void image_cache_close(struct image_cache *cache); /* NULL is fine */

/* `quota`: bytes in each place, 0: none.  What was used within IMAGE_CACHE_FRESH_MS of now_ms stays all the same: who
 * asked for it is about to be answered.  Takes long where something has to go, and the first time. */
void image_cache_added(struct image_cache *cache, const struct sha256 *object, uint64_t bytes,
	uint64_t quota, int64_t now_ms);
#define IMAGE_CACHE_FRESH_MS 10000
/* What the places hold as far as was counted. */
uint64_t image_cache_bytes(struct image_cache *cache);
void image_cache_touch(int fd, int64_t now_ms);
#define IMAGE_CACHE_TOUCH_MS 3600000

/* True for the names of pictures rendered on demand: 62 hex digits, '-', and a name of sized.h. */
bool image_cache_is_ours(const char *name);

#endif
