/* append.c - the ways into the log: submit, receive, confirm, reject.
 *
 * Invariant: an album's confirmed events are 1..head without gaps, each chained to the one before,
 * and the views hold the fold of confirmed and then pending events when a call returns.
 */
#include "event/internal.h"

#include <string.h>

/* --- rows ------------------------------------------------------------------------------- */

static int store_event(struct event_tx *tx, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"event_insert",
		"INSERT INTO event(key, album, id, kind, about, author, device, time, at, body, salt,"
		" body_hash, chain, rev) VALUES(:key, :album, :id, :kind, :about, :author, :device, :time,"
		" :at, :body, :salt, :body_hash, :chain, :rev)"};
	bool itself = entity_is_uuid(&e->about, &e->id);

	return db_run(tx->log->db, &sql, err, DB_INT(":key", e->key), DB_INT(":album", e->album),
		DB_UUID(":id", &e->id), DB_TEXT(":kind", e->kind, strlen(e->kind)),
		DB_BLOB(":about", itself ? NULL : e->about.bytes, e->about.len),
		DB_UUID(":author", &e->author), DB_UUID(":device", &e->device),
		DB_INT(":time", e->time), e->seq ? DB_INT(":at", e->at) : DB_NULL(":at"),
		DB_TEXT(":body", e->body, e->body_len),
		DB_BLOB(":salt", e->body ? e->salt : NULL, EVENT_SALT_LEN),
		DB_BLOB(":body_hash", e->body ? NULL : e->body_hash.bytes, SHA256_LEN),
		DB_BLOB(":chain", e->seq ? e->chain.bytes : NULL, SHA256_LEN),
		DB_INT(":rev", tx->rev));
}

/* Moves a stored event to another place. */
static int move_event(struct event_tx *tx, int64_t from, const struct event *e, struct err *err)
{
	static const struct db_sql sql = {"event_move",
		"UPDATE event SET key = :to, at = :at, chain = :chain, rev = :rev WHERE key = :from"};

	return db_run(tx->log->db, &sql, err, DB_INT(":to", e->key),
		e->seq ? DB_INT(":at", e->at) : DB_NULL(":at"),
		DB_BLOB(":chain", e->seq ? e->chain.bytes : NULL, SHA256_LEN),
		DB_INT(":rev", tx->rev), DB_INT(":from", from));
}

/* Reads the event with this id: 1 found, 0 none.  The reader keeps its memory. */
static int load_event(struct event_tx *tx, int64_t album, const struct uuid *id,
	struct event_reader **reader, struct event *out, struct err *err)
{
	int64_t key;
	int found = event_find(tx->log->db, album, id, &key, err);

	if (found != 1)
		return found;
	if (event_read(tx->log->db, album, event_place(key), event_place(key) + 1, reader, err))
		return -1;
	return event_next(*reader, out, err);
}

static bool same_event(const struct event *a, const struct event *b)
{
	return strcmp(a->kind, b->kind) == 0 && entity_equal(&a->about, &b->about) &&
		uuid_equal(&a->author, &b->author) && uuid_equal(&a->device, &b->device) &&
		a->time == b->time;
}

/* Bodies as the chain sees them: by their salted hash, which an erased one keeps. */
static bool same_hash(const struct event *a, const struct event *b)
{
	struct event x = *a, y = *b;

	event_hash_body(&x);
	event_hash_body(&y);
	return sha256_compare(&x.body_hash, &y.body_hash) == 0;
}

/* --- folding ---------------------------------------------------------------------------- */

static int entity_has_pending(struct event_tx *tx, const struct album_state *a,
	const struct entity *about, bool *out, struct err *err)
{
	static const struct db_sql sql = {"entity_pending",
		"SELECT 1 FROM event WHERE about = :about AND key >= :from AND key < :to LIMIT 1"};
	int64_t one;
	int found;

	*out = false;
	if (a->drafts == 0) /* nothing was ever pending here */
		return 0;
	found = db_get_int(tx->log->db, &sql, &one, err, DB_ENTITY(":about", about),
		DB_INT(":from", event_key(a->facts.key, EVENT_PLACE_PENDING)),
		DB_INT(":to", event_key(a->facts.key, EVENT_PLACE_REJECTED)));
	*out = found == 1;
	return found < 0 ? -1 : 0;
}

