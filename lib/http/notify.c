/* notify.c - the notification protocol of sd_notify(3) over a plain datagram socket; see notify.h.
 *
 * It needs no library of systemd, and never waits: a full socket drops the message.  Source of the format:
 * sd_notify(3), "Notes" and the list of well-known assignments.
 */
#include "http/notify.h"
#include "base/str.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define STATUS_MAX 1000 /* bytes of a status line */

struct notify {
	int fd; /* -1: nobody listens */
	struct sockaddr_un address;
	socklen_t address_len;
};

static int set_address(struct notify *notify, const char *path, struct err *err)
{
	size_t len = strlen(path);
	bool known = (path[0] == '/' || path[0] == '@') && len > 1;

	if (!known || len >= sizeof(notify->address.sun_path))
		return err_set(err, ERR_INVALID, "NOTIFY_SOCKET is no path of a socket: %s", path);
	notify->address.sun_family = AF_UNIX;
	memcpy(notify->address.sun_path, path, len);
	if (path[0] == '@')
		notify->address.sun_path[0] = '\0';
	/* An abstract name ends where its length says, a path with its NUL. */
	notify->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len +
		(path[0] == '@' ? 0 : 1));
	return 0;
}

int notify_open(const char *path, struct notify **out, struct err *err)
{
	_cleanup_free_ struct notify *notify = mem_calloc(1, sizeof(*notify));

	if (!notify)
		return err_no_memory(err);
	notify->fd = -1;
	if (path && *path) {
		if (set_address(notify, path, err))
			return -1;
		notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (notify->fd < 0)
			return err_errno(err, "cannot make a socket");
	}
	*out = mem_steal(&notify);
	return 0;
}

void notify_close(struct notify *notify)
{
	if (!notify)
		return;
	mem_close_fd(&notify->fd);
	free(notify);
}

static void tell(struct notify *notify, const char *text)
{
	if (notify && notify->fd >= 0)
		(void)!sendto(notify->fd, text, strlen(text), MSG_NOSIGNAL,
			(const struct sockaddr *)&notify->address, notify->address_len);
}

void notify_ready(struct notify *notify)
{
	tell(notify, "READY=1");
}

void notify_reloading(struct notify *notify, const struct clock *clock)
{
	_cleanup_str_ struct str text = STR_INIT(100);

	/* systemd holds a READY that carries an older moment for one that was under way before. */
	str_addf(&text, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_mono_us(clock));
	tell(notify, text.data);
}

void notify_stopping(struct notify *notify)
{
	tell(notify, "STOPPING=1");
}

void notify_watchdog(struct notify *notify)
{
	tell(notify, "WATCHDOG=1");
}

void notify_status(struct notify *notify, const char *text)
{
	_cleanup_str_ struct str line = STR_INIT(4 * STATUS_MAX + 10);

	str_addz(&line, "STATUS=");
	/* Visible: a newline would begin another assignment. */
	str_add_visible(&line, text, text_clip_utf8(text, strlen(text), STATUS_MAX));
	tell(notify, line.data);
}

int64_t notify_watchdog_interval(const char *usec, const char *pid)
{
	int64_t interval, who;

	if (!usec || text_to_i64(usec, 2000, INT64_MAX, &interval, NULL))
		return 0;
	if (pid && (text_to_i64(pid, 1, INT32_MAX, &who, NULL) || who != getpid()))
		return 0;
	return interval / 1000 / 2;
}
