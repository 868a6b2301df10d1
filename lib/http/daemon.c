/* daemon.c - the one file that knows libmicrohttpd.
 *
 * Two epoll loops read requests and write answers; whatever takes long leaves its loop (park) and comes back by
 * MHD_resume_connection.  libmicrohttpd waits forever for a header that trickles, so a sweeper of our own cuts
 * connections whose request has not been read in time.
 * Invariant: a connection that was suspended is resumed exactly once, before its call is freed.
 */
#include "http/daemon.h"
#include "http/daemon_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOPS            2
#define CONNECTION_BYTES ((size_t)8 * 1024)
#define STREAM_BYTES     ((size_t)32 * 1024)
#define SMALL_FILE       ((size_t)64 * 1024)
#define BACKLOG          1024
#define SWEEP_MS         500
#define DROPPED_MAX      ((size_t)1024 * 1024) /* of a body that is refused already */

struct connection {
	struct connection *next, *before; /* of the daemon's list */
	int fd;
	int64_t since_us;       /* when it began to wait for a request's header; 0: it does not */
	bool asked;             /* it has brought a request before */
	_Atomic bool uploading; /* bytes of a streamed body are to come */
	_Atomic bool cut;       /* somebody wants it broken off */
};

struct daemon {
	struct server *server;
	struct MHD_Daemon *mhd;
	char address[80];
	pthread_key_t loop; /* struct http_thread of a loop thread */
	pthread_t sweeper;
	bool has_sweeper;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t calm;  /* no call is under way */
	pthread_cond_t tick;  /* closing */
	struct connection *connections;
	size_t calls; /* under way */
	bool closing;
};

enum stage { STAGE_NEW = 0, STAGE_BODY, STAGE_RUNNING, STAGE_ANSWERED };

struct exchange { /* a call and its connection: call->adapter */
	struct daemon *daemon;
	struct http_call *call;
	struct MHD_Connection *mhd;
	struct connection *connection;
	enum stage stage;
	bool uploading;
	bool refused;   /* answered before the body was read */
	bool parked;    /* suspended */
	size_t dropped; /* bytes of the body that nobody wants */
	size_t sent;    /* of the stream's piece in response.body */
	uint64_t bytes; /* of the answer's body, as far as we know */
	struct sockaddr_storage from;
	char peer[INET6_ADDRSTRLEN];
};

/* --- loop threads ------------------------------------------------------------------------- */

static void close_loop(void *thread)
{
	http_thread_close(thread);
}

static struct http_thread *loop_of(struct daemon *d)
{
	struct http_thread *thread = pthread_getspecific(d->loop);
	struct err why = ERR_INIT;

	if (thread)
		return thread;
	if (http_thread_open(d->server, &thread, &why)) {
		log_print(d->server->options.log, LOG_ERROR, "%s", why.message);
		return NULL;
	}
	pthread_setspecific(d->loop, thread);
	return thread;
}

/* --- connections -------------------------------------------------------------------------- */

static void began_waiting(struct daemon *d, struct connection *c, bool waits)
{
	pthread_mutex_lock(&d->lock);
	c->since_us = waits ? clock_mono_us(d->server->options.clock) : 0;
	pthread_mutex_unlock(&d->lock);
}

static void connection_opened(struct daemon *d, struct MHD_Connection *mhd, void **context)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct connection *c = mem_calloc(1, sizeof(*c));

	*context = c;
	if (!c)
		return;
	c->fd = info ? info->connect_fd : -1;
	c->since_us = clock_mono_us(d->server->options.clock);
	pthread_mutex_lock(&d->lock);
	c->next = d->connections;
	if (c->next)
		c->next->before = c;
	d->connections = c;
	pthread_mutex_unlock(&d->lock);
	metrics_add(d->server->options.metrics, METRIC_CONNECTIONS, 1);
}

static void connection_closed(struct daemon *d, void **context)
{
	struct connection *c = *context;

	if (!c)
		return;
	pthread_mutex_lock(&d->lock);
	if (c->next)
		c->next->before = c->before;
	if (c->before)
		c->before->next = c->next;
	else
		d->connections = c->next;
	pthread_mutex_unlock(&d->lock);
	free(c);
	*context = NULL;
	metrics_add(d->server->options.metrics, METRIC_CONNECTIONS, -1);
}

