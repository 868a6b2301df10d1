/* image_memo.c - a table of one entry in each slot; see image_memo.h.
 *
 * Invariant: an entry's file is the answer as of its stamp; what was committed later is asked for before it is
 * used.
 */
#include "http/image_memo.h"
#include "http/image_cache.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLOTS 4096
#define LOCKS 64

struct entry {
	struct image_key key; /* album 0: empty */
	struct image_stamp stamp;
	struct image_file file;
	int64_t touched_ms;
};

struct image_memo {
	pthread_mutex_t locks[LOCKS];
	struct entry slots[SLOTS];
};

void image_file_release(struct image_file *file)
{
	mem_free_pointer(&file->path);
}

int image_memo_open(struct image_memo **out, struct err *err)
{
	struct image_memo *memo = mem_calloc(1, sizeof(*memo));

	if (!memo)
		return err_no_memory(err);
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_init(&memo->locks[i], NULL);
	*out = memo;
	return 0;
}

void image_memo_close(struct image_memo *memo)
{
	if (!memo)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		image_file_release(&memo->slots[i].file);
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&memo->locks[i]);
	free(memo);
}

int image_stamp_take(struct store *store, uint64_t commits, int64_t album, struct image_stamp *out,
	struct err *err)
{
	static const struct db_sql sql = {"image_rev", "SELECT rev FROM album WHERE key = :key"};
	int64_t rev = 0;

	if (db_get_int(store->db, &sql, &rev, err, DB_INT(":key", album)) < 0)
		return -1;
	*out = (struct image_stamp){.commits = commits, .rev = rev};
	return 0;
}

static size_t slot_of(const struct image_key *key)
{
	const struct sized *s = &key->sized;
	uint32_t mix;

	/* Hashes are as good as random already. */
	memcpy(&mix, key->photo.bytes, sizeof(mix));
	mix ^= s->width * 2654435761u ^ s->height * 40503u ^ (uint32_t)s->quality << 7 ^
		(uint32_t)s->fit << 20 ^ (uint32_t)s->format << 21 ^ (uint32_t)key->album * 97;
	return (mix ^ mix >> 16) % SLOTS;
}

static bool same(const struct image_key *a, const struct image_key *b)
{
	return a->album == b->album && sha256_compare(&a->photo, &b->photo) == 0 &&
		sized_equal(&a->sized, &b->sized);
}

/* With the lock.  1 it still holds, 0 the album changed, -1. */
static int refresh(struct entry *entry, struct store *store, uint64_t commits, struct err *err)
{
	struct image_stamp now;

	if (entry->stamp.commits == commits)
		return 1;
	if (image_stamp_take(store, commits, entry->key.album, &now, err))
		return -1;
	if (now.rev != entry->stamp.rev)
		return 0;
	entry->stamp = now;
	return 1;
}

/* With the lock. */
static int look(struct entry *entry, struct store *store, const struct image_key *key,
	uint64_t commits, int *fd, struct err *err)
{
	int holds = same(&entry->key, key) ? refresh(entry, store, commits, err) : 0;

	if (holds != 1)
		return holds;
	*fd = open(entry->file.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return *fd >= 0;
}

int image_memo_find(struct image_memo *memo, struct store *store, const struct image_key *key,
	uint64_t commits, int64_t now_ms, int *fd, char tag[IMAGE_TAG_LEN], const char **type,
	bool *touch, struct err *err)
{
	size_t slot = slot_of(key);
	struct entry *entry = &memo->slots[slot];
	int found;

	pthread_mutex_lock(&memo->locks[slot % LOCKS]);
	found = look(entry, store, key, commits, fd, err);
	if (found == 1) {
		memcpy(tag, entry->file.tag, IMAGE_TAG_LEN);
		*type = entry->file.type;
		*touch = now_ms - entry->touched_ms >= IMAGE_CACHE_TOUCH_MS;
		if (*touch)
			entry->touched_ms = now_ms;
	}
	pthread_mutex_unlock(&memo->locks[slot % LOCKS]);
	return found;
}

void image_memo_put(struct image_memo *memo, const struct image_key *key,
	const struct image_stamp *stamp, struct image_file *file)
{
	size_t slot = slot_of(key);
	struct entry *entry = &memo->slots[slot];

	pthread_mutex_lock(&memo->locks[slot % LOCKS]);
	image_file_release(&entry->file);
	*entry = (struct entry){.key = *key, .stamp = *stamp, .file = *file};
	pthread_mutex_unlock(&memo->locks[slot % LOCKS]);
	file->path = NULL;
}
