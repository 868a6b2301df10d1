/* vcard_line.c - logical lines of a vCard: unfolding, parameters, encodings; see vcard_line.h.
 *
 * It does not know what properties mean.  Invariant: the reader moves forward by at least one
 * byte for each line, so every input ends.
 */
#include "import/vcard_line.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#define PARAM_MAX 512 /* bytes of types or of a label that we keep */

void vcard_line_init(struct vcard_line *line)
{
	memset(line, 0, sizeof(*line));
	str_init(&line->text, VCARD_LINE_MAX);
	str_init(&line->types, PARAM_MAX);
	str_init(&line->label, PARAM_MAX);
}

void vcard_line_release(struct vcard_line *line)
{
	str_release(&line->text);
	str_release(&line->types);
	str_release(&line->label);
}

/* --- physical lines ----------------------------------------------------------------------- */

struct span {
	const char *at;
	size_t len;
};

/* One physical line without its end.  CRLF, LF, CR and CR CR LF (a file that went through text
 * mode twice) all end a line. */
static bool next_physical(struct vcard_reader *reader, struct span *out)
{
	const char *p = reader->at;

	if (p >= reader->end)
		return false;
	while (p < reader->end && *p != '\n' && *p != '\r')
		p++;
	out->at = reader->at;
	out->len = (size_t)(p - reader->at);
	while (p < reader->end && *p == '\r')
		p++;
	if (p < reader->end && *p == '\n')
		p++;
	reader->at = p;
	reader->line++;
	return true;
}

static bool continues(const struct vcard_reader *reader)
{
	return reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t');
}

static bool begins_nocase(const char *p, size_t len, const char *word)
{
	return len >= strlen(word) && strncasecmp(p, word, strlen(word)) == 0;
}

/* A card's edge: it is never a part of the line before, whatever that line's end asks for. */
static bool at_card_edge(const struct vcard_reader *reader)
{
	size_t len = (size_t)(reader->end - reader->at);

	return begins_nocase(reader->at, len, "BEGIN:VCARD") ||
		begins_nocase(reader->at, len, "END:VCARD");
}

/* Where the value begins: after the first colon outside quotes, or outside of sense (unbalanced
 * quotes) after the first colon.  NULL if there is none. */
static const char *find_colon(const char *text)
{
	bool quoted = false;

	for (const char *p = text; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == ':' && !quoted)
			return p;
	}
	return strchr(text, ':');
}

/* True if the line's first physical part says that its value is quoted-printable. */
static bool is_quoted_printable(const char *text)
{
	const char *colon = find_colon(text);

	for (const char *p = text; colon && p < colon; p++)
		if (begins_nocase(p, (size_t)(colon - p), "QUOTED-PRINTABLE"))
			return true;
	return false;
}

/* Adds what fits; a line that is too long keeps its beginning, which holds its name. */
static void add_span(struct vcard_line *line, struct span span)
{
	struct str *text = &line->text;
	size_t before = text->len;

	if (span.len > VCARD_LINE_MAX - before) {
		line->too_long = true;
		span.len = before ? 0 : VCARD_LINE_MAX;
	}
	str_add(text, span.at, span.len);
	for (size_t i = before; i < text->len; i++)
		if (text->data[i] == '\0')
			text->data[i] = ' ';
}

/* Unfolds one logical line, also over the soft line breaks of quoted-printable; false at the end. */
static bool next_logical(struct vcard_reader *reader, struct vcard_line *line)
{
	bool quoted_printable, soft;
	struct span span;

	str_clear(&line->text);
	line->too_long = false;
	if (!next_physical(reader, &span))
		return false;
	line->number = reader->line;
	add_span(line, span);
	quoted_printable = is_quoted_printable(line->text.data);
	for (;;) {
		soft = quoted_printable && span.len && span.at[span.len - 1] == '=';
		if (soft && !line->too_long)
			str_truncate(&line->text, line->text.len - 1);
		if (soft ? at_card_edge(reader) : !continues(reader))
			return true;
		if (!next_physical(reader, &span))
			return true;
		if (!soft) {
			span.at++;
			span.len--;
		}
		add_span(line, span);
	}
}

/* --- parameters --------------------------------------------------------------------------- */

static void copy_case(char *out, size_t size, struct span from, int (*change)(int))
{
	size_t len = from.len < size - 1 ? from.len : size - 1;

	for (size_t i = 0; i < len; i++)
		out[i] = (char)change((unsigned char)from.at[i]);
	out[len] = '\0';
}

static struct span trim(struct span span)
{
	while (span.len && isspace((unsigned char)*span.at)) {
		span.at++;
		span.len--;
	}
	while (span.len && isspace((unsigned char)span.at[span.len - 1]))
		span.len--;
	return span;
}

static bool is_word(struct span span, const char *word)
{
	return span.len == strlen(word) && strncasecmp(span.at, word, span.len) == 0;
}

