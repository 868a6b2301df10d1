/* idempotency.c - keeps answers by caller and Idempotency-Key, and knows which are under way.
 *
 * It keeps no key, only its hash.  Invariant: an answer is kept by the same commit as what it tells of.
 */
#include "http/idempotency.h"

#include "http/server.h"

#include <pthread.h>
#include <string.h>

#define BUCKETS 256

struct idempotency_mark { /* a request that is under way */
	struct sha256 id;
	struct idempotency_mark *next;
};

struct idempotency {
	pthread_mutex_t lock;
	struct idempotency_mark *buckets[BUCKETS];
};

int idempotency_open(struct idempotency **out, struct err *err)
{
	struct idempotency *all = mem_calloc(1, sizeof(*all));

	if (!all)
		return err_no_memory(err);
	pthread_mutex_init(&all->lock, NULL);
	*out = all;
	return 0;
}

void idempotency_close(struct idempotency *all)
{
	if (!all)
		return;
	pthread_mutex_destroy(&all->lock);
	free(all);
}

/* NULL where a key would mean nothing; of a streamed body we could not tell whether it is the same. */
static const char *find_key(const struct http_call *call)
{
	enum http_method method = call->request.method;

	/* A streamed body is not here to be compared. */
	if (!call->caller.known || (method != HTTP_POST && method != HTTP_PATCH) ||
		call->route->upload || (call->route->scope & (SCOPE_ACCOUNT | SCOPE_ADMIN)) ||
		call->route->upload)
		return NULL;
	return http_header(&call->request, "Idempotency-Key");
}

static bool is_sound(const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < len; i++)
		if (key[i] < ' ' || key[i] > '~')
			return false;
	return len > 0 && len <= IDEMPOTENCY_KEY_MAX;
}

static bool refuse(struct http_call *call, int status, enum err_kind kind, const char *message)
{
	struct err why = ERR_INIT;

	err_set(&why, kind, "%s", message);
	http_answer_problem(call, status, &why);
	return true;
}

/* --- under way ---------------------------------------------------------------------------- */

static struct idempotency_mark **mark_find(struct idempotency *all, const struct sha256 *id)
{
	struct idempotency_mark **place = &all->buckets[id->bytes[0]];

	while (*place && sha256_compare(&(*place)->id, id))
		place = &(*place)->next;
	return place;
}

bool idempotency_enter(struct http_call *call)
{
	struct idempotency *all = call->server->idempotency;
	struct idempotency_mark *mark, **place;
	const char *key = find_key(call);

	if (!key)
		return false;
	if (!is_sound(key))
		return refuse(call, 400, ERR_INVALID, "the Idempotency-Key is malformed");
	mark = mem_calloc(1, sizeof(*mark));
	if (!mark)
		return refuse(call, 503, ERR_OFFLINE, "the server is busy");
	crypt_sha256_two(call->caller.user.bytes, sizeof(call->caller.user.bytes), key, strlen(key),
		&mark->id);
	pthread_mutex_lock(&all->lock);
	place = mark_find(all, &mark->id);
	if (!*place) {
		call->idempotency = mark;
		*place = mark;
	}
	pthread_mutex_unlock(&all->lock);
	if (call->idempotency == mark)
		return false;
	free(mark);
	return refuse(
		call, 409, ERR_CONFLICT, "a request with this Idempotency-Key is still under way");
}

void idempotency_leave(struct http_call *call)
{
	struct idempotency *all = call->server->idempotency;
	_cleanup_free_ struct idempotency_mark *mark = call->idempotency;

	if (!mark)
		return;
	call->idempotency = NULL;
	pthread_mutex_lock(&all->lock);
	*mark_find(all, &mark->id) = mark->next;
	pthread_mutex_unlock(&all->lock);
}

/* --- kept answers ------------------------------------------------------------------------- */

static int hash_request(const struct http_call *call, struct sha256 *out, struct err *err)
{
	const struct http_request *request = &call->request;
	_cleanup_sha256_stream_ struct sha256_stream *stream = sha256_stream_new(err);
	const char *method = http_method_name(request->method);

	if (!stream)
		return -1;
	/* With their NULs, so that no part runs into the next. */
	sha256_stream_add(stream, method, strlen(method) + 1);
	sha256_stream_add(stream, request->path, strlen(request->path) + 1);
	for (size_t i = 0; i < request->query_count; i++) {
		const struct http_field *field = &request->query[i];

		sha256_stream_add(stream, field->name, strlen(field->name) + 1);
		sha256_stream_add(stream, field->value, strlen(field->value) + 1);
	}
	sha256_stream_add(stream, "", 1);
	sha256_stream_add(stream, request->body.data, request->body.len);
	sha256_stream_end(stream, out);
	return 0;
}

/* The types of answers are constants, also when they are given again. */
static const char *const types[] = {"application/json", "text/plain; charset=utf-8"};

static const char *constant_type(const char *type)
{
	for (size_t i = 0; type && i < ARRAY_LEN(types); i++)
		if (!strcmp(type, types[i]))
			return types[i];
	return NULL;
}

/* Names of headers are constants, too: only these are kept. */
static const char *const kept_headers[] = {"Location", "ETag", "Content-Location", "Link"};

