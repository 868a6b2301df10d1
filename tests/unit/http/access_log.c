/* access_log.c - tests of the access log: valid JSON of hostile requests, no secrets, rotation, slow readers. */
#include "http/access_log.h"
#include "base/path.h"
#include "tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINES   500
#define THREADS 4

static struct err err;
static char dir[] = "/tmp/pinhole-access.XXXXXX";

static int64_t noon(const struct clock *clock)
{
	(void)clock;
	return 1700000000000;
}
static const struct clock fixed = {.now_ms = noon};

static const struct http_route album = {.name = "showAlbum", .path = "/v1/albums/{album}"};
static const struct http_route invite = {.name = "showInvite", .path = "/v1/invites/{token}"};

static struct http_call new_call(const struct http_route *route, char *path)
{
	struct http_call call = {.route = route};

	call.request.method = HTTP_GET;
	call.request.path = path;
	call.request.peer = "192.0.2.7";
	call.response.status = 200;
	return call;
}

static void add_query(struct http_call *call, const char *name, const char *value)
{
	call->request.query[call->request.query_count++] = (struct http_field){name, value};
}

static void add_header(struct http_call *call, const char *name, const char *value)
{
	call->request.headers[call->request.header_count++] = (struct http_field){name, value};
}

/* The line of a call, parsed; Bails out when it is no JSON. */
static json_t *line_of(const struct http_call *call, struct str *text)
{
	json_t *line;

	str_clear(text);
	access_log_format(call, 1700000000000, 42, 1234, text);
	line = wire_parse(text->data, text->len, 4096, &err);
	ok(line && !memchr(text->data, '\n', text->len), "one line of JSON: %s",
		line ? "yes" : err.message);
	return line;
}

static const char *text_of(const json_t *line, const char *key)
{
	return json_string_value(json_object_get(line, key));
}

static void test_line(void)
{
	_cleanup_str_ struct str text = STR_INIT(8192);
	char path[] = "/v1/albums/x%2Fy";
	struct http_call call = new_call(&album, path);
	_cleanup_json_ json_t *line = NULL;

	call.caller.known = true;
	memset(call.caller.user.bytes, 0x11, sizeof(call.caller.user.bytes));
	add_query(&call, "limit", "50");
	add_header(&call, "User-Agent", "curl");
	line = line_of(&call, &text);
	is_str(text_of(line, "time"), "2023-11-14T22:13:20.000Z", "time");
	is_str(text_of(line, "peer"), "192.0.2.7", "peer");
	is_str(text_of(line, "method"), "GET", "method");
	is_str(text_of(line, "path"), "/v1/albums/x%2Fy", "path");
	is_str(text_of(line, "query"), "limit=50", "query");
	is_str(text_of(line, "route"), "showAlbum", "route");
	is_str(text_of(line, "user"), "11111111-1111-1111-1111-111111111111", "user");
	is_str(text_of(line, "agent"), "curl", "agent");
	is_int(json_integer_value(json_object_get(line, "status")), 200, "status");
	is_int(json_integer_value(json_object_get(line, "bytes")), 42, "bytes");
	is_int(json_integer_value(json_object_get(line, "us")), 1234, "duration");
}

static void test_secrets(void)
{
	_cleanup_str_ struct str text = STR_INIT(8192);
	char path[] = "/v1/invites/opensesame", wrong[] = "/v1/invite/opensesame-opensesame";
	struct http_call call = new_call(&invite, path);

	add_query(&call, "token", "opensesame");
	add_query(&call, "access_token", "opensesame");
	add_query(&call, "q", "opensesame");
	add_query(&call, "sig", "opensesame");
	add_header(&call, "Authorization", "Bearer opensesame");
	add_header(&call, "Cookie", "opensesame");
	add_header(&call, "Referer", "https://x/?opensesame");
	str_init(&call.request.body, 1000);
	str_addz(&call.request.body, "{\"password\":\"opensesame\"}");
	json_decref(line_of(&call, &text));
	ok(!strstr(text.data, "opensesame"), "no secret is told: %s", text.data);
	ok(strstr(text.data, "/v1/invites/{token}"), "the path of the route instead");
	ok(strstr(text.data, "token=\xe2\x80\xa6&"), "that there was a token");
	call.route = NULL;
	call.request.path = wrong;
	json_decref(line_of(&call, &text));
	ok(!strstr(text.data, "opensesame-opensesame"), "nor by a path with a slip: %s", text.data);
	str_release(&call.request.body);
}

