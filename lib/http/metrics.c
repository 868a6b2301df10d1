/* metrics.c - counting requests and gauges, and printing them for Prometheus; see metrics.h.
 *
 * Source of the format: Prometheus, "Exposition formats", text version 0.0.4.  It keeps no times of its own.
 * Invariant: counting touches only atomics with a fixed place, so it may be done on any thread.
 */
#include "http/metrics.h"
#include "http/settings.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define TABLES_MAX    64
#define TEXT_MAX      ((size_t)4 * 1024 * 1024)
#define CLASSES       5 /* 1xx to 5xx */
#define LABELS_LENGTH 200

/* The upper ends of the histogram's buckets, microseconds; what is longer is only in +Inf. */
static const int64_t bucket_ends[] = {
	500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000};

struct route_counts {
	const struct http_route *route; /* NULL: none matched */
	_Atomic uint64_t classes[CLASSES];
	_Atomic uint64_t buckets[ARRAY_LEN(bucket_ends)];
	_Atomic uint64_t us, bytes;
};

struct table_place { /* where a table's routes stand in `counts` */
	const struct http_route *routes;
	size_t first, count;
};

struct metrics {
	_Atomic int64_t values[METRIC_COUNT];
	struct table_place tables[TABLES_MAX];
	size_t table_count;
	struct route_counts *counts; /* [0] is of no route */
	size_t route_count;
};

static const struct {
	const char *name, *type, *help;
	int64_t unit; /* what the value is divided by; 1, or to seconds */
} texts[METRIC_COUNT] = {
	[METRIC_CONNECTIONS] = {"pinhole_connections", "gauge", "open connections", 1},
	[METRIC_WAITS] = {"pinhole_waits", "gauge", "requests that wait for news", 1},
	[METRIC_POOL_QUEUE] = {"pinhole_pool_queue", "gauge", "requests that wait for a worker", 1},
	[METRIC_WRITER_QUEUE] = {"pinhole_writer_queue", "gauge",
		"requests that wait for the writer", 1},
	[METRIC_SETTINGS] = {"pinhole_settings_number", "gauge",
		"which configuration is in force, counted from the start", 1},
	[METRIC_STARTED] = {"pinhole_start_time_seconds", "gauge",
		"when the server started, since the epoch", 1000},
	[METRIC_COMMITS] = {"pinhole_commits_total", "counter", "transactions of the writer", 1},
	[METRIC_COMMIT_CALLS] = {"pinhole_commit_requests_total", "counter",
		"requests that those transactions carried", 1},
	[METRIC_COMMIT_US] = {"pinhole_commit_seconds_total", "counter",
		"time that those transactions took, flushing included", 1000000},
	[METRIC_REFUSED_BUSY] = {"pinhole_refused_busy_total", "counter",
		"requests answered 503 because a queue was full", 1},
	[METRIC_REFUSED_RATE] = {"pinhole_refused_rate_total", "counter", "requests answered 429",
		1},
	[METRIC_CLOSED_SLOW] = {"pinhole_closed_slow_total", "counter",
		"connections closed because they trickled", 1},
	[METRIC_RENDERS] = {"pinhole_renders_total", "counter", "images made on demand", 1},
	[METRIC_RENDER_SHARED] = {"pinhole_renders_shared_total", "counter",
		"requests that shared another's render", 1},
	[METRIC_CACHE_HITS] = {"pinhole_cache_hits_total", "counter", "images that were there", 1},
	[METRIC_UPLOADED_BYTES] = {"pinhole_uploaded_bytes_total", "counter",
		"bytes of files that came in", 1},
	[METRIC_RELOADS] = {"pinhole_reloads_total", "counter",
		"configurations that came into force", 1},
	[METRIC_RELOADS_FAILED] = {"pinhole_reloads_failed_total", "counter",
		"configurations that were refused", 1},
};

/* --- counting ------------------------------------------------------------------------------- */

static int add_table(struct metrics *metrics, const struct http_route *routes, struct err *err)
{
	struct table_place *place = &metrics->tables[metrics->table_count];

	if (metrics->table_count == TABLES_MAX)
		return err_set(
			err, ERR_TOO_LARGE, "there are more than %d tables of routes", TABLES_MAX);
	place->routes = routes;
	place->first = metrics->route_count;
	while (routes[place->count].name)
		place->count++;
	metrics->route_count += place->count;
	metrics->table_count++;
	return 0;
}

int metrics_open(struct metrics **out, struct err *err)
{
	_cleanup_free_ struct metrics *metrics = mem_calloc(1, sizeof(*metrics));

	if (!metrics)
		return err_no_memory(err);
	metrics->route_count = 1;
	for (size_t i = 0; http_tables[i]; i++)
		if (add_table(metrics, http_tables[i], err))
			return -1;
	metrics->counts = mem_calloc(metrics->route_count, sizeof(*metrics->counts));
	if (!metrics->counts)
		return err_no_memory(err);
	for (size_t t = 0; t < metrics->table_count; t++)
		for (size_t i = 0; i < metrics->tables[t].count; i++)
			metrics->counts[metrics->tables[t].first + i].route =
				&metrics->tables[t].routes[i];
	*out = mem_steal(&metrics);
	return 0;
}

void metrics_close(struct metrics *metrics)
{
	if (!metrics)
		return;
	free(metrics->counts);
	free(metrics);
}

static struct route_counts *find_counts(struct metrics *metrics, const struct http_route *route)
{
	uintptr_t wanted = (uintptr_t)route;