static void notice_connection(void *data, struct MHD_Connection *mhd, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		connection_opened(data, mhd, context);
	else
		connection_closed(data, context);
}

/* The client has closed, and all that it sent was read.  libmicrohttpd does not see an end that came together with the
 * last bytes, and the upload would stay locked. */
static bool has_hung_up(int fd)
{
	struct pollfd look = {.fd = fd, .events = POLLRDHUP};
	int unread = 0;

	return poll(&look, 1, 0) > 0 && (look.revents & (POLLRDHUP | POLLHUP | POLLERR)) &&
		(ioctl(fd, FIONREAD, &unread) || unread == 0);
}

/* Cuts connections that trickle, or whose client has gone: the loop then sees them closed. */
static void sweep(struct daemon *d)
{
	const struct settings *settings = settings_get(d->server->options.settings);
	int64_t now = clock_mono_us(d->server->options.clock);
	int64_t header = (int64_t)settings->header_seconds * 1000000;
	int64_t idle = (int64_t)settings->idle_seconds * 1000000;

	pthread_mutex_lock(&d->lock);
	for (struct connection *c = d->connections; c; c = c->next)
		if (c->since_us && now - c->since_us > (c->asked ? idle : header)) {
			shutdown(c->fd, SHUT_RDWR);
			c->since_us = 0;
			metrics_add(d->server->options.metrics, METRIC_CLOSED_SLOW, 1);
		} else if (c->uploading && (c->cut || has_hung_up(c->fd))) {
			shutdown(c->fd, SHUT_RDWR);
		}
	pthread_mutex_unlock(&d->lock);
	settings_put(settings);
}

static struct timespec in_ms(const struct daemon *d, int64_t ms)
{
	int64_t at = clock_mono_us(d->server->options.clock) + ms * 1000;

	return (struct timespec){.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};
}

static bool sleep_or_close(struct daemon *d)
{
	struct timespec until = in_ms(d, SWEEP_MS);
	bool closing;

	pthread_mutex_lock(&d->lock);
	while (!d->closing &&
		pthread_cond_clockwait(&d->tick, &d->lock, CLOCK_MONOTONIC, &until) != ETIMEDOUT)
		;
	closing = d->closing;
	pthread_mutex_unlock(&d->lock);
	return !closing;
}

static void *run_sweeper(void *data)
{
	struct daemon *d = data;

	while (sleep_or_close(d)) {
		sweep(d);
		access_log_flush(d->server->options.access_log);
	}
	return NULL;
}

/* --- answers ------------------------------------------------------------------------------ */

static void stream_step(struct exchange *x);

static void stream_filled(struct http_call *call)
{
	struct exchange *x = call->adapter;

	x->parked = false;
	MHD_resume_connection(x->mhd);
}