/* Folds a newly stored event in: one apply where it is the entity's last, else all again. */
static int fold_in(
	struct event_tx *tx, struct album_state *a, const struct event *e, struct err *err)
{
	bool again = false;

	if (e->known && e->known->members)
		tx_forget_actor(tx);
	if (e->seq && e->known && e->known->erases) {
		if (erase_entity(tx, a, e, err))
			return -1;
		again = true;
	}
	if (e->seq && !again && entity_has_pending(tx, a, &e->about, &again, err))
		return -1;
	return again ? fold_entity(&a->fold, &e->about, err) : fold_apply(&a->fold, e, err);
}

/* --- numbering -------------------------------------------------------------------------- */

/* Gives the event its place after head and chains it. */
static void number(struct album_state *a, struct event *e, int64_t at)
{
	struct sha256 digest;

	e->seq = a->facts.head + 1;
	e->at = at;
	e->key = event_key(a->facts.key, e->seq);
	event_hash_body(e);
	event_digest(e, &a->facts.id, &digest);
	event_chain(&a->facts.chain, &digest, &e->chain);
	a->facts.head = e->seq;
	a->facts.at = at;
	a->facts.chain = e->chain;
	a->dirty = true;
}

static int check_time(const struct event *e, struct err *err)
{
	if (e->time >= EVENT_TIME_MIN && e->time <= EVENT_TIME_MAX && e->at <= EVENT_TIME_MAX)
		return 0;
	return err_set(err, ERR_INVALID, "%s has a time that no calendar has", e->kind);
}

static int from_draft(struct event_tx *tx, const struct draft *d, struct event *e, struct err *err)
{
	static const char *const no_keys[] = {NULL};
	int64_t now = clock_now_ms(tx->log->clock);

	memset(e, 0, sizeof(*e));
	e->album = d->album;
	e->known = event_kind_find(d->kind);
	if (!e->known)
		return err_set(err, ERR_INVALID, "there is no kind of event called '%s'", d->kind);
	memcpy(e->kind, e->known->name, strlen(e->known->name) + 1);
	e->id = uuid_is_nil(&d->id) ? uuid_make(now) : d->id;
	e->about = d->about.len ? d->about : entity_from_uuid(&e->id);
	e->author = d->author;
	e->device = d->device;
	e->time = d->time ? d->time : now;
	if (check_time(e, err))
		return -1;
	e->json = d->body;
	if (wire_only_keys(e->json, e->known->keys ? e->known->keys : no_keys, err) ||
		e->known->check(e->json, err))
		return err_prefix(err, "%s", e->kind);
	str_clear(&tx->canonical);
	if (wire_canonical(e->json, &tx->canonical, err))
		return err_prefix(err, "%s", e->kind);
	e->body = tx->canonical.data;
	e->body_len = tx->canonical.len;
	return 0;
}

static void fill_receipt(const struct event *e, bool duplicate, struct receipt *out)
{
	*out = (struct receipt){
		.key = e->key, .id = e->id, .seq = e->seq, .at = e->at, .duplicate = duplicate};
}

/* 1 if the event is here already (receipt filled), 0 if new, -1 on conflict or failure. */
static int answer_duplicate(
	struct event_tx *tx, const struct event *e, struct receipt *out, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	struct event stored;
	int found = load_event(tx, e->album, &e->id, &reader, &stored, err);

	if (found != 1)
		return found;
	if (!same_event(&stored, e) ||
		(stored.body &&
			(stored.body_len != e->body_len ||
				memcmp(stored.body, e->body, e->body_len) != 0)))
		return err_set(err, ERR_CONFLICT, "another event has this id already");
	if (event_state_of(stored.key) == EVENT_REJECTED)
		return err_set(err, ERR_DENIED, "this event was refused before");
	fill_receipt(&stored, true, out);
	return 1;
}

