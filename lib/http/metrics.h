/* metrics.h - counters that any thread may raise, and their text for Prometheus at /metrics.
 *
 *	metrics_open(&server->metrics, err);
 *	metrics_count_request(server->metrics, call->route, status, bytes, us);	once for every answer
 *	metrics_add(server->metrics, METRIC_CONNECTIONS, 1);				and -1 at its end
 *	metrics_set(server->metrics, METRIC_WRITER_QUEUE, length);
 *
 * No call waits, allocates or fails.  All take NULL for `metrics`, then nothing is counted.
 */
#ifndef PINHOLE_HTTP_METRICS_H
#define PINHOLE_HTTP_METRICS_H

#include "http/http.h"

enum metric {
	/* gauges */
	METRIC_CONNECTIONS = 0,
	METRIC_WAITS,        /* calls that wait for news */
	METRIC_POOL_QUEUE,   /* calls that wait for a worker */
	METRIC_WRITER_QUEUE, /* calls that wait for the writer */
	METRIC_SETTINGS,     /* the number of the snapshot in force */
	METRIC_STARTED,      /* ms since the epoch */
	/* counters */
	METRIC_COMMITS,        /* transactions of the writer */
	METRIC_COMMIT_CALLS,   /* requests that they carried */
	METRIC_COMMIT_US,      /* time that they took, the flush included */
	METRIC_REFUSED_BUSY,   /* answered 503 because a queue was full */
	METRIC_REFUSED_RATE,   /* answered 429 */
	METRIC_CLOSED_SLOW,    /* connections that trickled */
	METRIC_RENDERS,        /* images made on demand */
	METRIC_RENDER_SHARED,  /* requests that waited for another's render */
	METRIC_CACHE_HITS,     /* images that were there */
	METRIC_UPLOADED_BYTES, /* of files */
	METRIC_RELOADS,        /* of the configuration */
	METRIC_RELOADS_FAILED,
	METRIC_COUNT
};

struct metrics;

int metrics_open(struct metrics **out, struct err *err);
void metrics_close(struct metrics *metrics); /* NULL is fine */
/* `route` NULL: none matched.  `us`: from the request's first byte to the answer. */
void metrics_count_request(struct metrics *metrics, const struct http_route *route, int status,
	uint64_t bytes, int64_t us);
void metrics_add(struct metrics *metrics, enum metric which, int64_t amount);
void metrics_set(struct metrics *metrics, enum metric which, int64_t value);
int64_t metrics_read(const struct metrics *metrics, enum metric which);
/* Appends the text exposition format, version 0.0.4. */
void metrics_print(const struct metrics *metrics, struct str *out);

/* GET /metrics: for this machine and for administrators. */
extern const struct http_route metrics_routes[];

#endif
