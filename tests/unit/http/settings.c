/* settings.c - tests of the server's settings: what is refused, reloading, files that are swapped in all ways. */
#include "http/settings.h"
#include "base/path.h"
#include "tap.h"

#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err err;
static char dir[] = "/tmp/pinhole-settings.XXXXXX";

static char *in_dir(const char *name)
{
	return path_join(dir, name);
}

static void write_text(const char *name, const char *text, mode_t mode)
{
	_cleanup_free_ char *path = in_dir(name);
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) || chmod(path, mode))
		printf("Bail out! cannot write %s\n", path);
}

static struct settings_box *open_text(const char *text)
{
	_cleanup_free_ char *path = NULL;
	struct settings_source source = {.store_dir = dir};
	struct settings_box *box = NULL;

	write_text("one", text, 0644);
	path = in_dir("one");
	source.files[CONFIG_STORE] = path;
	err_clear(&err);
	if (settings_open(&source, &box, &err))
		return NULL;
	/* The path is borrowed: these tests do not reload. */
	return box;
}

static void test_defaults(void)
{
	struct settings_box *box = open_text("");
	const struct settings *s;

	ok(box, "nothing set: %s", err.message);
	s = settings_get(box);
	is_str(s->host, "127.0.0.1", "listens on this machine");
	is_int(s->port, 8470, "at its port");
	ok(s->loopback, "which is loopback");
	ok(s->workers >= 1, "has workers");
	is_int(s->drain_seconds, 30, "drains");
	is_int(s->upload_max, 4LL << 30, "upload size");
	ok(settings_allows_size(s, 640), "an allowed size");
	ok(!settings_allows_size(s, 641), "another one");
	ok(!settings_allows_size(s, 0), "none");
	is_int(s->register_mode, REGISTER_INVITE, "accounts are by invitation");
	ok(!settings_trusts(s, "127.0.0.1"), "no proxy is trusted");
	settings_close(box);
	is_str(s->url, "", "a snapshot outlives the box");
	settings_put(s);
}

static void test_values(void)
{
	struct settings_box *box = open_text("[serve]\n"
					     "listen = [::1]:99\n"
					     "url = https://photos.example.org///\n"
					     "trust-proxy = 10.0.0.0/8\n"
					     "trust-proxy = 192.168.1.7\n"
					     "trust-proxy = fd00::/9\n"
					     "image-sizes = 900 100, 500\n"
					     "[register]\nmode = closed\n");
	const struct settings *s;

	ok(box, "all is fine: %s", err.message);
	s = settings_get(box);
	is_str(s->host, "::1", "an IPv6 address");
	ok(s->loopback, "of this machine");
	is_int(s->port, 99, "its port");
	is_str(s->url, "https://photos.example.org", "a URL without its slashes");
	is_int(s->image_size_count, 3, "three sizes");
	is_int(s->image_sizes[0], 100, "in order");
	is_int(s->register_mode, REGISTER_CLOSED, "a choice");
	ok(settings_trusts(s, "10.255.0.1"), "inside a network");
	ok(!settings_trusts(s, "11.0.0.1"), "outside");
	ok(settings_trusts(s, "::ffff:10.1.2.3"), "IPv4 inside IPv6");
	ok(settings_trusts(s, "192.168.1.7"), "one address");
	ok(!settings_trusts(s, "192.168.1.6"), "its neighbour");
	ok(settings_trusts(s, "fd7f::1"), "a prefix that is no whole byte");
	ok(!settings_trusts(s, "fd80::1"), "beyond it");
	ok(!settings_trusts(s, ""), "no address");
	ok(!settings_trusts(s, "10.0.0.1, 1.2.3.4"), "a list");
	settings_put(s);
	settings_close(box);
}

