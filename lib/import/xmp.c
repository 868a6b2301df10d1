/* xmp.c - writes XMP sidecars; see xmp.h.
 *
 * It reads nothing and decides nothing: what the album says is told in the words that other programs know.
 * Invariant: every text passes add_text, so no text can end an element.
 */
#include "import/xmp.h"

#include <string.h>

/* XML 1.0 knows no control characters but tab and newlines, and neither U+FFFE nor U+FFFF. */
static bool is_char(uint32_t c)
{
	return (c >= ' ' && c != 0xFFFE && c != 0xFFFF) || c == '\t' || c == '\n' || c == '\r';
}

static void add_char(struct str *out, uint32_t c, const char *bytes, size_t n)
{
	switch (c) {
	case '&':
		str_addz(out, "&amp;");
		break;
	case '<':
		str_addz(out, "&lt;");
		break;
	case '>':
		str_addz(out, "&gt;");
		break;
	case '\r': /* a parser would turn it into a newline */
		str_addz(out, "&#13;");
		break;
	default:
		if (is_char(c))
			str_add(out, bytes, n);
	}
}

static void add_text(struct str *out, const char *text)
{
	size_t len = strlen(text), n;
	uint32_t c;

	for (size_t i = 0; i < len; i += n) {
		n = text_decode_utf8(text + i, len - i, &c);
		if (n == 0)
			return; /* JSON text is UTF-8 */
		add_char(out, c, text + i, n);
	}
}

/* A text in the language that no one named. */
static void add_language(struct str *out, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	str_addf(out, "   <%s><rdf:Alt><rdf:li xml:lang=\"x-default\">", name);
	add_text(out, text);
	str_addf(out, "</rdf:li></rdf:Alt></%s>\n", name);
}

static void add_tags(struct str *out, const json_t *tags)
{
	const json_t *tag;
	size_t i;

	if (!json_array_size(tags))
		return;
	str_addz(out, "   <dc:subject><rdf:Bag>\n");
	json_array_foreach ((json_t *)(uintptr_t)tags, i, tag) {
		str_addz(out, "    <rdf:li>");
		add_text(out, json_is_string(tag) ? json_string_value(tag) : "");
		str_addz(out, "</rdf:li>\n");
	}
	str_addz(out, "   </rdf:Bag></dc:subject>\n");
}

/* "2024-05-01T12:34:56+02:00"; without an offset where none is known. */
static void add_taken(struct str *out, const json_t *taken)
{
	static const char *const names[] = {
		"exif:DateTimeOriginal", "xmp:CreateDate", "photoshop:DateCreated"};
	const char *local = json_string_value(json_object_get(taken, "local"));
	const char *offset = json_string_value(json_object_get(taken, "offset"));

	for (size_t i = 0; local && i < sizeof(names) / sizeof(*names); i++) {
		str_addf(out, "   <%s>", names[i]);
		add_text(out, local);
		add_text(out, offset ? offset : "");
		str_addf(out, "</%s>\n", names[i]);
	}
}

/* "48,51.5022000N": degrees, then minutes with seven digits, which is exact for degrees x 10^7. */
static void add_degrees(struct str *out, const char *name, const json_t *e7, char plus, char minus)
{
	int64_t value = json_integer_value(e7), size = value < 0 ? -value : value;
	int64_t minutes = size % 10000000 * 60;

	str_addf(out, "   <%s>%lld,%lld.%07lld%c</%s>\n", name, (long long)(size / 10000000),
		(long long)(minutes / 10000000), (long long)(minutes % 10000000),
		value < 0 ? minus : plus, name);
}

static void add_place(struct str *out, const json_t *gps)
{
	const json_t *lat = json_object_get(gps, "lat_e7"), *lon = json_object_get(gps, "lon_e7");

	if (!json_is_integer(lat) || !json_is_integer(lon))
		return;
	str_addz(out, "   <exif:GPSVersionID>2.3.0.0</exif:GPSVersionID>\n");
	add_degrees(out, "exif:GPSLatitude", lat, 'N', 'S');
	add_degrees(out, "exif:GPSLongitude", lon, 'E', 'W');
}

int xmp_write(const json_t *photo, struct str *out, struct err *err)
{
	const json_t *rating = json_object_get(photo, "rating");
	const char *caption = json_string_value(json_object_get(photo, "caption"));
	const char *described = json_string_value(json_object_get(photo, "description"));

	str_addz(out,
		"<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
		"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"pinhole\">\n"
		" <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
		"  <rdf:Description rdf:about=\"\"\n"
		"    xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n"
		"    xmlns:exif=\"http://ns.adobe.com/exif/1.0/\"\n"
		"    xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\"\n"
		"    xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">\n");
	add_language(out, "dc:title", json_string_value(json_object_get(photo, "title")));
	add_language(out, "dc:description", caption ? caption : described);
	add_tags(out, json_object_get(photo, "tags"));
	if (json_is_integer(rating))
		str_addf(out, "   <xmp:Rating>%lld</xmp:Rating>\n",
			(long long)json_integer_value(rating));
	add_taken(out, json_object_get(photo, "taken"));
	add_place(out, json_object_get(photo, "gps"));
	str_addz(out, "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>\n");
	return str_check(out, err);
}
