/* Parsing with limits, writing, and the fields of objects. */
#include "tap.h"
#include "wire/json.h"

static void test_parse(void)
{
	static const char *const bad[] = {"", "{", "{\"a\":1,\"a\":1}", "{\"a\":\"\\u0000\"}",
		"[1] x", "\"\xff\"", "123456789012345678901234567890", "{\"a\":1}\x01"};
	_cleanup_json_ json_t *json = NULL;
	struct err err = ERR_INIT;

	json = wire_parse(" {\"b\": [1.5, null], \"a\": \"\\u00e9\"} ", 35, 100, &err);
	ok(json && json_object_size(json) == 2, "loose JSON is read");
	wire_json_free(&json);
	ok(!json, "freeing leaves NULL");
	json = wire_parse("17", 2, 100, &err);
	ok(json_integer_value(json) == 17, "a bare value is read");
	ok(!wire_parse("[1,2,3]", 7, 6, &err) && err.kind == ERR_TOO_LARGE, "the size limit holds");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		err_clear(&err);
		ok(!wire_parse(bad[i], strlen(bad[i]), 100, &err) && err.kind == ERR_INVALID,
			"refused %zu: %s", i, err.message);
	}
	ok(!wire_parse("[]", 1, 100, &err), "only len bytes are looked at");
}

static void test_depth(void)
{
	static const char quoted[] = "[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"]";
	static char deep[200000];
	_cleanup_json_ json_t *json = NULL;
	struct err err = ERR_INIT;

	memset(deep, '[', WIRE_DEPTH_MAX);
	memset(deep + WIRE_DEPTH_MAX, ']', WIRE_DEPTH_MAX);
	json = wire_parse(deep, 2 * WIRE_DEPTH_MAX, sizeof(deep), &err);
	ok(json, "the deepest allowed");
	memset(deep, '[', sizeof(deep));
	ok(!wire_parse(deep, sizeof(deep), sizeof(deep), &err) && err.kind == ERR_INVALID,
		"far too deep");
	wire_json_free(&json);
	json = wire_parse(quoted, strlen(quoted), 100, &err);
	ok(json, "brackets in strings do not count");
}

static void is_form(const char *loose, const char *want, const char *name)
{
	_cleanup_json_ json_t *json = NULL;
	_cleanup_str_ struct str form = STR_INIT(1000);
	struct err err = ERR_INIT;

	json = wire_parse(loose, strlen(loose), 1000, &err);
	if (want) {
		ok_call(wire_canonical(json, &form, &err), &err, "%s", name);
		is_str(form.data, want, "its form");
	} else {
		ok(json && wire_canonical(json, &form, &err) == -1 && err.kind == ERR_INVALID, "%s",
			name);
	}
}

static void test_canonical(void)
{
	_cleanup_json_ json_t *json = json_object();
	_cleanup_str_ struct str form = STR_INIT(1000), small = STR_INIT(4);
	struct err err = ERR_INIT;

	is_form("{\"b\": 1, \"a\": [true, \"\\u00e9\\/\"]}", "{\"a\":[true,\"\xc3\xa9/\"],\"b\":1}",
		"sorted, bare");
	is_form("{\"a\": 1.0}", NULL, "a fraction has no form");
	is_form("{\"a\": [{\"b\": 2e1}]}", NULL, "also deep inside");
	is_form("[1]", NULL, "an array is no body");
	json_object_set_new(json, "a", json_stringn("x\0y", 3));
	ok(wire_canonical(json, &form, &err) == -1 && err.kind == ERR_INVALID,
		"U+0000 has no form");
	json_object_set_new(json, "a", json_string_nocheck("\xff"));
	ok(wire_canonical(json, &form, &err) == -1 && err.kind == ERR_INVALID,
		"nor has what is not UTF-8");
	json_object_set_new(json, "a", json_string("xyz"));
	ok(wire_canonical(json, &small, &err) == -1 && err.kind == ERR_TOO_LARGE,
		"the output's limit holds");
}

static void test_print(void)
{
	static const char text[] = "{\"b\":-179.1234567,\"a\":[0.1,1.25,3e20]}";
	_cleanup_json_ json_t *json = wire_parse(text, strlen(text), 100, NULL);
	_cleanup_str_ struct str out = STR_INIT(1000);
	struct err err = ERR_INIT;

	ok_call(wire_print(json, &out, &err), &err, "printing");
	is_str(out.data, "{\"b\":-179.1234567,\"a\":[0.1,1.25,3e20]}", "keeps order and fractions");
}

