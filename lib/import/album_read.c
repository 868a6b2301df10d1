/* album_read.c - cuts album.json into its elements; see album_json.h.
 *
 * It knows where a JSON value ends and nothing more: jansson judges each piece.  Invariant: at most one element is
 * in memory, however long the file is.
 */
#include "import/album_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER ((size_t)64 * 1024)

enum place { AT_START, IN_OBJECT, IN_ARRAY, AT_END };

struct album_reader {
	int fd;
	off_t offset; /* of the next byte to be read into the buffer */
	char buffer[BUFFER];
	size_t at, end;
	enum place place;
	bool first; /* nothing came yet in the innermost of object and array */
	char member[ALBUM_JSON_MEMBER_MAX];
	const char *const *wanted; /* NULL: all */
	uint64_t index;
	struct str piece; /* the value being cut out */
	json_t *json;
};

int album_reader_open(int fd, struct album_reader **out, struct err *err)
{
	struct album_reader *r = mem_calloc(1, sizeof(*r));

	if (!r)
		return err_no_memory(err);
	r->fd = fd;
	str_init(&r->piece, ALBUM_JSON_ELEMENT_MAX);
	*out = r;
	return 0;
}

void album_reader_close(struct album_reader *r)
{
	if (!r)
		return;
	wire_json_free(&r->json);
	str_release(&r->piece);
	free(r);
}

void album_reader_want(struct album_reader *r, const char *const *members)
{
	r->wanted = members;
}

static bool is_wanted(const struct album_reader *r)
{
	const char *const *name = r->wanted;

	while (name && *name && strcmp(*name, r->member) != 0)
		name++;
	return !name || *name;
}

static int malformed(const struct album_reader *r, const char *why, struct err *err)
{
	return err_set(err, ERR_INVALID, ALBUM_JSON " is malformed at byte %lld%s%s: %s",
		(long long)(r->offset - (off_t)(r->end - r->at)), *r->member ? ", in " : "",
		r->member, why);
}

/* --- bytes ------------------------------------------------------------------------------ */

/* The next byte without taking it, -1 at the end of the file, -2 failed. */
static int peek(struct album_reader *r, struct err *err)
{
	ssize_t n;

	if (r->at < r->end)
		return (unsigned char)r->buffer[r->at];
	do
		n = pread(r->fd, r->buffer, BUFFER, r->offset);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		err_errno(err, "cannot read " ALBUM_JSON);
		return -2;
	}
	r->at = 0;
	r->end = (size_t)n;
	r->offset += n;
	return n ? (unsigned char)r->buffer[0] : -1;
}

/* The next byte that is no white space, not taken. */
static int peek_solid(struct album_reader *r, struct err *err)
{
	int c;

	while ((c = peek(r, err)) == ' ' || c == '\t' || c == '\n' || c == '\r')
		r->at++;
	return c;
}

static int take(struct album_reader *r, char wanted, const char *why, struct err *err)
{
	int c = peek_solid(r, err);

	if (c == -2)
		return -1;
	if (c != wanted)
		return malformed(r, c == -1 ? "it ends here" : why, err);
	r->at++;
	return 0;
}

/* --- values ----------------------------------------------------------------------------- */

struct cut {
	int depth;
	bool text, escaped;
	bool done;
};

/* Takes one byte of a value into account; a number or word ends before the byte that ends it. */
static void cut_byte(struct cut *cut, char c)
{
	if (cut->text) {
		if (cut->escaped)
			cut->escaped = false;
		else if (c == '\\')
			cut->escaped = true;
		else if (c == '"')
			cut->text = false;
		cut->done = !cut->text && cut->depth == 0;
	} else if (c == '"')
		cut->text = true;
	else if (c == '{' || c == '[')
		cut->depth++;
	else if (c == '}' || c == ']')
		cut->done = --cut->depth <= 0;
}

