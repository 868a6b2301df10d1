/* media_work.c - what the decoder does with one file, from first byte to reply.
 *
 * It knows the order of things, not the formats.  Each source of facts is asked on its own, so one
 * that is damaged takes nothing from the others.
 */
#include "media_work.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "media_exif.h"
#include "media_facts.h"
#include "media_icc.h"
#include "media_iptc.h"
#include "media_jpeg.h"
#include "media_picture.h"
#include "media_png.h"
#include "media_raw.h"
#include "media_tiff.h"
#include "media_video.h"
#include "media_xmp.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define POPULATE_MAX ((size_t)64 * 1024 * 1024)

/* A file in memory, read-only. */
struct mapping {
	void *bytes;
	size_t len;
};

static void unmap(struct mapping *mapping)
{
	if (mapping->bytes)
		munmap(mapping->bytes, mapping->len);
}

static int map_file(int fd, struct mapping *out, struct err *err)
{
	struct stat st;
	size_t len;
	void *bytes;

	if (fstat(fd, &st))
		return err_errno(err, "cannot look at the file");
	len = (size_t)st.st_size;
	if (!len)
		return err_set(err, ERR_INVALID, "the file is empty");
	bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE | (len <= POPULATE_MAX ? MAP_POPULATE : 0),
		fd, 0);
	if (bytes == MAP_FAILED)
		return err_errno(err, "cannot map %zu bytes", len);
	*out = (struct mapping){bytes, len};
	return 0;
}

static void set_status(struct media_wire_reply *reply, enum media_status status, const char *reason)
{
	if (status < reply->status)
		return;
	reply->status = status;
	snprintf(reply->reason, sizeof(reply->reason), "%.255s", reason);
}

static void take_icc(struct facts *facts, const struct picture *picture)
{
	size_t len;
	const void *profile = picture_blob(picture, PICTURE_ICC, &len);
	char description[256];

	if (profile && media_icc_describe(profile, len, description, sizeof(description)))
		facts_set_text(facts, FACTS_ICC, FACTS_CONTAINER, description, strlen(description));
}

/* XMP that cannot be read is worth a note, not a failure. */
static void take_xmp(struct facts *facts, enum facts_rank rank, const void *packet, size_t len)
{
	struct err err = ERR_INIT;

	if (xmp_take_packet(facts, rank, packet, len, &err))
		facts_add_raw(facts, rank == FACTS_SIDECAR ? "sidecar" : "xmp", err.message,
			strlen(err.message));
}

static void take_sidecar(const struct media_wire_job *job, struct facts *facts)
{
	_cleanup_(str_release) struct str text = STR_INIT(XMP_BYTES_MAX);
	struct err err = ERR_INIT;

	if (job->sidecar_fd < 0)
		return;
	lseek(job->sidecar_fd, 0, SEEK_SET);
	if (path_read_fd(job->sidecar_fd, "sidecar", XMP_BYTES_MAX, &text, &err))
		facts_add_raw(facts, "sidecar", err.message, strlen(err.message));
	else
		take_xmp(facts, FACTS_SIDECAR, text.data, text.len);
}

/* What the decoder found in the header of the picture, and what it overlooks. */
static void take_picture(
	struct facts *facts, const struct picture *picture, const struct mapping *file)
{
	bool jpeg = strcmp(facts->mime, "image/jpeg") == 0;
	size_t len;
	const void *blob;

	if ((blob = picture_blob(picture, PICTURE_EXIF, &len)))
		exif_take_block(facts, blob, len);
	else if (strcmp(facts->mime, "image/png") == 0 &&
		(blob = media_png_find(file->bytes, file->len, "eXIf", &len)))
		exif_take_block(facts, blob, len);
	blob = jpeg ? media_jpeg_find_xmp(file->bytes, file->len, &len) :
		      picture_blob(picture, PICTURE_XMP, &len);
	if (blob)
		take_xmp(facts, FACTS_XMP, blob, len);
	if ((blob = picture_blob(picture, PICTURE_IPTC, &len)))
		iptc_take_block(facts, blob, len);
	take_icc(facts, picture);
	facts->motion = jpeg && media_jpeg_has_video(file->bytes, file->len);
	facts->stored_width = picture->width;
	facts->stored_height = picture->height;
	facts->frames = picture->frames;
	facts->upright = picture->upright;
}

static void render(const struct media_wire_job *job, const struct picture *picture,
	struct facts *facts, struct media_wire_reply *reply)
{
	struct picture_output outputs[MEDIA_VARIANT_MAX];
	struct err err = ERR_INIT;
	int rc;

