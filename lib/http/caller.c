/* caller.c - finds out who asks, by the Authorization header.
 *
 * It does not decide what they may do.  Invariant: an entry's generation was read before the store was
 * asked, so that a change meanwhile makes it stale, never fresh.
 */
#include "http/caller.h"

#include "http/limit.h"
#include "http/server.h"
#include "http/signing.h"
#include "store/user_session.h"

#include <pthread.h>
#include <string.h>
#include <strings.h>

#define ROWS           1024                 /* a power of two */
#define WAYS           4                    /* callers of a row: 4096 in all */
#define LOCKS          64                   /* each guards every 64th row */
#define API_KEY_RECALL ((int64_t)60 * 1000) /* ms; then "last used" may be noted again */

struct known {
	struct sha256 hash; /* of the token */
	bool set, api_key;
	uint64_t generation; /* of the server, when the store was asked */
	int64_t used;        /* ms: the longest unused one makes room */
	int64_t until;       /* ms: then it is forgotten */
	struct caller caller;
	struct token_claims claims; /* of an access token */
};

struct callers {
	pthread_mutex_t locks[LOCKS];
	struct known rows[ROWS][WAYS];
};

int callers_open(struct callers **out, struct err *err)
{
	struct callers *callers = mem_calloc(1, sizeof(*callers));

	if (!callers)
		return err_no_memory(err);
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_init(&callers->locks[i], NULL);
	*out = callers;
	return 0;
}

void callers_close(struct callers *callers)
{
	if (!callers)
		return;
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&callers->locks[i]);
	free(callers);
}

/* --- what is remembered ------------------------------------------------------------------- */

static size_t row_of(const struct sha256 *hash)
{
	return ((size_t)hash->bytes[0] << 8 | hash->bytes[1]) & (ROWS - 1);
}

/* True and a copy if it is remembered and not expired. */
static bool recall(
	struct callers *callers, const struct sha256 *hash, int64_t now, struct known *out)
{
	size_t row = row_of(hash);
	bool found = false;

	pthread_mutex_lock(&callers->locks[row % LOCKS]);
	for (size_t i = 0; i < WAYS && !found; i++) {
		struct known *known = &callers->rows[row][i];

		if (!known->set || memcmp(&known->hash, hash, sizeof(*hash)))
			continue;
		if (known->until <= now)
			break;
		known->used = now;
		*out = *known;
		found = true;
	}
	pthread_mutex_unlock(&callers->locks[row % LOCKS]);
	return found;
}

/* Puts it where it was, else where the longest unused one is. */
static void remember(struct callers *callers, const struct known *known)
{
	size_t row = row_of(&known->hash);
	struct known *place = callers->rows[row];

	pthread_mutex_lock(&callers->locks[row % LOCKS]);
	for (size_t i = 0; i < WAYS; i++) {
		struct known *other = &callers->rows[row][i];

		if (other->set && !memcmp(&other->hash, &known->hash, sizeof(known->hash))) {
			place = other;
			break;
		}
		if (other->used < place->used)
			place = other;
	}
	*place = *known;
	pthread_mutex_unlock(&callers->locks[row % LOCKS]);
}

/* --- what the store says ------------------------------------------------------------------ */

static int refuse_token(struct err *err)
{
	return err_set(err, ERR_DENIED, "the access token does not hold: sign in again");
}

/* The use of an API key is noted by the writer, by a call of our own. */
static int note_use(struct http_call *call, struct err *err)
{
	struct api_key key;
	int got = api_key_get(call->store, &call->caller.session, &key, err);

	if (got < 0 || (got == 1 && api_key_note_use(call->store, &key, err)))
		return -1;
	return http_answer_empty(call, 204, err);
}

static void note_api_key_use(struct http_call *call)
{
	static const struct http_route route = {"noteApiKeyUse", HTTP_POST, "", ACCESS_USER,
		.scope = SCOPE_READ, .lane = LANE_WRITE, .handle = note_use};
	struct http_call *note = NULL;

	if (call_new(call->server, &note, NULL))
		return;
	note->route = &route;
	note->caller = call->caller;
	if (!writer_submit(call->server->writer, note, call_free))
		call_free(note); /* busy: the next minute notes it */
}

