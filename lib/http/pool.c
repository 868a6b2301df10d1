/* pool.c - threads with a reading store each, and the bounded queue that they serve.
 *
 * Invariant: what was accepted is run, also when the pool is being closed.
 */
#include "http/server.h"

#include <pthread.h>
#include <stdlib.h>

#define QUEUE_MAX 1024

struct pool_job {
	void (*run)(void *data, struct store *store);
	void *data;
};

struct pool {
	struct server *server;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct pool_job queue[QUEUE_MAX]; /* a ring */
	size_t first, count;
	bool closing;
	unsigned threads;
	struct pool_thread {
		struct pool *pool;
		struct store *store;
		pthread_t thread;
	} * members;
};

static bool next_job(struct pool *pool, struct pool_job *out)
{
	bool got = false;

	pthread_mutex_lock(&pool->lock);
	while (!pool->count && !pool->closing)
		pthread_cond_wait(&pool->more, &pool->lock);
	if (pool->count) {
		*out = pool->queue[pool->first];
		pool->first = (pool->first + 1) % QUEUE_MAX;
		pool->count--;
		got = true;
	}
	pthread_mutex_unlock(&pool->lock);
	return got;
}

static void *serve(void *data)
{
	struct pool_thread *me = data;
	struct pool_job job;

	while (next_job(me->pool, &job))
		job.run(job.data, me->store);
	return NULL;
}

bool pool_submit(struct pool *pool, void (*run)(void *data, struct store *store), void *data)
{
	bool room;

	if (!pool)
		return false;
	pthread_mutex_lock(&pool->lock);
	room = pool->count < QUEUE_MAX && !pool->closing;
	if (room) {
		pool->queue[(pool->first + pool->count++) % QUEUE_MAX] =
			(struct pool_job){.run = run, .data = data};
		pthread_cond_signal(&pool->more);
	}
	pthread_mutex_unlock(&pool->lock);
	return room;
}

size_t pool_queued(struct pool *pool)
{
	size_t count;

	pthread_mutex_lock(&pool->lock);
	count = pool->count;
	pthread_mutex_unlock(&pool->lock);
	return count;
}

static int start(struct pool *pool, struct pool_thread *member, struct err *err)
{
	member->pool = pool;
	if (server_open_store(pool->server, STORE_READ, &member->store, err))
		return -1;
	if (pthread_create(&member->thread, NULL, serve, member)) {
		store_close(mem_steal(&member->store));
		return err_set(err, ERR_FAILED, "cannot start a thread");
	}
	pool->threads++;
	return 0;
}

int pool_open(struct server *server, unsigned workers, struct pool **out, struct err *err)
{
	struct pool *pool = mem_calloc(1, sizeof(*pool));

	if (!pool)
		return err_no_memory(err);
	pool->server = server;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->more, NULL);
	pool->members = mem_calloc(workers, sizeof(*pool->members));
	for (unsigned i = 0; i < workers; i++)
		if (!pool->members || start(pool, &pool->members[i], err)) {
			pool_close(pool);
			return -1;
		}
	*out = pool;
	return 0;
}

void pool_stop(struct pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->closing = true;
	pthread_cond_broadcast(&pool->more);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->threads; i++) {
		pthread_join(pool->members[i].thread, NULL);
		store_close(pool->members[i].store);
	}
	pool->threads = 0;
}

void pool_close(struct pool *pool)
{
	if (!pool)
		return;
	pool_stop(pool);
	pthread_cond_destroy(&pool->more);
	pthread_mutex_destroy(&pool->lock);
	free(pool->members);
	free(pool);
}