static void add_kept_headers(struct http_call *call, const char *lines)
{
	for (const char *end; (end = strchr(lines, '\n')); lines = end + 1) {
		const char *colon = strstr(lines, ": ");

		for (size_t i = 0; colon && i < ARRAY_LEN(kept_headers); i++) {
			size_t len = strlen(kept_headers[i]);

			if ((size_t)(colon - lines) == len && !strncmp(lines, kept_headers[i], len))
				http_add_header(&call->response, kept_headers[i], "%.*s",
					(int)(end - colon - 2), colon + 2);
		}
	}
}

static void write_headers(const struct http_call *call, struct str *out)
{
	vec_foreach (&call->response.headers, struct http_field, field)
		for (size_t i = 0; i < ARRAY_LEN(kept_headers); i++)
			if (!strcmp(field->name, kept_headers[i]))
				str_addf(out, "%s: %s\n", field->name, field->value);
}

static int give_again(struct http_call *call, const struct db_rows *row, struct err *err)
{
	size_t len;
	const void *body = db_blob(row, 4, &len);

	add_kept_headers(call, db_text(row, 2));
	http_add_header(&call->response, "Idempotency-Replayed", "true");
	str_clear(&call->response.body);
	str_add(&call->response.body, body, len);
	return http_answer_text(call, (int)db_int(row, 1), constant_type(db_text(row, 3)), err);
}

/* 1: answered, 0: it is new, -1. */
static int find_answer(struct http_call *call, const struct sha256 *hash,
	const struct sha256 *request, struct err *err)
{
	static const struct db_sql sql = {"idempotency_find",
		"SELECT request, status, headers, type, body FROM idempotency"
		" WHERE user = :user AND hash = :hash AND at > :oldest"};
	_cleanup_rows_ struct db_rows rows = DB_ROWS_INIT;
	int64_t oldest = clock_now_ms(call->store->clock) - IDEMPOTENCY_LIFE_MS;
	const void *first;
	size_t len;
	int got;

	if (db_query(call->store->db, &sql, &rows, err, DB_UUID(":user", &call->caller.user),
		    DB_BLOB(":hash", hash->bytes, SHA256_LEN), DB_INT(":oldest", oldest)))
		return -1;
	got = db_next(&rows, err);
	if (got != 1)
		return got;
	first = db_blob(&rows, 0, &len);
	if (len != SHA256_LEN || memcmp(first, request->bytes, SHA256_LEN))
		return refuse(call, 422, ERR_CONFLICT,
			"this Idempotency-Key was used for another request");
	return give_again(call, &rows, err) ? -1 : 1;
}

static int keep_answer(struct http_call *call, const struct sha256 *hash,
	const struct sha256 *request, struct err *err)
{
	static const struct db_sql add = {"idempotency_add",
		"INSERT INTO idempotency (user, hash, request, status, headers, type, body, at)"
		" VALUES (:user, :hash, :request, :status, :headers, :type, :body, :at)"
		" ON CONFLICT (user, hash) DO UPDATE SET request = excluded.request,"
		" status = excluded.status, headers = excluded.headers, type = excluded.type,"
		" body = excluded.body, at = excluded.at"};
	/* A few more than are added, so that the table does not grow. */
	static const struct db_sql expire = {"idempotency_expire",
		"DELETE FROM idempotency WHERE (user, hash) IN (SELECT user, hash"
		" FROM idempotency WHERE at <= :oldest ORDER BY at LIMIT 4)"};
	const struct http_response *r = &call->response;
	_cleanup_str_ struct str headers = STR_INIT(64 * 1024);
	int64_t now = clock_now_ms(call->store->clock);

	write_headers(call, &headers);
	if (str_check(&headers, err) ||
		db_run(call->store->db, &expire, err, DB_INT(":oldest", now - IDEMPOTENCY_LIFE_MS)))
		return -1;
	return db_run(call->store->db, &add, err, DB_UUID(":user", &call->caller.user),
		DB_BLOB(":hash", hash->bytes, SHA256_LEN),
		DB_BLOB(":request", request->bytes, SHA256_LEN), DB_INT(":status", r->status),
		DB_TEXT(":headers", headers.data, headers.len), DB_TEXTZ(":type", r->type),
		DB_BLOB(":body", r->body.data, r->body.len), DB_INT(":at", now));
}

static bool is_keepable(const struct http_response *r)
{
	return r->status >= 200 && r->status < 300 && r->fd < 0 && !r->stream.next &&
		r->body.len <= IDEMPOTENCY_BODY_MAX && (!r->type || constant_type(r->type));
}

int idempotency_handle(struct http_call *call, struct err *err)
{
	struct sha256 hash, request;
	const char *key = find_key(call);
	int got;

	if (!key)
		return call->route->handle(call, err);
	crypt_sha256(key, strlen(key), &hash);
	if (hash_request(call, &request, err))
		return -1;
	got = find_answer(call, &hash, &request, err);
	if (got)
		return got < 0 ? -1 : 0;
	got = call->route->handle(call, err);
	if (got || !is_keepable(&call->response))
		return got;
	if (keep_answer(call, &hash, &request, err) == 0)
		return 0;
	http_answer_problem(call, 0, err); /* not the success that is not kept */
	return -1;
}
