/* user.h - accounts: who may sign in to this store when it is served.
 *
 *	struct user user;
 *	int found = user_find_login(store, "anna@example.org", &user, err);	1, 0, -1
 *	int right = user_check_password(store, found ? &user : NULL, text, len, err);
 *
 * A user's id is their participant id in albums.  The store's owner is a user and an administrator
 * of the server; their row is made when it is first asked for by a writer.
 *
 * What changes an account or a session notes it in the meta row 'access' (store_touch_access): a
 * server forgets what it remembers of callers when that value moves.  All writers work inside the
 * transaction that is open, or one of their own (store_begin).
 */
#ifndef PINHOLE_STORE_USER_H
#define PINHOLE_STORE_USER_H

#include "phone/phone.h"
#include "store/store.h"

#define USER_NAME_MAX      256 /* bytes with the NUL */
#define USER_EMAIL_MAX     255 /* bytes with the NUL */
#define USER_QUOTA_DEFAULT (-1)

struct user {
	int64_t key;
	struct uuid id;
	char name[USER_NAME_MAX];
	char phone[PHONE_E164_LEN]; /* "" if none */
	char email[USER_EMAIL_MAX]; /* "" if none; lower case */
	bool admin, disabled, has_password;
	int64_t version; /* of tokens */
	int64_t quota;   /* bytes; USER_QUOTA_DEFAULT: what the server gives to everybody */
	int64_t self;    /* key of their self album */
	int64_t created; /* ms */
	int64_t rev;
};

/* --- addresses ------------------------------------------------------------------------------ */

/* Where a code can be sent, and what people sign in with. */
struct user_address {
	bool phone;                /* else e-mail */
	char text[USER_EMAIL_MAX]; /* E.164, or the address in lower case */
};

/* Any spelling of a number (read in the store's region) or an e-mail address; INVALID. */
int user_address_parse(
	struct store *store, const char *text, struct user_address *out, struct err *err);

/* --- reading: 1 found, 0 not, -1 failed ----------------------------------------------------- */

int user_get(struct store *store, const struct uuid *id, struct user *out, struct err *err);
int user_find_address(
	struct store *store, const struct user_address *address, struct user *out, struct err *err);
/* By a number or address in any spelling; what is neither finds nobody. */
int user_find_login(struct store *store, const char *login, struct user *out, struct err *err);
/* What an operator typed: an id or its last 8 digits, a number, an address, or a shown name.  0, or NOT_FOUND, or
 * CONFLICT with the candidates as hint. */
int user_find(struct store *store, const char *who, struct user *out, struct err *err);
/* In the order of names; -1 from `each` stops with its error. */
typedef int (*user_told)(void *data, const struct user *user, struct err *err);
int user_each(struct store *store, user_told each, void *data, struct err *err);

/* 1 right, 0 wrong, -1 failed.  `user` NULL, one without a password, and a disabled one: 0 after as much work.  Takes tens
 * of ms; reads only. */
int user_check_password(struct store *store, const struct user *user, const char *password,
	size_t len, struct err *err);
/* 1: the password was hashed with other parameters than today's (user_renew_hash mends that); 0; -1. */
int user_password_is_stale(struct store *store, const struct user *user, struct err *err);
/* Bytes of originals that they brought and that count against their quota: all parts of their photos until these are
 * erased, the same file in two albums once.  Costs what they brought. */
int user_usage(struct store *store, const struct uuid *id, int64_t *bytes, struct err *err);

/* --- changing ------------------------------------------------------------------------------- */

struct user_draft {
	const char *name; /* needed */
	const struct user_address *phone,
		*email;            /* at least one, or none by an operator's choice */
	const char *password_hash; /* of password_hash(); NULL: they cannot sign in by one */
	bool admin;
	int64_t quota;
};

/* Makes the account and its self album.  CONFLICT if number or address are another's: who answers
 * strangers must not tell them so. */
int user_add(
	struct store *store, const struct user_draft *draft, struct user *out, struct err *err);
/* Makes the owner's row if there is none yet. */
int user_ensure_owner(struct store *store, struct user *out, struct err *err);

/* Ends all tokens, sessions and API keys given so far: the token version rises. */
int user_revoke_all(struct store *store, const struct user *user, struct err *err);
/* Ends the tokens, keys and invitations of all: a restored store does not know which of them were revoked after its
 * backup. */
int user_revoke_everybody(struct store *store, struct event_tx *tx, struct err *err);
/* Also user_revoke_all. */
int user_set_password(
	struct store *store, const struct user *user, const char *password_hash, struct err *err);
/* The same password hashed anew (password_is_stale): nothing is revoked. */
int user_renew_hash(
	struct store *store, const struct user *user, const char *password_hash, struct err *err);
/* Disabling is also user_revoke_all.  DENIED for the store's owner. */
int user_set_disabled(struct store *store, const struct user *user, bool disabled, struct err *err);
/* DENIED if it would take the owner's administration away. */
int user_set_admin(struct store *store, const struct user *user, bool admin, struct err *err);
int user_set_quota(struct store *store, const struct user *user, int64_t quota, struct err *err);
/* `phone` and `email` NULL: unchanged.  CONFLICT as user_add. */
int user_set_addresses(struct store *store, const struct user *user,
	const struct user_address *phone, const struct user_address *email, struct err *err);
int user_set_name(struct store *store, const struct user *user, const char *name, struct err *err);

struct user_departure { /* what user_delete did, or would do */
	int64_t albums; /* that they leave */
	int64_t handed; /* of these: nobody else owned them, so the store's owner does now */
	int64_t photos, messages; /* of theirs in these albums */
};
/* What they would leave behind. */
int user_departure(
	struct store *store, const struct user *user, struct user_departure *out, struct err *err);
/* Ends the account.  They leave all albums; what they said and brought stays there under their name, or
 * (`erase`) is taken back for good.  DENIED for the store's owner. */
int user_delete(struct store *store, const struct user *user, bool erase,
	struct user_departure *out, struct err *err);

#endif
