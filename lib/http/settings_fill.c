/* settings_fill.c - one snapshot from one configuration.
 *
 * It checks what a single key's type cannot say.  Invariant: a snapshot that was filled can be served from as it
 * is; nobody downstream checks again.
 */
#include "http/settings_inner.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_MIN    16
#define SIZE_MAX_PX 16384
#define PROXIES_MAX 256

static const struct {
	const char *key;
	size_t offset; /* of an unsigned */
} numbers[] = {
	{"serve.max-connections", offsetof(struct settings, max_connections)},
	{"serve.max-per-address", offsetof(struct settings, max_per_address)},
	{"serve.queue", offsetof(struct settings, queue)},
	{"serve.waits", offsetof(struct settings, waits)},
	{"serve.header-time", offsetof(struct settings, header_seconds)},
	{"serve.idle-time", offsetof(struct settings, idle_seconds)},
	{"serve.drain-time", offsetof(struct settings, drain_seconds)},
	{"serve.upload-time", offsetof(struct settings, upload_seconds)},
	{"serve.rate-user", offsetof(struct settings, rate_user)},
	{"serve.rate-public", offsetof(struct settings, rate_public)},
	{"serve.rate-login", offsetof(struct settings, rate_login)},
	{"serve.token-time", offsetof(struct settings, token_seconds)},
	{"serve.session-time", offsetof(struct settings, session_seconds)},
};

static const struct {
	const char *key;
	size_t offset; /* of an uint64_t */
} sizes[] = {
	{"serve.max-upload-size", offsetof(struct settings, upload_max)},
	{"serve.user-quota", offsetof(struct settings, user_quota)},
	{"serve.cache-quota", offsetof(struct settings, cache_quota)},
};

static void fill_numbers(struct settings *s)
{
	int64_t workers = config_int(s->config, "serve.workers");
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		*(unsigned *)((char *)s + numbers[i].offset) =
			(unsigned)config_int(s->config, numbers[i].key);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		*(uint64_t *)((char *)s + sizes[i].offset) = config_size(s->config, sizes[i].key);
	if (!workers)
		workers = processors > 1 ? processors : 2;
	s->workers = workers > 64 ? 64 : (unsigned)workers;
	s->register_mode = (enum register_mode)config_choice(s->config, "register.mode");
}

static int fill_listen(struct settings *s, struct err *err)
{
	if (settings_parse_listen(config_text(s->config, "serve.listen"), s->host, sizeof(s->host),
		    &s->port, err))
		return err_prefix(err, "serve.listen");
	s->loopback = settings_is_loopback(s->host);
	return 0;
}

static int fill_texts(struct settings *s, struct err *err)
{
	s->url = mem_strdup(config_text(s->config, "serve.url"));
	s->tls_cert = mem_strdup(config_text(s->config, "serve.tls-cert"));
	s->tls_key = mem_strdup(config_text(s->config, "serve.tls-key"));
	s->access_log = mem_strdup(config_text(s->config, "serve.access-log"));
	if (!s->url || !s->tls_cert || !s->tls_key || !s->access_log)
		return err_no_memory(err);
	return 0;
}

/* It goes into links and mails: nothing that could end the one or break out of the other. */
static int check_url(struct settings *s, struct err *err)
{
	size_t len = strlen(s->url);
	bool known = text_starts(s->url, "https://") || text_starts(s->url, "http://");

	if (!len)
		return 0;
	for (const char *p = s->url; *p; p++)
		known = known && *p > ' ' && *p < 0x7f && !strchr("<>\"'?#\\", *p);
	if (!known || !strchr(s->url, '/')[2] || strchr(s->url, '/')[2] == '/')
		return err_set(err, ERR_INVALID,
			"serve.url: \"%s\" is not a URL like https://photos.example.org", s->url);
	while (len && s->url[len - 1] == '/')
		s->url[--len] = '\0';
	return 0;
}

static int check_readable(const char *key, const char *path, struct stat *st, struct err *err)
{
	if (stat(path, st))
		return err_errno(err, "%s: cannot look at %s", key, path);
	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_INVALID, "%s: %s is no file", key, path);
	if (access(path, R_OK))
		return err_errno(err, "%s: cannot read %s", key, path);
	return 0;
}

static int check_tls(const struct settings *s, struct err *err)
{
	struct stat st;

	if (!*s->tls_cert && !*s->tls_key)
		return 0;
	if (!*s->tls_cert || !*s->tls_key)
		return err_set(err, ERR_INVALID, "%s is set without %s",
			*s->tls_cert ? "serve.tls-cert" : "serve.tls-key",
			*s->tls_cert ? "serve.tls-key" : "serve.tls-cert");
	if (check_readable("serve.tls-cert", s->tls_cert, &st, err) ||
		check_readable("serve.tls-key", s->tls_key, &st, err))
		return -1;
	if (!(st.st_mode & S_IRWXO))
		return 0;
	err_set(err, ERR_DENIED, "serve.tls-key: anybody may read %s", s->tls_key);
	return err_hint(err, "chmod 600 %s", s->tls_key);
}

static int fill_proxies(struct settings *s, struct err *err)
{
	size_t count;
	const char *const *texts = config_list(s->config, "serve.trust-proxy", &count);

	s->proxies = (struct vec)VEC_INIT(struct settings_net, PROXIES_MAX);
	for (size_t i = 0; i < count; i++) {
		struct settings_net *net = vec_push_or(&s->proxies, err);

		if (!net || settings_parse_net(texts[i], net, err))
			return err_prefix(err, "serve.trust-proxy");
	}
	return 0;
}

static int compare_sizes(const void *a, const void *b)
{
	unsigned left = *(const unsigned *)a, right = *(const unsigned *)b;

	return left < right ? -1 : left > right;
}

static int fill_sizes(struct settings *s, struct err *err)
{
	_cleanup_free_ char *text = mem_strdup(config_text(s->config, "serve.image-sizes"));
	char *rest = NULL;

	if (!text)
		return err_no_memory(err);
	for (char *word = strtok_r(text, " ,\t", &rest); word;
		word = strtok_r(NULL, " ,\t", &rest)) {
		int64_t size;

		if (s->image_size_count == SETTINGS_SIZES_MAX)
			return err_set(err, ERR_INVALID, "serve.image-sizes: more than %d sizes",
				SETTINGS_SIZES_MAX);
		if (text_to_i64(word, SIZE_MIN, SIZE_MAX_PX, &size, err))
			return err_prefix(err, "serve.image-sizes");
		s->image_sizes[s->image_size_count++] = (unsigned)size;
	}
	qsort(s->image_sizes, s->image_size_count, sizeof(s->image_sizes[0]), compare_sizes);
	return 0;
}

int settings_fill(struct settings *settings, struct err *err)
{
	fill_numbers(settings);
	if (fill_listen(settings, err) || fill_texts(settings, err) || check_url(settings, err) ||
		check_tls(settings, err) || fill_proxies(settings, err) ||
		fill_sizes(settings, err))
		return -1;
	return 0;
}

bool settings_allows_size(const struct settings *settings, int64_t pixels)
{
	for (size_t i = 0; i < settings->image_size_count; i++)
		if (settings->image_sizes[i] == pixels)
			return true;
	return false;
}
