/* user_leave.c - the end of an account, and what becomes of its words and photos; see user.h.
 *
 * Their shown name stays in the logs of the albums: what was said there stays said by somebody.  Invariant: an album
 * never is without an owner: where they alone were, the store's owner follows them.
 */
#include "store/message.h"
#include "store/photo.h"
#include "store/user_inner.h"

#include <string.h>

#define ERASE_AT_ONCE 100 /* photos or messages */
#define ALBUMS_MAX    1000000

/* --- what there is -------------------------------------------------------------------------- */

#define THEIR_ALBUMS                                                                               \
	" FROM view_participant p JOIN album ON album.key = p.album"                               \
	" JOIN view_album v ON v.album = p.album"                                                  \
	" WHERE p.id = :id AND p.removed IS NULL AND album.kind = 'album' AND v.deleted = 0"
#define NOBODY_ELSE_OWNS                                                                           \
	" p.role = 'owner' AND NOT EXISTS (SELECT 1 FROM view_participant o WHERE"                 \
	" o.album = p.album AND o.role = 'owner' AND o.removed IS NULL AND o.id <> p.id)"

int user_departure(
	struct store *store, const struct user *user, struct user_departure *out, struct err *err)
{
	static const struct db_sql albums = {"leave_albums", "SELECT count(*)" THEIR_ALBUMS};
	static const struct db_sql handed = {
		"leave_handed", "SELECT count(*)" THEIR_ALBUMS " AND" NOBODY_ELSE_OWNS};
	static const struct db_sql photos = {"leave_photos",
		"SELECT count(*) FROM view_photo WHERE author = :id AND state <> 2 AND alias IS NULL"};
	static const struct db_sql messages = {"leave_messages",
		"SELECT count(*) FROM view_message WHERE author = :id AND deleted = 0"};
	struct user_departure found = {.albums = 0};
	struct db_value id = DB_UUID(":id", &user->id);

	if (db_get_int(store->db, &albums, &found.albums, err, id) < 0 ||
		db_get_int(store->db, &handed, &found.handed, err, id) < 0 ||
		db_get_int(store->db, &photos, &found.photos, err, id) < 0 ||
		db_get_int(store->db, &messages, &found.messages, err, id) < 0)
		return -1;
	*out = found;
	return 0;
}

/* --- taking back ---------------------------------------------------------------------------- */