static void test_get(void)
{
	static const char text[] =
		"{\"t\":\"beach\",\"i\":7,\"b\":true,\"n\":null,\"h\":\"00ff\",\"H\":\"00FF\","
		"\"u\":\"0190b0a0-0000-7000-8000-0000000000ff\"}";
	_cleanup_json_ json_t *o = wire_parse(text, strlen(text), 1000, NULL);
	const char *t = "before";
	int64_t i = -1;
	bool b = false;
	struct uuid u = {{0}};
	unsigned char h[2] = {1, 1};
	struct err err = ERR_INIT;

	ok(wire_get_text(o, "t", WIRE_REQUIRED, 5, &t, &err) == 0, "text");
	is_str(t, "beach", "its value");
	ok(wire_get_text(o, "t", WIRE_REQUIRED, 4, &t, &err) == -1 && err.kind == ERR_INVALID,
		"too long");
	is_str(err.message, "\"t\" is longer than 4 bytes", "the message names the field");
	t = "before";
	ok(wire_get_text(o, "x", WIRE_OPTIONAL, 5, &t, &err) == 0 && strcmp(t, "before") == 0,
		"absent, optional");
	ok(wire_get_text(o, "n", WIRE_OPTIONAL, 5, &t, &err) == 0 && strcmp(t, "before") == 0,
		"null, optional");
	ok(wire_get_text(o, "n", WIRE_REQUIRED, 5, &t, &err) == -1,
		"null is not enough where required");
	ok(wire_get_text(o, "i", WIRE_OPTIONAL, 5, &t, &err) == -1, "a number is no text");
	ok(wire_get_int(o, "i", WIRE_REQUIRED, 7, 7, &i, &err) == 0 && i == 7,
		"integer at its limits");
	ok(wire_get_int(o, "i", WIRE_REQUIRED, 8, 9, &i, &err) == -1, "below");
	ok(wire_get_int(o, "i", WIRE_REQUIRED, 1, 6, &i, &err) == -1 && i == 7, "above; untouched");
	ok(wire_get_int(o, "t", WIRE_REQUIRED, 1, 6, &i, &err) == -1, "text is no integer");
	ok(wire_get_bool(o, "b", WIRE_REQUIRED, &b, &err) == 0 && b, "boolean");
	ok(wire_get_bool(o, "i", WIRE_REQUIRED, &b, &err) == -1, "1 is not true");
	ok(wire_get_uuid(o, "u", WIRE_REQUIRED, &u, &err) == 0 && u.bytes[15] == 0xff, "UUID");
	ok(wire_get_uuid(o, "t", WIRE_REQUIRED, &u, &err) == -1, "other text is no UUID");
	ok(wire_get_hex(o, "h", WIRE_REQUIRED, h, 2, &err) == 0 && h[1] == 0xff, "hex");
	ok(wire_get_hex(o, "H", WIRE_REQUIRED, h, 2, &err) == -1, "upper case is another spelling");
	ok(wire_get_hex(o, "h", WIRE_REQUIRED, h, 1, &err) == -1, "another length");
	ok(wire_get_hex(o, "i", WIRE_REQUIRED, h, 1, &err) == -1, "a number is no hex");
	ok(wire_get_text(NULL, "t", WIRE_REQUIRED, 5, &t, &err) == -1, "no object");
}

static void test_only_keys(void)
{
	static const char *const keys[] = {"a", "b", NULL}, *const few[] = {"a", NULL};
	_cleanup_json_ json_t *o = wire_parse("{\"a\":1,\"b\":2}", 13, 100, NULL);
	_cleanup_json_ json_t *list = json_array();
	struct err err = ERR_INIT;

	ok(wire_only_keys(o, keys, &err) == 0, "all keys are known");
	ok(wire_only_keys(o, few, &err) == -1 && err.kind == ERR_INVALID, "one is not");
	is_str(err.message, "unknown field \"b\"", "and named");
	ok(wire_only_keys(list, keys, &err) == -1, "an array is no object");
}

static void test_set(void)
{
	_cleanup_json_ json_t *o = json_object();
	_cleanup_str_ struct str form = STR_INIT(1000);
	struct uuid id = {{1, 2}};
	struct err err = ERR_INIT;

	wire_set_text(&o, "t", "caf\xc3\xa9");
	wire_set_text(&o, "absent", NULL);
	wire_set_textn(&o, "n", "abc", 2);
	wire_set_textn(&o, "e", NULL, 0);
	wire_set_int(&o, "i", INT64_MIN);
	wire_set_bool(&o, "b", true);
	wire_set_uuid(&o, "u", &id);
	wire_set_hex(&o, "h", "\x01\xff", 2);
	wire_set_null(&o, "z");
	wire_set_json(&o, "j", json_array());
	ok(o && wire_canonical(o, &form, &err) == 0, "everything is set");
	is_str(form.data,
		"{\"b\":true,\"e\":\"\",\"h\":\"01ff\",\"i\":-9223372036854775808,\"j\":[],\"n\":\"ab\","
		"\"t\":\"caf\xc3\xa9\",\"u\":\"01020000-0000-0000-0000-000000000000\",\"z\":null}",
		"as given");
}

static void test_set_failures(void)
{
	_cleanup_json_ json_t *o = json_object();

	wire_set_text(&o, "t", "\xff");
	ok(!o, "text that is not UTF-8 frees the object");
	wire_set_int(&o, "i", 1);
	wire_set_json(&o, "j", json_array());
	ok(!o, "later calls do nothing");
	o = json_object();
	wire_set_textn(&o, "t", "a\0b", 3);
	ok(!o, "so does U+0000");
}

int main(void)
{
	test_parse();
	test_depth();
	test_canonical();
	test_print();
	test_get();
	test_only_keys();
	test_set();
	test_set_failures();
	return tap_done();
}
