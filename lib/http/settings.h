/* settings.h - what the configuration says to the server: immutable snapshots, and how a new one comes in.
 *
 *	struct settings_box *box;
 *	settings_open(&source, &box, err);		reads and checks all; fails on what is wrong
 *	...
 *	const struct settings *settings = settings_get(box);	any thread: the snapshot now in force
 *	... settings->drain_seconds ...
 *	settings_put(settings);				it lives as long as somebody holds it
 *	...
 *	settings_reload(box, err);			on SIGHUP, or when settings_changed says so
 *	settings_close(box);
 *
 * A request uses one snapshot from beginning to end.  A new configuration that is wrong changes nothing:
 * settings_reload fails and the old snapshot stays.  This room reads no environment: the source holds it.
 */
#ifndef PINHOLE_HTTP_SETTINGS_H
#define PINHOLE_HTTP_SETTINGS_H

#include "config/config.h"

#include <stdatomic.h>

struct settings;

/* All of it is borrowed until settings_close. */
struct settings_source {
	const char *store_dir;
	/* Files by origin: CONFIG_SYSTEM, CONFIG_USER, CONFIG_STORE; NULL: none.  They need not exist. */
	const char *files[CONFIG_ORIGIN_COUNT];
	const char *const *environment; /* "NAME=value", ended by NULL; NULL: none */
	const char *listen;             /* --listen, NULL: not given */
	/* Asked before a snapshot comes into force; -1 refuses it.  NULL: none.  Holds the keys of TLS. */
	int (*accept)(void *data, const struct settings *settings, struct err *err);
	void *accept_data;
};

#define SETTINGS_SIZES_MAX 32

enum register_mode { REGISTER_INVITE = 0, REGISTER_OPEN, REGISTER_CLOSED };

struct settings {
	_Atomic unsigned holders; /* settings_get and settings_put count it */
	uint64_t number;          /* 1, 2, 3 …: which snapshot this is */

	/* Where we are: serve.listen, serve.url, serve.tls-*. */
	char host[64];  /* numeric, IPv6 without brackets */
	uint16_t port;  /* 0: any free one */
	bool loopback;  /* host reaches this machine alone */
	char *url;      /* what clients call us, without a last '/'; "" if not set */
	char *tls_cert; /* paths, "" for plain HTTP */
	char *tls_key;
	struct vec proxies; /* serve.trust-proxy; ask settings_trusts */

	/* How much we take on. */
	unsigned workers;         /* threads of the pool, at least 1 */
	unsigned max_connections; /* open at once */
	unsigned max_per_address; /* connections of one address; 0: no limit */
	unsigned queue;           /* calls that wait for a lane; more are answered 503 */
	unsigned waits;           /* calls that wait for news (long-poll, streams) */
	unsigned header_seconds;  /* for the whole header of a request */
	unsigned idle_seconds;    /* between the bytes of a connection */
	unsigned drain_seconds;   /* for what runs, when we stop */
	uint64_t upload_max;      /* bytes of one uploaded file */
	unsigned upload_seconds;  /* an unfinished upload is kept so long */
	uint64_t user_quota;      /* bytes; 0: none */
	uint64_t cache_quota;     /* bytes of rendered images in each cache.dir; 0: none */
	unsigned image_sizes[SETTINGS_SIZES_MAX]; /* pixels, ascending: serve.image-sizes */
	size_t image_size_count;
	/* Requests in a minute; 0: no limit. */
	unsigned rate_user;   /* of one user or API key */
	unsigned rate_public; /* of one address without a token */
	unsigned rate_login;  /* of one address at the doors where passwords and codes are tried */

	/* Accounts. */
	enum register_mode register_mode;
	unsigned token_seconds;   /* life of an access token */
	unsigned session_seconds; /* life of a session that nobody uses */

	char *access_log; /* a path, "-" for standard output, "" for none */

	/* All else: config_text(settings->config, "mail.from"); not for every request, it searches. */
	struct config *config;
};

struct settings_box;

int settings_open(const struct settings_source *source, struct settings_box **out, struct err *err);
void settings_close(struct settings_box *box); /* NULL is fine */
/* Never NULL. */
const struct settings *settings_get(struct settings_box *box);
void settings_put(const struct settings *settings);
/* Reads all files anew.  -1: they are wrong, and the old snapshot stays.  What cannot change while the
 * server runs (listen, workers, max_connections, TLS at all) keeps its old value; *restart (may be NULL) is then the
 * name of the first such key, else NULL. */
int settings_reload(struct settings_box *box, const char **restart, struct err *err);

/* A descriptor that becomes readable when a file of the source may have changed (for poll), -1 when the kernel cannot
 * tell; owned by the box. */
int settings_watch_fd(const struct settings_box *box);
/* Empties the descriptor: true if one of our files has other contents than the snapshot was read from.  Also good without
 * a descriptor, once in a while. */
bool settings_changed(struct settings_box *box);

/* True if serve.trust-proxy names this address: its X-Forwarded-For and X-Forwarded-Proto are believed. */
bool settings_trusts(const struct settings *settings, const char *address);
/* True for an address of this machine alone ("127.0.0.1", "::1"). */
bool settings_is_loopback(const char *address);
/* True if serve.image-sizes holds it. */
bool settings_allows_size(const struct settings *settings, int64_t pixels);

#endif
