/* access_log.c - the access log's lines, gathered and written; see access_log.h.
 *
 * It does not rotate (logrotate(8) renames, SIGHUP reopens).  Invariant: no header, no body, and of the query only the values of
 * parameters that are known to be harmless ever get into a line.
 */
#include "http/access_log.h"
#include "base/path.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096
#define BUFFER_MAX     ((size_t)256 * 1024)
#define BUFFER_FULL    ((size_t)32 * 1024) /* then it is written at once */
#define PATH_CUT       512                 /* bytes of what a client sent that are logged */
#define AGENT_CUT      200
#define PEER_CUT       64
#define LINE_USUAL     500
#define SEGMENT_CUT    16

struct access_log {
	pthread_mutex_t lock;
	int fd;       /* -1: none */
	bool regular; /* a file: writing does not wait for a reader */
	const struct clock *clock;
	struct str buffer;
	uint64_t lost; /* lines since the last one that got through */
};

/* --- one line ------------------------------------------------------------------------------- */

/* printf would take a tenth of the server's time here. */
static void add_number(struct str *out, uint64_t number, int digits)
{
	char text[24];
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + number % 10);
		number /= 10;
		digits--;
	} while (number || digits > 0);
	str_add(out, text + at, sizeof(text) - at);
}

static void add_time(struct str *out, int64_t unix_ms)
{
	struct civil c;

	time_to_civil(unix_ms, &c);
	add_number(out, (uint64_t)c.year, 4);
	str_addc(out, '-');
	add_number(out, (uint64_t)c.month, 2);
	str_addc(out, '-');
	add_number(out, (uint64_t)c.day, 2);
	str_addc(out, 'T');
	add_number(out, (uint64_t)c.hour, 2);
	str_addc(out, ':');
	add_number(out, (uint64_t)c.minute, 2);
	str_addc(out, ':');
	add_number(out, (uint64_t)c.second, 2);
	str_addc(out, '.');
	add_number(out, (uint64_t)c.ms, 3);
	str_addc(out, 'Z');
}

/* How many bytes from here on stand for themselves in a JSON string. */
static size_t plain_len(const char *text, size_t len)
{
	size_t plain = 0;

	while (plain < len && text[plain] >= ' ' && text[plain] < 0x7f && text[plain] != '"' &&
		text[plain] != '\\')
		plain++;
	return plain;
}

/* One character that needs care; returns its bytes.  What is not UTF-8 becomes U+FFFD. */
static size_t add_odd(struct str *out, const char *text, size_t len)
{
	uint32_t point;
	size_t taken = text_decode_utf8(text, len, &point);

	if (!taken)
		str_addz(out, "\xef\xbf\xbd");
	else if (point < 0x20 || point == 0x7f)
		str_addf(out, "\\u%04x", (unsigned)point);
	else if (point == '"' || point == '\\')
		str_addf(out, "\\%c", (int)point);
	else
		str_add(out, text, taken);
	return taken ? taken : 1;
}

/* A JSON string of at most `max` bytes of hostile text. */
static void add_text(struct str *out, const char *text, size_t len, size_t max)
{
	size_t left = len < max ? len : max;

	str_addc(out, '"');
	while (left) {
		size_t taken = plain_len(text, left);

		if (taken)
			str_add(out, text, taken);
		else
			taken = add_odd(out, text, left);
		text += taken;
		left -= taken;
	}
	str_addc(out, '"');
}

/* `name` is written as it is: with what leads to its value. */
static void add_member(struct str *out, const char *name, const char *text, size_t max)
{
	str_addz(out, name);
	add_text(out, text, strlen(text), max);
}

static void add_count(struct str *out, const char *name, uint64_t count)
{
	str_addz(out, name);
	add_number(out, count, 1);
}

static bool is_secret_path(const struct http_route *route)
{
	return strstr(route->path, "{token}") || strstr(route->path, "{code}") ||
		strstr(route->path, "{secret}");
}

/* A path that no route knows may be a link with a slip of the pen: what is long in it is not told. */
static void add_unknown_path(struct str *line, const char *path)
{
	_cleanup_str_ struct str cut = STR_INIT(PATH_CUT);
	size_t len;

	for (; *path && cut.len < PATH_CUT / 2; path += len) {
		len = 1 + strcspn(path + 1, "/");
		str_add(&cut, path, len <= SEGMENT_CUT ? len : SEGMENT_CUT / 2);
		if (len > SEGMENT_CUT)
			str_addz(&cut, "\xe2\x80\xa6");
	}
	add_member(line, ",\"path\":", cut.data, PATH_CUT);
}