/* The rest of what a known access token's claims need: the account as it is. */
static int ask_session(struct store *store, struct known *known, struct err *err)
{
	struct user user;
	int got = session_check(store, &known->claims, &user, err);

	if (got != 1)
		return got < 0 ? -1 : refuse_token(err);
	known->caller = (struct caller){
		.known = true,
		.admin = user.admin,
		.scopes = user.admin ? SCOPE_ALL : SCOPE_ALL & ~(unsigned)SCOPE_ADMIN,
		.user = user.id,
		.session = known->claims.session,
		.expires = known->claims.expires,
	};
	known->until = known->claims.expires;
	return 0;
}

/* Also says whether the use is to be noted. */
static int ask_api_key(
	struct store *store, const char *text, struct known *known, bool *note, struct err *err)
{
	int64_t recall_until = clock_now_ms(store->clock) + API_KEY_RECALL;
	struct api_key key;
	struct user user;
	int got = api_key_check(store, text, &key, &user, err);

	if (got != 1)
		return got < 0 ? -1 : refuse_token(err);
	known->caller = (struct caller){
		.known = true,
		.admin = user.admin && (key.scopes & SCOPE_ADMIN),
		.scopes = key.scopes,
		.user = user.id,
		.session = key.id,
		.expires = key.expires ? key.expires : INT64_MAX,
	};
	known->until = known->caller.expires < recall_until ? known->caller.expires : recall_until;
	*note = api_key_use_is_old(store, &key);
	return 0;
}

static int verify(struct http_call *call, const char *text, int64_t now, struct store *store,
	struct token_claims *out, struct err *err)
{
	_cleanup_key_hold_ struct key_hold hold = KEY_HOLD_INIT;

	return key_hold_take(call->server->signing, &hold, err) ||
			token_verify(hold.keys, text, strlen(text), &store->id, now, out, err) ?
		-1 :
		0;
}

/* A token that is not remembered, or one of an older generation (*known is then what was remembered). */
static int learn(struct http_call *call, struct store *store, const char *text, int64_t now,
	bool recalled, struct known *known, struct err *err)
{
	bool note = false;

	known->generation = call->server->generation;
	known->used = now;
	if (!recalled) {
		known->set = true;
		known->api_key = text_starts(text, SECRET_API_KEY);
		if (!known->api_key && verify(call, text, now, store, &known->claims, err))
			return -1;
	}
	if (known->api_key ? ask_api_key(store, text, known, &note, err) :
			     ask_session(store, known, err))
		return -1;
	remember(call->server->callers, known);
	call->caller = known->caller;
	if (note)
		note_api_key_use(call);
	return 0;
}

int caller_stands(const struct http_call *call, struct store *store, struct err *err)
{
	const struct caller *caller = &call->caller;
	struct session session;
	struct api_key key;
	struct user user;
	int got = user_get(store, &caller->user, &user, err);

	if (got != 1)
		return got;
	if (user.disabled || (caller->admin && !user.admin))
		return 0;
	got = session_get(store, &caller->session, &session, err);
	if (got)
		return got < 0 ? -1 : uuid_equal(&session.user, &caller->user);
	got = api_key_get(store, &caller->session, &key, err);
	return got == 1 ? uuid_equal(&key.user, &caller->user) : got;
}

int caller_find(struct http_call *call, struct store *store, struct err *err)
{
	const char *header = http_header(&call->request, "Authorization");
	struct known known = {.set = false};
	int64_t now;
	bool recalled;
	size_t len;

	if (!header)
		return 0;
	if (strncasecmp(header, "Bearer ", strlen("Bearer ")))
		return err_set(err, ERR_DENIED, "Authorization must be \"Bearer\" and a token");
	header += strlen("Bearer ");
	len = strlen(header);
	if (len > TOKEN_MAX)
		return refuse_token(err);
	crypt_sha256(header, len, &known.hash);
	now = clock_now_ms(store->clock);
	recalled = recall(call->server->callers, &known.hash, now, &known);
	if (recalled && known.generation == call->server->generation) {
		call->caller = known.caller;
		return 0;
	}
	if (!recalled && !limit_call(call, LIMIT_PEER))
		return err_set(err, ERR_OFFLINE, "too many requests");
	return learn(call, store, header, now, recalled, &known, err);
}
