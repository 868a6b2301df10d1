/* out.c - tests of wire/out: what is written is what a JSON reader reads. */
#include "tap.h"
#include "wire/json.h"
#include "wire/out.h"

static struct err err;

static void test_all_types(void)
{
	_cleanup_str_ struct str out = STR_INIT(4096);
	struct uuid id = {{0x01, 0x8f}};
	const uint8_t bytes[2] = {0xab, 0x01};

	wire_add_open(&out, NULL, '{');
	wire_add_uuid(&out, "id", &id);
	wire_add_text(&out, "text", "a \"quote\"\n{");
	wire_add_text(&out, "none", NULL);
	wire_add_int(&out, "least", INT64_MIN);
	wire_add_int(&out, "most", INT64_MAX);
	wire_add_int(&out, "zero", 0);
	wire_add_bool(&out, "yes", true);
	wire_add_hex(&out, "hex", bytes, sizeof(bytes));
	wire_add_open(&out, "list", '[');
	wire_add_int(&out, NULL, -1);
	wire_add_open(&out, NULL, '{');
	wire_add_close(&out, '}');
	wire_add_raw(&out, NULL, "[]", 2);
	wire_add_close(&out, ']');
	wire_add_close(&out, '}');
	is_str(out.data,
		"{\"id\":\"018f0000-0000-0000-0000-000000000000\",\"text\":\"a \\\"quote\\\"\\n{\","
		"\"none\":null,\"least\":-9223372036854775808,\"most\":9223372036854775807,"
		"\"zero\":0,\"yes\":true,\"hex\":\"ab01\",\"list\":[-1,{},[]]}",
		"every type has its spelling, and commas stand between");
}

/* Every byte and many pairs: what comes out parses, and is the text or its mended form. */
static void test_hostile_texts(void)
{
	int bad = 0, mended = 0;

	for (unsigned a = 1; a < 256; a++)
		for (unsigned b = 0; b < 256; b += b < 32 ? 1 : 7) {
			_cleanup_str_ struct str out = STR_INIT(256);
			_cleanup_json_ json_t *read = NULL;
			char text[12] = {'x', (char)a, (char)(b ? b : 'y'), 'z'};

			wire_add_open(&out, NULL, '{');
			wire_add_text(&out, "t", text);
			wire_add_close(&out, '}');
			read = wire_parse(out.data, out.len, 256, NULL);
			if (!read)
				bad++;
			else if (strcmp(json_string_value(json_object_get(read, "t")), text) != 0) {
				mended++;
				bad += text_is_utf8(text, 4);
			}
		}
	is_int(bad, 0, "every text comes out as well-formed JSON, and unchanged if it was UTF-8");
	ok(mended > 1000, "what is no UTF-8 was mended");
}

static void test_too_long(void)
{
	_cleanup_str_ struct str out = STR_INIT(8);

	wire_add_open(&out, NULL, '[');
	wire_add_text(&out, NULL, "too long for this");
	wire_add_int(&out, NULL, 12);
	ok(str_check(&out, &err) == -1 && err.kind == ERR_TOO_LARGE, "what is too long is said");
}

int main(void)
{
	test_all_types();
	test_hostile_texts();
	test_too_long();
	return tap_done();
}
