/* summary.h - the store at a glance: what `pinhole status` shows, in time that does not grow with it. */
#ifndef PINHOLE_STORE_SUMMARY_H
#define PINHOLE_STORE_SUMMARY_H

#include "store/store.h"

struct summary {
	int64_t albums, photos, messages, bytes;
	int64_t pending, rejected; /* events that wait for their home, or were refused */
	int64_t unknown;           /* events of kinds that this version does not know */
	int64_t not_rendered; /* pictures and videos with a variant that failed or is damaged */
	int64_t unindexed; /* events that full text has not reached yet (searched all the same) */
	int64_t contacts;
};

int store_summarize(struct store *store, struct summary *out, struct err *err);
/* The newest refused events and files that were not rendered, one line each. */
int store_each_trouble(struct store *store, int64_t limit,
	int (*each)(void *data, const char *line, struct err *err), void *data, struct err *err);

#endif
