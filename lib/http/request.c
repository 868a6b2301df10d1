/* request.c - reading a request: its target, headers, parameters and body.
 *
 * It knows nothing of routes' meaning.  Invariant: decoded texts never hold U+0000 and live as long as the
 * call.
 */
#include "http/server.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TARGET_MAX ((size_t)8 * 1024)

static const char *const methods[HTTP_METHOD_COUNT] = {
	[HTTP_GET] = "GET",
	[HTTP_HEAD] = "HEAD",
	[HTTP_POST] = "POST",
	[HTTP_PUT] = "PUT",
	[HTTP_PATCH] = "PATCH",
	[HTTP_DELETE] = "DELETE",
	[HTTP_OPTIONS] = "OPTIONS",
};

const char *http_method_name(enum http_method method)
{
	return methods[method];
}

int http_method_parse(const char *name, enum http_method *out)
{
	for (unsigned i = 0; i < HTTP_METHOD_COUNT; i++)
		if (strcmp(methods[i], name) == 0) {
			*out = (enum http_method)i;
			return 0;
		}
	return -1;
}

/* --- fields ------------------------------------------------------------------------------- */

const char *http_header(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (strcasecmp(request->headers[i].name, name) == 0)
			return request->headers[i].value;
	return NULL;
}

const char *http_query(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->query_count; i++)
		if (strcmp(request->query[i].name, name) == 0)
			return request->query[i].value;
	return NULL;
}

int http_query_int(const struct http_request *request, const char *name, int64_t min, int64_t max,
	int64_t otherwise, int64_t *out, struct err *err)
{
	const char *text = http_query(request, name);

	if (!text) {
		*out = otherwise;
		return 0;
	}
	return text_to_i64(text, min, max, out, err) ? err_prefix(err, "%s", name) : 0;
}

int call_add_header(struct http_call *call, const char *name, const char *value, struct err *err)
{
	struct http_request *r = &call->request;

	if (r->header_count == HTTP_FIELDS_MAX)
		return err_set(err, ERR_TOO_LARGE, "the request has more than %d headers",
			HTTP_FIELDS_MAX);
	r->headers[r->header_count++] =
		(struct http_field){.name = name, .value = value ? value : ""};
	return 0;
}

/* --- the target --------------------------------------------------------------------------- */

/* Decodes into request.texts, which has room for it; NULL for a malformed escape or U+0000. */
static const char *decode(struct http_request *r, const char *text, size_t len, bool plus)
{
	size_t start = r->texts.len, plain = 0;

	while (plain < len && text[plain] && text[plain] != '%' && text[plain] != '+')
		plain++;
	str_add(&r->texts, text, plain);
	for (size_t i = plain; i < len; i++) {
		uint8_t byte = (uint8_t)text[i];

		if (byte == '%') {
			if (len - i < 3 || hex_decode(text + i + 1, 2, &byte, 1))
				return NULL;
			i += 2;
		} else if (byte == '+' && plus) {
			byte = ' ';
		}
		if (byte == 0)
			return NULL;
		str_addc(&r->texts, (char)byte);
	}
	str_add(&r->texts, "", 1);
	if (r->texts.failed || !text_is_utf8(r->texts.data + start, r->texts.len - 1 - start))
		return NULL;
	return r->texts.data + start;
}

static int add_parameter(struct http_request *r, const char *text, size_t len, struct err *err)
{
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals ? (size_t)(equals - text) : len;
	struct http_field field = {.value = ""};

	if (r->query_count == HTTP_FIELDS_MAX)
		return err_set(err, ERR_TOO_LARGE, "the query has more than %d parameters",
			HTTP_FIELDS_MAX);
	field.name = decode(r, text, name_len, true);
	if (equals)
		field.value = decode(r, equals + 1, len - name_len - 1, true);
	if (!field.name || !field.value)
		return err_set(err, ERR_INVALID, "the query is not well-formed");
	r->query[r->query_count++] = field;
	return 0;
}

int call_set_target(struct http_call *call, const char *target, struct err *err)
{
	struct http_request *r = &call->request;
	size_t len = strlen(target), path_len = strcspn(target, "?");
	const char *at = target + path_len;

	if (len > TARGET_MAX)
		return err_set(
			err, ERR_TOO_LARGE, "the address is longer than %zu bytes", TARGET_MAX);
	/* Whatever is decoded later fits, so that nothing moves: each parameter ends with one more byte. */
	r->texts.max = 2 * len + 2 * HTTP_FIELDS_MAX + 64;
	if (!str_reserve(&r->texts, r->texts.max))
		return err_no_memory(err);
	r->path = mem_strndup(target, path_len);
	if (!r->path)
		return err_no_memory(err);
	while (*at == '?' || *at == '&') {
		size_t part = strcspn(++at, "&");

		if (part && add_parameter(r, at, part, err))
			return -1;
		at += part;
	}
	return 0;
}

/* --- parameters of the path --------------------------------------------------------------- */

int call_decode_param(struct http_call *call, size_t index, const char *text, size_t len)
{
	const char *value = decode(&call->request, text, len, false);

	if (!value || !*value || strpbrk(value, "/\\"))
		return -1;
	call->params[index] = value;
	return 0;
}

const char *http_param(const struct http_call *call, const char *name)
{
	size_t index = 0, len = strlen(name);

	for (const char *at = call->route ? strchr(call->route->path, '{') : NULL; at;
		at = strchr(at + 1, '{')) {
		if (strncmp(at + 1, name, len) == 0 && at[1 + len] == '}')
			return call->params[index] ? call->params[index] : "";
		index++;
	}
	return "";
}

int http_param_uuid(
	const struct http_call *call, const char *name, struct uuid *out, struct err *err)
{
	const char *text = http_param(call, name);

	return uuid_parse(text, strlen(text), out) ?
		err_set(err, ERR_NOT_FOUND, "there is no such %s", name) :
		0;
}

int http_param_hash(
	const struct http_call *call, const char *name, struct sha256 *out, struct err *err)
{
	const char *text = http_param(call, name);

	return sha256_parse(text, strlen(text), out) ?
		err_set(err, ERR_NOT_FOUND, "there is no such %s", name) :
		0;
}

json_t *http_body_object(const struct http_call *call, struct err *err)
{
	const struct str *body = &call->request.body;
	_cleanup_json_ json_t *json = wire_parse(body->data, body->len, HTTP_BODY_JSON, err);

	if (!json)
		return NULL;
	if (!json_is_object(json)) {
		err_set(err, ERR_INVALID, "the body is not a JSON object");
		return NULL;
	}
	return mem_steal(&json);
}
