/* import_internal.h - what the files behind import.h share; nobody else includes it. */
#ifndef PINHOLE_IMPORT_IMPORT_INTERNAL_H
#define PINHOLE_IMPORT_IMPORT_INTERNAL_H

#include "base/vec.h"
#include "import/album_json.h"
#include "import/import.h"

#define IMPORT_EPOCH_MAX (1 << 20)

/* An original that album.json names. */
struct wanted {
	struct sha256 hash;
	char *name;    /* owned; in the export, without folders; NULL: it says it has none */
	int64_t bytes; /* it says */
	bool here;     /* in the store, or on its way there */
	bool differs;  /* a file of that name has other bytes */
};

struct import_head {
	bool format, album; /* seen */
	struct uuid id, home;
	char *title, *description; /* owned */
	struct sha256 cover, chain;
	bool has_cover, archived;
	int64_t epoch, head;
};

struct import {
	struct store *store;
	const char *path;
	const struct import_options *options;
	const struct import_watch *watch;
	int spool;    /* album.json */
	char *folder; /* owned; where it was: its path without its name */
	struct sha256 spool_hash;
	struct import_head head;
	struct vec wanted;  /* struct wanted, by hash */
	struct vec by_name; /* struct wanted * with a name, by name */
	struct vec facts;   /* struct sha256 of the facts objects in album.json, sorted */
	struct uuid new_id; /* of the new album */
	uint64_t photos, messages, events; /* elements in album.json */
	bool trial; /* what is applied now will be rolled back: bytes are not there yet */
	struct import_result result;
};

/* "photos, number 5: " before an error. */
int import_where(const struct album_item *item, struct err *err);

/* --- import_scan.c: reads album.json once, fills head, wanted, by_name and facts. */
int import_scan(struct import *im, struct err *err);
void import_scan_release(struct import *im);
struct wanted *import_find(
	const struct import *im, const struct sha256 *hash); /* NULL: not named */
bool import_has_facts(const struct import *im, const struct sha256 *hash);
/* The facts of an element of `facts`, checked against its hash (INVALID, DAMAGED): borrowed from the item. */
int import_facts(const struct album_item *item, struct sha256 *hash, const json_t **facts,
	struct str *canonical, struct err *err);

/* --- import_bytes.c */
/* Finds album.json in the export and copies it into im->spool. */
int import_spool(struct import *im, struct err *err);
/* Brings originals and facts into the store, flushed; marks what is here. */
int import_bytes(struct import *im, struct err *err);

/* --- import_new.c, import_restore.c: the rows, in the caller's transaction. */
int import_new(struct import *im, struct event_tx *tx, struct err *err);
int import_restore(struct import *im, struct event_tx *tx, struct err *err);
/* The rows that searching needs for an element of `facts`. */
int import_index_facts(struct import *im, const struct album_item *item, struct err *err);

#endif
