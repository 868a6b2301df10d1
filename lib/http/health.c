/* health.c - what load balancers, service managers and Prometheus ask; see health.h and metrics.h.
 *
 * It looks at nothing that costs more than one keyed read.  Invariant: nothing here tells strangers about people or photos.
 */
#include "http/health.h"
#include "http/metrics.h"
#include "http/server.h"
#include "http/settings.h"

static int say_ok(struct http_call *call, const char *word, struct err *err)
{
	json_t *body = json_object();

	wire_set_text(&body, "status", word);
	http_add_header(&call->response, "Cache-Control", "no-store");
	return http_answer_json(call, 200, body, err);
}

static int check_alive(struct http_call *call, struct err *err)
{
	return say_ok(call, "alive", err);
}

static int check_ready(struct http_call *call, struct err *err)
{
	int64_t version;

	if (atomic_load(&call->server->draining))
		return err_set(err, ERR_OFFLINE, "the server is stopping");
	if (db_data_version(call->store->db, &version, err))
		return err_set(err, ERR_OFFLINE, "the store cannot be read");
	return say_ok(call, "ready", err);
}

const struct http_route health_routes[] = {
	{"checkAlive", HTTP_GET, "/healthz", ACCESS_PUBLIC, .lane = LANE_INLINE,
		.handle = check_alive},
	{"checkReady", HTTP_GET, "/readyz", ACCESS_PUBLIC, .lane = LANE_INLINE,
		.handle = check_ready},
	{.name = NULL},
};

/* A proxy on this machine that serve.trust-proxy does not name must not make everybody local. */
static bool is_local(const struct http_request *request)
{
	const char *peer = request->peer ? request->peer : "";

	if (http_header(request, "X-Forwarded-For") || http_header(request, "Forwarded") ||
		http_header(request, "Via"))
		return false;
	return !*peer || settings_is_loopback(peer);
}

static int show_metrics(struct http_call *call, struct err *err)
{
	if (!call->caller.admin && !is_local(&call->request))
		return err_set(err, ERR_NOT_FOUND, "there is nothing here");
	metrics_print(call->server->options.metrics, &call->response.body);
	http_add_header(&call->response, "Cache-Control", "no-store");
	return http_answer_text(call, 200, "text/plain; version=0.0.4; charset=utf-8", err);
}

const struct http_route metrics_routes[] = {
	{"showMetrics", HTTP_GET, "/metrics", ACCESS_PUBLIC, .lane = LANE_INLINE,
		.handle = show_metrics},
	{.name = NULL},
};