static ssize_t read_stream(void *data, uint64_t at, char *out, size_t room)
{
	struct exchange *x = data;
	struct http_response *r = &x->call->response;
	size_t left = r->body.len - x->sent;

	(void)at;
	if (left) {
		size_t some = left < room ? left : room;

		memcpy(out, r->body.data + x->sent, some);
		x->sent += some;
		x->bytes += some;
		return (ssize_t)some;
	}
	if (r->stream.broken)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (r->stream.ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	stream_step(x);
	return 0;
}

static void stream_step(struct exchange *x)
{
	x->sent = 0;
	call_stream(x->call, stream_filled);
}

/* A small file leaves faster with its head in one call than by sendfile. */
static struct MHD_Response *read_small(struct http_response *r)
{
	char *bytes = mem_realloc(NULL, r->length + 1, 1);
	ssize_t n = bytes ? pread(r->fd, bytes, r->length, (off_t)r->offset) : -1;

	mem_close_fd(&r->fd);
	if (n != (ssize_t)r->length) {
		free(bytes);
		return NULL;
	}
	return MHD_create_response_from_buffer(r->length, bytes, MHD_RESPMEM_MUST_FREE);
}

static struct MHD_Response *make_body(struct exchange *x)
{
	struct http_response *r = &x->call->response;

	if (r->stream.next)
		return MHD_create_response_from_callback(
			MHD_SIZE_UNKNOWN, STREAM_BYTES, read_stream, x, NULL);
	if (r->fd >= 0) {
		x->bytes = r->length;
		if (r->length <= SMALL_FILE)
			return read_small(r);
		return MHD_create_response_from_fd_at_offset64(
			r->length, mem_steal_fd(&r->fd), r->offset);
	}
	x->bytes = r->body.len;
	/* The call outlives the answer: nothing is copied. */
	return MHD_create_response_from_buffer(r->body.len, r->body.data, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result send_answer(struct exchange *x)
{
	struct http_response *r = &x->call->response;
	struct MHD_Response *answer = make_body(x);
	enum MHD_Result sent;

	if (!answer)
		return MHD_NO;
	if (r->type)
		MHD_add_response_header(answer, "Content-Type", r->type);
	vec_foreach (&r->headers, const struct http_field, field)
		MHD_add_response_header(answer, field->name, field->value);
	for (const struct http_field *f = call_always(x->call); f->name; f++)
		MHD_add_response_header(answer, f->name, f->value);
	MHD_add_response_header(answer, "X-Content-Type-Options", "nosniff");
	if (x->daemon->server->draining)
		MHD_add_response_header(answer, "Connection", "close");
	x->stage = STAGE_ANSWERED;
	sent = MHD_queue_response(x->mhd, (unsigned)r->status, answer);
	MHD_destroy_response(answer);
	return sent;
}

/* --- requests ----------------------------------------------------------------------------- */

static void park(struct http_call *call)
{
	struct exchange *x = call->adapter;

	x->parked = true;
	MHD_suspend_connection(x->mhd);
}

static void cut(struct http_call *call)
{
	struct exchange *x = call->adapter;

	if (x->connection)
		x->connection->cut = true;
}

static void answered(struct http_call *call)
{
	struct exchange *x = call->adapter;

	x->parked = false;
	MHD_resume_connection(x->mhd);
}

static void tell_peer(struct exchange *x)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *from = info ? info->client_addr : NULL;
	const void *address = NULL;

	if (from && from->sa_family == AF_INET)
		address = &((const struct sockaddr_in *)(const void *)from)->sin_addr;
	if (from && from->sa_family == AF_INET6)
		address = &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
	if (address && inet_ntop(from->sa_family, address, x->peer, sizeof(x->peer)))
		x->call->request.peer = x->peer;
	x->call->request.secure =
		MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_PROTOCOL) != NULL;
}

/* Behind a proxy that we trust, the peer is the last address that it did not add itself. */
static void believe_proxy(struct exchange *x)
{
	struct http_request *r = &x->call->request;
	const struct settings *settings = settings_get(x->daemon->server->options.settings);

	if (settings_trusts(settings, r->peer)) {
		const char *by = http_header(r, "X-Forwarded-For");
		const char *proto = http_header(r, "X-Forwarded-Proto");
		const char *last = by ? strrchr(by, ',') : NULL;

		r->secure = r->secure || (proto && strcmp(proto, "https") == 0);
		last = last ? last + 1 + strspn(last + 1, " ") : by;
		if (last && *last && strlen(last) < sizeof(x->peer) &&
			!last[strspn(last, "0123456789abcdefABCDEF:.")])
			memcpy(x->peer, last, strlen(last) + 1);
	}
	settings_put(settings);
}

struct head {
	struct http_call *call;
	bool malformed;
};

/* libmicrohttpd passes on what a proxy before us may have read otherwise: names that are no token (RFC 9110, 5.1),
 * control characters and NUL in values. */
static bool is_header(const char *name, size_t name_len, const char *value, size_t len)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789"
				    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (size_t i = 0; i < len; i++)
		if (((uint8_t)value[i] < ' ' && value[i] != '\t') || value[i] == 0x7f)
			return false;
	return name_len && strspn(name, token) == name_len;
}

