/* import.c - the steps of an import; see import.h.
 *
 * Invariant: rows are committed only after the same rows were applied once on trial, and after the bytes
 * that they name are on disk.
 */
#include "import/import.h"
#include "base/path.h"
#include "import/import_internal.h"
#include "store/facts.h"

#include <string.h>

#define FACTS_MAX ((size_t)256 * 1024)

int import_index_facts(struct import *im, const struct album_item *item, struct err *err)
{
	_cleanup_str_ struct str canonical = STR_INIT(FACTS_MAX);
	const json_t *facts;
	struct sha256 hash;

	return import_facts(item, &hash, &facts, &canonical, err) ||
			facts_index(im->store, &hash, facts, err) ?
		-1 :
		0;
}

/* All rows in one transaction, which is kept unless this is the trial. */
static int apply(struct import *im, bool trial, struct err *err)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	uint64_t absent = im->result.absent;
	int failed;

	im->trial = trial;
	im->result = (struct import_result){.absent = absent};
	if (event_begin(im->store->events, "import", &tx, err))
		return -1;
	failed = im->options->restore ? import_restore(im, tx, err) : import_new(im, tx, err);
	if (failed)
		return -1;
	return trial ? 0 : event_commit(&tx, err);
}

/* What an import would bring; nothing is applied, not even on trial. */
static int foretell(struct import *im, struct err *err)
{
	struct album_facts here;
	int found = 0;

	im->result.photos = im->photos;
	im->result.messages = im->messages;
	im->result.events = im->events;
	if (im->options->restore)
		found = event_album_find(im->store->db, &im->head.id, &here, err);
	if (found == 1) {
		im->result.album = (struct album_ref){.key = here.key, .id = here.id};
		im->result.known = here.head >= im->head.head;
	}
	return found < 0 ? -1 : 0;
}

static int run(struct import *im, struct err *err)
{
	if (import_spool(im, err) || import_scan(im, err))
		return -1;
	if (im->options->dry_run)
		return foretell(im, err);
	/* Without bytes the one transaction is all there is, and needs no trial. */
	if ((im->wanted.count || im->facts.count) && apply(im, true, err))
		return -1;
	return import_bytes(im, err) || apply(im, false, err) ? -1 : 0;
}

int import_album(struct store *store, const char *path, const struct import_options *options,
	const struct import_watch *watch, struct import_result *out, struct err *err)
{
	struct import im = {.store = store,
		.path = path,
		.options = options,
		.watch = watch,
		.spool = -1,
		.new_id = uuid_make(clock_now_ms(store->clock))};
	int failed;

	if (options->name && album_name_check(options->name, err))
		return -1;
	if (strcmp(path_base(path), ALBUM_JSON) == 0) {
		err_set(err, ERR_INVALID, ALBUM_JSON " alone has no photos");
		return err_hint(err, "name the folder that it is in");
	}
	failed = run(&im, err);
	mem_close_fd(&im.spool);
	import_scan_release(&im);
	if (failed)
		return -1;
	*out = im.result;
	return 0;
}
