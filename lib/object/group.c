/* group.c - gives finished objects their names, many at the cost of one flush.
 *
 * It commits no rows: the caller does, after object_group_flush returned 0.  Invariant: data reach the disk
 * before the names, the names before the caller goes on.
 */
#include "object/internal.h"

#include "base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP_MAX 65536
#define FAN_OUT   256

/* Up to so many files or directories are flushed one by one, beyond that by one syncfs.  Measured on ext4: 100
 * files of 3 MB take 22 ms one by one and 5 ms by syncfs, 4 files 3 ms and 2 ms; but syncfs also waits for
 * what other programs have dirtied, so a single photo does without. */
#define ONE_BY_ONE 4

struct object_group {
	struct objects *objects;
	struct vec writers;    /* struct object_writer *, finished */
	bool touched[FAN_OUT]; /* directories with new names */
	bool made_dir;         /* objects/ itself has new names */
};

int object_group_open(struct objects *o, struct object_group **out, struct err *err)
{
	struct object_group *g = mem_calloc(1, sizeof(*g));

	if (!g)
		return err_no_memory(err);
	g->objects = o;
	g->writers = (struct vec)VEC_INIT(struct object_writer *, GROUP_MAX);
	*out = g;
	return 0;
}

int object_group_add(struct object_group *g, struct object_writer *w, struct err *err)
{
	struct object_writer **slot = NULL;

	if (!w->finished)
		err_set(err, ERR_FAILED, "an object was stored before its end");
	else
		slot = vec_push_or(&g->writers, err);
	if (!slot) {
		object_writer_abort(w);
		return -1;
	}
	/* A big group keeps no descriptors: syncfs needs none. */
	if (g->writers.count > ONE_BY_ONE)
		mem_close_fd(&w->fd);
	*slot = w;
	return 0;
}

static struct object_writer *writer_at(const struct object_group *g, size_t i)
{
	return *(struct object_writer **)vec_at(&g->writers, i);
}

static int flush_all(struct object_group *g, struct err *err)
{
	if (syncfs(g->objects->fd))
		return err_errno(err, "cannot flush the objects in %s", g->objects->dir);
	return 0;
}

static int flush_data(struct object_group *g, struct err *err)
{
	if (g->writers.count > ONE_BY_ONE)
		return flush_all(g, err);
	for (size_t i = 0; i < g->writers.count; i++)
		if (fdatasync(writer_at(g, i)->fd))
			return err_errno(err, "cannot flush an object in %s", g->objects->dir);
	return 0;
}

/* Names one object.  One of the same size that is there already is kept: its bytes were hashed when it came. */
static int give_name(struct object_group *g, struct object_writer *w, struct err *err)
{
	struct objects *o = g->objects;
	char name[OBJECT_NAME_LEN], dir[3];
	struct stat st;

	object_name(&w->hash, name);
	g->touched[w->hash.bytes[0]] = true;
	if (fstatat(o->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		(uint64_t)st.st_size == w->size) {
		unlinkat(o->tmp_fd, w->name, 0);
		w->named = false;
		return 0;
	}
	if (w->linked && fchmodat(o->tmp_fd, w->name, OBJECT_MODE, 0))
		return err_errno(err, "cannot protect a file taken by hard link");
	memcpy(dir, name, 2);
	dir[2] = '\0';
	if (mkdirat(o->fd, dir, 0700) == 0)
		g->made_dir = true;
	else if (errno != EEXIST)
		return err_errno(err, "cannot make the directory %s/%s", o->dir, dir);
	if (renameat(o->tmp_fd, w->name, o->fd, name))
		return err_errno(err, "cannot store the object %s", name);
	w->named = false;
	return 0;
}

static int sync_dir(struct objects *o, const char *name, struct err *err)
{
	_cleanup_close_ int fd = openat(o->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd))
		return err_errno(err, "cannot flush the directory %s/%s", o->dir, name);
	return 0;
}

static int flush_names(struct object_group *g, struct err *err)
{
	unsigned count = 0;

	for (unsigned byte = 0; byte < FAN_OUT; byte++)
		count += g->touched[byte];
	if (count > ONE_BY_ONE)
		return flush_all(g, err);
	for (unsigned byte = 0; byte < FAN_OUT; byte++) {
		char name[8];

		snprintf(name, sizeof(name), "%02x", byte);
		if (g->touched[byte] && sync_dir(g->objects, name, err))
			return -1;
	}
	return g->made_dir ? sync_dir(g->objects, ".", err) : 0;
}

static void empty(struct object_group *g)
{
	for (size_t i = 0; i < g->writers.count; i++)
		object_writer_abort(writer_at(g, i));
	vec_clear(&g->writers);
}

int object_group_flush(struct object_group *g, struct err *err)
{
	if (g->writers.count == 0)
		return 0;
	if (flush_data(g, err))
		return -1;
	for (size_t i = 0; i < g->writers.count; i++)
		if (give_name(g, writer_at(g, i), err))
			return -1;
	if (flush_names(g, err))
		return -1;
	memset(g->touched, 0, sizeof(g->touched));
	g->made_dir = false;
	empty(g);
	return 0;
}

void object_group_close(struct object_group *g)
{
	if (!g)
		return;
	empty(g);
	vec_release(&g->writers);
	free(g);
}

/* --- one small object --------------------------------------------------------------------- */

static void close_group(struct object_group **g)
{
	object_group_close(*g);
}

int object_put(
	struct objects *o, const void *bytes, size_t len, struct sha256 *hash, struct err *err)
{
	_cleanup_(close_group) struct object_group *g = NULL;
	struct object_writer *w = NULL;
	struct sha256 found;

	if (object_group_open(o, &g, err) || object_writer_open(o, &w, err))
		return -1;
	if (object_writer_add(w, bytes, len, err) || object_writer_finish(w, &found, NULL, err)) {
		object_writer_abort(w);
		return -1;
	}
	if (object_group_add(g, w, err) || object_group_flush(g, err))
		return -1;
	*hash = found;
	return 0;
}
