/* The canonical scanner, reader and writer held against jansson's: fixed, hostile and random text. */
#include "tap.h"
#include "wire/canonical.h"
#include "wire/json.h"

#include <stdbool.h>

/* jansson's own reader and writer are what ours are held against. */
static json_t *read_by_jansson(const char *text, size_t len)
{
	return json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
}

/* What jansson writes is what we write, or neither writes. */
static bool write_alike(const json_t *json, struct str *form)
{
	_cleanup_free_ char *dumped = NULL;
	bool ours = wire_canonical(json, form, NULL) == 0;

	if (wire_check_canonical_value(json, NULL) == 0)
		dumped = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	return ours == (dumped != NULL) && (!ours || strcmp(dumped, form->data) == 0);
}

/* The scanner says yes exactly if jansson would write the text again as it is; then the value that
 * we make of it is the one that jansson makes. */
static bool agree(const char *text, size_t len)
{
	_cleanup_json_ json_t *json = read_by_jansson(text, len), *built = NULL;
	_cleanup_str_ struct str form = STR_INIT(STR_MAX_FILE);
	bool by_scan = canonical_scan(text, len, NULL) == 0, by_dump = false, alike = true;

	if (json) {
		alike = write_alike(json, &form);
		by_dump = alike && form.len == len && memcmp(form.data, text, len) == 0;
	}
	if (by_scan) {
		built = canonical_build(text, len, NULL);
		alike = alike && built && json_equal(json, built);
	}
	if (by_scan == by_dump && alike)
		return true;
	printf("# scan %d, dump %d, alike %d: ", by_scan, by_dump, alike);
	for (size_t i = 0; i < len; i++)
		printf(text[i] < 0x20 || text[i] > 0x7e ? "\\x%02x" : "%c", (unsigned char)text[i]);
	printf("\n");
	return false;
}

static const char *const good[] = {"{}", "{\"\":0}", "{\"a\":1,\"b\":2}", "{\"a\":-1}",
	"{\"a\":9223372036854775807}", "{\"a\":-9223372036854775808}", "{\"a\":[]}",
	"{\"a\":[{},[],null,true,false,\"x\"]}", "{\"A\":1,\"a\":2}", "{\"a\":1,\"aa\":2}",
	"{\"a\":\"\\\"\\\\\\b\\f\\n\\r\\t\"}", "{\"a\":\"\\u0001\\u001F\"}", "{\"a\":\"\x7f/\"}",
	"{\"a\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}", "{\"\\n\":1,\"a\":2}",
	"{\"\\\"\":1,\"#\":2}", "{\"Z\":1,\"\\\\\":2,\"]\":3}", "{\"z\":1,\"\xc3\xa9\":2}",
	"{\"\xee\x80\x80\":1,\"\xf0\x9f\x98\x80\":2}", "{\"a\":\"\xef\xbf\xbf\"}"};

static const char *const bad[] = {"", "[]", "1", "\"a\"", "null", "{", "}", "{}}", "{} ", " {}",
	"{ }", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\" :1}", "{\"a\": 1}", "{\"a\":1 }",
	"{\"b\":1,\"a\":2}", "{\"a\":1,\"a\":2}", "{\"aa\":1,\"a\":2}", "{\"a\":1.0}",
	"{\"a\":1e3}", "{\"a\":-0}", "{\"a\":00}", "{\"a\":01}", "{\"a\":-01}", "{\"a\":+1}",
	"{\"a\":-}", "{\"a\":1-}", "{\"a\":9223372036854775808}", "{\"a\":-9223372036854775809}",
	"{\"a\":99999999999999999999999999999}", "{\"a\":\"\\u0000\"}", "{\"\\u0000\":1}",
	"{\"a\":\"\\u0041\"}", "{\"a\":\"\\u001f\"}", "{\"a\":\"\\u000A\"}", "{\"a\":\"\\u00e9\"}",
	"{\"a\":\"\\/\"}", "{\"a\":\"\\ud83d\\ude00\"}", "{\"a\":\"\\ud83d\"}", "{\"a\":\"\\x41\"}",
	"{\"a\":\"\x01\"}", "{\"a\":\"\n\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\xc0\x80\"}",
	"{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xf4\x90\x80\x80\"}", "{\"a\":\"\xc3\"}",
	"{\"a\":\"x", "{\"a\":\"x\\", "{\"a\":\"\\u", "{\"a\":\"\\u00", "{\"a\":nul}",
	"{\"a\":True}", "{\"a\":NaN}", "{\"a\":[1,]}", "{\"a\":[,1]}", "{\"a\":[1 ,2]}",
	"{\"a\":[1}}", "{\"a\":1}{}", "\xef\xbb\xbf{}", "{\"a\":1,\"\\u0001\":2}", "{'a':1}",
	"{a:1}", "{\"\xc3\xa9\":1,\"z\":2}", "{\"a\":[1]2}", "{\"a\":nullx}", "{\"a\":tru"};

static void test_fixed(void)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		ok(canonical_scan(good[i], strlen(good[i]), NULL) == 0, "canonical: %zu", i);
		ok(agree(good[i], strlen(good[i])), "jansson agrees");
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;

		ok(canonical_scan(bad[i], strlen(bad[i]), &err) == -1 && err.kind == ERR_INVALID,
			"not canonical: %zu", i);
		ok(agree(bad[i], strlen(bad[i])), "jansson agrees");
	}
	ok(agree("{\"a\":\"\0\"}", 9) && agree("{\0}", 3) && agree("{}\0", 3), "NUL bytes");
}

