/* photo_change.c - what people change about a photo: time, place, rotation, tags, caption, whether it is
 * shown.
 *
 * The file itself is never touched.  Invariant: only what differs from what is becomes an event, so
 * saying the same twice changes nothing.
 */
#include "store/photo.h"

#include <string.h>

static int check_utf8(const char *what, const char *text, struct err *err)
{
	if (text_is_utf8(text, strlen(text)))
		return 0;
	return err_set(err, ERR_INVALID, "the %s is not UTF-8", what);
}

/* --- what differs ----------------------------------------------------------------------- */

static bool has_tag(const struct photo *photo, const char *tag)
{
	vec_foreach (&photo->tags, char *, it)
		if (strcmp(*it, tag) == 0)
			return true;
	return false;
}

static bool is_listed(const char *const *list, size_t count, const char *tag)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], tag) == 0)
			return true;
	return false;
}

/* The tags of `list` that the photo has (or lacks), each once; NULL on no memory. */
static json_t *pick_tags(
	const struct photo *photo, const char *const *list, size_t count, bool present)
{
	_cleanup_json_ json_t *picked = json_array();

	for (size_t i = 0; picked && i < count; i++) {
		if (has_tag(photo, list[i]) != present || is_listed(list, i, list[i]))
			continue;
		if (json_array_append_new(picked, json_string(list[i])))
			return NULL;
	}
	return mem_steal(&picked);
}

/* *body is left NULL where nothing differs. */
static int tag_body(const struct photo *photo, const struct photo_change *change, json_t **body,
	struct err *err)
{
	_cleanup_json_ json_t *add = NULL, *remove = NULL, *made = json_object();

	for (size_t i = 0; i < change->tag_count; i++)
		if (check_utf8("tag", change->tag[i], err))
			return -1;
	for (size_t i = 0; i < change->untag_count; i++)
		if (check_utf8("tag", change->untag[i], err))
			return -1;
	add = pick_tags(photo, change->tag, change->tag_count, false);
	remove = pick_tags(photo, change->untag, change->untag_count, true);
	if (!add || !remove)
		return err_no_memory(err);
	if (!json_array_size(add) && !json_array_size(remove))
		return 0;
	if (json_array_size(add))
		wire_set_json(&made, "add", mem_steal(&add));
	if (json_array_size(remove))
		wire_set_json(&made, "remove", mem_steal(&remove));
	*body = mem_steal(&made);
	return *body ? 0 : err_no_memory(err);
}

/* The corrected time, or NULL where it is what is known already. */
static json_t *taken_body(const struct photo *photo, const struct photo_change *change)
{
	bool keep = change->offset == TIME_OFFSET_NONE;
	int32_t offset = keep ? photo->offset : change->offset;
	json_t *taken;

	if (photo->has_taken && photo->wall == change->wall && photo->offset == offset)
		return NULL;
	taken = json_object();
	wire_set_int(&taken, "local", change->wall);
	wire_set_text(&taken, "source", "user");
	if (offset != TIME_OFFSET_NONE) {
		const char *source = keep ? photo->offset_source : "user";

		wire_set_int(&taken, "offset", offset);
		wire_set_text(&taken, "offset_source", *source ? source : NULL);
	}
	return taken;
}

/* The facts at their new place; left NULL where the photo is there already. */
static int move_facts(struct store *store, const struct photo *photo,
	const struct photo_change *change, json_t **facts, struct err *err)
{
	_cleanup_json_ json_t *old = NULL;
	int32_t lat = 0, lon = 0;
	bool placed;

	if (photo->has_facts && facts_get(store, &photo->facts, &old, err))
		return err_prefix(err, "cannot move the photo");
	placed = facts_place(old, &lat, &lon);
	if (placed == change->placed &&
		(!placed || (lat == change->lat_e7 && lon == change->lon_e7)))
		return 0;
	*facts = facts_move(old, change->placed, change->lat_e7, change->lon_e7, err);
	return *facts ? 0 : -1;
}

/* --- photo.set and photo.tag ------------------------------------------------------------ */

