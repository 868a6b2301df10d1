/* import_scan.c - reads album.json for what it claims to be: head, originals, facts.
 *
 * Nothing is believed yet but that it is well-formed.  Invariant: after a scan every hash that later steps ask for
 * is found by bisection, however large the album is.
 */
#include "import/import_internal.h"
#include "proc/proc.h"

#include <stdlib.h>
#include <string.h>

#define WANTED_MAX    100000000
#define FILE_NAME_MAX 4096 /* bytes */
#define FACTS_MAX     ((size_t)256 * 1024)
#define TITLE_MAX     512
#define TEXT_MAX      ((size_t)16 * 1024)

int import_where(const struct album_item *item, struct err *err)
{
	if (!item->element)
		return err_prefix(err, ALBUM_JSON ", %s", item->member);
	return err_prefix(err, ALBUM_JSON ", %s, number %llu", item->member,
		(unsigned long long)item->index + 1);
}

/* --- head ------------------------------------------------------------------------------- */

static int copy_text(const json_t *object, const char *key, enum wire_need need, size_t max,
	char **out, struct err *err)
{
	const char *text = NULL;

	if (wire_get_text(object, key, need, max, &text, err))
		return -1;
	free(*out);
	*out = mem_strdup(text);
	return text && !*out ? err_no_memory(err) : 0;
}

static int take_album(struct import *im, const json_t *album, struct err *err)
{
	struct import_head *h = &im->head;

	if (!json_is_object(album))
		return err_set(err, ERR_INVALID, "it is no object");
	h->has_cover = json_object_get(album, "cover") != NULL;
	if (copy_text(album, "title", WIRE_REQUIRED, TITLE_MAX, &h->title, err) ||
		copy_text(album, "description", WIRE_OPTIONAL, TEXT_MAX, &h->description, err) ||
		wire_get_hex(album, "cover", WIRE_OPTIONAL, h->cover.bytes, SHA256_LEN, err) ||
		wire_get_bool(album, "archived", WIRE_OPTIONAL, &h->archived, err))
		return -1;
	h->album = true;
	if (!im->options->restore)
		return 0;
	return wire_get_uuid(album, "id", WIRE_REQUIRED, &h->id, err) ||
			wire_get_uuid(album, "home", WIRE_REQUIRED, &h->home, err) ||
			wire_get_int(album, "epoch", WIRE_REQUIRED, 1, IMPORT_EPOCH_MAX, &h->epoch,
				err) ||
			wire_get_int(album, "head", WIRE_REQUIRED, 1, EVENT_PLACE_PENDING - 1,
				&h->head, err) ||
			wire_get_hex(
				album, "chain", WIRE_REQUIRED, h->chain.bytes, SHA256_LEN, err) ?
		-1 :
		0;
}

static int take_member(struct import *im, const struct album_item *item, struct err *err)
{
	const char *format = json_string_value(item->json);

	if (strcmp(item->member, "format") == 0) {
		im->head.format = format && strcmp(format, ALBUM_JSON_FORMAT) == 0;
		return im->head.format ? 0 : err_set(err, ERR_INVALID, "it is not an album's");
	}
	if (strcmp(item->member, "version") == 0 &&
		(!json_is_integer(item->json) || json_integer_value(item->json) < 1))
		return err_set(err, ERR_INVALID, "it is no number of a version");
	if (strcmp(item->member, "version") == 0 &&
		json_integer_value(item->json) > ALBUM_JSON_VERSION)
		return err_set(err, ERR_TOO_NEW, "it is %lld, this pinhole reads up to %d",
			(long long)json_integer_value(item->json), ALBUM_JSON_VERSION);
	return strcmp(item->member, "album") == 0 ? take_album(im, item->json, err) : 0;
}

/* --- originals -------------------------------------------------------------------------- */

/* `hash_key` of a photo or part is wanted, under the name of its file. */
static int want(struct import *im, const json_t *from, const char *hash_key, struct err *err)
{
	struct wanted w = {.bytes = 0}, *slot;
	const char *name = NULL;

	if (!json_is_object(from))
		return err_set(err, ERR_INVALID, "it is no object");
	if (wire_get_hex(from, hash_key, WIRE_REQUIRED, w.hash.bytes, SHA256_LEN, err) ||
		wire_get_text(from, "file", WIRE_OPTIONAL, FILE_NAME_MAX, &name, err) ||
		wire_get_int(from, "bytes", WIRE_REQUIRED, 1, INT64_MAX, &w.bytes, err))
		return -1;
	slot = vec_push_or(&im->wanted, err);
	if (!slot)
		return -1;
	*slot = w;
	slot->name = mem_strdup(name);
	return name && !slot->name ? err_no_memory(err) : 0;
}

static int take_photo(struct import *im, const json_t *photo, struct err *err)
{
	const json_t *part;
	size_t i;

	if (want(im, photo, "id", err))
		return -1;
	json_array_foreach (json_object_get(photo, "parts"), i, part)
		if (want(im, part, "part", err))
			return -1;
	return 0;
}

