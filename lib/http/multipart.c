/* multipart.c - the parser of multipart/form-data; see multipart.h.
 *
 * It knows neither files nor photos.  A delimiter is CR LF "--" boundary, then blanks, then CR LF or (the last one)
 * "--"; whatever only begins like one is data.  CR is nowhere else in it, so a match that fails goes on with the very
 * byte that broke it.
 * Invariant: every byte between two delimiters is given to the sink once, in order, and no other byte is.
 */
#include "http/multipart.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BOUNDARY_MAX 70
#define PADDING_MAX  64 /* blanks behind a boundary */

enum state {
	STATE_PREAMBLE, /* before the first delimiter: dropped */
	STATE_DATA,     /* of a part */
	STATE_AFTER,    /* behind a boundary: is it a delimiter? */
	STATE_HEADER,
	STATE_EPILOGUE, /* behind the final delimiter: dropped */
};

struct multipart {
	struct multipart_sink sink;
	void *data;
	char delimiter[4 + BOUNDARY_MAX + 1]; /* CR LF "--" boundary */
	size_t delimiter_len, matched;        /* bytes of it that were seen … */
	size_t ghost;                         /* … and so many of these never were there */
	char after[PADDING_MAX + 3];          /* what was seen behind it */
	size_t after_len;
	enum state state;
	bool in_part; /* what is no delimiter is data, else preamble */
	unsigned parts;
	struct str header;
};

/* --- the boundary ----------------------------------------------------------------------- */

static bool is_boundary_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c && strchr("'()+_,-./:=? ", c));
}

/* A token or a quoted string; false if malformed.  *text moves behind it. */
static bool take_value(const char **text, char *out, size_t max, size_t *len)
{
	const char *at = *text;
	bool quoted = *at == '"';

	*len = 0;
	at += quoted;
	while (*at && (quoted ? *at != '"' : !strchr("; \t", *at))) {
		if (quoted && *at == '\\' && at[1])
			at++;
		if (*len < max)
			out[*len] = *at;
		++*len;
		at++;
	}
	if ((quoted && *at != '"') || *len > max)
		*len = 0;
	*text = at + quoted;
	return *len > 0;
}

/* Takes "; name=value"; the value counts if the name is "boundary".  False at the end and where it is malformed. */
static bool take_type_parameter(const char **text, char *boundary, size_t *len)
{
	const char *at = *text;
	char other[256];
	size_t name, other_len;
	bool wanted;

	if (*at != ';')
		return false;
	at += 1 + strspn(at + 1, " \t");
	name = strcspn(at, "=;");
	wanted = name == strlen("boundary") && strncasecmp(at, "boundary", name) == 0;
	if (at[name] != '=')
		return false;
	at += name + 1;
	if (!(wanted ? take_value(&at, boundary, BOUNDARY_MAX, len) :
		       take_value(&at, other, sizeof(other), &other_len)))
		return false;
	*text = at + strspn(at, " \t");
	return true;
}

static int read_boundary(struct multipart *m, const char *type, struct err *err)
{
	static const char form[] = "multipart/form-data";
	char *boundary = m->delimiter + 4;
	const char *at;
	size_t len = 0;

	if (!type || strncasecmp(type, form, strlen(form)) != 0 ||
		!strchr("; \t", type[strlen(form)]))
		return err_set(
			err, ERR_UNSUPPORTED, "the Content-Type must be multipart/form-data");
	at = type + strcspn(type, ";");
	while (!len && take_type_parameter(&at, boundary, &len))
		;
	for (size_t i = 0; i < len; i++)
		if (!is_boundary_char(boundary[i]))
			len = 0;
	if (!len || boundary[len - 1] == ' ')
		return err_set(err, ERR_INVALID, "the Content-Type names no boundary");
	memcpy(m->delimiter, "\r\n--", 4);
	m->delimiter_len = 4 + len;
	return 0;
}

int multipart_open(const char *content_type, const struct multipart_sink *sink, void *data,
	struct multipart **out, struct err *err)
{
	struct multipart *m = mem_calloc(1, sizeof(*m));

	if (!m)
		return err_no_memory(err);
	m->sink = *sink;
	m->data = data;
	str_init(&m->header, MULTIPART_HEADER_MAX);
	/* The first delimiter needs no line before it. */
	m->matched = m->ghost = 2;
	if (read_boundary(m, content_type, err)) {
		multipart_close(m);
		return -1;
	}
	*out = m;
	return 0;
}

void multipart_close(struct multipart *m)
{
	if (!m)
		return;
	str_release(&m->header);
	free(m);
}

/* --- a part's header -------------------------------------------------------------------- */

struct header { /* what we read of it; texts are cut out of m->header */
	char *disposition, *type, *encoding;
};

static int malformed(struct err *err)
{
	return err_set(err, ERR_INVALID, "a part of the form has a malformed header");
}

