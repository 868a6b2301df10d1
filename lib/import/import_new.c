/* import_new.c - a new album out of what an export tells: see import.h for what is equal and what is not.
 *
 * Ids of messages are made out of the old ones and the new album's id, so that answers find what they answer without
 * a table of all of them.  Invariant: nobody but this store's owner gets a right in the new album.
 */
#include "base/time.h"
#include "import/import_internal.h"
#include "proc/proc.h"

#include <stdlib.h>
#include <string.h>

#define PEOPLE_MAX   1000000
#define JOINS_MAX    10000000
#define TAGS_AT_ONCE 64 /* as many as one event may hold */
#define TAKEN_BACK   "(taken back)"
#define MESSAGE_MAX  ((size_t)16 * 1024)

struct person {
	struct uuid id;
	char *name; /* owned */
	bool added; /* as a speaker */
};

struct join {
	struct sha256 photo, into;
};

struct making {
	struct import *im;
	struct event_tx *tx;
	struct db *db;
	int64_t album;
	struct vec people; /* struct person, by id once `sorted` */
	struct vec joins;  /* struct join */
	bool sorted;
	int stage; /* which member's elements come now: they have an order */
};

/* --- submitting ------------------------------------------------------------------------- */

struct deed {
	const char *kind;
	struct entity about;
	struct uuid id;            /* nil: made */
	const struct uuid *author; /* NULL: the owner */
	int64_t time;              /* 0: now */
};

/* Takes the body over.  What others did is vouched for; what the owner does is authorized as always. */
static int submit(struct making *m, const struct deed *deed, json_t *body, struct err *err)
{
	_cleanup_json_ json_t *owned = body;
	struct store *store = m->im->store;
	struct receipt receipt;
	struct draft draft;

	if (!owned)
		return err_no_memory(err);
	store_draft(store, m->album, deed->kind, &draft);
	draft.about = deed->about;
	draft.id = deed->id;
	draft.body = owned;
	draft.time = deed->time > 0 ? deed->time : 0;
	if (deed->author && !uuid_equal(deed->author, &store->owner)) {
		draft.author = *deed->author;
		draft.trusted = true;
	}
	if (event_submit(m->tx, &draft, &receipt, err))
		return -1;
	m->im->result.events++;
	return receipt.duplicate ? err_set(err, ERR_INVALID, "it is there twice") : 0;
}

static int submit_text(struct making *m, const char *kind, const struct entity *about,
	const char *key, const char *text, struct err *err)
{
	struct deed deed = {.kind = kind, .about = *about};
	json_t *body = json_object();

	wire_set_text(&body, key, text);
	return submit(m, &deed, body, err);
}

/* --- people ----------------------------------------------------------------------------- */

static int compare_people(const void *a, const void *b)
{
	return memcmp(&((const struct person *)a)->id, &((const struct person *)b)->id,
		sizeof(struct uuid));
}

static int take_person(struct making *m, const json_t *json, struct err *err)
{
	struct person *person = vec_push_or(&m->people, err);
	const char *name;

	if (!person || wire_get_uuid(json, "id", WIRE_REQUIRED, &person->id, err) ||
		wire_get_text(json, "name", WIRE_REQUIRED, 256, &name, err))
		return -1;
	person->name = mem_strdup(name);
	return person->name ? 0 : err_no_memory(err);
}

static int add_speaker(struct making *m, struct person *person, struct err *err)
{
	struct deed deed = {.kind = "member.add", .about = entity_from_uuid(&person->id)};
	json_t *body = json_object();

	wire_set_text(&body, "kind", "speaker");
	wire_set_text(&body, "name", *person->name ? person->name : "?");
	wire_set_text(&body, "role", "none");
	person->added = true;
	return submit(m, &deed, body, err);
}

/* The id that `by` of an entry names; makes a speaker of whoever is not the owner. */
static int author_of(struct making *m, const json_t *json, struct uuid *out, struct err *err)
{
	struct person key = {.added = false}, *found;

	if (wire_get_uuid(json, "by", WIRE_REQUIRED, &key.id, err))
		return -1;
	*out = key.id;
	if (uuid_equal(&key.id, &m->im->store->owner))
		return 0;
	if (!m->sorted)
		vec_sort(&m->people, compare_people);
	m->sorted = true;
	found = m->people.count ?
		bsearch(&key, m->people.items, m->people.count, sizeof(key), compare_people) :
		NULL;
	if (!found)
		return err_set(err, ERR_INVALID, "by is not among the participants");
	return found->added ? 0 : add_speaker(m, found, err);
}

