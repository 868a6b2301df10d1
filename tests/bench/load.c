/* load.c - asks a server over many connections that stay open, and tells how fast it answered.
 *
 *	load PORT CONNECTIONS SECONDS TARGETS [HEADER...]	GET the paths in the file TARGETS, line by line
 *	load PORT CONNECTIONS SECONDS post:PATH [HEADER...]	POST {"text":"…"} of 300 bytes, another each time
 *
 * One thread and one epoll, 127.0.0.1 only.  Each connection has one request under way: it asks again as soon as
 * the answer is whole.  After a quarter of a second that is not counted it prints: answers in a second, the
 * p50 and p99 of their times in microseconds, how many were no 2xx, and bytes of bodies in a second.
 */
#include "bench.h"
#include "base/vec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define WARM_SECONDS 0.25
#define HEAD_MAX     8192
#define REQUEST_MAX  4096
#define TEXT_LEN     300
#define TIMES_MAX    ((size_t)20 * 1000 * 1000)
#define TARGETS_MAX  ((size_t)16 * 1024 * 1024)

struct connection {
	int fd;
	char request[REQUEST_MAX];
	size_t request_len, sent;
	char head[HEAD_MAX];
	size_t head_len;
	uint64_t body_left;
	bool in_body;
	int64_t asked_us;
};

static struct str targets = STR_INIT(TARGETS_MAX), headers = STR_INIT(REQUEST_MAX / 2);
static const char *next_target, *post_path;
static uint64_t counter, answers, failures, bytes;
static bool counting;
static struct vec times = VEC_INIT(uint32_t, TIMES_MAX);

static int64_t now_us(void)
{
	return clock_mono_us(&clock_system);
}

__attribute__((noreturn)) static void give_up(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- requests ------------------------------------------------------------------------------- */

static void make_get(struct connection *c)
{
	const char *end = strchr(next_target, '\n');

	c->request_len = (size_t)snprintf(c->request, sizeof(c->request),
		"GET %.*s HTTP/1.1\r\nHost: bench\r\n%s\r\n", (int)(end - next_target), next_target,
		headers.data);
	next_target = end[1] ? end + 1 : targets.data;
}

static void make_post(struct connection *c)
{
	char text[TEXT_LEN + 1];
	int len = snprintf(text, sizeof(text), "%llu:", (unsigned long long)++counter);

	while (len < TEXT_LEN) {
		static const char filler[] = " the light on water was best before seven";

		len += snprintf(text + len, sizeof(text) - (size_t)len, "%s", filler);
	}
	c->request_len = (size_t)snprintf(c->request, sizeof(c->request),
		"POST %s HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
		"Content-Length: %d\r\n%s\r\n{\"text\":\"%s\"}",
		post_path, TEXT_LEN + 11, headers.data, text);
}

static void send_rest(struct connection *c)
{
	while (c->sent < c->request_len) {
		ssize_t n = write(c->fd, c->request + c->sent, c->request_len - c->sent);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue; /* a request fits into the socket's buffer */
		if (n <= 0)
			give_up("cannot send");
		c->sent += (size_t)n;
	}
}

static void ask(struct connection *c)
{
	if (post_path)
		make_post(c);
	else
		make_get(c);
	if (c->request_len >= sizeof(c->request))
		give_up("a request is too long");
	c->sent = c->head_len = 0;
	c->in_body = false;
	c->asked_us = now_us();
	send_rest(c);
}

/* --- answers -------------------------------------------------------------------------------- */

static uint64_t content_length(const char *head)
{
	const char *field = strcasestr(head, "\r\ncontent-length:");

	if (!field)
		give_up("an answer without Content-Length");
	return strtoull(field + strlen("\r\ncontent-length:"), NULL, 10);
}

static void note_answer(struct connection *c)
{
	uint32_t *time;

	if (!counting)
		return;
	answers++;
	if (strncmp(c->head, "HTTP/1.1 2", 10) != 0)
		failures++;
	time = vec_push(&times);
	if (time)
		*time = (uint32_t)(now_us() - c->asked_us);
}

/* Takes bytes of the head; returns how many of them belong to it. */
static size_t take_head(struct connection *c, const char *some, size_t len)
{
	size_t before = c->head_len, room = HEAD_MAX - 1 - before;
	char *end;

	memcpy(c->head + before, some, len < room ? len : room);
	c->head_len += len < room ? len : room;
	c->head[c->head_len] = '\0';
	end = strstr(c->head, "\r\n\r\n");
	if (!end) {
		if (c->head_len == HEAD_MAX - 1)
			give_up("an answer's head is too long");
		return len;
	}
	end[2] = '\0';
	c->in_body = true;
	c->body_left = content_length(c->head);
	return (size_t)(end + 4 - c->head) - before;
}

static void take(struct connection *c, const char *some, size_t len)
{
	if (!c->in_body) {
		size_t used = take_head(c, some, len);

		some += used;
		len -= used;
	}
	if (!c->in_body)
		return;
	c->body_left -= len < c->body_left ? len : c->body_left;
	if (counting)
		bytes += len;
	if (c->body_left == 0) {
		note_answer(c);
		ask(c);
	}
}

/* --- connections ---------------------------------------------------------------------------- */

static void open_connection(struct connection *c, uint16_t port, int epoll)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
	int on = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&at, sizeof(at)))
		give_up("cannot connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event))
		give_up("cannot watch a connection");
	ask(c);
}

