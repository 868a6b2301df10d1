/* signing.c - loads the store's keys once, and again when their file is another.
 *
 * It makes and reads no tokens.  Invariant: a set of keys is freed when it is no longer the newest and its last
 * holder gave it back.
 */
#include "http/signing.h"

#include "base/path.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

struct key_set {
	struct token_keys *keys;
	unsigned holders; /* the struct signing is one */
};

struct signing {
	char *dir, *path; /* of the store, of the current key's file */
	pthread_mutex_t lock;
	struct key_set *newest;
	struct stat file; /* that it was read from */
};

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
		a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void set_drop(struct key_set *set)
{
	if (!set || --set->holders)
		return;
	token_keys_free(set->keys);
	free(set);
}

/* With the lock held.  Keys that cannot be read now leave those that we have. */
static int load_keys(struct signing *s, struct err *err)
{
	struct stat now;
	struct key_set *set;

	if (s->newest && (stat(s->path, &now) || is_same_file(&now, &s->file)))
		return 0;
	set = mem_calloc(1, sizeof(*set));
	if (!set)
		return err_no_memory(err);
	if (token_keys_open(s->dir, &set->keys, err)) {
		free(set);
		return s->newest ? 0 : -1;
	}
	if (stat(s->path, &s->file)) /* it was just there */
		s->file = (struct stat){.st_ino = 0};
	set->holders = 1;
	set_drop(s->newest);
	s->newest = set;
	return 0;
}

int signing_open(const char *dir, struct signing **out, struct err *err)
{
	struct signing *s = mem_calloc(1, sizeof(*s));

	if (!s)
		return err_no_memory(err);
	pthread_mutex_init(&s->lock, NULL);
	s->dir = mem_strdup(dir);
	s->path = path_join(dir, "keys/current.pem");
	if (!s->dir || !s->path) {
		signing_close(s);
		return err_no_memory(err);
	}
	if (load_keys(s, err)) {
		signing_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void signing_close(struct signing *s)
{
	if (!s)
		return;
	set_drop(s->newest);
	pthread_mutex_destroy(&s->lock);
	free(s->dir);
	free(s->path);
	free(s);
}

int key_hold_take(struct signing *s, struct key_hold *out, struct err *err)
{
	int failed;

	pthread_mutex_lock(&s->lock);
	failed = load_keys(s, err);
	if (!failed) {
		s->newest->holders++;
		*out = (struct key_hold){s->newest->keys, s, s->newest};
	}
	pthread_mutex_unlock(&s->lock);
	return failed;
}

void key_hold_give(struct key_hold *hold)
{
	if (!hold->set)
		return;
	pthread_mutex_lock(&hold->signing->lock);
	set_drop(hold->set);
	pthread_mutex_unlock(&hold->signing->lock);
	*hold = (struct key_hold)KEY_HOLD_INIT;
}