/* Stores and folds in a numbered or pending event.  Its place is taken by then: what fails here must
 * not be committed. */
static int keep(struct event_tx *tx, struct album_state *a, const struct event *e, struct err *err)
{
	if (store_event(tx, e, err) == 0 && fold_in(tx, a, e, err) == 0)
		return 0;
	tx->broken = true;
	return -1;
}

static int submit(struct event_tx *tx, const struct draft *d, const json_t *body,
	struct receipt *out, struct err *err)
{
	struct draft draft = *d;
	struct album_state *a;
	struct event e;
	int64_t at = clock_now_ms(tx->log->clock);
	int known;

	draft.body = body;
	if (from_draft(tx, &draft, &e, err) || tx_album(tx, d->album, &a, err) ||
		event_check_about(&e, &a->facts.id, err))
		return -1;
	known = uuid_is_nil(&d->id) ? 0 : answer_duplicate(tx, &e, out, err);
	if (known)
		return known < 0 ? -1 : 0;
	if (d->salt)
		memcpy(e.salt, d->salt, EVENT_SALT_LEN);
	else if (tx_salt(tx, e.salt, err))
		return -1;
	if (uuid_equal(&a->facts.home, &tx->log->store)) {
		at = at > a->facts.at ? at : a->facts.at;
		if (!d->trusted && authorize(tx, a, &e, at, err))
			return -1;
		number(a, &e, at);
	} else {
		e.key = event_key(a->facts.key, EVENT_PLACE_PENDING + ++a->drafts);
		a->dirty = true;
	}
	if (keep(tx, a, &e, err))
		return -1;
	fill_receipt(&e, false, out);
	return 0;
}

int event_submit(struct event_tx *tx, const struct draft *d, struct receipt *out, struct err *err)
{
	_cleanup_json_ json_t *nothing = NULL;

	if (d->body)
		return submit(tx, d, d->body, out, err);
	nothing = json_object();
	return nothing ? submit(tx, d, nothing, out, err) : err_no_memory(err);
}

/* --- from the home ---------------------------------------------------------------------- */

/* What is at or below head must be what we have. */
static int compare_known(
	struct event_tx *tx, const struct album_state *a, const struct event *e, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	struct event stored;
	int found = load_event(tx, a->facts.key, &e->id, &reader, &stored, err);

	if (found < 0)
		return -1;
	if (found == 1 && stored.seq == e->seq && stored.at == e->at && same_event(&stored, e) &&
		same_hash(&stored, e))
		return 0;
	return err_set(err, ERR_CONFLICT, "the log has another event at %lld: it has forked",
		(long long)e->seq);
}

static int check_received(const struct album_state *a, const struct event *e, struct err *err)
{
	if (e->seq != a->facts.head + 1)
		return err_set(err, ERR_CONFLICT, "event %lld came, %lld is next",
			(long long)e->seq, (long long)a->facts.head + 1);
	if (e->at < a->facts.at || e->at <= 0)
		return err_set(err, ERR_INVALID, "the home's clock ran backwards at event %lld",
			(long long)e->seq);
	return check_time(e, err) || event_check_about(e, &a->facts.id, err) ? -1 : 0;
}

/* The home took what it had refused before. */
static int forget_rejection(struct event_tx *tx, int64_t key, struct err *err)
{
	static const struct db_sql sql = {
		"rejection_forget", "DELETE FROM rejection WHERE event = :event"};

	return event_state_of(key) == EVENT_REJECTED ?
		db_run(tx->log->db, &sql, err, DB_INT(":event", key)) :
		0;
}

/* Puts our own event at its place after head and folds its entity again. */
static int settle_at(
	struct event_tx *tx, struct album_state *a, struct event *e, int64_t at, struct err *err)
{
	int64_t from = e->key;