static void read_some(struct connection *c)
{
	static char buffer[256 * 1024];
	ssize_t n = read(c->fd, buffer, sizeof(buffer));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)
		give_up("cannot read");
	if (n == 0) {
		errno = ECONNRESET;
		give_up("the server closed a connection");
	}
	take(c, buffer, (size_t)n);
}

static void turn(int epoll)
{
	struct epoll_event events[64];
	int count = epoll_wait(epoll, events, (int)ARRAY_LEN(events), 100);

	for (int i = 0; i < count; i++)
		read_some(events[i].data.ptr);
}

static int compare(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

static uint32_t quantile(unsigned percent)
{
	if (!times.count)
		return 0;
	return *(uint32_t *)vec_at(&times, (times.count - 1) * percent / 100);
}

static void run(int epoll, double seconds)
{
	double start = bench_seconds(), began;

	while (bench_seconds() - start < WARM_SECONDS)
		turn(epoll);
	counting = true;
	began = bench_seconds();
	while (bench_seconds() - began < seconds)
		turn(epoll);
	seconds = bench_seconds() - began;
	vec_sort(&times, compare);
	printf("%.1f %u %u %llu %.0f\n", (double)answers / seconds, quantile(50), quantile(99),
		(unsigned long long)failures, (double)bytes / seconds);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct connection *all;
	int64_t port, count;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (argc < 5) {
		fprintf(stderr,
			"usage: load PORT CONNECTIONS SECONDS TARGETS|post:PATH "
			"[HEADER...]\n");
		return 2;
	}
	port = bench_number(argv[1]);
	count = bench_number(argv[2]);
	all = mem_calloc((size_t)count, sizeof(*all));
	for (int i = 5; i < argc; i++)
		str_addf(&headers, "%s\r\n", argv[i]);
	if (text_starts(argv[4], "post:"))
		post_path = argv[4] + 5;
	else
		bench_try(path_read_file(argv[4], TARGETS_MAX, &targets, &err));
	if (!all || str_check(&headers, &err) || (!post_path && !strchr(targets.data, '\n')))
		give_up("nothing to ask for");
	next_target = targets.data;
	for (int64_t i = 0; i < count; i++)
		open_connection(&all[i], (uint16_t)port, epoll);
	run(epoll, atof(argv[3]));
	free(all);
	str_release(&targets);
	str_release(&headers);
	vec_release(&times);
	return 0;
}
