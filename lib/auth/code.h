/* code.h - one-time codes of six digits, and how long who fails must wait.  Pure: rows are in store/user_code.h. */
#ifndef PINHOLE_AUTH_CODE_H
#define PINHOLE_AUTH_CODE_H

#include "auth/token.h"

#define CODE_LEN     6
#define CODE_LIFE_MS (10 * 60 * (int64_t)1000)
#define CODE_TRIES   5

enum code_purpose { CODE_REGISTER = 0, CODE_RESET, CODE_LOGIN, CODE_PURPOSE_COUNT };
const char *code_purpose_name(enum code_purpose purpose); /* "register" */

/* Six random digits, all equally likely. */
int code_make(char out[CODE_LEN + 1], struct err *err);
/* HMAC over purpose, address and code: a code fits nothing else. */
void code_hash(const uint8_t key[AUTH_SECRET_LEN], enum code_purpose purpose, const char *address,
	const char *code, struct sha256 *out);
/* HMAC over a text that is kept only to be found again ("password:+3361…", "peer:192.0.2.1"). */
void code_hash_subject(
	const uint8_t key[AUTH_SECRET_LEN], const char *what, const char *text, struct sha256 *out);

/* How long after the n-th code (1, 2, …) in a row the next may be sent: 30 s, doubled each time, at most a day. */
int64_t code_resend_ms(int64_t sends);
/* How long after the n-th failure in a row the next try is looked at: nothing for the first 4, then 1 s, doubled
 * each time, at most 15 minutes. */
int64_t code_backoff_ms(int64_t failures);

#endif
