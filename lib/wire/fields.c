/* fields.c - reading and writing the fields of a JSON object; see json.h.
 *
 * It knows types and ranges, not meanings.  Invariant: an output is written only when the field
 * is there and good; an object that lost a field is gone (NULL), never half written.
 */
#include "wire/json.h"
#include "base/mem.h"

#include <string.h>

/* 1 with *value when the field is there, 0 when it may be absent and is, -1 when it must not. */
static int find(
	const json_t *object, const char *key, enum wire_need need, json_t **value, struct err *err)
{
	json_t *found = json_object_get(object, key);

	if (found && !json_is_null(found)) {
		*value = found;
		return 1;
	}
	return need == WIRE_REQUIRED ? err_set(err, ERR_INVALID, "\"%s\" is missing", key) : 0;
}

int wire_get_text(const json_t *object, const char *key, enum wire_need need, size_t max_bytes,
	const char **out, struct err *err)
{
	json_t *value = NULL;
	int found = find(object, key, need, &value, err);

	if (found != 1)
		return found;
	if (!json_is_string(value))
		return err_set(err, ERR_INVALID, "\"%s\" must be text", key);
	if (json_string_length(value) > max_bytes)
		return err_set(err, ERR_INVALID, "\"%s\" is longer than %zu bytes", key, max_bytes);
	if (strlen(json_string_value(value)) != json_string_length(value))
		return err_set(err, ERR_INVALID, "\"%s\" holds U+0000", key);
	*out = json_string_value(value);
	return 0;
}

int wire_get_int(const json_t *object, const char *key, enum wire_need need, int64_t min,
	int64_t max, int64_t *out, struct err *err)
{
	json_t *value = NULL;
	int found = find(object, key, need, &value, err);

	if (found != 1)
		return found;
	if (!json_is_integer(value))
		return err_set(err, ERR_INVALID, "\"%s\" must be a whole number", key);
	if (json_integer_value(value) < min || json_integer_value(value) > max)
		return err_set(err, ERR_INVALID, "\"%s\" must be from %lld to %lld", key,
			(long long)min, (long long)max);
	*out = json_integer_value(value);
	return 0;
}

int wire_get_bool(
	const json_t *object, const char *key, enum wire_need need, bool *out, struct err *err)
{
	json_t *value = NULL;
	int found = find(object, key, need, &value, err);

	if (found != 1)
		return found;
	if (!json_is_boolean(value))
		return err_set(err, ERR_INVALID, "\"%s\" must be true or false", key);
	*out = json_is_true(value);
	return 0;
}

int wire_get_uuid(const json_t *object, const char *key, enum wire_need need, struct uuid *out,
	struct err *err)
{
	json_t *value = NULL;
	int found = find(object, key, need, &value, err);

	if (found != 1)
		return found;
	if (!json_is_string(value) ||
		uuid_parse(json_string_value(value), json_string_length(value), out))
		return err_set(err, ERR_INVALID, "\"%s\" must be a UUID", key);
	return 0;
}

int wire_get_hex(const json_t *object, const char *key, enum wire_need need, void *out, size_t len,
	struct err *err)
{
	json_t *value = NULL;
	int found = find(object, key, need, &value, err);
	const char *text;

	if (found != 1)
		return found;
	text = json_string_value(value);
	if (!text || strlen(text) != 2 * len || strspn(text, "0123456789abcdef") != 2 * len ||
		hex_decode(text, 2 * len, out, len))
		return err_set(
			err, ERR_INVALID, "\"%s\" must be %zu lower-case hex digits", key, 2 * len);
	return 0;
}

static bool is_listed(const char *key, const char *const *keys)
{
	for (; *keys; keys++)
		if (strcmp(*keys, key) == 0)
			return true;
	return false;
}

int wire_only_keys(const json_t *object, const char *const *keys, struct err *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return err_set(err, ERR_INVALID, "a JSON object is needed here");
	json_object_foreach ((json_t *)(uintptr_t)object, key, value)
		if (!is_listed(key, keys))
			return err_set(err, ERR_INVALID, "unknown field \"%s\"", key);
	return 0;
}

void wire_set_json(json_t **object, const char *key, json_t *value)
{
	if (!*object) {
		json_decref(value);
		return;
	}
	if (json_object_set_new(*object, key, value)) /* frees value also when it fails */
		wire_json_free(object);
}

void wire_set_text(json_t **object, const char *key, const char *text)
{
	if (text)
		wire_set_textn(object, key, text, strlen(text));
}

void wire_set_textn(json_t **object, const char *key, const char *text, size_t len)
{
	/* Ours judges UTF-8 faster than jansson, and as strictly. */
	bool good = !len || (!memchr(text, '\0', len) && text_is_utf8(text, len));

	wire_set_json(object, key, good ? json_stringn_nocheck(len ? text : "", len) : NULL);
}

void wire_set_int(json_t **object, const char *key, int64_t value)
{
	wire_set_json(object, key, json_integer(value));
}

void wire_set_bool(json_t **object, const char *key, bool value)
{
	wire_set_json(object, key, json_boolean(value));
}

void wire_set_uuid(json_t **object, const char *key, const struct uuid *id)
{
	char text[UUID_TEXT_LEN + 1];

	uuid_format(id, text);
	wire_set_textn(object, key, text, UUID_TEXT_LEN);
}

void wire_set_hex(json_t **object, const char *key, const void *bytes, size_t len)
{
	_cleanup_str_ struct str hex = STR_INIT(STR_MAX_LINE);

	str_add_hex(&hex, bytes, len);
	if (str_check(&hex, NULL))
		wire_set_json(object, key, NULL);
	else
		wire_set_textn(object, key, hex.data, hex.len);
}

void wire_set_null(json_t **object, const char *key)
{
	wire_set_json(object, key, json_null());
}