struct planned { /* NULL: no such event */
	json_t *set, *tag, *facts;
	struct sha256 hash; /* of facts */
};

static void planned_release(struct planned *plan)
{
	wire_json_free(&plan->set);
	wire_json_free(&plan->tag);
	wire_json_free(&plan->facts);
}

static int plan_change(struct store *store, const struct photo *photo,
	const struct photo_change *change, struct planned *plan, struct err *err)
{
	_cleanup_json_ json_t *set = json_object();
	json_t *taken = change->set_taken ? taken_body(photo, change) : NULL;
	int rotate = (change->rotate + (change->turn ? photo->rotate : 0)) & 3;

	if (taken)
		wire_set_json(&set, "taken", taken);
	if (change->set_rotate && rotate != photo->rotate)
		wire_set_int(&set, "rotate", rotate);
	if (tag_body(photo, change, &plan->tag, err))
		return -1;
	if (change->set_place && move_facts(store, photo, change, &plan->facts, err))
		return -1;
	if (!set)
		return err_no_memory(err);
	if (json_object_size(set) || plan->facts)
		plan->set = mem_steal(&set);
	return 0;
}

static int submit(struct store *store, struct event_tx *tx, const struct photo_ref *ref,
	const char *kind, const json_t *body, struct err *err)
{
	struct receipt receipt;
	struct draft draft;

	store_draft(store, ref->album.key, kind, &draft);
	draft.about = entity_from_hash(&ref->id);
	draft.body = body;
	return event_submit(tx, &draft, &receipt, err);
}

static int carry_out(
	struct store *store, const struct photo_ref *ref, struct planned *plan, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;

	if (plan->facts) {
		if (facts_put(store, plan->facts, &plan->hash, err))
			return -1;
		wire_set_hex(&plan->set, "facts", plan->hash.bytes, SHA256_LEN);
		if (!plan->set)
			return err_no_memory(err);
	}
	if (store_begin(store, "set", &tx, err))
		return -1;
	if (plan->facts && facts_index(store, &plan->hash, plan->facts, err))
		return -1;
	if (plan->set && submit(store, tx.tx, ref, "photo.set", plan->set, err))
		return -1;
	if (plan->tag && submit(store, tx.tx, ref, "photo.tag", plan->tag, err))
		return -1;
	return store_commit(&tx, err);
}

int photo_change(struct store *store, const struct photo_ref *ref,
	const struct photo_change *change, bool dry_run, bool *changed, struct err *err)
{
	_cleanup_(planned_release) struct planned plan = {.set = NULL};
	_cleanup_photo_ struct photo photo = PHOTO_INIT;
	bool differs;

	if (photo_get(store, ref, &photo, err) || plan_change(store, &photo, change, &plan, err))
		return -1;
	differs = plan.set || plan.tag;
	if (differs && !dry_run && carry_out(store, ref, &plan, err))
		return -1;
	*changed = differs;
	return 0;
}

/* --- one event each --------------------------------------------------------------------- */

static int submit_alone(struct store *store, const struct photo_ref *ref, const char *kind,
	json_t *body, struct err *err)
{
	struct receipt receipt;
	struct draft draft;

	store_draft(store, ref->album.key, kind, &draft);
	draft.about = entity_from_hash(&ref->id);
	return store_submit(store, &draft, body, &receipt, err);
}

int photo_caption(
	struct store *store, const struct photo_ref *ref, const char *text, struct err *err)
{
	_cleanup_photo_ struct photo photo = PHOTO_INIT;
	json_t *body;

	if (check_utf8("caption", text, err) || photo_get(store, ref, &photo, err))
		return -1;
	if (strcmp(text, photo.caption ? photo.caption : "") == 0)
		return 0;
	body = json_object();
	wire_set_text(&body, "text", text);
	return submit_alone(store, ref, "photo.caption", body, err);
}

int photo_remove(struct store *store, const struct photo_ref *ref, struct err *err)
{
	return submit_alone(store, ref, "photo.remove", json_object(), err);
}

int photo_restore(struct store *store, const struct photo_ref *ref, struct err *err)
{
	return submit_alone(store, ref, "photo.restore", json_object(), err);
}