	if (fold_drop(&a->fold, &e->about, err) || forget_rejection(tx, from, err))
		return -1;
	number(a, e, at);
	if (move_event(tx, from, e, err))
		return -1;
	if (e->known && e->known->members)
		tx_forget_actor(tx);
	if (e->known && e->known->erases && erase_entity(tx, a, e, err))
		return -1;
	return fold_entity(&a->fold, &e->about, err);
}

static int settle(
	struct event_tx *tx, struct album_state *a, struct event *e, int64_t at, struct err *err)
{
	if (settle_at(tx, a, e, at, err) == 0)
		return 0;
	tx->broken = true;
	return -1;
}

int event_receive(struct event_tx *tx, const struct event *event, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	_cleanup_json_ json_t *body = NULL;
	struct event e = *event, stored;
	struct album_state *a;
	int found;

	e.known = event_kind_find(e.kind);
	if (tx_album(tx, e.album, &a, err))
		return -1;
	if (e.seq <= a->facts.head && e.seq > 0)
		return compare_known(tx, a, &e, err);
	if (check_received(a, &e, err))
		return -1;
	if (e.body) {
		body = wire_parse_canonical(e.body, e.body_len, err);
		if (!body)
			return -1;
	}
	found = load_event(tx, e.album, &e.id, &reader, &stored, err);
	if (found < 0)
		return -1;
	if (found) {
		if (stored.seq || !same_event(&stored, &e) || !same_hash(&stored, &e))
			return err_set(err, ERR_CONFLICT, "another event has this id already");
		return settle(tx, a, &stored, e.at, err);
	}
	e.json = body;
	e.known = event_kind_of(e.kind, body);
	number(a, &e, e.at);
	return keep(tx, a, &e, err);
}

/* Our own event that waits for the home. */
static int load_pending(struct event_tx *tx, int64_t album, const struct uuid *id,
	struct album_state **a, struct event_reader **reader, struct event *out, struct err *err)
{
	int found;

	if (tx_album(tx, album, a, err))
		return -1;
	found = load_event(tx, album, id, reader, out, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such event");
	if (found == 1 && event_state_of(out->key) != EVENT_PENDING)
		return err_set(err, ERR_CONFLICT, "this event is not pending");
	return found == 1 ? 0 : -1;
}

int event_confirm(struct event_tx *tx, int64_t album, const struct uuid *id, int64_t seq,
	int64_t at, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	struct album_state *a;
	struct event e;

	if (load_pending(tx, album, id, &a, &reader, &e, err))
		return -1;
	if (seq != a->facts.head + 1 || at < a->facts.at)
		return err_set(err, ERR_CONFLICT, "place %lld was given, %lld is next",
			(long long)seq, (long long)a->facts.head + 1);
	return settle(tx, a, &e, at, err);
}

static int note_rejection(
	struct event_tx *tx, int64_t key, enum err_kind kind, const char *reason, struct err *err)
{
	static const struct db_sql sql = {"rejection_add",
		"INSERT INTO rejection(event, kind, reason, at) VALUES(:event, :kind, :reason, :at)"};

	return db_run(tx->log->db, &sql, err, DB_INT(":event", key),
		DB_TEXTZ(":kind", err_kind_name(kind)), DB_TEXTZ(":reason", reason),
		DB_INT(":at", clock_now_ms(tx->log->clock)));
}

int event_reject(struct event_tx *tx, int64_t album, const struct uuid *id, enum err_kind kind,
	const char *reason, struct err *err)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	struct album_state *a;
	struct event e;
	int64_t from;

	if (load_pending(tx, album, id, &a, &reader, &e, err))
		return -1;
	from = e.key;
	e.key += EVENT_PLACE_REJECTED - EVENT_PLACE_PENDING;
	a->dirty = true;
	if (e.known && e.known->members)
		tx_forget_actor(tx);
	if (fold_drop(&a->fold, &e.about, err) || move_event(tx, from, &e, err) ||
		note_rejection(tx, e.key, kind, reason, err) ||
		fold_entity(&a->fold, &e.about, err)) {
		tx->broken = true;
		return -1;
	}
	return 0;
}