static int next_messages(struct store *store, const struct uuid *author, struct message_ref *out,
	size_t *count, struct err *err)
{
	static const struct db_sql sql = {"leave_next_messages",
		"SELECT m.key, m.album, m.id, album.id FROM view_message m"
		" JOIN album ON album.key = m.album WHERE m.author = :id AND m.deleted = 0"
		" ORDER BY m.key LIMIT 100"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	*count = 0;
	if (db_query(store->db, &sql, &rows, err, DB_UUID(":id", author)))
		return -1;
	while ((more = db_next(&rows, err)) == 1 && *count < ERASE_AT_ONCE) {
		struct message_ref *ref = &out[*count];

		ref->key = db_int(&rows, 0);
		ref->album.key = db_int(&rows, 1);
		if (db_uuid(&rows, 2, &ref->id, err) || db_uuid(&rows, 3, &ref->album.id, err))
			return -1;
		(*count)++;
	}
	return more < 0 ? -1 : 0;
}

static int erase_messages(struct store *store, const struct uuid *author, struct err *err)
{
	struct message_ref refs[ERASE_AT_ONCE];
	struct receipt receipts[ERASE_AT_ONCE];
	size_t count;

	do {
		if (next_messages(store, author, refs, &count, err) ||
			(count && message_unsend(store, refs, count, receipts, err)))
			return -1;
	} while (count);
	return 0;
}

static int next_photos(struct store *store, const struct uuid *author, struct photo_ref *out,
	size_t *count, struct err *err)
{
	static const struct db_sql sql = {"leave_next_photos",
		"SELECT p.id, p.album, album.id, p.state FROM view_photo p"
		" JOIN album ON album.key = p.album"
		" WHERE p.author = :id AND p.state <> 2 AND p.alias IS NULL ORDER BY p.key LIMIT 100"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	*count = 0;
	if (db_query(store->db, &sql, &rows, err, DB_UUID(":id", author)))
		return -1;
	while ((more = db_next(&rows, err)) == 1 && *count < ERASE_AT_ONCE) {
		struct photo_ref *ref = &out[*count];
		size_t len = 0;
		const void *hash = db_blob(&rows, 0, &len);

		if (!hash || len != SHA256_LEN)
			return err_set(err, ERR_DAMAGED, "the row of a photo is malformed");
		memcpy(ref->id.bytes, hash, SHA256_LEN);
		ref->album.key = db_int(&rows, 1);
		ref->state = db_int(&rows, 3);
		if (db_uuid(&rows, 2, &ref->album.id, err))
			return -1;
		(*count)++;
	}
	return more < 0 ? -1 : 0;
}

static int erase_photos(struct store *store, const struct uuid *author, struct err *err)
{
	struct photo_ref refs[ERASE_AT_ONCE];
	struct photo_erased erased[ERASE_AT_ONCE];
	size_t count;

	do {
		if (next_photos(store, author, refs, &count, err) ||
			(count && photo_erase(store, refs, count, erased, err)))
			return -1;
	} while (count);
	return 0;
}

/* In their name, whatever their role in an album is by now. */
static int take_back(struct store *store, const struct user *user, struct err *err)
{
	struct uuid actor = store->actor;
	int failed;

	store->actor = user->id;
	store->trusted = true;
	failed = erase_messages(store, &user->id, err) || erase_photos(store, &user->id, err);
	store->actor = actor;
	store->trusted = false;
	return failed ? -1 : 0;
}

/* --- leaving -------------------------------------------------------------------------------- */

/* What a departed user's albums need: the store itself does it, so nobody is asked. */
static int submit(struct store *store, struct store_tx *tx, int64_t album, const char *kind,
	const struct uuid *author, const struct uuid *about, json_t *body, struct err *err)
{
	_cleanup_json_ json_t *owned = body;
	struct draft draft = {.album = album,
		.kind = kind,
		.author = *author,
		.device = store->device,
		.about = entity_from_uuid(about),
		.body = owned,
		.trusted = true};
	struct receipt receipt;

	return owned ? event_submit(tx->tx, &draft, &receipt, err) : err_no_memory(err);
}

static int hand_over(struct store *store, struct store_tx *tx, int64_t album,
	const struct user *user, struct err *err)
{
	static const struct db_sql sql = {"leave_owner_present",
		"SELECT 1 FROM view_participant WHERE album = :album AND id = :id AND removed IS NULL"};
	int64_t one;
	int present = db_get_int(
		store->db, &sql, &one, err, DB_INT(":album", album), DB_UUID(":id", &store->owner));

	if (present < 0)
		return -1;
	if (present)
		return submit(store, tx, album, "member.role", &user->id, &store->owner,
			json_pack("{s:s}", "role", "owner"), err);
	return submit(store, tx, album, "member.add", &user->id, &store->owner,
		json_pack("{s:s, s:s, s:s}", "kind", "user", "name", store->owner_name, "role",
			"owner"),
		err);
}

struct membership {
	int64_t album;
	bool sole_owner;
};

static int list_memberships(
	struct store *store, const struct user *user, struct vec *out, struct err *err)
{
	static const struct db_sql sql = {"leave_memberships",
		"SELECT p.album," NOBODY_ELSE_OWNS THEIR_ALBUMS " ORDER BY p.album"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int more;

	if (db_query(store->db, &sql, &rows, err, DB_UUID(":id", &user->id)))
		return -1;
	while ((more = db_next(&rows, err)) == 1) {
		struct membership *m = vec_push_or(out, err);

		if (!m)
			return -1;
		*m = (struct membership){db_int(&rows, 0), db_int(&rows, 1) != 0};
	}
	return more;
}

static int leave_albums(
	struct store *store, struct store_tx *tx, const struct user *user, struct err *err)
{
	_cleanup_(vec_release) struct vec albums = VEC_INIT(struct membership, ALBUMS_MAX);

	if (list_memberships(store, user, &albums, err))
		return -1;
	vec_foreach (&albums, const struct membership, m) {
		if (m->sole_owner && hand_over(store, tx, m->album, user, err))
			return -1;
		if (submit(store, tx, m->album, "member.leave", &user->id, &user->id, json_object(),
			    err))
			return -1;
	}
	return 0;
}

static int drop_rows(
	struct store *store, struct store_tx *tx, const struct user *user, struct err *err)
{
	static const struct db_sql invites = {
		"leave_invites", "DELETE FROM invite WHERE account = :key"};
	static const struct db_sql account = {
		"leave_account", "DELETE FROM account WHERE key = :key"};

	return user_end_all(store, tx, user, err) ||
			db_run(store->db, &invites, err, DB_INT(":key", user->key)) ||
			db_run(store->db, &account, err, DB_INT(":key", user->key)) ?
		-1 :
		0;
}

int user_delete(struct store *store, const struct user *user, bool erase,
	struct user_departure *out, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	struct user_departure done;

	if (uuid_equal(&user->id, &store->owner))
		return err_set(err, ERR_DENIED, "the owner of the store cannot be deleted");
	if (erase && store->tx)
		return err_set(err, ERR_UNSUPPORTED, "erasing takes transactions of its own");
	if (user_departure(store, user, &done, err))
		return -1;
	/* Disabled first, so that they add nothing while what they added goes. */
	if (erase && (user_set_disabled(store, user, true, err) || take_back(store, user, err)))
		return -1;
	if (store_begin(store, "user delete", &tx, err) || leave_albums(store, &tx, user, err) ||
		drop_rows(store, &tx, user, err) || store_commit(&tx, err))
		return -1;
	*out = done;
	return 0;
}
