/* talk.c - what the resources of albums and talk share; see talk.h.
 *
 * Invariant: texts of people pass only through wire_add_text.
 */
#include "http/talk.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* --- parameters --------------------------------------------------------------------------- */

int talk_limit(const struct http_call *call, int64_t otherwise, size_t *out, struct err *err)
{
	int64_t limit;

	if (http_query_int(&call->request, "limit", 1, TALK_LIMIT_MAX, otherwise, &limit, err))
		return -1;
	*out = (size_t)limit;
	return 0;
}

int talk_query_uuid(
	const struct http_call *call, const char *name, struct uuid *out, struct err *err)
{
	const char *text = http_query(&call->request, name);

	if (!text)
		return 0;
	if (uuid_parse(text, strlen(text), out))
		return err_set(err, ERR_INVALID, "%s is not a UUID", name);
	return 1;
}

int talk_query_flag(const struct http_call *call, const char *name, bool *out, struct err *err)
{
	const char *text = http_query(&call->request, name);
	bool yes = text && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0);

	if (text && !yes && strcmp(text, "0") != 0 && strcmp(text, "false") != 0)
		return err_set(err, ERR_INVALID, "%s is neither true nor false", name);
	*out = yes;
	return 0;
}

int talk_find_photo_named(struct http_call *call, const char *hash, enum resolve_find find,
	struct photo_ref *out, struct err *err)
{
	struct sha256 whole;

	if (sha256_parse(hash, strlen(hash), &whole) ||
		resolve_photo(call->store, hash, &call->album, find, out, err)) {
		if (err->kind == ERR_NONE || err->kind == ERR_NOT_FOUND)
			err_set(err, ERR_NOT_FOUND, "there is no such photo in this album");
		return -1;
	}
	return 0;
}

int talk_find_photo(
	struct http_call *call, enum resolve_find find, struct photo_ref *out, struct err *err)
{
	return talk_find_photo_named(call, http_param(call, "photo"), find, out, err);
}

int talk_find_message(struct http_call *call, struct message_ref *out, struct err *err)
{
	static const struct db_sql sql = {"http_message",
		"SELECT m.key FROM event AS e JOIN view_message AS m ON m.key = e.key"
		" WHERE e.id = :id AND e.album = :album"};
	struct message_ref ref = {.album = call->album};
	int found;

	if (http_param_uuid(call, "message", &ref.id, err))
		return -1;
	found = db_get_int(call->store->db, &sql, &ref.key, err, DB_UUID(":id", &ref.id),
		DB_INT(":album", call->album.key));
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such message in this album");
	if (found < 0)
		return -1;
	*out = ref;
	return 0;
}

/* --- answers ------------------------------------------------------------------------------ */

static void add_encoded(struct str *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (isalnum(c) || strchr("-._~", c))
			str_addc(out, (char)c);
		else
			str_addf(out, "%%%02X", c);
	}
}

static void add_parameter(struct str *out, const char *name, const char *value)
{
	str_addc(out, strchr(out->data, '?') ? '&' : '?');
	add_encoded(out, name);
	str_addc(out, '=');
	add_encoded(out, value);
}

void talk_link_next(struct http_call *call, const char *cursor, const char *value)
{
	_cleanup_str_ struct str target = STR_INIT(STR_MAX_LINE);
	const struct http_request *request = &call->request;

	str_addz(&target, request->path);
	for (size_t i = 0; i < request->query_count; i++)
		if (strcmp(request->query[i].name, cursor) != 0)
			add_parameter(&target, request->query[i].name, request->query[i].value);
	add_parameter(&target, cursor, value);
	if (!target.failed)
		http_add_header(&call->response, "Link", "<%s>; rel=\"next\"", target.data);
}

int talk_answer(struct http_call *call, int status, struct err *err)
{
	return str_check(&call->response.body, err) ?
		-1 :
		http_answer_text(call, status, "application/json", err);
}

#define TAG_BYTES 16

static void format_tag(const struct str *body, char out[2 * TAG_BYTES + 1])
{
	struct sha256 hash;

	crypt_sha256(body->data, body->len, &hash);
	hex_encode(hash.bytes, TAG_BYTES, out);
}

static void add_cache_headers(struct http_call *call)
{
	http_add_header(&call->response, "Cache-Control", "private, no-cache");
	http_add_header(&call->response, "Vary", "Authorization");
}

static bool is_read(const struct http_call *call)
{
	return call->request.method == HTTP_GET || call->request.method == HTTP_HEAD;
}

