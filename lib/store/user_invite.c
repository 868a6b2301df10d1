/* user_invite.c - invitations: links by which somebody may register or join an album; see user_code.h.
 *
 * Whether strangers may register at all is the server's business.  Invariant: an invitation never gives what its maker
 * could not give at the moment of its use: the album's authorize is asked in the maker's name.
 */
#include "store/user_code.h"
#include "store/user_inner.h"

#include <string.h>

#define INVITE_COLUMNS                                                                             \
	"i.key, i.id, a.id, a.name, i.album, i.role, i.created, i.expires, i.max_uses, i.uses"
#define INVITE_FROM   " FROM invite i JOIN account a ON a.key = i.account"
#define INVITE_USABLE "i.expires > :now AND i.uses < i.max_uses AND a.disabled = 0"

static int fill(const struct db_rows *rows, struct invite *out, struct err *err)
{
	struct invite invite = {.key = db_int(rows, 0)};

	if (db_uuid(rows, 1, &invite.id, err) || db_uuid(rows, 2, &invite.user, err) ||
		user_copy_text(rows, 3, invite.user_name, sizeof(invite.user_name), err))
		return -1;
	invite.has_album = !db_is_null(rows, 4);
	if (invite.has_album &&
		(db_uuid(rows, 4, &invite.album, err) ||
			role_parse(db_text(rows, 5) ? db_text(rows, 5) : "", &invite.role, err)))
		return -1;
	invite.created = db_int(rows, 6);
	invite.expires = db_int(rows, 7);
	invite.max_uses = db_int(rows, 8);
	invite.uses = db_int(rows, 9);
	*out = invite;
	return 0;
}

static int fetch(struct db_rows *rows, struct invite *out, struct err *err)
{
	int found = db_next(rows, err);

	return found == 1 && fill(rows, out, err) ? -1 : found;
}

/* --- making --------------------------------------------------------------------------------- */

