/* file.c - tags, ranges and what a file is answered with; names in Content-Disposition. */
#include "tap.h"
#include "http/file.h"
#include "http/photos.h"
#include "http/server.h"

#include <fcntl.h>
#include <unistd.h>

static struct err err;

/* --- pieces ------------------------------------------------------------------------------- */

static void test_tags(void)
{
	ok(http_tag_is_listed("\"a\"", "a", false), "one");
	ok(http_tag_is_listed("\"b\", W/\"x\" ,\"a\"", "a", false), "one of several");
	ok(http_tag_is_listed("*", "a", false), "any");
	ok(!http_tag_is_listed("W/\"a\"", "a", false), "a weak one is not the same bytes");
	ok(http_tag_is_listed("W/\"a\"", "a", true), "but the same meaning");
	ok(!http_tag_is_listed("\"ab\"", "a", true), "a longer one");
	ok(!http_tag_is_listed("\"\"", "a", true), "an empty one");
	ok(!http_tag_is_listed("a", "a", true), "no quotes");
	ok(!http_tag_is_listed("\"a", "a", true), "no end");
	ok(!http_tag_is_listed("", "a", true), "nothing");
	ok(!http_tag_is_listed("\"x\" \"", "a", true), "a quote at the end");
}

static const struct {
	const char *text;
	uint64_t size;
	enum file_range want;
	uint64_t offset, length;
} ranges[] = {
	{"bytes=0-0", 10, FILE_PART, 0, 1},
	{"bytes=2-5", 10, FILE_PART, 2, 4},
	{"bytes=2-", 10, FILE_PART, 2, 8},
	{"bytes=-3", 10, FILE_PART, 7, 3},
	{"bytes=-30", 10, FILE_PART, 0, 10},
	{"bytes=5-99", 10, FILE_PART, 5, 5},
	{"Bytes= 1-1 ", 10, FILE_PART, 1, 1},
	{"bytes=5-99999999999999999999999999", 10, FILE_PART, 5, 5},
	{"bytes=9-", 10, FILE_PART, 9, 1},
	{"bytes=10-", 10, FILE_UNSATISFIABLE, 0, 0},
	{"bytes=99999999999999999999999999-", 10, FILE_UNSATISFIABLE, 0, 0},
	{"bytes=-0", 10, FILE_UNSATISFIABLE, 0, 0},
	{"bytes=0-0", 0, FILE_UNSATISFIABLE, 0, 0},
	{"bytes=-1", 0, FILE_UNSATISFIABLE, 0, 0},
	{"bytes=5-2", 10, FILE_WHOLE, 0, 0},
	{"bytes=0-1,3-4", 10, FILE_WHOLE, 0, 0},
	{"bytes=a-b", 10, FILE_WHOLE, 0, 0},
	{"bytes=", 10, FILE_WHOLE, 0, 0},
	{"bytes=-", 10, FILE_WHOLE, 0, 0},
	{"bytes=1", 10, FILE_WHOLE, 0, 0},
	{"bytes=+1-2", 10, FILE_WHOLE, 0, 0},
	{"bytes=1--2", 10, FILE_WHOLE, 0, 0},
	{"items=0-1", 10, FILE_WHOLE, 0, 0},
	{"", 10, FILE_WHOLE, 0, 0},
};

static void test_ranges(void)
{
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
		uint64_t offset = 0, length = 0;
		enum file_range got =
			file_range_parse(ranges[i].text, ranges[i].size, &offset, &length);

		ok(got == ranges[i].want && offset == ranges[i].offset &&
				length == ranges[i].length,
			"\"%s\" of %llu", ranges[i].text, (unsigned long long)ranges[i].size);
	}
}

/* --- whole answers ------------------------------------------------------------------------ */

static struct server server;

static struct http_call *begin(enum http_method method)
{
	struct http_call *call;

	server.options.clock = &clock_system;
	if (call_new(&server, &call, &err))
		exit(1);
	call->request.method = method;
	return call;
}

static void ask(struct http_call *call, const char *name, const char *value)
{
	call_add_header(call, name, value, &err);
}

static const char *answered(const struct http_call *call, const char *name)
{
	vec_foreach (&call->response.headers, const struct http_field, field)
		if (strcmp(field->name, name) == 0)
			return field->value;
	return NULL;
}

static int a_file(void)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		exit(1);
	return fd;
}

static void send_file(struct http_call *call)
{
	ok_call(http_answer_file(call, a_file(), 1000, "image/jpeg", "T", &err), &err, "answered");
}

static void test_whole(void)
{
	struct http_call *call = begin(HTTP_GET);

	send_file(call);
	is_int(call->response.status, 200, "all of it");
	ok(call->response.fd >= 0 && call->response.offset == 0 && call->response.length == 1000,
		"from its beginning to its end");
	is_str(answered(call, "ETag"), "\"T\"", "its tag");
	is_str(answered(call, "Accept-Ranges"), "bytes", "ranges are taken");
	ok(!answered(call, "Content-Range"), "and this is none");
	call_free(call);
}