/* All texts of one key with each single escape letter and each byte pair in it. */
static void test_bytes(void)
{
	bool all = true;
	char text[64];

	for (int a = 0; a < 256; a++)
		for (int b = 0; b < 256; b++) {
			memcpy(text, "{\"..\":\"..\"}", 11);
			text[7] = (char)a;
			text[8] = (char)b;
			all = all && agree(text, 11);
			text[2] = (char)a;
			text[3] = (char)b;
			all = all && agree(text, 11);
		}
	ok(all, "every pair of bytes in a key and in a string");
	for (int code = 0; code < 256 && all; code++) {
		int len = snprintf(text, sizeof(text), "{\"a\":\"\\u%04X\"}", (unsigned)code);

		all = all && agree(text, (size_t)len);
		len = snprintf(text, sizeof(text), "{\"a\":\"\\u%04x\"}", (unsigned)code);
		all = all && agree(text, (size_t)len);
	}
	ok(all, "every \\u00XX in either case");
}

/* Depth is counted the same way: 32 is fine, 33 is not. */
static void test_depth(void)
{
	for (int depth = WIRE_DEPTH_MAX - 1; depth <= WIRE_DEPTH_MAX + 1; depth++) {
		_cleanup_str_ struct str text = STR_INIT(1000);

		str_addz(&text, "{\"a\":");
		for (int i = 1; i < depth; i++)
			str_addc(&text, '[');
		for (int i = 1; i < depth; i++)
			str_addc(&text, ']');
		str_addc(&text, '}');
		ok((canonical_scan(text.data, text.len, NULL) == 0) == (depth <= WIRE_DEPTH_MAX),
			"depth %d", depth);
		ok(agree(text.data, text.len), "jansson agrees");
	}
}

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

static void add_random_text(struct str *s)
{
	static const char *const pieces[] = {"a", "b", "\\n", "\\u0001", "\xc3\xa9", "\\\"", " ",
		"\xf0\x9f\x98\x80", "\x7f", "\\u000b", "\\u001F", "\\\\", "/"};

	str_addc(s, '"');
	for (uint32_t n = random_below(4); n; n--)
		str_addz(s, pieces[random_below(ARRAY_LEN(pieces))]);
	str_addc(s, '"');
}

static void add_random_value(struct str *s, int depth)
{
	static const char *const atoms[] = {"0", "1", "-1", "12", "-0", "1.5", "true", "false",
		"null", "01", "9223372036854775807", "9223372036854775808", "1e2"};
	uint32_t pick = random_below(depth < 5 ? 6 : 3);

	if (pick == 0 || pick == 1) {
		str_addz(s, atoms[random_below(random_below(4) ? 4 : ARRAY_LEN(atoms))]);
	} else if (pick == 2) {
		add_random_text(s);
	} else {
		bool object = pick != 3;

		str_addc(s, object ? '{' : '[');
		for (uint32_t n = random_below(4), i = 0; i < n; i++) {
			if (i)
				str_addc(s, ',');
			if (object) {
				add_random_text(s);
				str_addc(s, ':');
			}
			add_random_value(s, depth + 1);
		}
		str_addc(s, object ? '}' : ']');
	}
}

/* Random texts, their canonical form where they have one, and both with one byte changed. */
static void test_random(void)
{
	bool all = true;
	int canonical = 0;

	for (int i = 0; i < 30000; i++) {
		_cleanup_str_ struct str text = STR_INIT(100000), form = STR_INIT(100000);
		_cleanup_json_ json_t *json = NULL;

		add_random_value(&text, 0);
		all = all && agree(text.data, text.len);
		json = wire_parse(text.data, text.len, 100000, NULL);
		if (!json || wire_canonical(json, &form, NULL))
			continue;
		canonical++;
		all = all && canonical_scan(form.data, form.len, NULL) == 0;
		form.data[random_below((uint32_t)form.len)] = (char)random_below(256);
		all = all && agree(form.data, form.len);
	}
	ok(all, "random texts: scan and dump agree");
	ok(canonical > 1000, "enough of them had a canonical form (%d)", canonical);
}

static void test_parse(void)
{
	static char big[WIRE_BODY_MAX + 10];
	_cleanup_json_ json_t *json = NULL;
	struct err err = ERR_INIT;

	json = wire_parse_canonical("{\"a\":1,\"b\":\"x\"}", 15, &err);
	ok(json && json_integer_value(json_object_get(json, "a")) == 1,
		"a canonical body is parsed");
	ok(!wire_parse_canonical("{\"b\":1,\"a\":2}", 13, &err) && err.kind == ERR_INVALID,
		"another is not");
	is_str(err.message,
		"not canonical JSON at byte 10: keys are not sorted, or one is there twice",
		"it says why and where");
	memset(big, 'x', sizeof(big));
	memcpy(big, "{\"a\":\"", 6);
	memcpy(big + WIRE_BODY_MAX - 2, "\"}", 2);
	wire_json_free(&json);
	json = wire_parse_canonical(big, WIRE_BODY_MAX, &err);
	ok(json, "64 KiB are taken");
	ok(!wire_parse_canonical(big, WIRE_BODY_MAX + 1, &err) && err.kind == ERR_TOO_LARGE,
		"more are not");
}

int main(void)
{
	test_fixed();
	test_bytes();
	test_depth();
	test_random();
	test_parse();
	return tap_done();
}