/* --- the album -------------------------------------------------------------------------- */

static int begin_album(struct making *m, struct err *err)
{
	struct import *im = m->im;
	char slug[ALBUM_NAME_MAX];
	const char *name = im->options->name;
	struct deed owner = {.kind = "member.add", .about = entity_from_uuid(&im->store->owner)};
	struct entity album = entity_from_uuid(&im->new_id);
	json_t *body;

	if (!name && album_slug(im->store, im->head.title, slug, err))
		return -1;
	if (event_album_add(
		    m->tx, &im->new_id, "album", NULL, name ? name : slug, &m->album, err) ||
		submit_text(m, "album.create", &album, "title", im->head.title, err))
		return -1;
	body = json_object();
	wire_set_text(&body, "kind", "user");
	wire_set_text(&body, "name", im->store->owner_name);
	wire_set_text(&body, "role", "owner");
	if (submit(m, &owner, body, err))
		return -1;
	if (!im->head.description || !*im->head.description)
		return 0;
	return submit_text(m, "album.describe", &album, "text", im->head.description, err);
}

static int is_in_album(struct making *m, const struct sha256 *photo, bool *in, struct err *err)
{
	static const struct db_sql sql = {
		"import_photo_here", "SELECT 1 FROM view_photo WHERE id = :id AND album = :album"};
	int64_t one;
	int found = db_get_int(m->db, &sql, &one, err, DB_BLOB(":id", photo->bytes, SHA256_LEN),
		DB_INT(":album", m->album));

	*in = found == 1;
	return found < 0 ? -1 : 0;
}

static int end_album(struct making *m, struct err *err)
{
	const struct import_head *head = &m->im->head;
	struct entity album = entity_from_uuid(&m->im->new_id);
	struct deed cover = {.kind = "album.cover", .about = album};
	struct deed archive = {.kind = "album.archive", .about = album};
	bool in = false;
	json_t *body;

	if (head->has_cover && is_in_album(m, &head->cover, &in, err))
		return -1;
	if (in) {
		body = json_object();
		wire_set_hex(&body, "photo", head->cover.bytes, SHA256_LEN);
		if (submit(m, &cover, body, err))
			return -1;
	}
	if (!head->archived)
		return 0;
	body = json_object();
	wire_set_bool(&body, "archived", true);
	return submit(m, &archive, body, err);
}

/* --- photos ----------------------------------------------------------------------------- */

/* In a trial the bytes are not there yet: what the export says to have counts. */
static bool has_bytes(const struct making *m, const struct sha256 *hash)
{
	const struct wanted *w = import_find(m->im, hash);

	return w && (m->im->trial ? w->name != NULL : w->here);
}

/* A copy of a body without the facts object that did not come along. */
static json_t *body_without_lost_facts(const struct making *m, const json_t *body)
{
	json_t *copy = json_copy((json_t *)(uintptr_t)body);
	struct sha256 facts;

	if (wire_get_hex(copy, "facts", WIRE_REQUIRED, facts.bytes, SHA256_LEN, NULL) ||
		!import_has_facts(m->im, &facts))
		json_object_del(copy, "facts");
	return copy;
}

static int add_photo(struct making *m, const json_t *photo, const struct sha256 *id,
	const struct uuid *by, struct err *err)
{
	struct deed deed = {.kind = "photo.add", .about = entity_from_hash(id), .author = by};
	const json_t *body = json_object_get(photo, "body");
	bool in;

	if (!json_is_object(body))
		return err_set(err, ERR_INVALID, "body is missing");
	if (json_integer_value(json_object_get(body, "bytes")) !=
		json_integer_value(json_object_get(photo, "bytes")))
		return err_set(err, ERR_INVALID, "bytes is not what its body says");
	if (is_in_album(m, id, &in, err))
		return -1;
	if (in)
		return err_set(err, ERR_INVALID, "it is there twice");
	wire_get_int(photo, "added", WIRE_OPTIONAL, 0, INT64_MAX, &deed.time, NULL);
	m->im->result.photos++;
	return submit(m, &deed, body_without_lost_facts(m, body), err);
}

static int add_part(struct making *m, const json_t *part, const struct sha256 *photo,
	const struct uuid *by, struct err *err)
{
	struct deed deed = {.kind = "photo.part", .about = entity_from_hash(photo), .author = by};
	struct sha256 id;
	json_t *body;

	if (wire_get_hex(part, "part", WIRE_REQUIRED, id.bytes, SHA256_LEN, err))
		return -1;
	if (!has_bytes(m, &id))
		return 0;
	body = body_without_lost_facts(m, part);
	json_object_del(body, "file");
	json_object_del(body, "absent");
	return submit(m, &deed, body, err);
}

