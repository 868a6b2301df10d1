/* notify.h - tells a service manager how we are, by the protocol of sd_notify(3): datagrams of KEY=VALUE lines.
 *
 *	notify_open(getenv("NOTIFY_SOCKET"), &notify, err);	NULL or "": nobody listens, all calls do nothing
 *	notify_ready(notify);
 *	notify_reloading(notify, clock);	then notify_ready again
 *	notify_stopping(notify);
 *	notify_watchdog(notify);		more often than $WATCHDOG_USEC
 *	notify_close(notify);
 *
 * Nothing here fails but opening: a manager that does not listen is no reason to stop.
 */
#ifndef PINHOLE_HTTP_NOTIFY_H
#define PINHOLE_HTTP_NOTIFY_H

#include "base/clock.h"
#include "base/err.h"

struct notify;

/* `path`: a path, or "@name" for the abstract namespace; INVALID for anything else. */
int notify_open(const char *path, struct notify **out, struct err *err);
void notify_close(struct notify *notify); /* NULL is fine, here and below */
void notify_ready(struct notify *notify);
void notify_reloading(struct notify *notify, const struct clock *clock);
void notify_stopping(struct notify *notify);
void notify_watchdog(struct notify *notify);
/* One line for people: `systemctl status` shows it. */
void notify_status(struct notify *notify, const char *text);
/* How often to call notify_watchdog, ms: half of $WATCHDOG_USEC; 0: never (unset, malformed, or
 * $WATCHDOG_PID is another process). */
int64_t notify_watchdog_interval(const char *usec, const char *pid);

#endif
