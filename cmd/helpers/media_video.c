/* media_video.c - asks the containers for facts and ffmpeg for one picture.
 *
 * ffmpeg runs under the filter and the limits of this process (no network, no file opened for
 * writing) and can read nothing but the system's libraries and the video (Landlock).  It gets the
 * video as its standard input, by a path that it can seek in, is told the container (so that no
 * playlist can name other files), and answers on a pipe.
 */
#include "media_video.h"

#include "base/mem.h"
#include "base/str.h"
#include "media_ebml.h"
#include "media_mp4.h"
#include "media_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAME_MAX ((size_t)400 * 1024 * 1024)

void video_frame_release(struct video_frame *frame)
{
	mem_free_pointer(&frame->bytes);
}

/* --- facts -------------------------------------------------------------------------------- */

static size_t read_fd(void *data, uint64_t offset, void *out, size_t len)
{
	ssize_t got = pread(*(const int *)data, out, len, (off_t)offset);

	return got > 0 ? (size_t)got : 0;
}

static void set_text(struct facts *facts, enum facts_text what, const char *text)
{
	facts_set_text(facts, what, FACTS_CONTAINER, text, strlen(text));
}

static void take_created(struct facts *facts, int64_t ms)
{
	const int64_t year_1990 = 631152000000;

	if (ms == INT64_MIN)
		return;
	if (ms < year_1990)
		facts_add_rawf(facts, "quicktime:CreateDate", "%lld", (long long)ms);
	else
		facts_set_utc(facts, FACTS_QUICKTIME_MOVIE, ms);
}

static void take_location(struct facts *facts, const char *text)
{
	int64_t lat, lon, alt;
	bool has_alt;

	if (!text[0])
		return;
	if (!mp4_parse_location(text, &lat, &lon, &has_alt, &alt)) {
		facts_add_raw(facts, "quicktime:location", text, strlen(text));
		return;
	}
	facts_set_position(facts, FACTS_CONTAINER, "quicktime:location", lat, lon);
	if (has_alt)
		facts_set_number(facts, FACTS_ALT_MM, FACTS_CONTAINER, "quicktime:altitude", alt);
}

static void take_mp4(struct facts *facts, const struct media_reader *reader)
{
	static const int orientations[] = {1, 6, 3, 8};
	struct mp4_info info;

	mp4_read_info(reader, &info);
	facts->duration_ms = info.duration_ms;
	facts->stored_width = info.width;
	facts->stored_height = info.height;
	if (info.turns)
		facts->orientation = orientations[info.turns];
	take_created(facts, info.created_ms);
	if (info.date[0])
		facts_set_date(
			facts, FACTS_QUICKTIME_DATE, info.date, strlen(info.date), NULL, NULL);
	take_location(facts, info.location);
	set_text(facts, FACTS_CONTENT_ID, info.content_id);
	set_text(facts, FACTS_MAKE, info.make);
	set_text(facts, FACTS_MODEL, info.model);
	set_text(facts, FACTS_SOFTWARE, info.software);
	set_text(facts, FACTS_TITLE, info.title);
	set_text(facts, FACTS_DESCRIPTION, info.description);
}

static void take_ebml(struct facts *facts, const struct media_reader *reader)
{
	struct ebml_info info;

	ebml_read_info(reader, &info);
	if (!info.webm)
		facts->mime = "video/x-matroska";
	facts->duration_ms = info.duration_ms;
	facts->stored_width = info.width;
	facts->stored_height = info.height;
	take_created(facts, info.created_ms);
}

void video_take_facts(struct facts *facts, int fd)
{
	struct media_reader reader = {.read = read_fd, .data = &fd};
	struct stat st;

	if (fstat(fd, &st))
		return;
	reader.size = (uint64_t)st.st_size;
	if (strcmp(facts->mime, "video/webm") == 0)
		take_ebml(facts, &reader);
	else
		take_mp4(facts, &reader);
}

/* --- the poster --------------------------------------------------------------------------- */