	for (size_t t = 0; route && t < metrics->table_count; t++) {
		const struct table_place *place = &metrics->tables[t];

		if (wanted >= (uintptr_t)place->routes &&
			wanted < (uintptr_t)(place->routes + place->count))
			return &metrics->counts[place->first + (size_t)(route - place->routes)];
	}
	return &metrics->counts[0];
}

static void raise(_Atomic uint64_t *counter, uint64_t by)
{
	atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

void metrics_count_request(struct metrics *metrics, const struct http_route *route, int status,
	uint64_t bytes, int64_t us)
{
	struct route_counts *counts;

	if (!metrics)
		return;
	counts = find_counts(metrics, route);
	if (status < 100 || status >= 100 * (CLASSES + 1))
		status = 500;
	us = us < 0 ? 0 : us;
	raise(&counts->classes[status / 100 - 1], 1);
	raise(&counts->us, (uint64_t)us);
	raise(&counts->bytes, bytes);
	for (size_t i = 0; i < ARRAY_LEN(bucket_ends); i++) {
		if (us <= bucket_ends[i]) {
			raise(&counts->buckets[i], 1);
			break;
		}
	}
}

void metrics_add(struct metrics *metrics, enum metric which, int64_t amount)
{
	if (metrics)
		atomic_fetch_add_explicit(&metrics->values[which], amount, memory_order_relaxed);
}

void metrics_set(struct metrics *metrics, enum metric which, int64_t value)
{
	if (metrics)
		atomic_store_explicit(&metrics->values[which], value, memory_order_relaxed);
}

int64_t metrics_read(const struct metrics *metrics, enum metric which)
{
	return metrics ? atomic_load_explicit(&metrics->values[which], memory_order_relaxed) : 0;
}

/* --- printing ------------------------------------------------------------------------------- */

static uint64_t get(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void print_head(struct str *out, const char *name, const char *type, const char *help)
{
	str_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A count of `unit` parts, as a decimal number without rounding. */
static void print_value(struct str *out, uint64_t value, uint64_t unit)
{
	if (unit == 1)
		str_addf(out, "%llu\n", (unsigned long long)value);
	else
		str_addf(out, "%llu.%0*llu\n", (unsigned long long)(value / unit),
			unit == 1000 ? 3 : 6, (unsigned long long)(value % unit));
}

static uint64_t count_all(const struct route_counts *counts)
{
	uint64_t all = 0;

	for (size_t i = 0; i < CLASSES; i++)
		all += get(&counts->classes[i]);
	return all;
}

/* Routes that nobody asked for are left out: they would be most of the text. */
static bool next_asked(const struct metrics *metrics, size_t *at)
{
	for (++*at; *at < metrics->route_count; ++*at)
		if (count_all(&metrics->counts[*at]))
			return true;
	return false;
}

/* Names of routes are ours and need no escaping. */
static void route_label(const struct route_counts *counts, char out[LABELS_LENGTH])
{
	snprintf(out, LABELS_LENGTH, "route=\"%s\"", counts->route ? counts->route->name : "none");
}

static void print_requests(const struct metrics *metrics, struct str *out)
{
	char label[LABELS_LENGTH];

	print_head(out, "pinhole_http_requests_total", "counter", "answered requests");
	for (size_t at = SIZE_MAX; next_asked(metrics, &at);) {
		const struct route_counts *counts = &metrics->counts[at];

		route_label(counts, label);
		for (unsigned i = 0; i < CLASSES; i++)
			if (get(&counts->classes[i]))
				str_addf(out,
					"pinhole_http_requests_total{%s,status=\"%uxx\"} %llu\n",
					label, i + 1, (unsigned long long)get(&counts->classes[i]));
	}
	print_head(out, "pinhole_http_response_bytes_total", "counter", "bytes of bodies sent");
	for (size_t at = SIZE_MAX; next_asked(metrics, &at);) {
		route_label(&metrics->counts[at], label);
		str_addf(out, "pinhole_http_response_bytes_total{%s} %llu\n", label,
			(unsigned long long)get(&metrics->counts[at].bytes));
	}
}

static void print_times(const struct metrics *metrics, struct str *out)
{
	static const char name[] = "pinhole_http_request_duration_seconds";

	print_head(out, name, "histogram", "from a request's first byte to its answer");
	for (size_t at = SIZE_MAX; next_asked(metrics, &at);) {
		const struct route_counts *counts = &metrics->counts[at];
		char label[LABELS_LENGTH];
		uint64_t all = count_all(counts), below = 0;

		route_label(counts, label);
		for (size_t i = 0; i < ARRAY_LEN(bucket_ends); i++) {
			below += get(&counts->buckets[i]);
			str_addf(out, "%s_bucket{%s,le=\"%g\"} %llu\n", name, label,
				(double)bucket_ends[i] / 1e6, (unsigned long long)below);
		}
		/* Counted between two looks: never less than the buckets below. */
		all = all < below ? below : all;
		str_addf(out, "%s_bucket{%s,le=\"+Inf\"} %llu\n", name, label,
			(unsigned long long)all);
		str_addf(out, "%s_sum{%s} ", name, label);
		print_value(out, get(&counts->us), 1000000);
		str_addf(out, "%s_count{%s} %llu\n", name, label, (unsigned long long)all);
	}
}

void metrics_print(const struct metrics *metrics, struct str *out)
{
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		int64_t value = metrics_read(metrics, (enum metric)i);

		print_head(out, texts[i].name, texts[i].type, texts[i].help);
		str_addf(out, "%s ", texts[i].name);
		print_value(out, value < 0 ? 0 : (uint64_t)value, (uint64_t)texts[i].unit);
	}
	if (metrics) {
		print_requests(metrics, out);
		print_times(metrics, out);
	}
}
