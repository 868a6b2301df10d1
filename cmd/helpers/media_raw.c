/* media_raw.c - previews and facts of camera RAW files through LibRaw.
 *
 * It develops nothing: the sensor's data is never unpacked.  Dates and positions come from the
 * file's EXIF (media_tiff); LibRaw fills what that lacks.
 */
#include "media_raw.h"

#include "base/mem.h"
#include "base/time.h"
#include "media/protocol.h"

#include <libraw/libraw.h>
#include <stdlib.h>
#include <string.h>

#define PREVIEW_MAX ((size_t)128 * 1024 * 1024)

void raw_preview_release(struct raw_preview *preview)
{
	mem_free_pointer(&preview->bytes);
}

static void close_raw(libraw_data_t **raw)
{
	if (*raw)
		libraw_close(*raw);
}

/* dcraw's flip in EXIF's terms. */
static int orientation_of(int flip)
{
	switch (flip) {
	case 3:
		return 3;
	case 5:
		return 8;
	case 6:
		return 6;
	default:
		return 1;
	}
}

static void take_facts(struct facts *facts, const libraw_data_t *raw)
{
	const libraw_imgother_t *other = &raw->other;
	char taken[TIME_TEXT_LEN];

	facts_set_text(facts, FACTS_MAKE, FACTS_CONTAINER, raw->idata.make,
		strnlen(raw->idata.make, sizeof(raw->idata.make)));
	facts_set_text(facts, FACTS_MODEL, FACTS_CONTAINER, raw->idata.model,
		strnlen(raw->idata.model, sizeof(raw->idata.model)));
	facts_set_text(facts, FACTS_LENS, FACTS_CONTAINER, raw->lens.Lens,
		strnlen(raw->lens.Lens, sizeof(raw->lens.Lens)));
	if (other->iso_speed >= 1 && other->iso_speed < 1e7F)
		facts_set_number(
			facts, FACTS_ISO, FACTS_CONTAINER, "raw:iso", (int64_t)other->iso_speed);
	/* LibRaw reads the camera's clock as local time; the decoder's zone is UTC. */
	if (other->timestamp > 0) {
		time_format_wall((int64_t)other->timestamp * 1000, taken);
		facts_set_date(facts, FACTS_RAW_HEADER, taken, strlen(taken), NULL, NULL);
	}
	if (raw->sizes.width && raw->sizes.height) {
		facts->stored_width = raw->sizes.width;
		facts->stored_height = raw->sizes.height;
	}
	if (!facts->orientation)
		facts->orientation = orientation_of(raw->sizes.flip);
}

int raw_read(struct facts *facts, const void *bytes, size_t len, struct raw_preview *out,
	struct err *err)
{
	_cleanup_(close_raw) libraw_data_t *raw = libraw_init(0);
	const libraw_thumbnail_t *thumb;
	bool jpeg;
	int rc;

	if (!raw)
		return err_no_memory(err);
	/* LibRaw only reads it. */
	rc = libraw_open_buffer(raw, (void *)(uintptr_t)bytes, len);
	if (rc != LIBRAW_SUCCESS)
		return err_set(err, ERR_UNSUPPORTED, "LibRaw: %s", libraw_strerror(rc));
	take_facts(facts, raw);
	rc = libraw_unpack_thumb(raw);
	thumb = &raw->thumbnail;
	if (rc != LIBRAW_SUCCESS || !thumb->thumb || !thumb->tlength)
		return err_set(err, ERR_NOT_FOUND, "the RAW file holds no preview");
	jpeg = thumb->tformat == LIBRAW_THUMBNAIL_JPEG;
	if (thumb->tlength > PREVIEW_MAX ||
		(!jpeg &&
			(thumb->tformat != LIBRAW_THUMBNAIL_BITMAP ||
				(size_t)thumb->twidth * thumb->theight * 3 > thumb->tlength)))
		return err_set(
			err, ERR_UNSUPPORTED, "the RAW file's preview is of an unknown kind");
	*out = (struct raw_preview){.bytes = mem_dup(thumb->thumb, thumb->tlength),
		.len = thumb->tlength,
		.jpeg = jpeg,
		.width = thumb->twidth,
		.height = thumb->theight,
		.orientation = facts->orientation};
	return out->bytes ? 0 : err_no_memory(err);
}
