/* call.c (test) - the lanes, with routes of its own: who answers, in which order, and what survives a failure. */
#include "http/saved.h"
#include "http/server.h"
#include "store_fixture.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define NOTES_SQL "CREATE TABLE note(name TEXT PRIMARY KEY) WITHOUT ROWID"

static struct server *server;

/* --- handlers ----------------------------------------------------------------------------- */

static int echo(struct http_call *call, struct err *err_out)
{
	str_addf(&call->response.body, "%s %s", http_param(call, "name"),
		http_query(&call->request, "q") ? http_query(&call->request, "q") : "-");
	http_add_header(&call->response, "Name", "%s", http_param(call, "name"));
	return http_answer_text(call, 200, "text/plain", err_out);
}

static int go_to_pool(struct http_call *call, struct err *err_out)
{
	if (!call->work) {
		call->work = call;
		return HTTP_POOL;
	}
	return echo(call, err_out);
}

static int note(struct http_call *call, struct err *err_out)
{
	static const struct db_sql sql = {"note", "INSERT INTO note(name) VALUES(:name)"};

	if (db_run(call->store->db, &sql, err_out, DB_TEXTZ(":name", http_param(call, "name"))))
		return -1;
	if (strcmp(http_param(call, "name"), "bad") == 0)
		return err_set(err_out, ERR_INVALID, "a bad note");
	return http_answer_empty(call, 204, err_out);
}

static int write_later(struct http_call *call, struct err *err_out)
{
	return call->tx ? note(call, err_out) : HTTP_WRITE;
}

static void *resume(void *data)
{
	http_resume(data);
	return NULL;
}

static int parked(struct http_call *call, struct err *err_out)
{
	pthread_t thread;

	if (call->work)
		return echo(call, err_out);
	call->work = call;
	pthread_create(&thread, NULL, resume, call);
	pthread_detach(thread);
	return HTTP_PARK;
}

static int wait_a_bit(struct http_call *call, struct err *err_out)
{
	if (!call->timed_out)
		return http_wait(call, 0, 20);
	return echo(call, err_out);
}

static int count_notes(struct http_call *call, int64_t *out, struct err *err_out)
{
	static const struct db_sql sql = {"notes", "SELECT count(*) FROM note"};

	return db_get_int_values(call->store->db, &sql, NULL, 0, out, err_out) < 0 ? -1 : 0;
}

static int wait_for_note(struct http_call *call, struct err *err_out)
{
	int64_t notes = 0;

	if (count_notes(call, &notes, err_out))
		return -1;
	if (!notes && !call->timed_out)
		return http_wait(call, 0, 10000);
	str_addf(&call->response.body, "%lld", (long long)notes);
	return http_answer_text(call, 200, "text/plain", err_out);
}

struct counter {
	int left;
};

static int count_down(struct http_call *call, struct str *out, struct err *err_out)
{
	struct counter *counter = call->response.stream.data;

	(void)err_out;
	if (counter->left == 2 && !call->timed_out)
		return http_wait(call, 0, 5);
	str_addf(out, "%d,", counter->left);
	return --counter->left > 0;
}

static int closed_streams;

static void close_counter(void *data)
{
	closed_streams++;
	free(data);
}

static int stream(struct http_call *call, struct err *err_out)
{
	struct counter *counter = mem_calloc(1, sizeof(*counter));

	counter->left = 4;
	call->response.stream =
		(struct http_stream){.next = count_down, .close = close_counter, .data = counter};
	return http_answer_text(call, 200, "text/event-stream", err_out);
}

static int split_header(struct http_call *call, struct err *err_out)
{
	http_add_header(&call->response, "Name", "%s", "a\r\nEvil: yes");
	return http_answer_empty(call, 204, err_out);
}