static bool ends_word(int c)
{
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Cuts the next value out of the file, into r->piece if it is `kept`. */
static int cut_value(struct album_reader *r, bool kept, struct err *err)
{
	struct cut cut = {0};
	int c = peek_solid(r, err);
	bool word = c != '{' && c != '[' && c != '"';

	str_clear(&r->piece);
	while (!cut.done) {
		c = peek(r, err);
		if (c == -2)
			return -1;
		if (word && (c == -1 || ends_word(c)))
			return 0;
		if (c == -1)
			return malformed(r, "it ends here", err);
		r->at++;
		if (kept)
			str_addc(&r->piece, (char)c);
		cut_byte(&cut, (char)c);
		if (r->piece.failed)
			return str_check(&r->piece, err);
	}
	return 0;
}

static int parse_piece(struct album_reader *r, bool kept, struct err *err)
{
	wire_json_free(&r->json);
	if (!kept)
		return 0;
	r->json = wire_parse(r->piece.data, r->piece.len, ALBUM_JSON_ELEMENT_MAX, err);
	if (r->json)
		return 0;
	return err_prefix(err, ALBUM_JSON ", in %s", r->member);
}

/* The name before a colon. */
static int take_name(struct album_reader *r, struct err *err)
{
	_cleanup_json_ json_t *name = NULL;

	if (peek_solid(r, err) != '"')
		return malformed(r, "a name is missing", err);
	if (cut_value(r, true, err))
		return -1;
	name = wire_parse(r->piece.data, r->piece.len, ALBUM_JSON_ELEMENT_MAX, err);
	if (!name)
		return -1;
	if (json_string_length(name) >= sizeof(r->member))
		return malformed(r, "a name is too long", err);
	memcpy(r->member, json_string_value(name), json_string_length(name) + 1);
	return take(r, ':', "':' is missing", err);
}

/* --- items ------------------------------------------------------------------------------ */

static int give(
	struct album_reader *r, bool element, bool kept, struct album_item *out, struct err *err)
{
	if (cut_value(r, kept, err) || parse_piece(r, kept, err))
		return -1;
	*out = (struct album_item){
		.member = r->member, .element = element, .index = r->index, .json = r->json};
	r->index++;
	return 1;
}

/* True where the innermost object or array ends (its bracket taken); else the comma is. */
static int at_close(struct album_reader *r, char bracket, bool *closed, struct err *err)
{
	int c = peek_solid(r, err);

	*closed = c == bracket;
	if (*closed) {
		r->at++;
		r->first = false;
		return 0;
	}
	if (r->first) {
		r->first = false;
		return c == -2 ? -1 : 0;
	}
	return take(r, ',', "',' is missing", err);
}

/* 1 with an item, 0 when the array is done. */
static int next_element(struct album_reader *r, struct album_item *out, struct err *err)
{
	bool closed;

	if (at_close(r, ']', &closed, err))
		return -1;
	if (closed) {
		r->place = IN_OBJECT;
		return 0;
	}
	return give(r, true, is_wanted(r), out, err);
}

/* 1 with an item, 0 when there is more to look at, or the object is done. */
static int next_member(struct album_reader *r, struct album_item *out, struct err *err)
{
	bool closed;

	if (at_close(r, '}', &closed, err))
		return -1;
	if (closed) {
		r->place = AT_END;
		return 0;
	}
	if (take_name(r, err))
		return -1;
	r->index = 0;
	if (peek_solid(r, err) != '[')
		return give(r, false, true, out, err);
	r->at++;
	r->place = IN_ARRAY;
	r->first = true;
	return 0;
}

int album_reader_next(struct album_reader *r, struct album_item *out, struct err *err)
{
	int more = 0;

	if (r->place == AT_START) {
		if (take(r, '{', "it is no JSON object", err))
			return -1;
		r->place = IN_OBJECT;
		r->first = true;
	}
	while (more == 0 && r->place != AT_END)
		more = r->place == IN_ARRAY ? next_element(r, out, err) : next_member(r, out, err);
	if (more != 0)
		return more;
	r->member[0] = '\0';
	return peek_solid(r, err) == -1 ? 0 : malformed(r, "something follows it", err);
}