/* One line "Name: value", NUL-terminated. */
static int take_line(struct header *h, char *line, struct err *err)
{
	char *colon = strchr(line, ':'), **slot = NULL;

	if (!colon || colon == line)
		return malformed(err);
	*colon = '\0';
	if (strcasecmp(line, "Content-Disposition") == 0)
		slot = &h->disposition;
	else if (strcasecmp(line, "Content-Type") == 0)
		slot = &h->type;
	else if (strcasecmp(line, "Content-Transfer-Encoding") == 0)
		slot = &h->encoding;
	if (!slot)
		return 0;
	if (*slot)
		return malformed(err);
	*slot = colon + 1 + strspn(colon + 1, " \t");
	return 0;
}

/* Cuts the block into lines.  A CR or LF alone, a folded line and a NUL are refused. */
static int split_lines(struct str *block, struct header *h, struct err *err)
{
	char *line = block->data, *end = block->data + block->len;

	if (memchr(block->data, '\0', block->len))
		return malformed(err);
	while (line < end) {
		char *stop = strchr(line, '\r');

		if (!stop || stop[1] != '\n' || memchr(line, '\n', (size_t)(stop - line)) ||
			*line == ' ' || *line == '\t')
			return malformed(err);
		*stop = '\0';
		if (take_line(h, line, err))
			return -1;
		line = stop + 2;
	}
	return 0;
}

/* What browsers write for a quote and for line ends in names. */
static void decode_percent(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (strncasecmp(from, "%22", 3) == 0)
			*to = '"';
		else if (strncasecmp(from, "%0d", 3) == 0)
			*to = '\r';
		else if (strncasecmp(from, "%0a", 3) == 0)
			*to = '\n';
		else {
			*to = *from++;
			continue;
		}
		from += 3;
	}
	*to = '\0';
}

/* Takes "key=value"; *text moves behind the ';' that follows, NULL at the end.  A backslash counts before a quote
 * only: some browsers sent whole paths. */
static int take_parameter(char **text, char **key, char **value, struct err *err)
{
	char *at = *text, *to, *stop;

	*key = at;
	at += strcspn(at, "=; \t");
	if (*at != '=')
		return malformed(err);
	*at++ = '\0';
	*value = to = at + (*at == '"');
	if (*at == '"') {
		for (at++; *at && *at != '"'; *to++ = *at++)
			at += at[0] == '\\' && at[1] == '"';
		if (!*at)
			return malformed(err);
		stop = at + 1;
	} else {
		stop = to = at + strcspn(at, "; \t");
	}
	at = stop + strspn(stop, " \t");
	if (*at && *at != ';')
		return malformed(err);
	*text = *at ? at + 1 : NULL;
	*to = '\0';
	return 0;
}

/* form-data; name="..."; filename="...".  filename* must not be there (RFC 7578 section 4.2) and is not read. */
static int read_disposition(char *text, char **name, char **filename, struct err *err)
{
	size_t len = text ? strcspn(text, "; \t") : 0;

	if (len != strlen("form-data") || strncasecmp(text, "form-data", len) != 0)
		return malformed(err);
	text += len + strspn(text + len, " \t");
	if (*text && *text != ';')
		return malformed(err);
	text = *text ? text + 1 : NULL;
	while (text && *(text += strspn(text, " \t"))) {
		char *key = NULL, *value = NULL, **slot = NULL;

		if (take_parameter(&text, &key, &value, err))
			return -1;
		if (strcasecmp(key, "name") == 0)
			slot = name;
		if (strcasecmp(key, "filename") == 0)
			slot = filename;
		if (slot && *slot)
			return malformed(err);
		if (slot)
			*slot = value;
	}
	return 0;
}

static int check_part(
	const struct header *h, const char *name, const char *filename, struct err *err)
{
	if (!name || strlen(name) >= MULTIPART_NAME_MAX ||
		(filename && strlen(filename) >= MULTIPART_FILE_MAX))
		return malformed(err);
	if (h->encoding && strcasecmp(h->encoding, "binary") != 0 &&
		strcasecmp(h->encoding, "8bit") != 0 && strcasecmp(h->encoding, "7bit") != 0)
		return err_set(
			err, ERR_UNSUPPORTED, "a part of the form has a Content-Transfer-Encoding");
	return 0;
}

static int begin_part(struct multipart *m, struct err *err)
{
	struct header h = {NULL, NULL, NULL};
	char *name = NULL, *filename = NULL;
	struct multipart_part part;

	if (++m->parts > MULTIPART_PARTS_MAX)
		return err_set(
			err, ERR_TOO_LARGE, "the form has more than %d parts", MULTIPART_PARTS_MAX);
	if (split_lines(&m->header, &h, err) ||
		read_disposition(h.disposition, &name, &filename, err) ||
		check_part(&h, name, filename, err))
		return -1;
	decode_percent(name);
	if (filename)
		decode_percent(filename);
	part = (struct multipart_part){.name = name,
		.is_file = filename,
		.filename = filename ? filename : "",
		.type = h.type ? h.type : ""};
	m->in_part = true;
	return m->sink.begin(m->data, &part, err);
}