static const struct http_route routes[] = {
	{"echo", HTTP_GET, "/echo/{name}", ACCESS_PUBLIC, .lane = LANE_INLINE, .handle = echo},
	{"echoText", HTTP_GET, "/echo/{name}.txt", ACCESS_PUBLIC, .lane = LANE_POOL,
		.handle = echo},
	{"echoFixed", HTTP_GET, "/echo/fixed", ACCESS_PUBLIC, .handle = split_header},
	{"pool", HTTP_GET, "/pool/{name}", ACCESS_PUBLIC, .handle = go_to_pool},
	{"note", HTTP_POST, "/notes/{name}", ACCESS_PUBLIC, .lane = LANE_WRITE, .body_max = 4,
		.handle = note},
	{"later", HTTP_POST, "/later/{name}", ACCESS_PUBLIC, .lane = LANE_POOL,
		.handle = write_later},
	{"parked", HTTP_GET, "/parked/{name}", ACCESS_PUBLIC, .lane = LANE_POOL, .handle = parked},
	{"parkedInline", HTTP_GET, "/parked/inline/{name}", ACCESS_PUBLIC, .handle = parked},
	{"waiting", HTTP_GET, "/waiting/{name}", ACCESS_PUBLIC, .lane = LANE_POOL,
		.handle = wait_a_bit},
	{"waitForNote", HTTP_GET, "/notes", ACCESS_PUBLIC, .lane = LANE_POOL,
		.handle = wait_for_note},
	{"stream", HTTP_GET, "/stream", ACCESS_PUBLIC, .lane = LANE_POOL, .handle = stream},
	{"mine", HTTP_GET, "/mine", ACCESS_USER, .scope = SCOPE_READ, .handle = echo},
	{.name = NULL},
};

const struct http_route *const http_tables[] = {routes, NULL};

/* --- asking ------------------------------------------------------------------------------- */

static char answer[8192];

static const char *ask(const char *text)
{
	_cleanup_str_ struct str out = STR_INIT(sizeof(answer) - 1);

	err_clear(&err);
	if (saved_run(server, text, strlen(text), &out, &err))
		snprintf(answer, sizeof(answer), "ERROR %s", err.message);
	else
		memcpy(answer, out.data, out.len + 1);
	return answer;
}

#define GET(target) ask("GET " target " HTTP/1.1\n\n")

static bool has(const char *text)
{
	bool found = strstr(answer, text);

	if (!found)
		printf("# wanted %s, answered: %s\n", text, answer);
	return found;
}

static void test_reading(void)
{
	GET("/echo/a%20b?q=x+%2B&r");
	ok(has("200\r\n") && has("a b x +"), "escapes are decoded in path and query");
	GET("/echo/b.txt");
	ok(has("\r\n\r\nb -"), "a suffix belongs to the route");
	GET("/echo/%00");
	ok(has(" 404"), "U+0000 names nothing");
	GET("/echo/a%2Fb");
	ok(has(" 404"), "an escaped slash names nothing");
	GET("/echo/x?q=%zz");
	ok(has(" 400"), "a malformed escape is refused");
	GET("/echo/%ff");
	ok(has(" 404"), "what is not UTF-8 names nothing");
	GET("/nothing");
	ok(has(" 404") && has("application/problem+json"), "an unknown address is a problem");
	ask("DELETE /notes/x HTTP/1.1\n\n");
	ok(has(" 405") && has("Allow: POST"), "the wrong method is told the right one");
	GET("/mine");
	ok(has(" 401") && has("WWW-Authenticate: Bearer"), "who is unknown is asked to sign in");
	GET("/echo/fixed");
	ok(has(" 500") && !strstr(answer, "Evil"), "no header is split");
	ask("POST /notes/x HTTP/1.1\n\n12345");
	ok(has(" 413"), "a body over the limit is refused");
	ask("nonsense\n\n");
	ok(has("ERROR"), "what is no request is said so");
	ask("HEAD /echo/a HTTP/1.1\n\n");
	ok(has(" 200") && !strstr(answer, "a -"), "HEAD has no body");
}

