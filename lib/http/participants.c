/* participants.c - /v1/albums/{album}/participants: who is in an album, and what they are in it.
 *
 * Who may do what is asked by the event room.  Numbers and addresses are not answered here: they are
 * nobody's business but the home's.
 */
#include "http/participants.h"
#include "http/talk.h"
#include "store/participant.h"

#include <string.h>

static void add_participant(
	const struct http_call *call, struct str *out, const char *key, const struct participant *p)
{
	wire_add_open(out, key, '{');
	wire_add_uuid(out, "id", &p->id);
	wire_add_text(out, "kind", p->kind);
	wire_add_text(out, "name", p->name);
	wire_add_text(out, "role", role_name(p->role));
	wire_add_int(out, "joined", p->joined);
	if (p->removed)
		wire_add_int(out, "removed", p->removed);
	else
		wire_add_null(out, "removed");
	if (p->has_inviter)
		wire_add_uuid(out, "inviter", &p->inviter);
	else
		wire_add_null(out, "inviter");
	if (p->has_claim)
		wire_add_uuid(out, "claimed_by", &p->claimed_by);
	else
		wire_add_null(out, "claimed_by");
	wire_add_bool(out, "you", uuid_equal(&p->id, &call->caller.user));
	wire_add_close(out, '}');
}

struct listing {
	struct http_call *call;
	size_t left;
	bool more;
	struct uuid last;
};

static int list_one(void *data, const struct participant *participant, struct err *err)
{
	struct listing *l = data;

	(void)err;
	l->more = l->left == 0;
	if (l->more)
		return 0;
	l->left--;
	l->last = participant->id;
	add_participant(l->call, &l->call->response.body, NULL, participant);
	return 0;
}

static int list(struct http_call *call, struct err *err)
{
	struct str *out = &call->response.body;
	struct participant_query query = {.album = call->album.key};
	struct listing listing = {.call = call};
	char id[UUID_TEXT_LEN + 1];
	struct uuid after;
	int given = talk_query_uuid(call, "after", &after, err);

	if (given < 0 || talk_limit(call, TALK_LIMIT_MAX, &listing.left, err) ||
		talk_query_flag(call, "former", &query.former, err))
		return -1;
	query.after = given ? &after : NULL;
	query.limit = listing.left + 1;
	wire_add_open(out, NULL, '{');
	wire_add_open(out, "participants", '[');
	if (participant_each(call->store, &query, list_one, &listing, err))
		return -1;
	wire_add_close(out, ']');
	wire_add_close(out, '}');
	if (listing.more) {
		uuid_format(&listing.last, id);
		talk_link_next(call, "after", id);
	}
	return talk_answer_list(call, err);
}

static int answer_participant(
	struct http_call *call, const struct uuid *id, int status, struct err *err)
{
	_cleanup_participant_ struct participant participant = {.name = NULL};

	if (participant_get(call->store, call->album.key, id, &participant, err))
		return -1;
	add_participant(call, &call->response.body, NULL, &participant);
	return talk_answer(call, status, err);
}

/* --- changing ----------------------------------------------------------------------------- */

static int get_role(const json_t *body, enum role *out, struct err *err)
{
	const char *text = NULL;

	if (wire_get_text(body, "role", WIRE_OPTIONAL, 16, &text, err))
		return -1;
	return text ? role_parse(text, out, err) : 0;
}

static int add(struct http_call *call, struct err *err)
{
	static const char *const keys[] = {"name", "role", "user", NULL};
	_cleanup_json_ json_t *body = http_body_object(call, err);
	enum role role = ROLE_MEMBER;
	struct uuid user = {{0}}, id;
	const char *name = NULL;

	if (!body || wire_only_keys(body, keys, err) ||
		wire_get_text(body, "name", WIRE_REQUIRED, SIZE_MAX, &name, err) ||
		wire_get_uuid(body, "user", WIRE_OPTIONAL, &user, err) ||
		get_role(body, &role, err))
		return -1;
	if (role == ROLE_NONE)
		return err_set(
			err, ERR_INVALID, "a participant has the role viewer, member or admin");
	if (participant_add(call->store, call->album.key, uuid_is_nil(&user) ? NULL : &user, name,
		    role, &id, err))
		return -1;
	return answer_participant(call, &id, 201, err);
}

static int change(struct http_call *call, struct err *err)
{
	static const char *const keys[] = {"name", "role", NULL};
	_cleanup_json_ json_t *body = http_body_object(call, err);
	enum role role = ROLE_NONE;
	const char *name = NULL;
	struct uuid id;

	if (!body || http_param_uuid(call, "participant", &id, err) ||
		wire_only_keys(body, keys, err) || get_role(body, &role, err) ||
		wire_get_text(body, "name", WIRE_OPTIONAL, SIZE_MAX, &name, err))
		return -1;
	if (json_is_string(json_object_get(body, "role")) &&
		participant_set_role(call->store, call->album.key, &id, role, err))
		return -1;
	if (name && participant_rename(call->store, call->album.key, &id, name, err))
		return -1;
	return answer_participant(call, &id, 200, err);
}

/* Oneself: leaves. */
static int take_out(struct http_call *call, struct err *err)
{
	struct uuid id;

	if (http_param_uuid(call, "participant", &id, err) ||
		participant_remove(call->store, call->album.key, &id, err))
		return -1;
	return http_answer_empty(call, 204, err);
}

#define PEOPLE "/v1/albums/{album}/participants"

const struct http_route participants_routes[] = {
	{"listParticipants", HTTP_GET, PEOPLE, ACCESS_ALBUM, RIGHT_LOOK, SCOPE_READ,
		.lane = LANE_POOL, .handle = list},
	{"addParticipant", HTTP_POST, PEOPLE, ACCESS_ALBUM, RIGHT_INVITE, SCOPE_WRITE,
		.lane = LANE_WRITE, .body_max = TALK_SMALL_MAX, .handle = add},
	{"changeParticipant", HTTP_PATCH, PEOPLE "/{participant}", ACCESS_ALBUM, RIGHT_BELONG,
		SCOPE_WRITE, .lane = LANE_WRITE, .body_max = TALK_SMALL_MAX, .handle = change},
	{"removeParticipant", HTTP_DELETE, PEOPLE "/{participant}", ACCESS_ALBUM, RIGHT_BELONG,
		SCOPE_WRITE, .lane = LANE_WRITE, .handle = take_out},
	{.name = NULL},
};
