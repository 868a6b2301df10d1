/* user_session.h - what a signed-in caller holds: sessions with their refresh tokens, and API keys.
 *
 *	session_start(store, &user, "Anna's phone", refresh, &session, err);
 *	...
 *	how = session_refresh(store, keys, presented, next, &session, &user, err);
 *	if (how == 0)
 *		answer 401, and commit: the session may just have been ended
 *
 * Refresh tokens and API keys are random and kept as SHA-256.  A refresh token is good for one exchange.  Its
 * successor is the HMAC of its secret under the store's key, so that an older one is known for what it is however
 * long ago it was: when one comes again, somebody else has it too, and the session ends.  (Within SESSION_GRACE_MS of
 * the exchange the last one is answered by the same successor: the first answer may have been lost on the way.)
 */
#ifndef PINHOLE_STORE_USER_SESSION_H
#define PINHOLE_STORE_USER_SESSION_H

#include "auth/token.h"
#include "store/user.h"

#define SESSION_LIFE_MS   (90 * 24 * 3600 * (int64_t)1000) /* after the last refresh */
#define SESSION_GRACE_MS  (30 * (int64_t)1000)
#define SESSION_LABEL_MAX 128 /* bytes with the NUL; longer ones are clipped */

struct session {
	int64_t key;
	struct uuid id, user;
	char label[SESSION_LABEL_MAX];
	int64_t created, used, expires; /* ms */
	int64_t refreshes;
};

/* For a user who just proved who they are. */
int session_start(struct store *store, const struct user *user, const char *label,
	char refresh[SECRET_TEXT_MAX], struct session *out, struct err *err);
/* 1: `next` replaces the presented token.  0: it does not hold (unknown, expired, its user disabled, or used before:
 * then the session is ended).  -1 failed.  All but -1 are to be committed. */
int session_refresh(struct store *store, const struct token_keys *keys, const char *refresh,
	char next[SECRET_TEXT_MAX], struct session *out, struct user *user, struct err *err);
/* Does what a verified access token claims still hold?  1 (user filled), 0: no such session or user,
 * disabled, or of an older version; -1 failed.  One keyed read. */
int session_check(
	struct store *store, const struct token_claims *claims, struct user *user, struct err *err);
/* When it ends if it is not refreshed before; to be said anew after each refresh.  In the transaction of the start
 * or the refresh. */
int session_set_end(
	struct store *store, const struct session *session, int64_t expires, struct err *err);
/* 1, 0, -1 */
int session_get(struct store *store, const struct uuid *id, struct session *out, struct err *err);
/* The most recently used first. */
typedef int (*session_told)(void *data, const struct session *session, struct err *err);
int session_each(struct store *store, const struct user *user, session_told each, void *data,
	struct err *err);
/* NOT_FOUND unless it is a session of this user. */
int session_end(
	struct store *store, const struct user *user, const struct uuid *id, struct err *err);

/* What an access token for this session says. */
void session_claims(const struct store *store, const struct session *session,
	const struct user *user, struct token_claims *out);

/* --- API keys ------------------------------------------------------------------------------- */

#define API_KEY_NAME_MAX 128 /* bytes with the NUL */

struct api_key {
	int64_t key;
	struct uuid id, user;
	char name[API_KEY_NAME_MAX];
	unsigned
		scopes; /* bits of enum scope in http/http.h: read 1, write 2, upload 4, account 8, admin 16 */
	int64_t created, expires, used; /* ms; expires and used 0: never */
	struct uuid maker;              /* the key it was made with, nil: none */
};

struct api_key_draft {
	const char *name;
	unsigned scopes;
	int64_t expires; /* ms, 0: never */
	/* What its maker may do: a key never may more, nor longer.  `maker` is the API key that
	 * makes it, nil for a session or a command. */
	unsigned maker_scopes;
	struct uuid maker;
};

/* `text` is shown once.  DENIED for a scope that the maker lacks, admin for who is no administrator, or an end
 * later than that of the key it is made with; INVALID without a scope or in the past. */
int api_key_make(struct store *store, const struct user *user, const struct api_key_draft *draft,
	char text[SECRET_TEXT_MAX], struct api_key *out, struct err *err);
/* 1: it holds (`user` filled; out->scopes without admin if the user is none any more); 0 not; -1 failed.  Reads only. */
int api_key_check(struct store *store, const char *text, struct api_key *out, struct user *user,
	struct err *err);
/* True if `used` is older than a minute: api_key_note_use would write. */
bool api_key_use_is_old(const struct store *store, const struct api_key *key);
int api_key_note_use(struct store *store, const struct api_key *key, struct err *err);
/* 1, 0, -1 */
int api_key_get(struct store *store, const struct uuid *id, struct api_key *out, struct err *err);
/* The newest first. */
typedef int (*api_key_told)(void *data, const struct api_key *key, struct err *err);
int api_key_each(struct store *store, const struct user *user, api_key_told each, void *data,
	struct err *err);
/* Also ends the keys made with it.  NOT_FOUND unless it is a key of this user. */
int api_key_revoke(
	struct store *store, const struct user *user, const struct uuid *id, struct err *err);

#endif
