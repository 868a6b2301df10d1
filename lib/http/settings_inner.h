/* settings_inner.h - inside lib/http: the parts of settings; others use settings.h. */
#ifndef PINHOLE_HTTP_SETTINGS_INNER_H
#define PINHOLE_HTTP_SETTINGS_INNER_H

#include "http/settings.h"

/* An address or network; IPv4 as ::ffff:a.b.c.d, so that one comparison does for both. */
struct settings_net {
	uint8_t address[16];
	unsigned bits; /* of the prefix, 0..128 */
};

/* Fills a zeroed snapshot from its config; INVALID or DENIED name the key. */
int settings_fill(struct settings *settings, struct err *err);

/* settings_net.c */
int settings_parse_listen(
	const char *text, char *host, size_t host_size, uint16_t *port, struct err *err);
int settings_parse_net(const char *text, struct settings_net *out, struct err *err);

/* settings_files.c: sees that files change, also by renaming over them and behind symbolic links. */
struct settings_files;
int settings_files_open(struct settings_files **out, struct err *err);
void settings_files_close(struct settings_files *files); /* NULL is fine */
/* From now on these paths, as they are now; call it before reading them. */
int settings_files_follow(struct settings_files *files, const struct vec *paths, struct err *err);
int settings_files_fd(const struct settings_files *files);
bool settings_files_changed(struct settings_files *files);

#endif