/* What says where the body ends, and who is asked, stands there once; of codings only chunks are known. */
static bool is_framing_sound(const struct http_call *call, const char *name, const char *value)
{
	bool coding = strcasecmp(name, "Transfer-Encoding") == 0;

	if (!coding && strcasecmp(name, "Content-Length") != 0 && strcasecmp(name, "Host") != 0)
		return true;
	return !http_header(&call->request, name) && (!coding || strcasecmp(value, "chunked") == 0);
}

static enum MHD_Result add_header(void *data, enum MHD_ValueKind kind, const char *name,
	size_t name_len, const char *value, size_t len)
{
	struct head *head = data;

	(void)kind;
	head->malformed = !is_header(name, name_len, value, len) ||
		!is_framing_sound(head->call, name, value) ||
		call_add_header(head->call, name, value, NULL) != 0;
	return head->malformed ? MHD_NO : MHD_YES;
}

static bool read_head(struct exchange *x, const char *method)
{
	struct http_call *call = x->call;
	struct head head = {.call = call};
	struct err why = ERR_INIT;
	int headers;

	tell_peer(x);
	headers = MHD_get_connection_values(x->mhd, MHD_HEADER_KIND, NULL, NULL);
	if (http_method_parse(method, &call->request.method)) {
		err_set(&why, ERR_INVALID, "there is no method of that name here");
		http_answer_problem(call, 405, &why);
		return false;
	}
	if (headers > HTTP_FIELDS_MAX) {
		err_set(&why, ERR_TOO_LARGE, "the request has more than %d headers",
			HTTP_FIELDS_MAX);
		http_answer_problem(call, 431, &why);
		return false;
	}
	MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, add_header, &head);
	if (head.malformed) {
		err_set(&why, ERR_INVALID, "a header is not well-formed");
		http_answer_problem(call, 0, &why);
		return false;
	}
	believe_proxy(x);
	return true;
}

/* The header is whole. */
static enum MHD_Result begin(struct exchange *x, const char *method)
{
	struct http_thread *thread = loop_of(x->daemon);

	if (x->connection) {
		began_waiting(x->daemon, x->connection, false);
		x->connection->cut = false;
	}
	if (!thread)
		return MHD_NO;
	x->stage = STAGE_BODY;
	x->refused =
		x->call->response.status || !read_head(x, method) || call_begin(x->call, thread);
	if (x->refused)
		return send_answer(x);
	x->uploading = x->call->route->upload;
	if (x->connection)
		x->connection->uploading = x->uploading;
	return MHD_YES;
}

static enum MHD_Result take(struct exchange *x, const char *bytes, size_t *len)
{
	struct http_call *call = x->call;
	struct err why = ERR_INIT;
	size_t some = *len;

	*len = 0;
	if (x->refused) {
		x->dropped += some;
		return x->dropped > DROPPED_MAX ? MHD_NO : MHD_YES;
	}
	if (call->route->upload) {
		struct http_thread *thread = loop_of(x->daemon);

		if (!thread)
			return MHD_NO;
		call->store = thread->store;
		x->refused = call_check_again(call, call->store) ||
			call->route->upload->take(call, bytes, some, &why);
	} else {
		str_add(&call->request.body, bytes, some);
		x->refused = str_check(&call->request.body, &why);
	}
	if (x->refused && !call->response.status)
		http_answer_problem(call, 0, &why);
	return MHD_YES;
}

static enum MHD_Result run(struct exchange *x)
{
	struct http_thread *thread = loop_of(x->daemon);

	if (x->connection)
		x->connection->uploading = false;
	if (x->refused)
		return send_answer(x);
	if (!thread)
		return MHD_NO;
	x->stage = STAGE_RUNNING;
	return call_run(x->call, thread, answered) ? send_answer(x) : MHD_YES;
}