/* What the user is in the album; ROLE_NONE if nothing (any more). */
static int find_role(struct store *store, int64_t album, const struct uuid *user, enum role *out,
	struct err *err)
{
	static const struct db_sql sql = {"invite_role",
		"SELECT p.role FROM view_participant p JOIN view_album v ON v.album = p.album"
		" WHERE p.album = :album AND p.id = :id AND p.removed IS NULL AND v.deleted = 0"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int found;

	*out = ROLE_NONE;
	if (db_query(store->db, &sql, &rows, err, DB_INT(":album", album), DB_UUID(":id", user)))
		return -1;
	found = db_next(&rows, err);
	return found == 1 ? role_parse(db_text(&rows, 0), out, err) : found;
}

static int check_draft(struct store *store, const struct user *user,
	const struct invite_draft *draft, struct err *err)
{
	enum role role;

	if (draft->expires && draft->expires <= clock_now_ms(store->clock))
		return err_set(err, ERR_INVALID, "the invitation would end in the past");
	if (draft->max_uses < 0)
		return err_set(err, ERR_INVALID, "an invitation is used once or more");
	if (!draft->album)
		return 0;
	if (draft->role < ROLE_VIEWER || draft->role > ROLE_ADMIN)
		return err_set(err, ERR_INVALID, "one is invited as viewer, member or admin");
	if (find_role(store, draft->album->key, &user->id, &role, err))
		return -1;
	if (!role_has(role, RIGHT_INVITE))
		return err_set(
			err, ERR_DENIED, "%s may not invite people into this album", user->name);
	if (draft->role == ROLE_ADMIN && !role_has(role, RIGHT_OWN))
		return err_set(err, ERR_DENIED, "only the owner of an album makes admins");
	return 0;
}

static int insert(struct store *store, const struct user *user, const struct invite_draft *draft,
	const struct uuid *id, const struct sha256 *hash, struct err *err)
{
	static const struct db_sql forget = {
		"invite_forget", "DELETE FROM invite WHERE expires <= :before"};
	static const struct db_sql sql = {"invite_add",
		"INSERT INTO invite(id, hash, account, album, role, created, expires, max_uses)"
		" VALUES(:id, :hash, :account, :album, :role, :created, :expires, :max_uses)"};
	int64_t now = clock_now_ms(store->clock);

	if (db_run(store->db, &forget, err, DB_INT(":before", now - INVITE_LIFE_MS)))
		return -1;
	return db_run(store->db, &sql, err, DB_UUID(":id", id), DB_HASH(":hash", hash),
		DB_INT(":account", user->key),
		draft->album ? DB_UUID(":album", &draft->album->id) : DB_NULL(":album"),
		DB_TEXTZ(":role", draft->album ? role_name(draft->role) : NULL),
		DB_INT(":created", now),
		DB_INT(":expires", draft->expires ? draft->expires : now + INVITE_LIFE_MS),
		DB_INT(":max_uses", draft->max_uses ? draft->max_uses : 1));
}

int invite_make(struct store *store, const struct user *user, const struct invite_draft *draft,
	char token[SECRET_TEXT_MAX], struct invite *out, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	struct uuid id = uuid_make(clock_now_ms(store->clock));
	char secret[SECRET_TEXT_MAX];
	struct invite made;
	struct sha256 hash;

	if (secret_make(SECRET_INVITE, secret, err))
		return -1;
	secret_hash(SECRET_INVITE, secret, &hash);
	if (store_begin(store, "invite", &tx, err) || check_draft(store, user, draft, err) ||
		insert(store, user, draft, &id, &hash, err) ||
		invite_get(store, &id, &made, err) != 1 || store_commit(&tx, err))
		return -1;
	memcpy(token, secret, sizeof(secret));
	*out = made;
	return 0;
}

/* --- finding -------------------------------------------------------------------------------- */

int invite_get(struct store *store, const struct uuid *id, struct invite *out, struct err *err)
{
	static const struct db_sql sql = {
		"invite_get", "SELECT " INVITE_COLUMNS INVITE_FROM " WHERE i.id = :id"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;

	return db_query(store->db, &sql, &rows, err, DB_UUID(":id", id)) ? -1 :
									   fetch(&rows, out, err);
}

int invite_find(struct store *store, const char *token, struct invite *out, struct err *err)
{
	static const struct db_sql sql = {"invite_find",
		"SELECT " INVITE_COLUMNS INVITE_FROM " WHERE i.hash = :hash AND " INVITE_USABLE};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct sha256 hash;

	if (!secret_hash(SECRET_INVITE, token, &hash))
		return 0;
	if (db_query(store->db, &sql, &rows, err, DB_HASH(":hash", &hash),
		    DB_INT(":now", clock_now_ms(store->clock))))
		return -1;
	return fetch(&rows, out, err);
}

int invite_each(
	struct store *store, const struct user *user, invite_told each, void *data, struct err *err)
{
	static const struct db_sql sql = {"invite_each",
		"SELECT " INVITE_COLUMNS INVITE_FROM
		" WHERE (:account IS NULL OR i.account = :account)"
		" AND " INVITE_USABLE " ORDER BY i.key DESC"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	struct invite invite;
	int more;

	if (db_query(store->db, &sql, &rows, err,
		    user ? DB_INT(":account", user->key) : DB_NULL(":account"),
		    DB_INT(":now", clock_now_ms(store->clock))))
		return -1;
	while ((more = fetch(&rows, &invite, err)) == 1)
		if (each(data, &invite, err))
			return -1;
	return more;
}

/* --- using ---------------------------------------------------------------------------------- */

static int count_use(struct store *store, const struct invite *invite, struct err *err)
{
	static const struct db_sql sql = {"invite_use",
		"UPDATE invite SET uses = uses + 1"
		" WHERE key = :key AND uses < max_uses AND expires > :now"};

	if (db_run(store->db, &sql, err, DB_INT(":key", invite->key),
		    DB_INT(":now", clock_now_ms(store->clock))))
		return -1;
	return db_changes(store->db) ? 0 :
				       err_set(err, ERR_DENIED, "this invitation was used already");
}

static int join_album(struct store *store, struct store_tx *tx, const struct invite *invite,
	int64_t album, const struct user *user, struct err *err)
{
	_cleanup_json_ json_t *body = json_pack("{s:s, s:s, s:s}", "kind", "user", "name",
		user->name, "role", role_name(invite->role));
	struct draft draft = {.album = album,
		.kind = "member.add",
		.author = invite->user,
		.device = store->device,
		.about = entity_from_uuid(&user->id),
		.body = body};
	struct receipt receipt;

	return body ? event_submit(tx->tx, &draft, &receipt, err) : err_no_memory(err);
}

/* Who was put out of the album does not come back by a link that is older than that. */
static int check_not_removed(struct store *store, const struct invite *invite, int64_t album,
	const struct user *user, struct err *err)
{
	static const struct db_sql sql = {"invite_removed",
		"SELECT 1 FROM event WHERE about = :user AND album = :album"
		" AND kind = 'member.remove' AND at >= :created LIMIT 1"};
	struct entity about = entity_from_uuid(&user->id);
	int64_t one;
	int found = db_get_int(store->db, &sql, &one, err, DB_ENTITY(":user", &about),
		DB_INT(":album", album), DB_INT(":created", invite->created));

	if (found == 1)
		return err_set(err, ERR_DENIED,
			"you were removed from this album: ask for a new invitation");
	return found;
}

int invite_use(
	struct store *store, const struct invite *invite, const struct user *user, struct err *err)
{
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;
	struct album_facts album;
	enum role role = ROLE_NONE;
	int found = 0;

	if (store_begin(store, "invite", &tx, err))
		return -1;
	if (invite->has_album) {
		found = event_album_find(store->db, &invite->album, &album, err);
		if (found == 0)
			err_set(err, ERR_DENIED, "the album of this invitation is gone");
		if (found != 1 || find_role(store, album.key, &user->id, &role, err))
			return -1;
	}
	if (role != ROLE_NONE) /* they are in already */
		return store_commit(&tx, err);
	if (invite->has_album && check_not_removed(store, invite, album.key, user, err))
		return -1;
	if (count_use(store, invite, err) ||
		(invite->has_album && join_album(store, &tx, invite, album.key, user, err)))
		return -1;
	return store_commit(&tx, err);
}

int invite_revoke(struct store *store, const struct invite *invite, struct err *err)
{
	static const struct db_sql sql = {"invite_revoke", "DELETE FROM invite WHERE key = :key"};
	_cleanup_store_tx_ struct store_tx tx = STORE_TX_INIT;

	return store_begin(store, "invite", &tx, err) ||
			db_run(store->db, &sql, err, DB_INT(":key", invite->key)) ||
			store_commit(&tx, err) ?
		-1 :
		0;
}
