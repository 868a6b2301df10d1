/* disposition.c - files that strangers made, sent so that no browser runs them.
 *
 * It does not look into the files.  Invariant: whatever a file's name holds, Content-Disposition has the two
 * parameters of RFC 6266 and no third.
 */
#include "http/photos.h"

#include <string.h>

#define NAME_MOST 255 /* bytes */

/* What RFC 8187 lets stand in filename* as it is. */
static bool is_attribute_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		(c && strchr("!#$&+-.^_`|~", c));
}

static void add_plain(struct str *out, const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];
		bool plain = c >= ' ' && c < 0x7f && !strchr("\"\\/%", c);

		str_addc(out, plain ? (char)c : '_');
	}
}

static void add_encoded(struct str *out, const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		if (is_attribute_char(c))
			str_addc(out, (char)c);
		else
			str_addf(out, "%%%02X", c);
	}
}

void http_add_disposition(struct http_call *call, const char *kind, const char *name)
{
	_cleanup_str_ struct str value = STR_INIT(4 * NAME_MOST + 128);
	size_t len = text_clip_utf8(name, strlen(name), NAME_MOST);

	str_addz(&value, kind);
	if (len) {
		str_addz(&value, "; filename=\"");
		add_plain(&value, name, len);
		str_addz(&value, "\"; filename*=UTF-8''");
		add_encoded(&value, name, len);
	}
	http_add_header(&call->response, "Content-Disposition", "%s", value.data);
}

int http_answer_kept(struct http_call *call, int fd, uint64_t size, const char *type,
	const char *tag, struct err *err)
{
	struct http_response *r = &call->response;

	if (http_answer_file(call, fd, size, type, tag, err))
		return -1;
	http_add_header(r, "Vary", "Authorization");
	if (r->status < 400)
		http_add_header(r, "Cache-Control", "private, max-age=31536000, immutable");
	return 0;
}

int http_answer_media(struct http_call *call, const struct http_media *media, struct err *err)
{
	struct http_response *r = &call->response;

	if (http_answer_kept(call, media->fd, media->size, media->type, media->tag, err))
		return -1;
	if (r->status >= 300)
		return 0;
	http_add_disposition(
		call, media->inlined ? "inline" : "attachment", media->name ? media->name : "");
	http_add_header(r, "Content-Security-Policy",
		"default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; "
		"sandbox");
	return 0;
}
