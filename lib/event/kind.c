/* kind.c - the list of families and the questions that all of them share. */
#include "event/kind.h"

#include <string.h>

const struct event_family *const event_families[] = {&message_family, &reaction_family,
	&photo_family, &album_family, &member_family, &link_family, &self_family, NULL};

const struct event_kind *event_kind_find(const char *name)
{
	for (size_t i = 0; event_families[i]; i++)
		for (const struct event_kind *k = event_families[i]->kinds; k->name; k++)
			if (strcmp(k->name, name) == 0)
				return k;
	return NULL;
}

const struct event_kind *event_kind_of(const char *name, const json_t *body)
{
	const struct event_kind *kind = event_kind_find(name);

	return kind && body && !kind->erases && kind->check(body, NULL) ? NULL : kind;
}

static const struct event_family *family_of(const struct event_kind *kind)
{
	size_t i = 0;

	for (; event_families[i]; i++)
		for (const struct event_kind *k = event_families[i]->kinds; k->name; k++)
			if (k == kind)
				return event_families[i];
	return NULL;
}

int event_check_about(const struct event *e, const struct uuid *album, struct err *err)
{
	const struct event_family *family = e->known ? family_of(e->known) : NULL;
	uint8_t len = e->about.len;

	if ((len == 16 || len == 32) &&
		(!family ||
			((!family->about_len || family->about_len == len) &&
				(!family->about_album || entity_is_uuid(&e->about, album)) &&
				e->known->makes == entity_is_uuid(&e->about, &e->id))))
		return 0;
	return err_set(err, ERR_INVALID, "%s is about the wrong thing", e->kind);
}

int event_kinds_check(struct err *err)
{
	for (size_t i = 0; event_families[i]; i++)
		for (const struct event_kind *k = event_families[i]->kinds; k->name; k++) {
			if (k->needs == RIGHT_UNSET || !k->check || !k->apply || !k->tell)
				return err_set(err, ERR_FAILED,
					"the event kind %s lacks a right or a function", k->name);
			if (event_kind_find(k->name) != k || strlen(k->name) >= EVENT_KIND_MAX)
				return err_set(err, ERR_FAILED,
					"the event kind %s is there twice or too long", k->name);
		}
	return 0;
}

int body_check_nothing(const json_t *body, struct err *err)
{
	(void)body;
	(void)err;
	return 0;
}

const char *body_text(const json_t *body, const char *key)
{
	return json_string_value(json_object_get(body, key));
}

int64_t body_int(const json_t *body, const char *key, int64_t otherwise)
{
	const json_t *value = json_object_get(body, key);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

bool body_hash(const json_t *body, const char *key, struct sha256 *out)
{
	const char *text = body_text(body, key);

	return text && sha256_parse(text, strlen(text), out) == 0;
}

bool body_uuid(const json_t *body, const char *key, struct uuid *out)
{
	const char *text = body_text(body, key);

	return text && uuid_parse(text, strlen(text), out) == 0;
}

#define TELL_MAX 120 /* bytes of a quoted text in one line of the log */

void tell_text(struct str *out, const char *text)
{
	size_t len = text ? strlen(text) : 0;
	size_t shown = text_clip_utf8(text ? text : "", len, TELL_MAX);

	str_add_visible(out, text ? text : "", shown);
	if (shown < len)
		str_addz(out, "…");
}

void tell_entity(struct str *out, const struct entity *e)
{
	/* Hashes are known by their first digits, UUIDs by their last. */
	str_add_hex(out, e->len == 16 ? e->bytes + 12 : e->bytes, 4);
}
