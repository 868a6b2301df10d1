/* router.c - from a method and a path to a route.
 *
 * The tables are compiled once, at server_open, into segments.  Where two routes fit, the one that says
 * more counts.  Invariant: a path is matched as it was sent; "." and ".." have no meaning.
 */
#include "http/server.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENTS_MAX 10
#define ROUTES_MAX   256

struct segment { /* "photos", "{photo}", "image.{format}", "{album}.zip" */
	const char *before, *after;
	size_t before_len, after_len;
	bool variable;
};

struct compiled {
	const struct http_route *route;
	struct segment segments[SEGMENTS_MAX];
	size_t count, variables, fixed; /* segments, variable ones, bytes of fixed text */
};

static struct compiled compiled[ROUTES_MAX];
static size_t compiled_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool too_many;

static void compile_segment(struct segment *s, const char *text, size_t len)
{
	const char *open = memchr(text, '{', len), *close = memchr(text, '}', len);

	*s = (struct segment){.before = text, .before_len = len};
	if (!open || !close)
		return;
	s->variable = true;
	s->before_len = (size_t)(open - text);
	s->after = close + 1;
	s->after_len = len - (size_t)(close + 1 - text);
}

static bool compile(struct compiled *c, const struct http_route *route)
{
	const char *at = route->path;

	c->route = route;
	while (*at == '/') {
		size_t len = strcspn(++at, "/");

		if (c->count == SEGMENTS_MAX)
			return false;
		compile_segment(&c->segments[c->count], at, len);
		c->fixed += c->segments[c->count].before_len + c->segments[c->count].after_len;
		c->variables += c->segments[c->count++].variable;
		at += len;
	}
	return c->variables <= HTTP_PARAMS_MAX;
}

/* More said goes first: fewer variable segments, then more fixed text. */
static int compare(const void *a, const void *b)
{
	const struct compiled *x = a, *y = b;

	if (x->variables != y->variables)
		return x->variables < y->variables ? -1 : 1;
	if (x->fixed != y->fixed)
		return x->fixed > y->fixed ? -1 : 1;
	return (int)y->route->method - (int)x->route->method; /* a HEAD of its own before GET */
}

static void compile_all(void)
{
	for (size_t t = 0; http_tables[t]; t++)
		for (const struct http_route *r = http_tables[t]; r->name; r++) {
			struct compiled c = {.count = 0};

			if (compile(&c, r) && compiled_count < ROUTES_MAX)
				compiled[compiled_count++] = c;
			else
				too_many = true;
		}
	qsort(compiled, compiled_count, sizeof(*compiled), compare);
}

/* --- soundness ---------------------------------------------------------------------------- */

static const char *fault_of_access(const struct http_route *r)
{
	if (r->access == ACCESS_UNSET)
		return "has no access";
	if (r->access == ACCESS_ALBUM && (r->right == RIGHT_UNSET || !strstr(r->path, "{album}")))
		return "is about an album but names no right or no {album}";
	if (r->access != ACCESS_ALBUM && r->right != RIGHT_UNSET)
		return "names a right that nobody asks for";
	if (r->access != ACCESS_PUBLIC && r->scope == SCOPE_NONE)
		return "has no scope";
	if (r->access == ACCESS_ADMIN && !(r->scope & SCOPE_ADMIN))
		return "is for administrators but not by scope";
	return NULL;
}

static const char *fault_of(const struct http_route *r)
{
	bool reads = r->method == HTTP_GET || r->method == HTTP_HEAD || r->method == HTTP_OPTIONS;

	if (!r->handle)
		return "has no handler";
	if (r->lane == LANE_INLINE && !reads && !r->upload)
		return "changes something on a loop thread";
	return fault_of_access(r);
}

static bool same_shape(const struct compiled *a, const struct compiled *b)
{
	if (a->count != b->count || a->route->method != b->route->method)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct segment *x = &a->segments[i], *y = &b->segments[i];

		if (x->variable != y->variable || x->before_len != y->before_len ||
			memcmp(x->before, y->before, x->before_len) != 0 ||
			x->after_len != y->after_len ||
			(x->after_len && memcmp(x->after, y->after, x->after_len) != 0))
			return false;
	}
	return true;
}

int http_routes_check(struct err *err)
{
	pthread_once(&once, compile_all);
	if (too_many)
		return err_set(err, ERR_FAILED, "there are too many routes, or one is too long");
	for (size_t i = 0; i < compiled_count; i++) {
		const char *fault = fault_of(compiled[i].route);

		if (fault)
			return err_set(
				err, ERR_FAILED, "the route %s %s", compiled[i].route->name, fault);
		for (size_t k = 0; k < i; k++)
			if (same_shape(&compiled[i], &compiled[k]) ||
				strcmp(compiled[i].route->name, compiled[k].route->name) == 0)
				return err_set(err, ERR_FAILED, "the routes %s and %s are the same",
					compiled[i].route->name, compiled[k].route->name);
	}
	return 0;
}

/* --- finding ------------------------------------------------------------------------------ */

struct part {
	const char *text;
	size_t len;
};

static bool fits(const struct segment *s, const struct part *p)
{
	if (!s->variable)
		return s->before_len == p->len && memcmp(s->before, p->text, p->len) == 0;
	return p->len > s->before_len + s->after_len &&
		memcmp(s->before, p->text, s->before_len) == 0 &&
		memcmp(s->after, p->text + p->len - s->after_len, s->after_len) == 0;
}

static bool fits_all(const struct compiled *c, const struct part *parts)
{
	for (size_t i = c->count; i-- > 0;)
		if (!fits(&c->segments[i], &parts[i]))
			return false;
	return true;
}

static int take_params(struct http_call *call, const struct compiled *c, const struct part *parts)
{
	size_t index = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct segment *s = &c->segments[i];

		if (s->variable &&
			call_decode_param(call, index++, parts[i].text + s->before_len,
				parts[i].len - s->before_len - s->after_len))
			return -1;
	}
	return 0;
}

const struct http_route *router_find(struct http_call *call, unsigned *allowed)
{
	enum http_method method =
		call->request.method == HTTP_HEAD ? HTTP_GET : call->request.method;
	struct part parts[SEGMENTS_MAX];
	const char *at = call->request.path;
	size_t count = 0;

	*allowed = 0;
	pthread_once(&once, compile_all);
	while (*at == '/') {
		if (count == SEGMENTS_MAX)
			return NULL;
		parts[count].text = ++at;
		parts[count].len = strcspn(at, "/");
		at += parts[count++].len;
	}
	for (size_t i = 0; i < compiled_count; i++) {
		const struct compiled *c = &compiled[i];

		if (c->count != count || !fits_all(c, parts))
			continue;
		*allowed |= 1u << c->route->method;
		if (c->route->method != call->request.method && c->route->method != method)
			continue;
		if (take_params(call, c, parts) == 0)
			return c->route;
		*allowed = 0;
		return NULL;
	}
	return NULL;
}
