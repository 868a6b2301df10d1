/* random.c - random histories: whatever the order of arrival, views are the fold of the log.
 *
 * A home and two replicas with one user each do random things to one album: online, offline, delivered
 * late, confirmed out of order, refused, erased, interrupted.  After every few steps each store's
 * views must equal a rebuild, and after everything was delivered all must be alike, byte for byte.
 *
 * PINHOLE_TEST_SEEDS says how many histories (4, in check-full 200), PINHOLE_TEST_SEED which is
 * the first.
 */
#include "event_fixture.h"

#define STORES 3 /* 0 is the home */
#define STEPS  160
#define PHOTOS 6
#define KEEP   64 /* messages that later steps may be about */

static uint64_t state;

static unsigned dice(unsigned sides)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(state >> 33) % sides;
}

struct world {
	struct side side[STORES];
	struct uuid album;
	struct entity messages[KEEP];
	size_t message_count;
	int refused, confirmed;
};

/* --- doing things ----------------------------------------------------------------------- */

static void remember(struct world *w, const struct receipt *r)
{
	w->messages[w->message_count++ % KEEP] = entity_from_uuid(&r->id);
}

static const struct entity *some_message(const struct world *w)
{
	size_t n = w->message_count < KEEP ? w->message_count : KEEP;

	return n ? &w->messages[dice((unsigned)n)] : NULL;
}

static json_t *text_body(void)
{
	static const char *const words[] = {"hello", "low tide", "ça va", "🎉", "see you"};

	return json_pack("{s:s}", "text", words[dice(5)]);
}

static json_t *hash_body(const char *key, const struct entity *photo)
{
	_cleanup_str_ struct str hex = STR_INIT(64);

	str_add_hex(&hex, photo->bytes, 32);
	return json_pack("{s:s}", key, hex.data);
}

static json_t *say_body(const struct world *w)
{
	struct entity photo = photo_id((int)dice(PHOTOS));
	json_t *body = dice(3) ? text_body() : hash_body("photo", &photo);

	(void)w;
	if (!json_object_get(body, "text"))
		json_object_set_new(body, "text", json_string("nice"));
	if (dice(8) == 0)
		json_object_set_new(body, "said", json_integer(1500000000000 + dice(1000)));
	return body;
}

static json_t *part_body(const struct entity *part)
{
	json_t *body = hash_body("part", part);

	json_object_set_new(body, "role", json_string("live"));
	json_object_set_new(body, "mime", json_string("video/mp4"));
	json_object_set_new(body, "bytes", json_integer(7));
	return body;
}

static json_t *taken_body(void)
{
	return json_pack("{s:{s:I,s:i},s:i}", "taken", "local",
		(json_int_t)1600000000000 + dice(100000), "offset", (int)dice(120), "rotate",
		(int)dice(4));
}

/* One random event on a side; refusals are fine, they are part of the history. */
static int about_photo(struct world *w, struct side *s)
{
	static const char *const kinds[] = {"photo.add", "photo.caption", "photo.set", "photo.tag",
		"photo.remove", "photo.restore", "photo.erase", "photo.join", "reaction.add",
		"reaction.remove", "photo.part", "album.cover"};
	struct entity photo = photo_id((int)dice(PHOTOS)), other = photo_id((int)dice(PHOTOS));
	struct entity album = entity_from_uuid(&w->album);
	unsigned what = dice(16);

	switch (what < 12 ? what : 0) {
	case 0:
		return submit(s, kinds[0], &photo, &s->user, photo_body((int)dice(1000) + 1), NULL);
	case 1:
		return submit(s, kinds[1], &photo, &s->user, text_body(), NULL);
	case 2:
		return submit(s, kinds[2], &photo, &s->user, taken_body(), NULL);
	case 3:
		return submit(s, kinds[3], &photo, &s->user,
			json_pack("{s:[s],s:[s]}", "add", dice(2) ? "sea" : "dog", "remove", "cat"),
			NULL);
	case 7:
		return submit(s, kinds[7], &photo, &s->user, hash_body("into", &other), NULL);
	case 8:
	case 9:
		return submit(
			s, kinds[what], &photo, &s->user, json_pack("{s:s}", "name", "like"), NULL);
	case 10:
		return submit(s, kinds[10], &photo, &s->user, part_body(&other), NULL);
	case 11:
		return submit(s, kinds[11], &album, &s->user, hash_body("photo", &photo), NULL);
	default:
		return submit(s, kinds[what], &photo, &s->user, json_pack("{}"), NULL);
	}
}

