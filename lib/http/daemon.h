/* daemon.h - listens on TCP and brings requests to the server, over libmicrohttpd.
 *
 *	daemon_open(server, &daemon, err);	from now on requests are answered
 *	daemon_address(daemon)			"127.0.0.1:8470", the port that it really got
 *	...
 *	daemon_close(daemon, drain_ms);		takes no more, ends streams, finishes what runs
 */
#ifndef PINHOLE_HTTP_DAEMON_H
#define PINHOLE_HTTP_DAEMON_H

#include "http/server.h"

struct daemon;

/* OFFLINE if the address is taken, DENIED if it may not be used, INVALID for certificates that cannot be read. */
int daemon_open(struct server *server, struct daemon **out, struct err *err);
const char *daemon_address(const struct daemon *daemon);
/* Calls that run longer than drain_ms from now are cut off.  NULL is fine. */
void daemon_close(struct daemon *daemon, int64_t drain_ms);

#endif
