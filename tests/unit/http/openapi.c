/* The table of routes and the document of the API say the same: names, methods, paths, who may, scopes,
 * the longest body.  Neither is made from the other, so each is a witness of the other. */
#include "http/openapi.h"
#include "http/http.h"
#include "tap.h"

#include <strings.h>

static json_t *document;

static const char *const access_names[] = {
	[ACCESS_UNSET] = "",
	[ACCESS_PUBLIC] = "public",
	[ACCESS_USER] = "user",
	[ACCESS_ALBUM] = "album",
	[ACCESS_ADMIN] = "admin",
};

static const char *const right_names[RIGHT_COUNT] = {
	[RIGHT_LOOK] = "look",
	[RIGHT_POSITIONS] = "positions",
	[RIGHT_REACT] = "react",
	[RIGHT_TALK] = "talk",
	[RIGHT_ADD] = "add",
	[RIGHT_INVITE] = "invite",
	[RIGHT_MODERATE] = "moderate",
	[RIGHT_MANAGE] = "manage",
	[RIGHT_OWN] = "own",
	[RIGHT_BELONG] = "belong",
	[RIGHT_CLAIM] = "claim",
};

static const struct {
	unsigned scope;
	const char *name;
} scope_names[] = {
	{SCOPE_READ, "read"},
	{SCOPE_WRITE, "write"},
	{SCOPE_UPLOAD, "upload"},
	{SCOPE_ACCOUNT, "account"},
	{SCOPE_ADMIN, "admin"},
};

/* The operation of a method and path, or NULL; borrowed. */
static const json_t *find_operation(const struct http_route *route)
{
	char method[16];
	size_t i;
	const char *name = http_method_name(route->method);

	for (i = 0; name[i] && i < sizeof(method) - 1; i++)
		method[i] = (char)(name[i] | 0x20);
	method[i] = 0;
	return json_object_get(
		json_object_get(json_object_get(document, "paths"), route->path), method);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* Scopes are written as `security: [{token: [read, write]}]`; `security: []` is a public operation. */
static unsigned documented_scopes(const json_t *operation)
{
	const json_t *list =
		json_object_get(json_array_get(json_object_get(operation, "security"), 0), "token");
	const json_t *name;
	unsigned scopes = 0;
	size_t i;

	json_array_foreach (list, i, name)
		for (size_t k = 0; k < sizeof(scope_names) / sizeof(*scope_names); k++)
			if (strcmp(json_string_value(name), scope_names[k].name) == 0)
				scopes |= scope_names[k].scope;
	return scopes;
}

static bool has_parameter(const json_t *list, const char *name, size_t len)
{
	const json_t *parameter;
	size_t i;

	json_array_foreach (list, i, parameter) {
		const char *reference = text_of(parameter, "$ref");
		const char *last = strrchr(reference, '/');
		const char *found = text_of(parameter, "name");

		if (last)
			found = text_of(json_object_get(json_object_get(json_object_get(document,
										"components"),
								"parameters"),
						last + 1),
				"name");
		if (strlen(found) == len && memcmp(found, name, len) == 0)
			return true;
	}
	return false;
}

/* Every {name} of the path is described, for the path or for the operation. */
static bool has_parameters(const struct http_route *route, const json_t *operation)
{
	const json_t *path = json_object_get(json_object_get(document, "paths"), route->path);
	const char *brace = route->path;

	while ((brace = strchr(brace, '{'))) {
		size_t len = strcspn(++brace, "}");

		if (!has_parameter(json_object_get(path, "parameters"), brace, len) &&
			!has_parameter(json_object_get(operation, "parameters"), brace, len))
			return false;
	}
	return true;
}

static void test_route(const struct http_route *route)
{
	const json_t *operation = find_operation(route);
	const json_t *security = json_object_get(operation, "security");
	const json_t *max = json_object_get(operation, "x-body-max");
	bool public = route->access == ACCESS_PUBLIC;
	char name[64];

	snprintf(name, sizeof(name), "%s", route->name);
	if (!ok(operation, "%s: %s %s is documented", name, http_method_name(route->method),
		    route->path))
		return;
	is_str(text_of(operation, "operationId"), route->name, "%s: its name", name);
	is_str(text_of(operation, "x-access"), access_names[route->access], "%s: who may", name);
	is_str(text_of(operation, "x-right"),
		route->access == ACCESS_ALBUM ? right_names[route->right] : "",
		"%s: with what right", name);
	ok(json_is_array(security) && (json_array_size(security) == 0) == public,
		"%s: a token is needed, or not", name);
	is_int(documented_scopes(operation), public ? 0 : route->scope, "%s: scopes", name);
	is_int(json_integer_value(max), route->body_max, "%s: the longest body", name);
	ok(!json_object_get(operation, "requestBody") == !(route->body_max || route->upload),
		"%s: a body is described where one is taken", name);
	ok(has_parameters(route, operation), "%s: the parts of its path are described", name);
	ok(json_object_size(json_object_get(operation, "responses")) >= 2,
		"%s: its answers are described", name);
}

static size_t count_operations(void)
{
	static const char *const methods[] = {"get", "post", "put", "patch", "delete", "options"};
	const char *path;
	json_t *item;
	size_t count = 0;

	json_object_foreach (json_object_get(document, "paths"), path, item)
		for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
			count += json_object_get(item, methods[i]) != NULL;
	return count;
}

int main(void)
{
	struct err err = ERR_INIT;
	size_t count = 0;

	document = wire_parse(openapi_json, openapi_json_len, (size_t)4 << 20, &err);
	if (!ok(document, "the document is JSON: %s", err.message))
		return tap_done();
	ok(strncmp(text_of(document, "openapi"), "3.1.", 4) == 0, "OpenAPI 3.1");
	for (const struct http_route *const *table = http_tables; *table; table++)
		for (const struct http_route *route = *table; route->name; route++, count++)
			test_route(route);
	is_int(count_operations(), count, "nothing is documented that is not there");
	json_decref(document);
	return tap_done();
}