static int add_parts(struct making *m, const json_t *photo, const struct sha256 *id,
	const struct uuid *by, struct err *err)
{
	const json_t *part;
	size_t i;

	json_array_foreach (json_object_get(photo, "parts"), i, part)
		if (add_part(m, part, id, by, err))
			return -1;
	return 0;
}

/* `taken` as an event says it, if it is not what the body said; NULL where there is nothing to say. */
static int changed_taken(const json_t *photo, json_t **out, struct err *err)
{
	const json_t *taken = json_object_get(photo, "taken");
	const json_t *said = json_object_get(json_object_get(photo, "body"), "taken");
	const char *local, *zone = NULL;
	int64_t wall, before = 0, said_offset = TIME_OFFSET_NONE;
	int32_t offset = TIME_OFFSET_NONE, none;

	*out = NULL;
	if (!taken)
		return 0;
	if (wire_get_text(taken, "local", WIRE_REQUIRED, 64, &local, err) ||
		wire_get_text(taken, "offset", WIRE_OPTIONAL, 16, &zone, err) ||
		time_parse_wall(local, &wall, &none, NULL, err) ||
		(zone && time_parse_offset(zone, &offset, err)))
		return -1;
	wire_get_int(said, "local", WIRE_OPTIONAL, INT64_MIN, INT64_MAX, &before, NULL);
	wire_get_int(said, "offset", WIRE_OPTIONAL, INT32_MIN, INT32_MAX, &said_offset, NULL);
	if (said && before == wall && said_offset == offset)
		return 0;
	*out = json_object();
	wire_set_int(out, "local", wall);
	if (offset != TIME_OFFSET_NONE)
		wire_set_int(out, "offset", offset);
	wire_set_text(out, "source", "user");
	return *out ? 0 : err_no_memory(err);
}

/* What a person corrected since the photo was added. */
static int correct(struct making *m, const json_t *photo, const struct sha256 *id, struct err *err)
{
	struct deed deed = {.kind = "photo.set", .about = entity_from_hash(id)};
	_cleanup_json_ json_t *body = json_object(), *taken = NULL;
	struct sha256 facts, said = {{0}};
	int64_t rotate = 0;

	if (changed_taken(photo, &taken, err) ||
		wire_get_int(photo, "rotate", WIRE_OPTIONAL, 0, 3, &rotate, err))
		return -1;
	if (taken)
		wire_set_json(&body, "taken", mem_steal(&taken));
	if (rotate)
		wire_set_int(&body, "rotate", rotate);
	wire_get_hex(json_object_get(photo, "body"), "facts", WIRE_OPTIONAL, said.bytes, SHA256_LEN,
		NULL);
	if (wire_get_hex(photo, "facts", WIRE_REQUIRED, facts.bytes, SHA256_LEN, NULL) == 0 &&
		sha256_compare(&facts, &said) != 0 && import_has_facts(m->im, &facts))
		wire_set_hex(&body, "facts", facts.bytes, SHA256_LEN);
	if (body && json_object_size(body) == 0)
		return 0;
	return submit(m, &deed, mem_steal(&body), err);
}

static bool holds(const json_t *list, const json_t *text)
{
	const json_t *item;
	size_t i;

	json_array_foreach ((json_t *)(uintptr_t)list, i, item)
		if (json_equal(item, text))
			return true;
	return false;
}

/* One event says up to 64 tags of `from` that are not in `but`. */
static int tag_some(struct making *m, const struct sha256 *id, const char *key, const json_t *from,
	const json_t *but, struct err *err)
{
	struct deed deed = {.kind = "photo.tag", .about = entity_from_hash(id)};
	json_t *list = json_array(), *tag, *body;
	size_t i;
	int failed = 0;

	json_array_foreach ((json_t *)(uintptr_t)from, i, tag) {
		if (!holds(but, tag))
			json_array_append(list, tag);
		if (json_array_size(list) == 0 ||
			(json_array_size(list) < TAGS_AT_ONCE && i + 1 < json_array_size(from)))
			continue;
		body = json_object();
		wire_set_json(&body, key, json_deep_copy(list));
		json_array_clear(list);
		failed = failed || submit(m, &deed, body, err);
	}
	json_decref(list);
	return failed ? -1 : 0;
}