static int answer_tagged(struct http_call *call, int status, bool weak, struct err *err)
{
	char tag[2 * TAG_BYTES + 1];

	if (str_check(&call->response.body, err))
		return -1;
	format_tag(&call->response.body, tag);
	add_cache_headers(call);
	if (!is_read(call))
		http_add_header(&call->response, "ETag", "\"%s\"", tag);
	else if (http_answer_unchanged(call, tag, weak))
		return 0;
	return http_answer_text(call, status, "application/json", err);
}

int talk_answer_list(struct http_call *call, struct err *err)
{
	return answer_tagged(call, 200, true, err);
}

int talk_answer_thing(struct http_call *call, int status, struct err *err)
{
	return answer_tagged(call, status, false, err);
}

int talk_check_match(struct http_call *call, struct err *err)
{
	const char *match = http_header(&call->request, "If-Match");
	char tag[2 * TAG_BYTES + 1];
	struct err why = ERR_INIT;

	if (str_check(&call->response.body, err))
		return -1;
	format_tag(&call->response.body, tag);
	str_clear(&call->response.body);
	if (!match || http_tag_is_listed(match, tag, false))
		return 0;
	err_set(&why, ERR_CONFLICT, "it was changed meanwhile");
	http_answer_problem(call, 412, &why);
	return 1;
}

int talk_unchanged(struct http_call *call, struct err *err)
{
	struct album_facts facts;
	char tag[48], who[UUID_SHORT_LEN + 1];
	int found = event_album_get(call->store->db, call->album.key, &facts, err);

	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such album");
	if (found < 0)
		return -1;
	uuid_format_short(&call->caller.user, who);
	snprintf(tag, sizeof(tag), "%llx-%s", (unsigned long long)facts.rev, who);
	add_cache_headers(call);
	return http_answer_unchanged(call, tag, true);
}

static void add_time(struct str *out, const char *key, int64_t time)
{
	if (time)
		wire_add_int(out, key, time);
	else
		wire_add_null(out, key);
}

void talk_add_message(struct str *out, const char *key, const struct message *m)
{
	wire_add_open(out, key, '{');
	wire_add_uuid(out, "id", &m->id);
	add_time(out, "seq", m->seq);
	wire_add_text(out, "author", m->author_name);
	wire_add_uuid(out, "author_id", &m->author);
	wire_add_int(out, "time", m->time);
	wire_add_int(out, "when", m->when);
	wire_add_text(out, "text", m->text);
	if (m->has_photo)
		wire_add_hex(out, "photo", m->photo.bytes, SHA256_LEN);
	else
		wire_add_null(out, "photo");
	if (m->has_reply)
		wire_add_uuid(out, "reply_to", &m->reply_to);
	else
		wire_add_null(out, "reply_to");
	add_time(out, "edited", m->edited);
	wire_add_bool(out, "deleted", m->deleted);
	wire_add_int(out, "likes", m->likes);
	wire_add_bool(out, "liked", m->liked);
	wire_add_close(out, '}');
}

static void add_entity(struct str *out, const char *key, const struct entity *entity)
{
	struct uuid id;

	if (entity->len == sizeof(id.bytes)) {
		memcpy(id.bytes, entity->bytes, sizeof(id.bytes));
		wire_add_uuid(out, key, &id);
	} else {
		wire_add_hex(out, key, entity->bytes, entity->len);
	}
}

void talk_add_event(
	struct str *out, const char *key, const struct uuid *album, const struct event *e)
{
	static const char *const states[] = {"confirmed", "pending", "rejected"};

	wire_add_open(out, key, '{');
	if (album)
		wire_add_uuid(out, "album", album);
	add_time(out, "seq", e->seq);
	wire_add_uuid(out, "id", &e->id);
	wire_add_text(out, "kind", e->kind);
	add_entity(out, "about", &e->about);
	wire_add_uuid(out, "author", &e->author);
	wire_add_uuid(out, "device", &e->device);
	wire_add_int(out, "time", e->time);
	add_time(out, "at", e->at);
	/* It was parsed when it was read, so it is JSON. */
	if (e->json)
		wire_add_raw(out, "body", e->body, e->body_len);
	else
		wire_add_null(out, "body");
	wire_add_text(out, "state", states[event_state_of(e->key)]);
	wire_add_close(out, '}');
}

void talk_add_receipt(struct str *out, const char *key, const struct receipt *receipt)
{
	wire_add_open(out, key, '{');
	wire_add_uuid(out, "id", &receipt->id);
	add_time(out, "seq", receipt->seq);
	add_time(out, "at", receipt->at);
	wire_add_close(out, '}');
}
