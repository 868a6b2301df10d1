/* metrics.c - tests of the counters: what is counted where, and the text that Prometheus reads. */
#include "http/metrics.h"
#include "tap.h"

#include <pthread.h>

#define THREADS 4
#define EACH    20000

static struct err err;

static bool has(const struct str *text, const char *line)
{
	_cleanup_str_ struct str whole = STR_INIT(1000);

	str_addf(&whole, "\n%s\n", line);
	return strstr(text->data, whole.data) != NULL;
}

static void test_gauges(void)
{
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_FILE);
	struct metrics *metrics;

	ok_call(metrics_open(&metrics, &err), &err, "opened");
	metrics_add(metrics, METRIC_CONNECTIONS, 3);
	metrics_add(metrics, METRIC_CONNECTIONS, -1);
	metrics_set(metrics, METRIC_WRITER_QUEUE, 9);
	metrics_add(metrics, METRIC_COMMIT_US, 1500000);
	metrics_set(metrics, METRIC_STARTED, 1700000000123);
	is_int(metrics_read(metrics, METRIC_CONNECTIONS), 2, "rises and falls");
	metrics_print(metrics, &text);
	ok(has(&text, "pinhole_connections 2"), "a gauge");
	ok(has(&text, "# TYPE pinhole_connections gauge"), "its type");
	ok(has(&text, "pinhole_writer_queue 9"), "another");
	ok(has(&text, "pinhole_commit_seconds_total 1.500000"), "microseconds as seconds");
	ok(has(&text, "pinhole_start_time_seconds 1700000000.123"), "milliseconds as seconds");
	ok(has(&text, "# TYPE pinhole_commits_total counter"), "a counter");
	ok(!strstr(text.data, "(null)"), "every metric has its texts");
	metrics_close(metrics);
	metrics_add(NULL, METRIC_COMMITS, 1);
	metrics_count_request(NULL, NULL, 200, 0, 0);
	is_int(metrics_read(NULL, METRIC_COMMITS), 0, "nothing is counted without a place");
}

static void test_requests(void)
{
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_FILE), line = STR_INIT(1000);
	const struct http_route *route = &http_tables[0][0], foreign = {.name = "foreign"};
	struct metrics *metrics;

	metrics_open(&metrics, &err);
	metrics_count_request(metrics, route, 200, 100, 400);
	metrics_count_request(metrics, route, 304, 0, 2500);
	metrics_count_request(metrics, route, 200, 50, 9000000);
	metrics_count_request(metrics, NULL, 404, 7, 10);
	metrics_count_request(metrics, &foreign, 999, 0, -5);
	metrics_print(metrics, &text);
	str_addf(&line, "pinhole_http_requests_total{route=\"%s\",status=\"2xx\"} 2", route->name);
	ok(has(&text, line.data), "by route and class of status");
	ok(has(&text, "pinhole_http_requests_total{route=\"none\",status=\"4xx\"} 1"),
		"those that no route took");
	ok(has(&text, "pinhole_http_requests_total{route=\"none\",status=\"5xx\"} 1"),
		"a status that is none is an error");
	str_clear(&line);
	str_addf(&line, "pinhole_http_response_bytes_total{route=\"%s\"} 150", route->name);
	ok(has(&text, line.data), "bytes");
	str_clear(&line);
	str_addf(&line,
		"pinhole_http_request_duration_seconds_bucket{route=\"%s\",le=\"0.0005\"} 1",
		route->name);
	ok(has(&text, line.data), "the first bucket");
	str_clear(&line);
	str_addf(&line,
		"pinhole_http_request_duration_seconds_bucket{route=\"%s\",le=\"0.0025\"} 2",
		route->name);
	ok(has(&text, line.data), "buckets add up, their end is inside");
	str_clear(&line);
	str_addf(&line, "pinhole_http_request_duration_seconds_bucket{route=\"%s\",le=\"+Inf\"} 3",
		route->name);
	ok(has(&text, line.data), "the last holds all");
	str_clear(&line);
	str_addf(&line, "pinhole_http_request_duration_seconds_sum{route=\"%s\"} 9.002900",
		route->name);
	ok(has(&text, line.data), "their sum");
	metrics_close(metrics);
}

static void *count_many(void *data)
{
	for (int i = 0; i < EACH; i++) {
		metrics_count_request(data, &http_tables[0][0], 200, 1, i);
		metrics_add(data, METRIC_WAITS, i % 2 ? 1 : -1);
	}
	return NULL;
}

static void test_threads(void)
{
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_FILE), line = STR_INIT(1000);
	pthread_t threads[THREADS];
	struct metrics *metrics;

	metrics_open(&metrics, &err);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, count_many, metrics);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	metrics_print(metrics, &text);
	str_addf(&line, "pinhole_http_requests_total{route=\"%s\",status=\"2xx\"} %d",
		http_tables[0][0].name, THREADS * EACH);
	ok(has(&text, line.data), "threads lose no count");
	is_int(metrics_read(metrics, METRIC_WAITS), 0, "nor a fall of a gauge");
	metrics_close(metrics);
}

int main(void)
{
	test_gauges();
	test_requests();
	test_threads();
	return tap_done();
}
