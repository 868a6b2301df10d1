/* account.h - what the resources around accounts share: reading addresses, refusing alike, answering tokens. */
#ifndef PINHOLE_HTTP_ACCOUNT_H
#define PINHOLE_HTTP_ACCOUNT_H

#include "auth/password.h"
#include "http/gate.h"
#include "http/http.h"
#include "http/signing.h"
#include "store/user_session.h"

#define ACCOUNT_BODY_MAX ((size_t)16 * 1024) /* of a request */

/* Answers a problem with a status of its own; returns 0. */
int account_refuse(struct http_call *call, int status, enum err_kind kind, const char *message);
/* 429 with Retry-After; returns 0. */
int account_refuse_for(struct http_call *call, int64_t wait_ms);

/* The address in the body's "phone", "email" or (either) "login": exactly one of them.  INVALID. */
int account_read_address(
	struct http_call *call, const json_t *body, struct user_address *out, struct err *err);
/* Optional or needed, 1 to USER_NAME_MAX - 1 bytes.  *out is borrowed from the body, NULL if absent. */
int account_read_name(const json_t *body, enum wire_need need, const char **out, struct err *err);
/* As password_check.  *out is borrowed, NULL if absent. */
int account_read_password(const json_t *body, const char *key, enum wire_need need,
	const char **out, struct err *err);
/* The names of scopes in the body's array "scopes". */
int account_read_scopes(const json_t *body, unsigned *out, struct err *err);
void account_set_scopes(json_t **object, unsigned scopes);
/* A time in the answer, ms; 0 is null. */
void account_set_time(json_t **object, const char *key, int64_t ms);
/* A time of the body, "expires", that lies ahead; *out stays where it is absent or null. */
int account_read_expires(struct http_call *call, const json_t *body, int64_t *out, struct err *err);

/* Who asks, as the store has them.  DENIED if they are no more. */
int account_of_caller(struct http_call *call, struct user *out, struct err *err);
/* True if they signed in themselves; false for an API key. */
int account_is_session(struct http_call *call, bool *out, struct err *err);

json_t *account_user(const struct user *user); /* NULL on no memory */

/* In the WRITE lane: starts a session and answers its tokens. */
int account_answer_new_session(struct http_call *call, int status, const struct user *user,
	const char *label, struct err *err);
int account_answer_session(struct http_call *call, int status, const struct user *user,
	const struct session *session, const char *refresh, struct err *err);
/* The body's "device", else the User-Agent: what the person finds in the list of their sessions. */
const char *account_label(const struct http_call *call, const json_t *body);

/* --- passwords ---------------------------------------------------------------------------- */

/* call->work of handlers that hash: first on a worker, then again on the writer. */
struct account_work {
	struct gate_place place;
	struct gate *gate; /* that the place is of */
	bool begun;        /* the limits have let it through */
	bool checked;      /* the password was looked at */
	bool right;        /* and fits */
	bool hashed;
	bool found;       /* the account exists */
	struct user user; /* as it was found */
	char hash[PASSWORD_HASH_MAX];
	char subject[USER_EMAIL_MAX + 64]; /* what failures are counted for */
	uint8_t target[16];                /* what tries are counted for, from wherever they come */
};

/* Makes call->work at the first call. */
int account_work(struct http_call *call, struct account_work **out, struct err *err);
/* Whether this try must wait: 1 answered (429), 0, -1.  Counts as one. */
int account_check_failures(
	struct http_call *call, const struct account_work *work, struct err *err);
/* In the WRITE lane: notes a failure, which the answer keeps; or forgets them after a success. */
int account_note_failure(struct http_call *call, const struct account_work *work, struct err *err);
int account_clear_failures(
	struct http_call *call, const struct account_work *work, struct err *err);
/* Says what the tries are of ("login") and whose.  Failures are counted by account and network address together, so that
 * a stranger who fails does not lock the owner out; all tries of an account, from everywhere, are
 * counted by an hourly limit. */
void account_set_subject(
	struct http_call *call, struct account_work *work, const char *what, const char *address);
/* Hashes into work->hash behind the gate: 0, HTTP_PARK, -1. */
int account_hash(
	struct http_call *call, struct account_work *work, const char *password, struct err *err);
/* Compares with work->user's (work->found) behind the gate: 0 and work->right, HTTP_PARK, -1. */
int account_check(
	struct http_call *call, struct account_work *work, const char *password, struct err *err);

#endif
