/* album_json.c - the reader of album.json: any layout, any length, and whatever strangers write. */
#include "tap.h"

#include "import/album_json.h"

#include <unistd.h>

static struct err err;

static FILE *file_of(const char *text, size_t len)
{
	FILE *file = tmpfile();

	fwrite(text, 1, len, file);
	fflush(file);
	return file;
}

/* "member=json;" for a value, "member[0]=json;" for an element; "!" at an error. */
static const char *read_all(const char *text, const char *const *wanted)
{
	static struct str out = STR_INIT(65536);
	struct album_reader *reader;
	struct album_item item;
	FILE *file = file_of(text, strlen(text));
	int more;

	str_clear(&out);
	err_clear(&err);
	album_reader_open(fileno(file), &reader, &err);
	album_reader_want(reader, wanted);
	while ((more = album_reader_next(reader, &item, &err)) == 1) {
		str_addz(&out, item.member);
		if (item.element)
			str_addf(&out, "[%llu]", (unsigned long long)item.index);
		str_addc(&out, '=');
		if (item.json)
			wire_print(item.json, &out, &err);
		str_addc(&out, ';');
	}
	if (more < 0)
		str_addc(&out, '!');
	album_reader_close(reader);
	fclose(file);
	return out.data;
}

static void test_layouts(void)
{
	static const char *const only_b[] = {"b", NULL};

	is_str(read_all("{}", NULL), "", "nothing");
	is_str(read_all(" {\n} \n", NULL), "", "with white space");
	is_str(read_all("{\"a\":1,\"b\":\"x\",\"c\":{\"d\":[1,2]},\"e\":null,\"f\":true}", NULL),
		"a=1;b=\"x\";c={\"d\":[1,2]};e=null;f=true;", "values");
	is_str(read_all("{\"a\":[1,{\"b\":2},\"x]\\\"\",[3]],\"z\":[]}", NULL),
		"a[0]=1;a[1]={\"b\":2};a[2]=\"x]\\\"\";a[3]=[3];", "elements");
	is_str(read_all("{\n \"a\" : [\n 1 ,\n 2 \n] ,\n \"b\" : 3\n}\n", NULL),
		"a[0]=1;a[1]=2;b=3;", "a loose layout");
	is_str(read_all("{\"a\":[1,[],{}],\"b\":[2]}", only_b), "a[0]=;a[1]=;a[2]=;b[0]=2;",
		"what is not wanted is passed over");
	is_str(read_all("{\"\\u0061\":1}", NULL), "a=1;", "escapes in names");
}

static void test_malformed(void)
{
	static const char *const texts[] = {"", " ", "x", "[1]", "{", "{\"a\"",
		"{\"a\":", "{\"a\":1", "{\"a\":[", "{\"a\":[1", "{\"a\":[1,", "{\"a\":[1}",
		"{\"a\":[1 2]}", "{\"a\":[,1]}", "{\"a\":1 \"b\":2}", "{\"a\":1}x", "{\"a\":\"x",
		"{\"a\":{\"b\":1}", "{a:1}", "{\"a\":tru}", "{\"a\":[tru]}",
		"{\"a\":[{\"b\":1,\"b\":2}]}", "{\"a\":\"\\u0000\"", "{\"a\":\"\xff\"}", "{1:2}",
		"{\"a\":]}", "{,}", "{\"a\":[1,]}", "{\"a\":1,}"};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *got = read_all(texts[i], NULL);

		ok(strchr(got, '!') && err.kind == ERR_INVALID, "refused: %s", texts[i]);
	}
}

static void test_limits(void)
{
	_cleanup_free_ char *deep = mem_calloc(1, 3000), *name = mem_calloc(1, 3000);
	_cleanup_str_ struct str text = STR_INIT(ALBUM_JSON_ELEMENT_MAX + 1000);
	struct album_reader *reader;
	struct album_item item = {0};
	int64_t sum = 0;
	FILE *file;

	memcpy(deep, "{\"a\":[", 6);
	memset(deep + 6, '[', 1000);
	ok(strchr(read_all(deep, NULL), '!'), "a thousand brackets");
	memset(name, 'n', 2999);
	memcpy(name, "{\"", 2);
	memcpy(name + 2990, "\":1}", 5);
	ok(strchr(read_all(name, NULL), '!'), "a long name");
	str_addz(&text, "{\"a\":[\"");
	while (text.len < ALBUM_JSON_ELEMENT_MAX + 100)
		str_addz(&text, "0123456789012345678901234567890123456789012345678901234567890123");
	str_addz(&text, "\"]}");
	ok(strchr(read_all(text.data, NULL), '!') && err.kind == ERR_TOO_LARGE, "a huge element");
	str_clear(&text);
	str_addz(&text, "{\"a\":[0");
	for (int i = 1; i < 300000; i++)
		str_addf(&text, ",%d", i);
	str_addz(&text, "]}");
	file = file_of(text.data, text.len);
	album_reader_open(fileno(file), &reader, &err);
	while (album_reader_next(reader, &item, &err) == 1)
		sum += json_integer_value(item.json);
	is_int(item.index, 299999, "a long array goes by element by element");
	is_int(sum, 299999LL * 300000 / 2, "none of them lost or cut at the end of a buffer");
	album_reader_close(reader);
	fclose(file);
}

int main(void)
{
	test_layouts();
	test_malformed();
	test_limits();
	return tap_done();
}
