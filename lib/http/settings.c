/* settings.c - the snapshot in force, and how it is replaced; see settings.h.
 *
 * It knows no key but those that cannot change while the server runs.  Invariant: the box always holds a snapshot that was
 * filled and accepted whole.
 */
#include "http/settings_inner.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PATHS_MAX 16

struct settings_box {
	struct settings_source source;
	pthread_mutex_t lock; /* over `now` only */
	struct settings *now;
	struct settings_files *files;
};

/* --- one snapshot -------------------------------------------------------------------------- */

static void free_settings(struct settings *settings)
{
	if (!settings)
		return;
	free(settings->url);
	free(settings->tls_cert);
	free(settings->tls_key);
	free(settings->access_log);
	vec_release(&settings->proxies);
	config_free(settings->config);
	free(settings);
}

static void free_settings_pointer(struct settings **settings)
{
	free_settings(*settings);
}

/* A wrong option is a mistake on the command line, not in a file. */
static int put_listen(struct config *config, const char *text, struct err *err)
{
	char host[sizeof(((struct settings *)0)->host)];
	uint16_t port;
	struct err why = ERR_INIT;

	if (!settings_parse_listen(text, host, sizeof(host), &port, &why))
		return config_put(config, CONFIG_FLAG, "serve.listen", text, err);
	err_set(err, ERR_USAGE, "option --listen: %s", why.message);
	return err_hint(err, "%s", why.hint);
}

static int load_config(const struct settings_source *source, struct config **out, struct err *err)
{
	_cleanup_config_ struct config *config = config_new(&config_table, err);

	if (!config)
		return -1;
	for (int origin = CONFIG_SYSTEM; origin < CONFIG_ENV; origin++)
		if (source->files[origin] &&
			config_load_file(
				config, (enum config_origin)origin, source->files[origin], err))
			return -1;
	if (source->environment && config_load_env(config, source->environment, err))
		return -1;
	if (source->listen && put_listen(config, source->listen, err))
		return -1;
	*out = mem_steal(&config);
	return 0;
}

static int make_settings(
	const struct settings_source *source, struct settings **out, struct err *err)
{
	_cleanup_(free_settings_pointer) struct settings *settings =
		mem_calloc(1, sizeof(*settings));

	if (!settings)
		return err_no_memory(err);
	atomic_init(&settings->holders, 1);
	if (load_config(source, &settings->config, err) || settings_fill(settings, err))
		return -1;
	*out = mem_steal(&settings);
	return 0;
}

/* --- what is watched ------------------------------------------------------------------------ */

static int add_path(struct vec *paths, const char *path, const char *suffix, struct err *err)
{
	_cleanup_str_ struct str text = STR_INIT(STR_MAX_LINE);
	char **slot = vec_push_or(paths, err);

	if (!slot)
		return -1;
	str_addf(&text, "%s%s", path, suffix);
	*slot = str_take(&text, err);
	return *slot ? 0 : -1;
}

static void release_paths(struct vec *paths)
{
	vec_foreach (paths, char *, path)
		free(*path);
	vec_release(paths);
}

/* The configuration's files, and the certificate's: it is renewed without a word in the configuration. */
static int follow_files(struct settings_box *box, const struct settings *known, struct err *err)
{
	_cleanup_(release_paths) struct vec paths = VEC_INIT(char *, PATHS_MAX);

	for (int origin = CONFIG_SYSTEM; origin < CONFIG_ENV; origin++) {
		const char *path = box->source.files[origin];

		if (path &&
			(add_path(&paths, path, "", err) || add_path(&paths, path, ".secret", err)))
			return -1;
	}
	if (known && *known->tls_cert &&
		(add_path(&paths, known->tls_cert, "", err) ||
			add_path(&paths, known->tls_key, "", err)))
		return -1;
	return settings_files_follow(box->files, &paths, err);
}

/* --- the box -------------------------------------------------------------------------------- */

