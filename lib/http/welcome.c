/* welcome.c - two still pages, so that who opens the server in a browser knows where they are.
 *
 * They hold nothing of the store and no script; an invitation's secret stands behind the link's #, which browsers keep
 * to themselves.  Invariant: what is sent is the same for everybody.
 */
#include "http/welcome.h"

#define HEAD                                                                                       \
	"<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"                          \
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"               \
	"<title>pinhole</title>\n<style>\n"                                                        \
	"body { font: 1.1em/1.5 system-ui, sans-serif; max-width: 34em; margin: 3em auto; "        \
	"padding: 0 1em }\n</style>\n"

static const char welcome[] = HEAD
	"<h1>pinhole</h1>\n"
	"<p>Photo albums are shared here with the people who were invited to them.</p>\n"
	"<p>Programs find out at <a href=\"/openapi.json\">/openapi.json</a> what they can ask.</p>\n";

static const char join[] = HEAD
	"<h1>You are invited</h1>\n"
	"<p>Somebody wants to share photos with you. This link is for you: it lets you make an account "
	"here.</p>\n"
	"<p>Open it with a program that knows pinhole; this server has no pages of its own for it yet. "
	"Programs find out at <a href=\"/openapi.json\">/openapi.json</a> how.</p>\n";

static int show_page(struct http_call *call, const char *page, size_t len, struct err *err)
{
	str_add(&call->response.body, page, len);
	http_add_header(&call->response, "Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
		"form-action 'none'; frame-ancestors 'none'");
	http_add_header(&call->response, "Referrer-Policy", "no-referrer");
	http_add_header(&call->response, "Cache-Control", "max-age=300");
	return http_answer_text(call, 200, "text/html; charset=utf-8", err);
}

static int show_welcome(struct http_call *call, struct err *err)
{
	return show_page(call, welcome, sizeof(welcome) - 1, err);
}

static int show_join(struct http_call *call, struct err *err)
{
	return show_page(call, join, sizeof(join) - 1, err);
}

const struct http_route welcome_routes[] = {
	{"showWelcome", HTTP_GET, "/", ACCESS_PUBLIC, .lane = LANE_INLINE, .handle = show_welcome},
	{"showJoin", HTTP_GET, "/join", ACCESS_PUBLIC, .lane = LANE_INLINE, .handle = show_join},
	{.name = NULL},
};