static int about_talk(struct world *w, struct side *s)
{
	const struct entity *m = some_message(w);
	struct entity album = entity_from_uuid(&w->album), self = entity_from_uuid(&s->user);
	struct receipt r;

	switch (m ? dice(10) : 0) {
	case 1:
		return submit(s, "message.edit", m, &s->user, text_body(), NULL);
	case 2:
		return submit(s, "message.unsend", m, &s->user, json_pack("{}"), NULL);
	case 3:
		return submit(
			s, "reaction.add", m, &s->user, json_pack("{s:s}", "name", "like"), NULL);
	case 4:
		return submit(s, "album.rename", &album, &s->user,
			json_pack("{s:s}", "title", "Sea"), NULL);
	case 5:
		return submit(s, "member.name", &self, &s->user,
			json_pack("{s:s}", "name", dice(2) ? "Ada" : "Bob"), NULL);
	default:
		if (submit(s, "message.send", NULL, &s->user, say_body(w), &r))
			return -1;
		remember(w, &r);
		return 0;
	}
}

/* A transaction that dies half-way must leave nothing. */
static int interrupted(struct side *s)
{
	_cleanup_event_tx_ struct event_tx *tx = NULL;
	_cleanup_json_ json_t *body = text_body();
	struct draft d = {.album = s->album,
		.kind = "message.send",
		.author = s->user,
		.device = s->store,
		.body = body};
	struct receipt r;

	if (event_begin(s->log, "dies", &tx, &err))
		return -1;
	event_submit(tx, &d, &r, &err);
	event_rollback(&tx);
	return 0;
}

/* --- delivery --------------------------------------------------------------------------- */

/* The oldest pending event goes to the home: numbered there, or refused. */
static int push_one(struct world *w, struct side *from)
{
	_cleanup_event_reader_ struct event_reader *reader = NULL;
	struct side *home = &w->side[0];
	struct event e;
	struct draft d;
	int found;

	if (event_read(from->db, from->album, EVENT_PLACE_PENDING, EVENT_PLACE_REJECTED, &reader,
		    &err))
		return -1;
	found = event_next(reader, &e, &err);
	if (found != 1)
		return found;
	d = (struct draft){.album = home->album,
		.id = e.id,
		.kind = e.kind,
		.author = e.author,
		.device = e.device,
		.time = e.time,
		.body = e.json,
		.salt = e.salt};
	if (!entity_is_uuid(&e.about, &e.id))
		d.about = e.about;
	{
		_cleanup_event_tx_ struct event_tx *tx = NULL;
		struct err refusal = ERR_INIT;
		struct receipt r;
		int refused;

		if (event_begin(home->log, "push", &tx, &err))
			return -1;
		refused = event_submit(tx, &d, &r, &refusal);
		if (refused)
			event_rollback(&tx);
		else if (event_commit(&tx, &err))
			return -1;
		if (!refused) {
			w->confirmed++;
			return 1;
		}
		w->refused++;
		event_reader_close(&reader);
		return settle(from, &d.id, 0, 0) ? -1 : 1;
	}
}