static int open_box(struct settings_box *box, struct err *err)
{
	const struct settings_source *source = &box->source;

	if (settings_files_open(&box->files, err) || follow_files(box, NULL, err) ||
		make_settings(source, &box->now, err))
		return -1;
	box->now->number = 1;
	if (source->accept && source->accept(source->accept_data, box->now, err))
		return -1;
	/* Again, now that the certificate's files are known. */
	return *box->now->tls_cert ? follow_files(box, box->now, err) : 0;
}

int settings_open(const struct settings_source *source, struct settings_box **out, struct err *err)
{
	struct settings_box *box = mem_calloc(1, sizeof(*box));

	if (!box)
		return err_no_memory(err);
	box->source = *source;
	pthread_mutex_init(&box->lock, NULL);
	if (open_box(box, err)) {
		settings_close(box);
		return -1;
	}
	*out = box;
	return 0;
}

void settings_close(struct settings_box *box)
{
	if (!box)
		return;
	if (box->now)
		settings_put(box->now);
	settings_files_close(box->files);
	pthread_mutex_destroy(&box->lock);
	free(box);
}

const struct settings *settings_get(struct settings_box *box)
{
	struct settings *settings;

	pthread_mutex_lock(&box->lock);
	settings = box->now;
	atomic_fetch_add_explicit(&settings->holders, 1, memory_order_relaxed);
	pthread_mutex_unlock(&box->lock);
	return settings;
}

void settings_put(const struct settings *settings)
{
	/* Only the count changes, and only we know of it. */
	struct settings *mine = (struct settings *)(uintptr_t)settings;

	if (atomic_fetch_sub_explicit(&mine->holders, 1, memory_order_acq_rel) == 1)
		free_settings(mine);
}

/* Keeps what needs a new start as it was; returns the first key that was to change, or NULL. */
static const char *keep_fixed(struct settings *next, const struct settings *now)
{
	const char *restart = NULL;

	if (strcmp(next->host, now->host) != 0 || next->port != now->port)
		restart = "serve.listen";
	else if (next->workers != now->workers)
		restart = "serve.workers";
	else if (next->max_connections != now->max_connections)
		restart = "serve.max-connections";
	memcpy(next->host, now->host, sizeof(next->host));
	next->port = now->port;
	next->loopback = now->loopback;
	next->workers = now->workers;
	next->max_connections = now->max_connections;
	return restart;
}

/* Plain connections cannot become secure ones, nor may they silently stop being so. */
static int check_same_security(
	const struct settings *next, const struct settings *now, struct err *err)
{
	if (!*next->tls_cert == !*now->tls_cert)
		return 0;
	return err_set(err, ERR_INVALID, "turning TLS on or off needs a new start of the server");
}

int settings_reload(struct settings_box *box, const char **restart, struct err *err)
{
	const struct settings_source *source = &box->source;
	_cleanup_(free_settings_pointer) struct settings *next = NULL;
	struct settings *old = box->now;
	const char *fixed;

	/* Followed first, and also if it fails: the same wrong file is told once. */
	if (follow_files(box, old, err) || make_settings(source, &next, err) ||
		check_same_security(next, old, err))
		return -1;
	fixed = keep_fixed(next, old);
	next->number = old->number + 1;
	if ((strcmp(next->tls_cert, old->tls_cert) != 0 ||
		    strcmp(next->tls_key, old->tls_key) != 0) &&
		follow_files(box, next, err))
		return -1;
	if (source->accept && source->accept(source->accept_data, next, err))
		return -1;
	pthread_mutex_lock(&box->lock);
	box->now = mem_steal(&next);
	pthread_mutex_unlock(&box->lock);
	settings_put(old);
	if (restart)
		*restart = fixed;
	return 0;
}

int settings_watch_fd(const struct settings_box *box)
{
	return settings_files_fd(box->files);
}

bool settings_changed(struct settings_box *box)
{
	return settings_files_changed(box->files);
}