static enum MHD_Result handle(void *data, struct MHD_Connection *mhd, const char *url,
	const char *method, const char *version, const char *bytes, size_t *len, void **context)
{
	struct exchange *x = *context;

	(void)data;
	(void)url;
	(void)version;
	(void)mhd;
	if (!x)
		return MHD_NO;
	switch (x->stage) {
	case STAGE_NEW:
		return begin(x, method);
	case STAGE_BODY:
		return *len ? take(x, bytes, len) : run(x);
	case STAGE_RUNNING:
		return send_answer(x);
	case STAGE_ANSWERED:
		break;
	}
	return MHD_NO;
}

/* The request line is there: its target as it was sent. */
static void *take_target(void *data, const char *target, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct daemon *d = data;
	struct exchange *x = mem_calloc(1, sizeof(*x));
	struct err why = ERR_INIT;

	if (!x || call_new(d->server, &x->call, &why)) {
		free(x);
		return NULL;
	}
	x->daemon = d;
	x->mhd = mhd;
	x->connection = info ? info->socket_context : NULL;
	x->call->adapter = x;
	x->call->park = park;
	x->call->cut = cut;
	if (call_set_target(x->call, target, &why))
		http_answer_problem(x->call, why.kind == ERR_TOO_LARGE ? 414 : 0, &why);
	pthread_mutex_lock(&d->lock);
	d->calls++;
	pthread_mutex_unlock(&d->lock);
	return x;
}

static void completed(
	void *data, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *context;
	struct daemon *d = data;
	struct http_call *call;
	int64_t us;

	(void)mhd;
	(void)why;
	if (!x)
		return;
	*context = NULL;
	call = x->call;
	us = clock_mono_us(d->server->options.clock) - call->request.began_us;
	metrics_count_request(
		d->server->options.metrics, call->route, call->response.status, x->bytes, us);
	access_log_write(d->server->options.access_log, call, x->bytes, us);
	if (x->uploading)
		call->route->upload->end(call);
	if (x->connection) {
		x->connection->asked = true;
		began_waiting(d, x->connection, true);
	}
	call_free(call);
	free(x);
	pthread_mutex_lock(&d->lock);
	if (--d->calls == 0)
		pthread_cond_broadcast(&d->calm);
	pthread_mutex_unlock(&d->lock);
}

/* --- listening ---------------------------------------------------------------------------- */

static int make_address(
	const struct settings *s, struct sockaddr_storage *out, socklen_t *len, struct err *err)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, s->host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(s->port);
		*len = sizeof(*v4);
		return 0;
	}
	if (inet_pton(AF_INET6, s->host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(s->port);
		*len = sizeof(*v6);
		return 0;
	}
	return err_set(err, ERR_INVALID, "'%s' is no address", s->host);
}

static void print_address(struct daemon *d, int fd, const char *host)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);
	unsigned port = 0;

	if (getsockname(fd, (struct sockaddr *)&at, &len) == 0)
		port = ntohs(at.ss_family == AF_INET6 ?
				((struct sockaddr_in6 *)(void *)&at)->sin6_port :
				((struct sockaddr_in *)(void *)&at)->sin_port);
	snprintf(d->address, sizeof(d->address), strchr(host, ':') ? "[%s]:%u" : "%s:%u", host,
		port);
}

static int open_socket(struct daemon *d, const struct settings *settings, int *out, struct err *err)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_storage at;
	socklen_t len = 0;
	int on = 1;

	if (make_address(settings, &at, &len, err))
		return -1;
	fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(err, "cannot make a socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, len) || listen(fd, BACKLOG)) {
		if (errno == EADDRINUSE)
			return err_set(err, ERR_OFFLINE,
				       "%s:%u is in use: another server runs there", settings->host,
				       settings->port),
			       err_hint(
				       err, "choose another with --listen %s:PORT", settings->host);
		return err_errno(err, "cannot listen on %s:%u", settings->host, settings->port);
	}
	print_address(d, fd, settings->host);
	*out = mem_steal_fd(&fd);
	return 0;
}

static size_t keep_escapes(void *data, struct MHD_Connection *mhd, char *text)
{
	(void)data;
	(void)mhd;
	return strlen(text);
}