static void test_refused(void)
{
	static const char *const wrong[] = {
		"[serve]\nlisten = 8470\n",
		"[serve]\nlisten = localhost:8470\n",
		"[serve]\nlisten = ::1:8470\n",
		"[serve]\nlisten = [127.0.0.1]:8470\n",
		"[serve]\nlisten = 127.0.0.1:65536\n",
		"[serve]\nlisten = 127.0.0.1:-1\n",
		"[serve]\nlisten = 127.0.0.1:\n",
		"[serve]\nlisten = :8470\n",
		"[serve]\nlisten = \"\"\n",
		"[serve]\nurl = photos.example.org\n",
		"[serve]\nurl = https://\n",
		"[serve]\nurl = ftp://a\n",
		"[serve]\nurl = \"https://a/\\\"onload=\"\n",
		"[serve]\nurl = https://a/?x\n",
		"[serve]\ntrust-proxy = 10.0.0.0/33\n",
		"[serve]\ntrust-proxy = nginx\n",
		"[serve]\ntrust-proxy = ::/129\n",
		"[serve]\nimage-sizes = 640 big\n",
		"[serve]\nimage-sizes = 1\n",
		"[serve]\nqueue = 0\n",
		"[serve]\ntls-cert = /nowhere\n",
		"[serve]\ntls-cert = /nowhere\ntls-key = /nowhere\n",
		"[serve]\ntls-cert = /tmp\ntls-key = /tmp\n",
		"[register]\nmode = everyone\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct settings_box *box = open_text(wrong[i]);

		ok(!box && (err.kind == ERR_INVALID || err.kind == ERR_NOT_FOUND),
			"refused (%zu): %s", i, err.message);
		settings_close(box);
	}
}

static void test_keys(void)
{
	_cleanup_free_ char *cert = in_dir("cert"), *key = in_dir("key");
	_cleanup_str_ struct str text = STR_INIT(1000);
	struct settings_box *box;

	str_addf(&text, "[serve]\ntls-cert = %s\ntls-key = %s\n", cert, key);
	write_text("cert", "c", 0644);
	write_text("key", "k", 0644);
	box = open_text(text.data);
	ok(!box && err.kind == ERR_DENIED, "a key that anybody may read is refused");
	ok(strstr(err.hint, "chmod"), "with the way out");
	write_text("key", "k", 0640);
	box = open_text(text.data);
	ok(box, "one that a group may read is not: %s", err.message);
	settings_close(box);
}

/* --- reloading ------------------------------------------------------------------------------ */

static int accepted;
static bool refuse;

static int accept(void *data, const struct settings *settings, struct err *why)
{
	(void)data;
	(void)settings;
	accepted++;
	return refuse ? err_set(why, ERR_FAILED, "not this one") : 0;
}

static bool readable(struct settings_box *box)
{
	struct pollfd fd = {.fd = settings_watch_fd(box), .events = POLLIN};

	return poll(&fd, 1, 5000) == 1;
}

static unsigned queue_of(struct settings_box *box)
{
	const struct settings *s = settings_get(box);
	unsigned queue = s->queue;

	settings_put(s);
	return queue;
}

/* A change was made: it is signalled, seen, and comes into force. */
static void takes(struct settings_box *box, unsigned queue, const char *what)
{
	const char *restart = "unset";

	ok(readable(box), "%s: the kernel tells", what);
	ok(settings_changed(box), "%s: the file is another", what);
	err_clear(&err);
	ok_call(settings_reload(box, &restart, &err), &err, "%s: is taken", what);
	is_int(queue_of(box), queue, "%s: is in force", what);
	is_str(restart, NULL, "%s: at once", what);
	ok(!settings_changed(box), "%s: all is quiet again", what);
}

