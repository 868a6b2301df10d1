/* notify.c - tests of the protocol of service managers: what they receive, and that nobody is needed to. */
#include "http/notify.h"
#include "base/str.h"
#include "tap.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct err err;

/* A manager that listens; `name` as in $NOTIFY_SOCKET. */
static int listen_at(const char *name)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	size_t len = strlen(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, name, len);
	if (name[0] == '@')
		at.sun_path[0] = '\0';
	if (bind(fd, (struct sockaddr *)&at,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)))
		printf("Bail out! cannot bind\n");
	return fd;
}

static const char *received(int fd)
{
	static char text[8192];
	ssize_t len = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[len > 0 ? len : 0] = '\0';
	return text;
}

static void test_messages(const char *name)
{
	struct notify *notify;
	int fd = listen_at(name);

	ok_call(notify_open(name, &notify, &err), &err, "%s", name);
	notify_ready(notify);
	is_str(received(fd), "READY=1", "ready");
	notify_reloading(notify, &clock_system);
	ok(strncmp(received(fd), "RELOADING=1\nMONOTONIC_USEC=", 27) == 0, "reloading, and when");
	notify_watchdog(notify);
	is_str(received(fd), "WATCHDOG=1", "alive");
	notify_status(notify, "at http://x\nREADY=1");
	is_str(received(fd), "STATUS=at http://x\\nREADY=1", "a status is one line");
	notify_stopping(notify);
	is_str(received(fd), "STOPPING=1", "stopping");
	for (int i = 0; i < 5000; i++)
		notify_watchdog(notify);
	ok(1, "a manager that does not read holds nobody up");
	notify_close(notify);
	close(fd);
}

static void test_nobody(void)
{
	struct notify *notify;

	ok_call(notify_open(NULL, &notify, &err), &err, "no manager");
	notify_ready(notify);
	notify_close(notify);
	ok_call(notify_open("", &notify, &err), &err, "an empty name");
	notify_close(notify);
	ok_call(notify_open("/nowhere/at/all", &notify, &err), &err, "one that is gone");
	notify_ready(notify);
	notify_close(notify);
	notify_ready(NULL);
	notify_close(NULL);
	ok(notify_open("relative", &notify, &err) == -1 && err.kind == ERR_INVALID, "no path");
	ok(notify_open("/", &notify, &err) == -1, "a path without a name");
	ok(notify_open("@", &notify, &err) == -1, "an abstract one without a name");
	ok(notify_open("/0123456789012345678901234567890123456789012345678901234567890123456789"
		       "0123456789012345678901234567890123456789",
		   &notify, &err) == -1,
		"one that is too long");
}

static void test_watchdog(void)
{
	char pid[32];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	is_int(notify_watchdog_interval(NULL, NULL), 0, "no watchdog");
	is_int(notify_watchdog_interval("30000000", NULL), 15000, "twice in its time");
	is_int(notify_watchdog_interval("30000000", pid), 15000, "ours");
	is_int(notify_watchdog_interval("30000000", "1"), 0, "another's");
	is_int(notify_watchdog_interval("soon", NULL), 0, "malformed");
	is_int(notify_watchdog_interval("1", NULL), 0, "shorter than we can be");
}

int main(void)
{
	char dir[] = "/tmp/pinhole-notify.XXXXXX", path[64], name[64];

	if (!mkdtemp(dir))
		tap_skip_all("no temporary directory");
	snprintf(path, sizeof(path), "%s/socket", dir);
	snprintf(name, sizeof(name), "@pinhole-test-%d", (int)getpid());
	test_messages(path);
	unlink(path);
	rmdir(dir);
	test_messages(name);
	test_nobody();
	test_watchdog();
	return tap_done();
}
