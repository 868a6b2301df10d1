/* check.h - is the store sound?  What `pinhole fsck` asks and mends. */
#ifndef PINHOLE_STORE_CHECK_H
#define PINHOLE_STORE_CHECK_H

#include "store/store.h"

struct check_options {
	bool objects;         /* read and hash the objects, too */
	bool views;           /* replay the logs and compare; not where read_only */
	unsigned part, parts; /* only slice `part` (1..parts) of them; 0, 0: all */
	bool read_only;       /* mend nothing */
	/* Told of each complaint, one line without a newline; may not be NULL. */
	void (*complain)(void *data, const char *line);
	/* Called now and then; non-zero stops with INTERRUPTED.  NULL: never asked. */
	int (*progress)(void *data, const char *what, uint64_t done, uint64_t total);
	void *data;
};

struct check_report {
	int64_t albums, events;     /* verified along their chains */
	int64_t named, missing;     /* objects that the log names; of these not there */
	int64_t damaged, read;      /* objects whose bytes are wrong; objects read */
	int64_t removed, unclaimed; /* objects that nobody names: removed; kept, see check.c */
	int64_t temporary;          /* left-over temporary files removed */
	int64_t complaints;
};

/* 0 when all is sound, also after mending; DAMAGED when something complained. */
int store_check(struct store *store, const struct check_options *options, struct check_report *out,
	struct err *err);

#endif
