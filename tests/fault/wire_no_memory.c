/* Every k-th allocation of jansson fails: no crash, no leak, no wrong answer. */
#include "tap.h"
#include "wire/json.h"

static long calls, fail_at; /* fail_at 0: never */

static void *allocate(size_t size)
{
	return ++calls == fail_at ? NULL : malloc(size);
}

static const char body[] =
	"{\"list\":[1,2,{\"a\":\"\xc3\xa9\\n\"}],\"reply_to\":\"0190b0a0-0000-7000-8000-"
	"0000000000ff\",\"text\":\"a text that is long enough to grow a buffer\"}";

static json_t *parse(bool canonical, struct err *err)
{
	return canonical ? wire_parse_canonical(body, strlen(body), err) :
			   wire_parse(body, strlen(body), sizeof(body), err);
}

static void test_parse(bool canonical)
{
	long k = 0;
	int wrong = 0, met;

	do {
		_cleanup_json_ json_t *json = NULL;
		struct err err = ERR_INIT;

		calls = 0;
		fail_at = ++k;
		json = parse(canonical, &err);
		met = calls >= k;
		fail_at = 0;
		wrong += met ? json || err.kind != ERR_NO_MEMORY : !json;
	} while (met);
	ok(!wrong && k > 10, "%s: each of %ld failed allocations is told as such",
		canonical ? "canonical" : "parse", k - 1);
}

static void test_write(void)
{
	_cleanup_json_ json_t *json = parse(true, NULL);
	long k = 0;
	int wrong = 0, met;

	do {
		_cleanup_str_ struct str out = STR_INIT(1000);
		struct err err = ERR_INIT;
		int rc;

		calls = 0;
		fail_at = ++k;
		rc = wire_canonical(json, &out, &err);
		met = calls >= k;
		fail_at = 0;
		wrong += rc ? !met || err.kind == ERR_NONE : strcmp(out.data, body) != 0;
	} while (met);
	ok(!wrong, "writing: right or refused, %ld allocations", k - 1);
}

static void test_build(void)
{
	struct uuid id = {{1}};
	long k = 0;
	int wrong = 0, met;

	do {
		_cleanup_json_ json_t *json = NULL;

		calls = 0;
		fail_at = ++k;
		json = json_object();
		wire_set_text(&json, "text", "beach");
		wire_set_int(&json, "n", 7);
		wire_set_uuid(&json, "id", &id);
		wire_set_hex(&json, "hash", "\1\2", 2);
		wire_set_json(&json, "list", json_array());
		met = calls >= k;
		fail_at = 0;
		wrong += met ? json != NULL : json_object_size(json) != 5;
	} while (met);
	ok(!wrong && k > 10, "an object is whole or not there, %ld allocations", k - 1);
}

/* Under the functions that the wire room sets, so before its own constructor. */
__attribute__((constructor(101))) static void install(void)
{
	json_set_alloc_funcs(allocate, free);
	json_object_seed(1);
}

int main(void)
{
	test_parse(false);
	test_parse(true);
	test_write();
	test_build();
	return tap_done();
}