static const char *find_ffmpeg(void)
{
	static const char *const places[] = {"/usr/bin/ffmpeg", "/usr/local/bin/ffmpeg"};

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

/* Becomes ffmpeg; returns only if that fails. */
static void become_ffmpeg(
	const char *program, int fd, int out, const char *format, const char *from)
{
	const char *const args[] = {program, "-nostdin", "-v", "error", "-threads", "1",
		"-protocol_whitelist", "file", "-f", format, "-ss", from, "-i", "/proc/self/fd/0",
		"-map", "0:v:0", "-frames:v", "1", "-f", "image2pipe", "-c:v", "ppm", "-threads",
		"1", "pipe:1", NULL};
	static const char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};

	if (dup2(fd, 0) < 0 || dup2(out, 1) < 0 || close_range(3, ~0U, 0) ||
		media_sandbox_read_only(0))
		return;
	execve(program, (char *const *)(uintptr_t)args, (char *const *)(uintptr_t)environment);
}

static int start_ffmpeg(const char *program, int fd, int out, const char *format, const char *from,
	pid_t *pid, struct err *err)
{
	*pid = fork();
	if (*pid == 0) {
		become_ffmpeg(program, fd, out, format, from);
		_exit(127);
	}
	return *pid < 0 ? err_errno(err, "cannot start ffmpeg") : 0;
}

static int read_all(int fd, struct str *out, struct err *err)
{
	const size_t step = (size_t)256 * 1024;

	for (;;) {
		char *room = str_reserve(out, step);
		ssize_t got = room ? read(fd, room, step) : -1;

		if (!room)
			return str_check(out, err);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "cannot read from ffmpeg");
		if (got == 0)
			return 0;
		out->len += (size_t)got;
	}
}

/* Runs ffmpeg from `from` seconds on and keeps what it writes. */
static int run_ffmpeg(const char *program, int fd, const char *format, const char *from,
	struct str *out, struct err *err)
{
	_cleanup_close_ int ours = -1;
	int pair[2], status = 0, rc;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC))
		return err_errno(err, "cannot make a pipe");
	ours = pair[0];
	rc = start_ffmpeg(program, fd, pair[1], format, from, &pid, err);
	close(pair[1]);
	if (rc)
		return -1;
	rc = read_all(ours, out, err);
	mem_close_fd(&ours);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return rc;
}

/* "P6 <width> <height> 255\n" and pixels. */
static int parse_ppm(struct str *ppm, uint64_t max_pixels, struct video_frame *out, struct err *err)
{
	unsigned width, height;
	int header = 0;
	void *bytes;

	if (sscanf(ppm->data, "P6 %7u %7u 255%n", &width, &height, &header) != 2 || !header ||
		!width || !height)
		return err_set(err, ERR_DAMAGED, "ffmpeg found no picture in the video");
	if ((uint64_t)width * height > max_pixels)
		return err_set(err, ERR_TOO_LARGE, "%u x %u pixels are more than the limit", width,
			height);
	if (ppm->len < (size_t)header + 1 + (size_t)width * height * 3)
		return err_set(err, ERR_DAMAGED, "ffmpeg found no whole picture in the video");
	bytes = str_take(ppm, err);
	if (!bytes)
		return -1;
	*out = (struct video_frame){bytes, (char *)bytes + header + 1, width, height};
	return 0;
}

int video_read_frame(int fd, const char *mime, int64_t duration_ms, uint64_t max_pixels,
	struct video_frame *out, struct err *err)
{
	const char *program = find_ffmpeg();
	const char *format =
		strcmp(mime, "video/webm") == 0 || strcmp(mime, "video/x-matroska") == 0 ?
		"matroska" :
		"mov";
	int64_t from_ms = duration_ms > 10000 ? 1000 : duration_ms > 0 ? duration_ms / 10 : 0;
	_cleanup_str_ struct str ppm = STR_INIT(FRAME_MAX);
	char from[32];

	if (!program)
		return err_set(err, ERR_NOT_FOUND, "no poster frame: ffmpeg is not installed");
	snprintf(from, sizeof(from), "%lld.%03d", (long long)(from_ms / 1000),
		(int)(from_ms % 1000));
	if (run_ffmpeg(program, fd, format, from, &ppm, err))
		return -1;
	/* Some files cannot be sought in; their first frame will do. */
	if (!ppm.len && from_ms && run_ffmpeg(program, fd, format, "0", &ppm, err))
		return -1;
	return parse_ppm(&ppm, max_pixels, out, err);
}