static void test_hostile(void)
{
	static const char *const texts[] = {"\"", "\\", "\x01\x1f\x7f", "\xff\xfe\xc0\x80", "\n{}",
		"\xf4\x90\x80\x80", "\xed\xa0\x80", "a\xe2\x82", "", "{\"a\":1}"};
	_cleanup_str_ struct str text = STR_INIT(8192);
	char path[9000];
	struct http_call call = new_call(NULL, path);

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		call.request.query_count = call.request.header_count = 0;
		snprintf(path, sizeof(path), "/%s", texts[i]);
		add_query(&call, texts[i], texts[i]);
		add_header(&call, "User-Agent", texts[i]);
		json_decref(line_of(&call, &text));
	}
	memset(path, '/', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	add_query(&call, "limit", path);
	json_decref(line_of(&call, &text));
	ok(text.len < 2000, "what is long is cut (%zu)", text.len);
	memset(path, '\x01', sizeof(path) - 1);
	path[0] = '/';
	call.route = &album;
	json_decref(line_of(&call, &text));
}

/* How often the file holds the words; -1 without a file. */
static int count_in(const char *path, const char *words)
{
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_FILE);
	int count = 0;

	if (path_read_file(path, STR_MAX_FILE, &text, &err))
		return -1;
	for (const char *p = text.data; (p = strstr(p, words)); p++)
		count++;
	return count;
}

static void *write_lines(void *log)
{
	char path[] = "/v1/albums/x";
	struct http_call call = new_call(&album, path);

	for (int i = 0; i < LINES; i++)
		access_log_write(log, &call, 1, 1);
	return NULL;
}

static void test_file(void)
{
	_cleanup_free_ char *path = path_join(dir, "log"), *old = path_join(dir, "log.1");
	char text[] = "/v1/albums/x";
	struct http_call call = new_call(&album, text);
	struct access_log *log;
	pthread_t threads[THREADS];

	ok_call(access_log_open(path, &fixed, &log, &err), &err, "opened");
	access_log_write(log, &call, 1, 1);
	access_log_flush(log);
	is_int(count_in(path, "\n"), 1, "a line");
	rename(path, old);
	access_log_write(log, &call, 1, 1);
	ok_call(access_log_reopen(log, path, &err), &err, "reopened");
	is_int(count_in(old, "\n"), 2, "what was gathered goes to the old file");
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, write_lines, log);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ok(access_log_reopen(log, "/nowhere/log", &err) == -1, "a place that is none");
	access_log_close(log);
	is_int(count_in(path, "}\n"), THREADS * LINES, "threads lose no line, closing writes all");
	ok_call(access_log_open("", &fixed, &log, &err), &err, "no log");
	access_log_write(log, &call, 1, 1);
	access_log_close(log);
	access_log_write(NULL, &call, 1, 1);
	unlink(path);
	unlink(old);
}

/* A reader that sleeps loses lines, but holds nobody up; once it reads, it is told. */
static void test_slow_reader(void)
{
	_cleanup_free_ char *path = path_join(dir, "fifo");
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_FILE);
	char target[] = "/v1/albums/x";
	struct http_call call = new_call(&album, target);
	struct access_log *log;
	int reader;

	if (!path || mkfifo(path, 0600))
		printf("Bail out! no fifo\n");
	reader = open(path, O_RDONLY | O_NONBLOCK);
	ok_call(access_log_open(path, &fixed, &log, &err), &err, "a pipe");
	for (int i = 0; i < 10000; i++)
		access_log_write(log, &call, 1, 1);
	ok(1, "a reader that sleeps holds nobody up");
	for (int i = 0; i < 100; i++) {
		char some[65536];
		ssize_t n = read(reader, some, sizeof(some));

		if (n > 0)
			str_add(&text, some, (size_t)n);
		access_log_flush(log);
	}
	access_log_write(log, &call, 1, 1);
	access_log_close(log);
	for (ssize_t n = 1; n > 0;) {
		char some[65536];

		n = read(reader, some, sizeof(some));
		if (n > 0)
			str_add(&text, some, (size_t)n);
	}
	ok(strstr(text.data, "{\"lost\":"), "and is told what it missed");
	ok(text.len && text.data[text.len - 1] == '\n', "lines stay whole");
	close(reader);
	unlink(path);
}

int main(void)
{
	if (!mkdtemp(dir))
		tap_skip_all("no temporary directory");
	test_line();
	test_secrets();
	test_hostile();
	test_file();
	test_slow_reader();
	rmdir(dir);
	return tap_done();
}