	for (size_t i = 0; i < job->request.variant_count; i++)
		outputs[i] = (struct picture_output){job->request.variants[i], job->out_fds[i]};
	rc = picture_render(picture, facts->orientation, job->request.rotate, outputs,
		job->request.variant_count, reply->variants, facts->thumbhash, &err);
	if (rc < 0)
		set_status(reply, MEDIA_FAILED, err.message);
	else if (rc > 0)
		set_status(reply, MEDIA_DAMAGED,
			"the picture is damaged or cut short; rendered as far as it goes");
}

static void work_on_raw(const struct media_wire_job *job, const struct mapping *file,
	struct facts *facts, struct media_wire_reply *reply)
{
	_cleanup_(raw_preview_release) struct raw_preview preview = {.bytes = NULL};
	_cleanup_(picture_close) struct picture picture = {.header = NULL};
	struct err err = ERR_INIT;
	int rc;

	facts->kind = "raw";
	if (raw_read(facts, file->bytes, file->len, &preview, &err)) {
		set_status(reply, MEDIA_FAILED, err.message);
		return;
	}
	if (preview.jpeg)
		rc = picture_open(preview.bytes, preview.len, "image/jpeg", job->request.max_pixels,
			&picture, &err);
	else
		rc = picture_open_rgb(preview.bytes, preview.width, preview.height, &picture, &err);
	if (rc) {
		set_status(reply, MEDIA_FAILED, err.message);
		return;
	}
	picture.upright = false;
	render(job, &picture, facts, reply);
}

static void work_on_still(const struct media_wire_job *job, const struct media_type *type,
	struct facts *facts, struct media_wire_reply *reply)
{
	_cleanup_(unmap) struct mapping file = {NULL, 0};
	_cleanup_(picture_close) struct picture picture = {.header = NULL};
	const char *raw_mime = type->kind == MEDIA_RAW ? type->mime : NULL;
	struct err err = ERR_INIT;

	if (map_file(job->fd, &file, &err)) {
		set_status(reply, MEDIA_FAILED, err.message);
		return;
	}
	if (type->kind == MEDIA_RAW || strcmp(type->mime, "image/tiff") == 0) {
		const char *found;

		tiff_take_file(facts, file.bytes, file.len, &found);
		raw_mime = raw_mime ? raw_mime : found;
	}
	if (raw_mime) {
		facts->mime = raw_mime;
		work_on_raw(job, &file, facts, reply);
		return;
	}
	if (picture_open(
		    file.bytes, file.len, type->mime, job->request.max_pixels, &picture, &err)) {
		set_status(reply, MEDIA_FAILED, err.message);
		return;
	}
	take_picture(facts, &picture, &file);
	render(job, &picture, facts, reply);
}

static void work_on_video(
	const struct media_wire_job *job, struct facts *facts, struct media_wire_reply *reply)
{
	_cleanup_(video_frame_release) struct video_frame frame = {.bytes = NULL};
	_cleanup_(picture_close) struct picture picture = {.header = NULL};
	struct err err = ERR_INIT;

	video_take_facts(facts, job->fd);
	if (!job->request.variant_count)
		return;
	if (video_read_frame(job->fd, facts->mime, facts->duration_ms, job->request.max_pixels,
		    &frame, &err) ||
		picture_open_rgb(frame.pixels, frame.width, frame.height, &picture, &err)) {
		set_status(reply, MEDIA_FAILED, err.message);
		return;
	}
	render(job, &picture, facts, reply);
}

void media_work(const struct media_wire_job *job, struct media_wire_reply *reply, char **facts_text)
{
	static const char *const kinds[] = {
		[MEDIA_IMAGE] = "image", [MEDIA_VIDEO] = "video", [MEDIA_RAW] = "raw"};
	_cleanup_(facts_release) struct facts facts;
	char head[MEDIA_SNIFF_LEN];
	ssize_t got = pread(job->fd, head, sizeof(head), 0);
	struct media_type type = media_sniff(head, got > 0 ? (size_t)got : 0);

	facts_init(&facts);
	*reply = (struct media_wire_reply){.magic = MEDIA_WIRE_MAGIC, .status = MEDIA_OK};
	*facts_text = NULL;
	if (type.kind == MEDIA_NONE) {
		set_status(reply, MEDIA_FAILED, type.why);
		return;
	}
	facts.mime = type.mime;
	facts.kind = kinds[type.kind];
	take_sidecar(job, &facts);
	if (type.kind == MEDIA_VIDEO)
		work_on_video(job, &facts, reply);
	else
		work_on_still(job, &type, &facts, reply);
	if (job->request.flags & MEDIA_WIRE_FACTS)
		*facts_text = facts_to_json(&facts, NULL);
	reply->facts_len = *facts_text ? (uint32_t)strlen(*facts_text) : 0;
}