static int deliver_all(struct world *w)
{
	for (int i = 1; i < STORES; i++) {
		int more;

		while ((more = push_one(w, &w->side[i])) == 1)
			if (carry(&w->side[0],
				    &w->side[i])) /* what was confirmed leaves the queue */
				return -1;
		if (more < 0)
			return -1;
	}
	for (int i = 1; i < STORES; i++)
		if (carry(&w->side[0], &w->side[i]))
			return -1;
	return 0;
}

static int step(struct world *w)
{
	struct side *s = &w->side[dice(STORES)];

	switch (dice(12)) {
	case 0:
		return carry(&w->side[0], s);
	case 1:
		return s == &w->side[0] ? 0 : push_one(w, s) < 0;
	case 2:
		return interrupted(s);
	case 3:
	case 4:
	case 5:
	case 6:
		about_talk(w, s); /* may be refused */
		return 0;
	default:
		about_photo(w, s);
		return 0;
	}
}

/* --- judging ---------------------------------------------------------------------------- */

static bool is_rebuild(struct side *s)
{
	struct sha256 before, after;
	int64_t count, checked;

	return event_view_digest(s->db, s->album, &before, &err) == 0 &&
		event_rebuild(s->log, dice(2), NULL, NULL, &count, &err) == 0 &&
		event_view_digest(s->db, s->album, &after, &err) == 0 &&
		sha256_compare(&before, &after) == 0 &&
		event_verify(s->db, s->album, &checked, &err) == 0;
}

static void invite(struct world *w, struct side *guest, const char *role)
{
	struct entity id = entity_from_uuid(&guest->user);

	ok_call(submit(&w->side[0], "member.add", &id, &w->side[0].user,
			json_pack("{s:s,s:s,s:s}", "kind", "user", "name", role, "role", role),
			NULL),
		&err, "invite %s", role);
}

static void run_history(uint64_t seed)
{
	struct world w = {.album = uuid_make(9)};
	int bad_steps = 0, bad_folds = 0;

	state = seed;
	for (int i = 0; i < STORES; i++)
		side_open(&w.side[i], i ? "replica" : "home");
	found_album(&w.side[0], &w.album);
	invite(&w, &w.side[1], "admin");
	invite(&w, &w.side[2], "member");
	for (int i = 1; i < STORES; i++) {
		ok_call(add_album(&w.side[i], &w.album, &w.side[0].store), &err, "replica");
		ok_call(carry(&w.side[0], &w.side[i]), &err, "first delivery");
	}
	for (int i = 0; i < STEPS; i++) {
		bad_steps += step(&w) != 0;
		if (i % 20 == 19)
			bad_folds += !is_rebuild(&w.side[dice(STORES)]);
	}
	is_int(bad_steps, 0, "seed %llu: every step ends well", (unsigned long long)seed);
	is_int(bad_folds, 0, "seed %llu: views equal rebuilds on the way",
		(unsigned long long)seed);
	ok_call(deliver_all(&w), &err, "seed %llu: all is delivered", (unsigned long long)seed);
	ok(w.confirmed && w.refused, "seed %llu: %d confirmed, %d refused",
		(unsigned long long)seed, w.confirmed, w.refused);
	for (int i = 0; i < STORES; i++) {
		ok(same_views(&w.side[0], &w.side[i]), "seed %llu: store %d agrees with the home",
			(unsigned long long)seed, i);
		ok(is_rebuild(&w.side[i]), "seed %llu: store %d equals its rebuild",
			(unsigned long long)seed, i);
	}
	for (int i = 0; i < STORES; i++)
		side_close(&w.side[i]);
}

int main(void)
{
	const char *count = getenv("PINHOLE_TEST_SEEDS"), *first = getenv("PINHOLE_TEST_SEED");
	const char *full = getenv("PINHOLE_TEST_FULL");
	uint64_t seeds = count ? strtoull(count, NULL, 10) : full && *full ? 200 : 4;
	uint64_t from = first ? strtoull(first, NULL, 10) : 1;

	for (uint64_t seed = from; seed < from + seeds; seed++)
		run_history(seed);
	return tap_done();
}