/* --- bytes ------------------------------------------------------------------------------ */

static int give(struct multipart *m, const void *bytes, size_t len, struct err *err)
{
	return m->in_part && len ? m->sink.bytes(m->data, bytes, len, err) : 0;
}

/* What began like a delimiter is none: it is data, and the next byte is looked at anew. */
static int give_back(struct multipart *m, struct err *err)
{
	size_t matched = m->matched, ghost = m->ghost, after = m->after_len;

	m->matched = m->ghost = m->after_len = 0;
	m->state = m->in_part ? STATE_DATA : STATE_PREAMBLE;
	return give(m, m->delimiter + ghost, matched - ghost, err) ||
			give(m, m->after, after, err) ?
		-1 :
		0;
}

static int end_part(struct multipart *m, struct err *err)
{
	bool ended = m->in_part;

	m->in_part = false;
	m->matched = m->ghost = m->after_len = 0;
	return ended ? m->sink.end(m->data, err) : 0;
}

/* One byte in data or preamble, while a delimiter may be beginning. */
static int take_data(struct multipart *m, char c, struct err *err)
{
	if (c != m->delimiter[m->matched] && m->matched && give_back(m, err))
		return -1;
	if (c != m->delimiter[m->matched])
		return give(m, &c, 1, err);
	if (++m->matched == m->delimiter_len)
		m->state = STATE_AFTER;
	return 0;
}

/* Whether what is behind a boundary may still be the rest of its line. */
static bool may_follow(const struct multipart *m, char c)
{
	char last = m->after_len ? m->after[m->after_len - 1] : ' ';

	if (m->after_len == PADDING_MAX || (last != ' ' && last != '\t'))
		return false;
	return c == ' ' || c == '\t' || c == '\r' || (c == '-' && !m->after_len);
}

/* One byte behind a boundary: blanks, then CR LF or "--". */
static int take_after(struct multipart *m, char c, struct err *err)
{
	char last = m->after_len ? m->after[m->after_len - 1] : ' ';

	if (last == '\r' && c == '\n') {
		m->state = STATE_HEADER;
		str_clear(&m->header);
		return end_part(m, err);
	}
	if (last == '-' && c == '-') {
		m->state = STATE_EPILOGUE;
		return end_part(m, err);
	}
	if (may_follow(m, c)) {
		m->after[m->after_len++] = c;
		return 0;
	}
	return give_back(m, err) || take_data(m, c, err) ? -1 : 0;
}

static int take_header(struct multipart *m, char c, struct err *err)
{
	struct str *h = &m->header;

	str_addc(h, c);
	if (h->failed)
		return err_set(err, ERR_TOO_LARGE, "a part of the form has a header over %d bytes",
			MULTIPART_HEADER_MAX);
	if (h->len == 2 && memcmp(h->data, "\r\n", 2) == 0)
		return malformed(err); /* without any header there is no name */
	if (h->len < 4 || memcmp(h->data + h->len - 4, "\r\n\r\n", 4) != 0)
		return 0;
	str_truncate(h, h->len - 2);
	m->state = STATE_DATA;
	/* The line end before the next delimiter may be that of the header. */
	m->matched = m->ghost = 2;
	return begin_part(m, err);
}

/* Data up to the next CR, at once; returns how many bytes. */
static int take_run(
	struct multipart *m, const char *bytes, size_t len, size_t *used, struct err *err)
{
	const char *cr = memchr(bytes, '\r', len);

	*used = cr ? (size_t)(cr - bytes) : len;
	return give(m, bytes, *used, err);
}

int multipart_feed(struct multipart *m, const void *data, size_t len, struct err *err)
{
	const char *bytes = data;
	int failed = 0;

	while (len && !failed) {
		size_t used = 1;

		switch (m->state) {
		case STATE_PREAMBLE:
		case STATE_DATA:
			if (m->matched || *bytes == '\r')
				failed = take_data(m, *bytes, err);
			else
				failed = take_run(m, bytes, len, &used, err);
			break;
		case STATE_AFTER:
			failed = take_after(m, *bytes, err);
			break;
		case STATE_HEADER:
			failed = take_header(m, *bytes, err);
			break;
		case STATE_EPILOGUE:
			return 0;
		}
		bytes += used;
		len -= used;
	}
	return failed;
}

int multipart_finish(struct multipart *m, struct err *err)
{
	return m->state == STATE_EPILOGUE ?
		0 :
		err_set(err, ERR_INVALID, "the form ends before its final boundary");
}