static int tag(struct making *m, const json_t *photo, const struct sha256 *id, struct err *err)
{
	const json_t *tags = json_object_get(photo, "tags");
	const json_t *said = json_object_get(json_object_get(photo, "body"), "keywords");

	return tag_some(m, id, "add", tags, said, err) ||
			tag_some(m, id, "remove", said, tags, err) ?
		-1 :
		0;
}

static int add_likes(
	struct making *m, const json_t *entry, const struct entity *about, struct err *err)
{
	const json_t *like;
	size_t i;

	json_array_foreach (json_object_get(entry, "likes"), i, like) {
		struct deed deed = {.kind = "reaction.add", .about = *about};
		const char *name = "like";
		struct uuid by;
		json_t *body;

		if (author_of(m, like, &by, err) ||
			wire_get_text(like, "name", WIRE_OPTIONAL, 32, &name, err) ||
			wire_get_int(like, "when", WIRE_OPTIONAL, 0, INT64_MAX, &deed.time, err))
			return -1;
		deed.author = &by;
		body = json_object();
		wire_set_text(&body, "name", name);
		if (submit(m, &deed, body, err))
			return -1;
	}
	return 0;
}

/* A photo that was joined into another: remembered until all are there. */
static int note_join(
	struct making *m, const json_t *photo, const struct sha256 *id, struct err *err)
{
	struct sha256 into;
	struct join *join;

	if (!json_object_get(photo, "joined"))
		return 0;
	if (wire_get_hex(photo, "joined", WIRE_REQUIRED, into.bytes, SHA256_LEN, err))
		return -1;
	join = vec_push_or(&m->joins, err);
	if (!join)
		return -1;
	*join = (struct join){.photo = *id, .into = into};
	return 0;
}

static int take_photo(struct making *m, const json_t *photo, struct err *err)
{
	const char *caption = NULL;
	struct entity about;
	struct sha256 id;
	struct uuid by;

	if (wire_get_hex(photo, "id", WIRE_REQUIRED, id.bytes, SHA256_LEN, err))
		return -1;
	if (!has_bytes(m, &id))
		return 0;
	about = entity_from_hash(&id);
	if (author_of(m, photo, &by, err) || add_photo(m, photo, &id, &by, err) ||
		add_parts(m, photo, &id, &by, err) || correct(m, photo, &id, err) ||
		tag(m, photo, &id, err) ||
		wire_get_text(photo, "caption", WIRE_OPTIONAL, MESSAGE_MAX, &caption, err))
		return -1;
	if (caption && submit_text(m, "photo.caption", &about, "text", caption, err))
		return -1;
	return add_likes(m, photo, &about, err) || note_join(m, photo, &id, err) ? -1 : 0;
}

static int join_photos(struct making *m, struct err *err)
{
	vec_foreach (&m->joins, struct join, join) {
		struct deed deed = {.kind = "photo.join", .about = entity_from_hash(&join->photo)};
		json_t *body;
		bool in;

		if (is_in_album(m, &join->into, &in, err))
			return -1;
		if (!in)
			continue;
		body = json_object();
		wire_set_hex(&body, "into", join->into.bytes, SHA256_LEN);
		if (submit(m, &deed, body, err))
			return -1;
	}
	vec_clear(&m->joins);
	return 0;
}

/* --- messages --------------------------------------------------------------------------- */

/* Another id at the same time, the same in each run for this album. */
static struct uuid new_message_id(const struct making *m, const struct uuid *old)
{
	struct uuid id = *old;
	struct sha256 hash;

	crypt_sha256_two(
		m->im->new_id.bytes, sizeof(id.bytes), old->bytes, sizeof(id.bytes), &hash);
	memcpy(id.bytes + 6, hash.bytes, 10);
	id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f)); /* version 7 */
	id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f)); /* variant 1 */
	return id;
}

/* Photo and answered message, where they came along. */
static int set_targets(struct making *m, const json_t *message, json_t **shell, struct err *err)
{
	struct sha256 photo;
	struct uuid reply_to;
	bool in = false;
	int64_t key;
	int found;

	if (json_object_get(message, "photo")) {
		if (wire_get_hex(message, "photo", WIRE_REQUIRED, photo.bytes, SHA256_LEN, err) ||
			is_in_album(m, &photo, &in, err))
			return -1;
		if (in)
			wire_set_hex(shell, "photo", photo.bytes, SHA256_LEN);
	}
	if (!json_object_get(message, "reply_to"))
		return 0;
	if (wire_get_uuid(message, "reply_to", WIRE_REQUIRED, &reply_to, err))
		return -1;
	reply_to = new_message_id(m, &reply_to);
	found = event_find(m->db, m->album, &reply_to, &key, err);
	if (found == 1)
		wire_set_uuid(shell, "reply_to", &reply_to);
	return found < 0 ? -1 : 0;
}

