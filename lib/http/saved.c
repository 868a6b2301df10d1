/* saved.c - requests from a file instead of a socket; see saved.h.
 *
 * They go the same way through router, caller, lanes and writer as those that daemon.c brings.
 * Invariant: one request is answered before the next begins.
 */
#include "http/saved.h"

#include "base/path.h"

#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_MAX ((size_t)256 * 1024 * 1024)

struct exchange { /* call->adapter */
	sem_t answered;
};

static void answered(struct http_call *call)
{
	struct exchange *x = call->adapter;

	sem_post(&x->answered);
}

/* --- reading ------------------------------------------------------------------------------ */

/* One line without its end; *at moves behind it.  NULL at the end of the text. */
static char *next_line(char **at, char *end)
{
	char *line = *at, *stop = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;

	if (line >= end)
		return NULL;
	*at = stop ? stop + 1 : end;
	if (!stop)
		stop = end; /* the text has a NUL there */
	*stop = '\0';
	if (stop > line && stop[-1] == '\r')
		stop[-1] = '\0';
	return line;
}

static int read_first_line(struct http_call *call, char *line, struct err *err)
{
	char *target = strchr(line, ' '), *version = target ? strchr(target + 1, ' ') : NULL;

	if (!version || strncmp(version + 1, "HTTP/1.", 7) != 0)
		return err_set(
			err, ERR_INVALID, "'%.100s' is not like 'GET /v1/albums HTTP/1.1'", line);
	*target++ = *version = '\0';
	if (http_method_parse(line, &call->request.method))
		return err_set(err, ERR_INVALID, "'%.100s' is no method", line);
	if (call_set_target(call, target, err))
		http_answer_problem(call, 0, err);
	return 0;
}

static int read_header(struct http_call *call, char *line, struct err *err)
{
	char *colon = strchr(line, ':');

	if (!colon || colon == line || strcspn(line, " \t") < (size_t)(colon - line))
		return err_set(err, ERR_INVALID, "'%.100s' is not like 'Name: value'", line);
	*colon++ = '\0';
	return call_add_header(call, line, colon + strspn(colon, " \t"), err);
}

static int read_request(
	struct http_call *call, char *text, size_t len, char **body, struct err *err)
{
	char *at = text, *end = text + len, *line;

	while ((line = next_line(&at, end)) && !*line)
		;
	if (!line)
		return err_set(err, ERR_INVALID, "there is no request");
	if (read_first_line(call, line, err))
		return -1;
	while ((line = next_line(&at, end)) && *line)
		if (read_header(call, line, err))
			return -1;
	*body = at;
	return 0;
}

/* --- running ------------------------------------------------------------------------------ */

static void give_body(struct http_call *call, const char *body, size_t len)
{
	struct err why = ERR_INIT;
	int failed;

	if (call->route->upload) {
		failed = call->route->upload->take(call, body, len, &why);
	} else {
		str_add(&call->request.body, body, len);
		failed = str_check(&call->request.body, &why);
	}
	if (failed && !call->response.status)
		http_answer_problem(call, 0, &why);
}

static void print_head(const struct http_call *call, uint64_t len, struct str *out)
{
	const struct http_response *r = &call->response;

	str_addf(out, "HTTP/1.1 %d\r\n", r->status);
	if (r->type)
		str_addf(out, "Content-Type: %s\r\n", r->type);
	vec_foreach (&r->headers, const struct http_field, field)
		str_addf(out, "%s: %s\r\n", field->name, field->value);
	for (const struct http_field *f = call_always(call); f->name; f++)
		str_addf(out, "%s: %s\r\n", f->name, f->value);
	if (!r->stream.next && r->status != 204)
		str_addf(out, "Content-Length: %llu\r\n", (unsigned long long)len);
	str_addz(out, "\r\n");
}

static int print_file(const struct http_response *r, struct str *out, struct err *err)
{
	_cleanup_str_ struct str bytes = STR_INIT(REQUEST_MAX);

	if (path_read_fd(r->fd, "the answer", REQUEST_MAX, &bytes, err))
		return -1;
	if (r->offset + r->length > bytes.len)
		return err_set(err, ERR_DAMAGED, "the answer's file is too short");
	str_add(out, bytes.data + r->offset, r->length);
	return 0;
}

static void print_stream(struct http_call *call, struct exchange *x, struct str *out)
{
	struct http_stream *stream = &call->response.stream;

	while (!stream->ended && !stream->broken && !out->failed) {
		call_stream(call, answered);
		while (sem_wait(&x->answered))
			;
		str_add(out, call->response.body.data, call->response.body.len);
	}
}

static int print_answer(
	struct http_call *call, struct exchange *x, struct str *out, struct err *err)
{
	struct http_response *r = &call->response;
	bool head = call->request.method == HTTP_HEAD;

	print_head(call, r->fd >= 0 ? r->length : r->body.len, out);
	if (head)
		return 0;
	if (r->stream.next)
		print_stream(call, x, out);
	else if (r->fd >= 0)
		return print_file(r, out, err);
	else
		str_add(out, r->body.data, r->body.len);
	return 0;
}

static void run_call(struct http_call *call, struct exchange *x, struct http_thread *thread,
	const char *body, size_t len)
{
	bool begun;

	if (call->response.status || call_begin(call, thread))
		return;
	begun = call->route->upload;
	if (len)
		give_body(call, body, len);
	if (!call->response.status && !call_run(call, thread, answered))
		while (sem_wait(&x->answered))
			;
	if (begun)
		call->route->upload->end(call);
}

static int run_one(struct server *server, struct http_thread *thread, char *text, size_t len,
	struct str *out, struct err *err)
{
	struct exchange x;
	struct http_call *call;
	char *body = NULL;
	int failed;

	if (call_new(server, &call, err))
		return -1;
	sem_init(&x.answered, 0, 0);
	call->adapter = &x;
	call->once = true;
	failed = read_request(call, text, len, &body, err);
	if (!failed) {
		run_call(call, &x, thread, body, (size_t)(text + len - body));
		failed = print_answer(call, &x, out, err);
	}
	call_free(call);
	sem_destroy(&x.answered);
	return failed;
}

static size_t separator(const char *text, size_t len, size_t *skip)
{
	const char *found = len > 3 && strncmp(text, "###\n", 4) == 0 ? text : NULL;

	for (const char *at = text;
		!found && (at = memmem(at, len - (size_t)(at - text), "\n###", 4)); at++)
		if (at + 4 == text + len || at[4] == '\n')
			found = at;
	*skip = found ? (found == text ? 4 : 5) : 0;
	return found ? (size_t)(found - text) : len;
}

int saved_run(struct server *server, const char *text, size_t len, struct str *out, struct err *err)
{
	_cleanup_(http_thread_close_pointer) struct http_thread *thread = NULL;

	if (http_thread_open(server, &thread, err))
		return -1;
	while (len) {
		size_t skip, part = separator(text, len, &skip);
		_cleanup_free_ char *copy = mem_strndup(text, part);

		if (!copy)
			return err_no_memory(err);
		memcpy(copy, text, part);
		if (part && run_one(server, thread, copy, part, out, err))
			return -1;
		text += part;
		len -= part;
		skip = skip < len ? skip : len;
		text += skip;
		len -= skip;
	}
	return str_check(out, err);
}