static void test_lanes(void)
{
	GET("/pool/a");
	ok(has("a -"), "from a loop to a worker");
	GET("/parked/a");
	ok(has("a -"), "parked and resumed");
	GET("/parked/inline/a");
	ok(has("a -"), "parked on a loop and resumed");
	GET("/waiting/a");
	ok(has("a -"), "waited until the deadline");
	GET("/stream");
	ok(has("4,3,") && !strstr(answer, "2,"),
		"a saved stream comes in pieces, until it would wait");
	is_int(closed_streams, 1, "and is closed once");
	ask("POST /notes/one HTTP/1.1\n\n\n###\nPOST /later/two HTTP/1.1\n\n\n###\nGET /notes "
	    "HTTP/1.1\n\n");
	ok(has(" 204") && has("\r\n\r\n4"), "both ways to the writer");
	ask("POST /notes/one HTTP/1.1\n\n\n###\nPOST /notes/bad HTTP/1.1\n\n\n###\nGET /notes "
	    "HTTP/1.1\n\n");
	ok(has(" 400") && has("\r\n\r\n4"), "what failed left nothing");
}

/* --- groups ------------------------------------------------------------------------------- */

#define CLIENTS 16
#define ROUNDS  20

struct client {
	pthread_t thread;
	int number, good, bad;
};

static void *post(void *data)
{
	struct client *client = data;

	for (int i = 0; i < ROUNDS; i++) {
		_cleanup_str_ struct str out = STR_INIT(8192);
		struct err why = ERR_INIT;
		char text[128];

		snprintf(text, sizeof(text), "POST /notes/%s-%d-%d HTTP/1.1\n\n",
			i % 5 == 4 ? "bad" : "good", client->number, i);
		if (i % 5 == 4)
			snprintf(text, sizeof(text), "POST /notes/bad HTTP/1.1\n\n");
		if (saved_run(server, text, strlen(text), &out, &why))
			continue;
		client->good += strstr(out.data, " 204") != NULL;
		client->bad += strstr(out.data, " 400") != NULL;
	}
	return NULL;
}

static void test_groups(void)
{
	struct client clients[CLIENTS] = {{.number = 0}};
	struct writer_figures figures;
	int good = 0, bad = 0;

	for (int i = 0; i < CLIENTS; i++) {
		clients[i].number = i;
		pthread_create(&clients[i].thread, NULL, post, &clients[i]);
	}
	for (int i = 0; i < CLIENTS; i++) {
		pthread_join(clients[i].thread, NULL);
		good += clients[i].good;
		bad += clients[i].bad;
	}
	is_int(good, CLIENTS * ROUNDS * 4 / 5, "every good note was answered so");
	is_int(bad, CLIENTS * ROUNDS / 5, "every bad one was refused");
	GET("/notes");
	snprintf(answer + sizeof(answer) / 2, 32, "\r\n\r\n%d", good + 4);
	ok(has(answer + sizeof(answer) / 2), "what was answered is there, and nothing else");
	writer_read_figures(server->writer, &figures);
	ok(figures.groups <= figures.requests, "at most one commit for each");
}

static void *note_soon(void *data)
{
	struct timespec pause = {.tv_nsec = 50 * 1000000};
	_cleanup_str_ struct str out = STR_INIT(8192);
	struct err why = ERR_INIT;

	(void)data;
	nanosleep(&pause, NULL);
	saved_run(server, "POST /notes/awaited HTTP/1.1\n\n", 30, &out, &why);
	return NULL;
}

static void test_news(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, note_soon, NULL);
	GET("/notes");
	ok(has("\r\n\r\n1"), "who waits is woken by a commit");
	pthread_join(thread, NULL);
}

int main(void)
{
	struct settings_source source = {.listen = "127.0.0.1:0"};
	struct server_options options = {.clock = &clock_system, .workers = 2};
	struct settings_box *settings = NULL;
	struct db_tx tx = DB_TX_INIT;
	struct fixture f;

	fixture_open(&f);
	ok(db_begin(f.store->db, "test", &tx, &err) == 0 &&
			db_script(f.store->db, NOTES_SQL, &err) == 0 && db_commit(&tx, &err) == 0,
		"a table for notes");
	source.store_dir = options.dir = f.dir;
	ok_call(settings_open(&source, &settings, &err), &err, "settings");
	options.settings = settings;
	ok_call(server_open(&options, &server, &err), &err, "a server");
	test_news();
	ask("POST /notes/again HTTP/1.1\n\n");
	test_reading();
	test_lanes();
	test_groups();
	server_close(server);
	settings_close(settings);
	fixture_close(&f);
	return tap_done();
}