int import_facts(const struct album_item *item, struct sha256 *hash, const json_t **facts,
	struct str *canonical, struct err *err)
{
	struct sha256 real;

	*facts = json_object_get(item->json, "facts");
	str_clear(canonical);
	if (!json_is_object(item->json))
		return err_set(err, ERR_INVALID, "it is no object");
	if (wire_get_hex(item->json, "hash", WIRE_REQUIRED, hash->bytes, SHA256_LEN, err))
		return -1;
	if (!*facts)
		return err_set(err, ERR_INVALID, "facts is missing");
	if (wire_canonical(*facts, canonical, err))
		return -1;
	crypt_sha256(canonical->data, canonical->len, &real);
	if (sha256_compare(&real, hash))
		return err_set(err, ERR_DAMAGED, "these facts do not have the hash that is told");
	return 0;
}

static int take_facts(struct import *im, const struct album_item *item, struct err *err)
{
	_cleanup_str_ struct str canonical = STR_INIT(FACTS_MAX);
	const json_t *facts;
	struct sha256 hash, *slot;

	if (import_facts(item, &hash, &facts, &canonical, err))
		return -1;
	slot = vec_push_or(&im->facts, err);
	if (!slot)
		return -1;
	*slot = hash;
	return 0;
}

/* --- the whole -------------------------------------------------------------------------- */

static void count(struct import *im, const char *member)
{
	im->photos += strcmp(member, "photos") == 0;
	im->messages += strcmp(member, "messages") == 0;
	im->events += strcmp(member, "events") == 0;
}

static int take_item(struct import *im, const struct album_item *item, struct err *err)
{
	int failed = 0;

	if (!item->element)
		failed = take_member(im, item, err);
	else if (!im->head.format || !im->head.album)
		return err_set(
			err, ERR_INVALID, ALBUM_JSON " does not begin like that of an album");
	else if (strcmp(item->member, "photos") == 0)
		failed = take_photo(im, item->json, err);
	else if (strcmp(item->member, "facts") == 0)
		failed = take_facts(im, item, err);
	if (item->element)
		count(im, item->member);
	return failed ? import_where(item, err) : 0;
}

static int compare_wanted(const void *a, const void *b)
{
	return sha256_compare(&((const struct wanted *)a)->hash, &((const struct wanted *)b)->hash);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp((*(struct wanted *const *)a)->name, (*(struct wanted *const *)b)->name);
}

static int compare_hashes(const void *a, const void *b)
{
	return sha256_compare(a, b);
}

/* Sorts, and keeps one of each hash. */
static int put_in_order(struct import *im, struct err *err)
{
	struct wanted *kept = NULL;
	size_t count = 0;

	vec_sort(&im->wanted, compare_wanted);
	vec_foreach (&im->wanted, struct wanted, w) {
		if (kept && sha256_compare(&kept->hash, &w->hash) == 0) {
			free(w->name);
			continue;
		}
		kept = vec_at(&im->wanted, count++);
		*kept = *w;
	}
	im->wanted.count = count;
	vec_sort(&im->facts, compare_hashes);
	vec_foreach (&im->wanted, struct wanted, w) {
		struct wanted **slot = w->name ? vec_push_or(&im->by_name, err) : NULL;

		if (w->name && !slot)
			return -1;
		if (slot)
			*slot = w;
	}
	vec_sort(&im->by_name, compare_names);
	return 0;
}

int import_scan(struct import *im, struct err *err)
{
	static const char *const members[] = {"photos", "facts", NULL};
	struct album_reader *reader;
	struct album_item item;
	int more;

	im->wanted = (struct vec)VEC_INIT(struct wanted, WANTED_MAX);
	im->by_name = (struct vec)VEC_INIT(struct wanted *, WANTED_MAX);
	im->facts = (struct vec)VEC_INIT(struct sha256, WANTED_MAX);
	if (album_reader_open(im->spool, &reader, err))
		return -1;
	album_reader_want(reader, members);
	while ((more = album_reader_next(reader, &item, err)) == 1)
		if (proc_stop_check(err) || take_item(im, &item, err)) {
			more = -1;
			break;
		}
	album_reader_close(reader);
	if (more < 0)
		return -1;
	if (!im->head.format || !im->head.album)
		return err_set(err, ERR_INVALID, ALBUM_JSON " does not tell of an album");
	return put_in_order(im, err);
}

void import_scan_release(struct import *im)
{
	vec_foreach (&im->wanted, struct wanted, w)
		free(w->name);
	vec_release(&im->wanted);
	vec_release(&im->by_name);
	vec_release(&im->facts);
	free(im->folder);
	free(im->head.title);
	free(im->head.description);
}

struct wanted *import_find(const struct import *im, const struct sha256 *hash)
{
	const struct wanted key = {.hash = *hash};

	if (!im->wanted.count)
		return NULL;
	return bsearch(&key, im->wanted.items, im->wanted.count, sizeof(key), compare_wanted);
}

bool import_has_facts(const struct import *im, const struct sha256 *hash)
{
	return im->facts.count &&
		bsearch(hash, im->facts.items, im->facts.count, sizeof(*hash), compare_hashes);
}
