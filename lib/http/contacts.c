/* contacts.c - /v1/contacts: the caller's address book.
 *
 * This store has one, its owner's, which is nobody else's business; others have none yet.
 */
#include "http/contacts.h"
#include "http/talk.h"
#include "store/contact.h"

#include <string.h>

static void add_contact(struct str *out, const struct contact *contact)
{
	wire_add_open(out, NULL, '{');
	wire_add_uuid(out, "id", &contact->id);
	wire_add_text(out, "name", contact->name);
	wire_add_open(out, "phones", '[');
	vec_foreach (&contact->phones, const struct contact_phone, phone)
		wire_add_text(out, NULL, phone->e164 ? phone->e164 : phone->raw);
	wire_add_close(out, ']');
	wire_add_open(out, "emails", '[');
	vec_foreach (&contact->emails, char *const, email)
		wire_add_text(out, NULL, *email);
	wire_add_close(out, ']');
	wire_add_close(out, '}');
}

struct listing {
	struct str *out;
	const struct uuid *after; /* NULL: begun */
	struct uuid last;
	size_t left;
	bool more;
};

static int list_one(void *data, const struct contact *contact, struct err *err)
{
	struct listing *l = data;

	(void)err;
	if (l->after) {
		if (uuid_equal(l->after, &contact->id))
			l->after = NULL;
		return 0;
	}
	l->more = l->left == 0;
	if (l->more)
		return -1; /* enough: not an error */
	l->left--;
	l->last = contact->id;
	add_contact(l->out, contact);
	return 0;
}

static int list(struct http_call *call, struct err *err)
{
	struct str *out = &call->response.body;
	struct listing listing = {.out = out};
	char id[UUID_TEXT_LEN + 1];
	struct uuid after;
	int given = talk_query_uuid(call, "after", &after, err);

	if (given < 0 || talk_limit(call, TALK_LIMIT_MAX, &listing.left, err))
		return -1;
	listing.after = given ? &after : NULL;
	wire_add_open(out, NULL, '{');
	wire_add_open(out, "contacts", '[');
	if (uuid_equal(&call->caller.user, &call->store->owner) &&
		contact_list(call->store->db, list_one, &listing, err) && !listing.more)
		return -1;
	wire_add_close(out, ']');
	wire_add_close(out, '}');
	if (listing.more) {
		uuid_format(&listing.last, id);
		talk_link_next(call, "after", id);
	}
	return talk_answer_list(call, err);
}

const struct http_route contacts_routes[] = {
	{"listContacts", HTTP_GET, "/v1/contacts", ACCESS_USER, RIGHT_UNSET, SCOPE_READ,
		.lane = LANE_POOL, .handle = list},
	{.name = NULL},
};