static void test_reload(void)
{
	_cleanup_free_ char *path = in_dir("conf/config"), *folder = in_dir("conf");
	_cleanup_free_ char *spare = in_dir("conf/spare"), *other = in_dir("other");
	_cleanup_free_ char *real = in_dir("other/real"), *link = in_dir("conf/link");
	struct settings_source source = {.accept = accept};
	struct settings_box *box;
	const struct settings *held;
	const char *restart;

	mkdir(folder, 0755);
	mkdir(other, 0755);
	source.files[CONFIG_STORE] = path;
	ok_call(settings_open(&source, &box, &err), &err, "no file yet");
	is_int(accepted, 1, "the first snapshot was asked about");
	ok(!settings_changed(box), "and nothing changed");

	write_text("conf/config", "[serve]\nqueue = 11\n", 0644);
	takes(box, 11, "a new file");
	write_text("conf/config", "[serve]\nqueue = 12\n", 0644);
	takes(box, 12, "written in place");
	write_text("conf/spare", "[serve]\nqueue = 13\n", 0644);
	readable(box);
	ok(!settings_changed(box), "another file in the directory is none of ours");
	rename(spare, path);
	takes(box, 13, "renamed over");
	unlink(path);
	takes(box, 1024, "removed");
	write_text("other/real", "[serve]\nqueue = 14\n", 0644);
	ok(symlink("../other/real", path) == 0, "made a symbolic link");
	takes(box, 14, "a symbolic link");
	write_text("other/real", "[serve]\nqueue = 15\n", 0644);
	takes(box, 15, "what the link leads to");
	ok(symlink("link2", link) == 0 && rename(link, path) == 0, "turned it elsewhere");
	takes(box, 1024, "a link to nothing");
	write_text("conf/link2", "[serve]\nqueue = 16\n", 0644);
	takes(box, 16, "that appears");

	held = settings_get(box);
	write_text("conf/link2", "[serve]\nqueue = many\n", 0644);
	ok(readable(box) && settings_changed(box), "a wrong file is noticed");
	ok(settings_reload(box, NULL, &err) == -1 && err.kind == ERR_INVALID, "and refused");
	is_int(queue_of(box), 16, "the old settings stay");
	ok(!settings_changed(box), "and it is told once");
	write_text("conf/link2", "[serve]\nqueue = 17\nlisten = 127.0.0.1:1\n", 0644);
	accepted = 0;
	refuse = true;
	ok(settings_reload(box, NULL, &err) == -1, "somebody else may refuse too");
	is_int(accepted, 1, "who was asked");
	is_int(queue_of(box), 16, "then the old ones stay as well");
	refuse = false;
	ok_call(settings_reload(box, &restart, &err), &err, "once accepted");
	is_int(queue_of(box), 17, "they are in force");
	is_str(restart, "serve.listen", "what needs a new start is named");
	is_int(held->queue, 16, "who holds the old snapshot reads it on");
	settings_put(held);
	held = settings_get(box);
	is_int(held->port, 8470, "and keeps its value");
	settings_put(held);
	settings_close(box);
}

/* Readers while snapshots change: sanitizers look at it. */
static _Atomic bool stop;

static void *read_on(void *box)
{
	while (!stop) {
		const struct settings *s = settings_get(box);

		if (s->queue != 1024 || strcmp(s->host, "127.0.0.1") != 0)
			stop = true;
		settings_put(s);
	}
	return NULL;
}

static void test_threads(void)
{
	struct settings_source source = {.store_dir = dir};
	struct settings_box *box;
	pthread_t readers[2];
	bool held;

	ok_call(settings_open(&source, &box, &err), &err, "opened");
	for (int i = 0; i < 2; i++)
		pthread_create(&readers[i], NULL, read_on, box);
	for (int i = 0; i < 300; i++)
		settings_reload(box, NULL, &err);
	held = !stop;
	stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(readers[i], NULL);
	ok(held, "readers always saw a whole snapshot");
	settings_close(box);
}

int main(void)
{
	char command[sizeof(dir) + 10];

	if (!mkdtemp(dir))
		tap_skip_all("no temporary directory");
	test_defaults();
	test_values();
	test_refused();
	test_keys();
	test_reload();
	test_threads();
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ok(system(command) == 0, "cleaned up");
	return tap_done();
}