static void add_types(struct vcard_line *line, struct span value)
{
	if (line->types.len && value.len)
		str_addc(&line->types, ',');
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.at[i];

		if (c != '"' && c > ' ' && c < 0x7f)
			str_addc(&line->types, (char)tolower(c));
	}
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)toupper((unsigned char)c);
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 2045 6.7; what is no escape stays as it is. */
static void add_unquoted(struct str *out, struct span span)
{
	for (size_t i = 0; i < span.len; i++) {
		int high = -1, low = -1;

		if (span.at[i] == '=' && i + 2 < span.len) {
			high = hex_value(span.at[i + 1]);
			low = hex_value(span.at[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			str_addc(out, (char)(high << 4 | low));
			i += 2;
		} else {
			str_addc(out, span.at[i]);
		}
	}
}

/* Android 2.1: X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=42=C3=B4...): a label that its
 * owner made up. */
static void set_custom_label(struct vcard_line *line, struct span param)
{
	_cleanup_str_ struct str bytes = STR_INIT(PARAM_MAX);
	const char *open = memchr(param.at, '(', param.len);
	struct span text = {.at = open + 1, .len = param.len - (size_t)(open + 1 - param.at)};

	if (text.len && text.at[text.len - 1] == ')')
		text.len--;
	for (const char *comma; (comma = memchr(text.at, ',', text.len)) != NULL;) {
		text.len -= (size_t)(comma + 1 - text.at);
		text.at = comma + 1;
	}
	add_unquoted(&bytes, text);
	str_clear(&line->label);
	vcard_add_utf8(&line->label, bytes.data, bytes.len, "");
}

static void read_param(struct vcard_line *line, struct span param)
{
	const char *equals = memchr(param.at, '=', param.len);
	struct span name = param, value = {.at = param.at, .len = 0};

	if (begins_nocase(param.at, param.len, "X-CUSTOM(")) {
		set_custom_label(line, param);
		return;
	}
	if (equals) {
		name.len = (size_t)(equals - param.at);
		value.at = equals + 1;
		value.len = param.len - name.len - 1;
	}
	name = trim(name);
	value = trim(equals ? value : param);
	if (is_word(name, "ENCODING") || !equals) { /* 2.1 writes bare values */
		if (is_word(value, "QUOTED-PRINTABLE")) {
			line->quoted_printable = true;
			return;
		}
		if (is_word(value, "BASE64") || is_word(value, "B")) {
			line->base64 = true;
			return;
		}
	}
	if (is_word(name, "CHARSET"))
		copy_case(line->charset, sizeof(line->charset), value, toupper);
	else if (is_word(name, "TYPE") || !equals)
		add_types(line, value);
}

static void read_params(struct vcard_line *line, struct span params)
{
	while (params.len) {
		struct span param = {.at = params.at, .len = 0};
		bool quoted = false;

		while (param.len < params.len && (quoted || param.at[param.len] != ';')) {
			if (param.at[param.len] == '"')
				quoted = !quoted;
			param.len++;
		}
		read_param(line, trim(param));
		if (param.len == params.len)
			return;
		params.at += param.len + 1;
		params.len -= param.len + 1;
	}
}

/* --- the line ----------------------------------------------------------------------------- */

static void read_name(struct vcard_line *line, struct span head)
{
	const char *dot = memchr(head.at, '.', head.len);

	if (dot) {
		struct span group = {.at = head.at, .len = (size_t)(dot - head.at)};

		copy_case(line->group, sizeof(line->group), trim(group), tolower);
		head.len -= group.len + 1;
		head.at = dot + 1;
	}
	head = trim(head);
	if (head.len < sizeof(line->name)) /* a longer one is none of ours */
		copy_case(line->name, sizeof(line->name), head, toupper);
}

bool vcard_line_next(struct vcard_reader *reader, struct vcard_line *line)
{
	const char *colon, *semicolon;
	struct span head;

	line->group[0] = line->name[0] = line->charset[0] = '\0';
	line->quoted_printable = line->base64 = false;
	str_clear(&line->types);
	str_clear(&line->label);
	if (!next_logical(reader, line))
		return false;
	line->value = "";
	colon = find_colon(line->text.data);
	if (!colon)
		return true;
	head = (struct span){.at = line->text.data, .len = (size_t)(colon - line->text.data)};
	line->value = colon + 1;
	semicolon = memchr(head.at, ';', head.len);
	if (semicolon) {
		struct span params = {.at = semicolon + 1, .len = (size_t)(colon - semicolon - 1)};

		head.len = (size_t)(semicolon - head.at);
		read_params(line, params);
	}
	read_name(line, head);
	return true;
}

/* --- values ------------------------------------------------------------------------------- */

/* The charsets that phones and mail programs wrote.  Only these reach iconv: the name comes from
 * a stranger. */
static const char *find_charset(const char *name)
{
	static const struct {
		const char *name, *iconv;
	} charsets[] = {
		{"ISO-8859-1", "WINDOWS-1252"}, /* a superset, for what is printable */
		{"LATIN1", "WINDOWS-1252"},
		{"LATIN-1", "WINDOWS-1252"},
		{"WINDOWS-1252", "WINDOWS-1252"},
		{"CP1252", "WINDOWS-1252"},
		{"ISO-8859-2", "ISO-8859-2"},
		{"ISO-8859-5", "ISO-8859-5"},
		{"ISO-8859-7", "ISO-8859-7"},
		{"ISO-8859-9", "ISO-8859-9"},
		{"ISO-8859-15", "ISO-8859-15"},
		{"WINDOWS-1250", "WINDOWS-1250"},
		{"WINDOWS-1251", "WINDOWS-1251"},
		{"WINDOWS-1253", "WINDOWS-1253"},
		{"WINDOWS-1254", "WINDOWS-1254"},
		{"KOI8-R", "KOI8-R"},
		{"SHIFT_JIS", "SHIFT_JIS"},
		{"EUC-JP", "EUC-JP"},
		{"ISO-2022-JP", "ISO-2022-JP"},
		{"EUC-KR", "EUC-KR"},
		{"GB2312", "GB18030"},
		{"GBK", "GB18030"},
		{"GB18030", "GB18030"},
		{"BIG5", "BIG5"},
		{"UTF-16LE", "UTF-16LE"},
		{"UTF-16BE", "UTF-16BE"},
	};

	for (size_t i = 0; i < ARRAY_LEN(charsets); i++)
		if (strcmp(charsets[i].name, name) == 0)
			return charsets[i].iconv;
	return NULL;
}

/* Adds text that is UTF-8 but for its control characters. */
static void add_clean(struct str *out, const char *p, size_t len)
{
	while (len) {
		uint32_t c = 0;
		size_t n = text_decode_utf8(p, len, &c);

		if (n == 0) /* cannot be: the caller made it UTF-8 */
			return;
		if ((c >= 0x20 && c < 0x7f) || c >= 0xa0 || c == '\n' || c == '\t')
			str_add(out, p, n);
		p += n;
		len -= n;
	}
}

/* Converts all or nothing: false if some byte has no meaning in `charset`. */
static bool convert(struct str *out, const char *bytes, size_t len, const char *charset)
{
	iconv_t converter = iconv_open("UTF-8", charset);
	char *from = (char *)bytes;
	bool good = true;

	if (converter == (iconv_t)-1)
		return false;
	while (len && good) {
		char piece[4096], *to = piece;
		size_t room = sizeof(piece);

		good = iconv(converter, &from, &len, &to, &room) != (size_t)-1 || errno == E2BIG;
		str_add(out, piece, (size_t)(to - piece));
	}
	iconv_close(converter);
	return good && !out->failed;
}

/* Every byte has a meaning in ISO 8859-1: the last way out, so that no text is lost. */
static void convert_latin1(struct str *out, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char utf8[4];

		str_add(out, utf8, text_encode_utf8((unsigned char)bytes[i], utf8));
	}
}

void vcard_add_utf8(struct str *out, const char *bytes, size_t len, const char *charset)
{
	_cleanup_str_ struct str text = STR_INIT(4 * len + 16);
	const char *known = find_charset(charset);

	if (!known && text_is_utf8(bytes, len)) {
		add_clean(out, bytes, len);
		return;
	}
	if (!convert(&text, bytes, len, known ? known : "WINDOWS-1252")) {
		str_clear(&text);
		convert_latin1(&text, bytes, len);
	}
	add_clean(out, text.data, text.len);
}

bool vcard_line_value(const struct vcard_line *line, struct str *out)
{
	_cleanup_str_ struct str bytes = STR_INIT(VCARD_LINE_MAX);
	struct span value = {.at = line->value, .len = strlen(line->value)};

	if (line->too_long || line->base64)
		return false;
	if (line->quoted_printable)
		add_unquoted(&bytes, value);
	else
		str_add(&bytes, value.at, value.len);
	vcard_add_utf8(out, bytes.data, bytes.len, line->charset);
	return !bytes.failed && !out->failed;
}

void vcard_unescape(const char *text, bool old, char stop, struct str *out)
{
	for (const char *p = text; *p && *p != stop; p++) {
		if (*p != '\\' || !p[1]) {
			str_addc(out, *p);
		} else if (!old && (p[1] == 'n' || p[1] == 'N')) {
			str_addc(out, '\n');
			p++;
		} else if (strchr(old ? ";\\" : ",;:\\\"", p[1])) {
			str_addc(out, *++p);
		} else {
			str_addc(out, *p);
		}
	}
}