/* What a message has besides its text. */
static int make_shell(struct making *m, const json_t *message, json_t **out, struct err *err)
{
	_cleanup_json_ json_t *shell = json_object();
	struct uuid by;
	int64_t when;

	if (author_of(m, message, &by, err) ||
		wire_get_int(message, "when", WIRE_REQUIRED, 0, INT64_MAX, &when, err) ||
		set_targets(m, message, &shell, err))
		return -1;
	wire_set_int(&shell, "said", when);
	if (!uuid_equal(&by, &m->im->store->owner))
		wire_set_uuid(&shell, "speaker", &by);
	if (!shell)
		return err_no_memory(err);
	*out = mem_steal(&shell);
	return 0;
}

static int take_message(struct making *m, const json_t *message, struct err *err)
{
	_cleanup_json_ json_t *shell = NULL;
	struct deed send = {.kind = "message.send"}, unsend = {.kind = "message.unsend"};
	const char *text = TAKEN_BACK;
	bool deleted = false;
	struct uuid old;
	json_t *body;

	if (wire_get_uuid(message, "id", WIRE_REQUIRED, &old, err) ||
		wire_get_bool(message, "deleted", WIRE_OPTIONAL, &deleted, err) ||
		(!deleted &&
			wire_get_text(message, "text", WIRE_REQUIRED, MESSAGE_MAX, &text, err)) ||
		make_shell(m, message, &shell, err))
		return -1;
	send.id = new_message_id(m, &old);
	body = json_copy(shell);
	wire_set_text(&body, "text", text);
	if (submit(m, &send, body, err))
		return -1;
	m->im->result.messages += !deleted;
	unsend.about = entity_from_uuid(&send.id);
	if (add_likes(m, message, &unsend.about, err))
		return -1;
	return deleted ? submit(m, &unsend, mem_steal(&shell), err) : 0;
}

/* --- the whole -------------------------------------------------------------------------- */

static const char *const stages[] = {"participants", "photos", "messages", "facts", NULL};

/* The arrays have an order: people before what they did, photos before what was said about them. */
static int enter_stage(struct making *m, const char *member, struct err *err)
{
	int stage = 0;

	while (strcmp(stages[stage], member) != 0)
		stage++;
	if (stage < m->stage)
		return err_set(
			err, ERR_INVALID, "%s must come before %s", member, stages[m->stage]);
	if (stage > 1 && join_photos(m, err))
		return -1;
	m->stage = stage;
	return 0;
}

static int take_item(struct making *m, const struct album_item *item, struct err *err)
{
	if (enter_stage(m, item->member, err))
		return -1;
	if (!json_is_object(item->json))
		return err_set(err, ERR_INVALID, "it is no object");
	switch (m->stage) {
	case 0:
		return take_person(m, item->json, err);
	case 1:
		return take_photo(m, item->json, err);
	case 2:
		return take_message(m, item->json, err);
	default:
		return import_index_facts(m->im, item, err);
	}
}

static int take_items(struct making *m, struct err *err)
{
	struct album_reader *reader;
	struct album_item item;
	int more, failed = 0;

	if (album_reader_open(m->im->spool, &reader, err))
		return -1;
	album_reader_want(reader, stages);
	while (!failed && (more = album_reader_next(reader, &item, err)) != 0) {
		failed = more < 0 || proc_stop_check(err);
		if (!failed && item.element && item.json && take_item(m, &item, err))
			failed = import_where(&item, err);
	}
	album_reader_close(reader);
	return failed || join_photos(m, err) ? -1 : 0;
}

int import_new(struct import *im, struct event_tx *tx, struct err *err)
{
	struct making m = {.im = im,
		.tx = tx,
		.db = im->store->db,
		.people = VEC_INIT(struct person, PEOPLE_MAX),
		.joins = VEC_INIT(struct join, JOINS_MAX)};
	int failed = begin_album(&m, err) || take_items(&m, err) || end_album(&m, err);

	vec_foreach (&m.people, struct person, person)
		free(person->name);
	vec_release(&m.people);
	vec_release(&m.joins);
	im->result.album = (struct album_ref){.key = m.album, .id = im->new_id};
	return failed ? -1 : 0;
}
