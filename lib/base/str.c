/* str.c - a growing byte string with a maximum; see str.h. */
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char str_empty[1] = "";

void str_init(struct str *s, size_t max)
{
	*s = (struct str)STR_INIT(max);
}

void str_release(struct str *s)
{
	if (s->cap)
		free(s->data);
	s->data = str_empty;
	s->len = s->cap = 0;
	s->failed = false;
}

void str_clear(struct str *s)
{
	s->len = 0;
	s->failed = false;
	if (s->cap)
		s->data[0] = '\0';
}

static void fail(struct str *s)
{
	str_release(s);
	s->failed = true;
}

char *str_reserve(struct str *s, size_t more)
{
	size_t need, cap;
	char *data;

	if (s->failed)
		return NULL;
	if (more > s->max || s->len > s->max - more) {
		fail(s);
		return NULL;
	}
	need = s->len + more + 1;
	if (need <= s->cap)
		return s->data + s->len;
	cap = s->cap ? s->cap * 2 : 64;
	if (cap < need)
		cap = need;
	if (cap > s->max + 1)
		cap = s->max + 1;
	data = realloc(s->cap ? s->data : NULL, cap);
	if (!data) {
		fail(s);
		return NULL;
	}
	s->data = data;
	s->cap = cap;
	return s->data + s->len;
}

void str_add(struct str *s, const void *bytes, size_t len)
{
	char *at = str_reserve(s, len);

	if (!at)
		return;
	if (len)
		memcpy(at, bytes, len);
	s->len += len;
	s->data[s->len] = '\0';
}

void str_addz(struct str *s, const char *text)
{
	str_add(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
	str_add(s, &c, 1);
}

void str_addv(struct str *s, const char *format, va_list args)
{
	va_list again;
	char small[256];
	char *at;
	int len;

	va_copy(again, args);
	len = vsnprintf(small, sizeof(small), format, args);
	if (len < 0)
		fail(s);
	else if ((size_t)len < sizeof(small))
		str_add(s, small, (size_t)len);
	else if ((at = str_reserve(s, (size_t)len)) != NULL) {
		vsnprintf(at, (size_t)len + 1, format, again);
		s->len += (size_t)len;
	}
	va_end(again);
}

void str_addf(struct str *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	str_addv(s, format, args);
	va_end(args);
}

void str_add_hex(struct str *s, const void *bytes, size_t len)
{
	char *at = len > s->max / 2 ? NULL : str_reserve(s, 2 * len);

	if (!at) {
		fail(s);
		return;
	}
	hex_encode(bytes, len, at);
	s->len += 2 * len;
}

void str_truncate(struct str *s, size_t len)
{
	if (len >= s->len)
		return;
	s->len = len;
	s->data[len] = '\0';
}

/* Characters that change how a terminal shows the rest: bidi embeddings, overrides, isolates. */
static bool is_bidi_control(uint32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void add_visible(struct str *s, const char *p, size_t len, bool lines)
{
	while (len) {
		uint32_t c;
		size_t n = text_decode_utf8(p, len, &c);

		if (n == 0) {
			str_addf(s, "\\x%02x", (unsigned char)*p);
			n = 1;
		} else if (lines && (c == '\n' || c == '\t'))
			str_add(s, p, 1);
		else if (c == '\n')
			str_addz(s, "\\n");
		else if (c == '\t')
			str_addz(s, "\\t");
		else if (c < 0x20 || c == 0x7f)
			str_addf(s, "\\x%02x", (unsigned)c);
		else if ((c >= 0x80 && c < 0xa0) || is_bidi_control(c))
			str_addf(s, "\\u{%x}", (unsigned)c);
		else
			str_add(s, p, n);
		p += n;
		len -= n;
	}
}

void str_add_visible(struct str *s, const void *bytes, size_t len)
{
	add_visible(s, bytes, len, false);
}

void str_add_visible_text(struct str *s, const void *bytes, size_t len)
{
	add_visible(s, bytes, len, true);
}

int str_check(const struct str *s, struct err *err)
{
	if (!s->failed)
		return 0;
	return err_set(err, ERR_TOO_LARGE, "text longer than %zu bytes, or out of memory", s->max);
}

char *str_take(struct str *s, struct err *err)
{
	char *data;

	if (str_check(s, err))
		return NULL;
	data = s->cap ? s->data : mem_strdup("");
	if (!data)
		err_no_memory(err);
	s->cap = 0;
	s->len = 0;
	s->data = str_empty;
	return data;
}
