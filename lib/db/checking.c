/* checking.c - SQLite's own check of the whole file, while the caller reads it for other reasons.
 *
 * It judges nothing itself: db_check does.  Invariant: the thread has a connection of its own and ends
 * before that is closed; the caller's connection is never used from here.
 */
#include "db/connection.h"
#include "base/thread.h"

#include <stdlib.h>

struct db_checking {
	struct db *db; /* the thread's */
	pthread_t thread;
	bool threaded; /* it runs, or waits to be joined */
	int failed;
	struct err why;
};

static void *check(void *data)
{
	struct db_checking *c = data;

	c->failed = db_check(c->db, true, &c->why);
	return NULL;
}

int db_check_begin(struct db *db, struct db_checking **out, struct err *err)
{
	_cleanup_free_ struct db_checking *c = mem_calloc(1, sizeof(*c));

	if (!c)
		return err_no_memory(err);
	if (db_open(db->path, DB_READ_ONLY, &c->db, err))
		return -1;
	c->threaded = thread_start(&c->thread, check, c);
	if (!c->threaded)
		check(c);
	*out = mem_steal(&c);
	return 0;
}

int db_check_end(struct db_checking **checking, struct err *err)
{
	_cleanup_free_ struct db_checking *c = mem_steal(checking);

	if (!c)
		return 0;
	if (c->threaded)
		pthread_join(c->thread, NULL);
	db_close(c->db);
	if (c->failed && err)
		*err = c->why;
	return c->failed;
}

void db_check_abandon(struct db_checking **checking)
{
	if (*checking)
		sqlite3_interrupt((*checking)->db->handle);
	db_check_end(checking, NULL);
}
