/* sized.c - reads what picture is asked for; see sized.h.
 *
 * It renders nothing.  Invariant: what comes out is among the sizes that the settings name, or was signed.
 */
#include "http/sized.h"
#include "http/server.h"

#include <stdio.h>
#include <string.h>

static const char *const fit_names[] = {
	[MEDIA_FIT_CONTAIN] = "contain",
	[MEDIA_FIT_COVER] = "cover",
};

static const struct {
	const char *extension, *mime;
} formats[] = {
	[MEDIA_JPEG] = {"jpg", "image/jpeg"},
	[MEDIA_WEBP] = {"webp", "image/webp"},
	[MEDIA_PNG] = {"png", "image/png"},
};

const char *sized_mime(enum media_format format)
{
	return formats[format].mime;
}

const char *sized_extension(enum media_format format)
{
	return formats[format].extension;
}

void sized_name(const struct sized *s, char out[SIZED_NAME_LEN])
{
	snprintf(out, SIZED_NAME_LEN, "%u%c%uq%d", s->width % 10000,
		s->fit == MEDIA_FIT_COVER ? 'c' : 'k', s->height % 10000, s->quality % 1000);
}

bool sized_equal(const struct sized *a, const struct sized *b)
{
	return a->width == b->width && a->height == b->height && a->fit == b->fit &&
		a->format == b->format && a->quality == b->quality && a->usual == b->usual;
}

/* --- signatures --------------------------------------------------------------------------- */

void sized_sign(const struct sized *s, const struct uuid *album, const struct sha256 *photo,
	int64_t expires, const char *key, char out[SHA256_HEX_LEN + 1])
{
	char id[UUID_TEXT_LEN + 1], hex[SHA256_HEX_LEN + 1], text[512];
	struct sha256 mac;
	int len;

	uuid_format(album, id);
	sha256_format(photo, hex);
	len = snprintf(text, sizeof(text), "%s/%s/%s?w=%u&h=%u&fit=%s&q=%d&expires=%lld", id, hex,
		sized_extension(s->format), s->width, s->height, fit_names[s->fit], s->quality,
		(long long)expires);
	crypt_hmac_sha256(key, strlen(key), text, (size_t)len, &mac);
	sha256_format(&mac, out);
}

static int check_signature(const struct http_call *call, const struct sha256 *photo,
	const struct sized *sized, const char *signature, const char *key, struct err *err)
{
	char expected[SHA256_HEX_LEN + 1];
	int64_t expires;

	if (!*key)
		return err_set(err, ERR_DENIED, "this server has no serve.image-key");
	if (http_query_int(&call->request, "expires", 0, INT64_MAX / 1000, 0, &expires, err))
		return -1;
	sized_sign(sized, &call->album.id, photo, expires, key, expected);
	if (strlen(signature) != SHA256_HEX_LEN ||
		!crypt_equal(signature, expected, SHA256_HEX_LEN))
		return err_set(err, ERR_DENIED, "the signature does not hold");
	if (clock_now_ms(call->server->options.clock) >= expires * 1000)
		return err_set(err, ERR_DENIED, "the signature is no longer good");
	return 0;
}

/* --- reading ------------------------------------------------------------------------------ */

static int check_sizes(const struct settings *settings, const struct sized *s, struct err *err)
{
	if (!settings_allows_size(settings, s->width) ||
		!settings_allows_size(settings, s->height)) {
		err_set(err, ERR_INVALID, "pictures of %u x %u are not made", s->width, s->height);
		return err_hint(err, "ask for w and h of serve.image-sizes, or sign the address");
	}
	if (s->quality != 60 && s->quality != SIZED_QUALITY && s->quality != 90)
		return err_set(err, ERR_INVALID, "q is 60, 80 or 90");
	return 0;
}

static int read_fit(const struct http_request *request, enum media_fit *out, struct err *err)
{
	const char *fit = http_query(request, "fit");

	*out = MEDIA_FIT_CONTAIN;
	for (size_t i = 0; fit && i < ARRAY_LEN(fit_names); i++)
		if (strcmp(fit, fit_names[i]) == 0) {
			*out = (enum media_fit)i;
			return 0;
		}
	return fit ? err_set(err, ERR_INVALID, "fit is contain or cover") : 0;
}

int sized_read(const struct http_call *call, const struct sha256 *photo, enum media_format format,
	const struct settings *settings, struct sized *out, bool *with_signature, struct err *err)
{
	const struct http_request *request = &call->request;
	const char *signature = http_query(request, "sig");
	struct sized sized = {.format = format, .usual = !http_query(request, "q")};
	int64_t width, height, quality;

	if (!http_query(request, "w"))
		return err_set(err, ERR_INVALID, "w, the picture's width, is missing");
	if (http_query_int(request, "w", 1, SIZED_MOST, 0, &width, err) ||
		http_query_int(request, "h", 1, SIZED_MOST, width, &height, err) ||
		http_query_int(request, "q", 1, 100, SIZED_QUALITY, &quality, err) ||
		read_fit(request, &sized.fit, err))
		return -1;
	sized.width = (uint32_t)width;
	sized.height = (uint32_t)height;
	sized.quality = (int)quality;
	if (signature ? check_signature(call, photo, &sized, signature,
				config_text(settings->config, "serve.image-key"), err) :
			check_sizes(settings, &sized, err))
		return -1;
	*out = sized;
	*with_signature = signature != NULL;
	return 0;
}