static bool is_harmless(const char *name)
{
	static const char *const names[] = {"limit", "before", "after", "time", "quantity", "w",
		"h", "fit", "q", "cursor", "wait", "kind", "role"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* Words that are searched for are nobody's business either. */
static void add_query(struct str *line, const struct http_request *request)
{
	_cleanup_str_ struct str query = STR_INIT(PATH_CUT);

	for (size_t i = 0; i < request->query_count; i++) {
		const struct http_field *field = &request->query[i];
		bool told = is_harmless(field->name) &&
			!(field->name[0] == 'q' &&
				strspn(field->value, "0123456789") != strlen(field->value));

		if (query.len + strlen(field->name) + strlen(field->value) > PATH_CUT - 16)
			break;
		if (i)
			str_addc(&query, '&');
		str_addz(&query, field->name);
		str_addc(&query, '=');
		str_addz(&query, told ? field->value : "\xe2\x80\xa6");
	}
	if (query.len)
		add_member(line, ",\"query\":", query.data, PATH_CUT);
}

void access_log_format(
	const struct http_call *call, int64_t now_ms, uint64_t bytes, int64_t us, struct str *out)
{
	const struct http_request *request = &call->request;
	const char *agent = http_header(request, "User-Agent");
	char id[UUID_TEXT_LEN + 1];

	str_addz(out, "{\"time\":\"");
	add_time(out, now_ms);
	add_member(out, "\",\"peer\":", request->peer ? request->peer : "", PEER_CUT);
	add_member(out, ",\"method\":", http_method_name(request->method), PEER_CUT);
	if (!call->route)
		add_unknown_path(out, request->path ? request->path : "");
	else
		add_member(out, ",\"path\":",
			is_secret_path(call->route) ? call->route->path : request->path, PATH_CUT);
	add_query(out, request);
	if (call->route)
		add_member(out, ",\"route\":", call->route->name, PATH_CUT);
	if (call->caller.known) {
		uuid_format(&call->caller.user, id);
		add_member(out, ",\"user\":", id, UUID_TEXT_LEN);
	}
	add_count(out, ",\"status\":", (uint64_t)call->response.status);
	add_count(out, ",\"bytes\":", bytes);
	add_count(out, ",\"us\":", us < 0 ? 0 : (uint64_t)us);
	if (agent)
		add_member(out, ",\"agent\":", agent, AGENT_CUT);
	str_addc(out, '}');
}

/* --- the file ------------------------------------------------------------------------------- */

/* A pipe whose reader sleeps must not make us sleep: it takes PIPE_BUF bytes or says that it does not. */
static ssize_t write_some(const struct access_log *log, const char *bytes, size_t len)
{
	struct pollfd ready = {.fd = log->fd, .events = POLLOUT};

	if (log->regular)
		return write(log->fd, bytes, len);
	if (poll(&ready, 1, 0) <= 0 || !(ready.revents & POLLOUT)) {
		errno = EAGAIN;
		return -1;
	}
	return write(log->fd, bytes, len < PIPE_BUF ? len : PIPE_BUF);
}

/* Under the lock.  What cannot be written now stays for later. */
static void write_buffer(struct access_log *log)
{
	size_t done = 0;

	while (log->fd >= 0 && done < log->buffer.len) {
		ssize_t wrote = write_some(log, log->buffer.data + done, log->buffer.len - done);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			break;
		done += (size_t)wrote;
	}
	memmove(log->buffer.data, log->buffer.data + done, log->buffer.len - done);
	str_truncate(&log->buffer, log->buffer.len - done);
}

/* Opens what the setting names; -1 and no error for none. */
static int open_file(const char *path, int *fd, bool *regular, struct err *err)
{
	struct stat st;

	*fd = -1;
	if (!*path)
		return 0;
	*fd = strcmp(path, "-") == 0 ?
		fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) :
		open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
	if (*fd < 0 || fstat(*fd, &st)) {
		err_errno(err, "cannot open the access log %s", path);
		mem_close_fd(fd);
		return -1;
	}
	*regular = S_ISREG(st.st_mode);
	return 0;
}

int access_log_open(
	const char *path, const struct clock *clock, struct access_log **out, struct err *err)
{
	_cleanup_free_ struct access_log *log = mem_calloc(1, sizeof(*log));

	if (!log)
		return err_no_memory(err);
	if (open_file(path, &log->fd, &log->regular, err))
		return -1;
	log->clock = clock;
	str_init(&log->buffer, BUFFER_MAX);
	pthread_mutex_init(&log->lock, NULL);
	*out = mem_steal(&log);
	return 0;
}

void access_log_close(struct access_log *log)
{
	if (!log)
		return;
	access_log_flush(log);
	mem_close_fd(&log->fd);
	str_release(&log->buffer);
	pthread_mutex_destroy(&log->lock);
	free(log);
}

/* Under the lock: a line, or one more that is lost. */
static void gather(struct access_log *log, const struct str *line)
{
	char *room;

	if (log->buffer.len + line->len + 100 > BUFFER_MAX)
		write_buffer(log);
	if (log->fd < 0 || log->buffer.len + line->len + 100 > BUFFER_MAX) {
		log->lost++;
		return;
	}
	room = str_reserve(&log->buffer, line->len + 100);
	if (!room) {
		str_clear(&log->buffer);
		log->lost++;
		return;
	}
	if (log->lost)
		str_addf(&log->buffer, "{\"lost\":%llu}\n", (unsigned long long)log->lost);
	log->lost = 0;
	str_add(&log->buffer, line->data, line->len);
	str_addc(&log->buffer, '\n');
}

void access_log_write(
	struct access_log *log, const struct http_call *call, uint64_t bytes, int64_t us)
{
	_cleanup_str_ struct str line = STR_INIT(LINE_MAX_BYTES);

	if (!log)
		return;
	str_reserve(&line, LINE_USUAL);
	access_log_format(call, clock_now_ms(log->clock), bytes, us, &line);
	pthread_mutex_lock(&log->lock);
	if (log->fd < 0)
		str_clear(&log->buffer);
	else if (line.failed)
		log->lost++;
	else
		gather(log, &line);
	if (log->buffer.len >= BUFFER_FULL)
		write_buffer(log);
	pthread_mutex_unlock(&log->lock);
}

void access_log_flush(struct access_log *log)
{
	if (!log)
		return;
	pthread_mutex_lock(&log->lock);
	write_buffer(log);
	pthread_mutex_unlock(&log->lock);
}

int access_log_reopen(struct access_log *log, const char *path, struct err *err)
{
	bool regular = false;
	int fd;

	if (open_file(path, &fd, &regular, err))
		return -1;
	pthread_mutex_lock(&log->lock);
	write_buffer(log);
	mem_close_fd(&log->fd);
	log->fd = fd;
	log->regular = regular;
	pthread_mutex_unlock(&log->lock);
	return 0;
}
