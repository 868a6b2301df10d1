/* response.c - making an answer: JSON, text, nothing, or a problem (RFC 9457).
 *
 * Invariant: a header's value never holds a control character.
 */
#include "http/server.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALUE_MAX 4096 /* bytes of a header */

struct status_row {
	enum err_kind kind;
	int status;
	const char *title;
};

static const struct status_row statuses[] = {
	{ERR_INVALID, 400, "Not understood"},
	{ERR_USAGE, 400, "Not understood"},
	{ERR_DENIED, 403, "Not allowed"},
	{ERR_NOT_FOUND, 404, "Not found"},
	{ERR_CONFLICT, 409, "Conflict"},
	{ERR_TOO_LARGE, 413, "Too large"},
	{ERR_UNSUPPORTED, 415, "Not supported"},
	{ERR_OFFLINE, 503, "Try again later"},
	{ERR_LOCKED, 503, "Try again later"},
	{ERR_INTERRUPTED, 503, "Try again later"},
	{ERR_NO_SPACE, 507, "No space left"},
};

static const struct {
	int status;
	const char *title;
} titles[] = {
	{401, "Sign in first"},
	{405, "Method not allowed"},
	{412, "Precondition failed"},
	{414, "Address too long"},
	{416, "Range not satisfiable"},
	{422, "Not processable"},
	{429, "Too many requests"},
	{431, "Too many headers"},
	{460, "Checksum mismatch"},
	{502, "Cannot be rendered"},
};

int http_status_of(enum err_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].kind == kind)
			return statuses[i].status;
	return 500;
}

static const char *title_of(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		if (titles[i].status == status)
			return titles[i].title;
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].title;
	return "Something went wrong here";
}

/* --- headers ------------------------------------------------------------------------------ */

/* Most values are constants or texts: those are not worth a format.  NULL on no memory or past VALUE_MAX. */
static char *make_value(const char *format, va_list args)
{
	_cleanup_str_ struct str value = STR_INIT(VALUE_MAX);

	if (!strchr(format, '%'))
		str_addz(&value, format);
	else if (strcmp(format, "%s") == 0)
		str_addz(&value, va_arg(args, const char *));
	else
		str_addv(&value, format, args);
	return str_take(&value, NULL);
}

static bool is_printable(const char *value)
{
	for (; *value; value++)
		if ((uint8_t)*value < ' ' || *value == 0x7f)
			return false;
	return true;
}

void http_add_header(struct http_response *response, const char *name, const char *format, ...)
{
	_cleanup_free_ char *value = NULL;
	struct http_field *field;
	va_list args;

	va_start(args, format);
	value = make_value(format, args);
	va_end(args);
	field = value && is_printable(value) ? vec_push(&response->headers) : NULL;
	if (!field) {
		response->failed = true;
		return;
	}
	field->name = name;
	field->value = mem_steal(&value);
}

static void clear_headers(struct http_response *response)
{
	vec_foreach (&response->headers, struct http_field, field)
		free((char *)field->value);
	vec_clear(&response->headers);
	response->failed = false;
}

void call_reset(struct http_call *call)
{
	struct http_response *r = &call->response;

	clear_headers(r);
	str_clear(&r->body);
	mem_close_fd(&r->fd);
	if (r->stream.close)
		r->stream.close(r->stream.data);
	if (r->after.close)
		r->after.close(r->after.data);
	r->stream = (struct http_stream){.next = NULL};
	r->after = (struct http_after){.run = NULL};
	r->status = 0;
	r->keep = false;
	r->type = NULL;
	r->offset = r->length = 0;
}

/* --- bodies ------------------------------------------------------------------------------- */

int http_answer_text(struct http_call *call, int status, const char *type, struct err *err)
{
	if (str_check(&call->response.body, err))
		return -1;
	if (call->response.failed)
		return err_set(err, ERR_FAILED, "a header of the answer is not well-formed");
	call->response.status = status;
	call->response.type = type;
	return 0;
}

int http_answer_json(struct http_call *call, int status, json_t *body, struct err *err)
{
	_cleanup_json_ json_t *owned = body;

	if (!owned)
		return err_no_memory(err);
	str_clear(&call->response.body);
	if (wire_print(owned, &call->response.body, err))
		return -1;
	str_addc(&call->response.body, '\n');
	return http_answer_text(call, status, "application/json", err);
}

int http_answer_empty(struct http_call *call, int status, struct err *err)
{
	str_clear(&call->response.body);
	return http_answer_text(call, status, NULL, err);
}

static const char *plain_detail(int status, const struct err *why)
{
	/* What went wrong inside is for the log, not for strangers. */
	return status == 500 ? "the server could not answer; its log says why" : why->message;
}

void http_answer_problem(struct http_call *call, int status, const struct err *why)
{
	struct http_response *r = &call->response;
	json_t *body = json_object();

	if (!status)
		status = http_status_of(why->kind);
	if (status == 500)
		log_print(call->server->options.log, LOG_ERROR, "%s %s: %s",
			http_method_name(call->request.method),
			call->route ? call->route->path : "?", why->message);
	mem_close_fd(&r->fd);
	if (r->stream.close)
		r->stream.close(r->stream.data);
	r->stream = (struct http_stream){.next = NULL};
	if (r->failed)
		clear_headers(r);
	wire_set_text(&body, "title", title_of(status));
	wire_set_int(&body, "status", status);
	wire_set_text(&body, "detail", plain_detail(status, why));
	wire_set_text(&body, "code", err_kind_name(why->kind));
	if (*why->hint && status != 500)
		wire_set_text(&body, "hint", why->hint);
	if (status == 401)
		http_add_header(r, "WWW-Authenticate", "Bearer");
	if (status == 503)
		http_add_header(r, "Retry-After", "1");
	if (http_answer_json(call, status, body, NULL)) {
		str_clear(&r->body);
		r->status = 500;
		r->type = NULL;
		return;
	}
	r->type = "application/problem+json";
}