static void test_part(void)
{
	struct http_call *call = begin(HTTP_GET);

	ask(call, "Range", "bytes=100-199");
	send_file(call);
	is_int(call->response.status, 206, "a part");
	ok(call->response.offset == 100 && call->response.length == 100, "just that");
	is_str(answered(call, "Content-Range"), "bytes 100-199/1000", "which is said");
	call_free(call);

	call = begin(HTTP_HEAD);
	ask(call, "Range", "bytes=100-199");
	send_file(call);
	is_int(call->response.status, 200, "a range means nothing to HEAD");
	call_free(call);

	call = begin(HTTP_GET);
	ask(call, "Range", "bytes=1000-");
	send_file(call);
	is_int(call->response.status, 416, "beyond the end");
	is_str(answered(call, "Content-Range"), "bytes */1000", "where the end is");
	is_int(call->response.fd, -1, "no file goes out");
	call_free(call);
}

static void test_if_range(void)
{
	static const struct {
		const char *condition;
		int want;
	} cases[] = {{"\"T\"", 206}, {"\"U\"", 200}, {"W/\"T\"", 200}, {"*", 200},
		{"Sat, 21 Nov 2026 02:00:00 GMT", 200}, {"", 200}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_call *call = begin(HTTP_GET);

		ask(call, "Range", "bytes=0-9");
		ask(call, "If-Range", cases[i].condition);
		send_file(call);
		is_int(call->response.status, cases[i].want, "If-Range: %s", cases[i].condition);
		call_free(call);
	}
}

static void test_conditions(void)
{
	struct http_call *call = begin(HTTP_GET);

	ask(call, "If-None-Match", "\"S\", W/\"T\"");
	ask(call, "Range", "bytes=5000-");
	send_file(call);
	is_int(call->response.status, 304, "the client has it, whatever range it asks for");
	is_int(call->response.fd, -1, "nothing is sent");
	is_str(answered(call, "ETag"), "\"T\"", "but its tag");
	call_free(call);

	call = begin(HTTP_GET);
	ask(call, "If-Match", "\"S\"");
	send_file(call);
	is_int(call->response.status, 412, "another file than expected");
	call_free(call);

	call = begin(HTTP_GET);
	ask(call, "If-Match", "\"T\"");
	send_file(call);
	is_int(call->response.status, 200, "the expected one");
	call_free(call);

	call = begin(HTTP_GET);
	ask(call, "If-None-Match", "\"T\"");
	ok(http_answer_unchanged(call, "T", true), "a list that the client has");
	is_str(answered(call, "ETag"), "W/\"T\"", "has a weak tag");
	call_free(call);
}

/* --- names -------------------------------------------------------------------------------- */

static const struct {
	const char *name, *want;
} names[] = {
	{"a.jpg", "attachment; filename=\"a.jpg\"; filename*=UTF-8''a.jpg"},
	{"", "attachment"},
	{"a\"; filename=evil.exe",
		"attachment; filename=\"a_; filename=evil.exe\";"
		" filename*=UTF-8''a%22%3B%20filename%3Devil.exe"},
	{"a\r\nSet-Cookie: x=1",
		"attachment; filename=\"a__Set-Cookie: x=1\";"
		" filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1"},
	{"\xc3\xa9t\xc3\xa9.jpg",
		"attachment; filename=\"__t__.jpg\"; filename*=UTF-8''%C3%A9t%C3%A9.jpg"},
	{"../../etc/passwd",
		"attachment; filename=\".._.._etc_passwd\";"
		" filename*=UTF-8''..%2F..%2Fetc%2Fpasswd"},
	{"\x01\x7f", "attachment; filename=\"__\"; filename*=UTF-8''%01%7F"},
	{"a\\b%41", "attachment; filename=\"a_b_41\"; filename*=UTF-8''a%5Cb%2541"},
};

static void test_names(void)
{
	char longer[2000];
	struct http_call *call;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		call = begin(HTTP_GET);
		http_add_disposition(call, "attachment", names[i].name);
		is_str(answered(call, "Content-Disposition"), names[i].want, "name %zu", i);
		call_free(call);
	}
	memset(longer, '\x01', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	call = begin(HTTP_GET);
	http_add_disposition(call, "inline", longer);
	ok(!call->response.failed && strlen(answered(call, "Content-Disposition")) < 1200,
		"a name that is too long is cut");
	call_free(call);
}

static void test_media(void)
{
	struct http_call *call = begin(HTTP_GET);
	struct http_media media = {.fd = a_file(),
		.size = 10,
		.type = "video/mp4",
		.tag = "T",
		.name = "a.mp4",
		.inlined = true};

	ok_call(http_answer_media(call, &media, &err), &err, "a film");
	is_str(answered(call, "Cache-Control"), "private, max-age=31536000, immutable", "is kept");
	is_str(answered(call, "Vary"), "Authorization", "for who asked");
	ok(strstr(answered(call, "Content-Security-Policy"), "sandbox"), "and runs nothing");
	ok(strncmp(answered(call, "Content-Disposition"), "inline;", 7) == 0, "is shown");
	call_free(call);

	call = begin(HTTP_GET);
	ask(call, "Range", "bytes=10-");
	media.fd = a_file();
	ok_call(http_answer_media(call, &media, &err), &err, "a range beyond");
	ok(!answered(call, "Cache-Control"), "a refusal is not kept for a year");
	call_free(call);
}

int main(void)
{
	test_tags();
	test_ranges();
	test_whole();
	test_part();
	test_if_range();
	test_conditions();
	test_names();
	test_media();
	return tap_done();
}
