/* user_code.h - one-time codes, invitations, and who failed lately.
 *
 * Nothing here tells whether an address is somebody's: codes are kept for any address, and the same
 * waiting times hold for those that have no account.
 *
 * Let who registers give name and password together with the code, not before: else whoever
 * registers a stranger's address with a password of their own has it confirmed by the stranger.
 */
#ifndef PINHOLE_STORE_USER_CODE_H
#define PINHOLE_STORE_USER_CODE_H

#include "auth/code.h"
#include "event/role.h"
#include "store/resolve.h"
#include "store/user.h"

/* Makes the code to be sent; it replaces one sent before.  Returns 0 with *wait_ms 0, or with *wait_ms how long no new
 * one may be sent (`out` untouched, the old one holds on); -1 failed. */
int user_code_send(struct store *store, const struct token_keys *keys, enum code_purpose purpose,
	const struct user_address *address, char out[CODE_LEN + 1], int64_t *wait_ms,
	struct err *err);
/* 1: right, and used up; 0: wrong, expired or tried CODE_TRIES times; -1 failed.  0 is to be committed too: it counts. */
int user_code_check(struct store *store, const struct token_keys *keys, enum code_purpose purpose,
	const struct user_address *address, const char *code, struct err *err);

/* --- backing off ---------------------------------------------------------------------------- */

/* `what` says of what ("password", "code", "peer"), `subject` of whom (an address as typed, a network address).
 * *wait_ms is 0, or how long no try is looked at.  Reads only. */
int throttle_check(struct store *store, const struct token_keys *keys, const char *what,
	const char *subject, int64_t *wait_ms, struct err *err);
int throttle_note_failure(struct store *store, const struct token_keys *keys, const char *what,
	const char *subject, struct err *err);
int throttle_clear(struct store *store, const struct token_keys *keys, const char *what,
	const char *subject, struct err *err);

/* --- invitations ---------------------------------------------------------------------------- */

#define INVITE_LIFE_MS (7 * 24 * 3600 * (int64_t)1000) /* unless said otherwise */

struct invite {
	int64_t key;
	struct uuid id, user; /* user: who invites */
	char user_name[USER_NAME_MAX];
	bool has_album;
	struct uuid album;
	enum role role;
	int64_t created, expires; /* ms */
	int64_t max_uses, uses;
};

struct invite_draft {
	const struct album_ref *album; /* NULL: the server only */
	enum role role;                /* in the album: ROLE_VIEWER, ROLE_MEMBER or ROLE_ADMIN */
	int64_t expires;               /* ms, 0: INVITE_LIFE_MS from now */
	int64_t max_uses;              /* 0: 1 */
};

/* `token` is shown once.  DENIED unless the user may invite into that album, and give that role. */
int invite_make(struct store *store, const struct user *user, const struct invite_draft *draft,
	char token[SECRET_TEXT_MAX], struct invite *out, struct err *err);
/* 1: it can be used now (its maker still may sign in); 0 not; -1 failed. */
int invite_find(struct store *store, const char *token, struct invite *out, struct err *err);
/* Counts one use and, if it names an album, adds the user to it in its maker's name; who is a participant already
 * stays what they are.  DENIED if it was used up meanwhile, or its maker may no longer invite. */
int invite_use(
	struct store *store, const struct invite *invite, const struct user *user, struct err *err);
/* 1, 0, -1 */
int invite_get(struct store *store, const struct uuid *id, struct invite *out, struct err *err);
/* Those of `user` (NULL: of all) that can still be used, the newest first. */
typedef int (*invite_told)(void *data, const struct invite *invite, struct err *err);
int invite_each(struct store *store, const struct user *user, invite_told each, void *data,
	struct err *err);
int invite_revoke(struct store *store, const struct invite *invite, struct err *err);

#endif