static void log_inside(void *data, const char *format, va_list args)
{
	_cleanup_str_ struct str line = STR_INIT(1024);
	struct daemon *d = data;

	str_addv(&line, format, args);
	while (line.len && line.data[line.len - 1] == '\n')
		str_truncate(&line, line.len - 1);
	log_print(d->server->options.log, LOG_DEBUG, "libmicrohttpd: %s", line.data);
}

static int start(struct daemon *d, int fd, const struct settings *settings, struct err *err)
{
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
		MHD_USE_ERROR_LOG | MHD_USE_PEDANTIC_CHECKS;
	static char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_CERT_CALLBACK, 0, daemon_tls_callback()},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, priorities},
		{MHD_OPTION_END, 0, NULL},
	};

	if (*settings->tls_cert)
		flags |= MHD_USE_TLS;
	else
		tls[0].option = MHD_OPTION_END;
	d->mhd = MHD_start_daemon(flags, 0, NULL, NULL, handle, d, MHD_OPTION_EXTERNAL_LOGGER,
		log_inside, d, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, LOOPS,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		CONNECTION_BYTES, MHD_OPTION_CONNECTION_LIMIT, settings->max_connections,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings->max_per_address,
		MHD_OPTION_CONNECTION_TIMEOUT, settings->idle_seconds, MHD_OPTION_URI_LOG_CALLBACK,
		take_target, d, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, d,
		MHD_OPTION_NOTIFY_COMPLETED, completed, d, MHD_OPTION_NOTIFY_CONNECTION,
		notice_connection, d, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	if (!d->mhd)
		return err_set(err, ERR_FAILED, "the server cannot start");
	return 0;
}

static int open_daemon(struct daemon *d, struct err *err)
{
	const struct settings *settings = settings_get(d->server->options.settings);
	_cleanup_close_ int fd = -1;
	int failed = open_socket(d, settings, &fd, err) || start(d, fd, settings, err);

	settings_put(settings);
	if (failed)
		return -1;
	mem_steal_fd(&fd);
	d->has_sweeper = pthread_create(&d->sweeper, NULL, run_sweeper, d) == 0;
	return d->has_sweeper ? 0 : err_set(err, ERR_FAILED, "cannot start a thread");
}

int daemon_open(struct server *server, struct daemon **out, struct err *err)
{
	struct daemon *d = mem_calloc(1, sizeof(*d));

	if (!d)
		return err_no_memory(err);
	d->server = server;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->calm, NULL);
	pthread_cond_init(&d->tick, NULL);
	pthread_key_create(&d->loop, close_loop);
	if (open_daemon(d, err)) {
		daemon_close(d, 0);
		return -1;
	}
	*out = d;
	return 0;
}

const char *daemon_address(const struct daemon *daemon)
{
	return daemon->address;
}

/* --- draining ----------------------------------------------------------------------------- */

static void wait_until_calm(struct daemon *d, int64_t ms)
{
	struct timespec until = in_ms(d, ms);

	pthread_mutex_lock(&d->lock);
	while (d->calls &&
		pthread_cond_clockwait(&d->calm, &d->lock, CLOCK_MONOTONIC, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&d->lock);
}

void daemon_close(struct daemon *d, int64_t drain_ms)
{
	int fd = -1;

	if (!d)
		return;
	d->server->draining = true;
	if (d->mhd) {
		fd = MHD_quiesce_daemon(d->mhd);
		/* It may be closed only at the end, but who comes now is to be told at once. */
		shutdown(fd, SHUT_RDWR);
		watch_drain(d->server->watch);
		wait_until_calm(d, drain_ms);
		/* Calls in lanes answer for themselves: libmicrohttpd wants nothing suspended. */
		server_finish(d->server);
		MHD_stop_daemon(d->mhd);
	}
	mem_close_fd(&fd);
	pthread_mutex_lock(&d->lock);
	d->closing = true;
	pthread_cond_signal(&d->tick);
	pthread_mutex_unlock(&d->lock);
	if (d->has_sweeper)
		pthread_join(d->sweeper, NULL);
	pthread_key_delete(d->loop);
	pthread_cond_destroy(&d->calm);
	pthread_cond_destroy(&d->tick);
	pthread_mutex_destroy(&d->lock);
	free(d);
}
